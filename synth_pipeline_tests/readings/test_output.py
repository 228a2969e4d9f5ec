"""What a generator left in its folder: every good form is read, every bad one is a sentence."""

import os
import random
import resource
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synth_pipeline.readings.contract import Signal
from synth_pipeline.readings.output import Output, found_files, read_output
from synth_pipeline_tests.support.tables import minutes, year_table

ROWS = 527_040
ZEROS = pa.array(np.zeros(ROWS))
START = "2024-03-01 10:00:00"
END = "2024-03-01 10:05:00"


def columns(**changes: object) -> dict[str, object]:
    good = {
        "Timestamp": pa.array(minutes()),
        "chamber_pressure_pa": ZEROS,
        "chuck_temperature_c": ZEROS,
        "rf_power_w": ZEROS,
    }
    return {**good, **changes}


def write(folder: Path, name: str = "data.parquet", **changes: object) -> Path:
    pq.write_table(pa.table(columns(**changes)), folder / name)
    return folder / name


def accept(folder: Path) -> Output:
    output = read_output(folder, 2024)
    assert isinstance(output, Output), output
    return output


def refuse(folder: Path) -> list[str]:
    found = read_output(folder, 2024)
    assert isinstance(found, list)
    assert found
    return [str(violation) for violation in found]


def refuse_csv(folder: Path, content: bytes) -> list[str]:
    (folder / "data.csv").write_bytes(content)
    return refuse(folder)


def test_a_good_parquet_file_is_read_with_its_units(tmp_path: Path) -> None:
    pq.write_table(year_table(), tmp_path / "anything.parquet")

    output = accept(tmp_path)

    assert output.table.num_rows == ROWS
    assert output.labels is None
    assert output.signals[1] == Signal(
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

    assert "schema: the first column is 'chamber_pressure_pa'; expected 'Timestamp'" in refuse(
        tmp_path
    )


def test_a_stray_index_column_is_named(tmp_path: Path) -> None:
    frame = pa.table(columns()).to_pandas()
    frame.index = pd.Index(np.arange(ROWS) * 2)
    frame.to_parquet(tmp_path / "data.parquet")

    [message] = refuse(tmp_path)

    assert message.startswith("schema: names say nothing physical: __index_level_0__;")


def test_an_index_in_csv_is_named(tmp_path: Path) -> None:
    messages = refuse_csv(tmp_path, b",Timestamp,a_pa,b_c,c_w\n0,2024-01-01 00:00:00,1,2,3\n")

    assert messages[0] == "schema: the first column is ''; expected 'Timestamp'"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((), "0 dataset files in the working folder (found: nothing)"),
        (("a.csv", "b.parquet"), "2 dataset files in the working folder (found: a.csv, b.parquet)"),
        (("a.CSV", "b.Parquet"), "2 dataset files in the working folder (found: a.CSV, b.Parquet)"),
        (
            ("anomalies.csv", "notes.txt"),
            "0 dataset files in the working folder (found: anomalies.csv, notes.txt)",
        ),
        ((".hidden.csv",), "0 dataset files in the working folder (found: .hidden.csv)"),
        (("main.py", "signal_kit.py"), "0 dataset files in the working folder (found: nothing)"),
    ],
)
def test_there_must_be_exactly_one_dataset(
    tmp_path: Path, names: tuple[str, ...], found: str
) -> None:
    for name in names:
        (tmp_path / name).touch()

    assert refuse(tmp_path) == [
        f"schema: {found}; expected exactly one *.parquet or *.csv besides anomalies.parquet "
        "or anomalies.csv"
    ]


def test_upper_case_names_and_hidden_files_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "DATA.PARQUET")
    (tmp_path / ".cache.parquet").touch()
    (tmp_path / "Anomalies.CSV").write_text(f"start,end,kind\n{START},{END},spike\n")

    output = accept(tmp_path)

    assert output.labels is not None
    assert output.labels.num_rows == 1


