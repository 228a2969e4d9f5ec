"""What the catalogue knows of a machine, as frozen values; how it is read is in `load`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Batches:
    """Recipe steps (mode, mean minutes, jitter), `per_lot` recipes a lot, waits between lots."""

    steps: tuple[tuple[str, float, float], ...]
    idle_minutes: float
    per_lot: int = 1
    idle: str = "idle"


@dataclass(frozen=True, slots=True)
class Modes:
    """Operating modes of a machine that runs continuously: (mean dwell minutes, weight)."""

    modes: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time; `mode` holds outside of it."""

    mode: str
    days: int = 5
    start_hour: float = 6.0
    end_hour: float = 22.0


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned stops; `mode` holds while they last."""

    every_days: float
    hours: float
    mode: str = "maintenance"


@dataclass(frozen=True, slots=True)
class Wear:
    """What wears while one of the modes `during` holds, and after how many hours it is worn."""

    what: str
    full_hours: float
    during: tuple[str, ...]
    every: int = 1


@dataclass(frozen=True, slots=True)
class Ambient:
    """Influence of the surroundings, in the signal's unit."""

    daily: float = 0.0
    seasonal: float = 0.0
    weather: float = 0.0


@dataclass(frozen=True, slots=True)
class SignalSpec:
    """One signal: setpoint per mode, lag, formula of other signals, wear, wander and noise.

    `level` holds in every mode that `levels` does not name. With `relative`, wear, wander,
    ambient and noise are shares of the value, so that they vanish when the machine is off.
    """

    name: str
    unit: str
    description: str
    resolution: float
    low: float
    high: float
    level: float = 0.0
    levels: Mapping[str, float] | None = None
    lag_minutes: float = 0.0
    spread: float = 0.0
    formula: str = ""
    relative: bool = False
    wear: float = 0.0
    wander: float = 0.0
    wander_days: float = 20.0
    ambient: Ambient | None = None
    noise: float = 0.0
    noise_minutes: float = 30.0
    white: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A typical fault: `effects` gives each affected signal its change, the root first."""

    kind: str
    category: str
    root_cause: str
    effects: Mapping[str, float]
    count: int
    minutes: tuple[int, int]
    why: str
    during: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """One kind of machine."""

    kind: str
    description: str
    keywords: tuple[str, ...]
    cycle: Batches | Modes
    maintenance: Maintenance
    signals: tuple[SignalSpec, ...]
    faults: tuple[FaultSpec, ...]
    shift: Shift | None = None
    wear: Wear | None = None
    file_sha256: str = ""  # of the knowledge file it was read from

    @property
    def modes(self) -> tuple[str, ...]:
        """Every mode the machine can be in."""
        if isinstance(self.cycle, Batches):
            running = [*(mode for mode, _, _ in self.cycle.steps), self.cycle.idle]
        else:
            running = list(self.cycle.modes)
        off_shift = [self.shift.mode] if self.shift else []
        return tuple(dict.fromkeys([*running, *off_shift, self.maintenance.mode]))


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry the catalogue knows: its name, what else it is called, its machines in order."""

    name: str
    synonyms: tuple[str, ...]
    machines: tuple[MachineSpec, ...]
