"""Reads the knowledge files into `spec` values and refuses what cannot work."""

import dataclasses
import hashlib
import keyword
import re
import threading
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from synth_pipeline.authoring.catalog import formula
from synth_pipeline.authoring.catalog.matching import file_of
from synth_pipeline.authoring.catalog.spec import (
    Balance,
    CauseSpec,
    Industry,
    MachineSpec,
    Quantity,
    Sensor,
    SensorFault,
    Setpoint,
)
from synth_pipeline.domain.errors import AuthorError
from synth_pipeline.domain.names import is_generic_name
from synth_pipeline.signal_kit import (
    ANOMALIES,
    PATTERNS,
    ROLES,
    Cause,
    Maintenance,
    Modes,
    Recipe,
    Shift,
    Wear,
)

KNOWLEDGE = Path(__file__).parent / "knowledge"
INDUSTRY_FILE = "industry.toml"
WRITER = ("formula.py", "load.py", "render.py", "spec.py", "words.py")
HOURS_PER_YEAR = 8766
MAX_CAUSE_HOURS, MAX_CAUSE_SHARE = 40.0, 0.03  # of one event at most; of the year, on average
MAX_LAG_MINUTES = 240  # twelve of them are over within the lead of a year
MIN_CAUSES, MIN_BALANCES = 3, 3
SETPOINT_KEYS = ("level", "levels", "products", "lot", "run", "units")
DEFAULT_SPREAD = 0.15  # of a coefficient between units
_LOADING = threading.Lock()
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
    """Read one machine, once; raise AuthorError with every fault found in the file."""
    with _LOADING:  # `ast.parse` is not for several threads at a time, see `formula`
        return _read_once(path)


@cache
def _read_once(path: Path) -> MachineSpec:
    return read_machine(path)


def read_machine(path: Path) -> MachineSpec:
    """Read one machine's file as it is now; see `load_machine`."""
    content = _content(path)
    table = _parse(path, content)
    if base := table.get("based_on"):
        beside = path.parent.parent / f"{base}.toml"
        path_of_base = beside if beside.exists() else KNOWLEDGE / f"{base}.toml"
        below = _content(path_of_base)
        table = _merged(_parse(path_of_base, below), table)
        content += below
    try:
        spec = parse_machine({key: table[key] for key in table if key != "based_on"})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AuthorError(f"catalogue file {path}: {error}") from error
    faults = faults_of(spec)
    if path.stem != file_of(spec.kind):
        faults.append(f"a {spec.kind} belongs into {file_of(spec.kind)}.toml")
    if faults:
        raise AuthorError(f"catalogue file {path}: {'; '.join(faults)}")
    return dataclasses.replace(spec, file_sha256=hashlib.sha256(content).hexdigest())


def parse_machine(table: Table) -> MachineSpec:
    """Turn the content of a file into a spec; raise ValueError for unknown or missing keys."""
    rest = dict(table)
    signals = rest.pop("signals")
    wear = dict(rest.pop("wear", {}))
    parsed: dict[str, Any] = {
        "schedule": _schedule(dict(rest.pop("schedule"))),
        "maintenance": _build(Maintenance, rest.pop("maintenance"), "maintenance"),
        "coefficients": {n: _coefficient(v) for n, v in rest.pop("coefficients", {}).items()},
        "causes": tuple(_cause(name, each) for name, each in rest.pop("causes").items()),
        "sensor_faults": tuple(_sensor_fault(each) for each in rest.pop("sensor_faults")),
        "balances": tuple(_balance(each) for each in rest.pop("balances")),
        "sensors": {name: _sensor(name, each) for name, each in signals.items()},
        "quantities": tuple(
            _quantity(name, each)
            for name, each in [*rest.pop("quantities", {}).items(), *signals.items()]
        ),
        "wears": str(wear.pop("what", "")),
        "wear": _build(Wear, wear, "wear") if wear else None,
    }
    if "shift" in rest:
        parsed["shift"] = _build(Shift, rest.pop("shift"), "shift")
    if "products" in rest:
        parsed["products"] = _numbers(rest.pop("products"))
    return _build(MachineSpec, rest | parsed, "machine")


def _merged(base: Table, own: Table) -> Table:
    """The base with what a file says otherwise; lists are replaced as a whole."""
    merged = dict(base)
    for key, value in own.items():
        is_table = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if is_table else value
    return merged


