"""What exists, as plain rows: for tables and for `--json`."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from synth_pipeline.domain.errors import StoreError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.record import MACHINE_DONE, RequestRecord
from synth_pipeline.production import judge_machine
from synth_pipeline.quality.dataset_file import StoredDataset
from synth_pipeline.quality.reading import UNREADABLE, reason_of
from synth_pipeline.services import Services
from synth_pipeline.storage.dataset_store import DatasetStore


@dataclass(frozen=True, slots=True)
class MachineRow:
    """One machine and its stored year; None where there is no dataset."""

    partition: str
    name: str
    industry: str
    year: int
    years: tuple[int, ...]
    rows: int | None
    signals: int | None
    anomalies: int | None
    size_bytes: int | None
    uri: str | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of one machine-year."""

    partition: str
    year: int
    check: str
    passed: bool
    blocking: bool
    message: str


def machines_of(store: DatasetStore, user_id: str | None) -> Iterator[Machine]:
    """All machines, or one user's."""
    for user in [user_id] if user_id else store.users():
        yield from store.load_machines(user)


def machine_row(store: DatasetStore, machine: Machine) -> MachineRow:
    """Footer figures of one machine's current year, without those that cannot be read."""
    key, year = machine.key, machine.year
    years = store.years(key)
    if year not in years:
        empty = (None, None, None, None, None)
        return MachineRow(str(key), machine.name, machine.industry, year, years, *empty)
    rows, signals = _shape(store, machine)
    return MachineRow(
        partition=str(key),
        name=machine.name,
        industry=machine.industry,
        year=year,
        years=years,
        rows=rows,
        signals=signals,
        anomalies=_events(store, machine),
        size_bytes=store.dataset_size(key, year),
        uri=store.dataset_uri(key, year),
    )


def _shape(store: DatasetStore, machine: Machine) -> tuple[int, int] | tuple[None, None]:
    with store.open_dataset(machine.key, machine.year) as source:
        try:
            dataset = StoredDataset(source)
        except UNREADABLE:  # `synth check` says what is wrong; the other machines are still shown
            return None, None
        return dataset.rows, len(dataset.schema.names) - 1


def _events(store: DatasetStore, machine: Machine) -> int | None:
    try:
        labels = store.load_labels(machine.key, machine.year)
    except StoreError:
        return None
    return None if labels is None else labels.num_rows


def check_rows(services: Services, machine: Machine) -> list[CheckRow]:
    """Every check of every stored year of a machine, its current year even if missing."""
    years = sorted({*services.store.years(machine.key), machine.year})
    return [
        CheckRow(
            str(machine.key), year, verdict.check, verdict.passed, verdict.is_blocking,
            verdict.summary,
        )
        for year in years
        for verdict in judge_machine(services, machine, year)
    ]  # fmt: skip


def made_rows(services: Services, record: RequestRecord) -> list[dict[str, Any]]:
    """What became of each machine of a request, with the checks of what is stored.

    While the store cannot be read, only what the registry says of it.
    """
    user_id = record.request.user_id
    try:
        machines = {m.slug: m for m in services.store.load_machines(user_id)}
    except StoreError:
        return [
            _bare_row(PartitionKey(user_id, slug), slug, outcome)
            for slug, outcome in record.machines.items()
        ]
    return [
        _made_row(services, machines[slug], outcome)
        for slug, outcome in record.machines.items()
        if slug in machines
    ]


def _bare_row(key: PartitionKey, name: str, outcome: str) -> dict[str, Any]:
    return {"partition": str(key), "name": name, "outcome": outcome}


def _made_row(services: Services, machine: Machine, outcome: str) -> dict[str, Any]:
    if outcome != MACHINE_DONE:
        return _bare_row(machine.key, machine.name, outcome)
    verdicts = judge_machine(services, machine, machine.year)
    return {
        **asdict(machine_row(services.store, machine)),
        "outcome": outcome,
        "checks": {verdict.check: verdict.passed for verdict in verdicts},
    }


def request_row(record: RequestRecord) -> dict[str, Any]:
    """One request as data."""
    return {
        "request_id": record.request_id,
        **asdict(record.request),
        "status": str(record.status),
        "machines": dict(record.machines),
        "error": record.error,
        "attempt": record.attempt,
        "refresh_cron": record.refresh_cron,
        "usage": asdict(record.usage),
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


def show_row(services: Services, machine: Machine, year: int) -> dict[str, Any]:
    """Everything about one machine-year: provenance, signals with figures, events, places."""
    store, key = services.store, machine.key
    provenance = store.load_provenance(key)
    with store.open_dataset(key, year) as source:
        try:
            dataset = StoredDataset(source)
        except UNREADABLE as error:
            raise StoreError(
                f"{store.dataset_uri(key, year)}: cannot be read as Parquet "
                f"({reason_of(error)}); make that year again"
            ) from error
        statistics, origin, rows = dataset.statistics, dataset.origin, dataset.rows
        signals = [
            {
                "name": name,
                "unit": _text(dataset, name, b"unit"),
                "description": _text(dataset, name, b"description"),
                **(
                    asdict(statistics.signals[name])
                    if statistics and name in statistics.signals
                    else {}
                ),
            }
            for name in dataset.schema.names[1:]
        ]
    labels = store.load_labels(key, year)
    return {
        "machine": asdict(machine),
        "year": year,
        "rows": rows,
        "origin": origin,
        "provenance": None if provenance is None else asdict(provenance),
        "signals": signals,
        "anomalies": [] if labels is None else labels.to_pylist(),
        "files": {
            "dataset": store.dataset_uri(key, year),
            "labels": None if labels is None else store.labels_uri(key, year),
            "code": store.code_uri(key),
        },
    }


def _text(dataset: StoredDataset, name: str, field: bytes) -> str:
    metadata = dataset.schema.field(name).metadata or {}
    return bytes(metadata.get(field, b"")).decode("utf-8", "replace")