def test_file_names_of_any_bytes_can_be_shown(tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.csv")).touch()

    assert found_files(tmp_path) == ["\\xff.csv"]
    [message] = refuse(tmp_path)
    assert message.encode().startswith(b"schema: \\xff.csv cannot be read: ")


def link_to_a_good_file(folder: Path, name: str) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    (folder / name).symlink_to(write(outside))


def dangling_link(folder: Path, name: str) -> None:
    (folder / name).symlink_to("/nowhere/at/all")


def pipe(folder: Path, name: str) -> None:
    os.mkfifo(folder / name)


def subfolder(folder: Path, name: str) -> None:
    (folder / name).mkdir()


def device(folder: Path, name: str) -> None:
    (folder / name).symlink_to("/dev/zero")


NOT_FILES = [link_to_a_good_file, dangling_link, pipe, subfolder, device]


@pytest.mark.parametrize("make", NOT_FILES)
@pytest.mark.parametrize("name", ["data.parquet", "data.csv"])
def test_a_dataset_that_is_no_plain_file_is_never_opened(
    tmp_path: Path, make: Callable[[Path, str], None], name: str
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()

    make(folder, name)

    assert refuse(folder) == [f"schema: {name} is not a plain file"]


@pytest.mark.parametrize("make", NOT_FILES)
@pytest.mark.parametrize("name", ["anomalies.parquet", "anomalies.csv"])
def test_labels_that_are_no_plain_file_are_never_opened(
    tmp_path: Path, make: Callable[[Path, str], None], name: str
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    write(folder)

    make(folder, name)

    assert refuse(folder) == [f"schema: {name} is not a plain file"]


def test_a_file_too_large_to_read_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "data.csv").open("wb") as file:
        file.truncate(2 * 1024**3)  # sparse, takes no room

    assert refuse(tmp_path) == [
        "schema: data.csv has 2,147,483,648 bytes; expected at most 1,073,741,824"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "data.parquet cannot be read: Parquet file size is 0 bytes"),
        (b"PAR1", "data.parquet cannot be read: "),
        (b"Timestamp,a_pa\n" * 100, "data.parquet cannot be read: Parquet magic bytes not found"),
        (b"PAR1" + b"\xff" * 100 + b"PAR1", "data.parquet cannot be read: "),
    ],
)
def test_a_file_that_is_not_parquet_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "data.parquet").write_bytes(content)

    [found] = refuse(tmp_path)

    assert found.startswith(f"schema: {message}")
    assert "\n" not in found


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])

    [message] = refuse(tmp_path)

    assert message.startswith("schema: data.parquet cannot be read: Parquet magic bytes not found")