def faults_of(spec: MachineSpec) -> list[str]:
    """Return everything about a spec that contradicts itself, in words."""
    faults = [fault for each in spec.quantities for fault in _faults_of_quantity(spec, each)]
    faults += [fault for each in spec.signals for fault in _faults_of_signal(spec, each)]
    names = [each.name for each in spec.quantities] + list(spec.coefficients)
    names += [each.name for each in spec.causes]
    taken = {*formula.FUNCTIONS, *formula.WORDS, "sim", "plan", "record"}
    twice = sorted({name for name in names if names.count(name) > 1 or name in taken})
    faults += [f"{name}: named twice, or a word of formulas" for name in twice]
    if spec.wear:
        faults += _unknown_modes(spec, "wear", spec.wear.during)
    faults += [fault for each in spec.causes for fault in _faults_of_cause(spec, each)]
    hours = sum(e.cause.per_year * sum(e.cause.hours) / 2 for e in spec.causes)
    if hours > MAX_CAUSE_SHARE * HOURS_PER_YEAR:
        faults.append(f"causes fill {hours / HOURS_PER_YEAR:.1%} of the year; expected at most 3 %")
    if len(spec.causes) < MIN_CAUSES or len(spec.balances) < MIN_BALANCES:
        faults.append(f"expected at least {MIN_CAUSES} causes and {MIN_BALANCES} balances")
    for fault in spec.sensor_faults:
        faults += _faults_of_sensor_fault(spec, fault)
    for balance in spec.balances:
        if not set(balance.pair) <= set(spec.sensors) or len(set(balance.pair)) != 2:
            faults.append(f"balance {balance.pair}: expected two signals")
        if balance.sign not in {1, -1} or balance.level not in {"run", "recipe", "year"}:
            faults.append(f"balance {balance.pair}: expected sign 1 or -1, level run, recipe, year")
    if not faults:
        loop = _first_loop(spec)
        faults += [f"formula of {loop} depends on itself"] if loop else _unread(spec)
    return faults


def _faults_of_quantity(spec: MachineSpec, quantity: Quantity) -> list[str]:
    where, faults = quantity.name, []
    if not re.fullmatch(r"[a-z][a-z0-9_]*", quantity.name) or keyword.iskeyword(quantity.name):
        faults.append(f"{where}: expected a name in snake_case")
    known = {each.name for each in spec.quantities} | {each.name for each in spec.causes}
    known |= {*spec.coefficients, "age"}
    known |= {"wear"} if spec.wear else set()
    known |= {"setpoint"} if quantity.setpoint is not None else set()
    try:
        unknown = formula.names_in(quantity.formula) - known
        modes = formula.modes_in(quantity.formula)
    except ValueError as error:
        return [*faults, f"{where}: {error}"]
    if unknown:
        faults.append(f"{where}: reads unknown {sorted(unknown)}")
    if formula.longest_lag(quantity.formula) > MAX_LAG_MINUTES:
        faults.append(f"{where}: expected lags of at most {MAX_LAG_MINUTES} minutes")
    if quantity.setpoint is not None:
        if "setpoint" not in formula.names_in(quantity.formula):
            faults.append(f"{where}: has levels, which its formula does not read as `setpoint`")
        modes |= set(quantity.setpoint.levels)
        products = sorted(set(quantity.setpoint.products) - set(spec.products))
        faults += [f"{where}: unknown products {products}"] if products else []
    return [*faults, *_unknown_modes(spec, where, sorted(modes))]


def _faults_of_signal(spec: MachineSpec, signal: Quantity) -> list[str]:
    sensor, faults = spec.sensors[signal.name], []
    if is_generic_name(signal.name):
        faults.append(f"signal {signal.name}: expected a physical name")
    if not sensor.low < sensor.high or sensor.role not in ROLES:
        faults.append(f"signal {signal.name}: expected low < high and a role of {list(ROLES)}")
    return faults


def _faults_of_cause(spec: MachineSpec, each: CauseSpec) -> list[str]:
    cause, where = each.cause, f"cause {each.name}"
    faults = _unknown_modes(spec, where, cause.during)
    least, most = cause.hours
    if cause.pattern not in PATTERNS or cause.ends not in {"repair", "recovery"}:
        faults.append(f"{where}: expected a pattern of {list(PATTERNS)}, ends repair or recovery")
    if not 0 < least <= most <= MAX_CAUSE_HOURS or not 0 < cause.reach <= 1 or cause.per_year <= 0:
        faults.append(f"{where}: expected per_year > 0, up to 40 hours and a reach up to 1")
    if cause.wear_factor and not spec.wear:
        faults.append(f"{where}: has a wear_factor, and nothing wears")
    return faults


def _unread(spec: MachineSpec) -> list[str]:
    read = frozenset().union(*(formula.names_in(each.formula) for each in spec.quantities))
    return [f"cause {each.name}: no formula reads it" for each in spec.causes
            if each.name not in read]  # fmt: skip


