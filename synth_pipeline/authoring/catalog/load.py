"""Reads the knowledge files into `spec` values and refuses what cannot work."""

import dataclasses
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from synth_pipeline.authoring.catalog import formula
from synth_pipeline.authoring.catalog.spec import (
    Ambient,
    Batches,
    FaultSpec,
    Industry,
    MachineSpec,
    Maintenance,
    Modes,
    Shift,
    SignalSpec,
    Wear,
)
from synth_pipeline.domain.errors import AuthorError
from synth_pipeline.domain.names import is_generic_name
from synth_pipeline.signal_kit import ANOMALIES, MAX_ANOMALOUS_SHARE, MINUTES_PER_ROW, rows_in_year

KNOWLEDGE = Path(__file__).parent / "knowledge"
INDUSTRY_FILE = "industry.toml"
WRITER = ("formula.py", "load.py", "physics.py", "render.py", "spec.py", "vary.py")
Spec = TypeVar("Spec")
Table = Mapping[str, Any]


@cache
def load_industries(folder: Path = KNOWLEDGE) -> tuple[Industry, ...]:
    """Return every industry of the catalogue; raise AuthorError naming file and fault."""
    return tuple(_load_industry(path.parent) for path in sorted(folder.glob(f"*/{INDUSTRY_FILE}")))


def digest_of_writer(folder: Path = Path(__file__).parent) -> str:
    """Hash of what turns knowledge into code: equal hash and equal knowledge, equal code."""
    digest = hashlib.sha256()
    for name in WRITER:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]


def load_machine(path: Path) -> MachineSpec:
    """Read one machine; raise AuthorError with every fault found in the file."""
    content = _content(path)
    try:
        spec = parse_machine(_parse(path, content))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AuthorError(f"catalogue file {path}: {error}") from error
    if faults := faults_of(spec):
        raise AuthorError(f"catalogue file {path}: {'; '.join(faults)}")
    return dataclasses.replace(spec, file_sha256=hashlib.sha256(content).hexdigest())


def parse_machine(table: Table) -> MachineSpec:
    """Turn the content of a file into a spec; raise ValueError for unknown or missing keys."""
    rest = dict(table)
    cycle = dict(rest.pop("cycle"))
    signals, faults = rest.pop("signals"), rest.pop("faults")
    parsed = {
        "cycle": _modes(cycle) if "modes" in cycle else _batches(cycle),
        "maintenance": _build(Maintenance, rest.pop("maintenance"), "maintenance"),
        "signals": tuple(_signal(name, signals[name]) for name in signals),
        "faults": tuple(_fault(fault) for fault in faults),
    }
    for key, kind in {"shift": Shift, "wear": Wear}.items():
        if key in rest:
            parsed[key] = _build(kind, rest.pop(key), key)
    return _build(MachineSpec, rest | parsed, "machine")


def faults_of(spec: MachineSpec) -> list[str]:
    """Return everything about a spec that contradicts itself, in words."""
    faults = [fault for signal in spec.signals for fault in _faults_of_signal(spec, signal)]
    names = [signal.name for signal in spec.signals]
    for fault in spec.faults:
        if fault.kind not in ANOMALIES or fault.category not in {"sensor", "process"}:
            faults.append(f"fault {fault.kind}/{fault.category}: unknown kind or category")
        if not fault.effects or not set(fault.effects) <= set(names):
            faults.append(f"fault {fault.kind}: effects {list(fault.effects)} are not all signals")
        faults += _unknown_modes(spec, f"fault {fault.kind}", fault.during)
    if spec.wear:
        faults += _unknown_modes(spec, "wear", spec.wear.during)
    most_minutes = MAX_ANOMALOUS_SHARE * rows_in_year(2023) * MINUTES_PER_ROW
    if sum(fault.count * fault.minutes[1] for fault in spec.faults) > most_minutes:
        faults.append("faults may fill more than 5 % of the year")
    if not faults and (loop := _first_loop(spec)):
        faults.append(f"formula of {loop} depends on itself")
    return faults