def test_a_file_damaged_at_any_place_never_raises(tmp_path: Path) -> None:
    table = year_table().slice(0, 2000)
    pq.write_table(table, tmp_path / "data.parquet", compression="zstd")
    good = (tmp_path / "data.parquet").read_bytes()
    chance = random.Random(3)

    for _ in range(300):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        (tmp_path / "data.parquet").write_bytes(bad)

        assert isinstance(read_output(tmp_path, 2024), list)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (
            pa.array(["2024-01-01 00:00:00"] * ROWS),
            "Timestamp is string, the first value '2024-01-01 00:00:00'; expected Timestamp as "
            "times without time zone, then floats",
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

    assert found.startswith(f"schema: {message}")


def test_dates_are_times_at_midnight(tmp_path: Path) -> None:
    days = pa.array(np.repeat(minutes().astype("datetime64[D]"), 1))

    messages = refuse_of(tmp_path, Timestamp=days)

    assert messages[0].startswith("minute_cadence: 526,674 repeats, the first at row 1: ")


def refuse_of(folder: Path, **changes: object) -> list[str]:
    write(folder, **changes)
    return refuse(folder)


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

    assert message.startswith(f"schema: columns are not numeric: operating_mode ({kind}")


def test_a_second_time_column_is_no_number(tmp_path: Path) -> None:
    messages = refuse_of(tmp_path, shift_start=pa.array(minutes()))

    assert messages == [
        "schema: columns are not numeric: shift_start (timestamp[ms]); "
        "expected floats after Timestamp"
    ]


def test_every_fault_of_schema_cadence_and_coverage_is_named_at_once(tmp_path: Path) -> None:
    table = pa.table(columns(signal_1=ZEROS)).slice(1)
    pq.write_table(table, tmp_path / "data.parquet")

    assert [message.split(":")[0] for message in refuse(tmp_path)] == [
        "schema",
        "year_coverage",
        "year_coverage",
    ]


def test_more_rows_than_four_years_are_not_read(tmp_path: Path) -> None:
    rows = 5 * ROWS
    table = pa.table({name: pa.nulls(rows, pa.int8()) for name in columns()})
    pq.write_table(table, tmp_path / "data.parquet")

    assert refuse(tmp_path) == [
        "schema: data.parquet has 2,635,200 rows and 4 columns; "
        "expected 527,040 rows and at most 500 signals"
    ]


def test_a_thousand_columns_are_not_read(tmp_path: Path) -> None:
    table = pa.table({f"zone_{i}_c": [1.0] for i in range(1000)})
    pq.write_table(table, tmp_path / "data.parquet")

    [message] = refuse(tmp_path)

    assert message.startswith("schema: data.parquet has 1 rows and 1000 columns; ")


def peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


@pytest.mark.parametrize("column", ["operating_mode", "Timestamp"])
def test_a_small_file_that_would_unpack_to_gigabytes_is_refused_at_once(
    tmp_path: Path, column: str
) -> None:
    word = pa.array(["x" * 100_000])
    bomb = pa.DictionaryArray.from_arrays(np.zeros(ROWS, np.int32), word)  # 53 GB of text
    table = pa.table(columns(**{column: bomb}))
    pq.write_table(table, tmp_path / "data.parquet", store_schema=False)
    before = peak_mib()

    [message] = refuse(tmp_path)

    assert f"{column} " in message
    assert "string" in message
    assert len(message) < 300
    assert peak_mib() - before < 300


def test_labels_that_would_unpack_to_gigabytes_are_refused_at_once(tmp_path: Path) -> None:
    write(tmp_path)
    events = 40_000
    word = pa.array(["x" * 100_000])
    bomb = pa.DictionaryArray.from_arrays(np.zeros(events, np.int32), word)  # 4 GB of text
    times = pa.array(minutes()[:events])
    labels = pa.table({"start": times, "end": times, "kind": bomb})
    pq.write_table(labels, tmp_path / "anomalies.parquet", store_schema=False)
    before = peak_mib()

    messages = refuse(tmp_path)

    assert messages == ["schema: anomalies.parquet unpacks to more than 64 MiB"]
    assert peak_mib() - before < 800


HEADER = b"Timestamp,chamber_pressure_pa,chuck_temperature_c,rf_power_w\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "schema: data.csv cannot be read: Empty CSV file"),
        (b"\n\n\n", "schema: data.csv cannot be read: "),
        (b"\x00" * 100, "schema: data.csv cannot be read: "),
        (HEADER, "schema: Timestamp is null, the first value missing; expected times without"),
        (
            HEADER + b"2024-01-01T00:00:00,1,2,3\n",
            "schema: Timestamp is string, the first value '2024-01-01T00:00:00'; expected times "
            "without time zone, in CSV as yyyy-MM-dd HH:mm:ss",
        ),
        (
            HEADER + b"01/02/2024 00:00,1,2,3\n",
            "schema: Timestamp is string, the first value '01/02/2024 00:00'; expected times",
        ),
        (HEADER + b"1704067200,1,2,3\n", "schema: Timestamp is int64, the first value 1704067200"),
        (
            HEADER + b"2024-01-01 00:00:00,1,2\n",
            "schema: data.csv cannot be read: CSV parse error: Expected 4 columns, got 3",
        ),
        (
            HEADER + b"2024-01-01 00:00:00,1,2,on\n",
            "schema: columns are not numeric: rf_power_w (string); expected floats",
        ),
        (
            HEADER + b"2024-01-01 00:00:00,1,2,\xff\n",
            "schema: columns are not numeric: rf_power_w (binary); expected floats",
        ),
        (
            b"Timestamp,\xff\xfe,b_c,c_w\n2024-01-01 00:00:00,1,2,3\n",
            "schema: data.csv cannot be read: 'utf-8' codec can't decode byte 0xff",
        ),
        (
            (HEADER + b"2024-01-01 00:00:00,1,2,3\n").decode().encode("utf-16"),
            "schema: data.csv cannot be read: ",
        ),
        (
            HEADER + b"2024-01-01 00:00:00,1,2,inf\n",
            "schema: rf_power_w has 1 infinite or absurd values, the first inf at row 0; ",
        ),
        (
            b"Timestamp;a_pa;b_c;c_w\n2024-01-01 00:00:00;1;2;3\n",
            "schema: the first column is 'Timestamp;a_pa;b_c;c_w'; expected 'Timestamp'",
        ),
        (HEADER + b'"2024-01-01 00:00:00,1,2,3\n', "schema: data.csv cannot be read: "),
        (
            HEADER + b"2024-01-01 00:00:00,,,\n",
            "schema: columns hold no value at all: chamber_pressure_pa, chuck_temperature_c, "
            "rf_power_w",
        ),
    ],
)
def test_a_bad_csv_file_is_a_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    assert refuse_csv(tmp_path, content)[0].startswith(message)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + HEADER + b"2024-01-01 00:00:00,1,2,3\n"

    messages = refuse_csv(tmp_path, content)

    assert {message.split(":")[0] for message in messages} == {"year_coverage"}