def _faults_of_sensor_fault(spec: MachineSpec, fault: SensorFault) -> list[str]:
    where = f"sensor fault {fault.kind} of {fault.signal}"
    faults = _unknown_modes(spec, where, fault.during)
    if fault.kind not in ANOMALIES or fault.signal not in spec.sensors:
        faults.append(f"{where}: unknown kind or signal")
    least, most = fault.minutes
    if fault.per_year <= 0 or not 1 <= least <= most:
        faults.append(f"{where}: expected per_year > 0 and 1 <= least <= most minutes")
    if not fault.size and fault.kind not in {"stuck", "dropout"}:
        faults.append(f"{where}: expected a size")
    return faults


def _unknown_modes(spec: MachineSpec, where: str, modes: Sequence[str]) -> list[str]:
    unknown = [mode for mode in modes if mode not in spec.modes]
    return [f"{where}: unknown modes {unknown}, expected of {list(spec.modes)}"] if unknown else []


def _first_loop(spec: MachineSpec) -> str:
    reads = {each.name: formula.names_in(each.formula) & {q.name for q in spec.quantities}
             for each in spec.quantities}  # fmt: skip
    settled: set[str] = set()
    while ready := {name for name in reads if name not in settled and reads[name] <= settled}:
        settled |= ready
    return next((name for name in reads if name not in settled), "")


def _load_industry(folder: Path) -> Industry:
    path = folder / INDUSTRY_FILE
    table = _parse(path, _content(path))
    unknown = sorted(set(table) ^ {"name", "synonyms", "machines"})
    if unknown:
        raise AuthorError(f"catalogue file {path}: unknown or missing {unknown}")
    return Industry(
        table["name"],
        tuple(table["synonyms"]),
        tuple(table["machines"]),
        lambda file: load_machine(folder / f"{file}.toml"),
    )


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


def _schedule(table: dict[str, Any]) -> Recipe | Modes:
    if "modes" in table:
        dwell = {name: (float(d), float(w)) for name, (d, w) in table.pop("modes").items()}
        return _build(Modes, {**table, "dwell": dwell}, "schedule")
    steps = tuple((str(m), float(minutes), float(jitter)) for m, minutes, jitter in table["steps"])
    return _build(Recipe, {**table, "steps": steps}, "schedule")


def _coefficient(value: object) -> tuple[float, float]:
    """A number, or a number and how far units differ in it."""
    if isinstance(value, list):
        number, spread = value
        return float(number), float(spread)
    return float(value), DEFAULT_SPREAD  # type: ignore[arg-type]


def _quantity(name: str, table: Table) -> Quantity:
    rest = {key: value for key, value in table.items() if key not in _SENSOR_KEYS}
    asked = {key: rest.pop(key) for key in SETPOINT_KEYS if key in rest}
    setpoint = _build(Setpoint, asked, name) if asked else None
    if "is" in rest:
        rest["formula"] = " ".join(rest.pop("is").split())
    elif setpoint is None:
        raise ValueError(f"{name}: expected `is`, a formula, or levels")
    return _build(Quantity, {"unit": "", **rest, "name": name, "setpoint": setpoint}, name)


_SENSOR_KEYS = ("range", "resolution", "role")


def _sensor(name: str, table: Table) -> Sensor:
    rest = {key: table[key] for key in _SENSOR_KEYS if key in table}
    low, high = rest.pop("range")
    return _build(Sensor, {**rest, "low": low, "high": high}, name)


def _cause(name: str, table: Table) -> CauseSpec:
    rest = dict(table)
    why = rest.pop("why")
    for key in ("hours", "repair_hours"):
        if key in rest:
            least, most = rest[key]
            rest[key] = (float(least), float(most))
    rest["name"] = rest.pop("component")
    return CauseSpec(name, _build(Cause, rest, f"cause {name}"), str(why))


def _sensor_fault(table: Table) -> SensorFault:
    least, most = table["minutes"]
    minutes = (int(least), int(most))
    return _build(SensorFault, {**table, "minutes": minutes}, "sensor fault")


def _balance(table: Table) -> Balance:
    first, second = table["pair"]
    return _build(Balance, {**table, "pair": (str(first), str(second))}, "balance")


def _numbers(table: Table) -> dict[str, float]:
    return {str(name): float(value) for name, value in table.items()}


def _build(kind: type[Spec], table: Table, where: str) -> Spec:
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(table) - set(fields))
    missing = [
        name
        for name, field in fields.items()
        if name not in table and field.default is field.default_factory is dataclasses.MISSING
    ]
    if unknown or missing:
        raise ValueError(f"{where}: unknown keys {unknown}, missing keys {missing}")
    return kind(**{name: _frozen(fields[name].type, value) for name, value in table.items()})


def _frozen(annotation: object, value: Any) -> Any:
    if annotation is float:
        return float(value)
    if isinstance(value, dict):
        return {name: float(v) if isinstance(v, int) else v for name, v in value.items()}
    return tuple(value) if isinstance(value, list) else value
