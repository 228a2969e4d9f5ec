"""What a generator left in its folder: good forms of a dataset are read, bad ones a sentence."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from synth_pipeline.domain.column import Column
from synth_pipeline_tests.support.outputs import (
    ROWS,
    ZEROS,
    accept,
    columns,
    refuse,
    refuse_csv,
    refuse_of,
    write,
)
from synth_pipeline_tests.support.tables import minutes, year_table


def test_a_good_parquet_file_is_read_with_its_units(tmp_path: Path) -> None:
    pq.write_table(year_table(), tmp_path / "anything.parquet")

    output = accept(tmp_path)

    assert output.table.num_rows == ROWS
    assert output.labels is None
    assert output.signals[1] == Column(
        "chuck_temperature_c", "°C", "temperature of the wafer chuck"
    )


def test_a_good_csv_file_is_read_and_its_units_come_from_the_names(tmp_path: Path) -> None:
    table = year_table().set_column(0, "Timestamp", year_table().column(0).cast(pa.timestamp("s")))
    pacsv.write_csv(table, tmp_path / "data.csv")

    output = accept(tmp_path)

    assert output.table.schema.field(0).type == pa.timestamp("ms")
    assert output.table.column(0).to_numpy()[-1] == np.datetime64("2024-12-31T23:59")
    assert output.table.column(1).to_pylist()[:5] == year_table().column(1).to_pylist()[:5]
    assert [signal.unit for signal in output.signals] == ["Pa", "°C", "W"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_any_resolution_become_milliseconds(tmp_path: Path, unit: str) -> None:
    write(tmp_path, Timestamp=pa.array(minutes()).cast(pa.timestamp(unit)))

    output = accept(tmp_path)

    assert output.table.schema.field(0).type == pa.timestamp("ms")
    assert output.table.column(0).to_numpy()[1] == np.datetime64("2024-01-01T00:01")


@pytest.mark.parametrize(
    "values",
    [
        pa.array(np.full(ROWS, 3, np.int8)),
        pa.array(np.full(ROWS, 3, np.uint64)),
        pa.array(np.full(ROWS, 3, np.float16)),
        pa.array([Decimal("3.00")] * ROWS),
        pa.array(np.full(ROWS, 3.0)).dictionary_encode(),
    ],
    ids=["int8", "uint64", "float16", "decimal", "dictionary"],
)
def test_numbers_of_any_kind_become_floats(tmp_path: Path, values: pa.Array) -> None:
    write(tmp_path, rf_power_w=values)

    column = accept(tmp_path).table.column("rf_power_w")

    assert column.type == pa.float64()
    assert column[0].as_py() == 3.0


def test_booleans_become_zero_and_one(tmp_path: Path) -> None:
    write(tmp_path, rf_power_w=pa.array(np.arange(ROWS) % 2 == 1))

    assert accept(tmp_path).table.column("rf_power_w").to_pylist()[:3] == [0.0, 1.0, 0.0]


def test_counts_beyond_what_floats_hold_exactly_are_rounded(tmp_path: Path) -> None:
    write(tmp_path, rf_power_w=pa.array(np.full(ROWS, 2**60 + 1)))

    assert accept(tmp_path).table.column("rf_power_w")[0].as_py() == float(2**60)


def test_nan_becomes_null(tmp_path: Path) -> None:
    values = np.zeros(ROWS)
    values[:5] = np.nan
    write(tmp_path, rf_power_w=values)

    assert accept(tmp_path).table.column("rf_power_w").null_count == 5


def test_a_frame_with_its_own_index_is_read_without_it(tmp_path: Path) -> None:
    pa.table(columns()).to_pandas().to_parquet(tmp_path / "data.parquet")

    output = accept(tmp_path)

    assert output.table.column_names == list(columns())
    assert b"pandas" not in (output.table.schema.metadata or {})


def test_times_as_the_index_of_a_frame_are_not_the_first_column(tmp_path: Path) -> None:
    frame = pa.table(columns()).to_pandas().set_index("Timestamp")
    frame.to_parquet(tmp_path / "data.parquet")

    assert "the first column is 'chamber_pressure_pa'; expected 'Timestamp'" in refuse(tmp_path)


def test_a_stray_index_column_is_named(tmp_path: Path) -> None:
    frame = pa.table(columns()).to_pandas()
    frame.index = pd.Index(np.arange(ROWS) * 2)
    frame.to_parquet(tmp_path / "data.parquet")

    [message] = refuse(tmp_path)

    assert message.startswith("names say nothing physical: __index_level_0__;")


def test_an_index_in_csv_is_named(tmp_path: Path) -> None:
    messages = refuse_csv(tmp_path, b",Timestamp,a_pa,b_c,c_w\n0,2024-01-01 00:00:00,1,2,3\n")

    assert messages[0] == "the first column is ''; expected 'Timestamp'"


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (
            pa.array(["2024-01-01 00:00:00"] * ROWS),
            "Timestamp is string, the first value '2024-01-01 00:00:00'; expected times without "
            "time zone",
        ),
        (
            pa.array(minutes()).cast(pa.timestamp("ms", "Europe/Berlin")),
            "Timestamp is timestamp[ms, tz=Europe/Berlin], the first value datetime.datetime(",
        ),
        (
            pa.array(minutes()).cast(pa.timestamp("ns")).cast(pa.int64()),
            "Timestamp is int64, the first value 1704067200000000000; expected times without",
        ),
        (
            pa.array(np.full(ROWS, 1_704_067_200_000_000_001)).cast(pa.timestamp("ns")),
            "Timestamp has times that timestamp[ms] cannot hold: Casting from timestamp[ns] to",
        ),
        (
            pa.array(np.full(ROWS, 2**62)).cast(pa.timestamp("us")),
            "Timestamp has times that timestamp[ms] cannot hold: ",
        ),
    ],
    ids=["text", "zone", "integer", "nanosecond", "out of range"],
)
def test_times_of_another_kind_are_named_with_the_first(
    tmp_path: Path, times: pa.Array, message: str
) -> None:
    write(tmp_path, Timestamp=times)

    [found] = refuse(tmp_path)

    assert found.startswith(f"{message}")


def test_dates_are_times_at_midnight(tmp_path: Path) -> None:
    days = pa.array(np.repeat(minutes().astype("datetime64[D]"), 1))

    messages = refuse_of(tmp_path, Timestamp=days)

    assert messages[0].startswith("526,674 repeats, the first at row 1: ")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array(["on"] * ROWS), "string"),
        (pa.array([b"on"] * ROWS), "binary"),
        (pa.array(["on"] * ROWS).dictionary_encode(), "dictionary<"),
        (pa.array([{"a": 1.0}] * ROWS), "struct<a: double>"),
        (pa.array([[1.0]] * ROWS), "list<"),
        (pa.array([b"12"] * ROWS, pa.binary(2)), "fixed_size_binary[2]"),
    ],
    ids=["text", "bytes", "categories", "struct", "list", "fixed bytes"],
)
def test_columns_that_are_no_numbers_are_named(tmp_path: Path, values: pa.Array, kind: str) -> None:
    [message] = refuse_of(tmp_path, operating_mode=values)

    assert message.startswith(f"columns are not numeric: operating_mode ({kind}")


def test_a_second_time_column_is_no_number(tmp_path: Path) -> None:
    messages = refuse_of(tmp_path, shift_start=pa.array(minutes()))

    assert messages == [
        "columns are not numeric: shift_start (timestamp[ms]); expected floats after Timestamp"
    ]


def test_every_fault_of_schema_cadence_and_coverage_is_named_at_once(tmp_path: Path) -> None:
    table = pa.table(columns(signal_1=ZEROS)).slice(1)
    pq.write_table(table, tmp_path / "data.parquet")

    label = {"start": ["2024-05-05"], "end": ["2024-05-04"], "kind": ["spike"]}
    pq.write_table(pa.table(label), tmp_path / "anomalies.parquet")

    assert [message.split(";")[0] for message in refuse(tmp_path)] == [
        "names say nothing physical: signal_1",
        "527,039 rows",
        "the first row is 2024-01-01 00:01:00",
        "1 event end before they start, the first 2024-05-05 00:00:00 to 2024-05-04 00:00:00",
    ]


def test_texts_in_time_and_signals_hide_no_other_fault(tmp_path: Path) -> None:
    found = refuse_of(
        tmp_path,
        Timestamp=pa.array(["2024-01-01 00:00:00"] * ROWS),
        mode=pa.array(["idle"] * ROWS),
        RF_POWER_W=ZEROS,
    )

    assert [message.split(";")[0] for message in found] == [
        "Timestamp is string, the first value '2024-01-01 00:00:00'",
        "column names differ in case only: rf_power_w and RF_POWER_W",
        "columns are not numeric: mode (string)",
    ]
