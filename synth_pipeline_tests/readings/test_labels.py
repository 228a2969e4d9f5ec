"""Labels in whatever of the allowed forms, brought to one; a bad one is a sentence."""

import os
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline.domain.finding import has_fatal
from synth_pipeline.readings.output import read_output
from synth_pipeline_tests.support.outputs import (
    END,
    START,
    accept,
    refuse,
    write,
)


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
        ({"start": ["soon"]}, "anomalies.parquet: start cannot be read as timestamp[ms]: "),
        ({"start": [5]}, "anomalies.parquet: start cannot be read as timestamp[ms]: int64"),
        ({"end": [True]}, "anomalies.parquet: end cannot be read as timestamp[ms]: "),
        ({"end": [[1]]}, "anomalies.parquet: end cannot be read as timestamp[ms]: "),
        (
            {"start": pa.array([2**62], pa.timestamp("us"))},
            "anomalies.parquet: start cannot be read as timestamp[ms]: ",
        ),
        (
            {"start": pa.array([START]).cast(pa.timestamp("ms")).cast(pa.timestamp("ms", "UTC"))},
            "anomalies.parquet: start cannot be read as timestamp[ms]: timestamp[ms, "
            "tz=UTC] has a time zone",
        ),
        (
            {"kind": None},
            "anomalies.parquet has columns start, end; expected start, end and kind",
        ),
        (
            {"kind": pa.array([b"\xff\xfe"]).view(pa.string())},
            "anomalies.parquet: kind cannot be read as string: 'utf-8' codec can't",
        ),
        ({"kind": [None]}, "1 events have no kind"),
        ({"kind": ["x" * 1_000_000]}, "a kind has 1,000,000 characters; "),
        ({"affected": [["flux_w"]]}, "affected signals that the dataset does"),
        (
            {"affected": [7]},
            "affected signals that the dataset does not have: 7",
        ),
        ({"end": ["2024-02-01"]}, "1 event end before they start"),
    ],
)
def test_a_bad_label_is_a_sentence(folder: Path, changes: dict[str, object], message: str) -> None:
    label(folder, **changes)

    [found] = refuse(folder)

    assert found.startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "anomalies.csv cannot be read: Empty CSV file"),
        (b"start,end\n", "anomalies.csv has columns start, end; expected start, end and"),
        (b"start,start,end,kind\n", "anomalies.csv has columns start, start, end, kind; "),
        (b"start,end,k\xffnd\n", "anomalies.csv cannot be read: 'utf-8' codec can't"),
        (b"start,end,kind\nnever,ever,spike\n", "anomalies.csv: start cannot be read"),
        (b"a\n" * 60_000, "anomalies.csv has 60,000 lines; expected at most 5,000"),
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
        "2 label files, anomalies.csv and anomalies.parquet; expected one of them"
    ]


def test_labels_are_not_read_for_the_clean_twin(folder: Path) -> None:
    (folder / "anomalies.csv").write_text("broken")

    output = read_output(folder, 2024, with_labels=False)

    assert output.made is not None
    assert output.made.labels is None


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

        output = read_output(folder, 2024)

        assert (output.made is None) is has_fatal(output.findings)


@pytest.mark.parametrize("word", ["unknown", "N/A", "-", "Unspecified"])
def test_a_root_cause_that_says_nothing_is_none(folder: Path, word: str) -> None:
    label(folder, root_cause=[word])

    [event] = events(folder)

    assert event["root_cause"] is None


def test_a_kind_that_says_nothing_is_named_and_not_dropped(folder: Path) -> None:
    label(folder, kind=["unknown"])

    [event] = events(folder)

    assert event["kind"] == "unknown"