def _faults_of_signal(spec: MachineSpec, signal: SignalSpec) -> list[str]:
    where, faults = f"signal {signal.name}", []
    if not re.fullmatch(r"[a-z][a-z0-9_]*", signal.name) or is_generic_name(signal.name):
        faults.append(f"{where}: expected a physical name in snake_case")
    levels = {"level": signal.level, **(signal.levels or {})}
    outside = [mode for mode, at in levels.items() if not signal.low <= at <= signal.high]
    if outside and not signal.formula:
        faults.append(f"{where}: {outside} outside of {signal.low} to {signal.high}")
    faults += _unknown_modes(spec, where, tuple(signal.levels or ()))
    known = {other.name for other in spec.signals} | ({formula.WEAR} if spec.wear else set())
    try:
        unknown = _checked_names(signal) - known
    except ValueError as error:
        return [*faults, f"{where}: {error}"]
    if unknown or (signal.wear and not spec.wear):
        faults.append(f"{where}: reads unknown {sorted(unknown) or formula.WEAR}")
    return faults


def _checked_names(signal: SignalSpec) -> frozenset[str]:
    if not signal.formula:
        return frozenset()
    names = formula.names_in(signal.formula)
    formula.terms_of(signal.formula)
    return names


def _unknown_modes(spec: MachineSpec, where: str, modes: Sequence[str]) -> list[str]:
    unknown = [mode for mode in modes if mode not in spec.modes]
    return [f"{where}: unknown modes {unknown}, expected of {list(spec.modes)}"] if unknown else []


def _first_loop(spec: MachineSpec) -> str:
    reads = {signal.name: _checked_names(signal) for signal in spec.signals}
    settled = {formula.WEAR}
    while ready := {name for name in reads if name not in settled and reads[name] <= settled}:
        settled |= ready
    return next((name for name in reads if name not in settled), "")


def _load_industry(folder: Path) -> Industry:
    path = folder / INDUSTRY_FILE
    table = _parse(path, _content(path))
    machines = tuple(load_machine(folder / f"{name}.toml") for name in table["machines"])
    return _build(Industry, {**table, "machines": machines}, f"{folder.name}/{INDUSTRY_FILE}")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AuthorError(f"catalogue file {path}: {error}") from error


def _parse(path: Path, content: bytes) -> Table:
    try:
        return tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AuthorError(f"catalogue file {path}: {error}") from error


def _batches(table: dict[str, Any]) -> Batches:
    steps = tuple((str(m), float(minutes), float(jitter)) for m, minutes, jitter in table["steps"])
    return _build(Batches, {**table, "steps": steps}, "cycle")


def _modes(table: dict[str, Any]) -> Modes:
    modes = {name: (float(dwell), float(w)) for name, (dwell, w) in table["modes"].items()}
    return _build(Modes, {**table, "modes": modes}, "cycle")


def _signal(name: str, table: Table) -> SignalSpec:
    rest = dict(table)
    low, high = rest.pop("range")
    ambient = _build(Ambient, rest.pop("ambient"), name) if "ambient" in rest else None
    return _build(
        SignalSpec, {**rest, "name": name, "low": low, "high": high, "ambient": ambient}, name
    )


def _fault(table: Table) -> FaultSpec:
    least, most = table["minutes"]
    return _build(FaultSpec, {**table, "minutes": (int(least), int(most))}, "fault")


def _build(kind: type[Spec], table: Table, where: str) -> Spec:
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(table) - set(fields))
    missing = [
        name
        for name, field in fields.items()
        if name not in table and field.default is dataclasses.MISSING
    ]
    if unknown or missing:
        raise ValueError(f"{where}: unknown keys {unknown}, missing keys {missing}")
    return kind(**{name: _frozen(fields[name].type, value) for name, value in table.items()})


def _frozen(annotation: object, value: Any) -> Any:
    if annotation is float:
        return float(value)
    return tuple(value) if isinstance(value, list) else value
