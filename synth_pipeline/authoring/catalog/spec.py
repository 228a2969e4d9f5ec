"""What the catalogue knows of a machine, as frozen values; how it is read is in `load`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from synth_pipeline.authoring.catalog import formula
from synth_pipeline.signal_kit import Cause, Maintenance, Modes, Recipe, Shift, Wear


@dataclass(frozen=True, slots=True)
class Setpoint:
    """What is asked for in each mode, `level` in all that `levels` does not name.

    `products` are factors for what is made; `lot` and `run` the relative standard deviation from
    one lot or run to the next, `units` the spread between units of a kind.
    """

    level: float = 0.0
    levels: Mapping[str, float] = field(default_factory=dict)
    products: Mapping[str, float] = field(default_factory=dict)
    lot: float = 0.0
    run: float = 0.0
    units: float = 0.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of the equations; `formula` may read `setpoint` where there is one."""

    name: str
    unit: str
    description: str
    formula: str = "setpoint"
    setpoint: Setpoint | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sensor:
    """How a quantity is shown: range and resolution in its unit, and what it is to the machine."""

    low: float
    high: float
    resolution: float
    role: str = "measurement"


@dataclass(frozen=True, slots=True)
class CauseSpec:
    """A cause under the name that formulas read, and why it comes up."""

    name: str
    cause: Cause
    why: str


@dataclass(frozen=True, slots=True)
class SensorFault:
    """A fault that stays at its sensor, `per_year` times on average.

    `size` is the largest change, in the signal's unit.
    """

    kind: str
    signal: str
    per_year: float
    minutes: tuple[int, int]
    why: str
    size: float = 0.0
    during: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """What physics demands, and a pair of signals that shows it; see `Recorder.couple`."""

    pair: tuple[str, str]
    sign: int
    level: str
    why: str


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """One kind of machine. `quantities` holds signals, too; `sensors` says which ones are shown."""

    kind: str
    description: str
    keywords: tuple[str, ...]
    schedule: Recipe | Modes
    maintenance: Maintenance
    quantities: tuple[Quantity, ...]
    sensors: Mapping[str, Sensor]
    causes: tuple[CauseSpec, ...]
    sensor_faults: tuple[SensorFault, ...]
    balances: tuple[Balance, ...]
    coefficients: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    products: Mapping[str, float] = field(default_factory=dict)
    shift: Shift | None = None
    wear: Wear | None = None
    wears: str = ""  # what wears
    stops_per_year: float = 0.0
    source: str = ""
    file_sha256: str = ""  # of the knowledge file it was read from

    @property
    def modes(self) -> tuple[str, ...]:
        """Every mode the machine can be in."""
        off_shift = [self.shift.mode] if self.shift else []
        return tuple(dict.fromkeys([*self.schedule.modes, *off_shift, "maintenance", "stop"]))

    @property
    def memory_hours(self) -> float:
        """How long what a cause did may last: twelve of the longest lags, at least half a day."""
        lags = [formula.longest_lag(each.formula) for each in self.quantities]
        return max(12.0, round(12 * max(lags, default=0.0) / 60, 1))

    @property
    def signals(self) -> tuple[Quantity, ...]:
        """The quantities that are shown."""
        return tuple(each for each in self.quantities if each.name in self.sensors)


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry the catalogue knows: its name, what else it is called, its machines in order.

    A machine's file is named for its kind, and read when it is asked for.
    """

    name: str
    synonyms: tuple[str, ...]
    files: tuple[str, ...]
    load: Callable[[str], MachineSpec]

    @property
    def machines(self) -> tuple[MachineSpec, ...]:
        """All of them."""
        return tuple(map(self.load, self.files))

    def machine(self, file: str) -> MachineSpec | None:
        """The machine of that file, None where there is none."""
        return self.load(file) if file in self.files else None
