"""Makes one unit of a kind differ from the next, within the tolerances of real machines."""

import dataclasses
import random
from collections.abc import Mapping

from synth_pipeline.authoring.catalog.spec import (
    Batches,
    FaultSpec,
    MachineSpec,
    Modes,
    SignalSpec,
)

SETPOINT_TOLERANCE = 0.03
TIME_TOLERANCE = 0.12
NOISE_TOLERANCE = 0.15
WEAR_TOLERANCE = 0.2


def vary(spec: MachineSpec, key: str) -> MachineSpec:
    """Return the machine with setpoints, times, wear and noise scaled; equal key, equal machine."""
    dice = _Dice(random.Random(f"{spec.kind}:{key}"))  # noqa: S311  # tolerances, not secrets
    wear = spec.wear and dataclasses.replace(
        spec.wear, full_hours=dice.scale(spec.wear.full_hours, WEAR_TOLERANCE)
    )
    return dataclasses.replace(
        spec,
        cycle=_vary_cycle(spec.cycle, dice),
        wear=wear,
        signals=tuple(_vary_signal(signal, dice) for signal in spec.signals),
        faults=tuple(_vary_fault(fault, dice) for fault in spec.faults),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Dice:
    random: random.Random

    def factor(self, tolerance: float) -> float:
        """Return a factor within the tolerance around one."""
        return self.random.uniform(1 - tolerance, 1 + tolerance)

    def scale(self, value: float, tolerance: float) -> float:
        """Return the value times such a factor, to four digits, as a person would write it."""
        return float(f"{value * self.factor(tolerance):.4g}")


def _vary_cycle(cycle: Batches | Modes, dice: _Dice) -> Batches | Modes:
    if isinstance(cycle, Modes):
        modes = {
            mode: (max(1.0, dice.scale(dwell, TIME_TOLERANCE)), weight)
            for mode, (dwell, weight) in cycle.modes.items()
        }
        return Modes(modes)
    steps = tuple(
        (mode, max(1.0, dice.scale(minutes, TIME_TOLERANCE)), jitter)
        for mode, minutes, jitter in cycle.steps
    )
    idle_minutes = dice.scale(cycle.idle_minutes, TIME_TOLERANCE)
    return dataclasses.replace(cycle, steps=steps, idle_minutes=idle_minutes)


def _vary_signal(signal: SignalSpec, dice: _Dice) -> SignalSpec:
    setpoint, noise = dice.factor(SETPOINT_TOLERANCE), dice.factor(NOISE_TOLERANCE)

    def setpoint_of(level: float) -> float:
        scaled = float(f"{level * setpoint:.4g}")
        return scaled if signal.formula else min(max(scaled, signal.low), signal.high)

    levels: Mapping[str, float] | None = signal.levels
    return dataclasses.replace(
        signal,
        level=setpoint_of(signal.level),
        levels=levels and {mode: setpoint_of(level) for mode, level in levels.items()},
        lag_minutes=dice.scale(signal.lag_minutes, TIME_TOLERANCE),
        wear=dice.scale(signal.wear, WEAR_TOLERANCE),
        wander=dice.scale(signal.wander, NOISE_TOLERANCE),
        noise=float(f"{signal.noise * noise:.4g}"),
        white=float(f"{signal.white * noise:.4g}"),
    )


def _vary_fault(fault: FaultSpec, dice: _Dice) -> FaultSpec:
    effects = {name: dice.scale(size, TIME_TOLERANCE) for name, size in fault.effects.items()}
    return dataclasses.replace(fault, effects=effects)
