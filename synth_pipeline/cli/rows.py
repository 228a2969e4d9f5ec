"""What exists, as values: for tables and, by their `as_json`, for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from synth_pipeline.domain.check import RecordedVerdict
from synth_pipeline.domain.column import Column
from synth_pipeline.domain.errors import StoreError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.outcome import DONE, Outcome, RequestRecord
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.provenance import Provenance
from synth_pipeline.domain.usage import Prices
from synth_pipeline.making.standing import stored_year
from synth_pipeline.making.stored_year import StoredYear, years_of
from synth_pipeline.readings.dataset_file import StoredDataset
from synth_pipeline.readings.labels import Event, events_of
from synth_pipeline.readings.layout import YearFile
from synth_pipeline.readings.statistics import SignalStatistics
from synth_pipeline.readings.untrusted import UNREADABLE, reason_of
from synth_pipeline.services import Services
from synth_pipeline.stores.dataset_store import DatasetStore

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MachineRow:
    """One machine and its stored year; None where there is no dataset."""

    partition: str
    name: str
    industry: str
    year: int
    years: tuple[int, ...]
    rows: int | None = None
    signals: int | None = None
    anomalies: int | None = None
    size_bytes: int | None = None
    uri: str | None = None

    def as_json(self) -> Json:
        """Every figure."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MadeRow:
    """What became of one machine of a request.

    `stored` and `checks` (what the run recorded, true where passed) are of a machine that is done.
    """

    key: PartitionKey
    name: str
    outcome: Outcome
    stored: MachineRow | None = None
    checks: Mapping[str, bool] | None = None

    def as_json(self) -> Json:
        """The outcome, and the figures of a machine that is done."""
        row = {"partition": str(self.key), "name": self.name}
        if self.stored is None:
            return row | {"outcome": str(self.outcome)}
        more = {"outcome": str(self.outcome), "checks": dict(self.checks or {})}
        return row | self.stored.as_json() | more


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal and its figures; None in a file that this project did not write."""

    column: Column
    figures: SignalStatistics | None

    def as_json(self) -> Json:
        """Name, unit, description and figures, side by side."""
        return asdict(self.column) | (asdict(self.figures) if self.figures else {})


@dataclass(frozen=True, slots=True)
class ShownYear:
    """Everything about one machine-year: provenance, signals with figures, events, places.

    `cost` is that of the code's model calls, None where the prices that it needs are not set.
    """

    machine: Machine
    year: int
    rows: int
    origin: Mapping[str, str]
    provenance: Provenance | None
    signals: tuple[SignalRow, ...]
    events: tuple[Event, ...]
    files: Mapping[str, str | None]
    cost: float | None = None

    def as_json(self) -> Json:
        """The same as plain data; a cost that is not known is left out."""
        return {
            "machine": asdict(self.machine),
            "year": self.year,
            "rows": self.rows,
            "origin": dict(self.origin),
            "provenance": self.provenance.as_row() if self.provenance else None,
            **({} if self.cost is None else {"cost": self.cost}),
            "signals": [signal.as_json() for signal in self.signals],
            "anomalies": [asdict(event) for event in self.events],
            "files": dict(self.files),
        }


def machines_of(store: DatasetStore, user_id: str | None) -> Iterator[Machine]:
    """All machines, or one user's."""
    for user in [user_id] if user_id else store.users():
        yield from store.load_machines(user)


def machine_row(services: Services, machine: Machine) -> MachineRow:
    """Footer figures of one machine's current year, without those that cannot be read."""
    stored, years = stored_year(services, machine), years_of(services.store, machine.key)
    named = (str(machine.key), machine.name, machine.industry, machine.year, years)
    if machine.year not in years:
        return MachineRow(*named)
    rows, signals = _shape(stored)
    events, size_bytes = _event_count(stored), stored.size_bytes
    return MachineRow(*named, rows, signals, events, size_bytes, stored.uri())


def made_rows(
    services: Services, record: RequestRecord, verdicts: Sequence[RecordedVerdict]
) -> list[MadeRow]:
    """What became of each machine of a request, with the verdicts that its runs recorded.

    While the store cannot be read, only what the registry says of it.
    """
    user_id = record.request.user_id
    keys = {slug: PartitionKey(user_id, slug) for slug in record.machines}
    try:
        machines = {m.slug: m for m in services.store.load_machines(user_id)}
    except StoreError:
        return [MadeRow(keys[slug], slug, outcome) for slug, outcome in record.machines.items()]
    rows = []
    for slug, outcome in record.machines.items():
        if machine := machines.get(slug):
            row = MadeRow(keys[slug], machine.name, outcome)
            if outcome == DONE:
                own = [v for v in verdicts if v.key == row.key and v.year == machine.year]
                checks = {verdict.check: verdict.passed for verdict in own}
                stored = machine_row(services, machine)
                row = MadeRow(row.key, row.name, outcome, stored, checks)
            rows.append(row)
    return rows


def request_json(record: RequestRecord, prices: Prices) -> Json:
    """One request as data, with what it cost so far where that is known."""
    cost = prices.shown(record.usage)
    return {
        "request_id": record.request_id,
        **asdict(record.request),
        "status": str(record.status),
        "machines": {slug: str(outcome) for slug, outcome in record.machines.items()},
        "error": record.error,
        "attempt": record.attempt,
        "refresh_cron": record.refresh_cron,
        "usage": asdict(record.usage),
        **({} if cost is None else {"cost": cost}),
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


def verdict_json(verdict: RecordedVerdict) -> Json:
    """One check of one machine-year as data."""
    return {
        "partition": str(verdict.key),
        "year": verdict.year,
        "check": verdict.check,
        "passed": verdict.passed,
        "blocking": verdict.is_blocking,
        "message": verdict.message,
    }


def show_year(services: Services, machine: Machine, year: int) -> ShownYear:
    """Look at one stored machine-year; raises StoreError where it cannot be read."""
    stored = StoredYear(services.store, machine.key, year)
    labels = stored.labels()
    with stored.open() as source:
        try:
            dataset = StoredDataset(source)
        except UNREADABLE as error:
            raise StoreError(
                f"{stored.uri()}: cannot be read as Parquet ({reason_of(error)}); make that year "
                "again"
            ) from error
        figures = dataset.statistics.signals if dataset.statistics else {}
        signals = tuple(SignalRow(c, figures.get(c.name)) for c in dataset.columns)
        rows, origin = dataset.rows, dataset.origin
    provenance = services.store.load_provenance(machine.key)
    return ShownYear(
        machine=machine,
        year=year,
        rows=rows,
        origin=origin,
        provenance=provenance,
        signals=signals,
        events=events_of(labels),
        files={
            "dataset": stored.uri(),
            "labels": None if labels is None else stored.uri(YearFile.LABELS),
            **{
                file.folder: stored.uri(file) if stored.has(file) else None
                for file in (YearFile.PATCH, YearFile.CONTEXT, YearFile.WORKLOG)
            },
            "code": services.store.code_uri(machine.key),
        },
        cost=services.settings.prices.shown(provenance.usage) if provenance else None,
    )


def _shape(stored: StoredYear) -> tuple[int, int] | tuple[None, None]:
    with stored.open() as source:
        try:
            dataset = StoredDataset(source)
        except UNREADABLE:  # `synth check` says what is wrong; the other machines are still shown
            return None, None
        return dataset.rows, len(dataset.columns)


def _event_count(stored: StoredYear) -> int | None:
    try:
        labels = stored.labels()
    except StoreError:
        return None
    return None if labels is None else labels.num_rows