def test_a_csv_file_of_far_too_many_columns_is_not_parsed(tmp_path: Path) -> None:
    messages = refuse_csv(tmp_path, b"a," * 450_000 + b"a\n")

    assert messages == ["schema: data.csv has 450,001 columns; expected at most 500 signals"]


def test_a_csv_file_of_far_too_many_lines_is_not_parsed(tmp_path: Path) -> None:
    messages = refuse_csv(tmp_path, b"a\n" + b"1\n" * (5 * ROWS))

    assert messages == ["schema: data.csv has 2,635,201 lines; expected at most 2,108,160"]


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300), suffix=st.sampled_from(["csv", "parquet"]))
def test_no_content_of_a_file_raises(tmp_path: Path, content: bytes, suffix: str) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / f"data.{suffix}").write_bytes(content)

    assert refuse(tmp_path)


@pytest.fixture(scope="module")
def with_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    write(folder)
    return folder


@pytest.fixture
def folder(with_dataset: Path, tmp_path: Path) -> Path:
    """A folder with a good dataset, to which labels can be added."""
    os.link(with_dataset / "data.parquet", tmp_path / "data.parquet")
    return tmp_path


def label(folder: Path, **changes: object) -> None:
    good = {
        "start": pa.array([START]).cast(pa.timestamp("ms")),
        "end": pa.array([END]).cast(pa.timestamp("ms")),
        "kind": ["spike"],
    }
    table = {name: values for name, values in {**good, **changes}.items() if values is not None}
    pq.write_table(pa.table(table), folder / "anomalies.parquet")


def events(folder: Path) -> list[dict[str, object]]:
    labels = accept(folder).labels
    assert labels is not None
    return labels.to_pylist()


def test_labels_with_the_required_columns_alone_are_filled_with_null(folder: Path) -> None:
    label(folder)

    [event] = events(folder)

    assert str(event["start"]) == START
    assert str(event["end"]) == END
    assert event["kind"] == "spike"
    assert [event[n] for n in ("category", "root_cause", "affected", "severity")] == [None] * 4


@pytest.mark.parametrize(
    "times",
    [
        pa.array([START]),
        pa.array(["2024-03-01T10:00"]),
        pa.array(["2024-03-01 10:00:00.000"]),
        pa.array([START]).cast(pa.large_string()),
        *(pa.array([START]).cast(pa.timestamp(unit)) for unit in ("s", "us", "ns")),
    ],
)
def test_label_times_come_in_any_usual_form(folder: Path, times: pa.Array) -> None:
    label(folder, start=times)

    assert str(events(folder)[0]["start"]) == START


@pytest.mark.parametrize(
    "affected",
    [
        ["rf_power_w;chuck_temperature_c"],
        ["rf_power_w|chuck_temperature_c"],
        ["['rf_power_w', 'chuck_temperature_c']"],
        ['["rf_power_w", "chuck_temperature_c"]'],
        ["{rf_power_w, chuck_temperature_c}"],
        [["rf_power_w", "chuck_temperature_c"]],
        [["rf_power_w", None, "chuck_temperature_c"]],
    ],
)
def test_affected_signals_come_as_a_list_or_as_text(folder: Path, affected: object) -> None:
    label(folder, affected=affected)

    assert events(folder)[0]["affected"] == ["rf_power_w", "chuck_temperature_c"]


def test_labels_in_csv_are_read(folder: Path) -> None:
    (folder / "anomalies.csv").write_text(
        "start,end,kind,affected,note\n"
        f"{END},{END},stuck,\"['rf_power_w', 'chuck_temperature_c']\",later\n"
        f"{START},{START},spike,rf_power_w,earlier\n"
    )

    found = events(folder)

    assert [event["kind"] for event in found] == ["spike", "stuck"]
    assert found[1]["affected"] == ["rf_power_w", "chuck_temperature_c"]
    assert "note" not in found[0]


