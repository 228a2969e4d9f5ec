"""Where a machine stands: is its dataset current, is it sound, is it due, and why."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from synth_pipeline.domain.errors import ChangedCodeError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.outcome import MachineState, RequestRecord
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.provenance import Code, sha256_of
from synth_pipeline.making.cron import last_tick
from synth_pipeline.making.stored_year import StoredYear
from synth_pipeline.services import Services

Made = Callable[[PartitionKey], dt.datetime | None]


def fingerprint(services: Services, machine: Machine) -> str:
    """What accepted code depends on: machine, author and the author's version."""
    author = services.author
    return sha256_of(f"{machine.identity}\n{author.name}\n{author.version_of(machine)}")


def reusable_code(services: Services, machine: Machine, keep: bool = False) -> Code | None:
    """The accepted code, if what it was written from still holds or `keep` asks for it anyway."""
    code = services.store.load_code(machine.key)
    if code is None or keep or code.provenance.fingerprint == fingerprint(services, machine):
        return code
    return None


def is_current(services: Services, machine: Machine, keep: bool = False) -> bool:
    """True where the stored dataset is of the machine's year and seed and of reusable code."""
    try:
        code = reusable_code(services, machine, keep)
    except ChangedCodeError:
        return False
    stored = stored_year(services, machine)
    if code is None or not stored.exists:
        return False
    origin = stored.origin()
    wanted = {"seed": str(machine.seed), "code_sha256": code.provenance.code_sha256}
    return all(origin.get(name) == value for name, value in wanted.items())


def stored_year(services: Services, machine: Machine) -> StoredYear:
    """What is stored of the machine's current year."""
    return StoredYear(services.store, machine.key, machine.year)


def due_machines(
    services: Services, user_id: str, made_at: Made, now: dt.datetime
) -> dict[PartitionKey, str]:
    """Return the partitions that are due with the reason for each, in the list's order.

    `made_at` tells when a partition's dataset was last made, None where it never was.
    """
    records = services.registry.list(user_id)
    due: dict[PartitionKey, str] = {}
    for machine in services.store.load_machines(user_id):
        reason = _why_due(services, machine, records, made_at, now)
        if reason:
            due[machine.key] = reason
    return due


def _why_due(
    services: Services,
    machine: Machine,
    records: Sequence[RequestRecord],
    made_at: Made,
    now: dt.datetime,
) -> str | None:
    own = [record for record in records if machine.slug in record.machines]
    if not stored_year(services, machine).exists:
        return "missing"
    if own and own[-1].machines[machine.slug].state is MachineState.FAILED:
        return "failed"
    if not is_current(services, machine, keep=True):
        return "stale against its code, year or seed"
    crons = [record.refresh_cron for record in own if record.refresh_cron]
    if crons:
        made, tick = made_at(machine.key), last_tick(crons[-1], now)
        if made is None or made < tick:
            return f"refresh of {tick:%Y-%m-%d %H:%M} UTC"
    return None


def roll_years(services: Services, user_id: str, now: dt.datetime) -> None:
    """Move machines whose request named no year on to the last full year."""
    year = now.year - 1
    rolling = _rolling(services.registry.list(user_id))
    if any(
        rolling.get(m.slug, False) and m.year < year for m in services.store.load_machines(user_id)
    ):
        services.store.merge_machines(
            user_id,
            lambda rows: tuple(
                m.at_year(year) if rolling.get(m.slug, False) and m.year < year else m for m in rows
            ),
        )


def _rolling(records: Sequence[RequestRecord]) -> Mapping[str, bool]:
    """By the latest request that lists each machine."""
    return {slug: r.request.rolls for r in records for slug in r.machines}
