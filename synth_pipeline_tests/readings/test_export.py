"""CSV files of a stored year."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from synth_pipeline.domain.errors import InputError, StoreError
from synth_pipeline.readings.export import export_csv
from synth_pipeline_tests.support.tables import SIGNALS, label_table, year_table

NAME = "etcher-2024"
ROWS = year_table().slice(0, 3)


def test_a_year_is_a_header_and_a_row_a_minute(tmp_path: Path) -> None:
    [path] = export_csv(year_table(), None, tmp_path / "out", NAME)

    lines = path.read_text().splitlines()
    assert path == tmp_path / "out" / "etcher-2024.csv"
    assert lines[0] == "Timestamp,chamber_pressure_pa,chuck_temperature_c,rf_power_w"
    assert len(lines) == 527_041
    assert lines[1].split(",")[0] == "2024-01-01 00:00:00"
    assert lines[-1].split(",")[0] == "2024-12-31 23:59:00"


def test_the_values_are_those_that_are_stored(tmp_path: Path) -> None:
    day = year_table().slice(0, 1440)

    [path] = export_csv(day, None, tmp_path, NAME)

    frame = pd.read_csv(path, parse_dates=["Timestamp"])
    assert frame["Timestamp"].iloc[-1] == pd.Timestamp("2024-01-01 23:59:00")
    for signal in SIGNALS:
        assert frame[signal.name].tolist() == day.column(signal.name).to_pylist()


def test_missing_values_are_empty(tmp_path: Path) -> None:
    table = year_table().slice(0, 1).set_column(1, "power_w", pa.array([None], pa.float64()))

    [path] = export_csv(table, None, tmp_path, NAME)

    assert path.read_text().splitlines()[1].startswith("2024-01-01 00:00:00,,")


def test_names_with_commas_and_quotes_are_quoted(tmp_path: Path) -> None:
    name = 'flow, "main" (l/min)'
    table = year_table().slice(0, 3).rename_columns(["Timestamp", name, "b_c", "c_w"])

    [path] = export_csv(table, None, tmp_path, NAME)

    assert list(pd.read_csv(path).columns) == ["Timestamp", name, "b_c", "c_w"]


def test_labels_are_a_second_file(tmp_path: Path) -> None:
    labels = label_table(
        ("2024-03-01T10:00", "2024-03-01T10:05", "spike"), affected=["rf_power_w", "b_c"]
    )

    _, path = export_csv(ROWS, labels, tmp_path, NAME)

    assert path.name == "etcher-2024-anomalies.csv"
    assert path.read_text().splitlines() == [
        "start,end,kind,category,root_cause,affected,severity,"
        "severity_sd,snr,cause_start,stop,restart",
        '2024-03-01 10:00:00,2024-03-01 10:05:00,"spike","sensor","rf_power_w",'
        '"rf_power_w;b_c","high",,,,,',
    ]


def test_exporting_again_replaces_the_file(tmp_path: Path) -> None:
    (tmp_path / "etcher-2024.csv").write_text("old")

    [path] = export_csv(ROWS, None, tmp_path, NAME)

    assert len(path.read_text().splitlines()) == 4


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_nothing_partial_is_left(tmp_path: Path) -> None:
    export_csv(ROWS, None, tmp_path / "out", NAME)

    assert left(tmp_path / "out") == ["etcher-2024.csv"]


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_is_a_file_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(InputError) as caught:
        export_csv(ROWS, None, tmp_path / place, NAME)

    assert str(caught.value).startswith(f"output {tmp_path / place}: cannot be written (")
    assert str(caught.value).endswith("name another folder")


def test_a_file_that_is_a_folder_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "out" / "etcher-2024.csv").mkdir(parents=True)

    with pytest.raises(InputError, match="cannot be written"):
        export_csv(ROWS, None, tmp_path / "out", NAME)

    assert left(tmp_path / "out") == ["etcher-2024.csv"]


@pytest.mark.parametrize(
    "table",
    [
        year_table().slice(0, 3).rename_columns(["time", "a_pa", "b_c", "c_w"]),
        pa.table({"Timestamp": pa.array([1500]).cast(pa.timestamp("ms"))}),
        pa.table({"Timestamp": ["now"]}),
        pa.table({"Timestamp": pa.array([0]).cast(pa.timestamp("ms")), "a": [[1.0]]}),
    ],
    ids=["no Timestamp", "half a second", "text", "lists"],
)
def test_a_damaged_year_is_an_error_that_names_it(tmp_path: Path, table: pa.Table) -> None:

    with pytest.raises(StoreError) as caught:
        export_csv(table, None, tmp_path / "out", NAME)

    assert str(caught.value).startswith("etcher-2024: cannot be written as CSV (")
    assert left(tmp_path / "out") == []
