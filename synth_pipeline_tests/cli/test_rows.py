"""Rows of what exists; a damaged file hides no other machine."""

from pathlib import Path

import pytest

from synth_pipeline.domain.errors import StoreError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.cli.rows import check_rows, machine_row, machines_of, show_row
from synth_pipeline.readings.dataset_file import write_labels
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline_tests.support.tables import ORIGIN, SIGNALS, label_table, write_published

ETCHER = Machine("ada", "etcher", "Etcher", "semiconductor", "etches", "etcher", 1, 2024, 7)
DRYER = Machine("ada", "dryer", "Dryer", "food", "dries", "dryer", 1, 2023, 7)
LABELS = label_table(("2024-03-01T10:00", "2024-03-01T10:05", "spike"))


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """A store with two machines, one of which has data."""
    services = Services(Settings.from_env({}, tmp_path))
    services.store.save_machines("ada", [ETCHER, DRYER])
    labels = tmp_path / "labels.parquet"
    write_labels(LABELS, ORIGIN, labels)
    dataset = write_published(tmp_path / "2024.parquet")
    services.store.publish_dataset(ETCHER.key, 2024, dataset, labels)
    return services


def damage(tmp_path: Path, part: str) -> None:
    (tmp_path / "data" / "ada" / "etcher" / part / "2024.parquet").write_bytes(b"PAR1 no PAR1")


def test_machines_are_those_of_one_user_or_of_all(services: Services) -> None:
    assert list(machines_of(services.store, "ada")) == [ETCHER, DRYER]
    assert list(machines_of(services.store, "bob")) == []
    assert list(machines_of(services.store, None)) == [ETCHER, DRYER]


def test_a_machine_with_data_shows_its_figures(services: Services) -> None:
    row = machine_row(services.store, ETCHER)

    assert (row.partition, row.year, row.years) == ("ada/etcher", 2024, (2024,))
    assert (row.rows, row.signals, row.anomalies) == (527_040, 3, 1)
    assert row.size_bytes == services.store.dataset_size(ETCHER.key, 2024)


def test_a_machine_without_data_shows_none(services: Services) -> None:
    row = machine_row(services.store, DRYER)

    assert (row.years, row.rows, row.signals, row.anomalies, row.uri) == (
        (),
        None,
        None,
        None,
        None,
    )


def test_a_damaged_dataset_is_shown_without_its_figures(services: Services, tmp_path: Path) -> None:
    damage(tmp_path, "dataset")

    row = machine_row(services.store, ETCHER)

    assert (row.rows, row.signals, row.anomalies, row.size_bytes) == (None, None, 1, 12)


def test_damaged_labels_are_shown_without_their_number(services: Services, tmp_path: Path) -> None:
    damage(tmp_path, "anomalies")

    row = machine_row(services.store, ETCHER)

    assert (row.rows, row.anomalies) == (527_040, None)


def test_one_machine_is_shown_with_figures_events_and_places(services: Services) -> None:
    shown = show_row(services, ETCHER, 2024)

    assert shown["rows"] == 527_040
    assert shown["origin"] == ORIGIN
    assert [(s["name"], s["unit"]) for s in shown["signals"]] == [(s.name, s.unit) for s in SIGNALS]
    assert shown["signals"][0]["missing"] == 0
    assert shown["anomalies"] == LABELS.to_pylist()
    assert shown["provenance"] is None
    assert shown["files"]["dataset"].endswith("ada/etcher/dataset/2024.parquet")


def test_showing_a_damaged_dataset_is_one_line(services: Services, tmp_path: Path) -> None:
    damage(tmp_path, "dataset")

    with pytest.raises(StoreError, match=r"2024\.parquet: cannot be read as Parquet") as caught:
        show_row(services, ETCHER, 2024)

    assert "\n" not in str(caught.value)


def test_checks_cover_every_stored_year_and_the_current_one(services: Services) -> None:
    good, missing = check_rows(services, ETCHER), check_rows(services, DRYER)

    assert [(row.year, row.check, row.passed) for row in good] == [
        (2024, check, True)
        for check in ("schema", "minute_cadence", "year_coverage", "anomalies_present",
                      "signal_realism")
    ]  # fmt: skip
    assert {row.passed for row in missing} == {False}
    assert missing[0].message.startswith("there is no dataset of 2023 at ")
