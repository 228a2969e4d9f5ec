"""Building blocks for one machine's year of minute readings, and the writer of its files.

Self-contained (standard library, numpy, pyarrow): it is copied beside each generator.
Typical use::

    sim = Simulation.from_env("Coolant Pump")
    cycle = sim.modes({"running": (600, 9), "standby": (90, 1)})
    speed = lag(cycle.level("speed_rpm", {"running": 1480.0}), tau_minutes=2)
    speed *= 1 + sim.noise("speed_rpm", sd=0.004, tau_minutes=20)
    recorder = Recorder(sim)
    recorder.add("speed_rpm", speed, unit="rpm", description="Shaft speed",
                 resolution=1, low=0, high=1800)
    recorder.fault("spike", "sensor", "speed_rpm", {"speed_rpm": 150}, count=6, minutes=(1, 3))
    recorder.write()
"""

# ruff: noqa: ARG001  # every anomaly takes the same arguments
import calendar
import datetime
import hashlib
import math
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["Cycle", "Event", "Floats", "Mask", "Recorder", "Simulation", "lag", "wear"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

DATASET_FILE = "dataset.parquet"
LABEL_FILE = "anomalies.parquet"
PATCH_FILE = "patch.parquet"
# From one row to the next; the only place that says so. It divides an hour.
SAMPLING_INTERVAL_S = 60
MINUTES_PER_ROW = SAMPLING_INTERVAL_S / 60
ROWS_PER_HOUR = 3600 // SAMPLING_INTERVAL_S
ROWS_PER_DAY = 24 * ROWS_PER_HOUR
ROWS_PER_HALF_DAY = ROWS_PER_DAY // 2  # about the square root of a year's
ROWS_PER_SPELL = max(1, round(16 / MINUTES_PER_ROW))  # of one loudness, on average
MAX_ANOMALOUS_SHARE = 0.05
GUARD_ROWS = ROWS_PER_HOUR
PLACEMENTS_TRIED = 600
MAX_LOUDNESS = 2.5  # more would look like an anomaly that no label explains
SEVERITY_MEDIUM_SD, SEVERITY_HIGH_SD = 1.0, 3.0


# --- time, randomness and what the surroundings do ----------------------------------------


class Simulation:
    """The minute grid of one year and the random streams of one machine.

    Every random part is drawn from a stream of its own, derived from seed, machine, year and
    name: adding a signal or a fault leaves all others as they were, and each name can be used
    once per method. All arrays returned have one value a minute, shape `(rows,)`.
    """

    def __init__(self, machine: str, year: int, seed: int, *, anomalies: bool = True) -> None:
        self.machine, self.year, self.seed, self.anomalies = machine, year, seed, anomalies
        self.rows = rows_in_year(year)
        self._used: set[str] = set()

    @classmethod
    def from_env(cls, machine: str) -> Self:
        """Read SYNTH_YEAR (default: last full year), SYNTH_SEED (0) and SYNTH_ANOMALIES (on)."""
        last_year = datetime.datetime.now(datetime.UTC).year - 1
        anomalies = os.environ.get("SYNTH_ANOMALIES", "on").strip().lower()
        if anomalies not in {"on", "off"}:
            raise ValueError(f"SYNTH_ANOMALIES={anomalies!r}: expected on or off")
        year, seed = _int_from_env("SYNTH_YEAR", last_year), _int_from_env("SYNTH_SEED", 0)
        return cls(machine, year, seed, anomalies=anomalies == "on")

    @property
    def timestamps(self) -> npt.NDArray[np.datetime64]:
        """Every minute of the year as datetime64[ms], from 1 January 00:00 to 31 December 23:59."""
        first = np.datetime64(f"{self.year:04d}-01-01T00:00", "ms")
        return first + np.arange(self.rows) * np.timedelta64(1000 * SAMPLING_INTERVAL_S, "ms")

    def stream(self, name: str) -> np.random.Generator:
        """Random generator of that name; raises ValueError when the name was used before."""
        if name in self._used:
            raise ValueError(f"random stream {name!r} is already in use; give this part a new name")
        self._used.add(name)
        key = f"{self.seed}\0{self.machine}\0{self.year}\0{name}"
        digest = hashlib.sha256(key.encode()).digest()
        words = np.frombuffer(digest, dtype="<u4").astype(np.uint32)
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(words.tolist())))

    def noise(self, name: str, sd: float, tau_minutes: float = 0.0, tails: float = 5.0) -> Floats:
        """Zero-mean noise of standard deviation `sd` and correlation time `tau_minutes`.

        Tau 0 is white, above 0 an AR(1) process with coefficient exp(-1/tau). Its size swells
        and falls in spells of some quarter of an hour as a Student-t mixture does, cut at 2.5
        sd: `tails` is the degrees of freedom, above 2; `math.inf` gives plain Gaussian noise.
        """
        if sd < 0 or tau_minutes < 0 or tails <= 2:
            raise ValueError(f"noise {name!r}: expected sd >= 0, tau_minutes >= 0 and tails > 2")
        rng = self.stream(f"noise:{name}")
        keep = math.exp(-MINUTES_PER_ROW / tau_minutes) if tau_minutes else 0.0
        scale = sd * math.sqrt(1 - keep * keep)
        # Drawn half day beside half day, as `_settle` needs it; white noise is in order of time.
        width = ROWS_PER_HALF_DAY if keep else self.rows
        shocks = rng.standard_normal((width, self.rows // width))
        if math.isfinite(tails):
            loudness = self._spells(rng, tails) * scale
            shocks *= loudness.reshape(-1, width).T
        else:
            shocks *= scale
        if not keep:
            return shocks.ravel()
        shocks[0, 0] /= math.sqrt(1 - keep * keep)
        _settle(shocks, keep)
        return shocks.T.reshape(-1)

    def _spells(self, rng: np.random.Generator, tails: float) -> Floats:
        """Loudness of every row, which holds for a spell of geometric length; mean square 1."""
        lengths = np.empty(0, np.int64)
        while lengths.sum() < self.rows:
            some = rng.geometric(1 / ROWS_PER_SPELL, 1 + self.rows // ROWS_PER_SPELL)
            lengths = np.concatenate([lengths, some])
        sizes = rng.standard_gamma(tails / 2, lengths.size) * 2
        loudness = np.minimum(np.sqrt((tails - 2) / sizes), MAX_LOUDNESS)
        return np.repeat(loudness, lengths)[: self.rows]

    def wander(self, name: str, sd: float, tau_days: float = 20.0) -> Floats:
        """Zero-mean random walk that reverts (Ornstein-Uhlenbeck) within about `tau_days`."""
        if sd < 0 or tau_days <= 0:
            raise ValueError(f"wander {name!r}: expected sd >= 0 and tau_days > 0")
        return self._hourly(self._walk(self.stream(f"drift:{name}"), sd, tau_days))

    def ambient(self, name: str, daily: float, seasonal: float, weather: float) -> Floats:
        """Zero-mean outdoor influence, in the signal's unit.

        `daily` and `seasonal` are amplitudes (warmest about 15:00 and late July; the daily one
        comes and goes within days), `weather` is the standard deviation of spells of some two
        days.
        """
        rng = self.stream(f"ambient:{name}")
        hours = np.arange(self.rows // ROWS_PER_HOUR + 1)
        sunny = np.clip(1 + self._walk(rng, 0.5, 1.5), 0.1, 2.0)
        wave = daily * sunny * np.cos(2 * np.pi * (hours % 24 - 15) / 24)
        wave += seasonal * np.cos(2 * np.pi * (hours / 24 - 205) / 365.25)
        return self._hourly(wave + self._walk(rng, weather, 2.0))

    def shifts(self, days: int = 5, start_hour: float = 6, end_hour: float = 22) -> Mask:
        """True in working time: the first `days` days of each week (from Monday), these hours."""
        if not (1 <= days <= 7 and 0 <= start_hour < end_hour <= 24):
            raise ValueError("shifts: expected 1 to 7 days and 0 <= start_hour < end_hour <= 24")
        row = np.arange(7 * ROWS_PER_DAY)
        hour = row % ROWS_PER_DAY / ROWS_PER_HOUR
        week = (row < days * ROWS_PER_DAY) & (hour >= start_hour) & (hour < end_hour)
        monday_offset = calendar.weekday(self.year, 1, 1) * ROWS_PER_DAY
        return np.resize(np.roll(week, -monday_offset), self.rows)

    def maintenance(self, every_days: float, hours: float, name: str = "planned") -> Mask:
        """True during planned maintenance: about every `every_days`, for `hours`.

        It begins at a quarter of an hour between 6:00 and 13:45, most often about 8:00.
        """
        if every_days < 1 or hours <= 0:
            raise ValueError("maintenance: expected every_days >= 1 and hours > 0")
        rng = self.stream(f"maintenance:{name}")
        total_days = self.rows / ROWS_PER_DAY
        due = np.arange(rng.uniform(0.3, 1.0) * every_days, total_days - 1, every_days)
        slip = rng.normal(0, 0.04 * every_days, due.size)
        days = np.clip(np.rint(due + slip), 0, total_days - 1)
        quarters = np.clip(np.rint(4 * (6 + rng.gamma(2.5, 0.9, due.size))), 24, 55)
        starts = days * ROWS_PER_DAY + quarters * ROWS_PER_HOUR / 4
        mask = np.zeros(self.rows, dtype=np.bool_)
        for start, length in zip(starts, hours * rng.uniform(0.7, 1.4, due.size), strict=True):
            mask[int(start) : int(start + ROWS_PER_HOUR * length)] = True
        return mask

    def batches(
        self,
        steps: Sequence[tuple[str, float, float]],
        *,
        per_lot: int = 1,
        idle: str = "idle",
        idle_minutes: float = 30.0,
    ) -> "Cycle":
        """Recipe after recipe: `steps` of (mode, mean minutes >= 1, relative jitter).

        A lot is the recipe `per_lot` times without a break; between lots the machine waits
        in mode `idle` for exponentially distributed times of mean `idle_minutes`.
        """
        if not steps or per_lot < 1 or idle_minutes < 0 or any(m < 1 for _, m, _ in steps):
            raise ValueError("batches: expected steps of at least 1 minute, per_lot >= 1")
        rng = self.stream("cycle")
        names = tuple(dict.fromkeys([*(mode for mode, _, _ in steps), idle]))
        mean = np.tile([minutes / MINUTES_PER_ROW for _, minutes, _ in steps], per_lot)
        idle_rows = idle_minutes / MINUTES_PER_ROW
        jitter = np.tile([share for _, _, share in steps], per_lot)
        offset = int(rng.integers(int(mean.sum()) + 1))
        lots = int(1.5 * (self.rows + offset) / (mean.sum() + idle_rows)) + 10
        runs = mean * (1 + jitter * np.clip(rng.standard_normal((lots, mean.size)), -2.5, 4))
        runs = np.maximum(1, np.rint(runs))
        waits = np.rint(rng.exponential(idle_rows, (lots, 1)))
        lengths = np.hstack([runs, waits]).astype(np.int64).ravel()
        codes = [*np.tile([names.index(mode) for mode, _, _ in steps], per_lot), names.index(idle)]
        return Cycle(self, names, self._expand(np.tile(codes, lots), lengths, offset))

    def modes(self, modes: Mapping[str, tuple[float, float]]) -> "Cycle":
        """Wander between modes given as {name: (mean dwell minutes, weight)}.

        A semi-Markov chain: dwell times are log-normal, the next mode is drawn among the
        others in proportion to their weights.
        """
        if len(modes) < 2 or any(dwell < 1 or weight <= 0 for dwell, weight in modes.values()):
            raise ValueError("modes: expected two or more of dwell >= 1 minute and weight > 0")
        rng = self.stream("cycle")
        names = tuple(modes)
        dwell = np.array([minutes / MINUTES_PER_ROW for minutes, _ in modes.values()])
        weights = np.array([pair[1] for pair in modes.values()])
        table = np.tile(weights, (len(names), 1)) * (1 - np.eye(len(names)))
        steps = np.cumsum(table / table.sum(axis=1, keepdims=True), axis=1).tolist()
        codes, mode, lengths = [], int(weights.argmax()), np.empty(0)
        while lengths.sum() < self.rows:
            for draw in rng.random(1 + int(1.2 * self.rows / dwell.max())).tolist():
                codes.append(mode)
                mode = min(bisect_left(steps[mode], draw), len(names) - 1)
            fresh = dwell[codes[lengths.size :]] * rng.lognormal(
                -0.18, 0.6, len(codes[lengths.size :])
            )
            lengths = np.concatenate([lengths, np.maximum(1, np.rint(fresh))])
        return Cycle(self, names, self._expand(np.array(codes), lengths.astype(np.int64), 0))

    def _expand(
        self, codes: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], offset: int
    ) -> npt.NDArray[np.int8]:
        return np.repeat(codes.astype(np.int8), lengths)[offset : offset + self.rows]

    def _walk(self, rng: np.random.Generator, sd: float, tau_days: float) -> Floats:
        keep = math.exp(-1 / (24 * tau_days))
        shocks = rng.standard_normal(self.rows // ROWS_PER_HOUR + 1) * sd
        shocks[1:] *= math.sqrt(1 - keep * keep)
        return _recursion(shocks, keep)

    def _hourly(self, values: Floats) -> Floats:
        steps = (np.diff(values) / ROWS_PER_HOUR)[:, None] * np.arange(ROWS_PER_HOUR)
        return (values[:-1, None] + steps).ravel()


class Cycle:
    """Which operating mode holds at every minute; made by `Simulation.batches` or `.modes`."""

    def __init__(
        self, sim: Simulation, names: tuple[str, ...], index: npt.NDArray[np.int8]
    ) -> None:
        self.names = names
        self._sim, self._index = sim, index
        edges = np.flatnonzero(np.diff(index)) + 1
        self._starts = np.concatenate([[0], edges])
        self._lengths = np.diff(np.concatenate([self._starts, [index.size]]))

    def override(self, mask: Mask, mode: str) -> "Cycle":
        """Return the cycle with `mode` wherever `mask` holds: maintenance, or time off shift."""
        names = self.names if mode in self.names else (*self.names, mode)
        return Cycle(self._sim, names, np.where(mask, np.int8(names.index(mode)), self._index))

    def where(self, *modes: str) -> Mask:
        """True while one of these modes holds."""
        self._require(modes)
        return np.isin(np.arange(len(self.names)), [self.names.index(m) for m in modes])[
            self._index
        ]

    def level(
        self, name: str, levels: Mapping[str, float], *, otherwise: float = 0.0, spread: float = 0.0
    ) -> Floats:
        """Setpoint of signal `name` at every minute: its level in each mode.

        Modes not named get `otherwise`. `spread` is the relative standard deviation of the
        setpoint from one run of a mode to the next (product mix, operators).
        """
        self._require(tuple(levels))
        table = np.array([levels.get(mode, otherwise) for mode in self.names], dtype=np.float64)
        runs = table[self._index[self._starts]]
        if spread:
            wobble = self._sim.stream(f"level:{name}").standard_normal(runs.size)
            runs = runs * (1 + spread * np.clip(wobble, -3, 3))
        return np.repeat(runs, self._lengths)

    def _require(self, modes: Sequence[str]) -> None:
        unknown = [mode for mode in modes if mode not in self.names]
        if unknown:
            raise ValueError(f"unknown modes {unknown}; this cycle has {list(self.names)}")


# --- physics ------------------------------------------------------------------------------


def lag(values: Floats, tau_minutes: float) -> Floats:
    """First-order lag: the response of a body with time constant `tau_minutes` to `values`.

    Solves tau dy/dt = x - y exactly for inputs that hold from row to row (zero-order hold), with
    rows a minute apart y[t] = a y[t-1] + (1-a) x[t], a = exp(-1/tau), from values[0]. Tau 0 copies.
    The response never leaves the range of `values`.
    """
    if tau_minutes < 0:
        raise ValueError(f"lag: expected tau_minutes >= 0, got {tau_minutes}")
    if tau_minutes == 0:
        return values.copy()
    keep = math.exp(-MINUTES_PER_ROW / tau_minutes)
    lowest, highest = float(values.min()), float(values.max())
    # Held above zero by its own span: a decay towards zero would end in slow denormals.
    base = lowest - (highest - lowest or abs(lowest) or 1.0)
    grid = _grid(values - base)
    grid *= 1 - keep
    grid[0, 0] = values[0] - base
    _settle(grid, keep)
    result: Floats = grid.T.reshape(-1)[: values.size]
    result += base
    np.clip(result, lowest, highest, out=result)  # rounding may have passed them
    return result


def wear(running: Mask, maintenance: Mask, full_hours: float, every: int = 1) -> Floats:
    """Wear, 0 when new and 1 after `full_hours` of running, back to 0 at maintenance.

    Only every `every`-th maintenance window resets it.
    """
    if full_hours <= 0 or every < 1:
        raise ValueError("wear: expected full_hours > 0 and every >= 1")
    hours = np.cumsum(running) / ROWS_PER_HOUR
    starts = np.flatnonzero(np.diff(maintenance.astype(np.int8), prepend=np.int8(0)) == 1)
    resets = starts[every - 1 :: every]
    bounds = np.concatenate([[0], resets, [running.size]])
    zero = np.concatenate([[0.0], hours[resets]])
    worn = (hours - np.repeat(zero, np.diff(bounds))) / full_hours
    return np.asarray(np.maximum(worn, 0.0))


def rows_in_year(year: int) -> int:
    """Rows of a calendar year: 525,600 minutes, or 527,040 in a leap year."""
    return (366 if calendar.isleap(year) else 365) * ROWS_PER_DAY


def _rows(minutes: float) -> int:
    return max(1, round(minutes / MINUTES_PER_ROW))


def sense(values: Floats, resolution: float, low: float, high: float) -> Floats:
    """What a sensor shows: clipped to its range and rounded to its resolution.

    `resolution` is a whole number or one over a whole number (5, 1, 0.5, 0.01, 0.025), so
    that readings are clean decimals.
    """
    inverse = round(1 / resolution) if 0 < resolution < 1 else 1
    step = 1 if inverse > 1 else round(resolution)
    if step < 1 or not math.isclose(step / inverse, resolution, rel_tol=1e-9):
        raise ValueError(f"resolution {resolution}: expected a whole number or one over one")
    shown = np.clip(values, low, high)
    shown *= inverse / step
    np.rint(shown, out=shown)
    if inverse > 1:
        shown /= inverse
    elif step > 1:
        shown *= step
    np.clip(shown, low, high, out=shown)
    shown += 0.0  # no negative zeros
    return shown


def _recursion(shocks: Floats, keep: float) -> Floats:
    """Solve y[t] = keep * y[t-1] + shocks[t]."""
    grid = _grid(shocks)
    _settle(grid, keep)
    return grid.T.reshape(-1)[: shocks.size]


def _grid(values: Floats) -> Floats:
    """Lay values out with time down the columns, one block after another, zeros at the end."""
    rows = values.size
    width = math.isqrt(rows - 1) + 1 if rows % ROWS_PER_HALF_DAY else ROWS_PER_HALF_DAY
    missing = -rows % width
    padded = np.concatenate([values, np.zeros(missing)]) if missing else values
    return np.array(padded.reshape(-1, width).T, order="C")


def _settle(grid: Floats, keep: float) -> None:
    """Solve y[t] = keep * y[t-1] + shocks[t] in place, one row a step in all blocks."""
    width, blocks = grid.shape
    scratch = np.empty(blocks)
    steps = list(grid)
    for before, step in pairwise(steps):
        np.multiply(before, keep, out=scratch)
        np.add(step, scratch, out=step)
    carries, carry, whole = np.zeros(blocks), 0.0, keep**width
    for block, last in enumerate(steps[-1][:-1].tolist(), 1):
        carry = carry * whole + last
        carries[block] = carry
    powers = keep ** np.arange(1, width + 1, dtype=np.float64)
    live = int((powers > 1e-30).sum())
    grid[:live] += powers[:live, None] * carries


# --- anomalies: each turns a stretch of clean readings into faulty ones -----------------------


def spike(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Jump by `size` that dies away within minutes."""
    return np.asarray(clean + size * np.exp(-np.arange(clean.size) * MINUTES_PER_ROW / 1.5))


def level_shift(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Offset of `size`, reached within the first tenth of the event."""
    ramp = np.arange(1, clean.size + 1) / max(1.0, clean.size / 10)
    return clean + size * np.minimum(ramp, 1.0)


def drift(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Offset that grows steadily up to `size`."""
    return clean + size * np.arange(1, clean.size + 1) / clean.size


def stuck(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """First reading repeated; `size` has no meaning."""
    return np.full_like(clean, clean[0])


def dropout(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """No readings at all; `size` has no meaning."""
    return np.full_like(clean, np.nan)


def noise_burst(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """White noise on top, with `size` as its standard deviation."""
    return clean + size * rng.standard_normal(clean.size)


def saturation(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """At the upper end of the range, or at the lower end where `size` is negative."""
    return np.full_like(clean, math.copysign(math.inf, size))


def oscillation(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Hunting with `size` as amplitude and a period of 6 to 20 minutes."""
    period, phase = rng.uniform(6, 20), rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * np.arange(clean.size) * MINUTES_PER_ROW / period + phase)
    return np.asarray(clean + size * wave)


ANOMALIES: Mapping[str, Callable[[Floats, float, np.random.Generator], Floats]] = {
    shape.__name__: shape
    for shape in (
        spike, level_shift, drift, stuck, dropout, noise_burst, saturation, oscillation
    )
}  # fmt: skip


# --- recording ------------------------------------------------------------------------------


class _Sensor(NamedTuple):
    unit: str
    description: str
    resolution: float
    low: float
    high: float
    sd: float


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: str
    category: str
    root_cause: str
    effects: dict[str, float]
    count: int
    rows: tuple[int, int]
    during: Mask | None


class Event(NamedTuple):
    """One anomaly as delivered: its label, from first to last changed row, both inclusive."""

    start: int
    end: int
    kind: str
    category: str
    root_cause: str
    affected: tuple[str, ...]
    severity: str


class Recorder:
    """Collects signals as sensors show them, places the faults, writes both files."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._sensors: dict[str, _Sensor] = {}
        self._readings: dict[str, Floats] = {}
        self._faults: list[_Fault] = []
        self._changed: list[tuple[str, npt.NDArray[np.int32], Floats]] = []

    def add(
        self, name: str, values: Floats, *,
        unit: str, description: str, resolution: float, low: float, high: float,
    ) -> None:  # fmt: skip
        """Record a signal, shape `(rows,)`, as a sensor of this resolution and range shows it.

        Raises ValueError for a name that is not fresh snake_case, a wrong shape, values that
        are not finite, or a signal that never moves.
        """
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in self._sensors:
            raise ValueError(f"signal {name!r}: expected a new name in snake_case with its unit")
        if values.shape != (self._sim.rows,):
            raise ValueError(
                f"signal {name!r}: shape {values.shape}, expected {self._sim.rows} rows"
            )
        shown = sense(values, resolution, low, high)
        sd = float(shown.std())
        if not sd > 0:
            raise ValueError(
                f"signal {name!r}: constant or not finite within {low} to {high} {unit}"
            )
        self._sensors[name] = _Sensor(unit, description, resolution, low, high, sd)
        self._readings[name] = shown

    def fault(
        self, kind: str, category: str, root_cause: str, effects: Mapping[str, float], *,
        count: int, minutes: tuple[int, int], during: Mask | None = None,
    ) -> None:  # fmt: skip
        """Ask for `count` events of a kind, each lasting `minutes` (least, most).

        `kind` is spike, level_shift, drift, stuck, dropout, noise_burst, saturation or
        oscillation; `category` is sensor or process, `root_cause` a signal or component.
        `effects` maps each affected signal, the root first, to the size of the change in its
        own unit (of saturation only the sign counts, of stuck and dropout nothing). With
        `during`, events begin and end while the mask holds and show only where it holds.
        Raises ValueError for unknown words and where all faults may exceed 5 % of the year.
        """
        if kind not in ANOMALIES or category not in {"sensor", "process"}:
            raise ValueError(f"fault {kind!r}/{category!r}: expected one of {list(ANOMALIES)}")
        if not effects or not set(effects) <= set(self._sensors):
            raise ValueError(
                f"fault {kind!r}: effects {list(effects)} must be signals added before"
            )
        if count < 1 or not 1 <= minutes[0] <= minutes[1]:
            raise ValueError(f"fault {kind!r}: expected count >= 1 and 1 <= least <= most minutes")
        rows = (_rows(minutes[0]), _rows(minutes[1]))
        asked = _Fault(kind, category, root_cause, dict(effects), count, rows, during)
        self._faults.append(asked)
        most = sum(fault.count * fault.rows[1] for fault in self._faults) / self._sim.rows
        if most > MAX_ANOMALOUS_SHARE:
            raise ValueError(f"faults may fill {most:.1%} of the year; expected at most 5 %")

    def write(self) -> list[Event]:
        """Place all faults, write the dataset and its labels here, return the events.

        `patch.parquet` has the clean value of each changed reading (row, signal, clean). Without
        anomalies (SYNTH_ANOMALIES=off) only the dataset is written; its rows are the same
        outside of the events. Raises ValueError naming a fault that cannot be placed.
        """
        events = self._inject() if self._sim.anomalies else []
        _write_table(self._dataset(), DATASET_FILE)
        if self._sim.anomalies:
            _write_table(_labels(events, self._sim.timestamps), LABEL_FILE)
            _write_table(self._patch(), PATCH_FILE)
        return events

    def _inject(self) -> list[Event]:
        events: list[Event] = []
        for number, fault in enumerate(self._faults):
            rng = self._sim.stream(f"fault:{number}:{fault.kind}:{fault.root_cause}")
            allowed = None if fault.during is None else np.flatnonzero(fault.during)
            for _ in range(fault.count):
                events.append(self._place(fault, rng, allowed, events))
        return sorted(events)

    def _place(
        self, fault: _Fault, rng: np.random.Generator,
        allowed: npt.NDArray[np.int64] | None, events: Sequence[Event],
    ) -> Event:  # fmt: skip
        """Try places, ever shorter, until every affected signal visibly changes.

        The event is what has changed: rows at its ends that look as before are not part of it.
        """
        least, most = fault.rows
        for attempt in range(PLACEMENTS_TRIED):
            longest = most - (most - least) * attempt // PLACEMENTS_TRIED
            length = int(rng.integers(least, longest + 1))
            size, choice = rng.uniform(0.8, 1.25), rng.random()
            start = _start(choice, self._sim.rows - length, allowed)
            if start is None:
                continue
            end = start + length - 1
            if fault.during is not None:
                end = start + int(np.flatnonzero(fault.during[start : end + 1])[-1])
            if end - start + 1 < least or _is_taken(start, end, events):
                continue
            faulty = self._faulty(fault, slice(start, end + 1), size, rng)
            if faulty is None:
                continue
            changed = np.flatnonzero(self._differs(faulty, slice(start, end + 1)))
            seen = slice(start + int(changed[0]), start + int(changed[-1]) + 1)
            if seen.stop - seen.start < least:
                continue
            shown = {n: v[changed[0] : changed[-1] + 1] for n, v in faulty.items()}
            severity = self._severity(fault, seen, shown)
            self._apply(shown, seen)
            return Event(
                seen.start, seen.stop - 1, fault.kind, fault.category, fault.root_cause,
                tuple(fault.effects), severity,
            )  # fmt: skip
        raise ValueError(
            f"fault {fault.kind!r} of {fault.root_cause!r}: no visible place found for one of "
            f"{fault.count} events; ask for fewer, longer or larger ones, or widen `during`"
        )

    def _faulty(
        self, fault: _Fault, rows: slice, size: float, rng: np.random.Generator
    ) -> dict[str, Floats] | None:
        faulty = {}
        shape = ANOMALIES[fault.kind]
        for name, effect in fault.effects.items():
            sensor, clean = self._sensors[name], self._readings[name][rows]
            values = shape(clean, effect * size, rng)
            values = sense(values, sensor.resolution, sensor.low, sensor.high)
            if fault.during is not None:
                values = np.where(fault.during[rows], values, clean)
            if np.array_equal(values, clean):
                return None
            faulty[name] = values
        return faulty

    def _differs(self, faulty: dict[str, Floats], rows: slice) -> Mask:
        """True at rows where any signal is not as it was."""
        apart = [values != self._readings[name][rows] for name, values in faulty.items()]
        return np.asarray(np.logical_or.reduce(apart), dtype=np.bool_)

    def _apply(self, faulty: dict[str, Floats], rows: slice) -> None:
        """Put the faulty values in place and keep the clean ones that they differ from."""
        for name, values in faulty.items():
            readings = self._readings[name][rows]
            where = np.flatnonzero(values != readings)
            self._changed.append((name, (where + rows.start).astype(np.int32), readings[where]))
            readings[:] = values

    def _severity(self, fault: _Fault, rows: slice, faulty: dict[str, Floats]) -> str:
        """Peak change of the root signal: high from 3 sd of its clean year, medium from 1 sd."""
        root = next(iter(fault.effects))
        change = np.abs(faulty[root] - self._readings[root][rows])
        peak = float(change.max()) / self._sensors[root].sd  # NaN, a dropout, is high
        if peak < SEVERITY_MEDIUM_SD:
            return "low"
        return "medium" if peak < SEVERITY_HIGH_SD else "high"

    def _patch(self) -> pa.Table:
        """Clean values of all changed readings, by row and then as the signals stand."""
        place = {name: number for number, name in enumerate(self._sensors)}
        rows = np.concatenate([np.empty(0, np.int32), *(rows for _, rows, _ in self._changed)])
        clean = np.concatenate([np.empty(0), *(values for *_, values in self._changed)])
        signals = np.repeat(
            np.array([place[name] for name, *_ in self._changed], dtype=np.int64),
            [rows.size for _, rows, _ in self._changed],
        )
        order = np.lexsort((signals, rows))
        names = list(place)
        columns = {
            "row": _column(rows[order], pa.int32()),
            "signal": _texts([names[each] for each in signals[order].tolist()]),
            "clean": _column(clean[order], pa.float64()),
        }
        return pa.table(columns)

    def _dataset(self) -> pa.Table:
        fields = [pa.field("Timestamp", pa.timestamp("ms"))]
        columns = [_column(self._sim.timestamps, pa.timestamp("ms"))]
        for name, sensor in self._sensors.items():
            about = {"unit": sensor.unit, "description": sensor.description}
            fields.append(pa.field(name, pa.float64(), metadata=about))
            columns.append(_column(self._readings[name], pa.float64()))
        return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _start(choice: float, last: int, allowed: npt.NDArray[np.int64] | None) -> int | None:
    if allowed is None:
        return int(choice * (last + 1))
    start = int(allowed[int(choice * allowed.size)]) if allowed.size else last + 1
    return start if start <= last else None


def _is_taken(start: int, end: int, events: Sequence[Event]) -> bool:
    return any(
        start <= event.end + GUARD_ROWS and event.start - GUARD_ROWS <= end for event in events
    )


def _labels(events: Sequence[Event], timestamps: npt.NDArray[np.datetime64]) -> pa.Table:
    columns = {
        "start": _column(timestamps[_whole(event.start for event in events)], pa.timestamp("ms")),
        "end": _column(timestamps[_whole(event.end for event in events)], pa.timestamp("ms")),
        "kind": _texts([event.kind for event in events]),
        "category": _texts([event.category for event in events]),
        "root_cause": _texts([event.root_cause for event in events]),
        "affected": _lists([event.affected for event in events]),
        "severity": _texts([event.severity for event in events]),
    }
    return pa.table(columns)


# Columns are built from buffers because `pa.array` imports pandas, a quarter of a second.


def _column(values: npt.NDArray[Any], kind: pa.DataType) -> pa.Array:
    """Arrow column over numpy memory; NaN becomes null."""
    missing = np.isnan(values) if values.dtype == np.float64 else np.zeros(0, dtype=np.bool_)
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    return pa.Array.from_buffers(kind, values.size, [valid, pa.py_buffer(values)])


def _whole(values: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.fromiter(values, dtype=np.int64)


def _texts(values: Sequence[str]) -> pa.Array:
    encoded = [value.encode() for value in values]
    buffers = [None, _offsets(encoded), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def _lists(values: Sequence[Sequence[str]]) -> pa.Array:
    children = [_texts([text for value in values for text in value])]
    kind = pa.list_(pa.string())
    return pa.Array.from_buffers(kind, len(values), [None, _offsets(values)], children=children)


def _offsets(values: Sequence[Sequence[object]]) -> pa.Buffer:
    ends = np.cumsum([0, *(len(value) for value in values)], dtype=np.int32)
    return pa.py_buffer(ends)


def _write_table(table: pa.Table, path: str) -> None:
    # Sensors show few different values: a dictionary packs them fast and small.
    pq.write_table(
        table,
        path,
        compression="lz4",
        use_dictionary=table.column_names[1:],
        column_encoding={table.column_names[0]: "DELTA_BINARY_PACKED"},
    )


def _int_from_env(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdecimal():
        raise ValueError(f"{name}={text!r}: expected a whole number")
    return int(text)
