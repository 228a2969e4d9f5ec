"""Rows of what exists; a damaged file hides no other machine."""

import dataclasses
import json
from pathlib import Path

import pytest

from synth_pipeline.cli.rows import machine_row, machines_of, made_rows, show_year
from synth_pipeline.domain.check import RecordedVerdict
from synth_pipeline.domain.errors import StoreError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.outcome import DONE, PENDING, Outcome, RequestRecord, RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.readings.dataset_file import write_labels
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline_tests.support.tables import ORIGIN, SIGNALS, label_table, write_published
from synth_pipeline_tests.support.workshop import put_year, stored

ETCHER = Machine("ada", "etcher", "Etcher", "semiconductor", "etches", "etcher", 1, 2024, 7)
DRYER = Machine("ada", "dryer", "Dryer", "food", "dries", "dryer", 1, 2023, 7)
LABELS = label_table(("2024-03-01T10:00", "2024-03-01T10:05", "spike"))


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """A store with two machines, one of which has data."""
    services = Services(Settings.from_env({}, tmp_path))
    services.store.merge_machines("ada", lambda _: (ETCHER, DRYER))
    labels = tmp_path / "labels.parquet"
    write_labels(LABELS, ORIGIN, labels)
    dataset = write_published(tmp_path / "2024.parquet")
    put_year(services.store, ETCHER.key, 2024, dataset, labels)
    return services


def damage(tmp_path: Path, part: str) -> None:
    (tmp_path / "data" / "ada" / "etcher" / part / "2024.parquet").write_bytes(b"PAR1 no PAR1")


def test_machines_are_those_of_one_user_or_of_all(services: Services) -> None:
    assert list(machines_of(services.store, "ada")) == [ETCHER, DRYER]
    assert list(machines_of(services.store, "bob")) == []
    assert list(machines_of(services.store, None)) == [ETCHER, DRYER]


def test_a_machine_with_data_shows_its_figures(services: Services) -> None:
    row = machine_row(services, ETCHER)

    assert (row.partition, row.year, row.years) == ("ada/etcher", 2024, (2024,))
    assert (row.rows, row.signals, row.anomalies) == (527_040, 3, 1)
    assert row.size_bytes == stored(services, ETCHER).size_bytes


def test_a_machine_without_data_shows_none(services: Services) -> None:
    row = machine_row(services, DRYER)

    assert (row.years, row.rows, row.signals, row.anomalies, row.uri) == (
        (),
        None,
        None,
        None,
        None,
    )


def test_a_damaged_dataset_is_shown_without_its_figures(services: Services, tmp_path: Path) -> None:
    damage(tmp_path, "dataset")

    row = machine_row(services, ETCHER)

    assert (row.rows, row.signals, row.anomalies, row.size_bytes) == (None, None, 1, 12)


def test_damaged_labels_are_shown_without_their_number(services: Services, tmp_path: Path) -> None:
    damage(tmp_path, "anomalies")

    row = machine_row(services, ETCHER)

    assert (row.rows, row.anomalies) == (527_040, None)


def test_one_machine_is_shown_with_figures_events_and_places(services: Services) -> None:
    shown = show_year(services, ETCHER, 2024)

    assert (shown.rows, shown.year) == (527_040, 2024)
    assert shown.origin == ORIGIN
    assert tuple(signal.column for signal in shown.signals) == SIGNALS
    assert shown.signals[0].figures is not None
    assert shown.signals[0].figures.missing == 0
    assert [dataclasses.asdict(event) for event in shown.events] == LABELS.to_pylist()
    assert shown.provenance is None
    assert str(shown.files["dataset"]).endswith("ada/etcher/dataset/2024.parquet")


def test_what_is_shown_is_plain_data_for_programs(services: Services) -> None:
    shown = json.loads(json.dumps(show_year(services, ETCHER, 2024).as_json(), default=str))

    assert list(shown) == [
        "machine", "year", "rows", "origin", "provenance", "signals", "anomalies", "files",
    ]  # fmt: skip
    assert shown["machine"]["slug"] == "etcher"
    assert set(shown["signals"][0]) >= {"name", "unit", "description", "minimum", "missing"}
    assert shown["anomalies"][0]["kind"] == "spike"


def test_showing_a_damaged_dataset_is_one_line(services: Services, tmp_path: Path) -> None:
    damage(tmp_path, "dataset")

    with pytest.raises(StoreError, match=r"2024\.parquet: cannot be read as Parquet") as caught:
        show_year(services, ETCHER, 2024)

    assert "\n" not in str(caught.value)


def test_made_machines_show_their_figures_and_what_the_runs_recorded(services: Services) -> None:
    record = RequestRecord(
        Request("any", 3, "ada", 2024, 7),
        RequestStatus.FAILED,
        {"etcher": DONE, "dryer": Outcome.failed("too hot"), "gone": PENDING},
    )
    verdicts = [
        RecordedVerdict(ETCHER.key, 2024, "schema", True, ""),
        RecordedVerdict(ETCHER.key, 2024, "signal_realism", False, "every signal is slow"),
        RecordedVerdict(ETCHER.key, 2023, "schema", True, "an older year"),
    ]

    etcher, dryer = made_rows(services, record, verdicts)

    assert etcher.checks == {"schema": True, "signal_realism": False}
    assert etcher.as_json()["rows"] == 527_040
    assert etcher.as_json()["outcome"] == "done"
    assert dryer.as_json() == {
        "partition": "ada/dryer", "name": "Dryer", "outcome": "failed: too hot",
    }  # fmt: skip