@pytest.mark.parametrize("content", ["start,end,kind\n", "start,end,kind,affected,severity\n"])
def test_a_label_file_without_events_is_an_empty_table(folder: Path, content: str) -> None:
    (folder / "anomalies.csv").write_text(content)

    assert events(folder) == []


def test_an_empty_parquet_label_file_is_an_empty_table(folder: Path) -> None:
    label(folder, **{name: pa.array([], pa.string()) for name in ("start", "end", "kind")})

    assert events(folder) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": ["soon"]}, "schema: anomalies.parquet: start cannot be read as timestamp[ms]: "),
        ({"start": [5]}, "schema: anomalies.parquet: start cannot be read as timestamp[ms]: int64"),
        ({"end": [True]}, "schema: anomalies.parquet: end cannot be read as timestamp[ms]: "),
        ({"end": [[1]]}, "schema: anomalies.parquet: end cannot be read as timestamp[ms]: "),
        (
            {"start": pa.array([2**62], pa.timestamp("us"))},
            "schema: anomalies.parquet: start cannot be read as timestamp[ms]: ",
        ),
        (
            {"start": pa.array([START]).cast(pa.timestamp("ms")).cast(pa.timestamp("ms", "UTC"))},
            "schema: anomalies.parquet: start cannot be read as timestamp[ms]: timestamp[ms, "
            "tz=UTC] has a time zone",
        ),
        (
            {"kind": None},
            "schema: anomalies.parquet has columns start, end; expected start, end and kind",
        ),
        (
            {"kind": pa.array([b"\xff\xfe"]).view(pa.string())},
            "schema: anomalies.parquet: kind cannot be read as string: 'utf-8' codec can't",
        ),
        ({"kind": [None]}, "anomalies_present: 1 events have no kind"),
        ({"kind": ["x" * 1_000_000]}, "anomalies_present: a kind has 1,000,000 characters; "),
        ({"affected": [["flux_w"]]}, "anomalies_present: affected signals that the dataset does"),
        (
            {"affected": [7]},
            "anomalies_present: affected signals that the dataset does not have: 7",
        ),
        ({"end": ["2024-02-01"]}, "anomalies_present: 1 event end before they start"),
    ],
)
def test_a_bad_label_is_a_sentence(folder: Path, changes: dict[str, object], message: str) -> None:
    label(folder, **changes)

    [found] = refuse(folder)

    assert found.startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "schema: anomalies.csv cannot be read: Empty CSV file"),
        (b"start,end\n", "schema: anomalies.csv has columns start, end; expected start, end and"),
        (b"start,start,end,kind\n", "schema: anomalies.csv has columns start, start, end, kind; "),
        (b"start,end,k\xffnd\n", "schema: anomalies.csv cannot be read: 'utf-8' codec can't"),
        (b"start,end,kind\nnever,ever,spike\n", "schema: anomalies.csv: start cannot be read"),
        (b"a\n" * 60_000, "schema: anomalies.csv has 60,000 lines; expected at most 50,000"),
    ],
)
def test_a_bad_label_file_is_a_sentence(folder: Path, content: bytes, message: str) -> None:
    (folder / "anomalies.csv").write_bytes(content)

    [found] = refuse(folder)

    assert found.startswith(message)


def test_two_label_files_are_one_too_many(folder: Path) -> None:
    label(folder)
    (folder / "anomalies.csv").touch()

    assert refuse(folder) == [
        "schema: 2 label files, anomalies.csv and anomalies.parquet; expected one of them"
    ]


def test_labels_are_not_read_for_the_clean_twin(folder: Path) -> None:
    (folder / "anomalies.csv").write_text("broken")

    output = read_output(folder, 2024, with_labels=False)

    assert isinstance(output, Output)
    assert output.labels is None


def test_a_label_file_damaged_at_any_place_never_raises(folder: Path) -> None:
    label(folder, affected=[["rf_power_w"]], severity=["high"])
    path = folder / "anomalies.parquet"
    good = path.read_bytes()
    chance = random.Random(4)

    for _ in range(40):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        path.write_bytes(bad)

        assert isinstance(read_output(folder, 2024), Output | list)
