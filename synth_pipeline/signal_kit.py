"""Building blocks for one machine's year of minute readings, and the writer of its files.

Self-contained (standard library, numpy, pyarrow): it is copied beside each generator. A machine
is a class of equations; what goes wrong is a number from 0 to 1 inside an equation::

    class Pump:
        def __init__(self, sim):
            self.sim = sim
            self.plan = sim.plan(
                Modes({"running": (600, 9), "standby": (90, 1)}),
                maintenance=Maintenance(every_days=30, hours=5),
                causes=(Cause("suction strainer", "grow", per_year=5, hours=(3, 20)),),
            )

        def record(self, recorder):
            sim, plan = self.sim, self.plan
            speed = sim.lag(plan.level("speed", {"running": 1480.0}, lot=0.02), 2)
            speed = speed * (1 + sim.noise("speed", sd=0.004, tau_minutes=20))
            flow = 0.03 * speed * (1 - 0.6 * plan.cause("suction strainer"))
            recorder.add("speed_rpm", speed, unit="rpm", description="Shaft speed",
                         resolution=1, low=0, high=1800)
            recorder.add("flow_m3_h", flow + sim.noise("flow sensor", sd=0.2), unit="m3/h",
                         description="Delivered flow", resolution=0.1, low=0, high=80)
            recorder.fault("stuck", "sensor", "flow_m3_h", {"flow_m3_h": 0}, count=3,
                           minutes=(5, 90))

    write_year("Coolant Pump", Pump)

The equations run twice: over the whole year without causes, and once more, with them, over the
rows that they can reach. The difference is what a fault does; it is delayed and passed on as
everything else is. All else (plan, stops, repairs, noise, weather) is the same in both.
"""

# ruff: noqa: ARG001  # every anomaly takes the same arguments
import calendar
import datetime
import hashlib
import json
import math
import os
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, Self, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = [
    "Cause", "Event", "Floats", "Machine", "Maintenance", "Mask", "Modes", "Plan", "Recipe",
    "Recorder", "Shift", "Simulation", "Wear", "write_year",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
Array = TypeVar("Array", bound=npt.NDArray[Any])

DATASET_FILE = "dataset.parquet"
LABEL_FILE = "anomalies.parquet"
PATCH_FILE = "patch.parquet"
CONTEXT_FILE = "context.parquet"
WORKLOG_FILE = "worklog.parquet"
SIGNALS_FILE = "signals.json"
# From one row to the next; the only place that says so. It divides an hour.
SAMPLING_INTERVAL_S = 60
MINUTES_PER_ROW = SAMPLING_INTERVAL_S / 60
ROWS_PER_HOUR = 3600 // SAMPLING_INTERVAL_S
ROWS_PER_DAY = 24 * ROWS_PER_HOUR
ROWS_PER_HALF_DAY = ROWS_PER_DAY // 2  # about the square root of a year's
ROWS_PER_SPELL = max(1, round(16 / MINUTES_PER_ROW))  # of one loudness, on average
LEAD_DAYS = 3  # before New Year, in which everything settles
LEAD_ROWS, LEAD_HOURS = LEAD_DAYS * ROWS_PER_DAY, LEAD_DAYS * 24
HISTORY_HOURS = 40 * 24  # before New Year, for what is lagged by hours
OVERHAUL_YEARS = 12.0
ORIGIN = datetime.date(2000, 1, 1)  # a Saturday, from which maintenance windows are counted
MAX_ANOMALOUS_SHARE = 0.05
MAX_FAULTY_SHARE = 0.037  # of a quarter of a year, by causes
MAX_SHARE_PLACED = 0.047  # of the year, beyond which no further fault of a sensor is placed
ROWS_PER_BLOCK = 91 * ROWS_PER_DAY
GUARD_ROWS = ROWS_PER_HOUR  # between the event of a sensor and any other one
GUARD_HOURS = 6  # between one cause and the next
SMALLEST, SMALLEST_SIZE = 0.07, 0.15  # severity of a cause; share of the size of a sensor fault
PLACEMENTS_TRIED = 600
SAMPLE_STEP, MIN_SAMPLE = (
    13,
    50,
)  # rows, for the spread of a signal in a mode; no divisor of an hour
ALARM_SD, FALSE_ALARMS = 4.0, 5  # the latter a year
MAX_LOUDNESS = 2.5  # more would look like an anomaly that no label explains
SEVERITY_MEDIUM_SD, SEVERITY_HIGH_SD = 2.0, 6.0
MAINTENANCE, STOP = "maintenance", "stop"
ROLES = ("measurement", "setpoint", "output", "meter")
PATTERNS = {"grow": "drift", "step": "level_shift", "bursts": "noise_burst", "hunt": "oscillation"}


# --- what a machine is told to do -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipe:
    """Batches: `steps` of (mode, mean minutes >= 1, relative jitter), `per_lot` times a lot.

    Between lots the machine waits in mode `idle`, for exponentially distributed times.
    """

    steps: Sequence[tuple[str, float, float]]
    per_lot: int = 1
    idle: str = "idle"
    idle_minutes: float = 30.0

    @property
    def modes(self) -> tuple[str, ...]:
        """Every mode once."""
        return tuple(dict.fromkeys([*(mode for mode, *_ in self.steps), self.idle]))


@dataclass(frozen=True, slots=True)
class Modes:
    """Continuous work: `dwell` gives each mode its mean minutes >= 1 and its weight > 0.

    A semi-Markov chain: times are log-normal, the next mode is drawn among the others in
    proportion to their weights.
    """

    dwell: Mapping[str, tuple[float, float]]

    @property
    def modes(self) -> tuple[str, ...]:
        """Every mode once."""
        return tuple(self.dwell)


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time: the first `days` days of a week, from Monday; `mode` holds outside of it."""

    mode: str
    days: int = 5
    start_hour: float = 6.0
    end_hour: float = 22.0


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned stops of some `hours`, about every `every_days`, in mode `maintenance`."""

    every_days: float
    hours: float


@dataclass(frozen=True, slots=True)
class Wear:
    """0 when new, 1 after `full_hours` in modes `during`; each `every`-th maintenance resets it."""

    full_hours: float
    during: tuple[str, ...]
    every: int = 1


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that goes wrong, `per_year` times on average, for `hours` (least, most).

    `pattern` is grow, step, bursts or hunt (swings, so that it takes both signs). It `ends` by a
    stop with `repair`, or by `recovery`. It begins while a mode `during` holds (any mode in use
    where none is named), `1 + wear_factor * wear ** 4` times as often as when new. `reach` is the
    largest value that it takes: 1 is the whole of what the equations make of it.
    """

    name: str
    pattern: str
    per_year: float
    hours: tuple[float, float]
    ends: str = "repair"
    during: tuple[str, ...] = ()
    wear_factor: float = 0.0
    reach: float = 1.0
    repair_hours: tuple[float, float] = (0.7, 3.0)


# --- time, randomness and what the surroundings do ----------------------------------------


class Simulation:
    """The minutes of one year, the random streams of one machine and the weather of its site.

    Every random part is drawn from streams of its own, derived from seed, site, machine, name and
    stretch of time: adding a signal or a fault leaves all others as they were. Each name can be
    used once per method. Arrays have shape `(rows,)`, a value a minute: at first of three days
    before New Year and the year, and where the equations run again, with causes, of the rows that
    causes reach. What is random goes on over New Year as if there were none.
    """

    def __init__(
        self, machine: str, year: int, seed: int, *, site: str = "", anomalies: bool = True
    ) -> None:
        self.machine, self.year, self.seed, self.site = machine, year, seed, site
        self.anomalies = anomalies
        self.start = (datetime.date(year, 1, 1) - ORIGIN).days * ROWS_PER_DAY - LEAD_ROWS
        self.all_rows = LEAD_ROWS + rows_in_year(year)
        self._used: set[str] = set()
        self._kept: dict[str, tuple[npt.NDArray[Any], ...]] = {}
        self._units: dict[str, float] = {}
        self._reach = np.empty(0, np.int64)
        self._plan: Plan | None = None
        self._lags = 0
        self.has_causes = False

    @classmethod
    def from_env(cls, machine: str) -> Self:
        """Read SYNTH_YEAR (default: last full year), SYNTH_SEED (0), SYNTH_SITE, SYNTH_ANOMALIES.

        The site is a name, by default none; anomalies are `on` (default) or `off`.
        """
        last_year = datetime.datetime.now(datetime.UTC).year - 1
        anomalies = os.environ.get("SYNTH_ANOMALIES", "on").strip().lower()
        if anomalies not in {"on", "off"}:
            raise ValueError(f"SYNTH_ANOMALIES={anomalies!r}: expected on or off")
        year, seed = _int_from_env("SYNTH_YEAR", last_year), _int_from_env("SYNTH_SEED", 0)
        site = os.environ.get("SYNTH_SITE", "")
        return cls(machine, year, seed, site=site, anomalies=anomalies == "on")

    @property
    def rows(self) -> int:
        """How many values an array has now."""
        return self._reach.size if self.has_causes else self.all_rows

    @property
    def timestamps(self) -> npt.NDArray[np.datetime64]:
        """The minute of every value as datetime64[ms]."""
        row = self._reach if self.has_causes else np.arange(self.all_rows)
        first = np.datetime64(ORIGIN, "ms") + self.start * np.timedelta64(_ROW_MS, "ms")
        return first + row * np.timedelta64(_ROW_MS, "ms")

    def stream(self, name: str, key: object = "") -> np.random.Generator:
        """Random generator of that name, the same at every call; `key` is a stretch of time."""
        return _generator(f"{self.seed}\0{self.site}\0{self.machine}\0{name}\0{key}")

    def unit(self, name: str, spread: float) -> float:
        """How this unit differs from others of its kind: a factor about 1, the same every year.

        Log-uniform from 1 / (1 + spread) to 1 + spread.
        """
        if name not in self._units:
            self._units[name] = float(self.stream(f"unit:{name}").uniform(-1, 1))
        return math.exp(self._units[name] * math.log1p(spread))

    def coefficient(self, name: str, value: float, spread: float = 0.15) -> float:
        """A number of the equations, which differs from unit to unit."""
        self.once(f"coefficient:{name}")
        return value * self.unit(name, spread)

    def times(self, name: str, per_year: float) -> int:
        """How often something happens in this unit in this year: Poisson, as units have luck."""
        return int(self.stream(f"times:{name}", self.year).poisson(per_year * self.unit(name, 0.5)))

    def noise(self, name: str, sd: float, tau_minutes: float = 0.0, tails: float = 5.0) -> Floats:
        """Zero-mean noise of standard deviation `sd` and correlation time `tau_minutes`.

        Tau 0 is white, above 0 an AR(1) process with coefficient exp(-1/tau). Its size swells
        and falls in spells of some quarter of an hour as a Student-t mixture does, cut at 2.5
        sd: `tails` is the degrees of freedom, above 2; `math.inf` gives plain Gaussian noise.
        """
        if sd < 0 or tau_minutes < 0 or tails <= 2:
            raise ValueError(f"noise {name!r}: expected sd >= 0, tau_minutes >= 0 and tails > 2")
        key = self.once(f"noise:{name}")
        return self.seen(key, lambda: self._noise(key, sd, tau_minutes, tails))

    def wander(self, name: str, sd: float, tau_days: float = 20.0) -> Floats:
        """Zero-mean random walk that reverts (Ornstein-Uhlenbeck) within about `tau_days`."""
        if sd < 0 or tau_days <= 0:
            raise ValueError(f"wander {name!r}: expected sd >= 0 and tau_days > 0")
        key = self.once(f"wander:{name}")
        return self.seen(key, lambda: _by_minute(sd * self._hours(key, tau_days)))

    def demand(
        self,
        name: str,
        *,
        swing: float = 0.3,
        weekend: float = 0.85,
        peaks: Sequence[float] = (8, 19),
    ) -> Floats:
        """What people ask for, about 1: low at night, with `peaks` at these hours of the day.

        `swing` is the depth of the night below the mean, `weekend` the share that Saturdays and
        Sundays have of other days. No two days are alike.
        """
        if not 0 <= swing < 1 or weekend <= 0 or not peaks:
            raise ValueError(f"demand {name!r}: expected 0 <= swing < 1, weekend > 0 and peaks")
        key = self.once(f"demand:{name}")
        return self.seen(key, lambda: _by_minute(self._demand(key, swing, weekend, peaks)))

    def outdoor(self, lag_hours: float = 0.0) -> Floats:
        """Outdoor temperature of the site, °C, as it is behind walls of this time constant.

        The same for all machines of a site; some -15 to 38 °C, on average about 11 °C.
        """
        weather = self._weather
        return self.seen(
            f"outdoor:{lag_hours}",
            lambda: _by_minute(_hourly_lag(weather.temperature, lag_hours)),
        )

    def humidity(self) -> Floats:
        """Relative humidity outdoors at the site, %, lower the warmer the day; 20 to 100."""
        return self.seen("humidity", lambda: _by_minute(self._weather.humidity).clip(0, 100))

    def wet_bulb(self) -> Floats:
        """Wet-bulb temperature outdoors, °C, by Stull 2011, doi:10.1175/JAMC-D-11-0143.1."""
        return self.seen("wet bulb", lambda: _by_minute(self._weather.wet_bulb))

    def wind(self) -> Floats:
        """Wind speed outdoors, m/s: 0 to about 25, on average about 6; gusts are the machine's."""
        return self.seen("wind", lambda: _by_minute(self._weather.wind).clip(0))

    def sunshine(self) -> Floats:
        """Solar irradiance on level ground, W/m2: 0 at night, up to about 1000."""
        return self.seen("sunshine", lambda: _by_minute(self._weather.sunshine).clip(0))

    @property
    def age(self) -> Floats:
        """Years since the last overhaul, at every minute; there is one every dozen years."""
        phase = self.stream("age").uniform(0, OVERHAUL_YEARS)
        return self.seen(
            "age",
            lambda: (
                (phase + (self.start + np.arange(self.all_rows)) / _ROWS_PER_YEAR) % OVERHAUL_YEARS
            ),
        )

    def lag(self, values: Floats, tau_minutes: float) -> Floats:
        """First-order lag: the response of a body with time constant `tau_minutes` to `values`.

        Solves tau dy/dt = x - y exactly for inputs that hold from row to row (zero-order hold),
        with rows a minute apart y[t] = a y[t-1] + (1-a) x[t], a = exp(-1/tau), from values[0].
        Tau 0 copies. The response never leaves the range of `values`.
        """
        if tau_minutes < 0:
            raise ValueError(f"lag: expected tau_minutes >= 0, got {tau_minutes}")
        self._lags += 1
        key = f"lag:{self._lags}"
        if not self.has_causes:
            response = _lag(np.asarray(values, np.float64), tau_minutes)
            self._keep(key, np.asarray(values, np.float64), response)
            return response
        before, response = self._kept[key]
        away = np.asarray(values - before)
        if not away.any():
            return response.copy()
        return np.asarray(response + _response(away, tau_minutes))

    def plan(
        self, schedule: Recipe | Modes, *, maintenance: Maintenance | None = None,
        shift: Shift | None = None, wear: Wear | None = None, causes: Sequence[Cause] = (),
        stops_per_year: float = 0.0, products: Mapping[str, float] | None = None,
        memory_hours: float = 12.0,
    ) -> "Plan":  # fmt: skip
        """What the machine does at every minute; a simulation has one plan.

        `stops_per_year` are short stops without a fault; `products` names what is made, with
        weights. What a cause does must be over `memory_hours` after its end, which is so for
        lags of up to a twelfth of that.
        """
        if self._plan is None:
            asked = _Asked(schedule, maintenance, shift, wear, tuple(causes), stops_per_year,
                           dict(products or {}), memory_hours)  # fmt: skip
            _check_plan(asked)
            self._plan = Plan(self, asked)
            self._reach = self._plan.rows_in_reach() if self.anomalies else self._reach
        return self._plan

    def with_causes(self) -> bool:
        """Go on to the second run of the equations; False where no cause reaches any row."""
        self._used.clear()
        self._lags = 0
        self.has_causes = bool(self._reach.size)
        return self.has_causes

    @property
    def known_plan(self) -> "Plan | None":
        """The plan, where there is one."""
        return self._plan

    @property
    def rows_in_reach(self) -> Whole:
        """Rows that causes reach, counted from three days before New Year."""
        return self._reach

    # -- what the two runs share

    def once(self, key: str) -> str:
        """The key, where this run of the equations has not yet had it; else raise ValueError."""
        if key in self._used:
            raise ValueError(f"{key!r} is already in use; give this part a new name")
        self._used.add(key)
        return key

    def seen(self, key: str, make: Callable[[], Array]) -> Array:
        """What `make` gives; in the second run, what it gave, for the rows of that run."""
        if self.has_causes:
            return cast("Array", self._kept[key][0].copy())
        values = make()
        self._keep(key, values)
        return values

    def _keep(self, key: str, *arrays: npt.NDArray[Any]) -> None:
        if self._reach.size:
            self._kept[key] = tuple(a[self._reach] if a.ndim else a for a in arrays)

    # -- how they are drawn

    def _spans(self) -> tuple["_Span", ...]:
        """The end of a year is drawn alike for the next one."""
        before, now, after = (f"{year}" for year in (self.year - 1, self.year, self.year + 1))
        body = self.all_rows - 2 * LEAD_ROWS
        return (
            _Span(f"end of {before}", LEAD_ROWS, now),
            _Span(now, body, f"end of {now}"),
            _Span(f"end of {now}", LEAD_ROWS, after),
        )

    def _noise(self, name: str, sd: float, tau_minutes: float, tails: float) -> Floats:
        keep = math.exp(-MINUTES_PER_ROW / tau_minutes) if tau_minutes else 0.0
        spans = self._spans()
        streams = [self.stream(name, span.key) for span in spans]
        values = np.concatenate(
            [_shocks(rng, span.rows, tails) for rng, span in zip(streams, spans, strict=True)]
        )
        if not keep:
            values *= sd
            return values
        scale = math.sqrt(1 - keep * keep)
        values *= scale
        grid = np.array(values.reshape(-1, ROWS_PER_HALF_DAY).T, order="C")
        bounds = np.cumsum([0, *(span.rows // ROWS_PER_HALF_DAY for span in spans)]).tolist()
        for block, span in zip(bounds, spans, strict=False):
            grid[0, block] = self._first_of(name, span.key)
        _run_down(grid, keep)
        for first, last in pairwise(bounds):
            _carry_over(grid[:, first:last], keep)
        values = grid.T.reshape(-1)
        for rng, span, last in zip(streams, spans, bounds[1:], strict=True):
            part = values[last * ROWS_PER_HALF_DAY - span.rows : last * ROWS_PER_HALF_DAY]
            end = keep * part[-1] + scale * rng.standard_normal()
            _lead_to(part, self._first_of(name, span.following) - end, keep)
        values *= sd
        return values

    def _first_of(self, name: str, key: str) -> float:
        return float(self.stream(f"first of {name}", key).standard_normal())

    def _hours(self, name: str, tau_days: float, *, of_site: bool = False) -> Floats:
        """An hourly walk of unit sd, from HISTORY_HOURS before the year to two hours after it."""
        keep = math.exp(-1 / (24 * tau_days))
        scale = math.sqrt(1 - keep * keep)
        stream = self._site_stream if of_site else self.stream
        first = [
            stream(f"first of {name}", self.year + step).standard_normal() for step in range(-1, 3)
        ]
        years = []
        for step in (-1, 0, 1):
            year = self.year + step
            rng = stream(name, year)
            shocks = rng.standard_normal(rows_in_year(year) // ROWS_PER_HOUR) * scale
            shocks[0] = first[step + 1]
            values = _recursion(shocks, keep)
            _lead_to(
                values, first[step + 2] - keep * values[-1] - scale * rng.standard_normal(), keep
            )
            years.append(values)
        return np.concatenate([years[0][-HISTORY_HOURS:], years[1], years[2][:2]])

    def _site_stream(self, name: str, key: object = "") -> np.random.Generator:
        return _generator(f"{self.seed}\0{self.site}\0\0{name}\0{key}")

    @cached_property
    def _clock(self) -> tuple[Whole, Whole, Whole]:
        """Of every hour of a walk: hour of the day, weekday from Monday, day since ORIGIN."""
        hours = np.arange(-HISTORY_HOURS, self.all_rows // ROWS_PER_HOUR - LEAD_HOURS + 2)
        day = hours // 24
        weekday = (day + calendar.weekday(self.year, 1, 1)) % 7
        return hours % 24, weekday, day + (datetime.date(self.year, 1, 1) - ORIGIN).days

    def _demand(self, name: str, swing: float, weekend: float, peaks: Sequence[float]) -> Floats:
        hour, weekday, _ = self._clock
        late = 0.7 * self._hours(f"{name}:late", 2.0)
        shape = np.zeros(hour.size)
        for peak in peaks:
            apart = (hour - peak - late + 12) % 24 - 12
            shape += np.exp(-0.5 * (apart / 3.5) ** 2)
        shape /= shape.max()
        depth = swing * (1 + 0.2 * self._hours(f"{name}:depth", 1.5)).clip(0.4, 1.6)
        level = (
            1 + 0.04 * self._hours(f"{name}:level", 10.0) + 0.05 * self._hours(f"{name}:hour", 0.1)
        )
        off = _hourly_lag(np.where(weekday < 5, 1.0, weekend), 5.0)
        return np.asarray((1 + depth * (2.2 * shape - 1)) * level * off).clip(0.02)

    @cached_property
    def _weather(self) -> "_Weather":
        hour, _, day = self._clock
        place = self._site_stream("place")
        mean, season, daily = place.uniform(8, 14), place.uniform(8, 11), place.uniform(3, 5)
        clear = (1 + 0.45 * self._hours("sky", 1.5, of_site=True)).clip(0.08, 1.7)
        year = np.cos(2 * np.pi * (day + hour / 24 - 205) / 365.2425)
        temperature = (
            mean + season * year + daily * clear * np.cos(2 * np.pi * (hour - 15) / 24)
            + 3.2 * self._hours("spells", 2.5, of_site=True)
        )  # fmt: skip
        humidity = 74 - 1.9 * daily * clear * np.cos(2 * np.pi * (hour - 15) / 24) - 6 * year
        humidity = (humidity + 8 * self._hours("damp", 1.5, of_site=True)).clip(18, 99)
        wind = (
            0.75
            + 0.42 * self._hours("wind", 0.9, of_site=True)
            + 0.12 * self._hours("gusty", 0.15, of_site=True)
            - 0.06 * year
        ).clip(0.02)
        noon = (0.62 + 0.33 * year) * np.cos(2 * np.pi * (hour - 12.5) / 24) - 0.08
        sunshine = 1050 * noon.clip(0) ** 1.15 * (0.35 + 0.4 * clear).clip(0.12, 1.0)
        return _Weather(temperature, humidity, 6.5 * wind**1.6, sunshine)


_ROW_MS = 1000 * SAMPLING_INTERVAL_S
_ROWS_PER_YEAR = 365.25 * ROWS_PER_DAY


class _Span(NamedTuple):
    """A stretch of noise: its stream's key, its rows, and the key of what it has to lead to."""

    key: str
    rows: int
    following: str


@dataclass(frozen=True, slots=True)
class _Weather:
    """Hour by hour: °C, %, m/s, W/m2."""

    temperature: Floats
    humidity: Floats
    wind: Floats
    sunshine: Floats

    @property
    def wet_bulb(self) -> Floats:
        air, damp = self.temperature, self.humidity
        return np.asarray(
            air * np.arctan(0.151977 * np.sqrt(damp + 8.313659))
            + np.arctan(air + damp)
            - np.arctan(damp - 1.676331)
            + 0.00391838 * damp**1.5 * np.arctan(0.023101 * damp)
            - 4.686035
        )


def _generator(key: str) -> np.random.Generator:
    """SFC64 seeded with 192 bits of the key's hash, as its author does it: twelve numbers on.

    Not by way of a SeedSequence, which takes longer than what most streams are asked for.
    """
    words = np.frombuffer(hashlib.sha256(key.encode()).digest(), dtype="<u8")
    start = np.array([*words[:3], 1], dtype=np.uint64)
    source = np.random.SFC64(0)
    source.state = {
        "bit_generator": "SFC64", "state": {"state": start}, "has_uint32": 0, "uinteger": 0
    }  # fmt: skip
    source.random_raw(12)
    return np.random.Generator(source)


@cache
def _normal_numbers() -> Floats:
    """65,536 standard normal numbers of mean 0 and variance 1, each with its negative."""
    half = np.random.Generator(np.random.SFC64(1)).standard_normal(2**15)
    return np.concatenate([half, -half]) / math.sqrt(float(np.square(half).mean()))


def _shocks(rng: np.random.Generator, rows: int, tails: float) -> Floats:
    """White noise of variance 1: picked from a table, five times as fast as drawn anew.

    Its loudness holds for a spell of 1 to 31 rows.
    """
    values = _normal_numbers()[rng.integers(0, 2**16, rows, dtype=np.uint16)]
    if math.isfinite(tails):
        lengths = np.empty(0, np.int64)
        while lengths.sum() < rows:
            some = rng.integers(1, 2 * ROWS_PER_SPELL, 1 + rows // ROWS_PER_SPELL)
            lengths = np.concatenate([lengths, some])
        loud = _loudness(tails)[rng.integers(0, 2**12, lengths.size, dtype=np.uint16)]
        values *= np.repeat(loud, lengths)[:rows]
    return values


@cache
def _loudness(tails: float) -> Floats:
    """4,096 sizes of a Student-t mixture with that many degrees of freedom, mean square about 1."""
    sizes = np.random.Generator(np.random.SFC64(2)).standard_gamma(tails / 2, 2**12) * 2
    return np.minimum(np.sqrt((tails - 2) / sizes), MAX_LOUDNESS)


def _lead_to(values: Floats, mend: float, keep: float) -> None:
    """Bend the end of an AR(1) stretch so that what follows goes on from it: a bridge.

    The bridge of a stationary Gaussian AR(1) is as much one as the free stretch is.
    """
    reach = values.size if keep > 1 - 1e-9 else min(values.size, int(-30 / math.log(keep)) + 1)
    values[values.size - reach :] += mend * keep ** np.arange(reach, 0, -1)


def _by_minute(hours: Floats) -> Floats:
    """A smooth line through hourly values (Catmull-Rom), without the history before the lead."""
    hours = hours[HISTORY_HOURS - LEAD_HOURS - 1 :]
    t = np.arange(ROWS_PER_HOUR) / ROWS_PER_HOUR
    weights = 0.5 * np.array(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]
    )
    return np.asarray(np.lib.stride_tricks.sliding_window_view(hours, 4).copy() @ weights).reshape(
        -1
    )


def _hourly_lag(hours: Floats, lag_hours: float) -> Floats:
    if not lag_hours:
        return hours
    keep = math.exp(-1 / lag_hours)
    shocks = hours * (1 - keep)
    shocks[0] = hours[0]
    return _recursion(shocks, keep)


# --- what the machine does when ------------------------------------------------------------


class _Asked(NamedTuple):
    schedule: Recipe | Modes
    maintenance: Maintenance | None
    shift: Shift | None
    wear: Wear | None
    causes: tuple[Cause, ...]
    stops_per_year: float
    products: dict[str, float]
    memory_hours: float


class Hit(NamedTuple):
    """One time that a cause comes up; rows are counted from ORIGIN.

    It grows from `start` to `end`; where a repair ends it the machine is stopped at `stop`,
    repaired until `ready` and at work again at `restart`, else these are None. At `gone` it is
    zero again. `shape` seeds what is particular.
    """

    start: int
    end: int
    cause: Cause
    severity: float
    stop: int | None
    ready: int | None
    restart: int | None
    gone: int
    shape: int


class _Stop(NamedTuple):
    """A machine stands still from `start`, is `ready` again and works from `restart` on."""

    start: int
    ready: int
    restart: int
    hit: Hit | None = None


class _Stretch(NamedTuple):
    """The plan from the end of one maintenance to the start of the next."""

    number: int
    start: int
    end: int  # where the next maintenance starts
    ready: int  # where that ends
    starts: Whole  # of runs, rows from ORIGIN
    codes: Whole  # of their modes
    lots: Whole  # of every run, counted in the stretch; -1 where there is none


class Plan:
    """Mode, lot, product, wear, stops and causes at every minute; made by `Simulation.plan`.

    All that lies between two planned maintenances is drawn from streams of its own, so that it
    is the same for every year that sees it. A stop overwrites the plan; nothing shifts. Stops and
    repairs are the same with causes and without.
    """

    def __init__(self, sim: Simulation, asked: _Asked) -> None:
        self._sim, self._asked = sim, asked
        shift = (asked.shift.mode,) if asked.shift else ()
        self.modes = tuple(dict.fromkeys([*asked.schedule.modes, *shift, MAINTENANCE, STOP]))
        self.products = tuple(asked.products) or ("standard",)
        self.hits: list[Hit] = []
        self.stops: list[_Stop] = []
        self._windows: dict[int, tuple[int, int]] = {}
        self._faulty: Counter[int] = Counter()  # rows of each quarter of a year
        self._productive = self._codes(
            [m for m in asked.schedule.modes if m != getattr(asked.schedule, "idle", None)]
        )
        every = asked.wear.every if asked.wear else 1
        self._stretches = self._drawn(every)
        self.maintenance = [(each.end, each.ready) for each in self._stretches]
        self._lay_out()

    # -- what generators ask

    def where(self, *modes: str) -> Mask:
        """True while one of these modes holds."""
        chosen = self._codes(modes)
        return self._sim.seen(f"where:{modes}", lambda: chosen[self._index])

    def level(
        self, name: str, levels: Mapping[str, float], *, otherwise: float = 0.0,
        products: Mapping[str, float] | None = None, lot: float = 0.0, run: float = 0.0,
        units: float = 0.0,
    ) -> Floats:  # fmt: skip
        """Setpoint of `name` at every minute: its level in each mode, `otherwise` in all others.

        While the machine stands still unplanned (mode `stop`) it is as in maintenance, unless
        `levels` says so. `products` are factors for what is made; `lot` and `run` the relative
        standard deviation from one lot, or one run of a mode, to the next, `units` the spread
        between units of a kind.
        """
        self._once(name)
        at = dict(levels)
        at.setdefault(STOP, at.get(MAINTENANCE, otherwise))
        self._codes(tuple(at))
        table = np.array([at.get(mode, otherwise) for mode in self.modes], dtype=np.float64)
        table *= self._sim.unit(f"level:{name}", units)
        return self._sim.seen(f"level:{name}", lambda: self._level(name, table, products, lot, run))

    def spread(self, name: str, *, lot: float = 0.0, run: float = 0.0) -> Floats:
        """A factor about 1 that holds for a lot, or a run of a mode; see `level`."""
        self._once(f"spread:{name}")
        return self._sim.seen(
            f"spread:{name}",
            lambda: self._level(name, np.ones(len(self.modes)), None, lot, run),
        )

    def elapsed(self, *modes: str) -> Floats:
        """Minutes since a run of one of these modes began, 0 in all others."""
        chosen = self._codes(modes)[self._segment_modes] * MINUTES_PER_ROW
        return self._sim.seen(f"elapsed:{modes}", lambda: self._since(chosen))

    def progress(self, *modes: str) -> Floats:
        """How much of a run of one of these modes is over, from 0 to below 1; 0 in all others."""
        share = self._codes(modes)[self._segment_modes] / self._run_lengths
        return self._sim.seen(f"progress:{modes}", lambda: self._since(share))

    def _since(self, factors: Floats) -> Floats:
        """Rows since the run began that a segment is part of, times the segment's factor."""
        rows = np.arange(self._index.size) - np.repeat(self._run_firsts, self._lengths)
        return np.asarray(rows * np.repeat(factors, self._lengths))

    @property
    def wear(self) -> Floats:
        """Wear at every minute, 0 when new."""
        return self._sim.seen("wear", self._wear.copy)

    def cause(self, name: str) -> Floats:
        """How far a cause has gone at every minute, 0 to its reach; 0 in the first run."""
        if name not in {cause.name for cause in self._asked.causes}:
            raise ValueError(f"unknown cause {name!r}; this plan has "
                             f"{[cause.name for cause in self._asked.causes]}")  # fmt: skip
        if not self._sim.has_causes:
            return np.zeros(())
        values = np.zeros(self._sim.all_rows)
        for hit in self.hits:
            if hit.cause.name == name:
                self._add(hit, values)
        return values[self._sim.rows_in_reach]

    # -- for the recorder

    @property
    def index(self) -> npt.NDArray[np.int8]:
        """Number of the mode at every minute of the year."""
        return self._index[LEAD_ROWS:]

    @property
    def lots(self) -> npt.NDArray[np.int32]:
        """Number of the lot at every minute of the year, -1 where nothing is made."""
        numbers = np.array([each.number - self._first_number for each in self._stretches])
        known = numbers[self._segment_places] * 10_000 + self._segment_lots
        made = self._productive[self._segment_modes] & (self._segment_lots >= 0)
        return np.repeat(np.where(made, known, -1).astype(np.int32), self._lengths)[LEAD_ROWS:]

    def recipes(self) -> npt.NDArray[np.int8]:
        """Number of the product at every minute of the year, -1 where nothing is made."""
        made = self._productive[self._segment_modes] & (self._segment_lots >= 0)
        codes = np.where(made, self._segment_products, -1).astype(np.int8)
        return np.repeat(codes, self._lengths)[LEAD_ROWS:]

    @property
    def year_wear(self) -> Floats:
        """Wear at every minute of the year."""
        return self._wear[LEAD_ROWS:]

    def useful_life(self) -> Floats:
        """Hours until a fault will stop the machine, at every minute of the year.

        NaN while it stands still, and where maintenance comes before the next such stop.
        """
        life = np.full(self._sim.all_rows, np.nan)
        for stop in self.stops:
            if stop.hit is None:
                continue
            ends = [each.ready for each in self._stretches] + [s.restart for s in self.stops]
            since = max([end for end in ends if end <= stop.start], default=stop.start)
            first, last = since - self._sim.start, stop.start - self._sim.start
            low, high = max(first, 0), min(last, life.size)
            if low < high:
                life[low:high] = np.round((last - np.arange(low, high)) / ROWS_PER_HOUR, 1)
        return life[LEAD_ROWS:]

    def rows_in_reach(self) -> Whole:
        """Rows from the start of each cause until all that it did is over."""
        reached = np.zeros(self._sim.all_rows, dtype=np.bool_)
        memory = round(self._asked.memory_hours * ROWS_PER_HOUR)
        for hit in self.hits:
            first = hit.start - 1 - self._sim.start
            last = max(hit.gone, hit.restart or 0) + memory - self._sim.start
            reached[max(first, 0) : max(last, 0)] = True
        return np.flatnonzero(reached)

    # -- how it is drawn

    def _once(self, name: str) -> None:
        self._sim.once(f"level:{name}")

    def _codes(self, modes: Iterable[str]) -> Mask:
        unknown = [mode for mode in modes if mode not in self.modes]
        if unknown:
            raise ValueError(f"unknown modes {unknown}; this plan has {list(self.modes)}")
        return np.isin(np.arange(len(self.modes)), [self.modes.index(mode) for mode in modes])

    def _window(self, number: int) -> tuple[int, int]:
        """First row of a maintenance and of what follows it."""
        if number in self._windows:
            return self._windows[number]
        plan = self._asked.maintenance or Maintenance(every_days=30, hours=0)
        rng = self._sim.stream("maintenance", number)
        phase = self._sim.stream("maintenance", "phase").uniform()
        slip = float(np.clip(rng.normal(0, 0.04), -0.12, 0.12)) if plan.every_days >= 4 else 0.0
        day = round((number + phase + slip) * plan.every_days)
        quarter = min(24 + round(4 * rng.gamma(2.5, 0.9)), 55)
        start = day * ROWS_PER_DAY + quarter * ROWS_PER_HOUR // 4
        end = start + round(plan.hours * rng.uniform(0.7, 1.4) * ROWS_PER_HOUR)
        return self._windows.setdefault(number, (start, end))

    def _drawn(self, every: int) -> list[_Stretch]:
        """The stretches from the last reset of wear before the first row to beyond the last."""
        sim = self._sim
        days = self._asked.maintenance.every_days if self._asked.maintenance else 30.0
        first = sim.start // ROWS_PER_BLOCK * ROWS_PER_BLOCK  # from where on faults are counted
        number = math.floor(first / ROWS_PER_DAY / days) + 1
        while self._window(number)[1] > first or number % every:
            number -= 1
        stretches, wear = [], 0.0
        last = sim.start + sim.all_rows
        while self._window(number)[1] < last:
            wear = 0.0 if number % every == 0 else wear
            start, (end, ready) = self._window(number)[1], self._window(number + 1)
            stretch = self._stretch(number, start, end, ready)
            stretches.append(stretch)
            wear = self._go_wrong(stretch, wear)
            number += 1
        return stretches

    def _stretch(self, number: int, start: int, end: int, ready: int) -> _Stretch:
        rng = self._sim.stream("plan", number)
        schedule = self._asked.schedule
        if isinstance(schedule, Recipe):
            codes, lengths, lots = _lots(schedule, self._sim, rng, end - start)
        else:
            codes, lengths, lots = _chain(schedule, self._sim, rng, end - start)
        starts = start + np.concatenate([[0], np.cumsum(lengths)])[:-1]
        kept = starts < end
        return _Stretch(number, start, end, ready, starts[kept], codes[kept], lots[kept])

    def _go_wrong(self, stretch: _Stretch, wear: float) -> float:
        """Draw causes and stops of a stretch that begins with this wear; return that at its end."""
        lengths = self._working_rows(stretch)
        worn = self._asked.wear
        rate = 0.0
        most = 0.0
        if worn:
            used = np.where(self._codes(worn.during)[stretch.codes], lengths, 0)
            rate = 1 / (worn.full_hours * ROWS_PER_HOUR * self._sim.unit("wear", 0.25))
            after = wear + np.cumsum(used) * rate
            before, wear = after - used * rate, float(after[-1]) if after.size else wear
            most = worn.every * float(used.sum()) * rate  # of a cycle of stretches like this one
        else:
            before = np.zeros(lengths.size)
        taken: list[tuple[int, int]] = []
        for cause in self._asked.causes:
            usual = 1 + cause.wear_factor * most**4 / 5  # the mean over such a cycle
            self._come_up(
                cause, stretch, lengths, (1 + cause.wear_factor * before**4) / usual, taken
            )
        rng = self._sim.stream("stops", stretch.number)
        share = (stretch.end - stretch.start) / _ROWS_PER_YEAR
        for _ in range(
            rng.poisson(self._asked.stops_per_year * self._sim.unit("stops", 0.5) * share)
        ):
            start = int(rng.uniform(stretch.start, stretch.end))
            ready = start + _rows(math.exp(rng.uniform(1.5, 5.0)))
            restart = self._rejoin(stretch, ready)
            if restart < stretch.end and not _is_near(start, restart, taken, 2 * ROWS_PER_HOUR):
                taken.append((start, restart))
                self.stops.append(_Stop(start, ready, restart))
        return wear

    def _working_rows(self, stretch: _Stretch) -> Whole:
        """Of every run, how many rows lie in working time."""
        bounds = np.append(stretch.starts, stretch.end)
        if self._asked.shift is None:
            return np.diff(bounds)
        at_work = _working(self._asked.shift, stretch.start, stretch.end - stretch.start)
        done: Whole = np.append(0, np.cumsum(at_work))
        return np.asarray(np.diff(done[bounds - stretch.start]), dtype=np.int64)

    def _is_working(self, row: int) -> bool:
        return self._asked.shift is None or bool(_working(self._asked.shift, row, 1)[0])

    def _come_up(
        self, cause: Cause, stretch: _Stretch, lengths: Whole, hazard: Floats,
        taken: list[tuple[int, int]],
    ) -> None:  # fmt: skip
        rng = self._sim.stream(f"cause:{cause.name}", stretch.number)
        during = self._codes(cause.during) if cause.during else self._productive
        weight = np.where(during[stretch.codes], lengths, 0) * hazard
        if not weight.any():
            return
        busy = weight.sum() / max(1, lengths[during[stretch.codes]].sum())
        span = (stretch.end - stretch.start) / _ROWS_PER_YEAR
        expected = cause.per_year * span * busy * self._luck(cause.name, stretch.start)
        chances = np.cumsum(weight) / weight.sum()
        for _ in range(rng.poisson(expected)):
            for _ in range(20):
                hit = self._hit(cause, stretch, chances, rng)
                last = max(hit.restart or 0, hit.gone)
                is_free = not _is_near(hit.start, last, taken, GUARD_HOURS * ROWS_PER_HOUR)
                if self._is_enough(hit):
                    break
                if last < stretch.end and is_free and self._is_working(hit.start):
                    self._faulty[hit.start // ROWS_PER_BLOCK] += _rows_of(hit)
                    taken.append((hit.start, last))
                    self.hits.append(hit)
                    if hit.stop is not None and hit.ready is not None and hit.restart is not None:
                        self.stops.append(_Stop(hit.stop, hit.ready, hit.restart, hit))
                    break

    def _is_enough(self, hit: Hit) -> bool:
        """True where a quarter of a year would be faulty for more than it may be."""
        faulty = self._faulty[hit.start // ROWS_PER_BLOCK] + _rows_of(hit)
        return faulty > MAX_FAULTY_SHARE * ROWS_PER_BLOCK

    def _hit(
        self, cause: Cause, stretch: _Stretch, chances: Floats, rng: np.random.Generator
    ) -> Hit:
        run = min(int(np.searchsorted(chances, rng.uniform())), chances.size - 1)
        bounds = np.append(stretch.starts, stretch.end)
        start = int(bounds[run] + rng.uniform() * (bounds[run + 1] - bounds[run]))
        least, most = cause.hours
        length = _rows(60 * math.exp(rng.uniform(math.log(least), math.log(most))))
        severity = math.exp(rng.uniform(math.log(SMALLEST), 0))
        repair = _rows(60 * rng.uniform(*cause.repair_hours))
        shape = int(rng.integers(2**53))
        end = start + max(length, 2)
        if cause.ends == "repair":
            ready = end + repair
            restart = self._rejoin(stretch, ready)
            return Hit(start, end, cause, severity, end, ready, restart, end + repair // 2, shape)
        fading = 0 if cause.pattern in {"bursts", "hunt"} else 8 * max(1, length // 6)
        return Hit(start, end, cause, severity, None, None, None, end + fading, shape)

    def _luck(self, name: str, row: int) -> float:
        """How often a cause comes up in this unit and year, against all; a year may be quiet."""
        year = (ORIGIN + datetime.timedelta(days=row // ROWS_PER_DAY)).year
        rng = self._sim.stream("luck", year)
        quiet = 0.35 if rng.uniform() < 0.12 else 1.0
        age = self._sim.stream("age").uniform(0, OVERHAUL_YEARS) + row / _ROWS_PER_YEAR
        tired = 0.8 + 0.4 * (age % OVERHAUL_YEARS) / OVERHAUL_YEARS
        return quiet * tired * self._sim.unit(f"cause:{name}", 0.5)

    def _rejoin(self, stretch: _Stretch, row: int) -> int:
        """Where work goes on: at once, or where the next lot begins."""
        if not isinstance(self._asked.schedule, Recipe):
            return row
        firsts = stretch.starts[np.diff(stretch.lots, prepend=-1) != 0]
        place = int(np.searchsorted(firsts, row))
        return int(firsts[place]) if place < firsts.size else stretch.end

    def _lay_out(self) -> None:
        """Modes, segments and wear, row by row; the first stretch may begin long before."""
        sim, last = self._sim, self._sim.start + self._sim.all_rows
        starts: list[Whole | list[int]] = []
        codes: list[Whole | list[int]] = []
        lots: list[Whole | list[int]] = []
        runs: list[Whole | list[int]] = []
        places: list[Whole] = []
        for place, each in enumerate(self._stretches):
            starts += [each.starts, [each.end]]
            codes += [each.codes, [self.modes.index(MAINTENANCE)]]
            lots += [each.lots, [-1]]
            runs += [np.arange(each.starts.size), [-1]]
            places += [np.full(each.starts.size + 1, place)]
        start, code = np.concatenate(starts), np.concatenate(codes)
        lot, run = np.concatenate(lots), np.concatenate(runs)
        place_of = np.concatenate(places)
        run_lengths = np.diff(np.append(start, self._stretches[-1].ready))
        lengths = np.diff(np.append(start, last).clip(max=last)).clip(0)
        index = np.repeat(code, lengths).astype(np.int8)
        which = np.repeat(np.arange(start.size), lengths)
        offset = int(start[0])
        if self._asked.shift:
            index[~_working(self._asked.shift, offset, index.size)] = self.modes.index(
                self._asked.shift.mode
            )
            index[self._codes([MAINTENANCE])[np.repeat(code, lengths)]] = self.modes.index(
                MAINTENANCE
            )
        waiting = getattr(self._asked.schedule, "idle", STOP)
        for stop in self.stops:
            begin, ready, end = (max(row - offset, 0) for row in stop[:3])
            index[begin:ready] = self.modes.index(STOP)
            index[ready:end] = self.modes.index(waiting)
        self._wear_out(index, offset)
        cut = sim.start - offset
        self._index, which = index[cut:], which[cut:]
        edges = np.flatnonzero((np.diff(self._index) != 0) | (np.diff(which) != 0)) + 1
        self._firsts = np.concatenate([[0], edges])
        self._lengths = np.diff(np.append(self._firsts, self._index.size))
        segment = which[self._firsts]
        self._segment_modes = self._index[self._firsts]
        self._segment_lots, self._segment_runs = lot[segment], run[segment]
        self._segment_places = place_of[segment]
        self._run_firsts, self._run_lengths = start[segment] - sim.start, run_lengths[segment]

    def _wear_out(self, index: npt.NDArray[np.int8], offset: int) -> None:
        worn = self._asked.wear
        if worn is None:
            self._wear = np.zeros(self._sim.all_rows)
            return
        full = worn.full_hours * ROWS_PER_HOUR * self._sim.unit("wear", 0.25)
        used = np.cumsum(self._codes(worn.during)[index]) / full
        resets = [0, *(
            each.ready - offset
            for each in self._stretches
            if (each.number + 1) % worn.every == 0 and each.ready - offset < index.size
        )]  # fmt: skip
        zero = np.repeat(used[np.array(resets)], np.diff([*resets, index.size]))
        self._wear = (used - zero)[self._sim.start - offset :]

    def _level(
        self, name: str, table: Floats, products: Mapping[str, float] | None,
        lot: float, run: float,
    ) -> Floats:  # fmt: skip
        values = table[self._segment_modes]
        if products:
            factors = np.array([products.get(each, 1.0) for each in self.products])
            values = values * factors[self._segment_products]
        if lot:
            values = values * self._scattered(f"lot:{name}", self._segment_lots, lot)
        if run:
            values = values * self._scattered(f"run:{name}", self._segment_runs, run)
        return np.repeat(values, self._lengths)

    @cached_property
    def _by_stretch(self) -> list[tuple[slice, int]]:
        """Segments of each stretch, with its number."""
        bounds = np.searchsorted(self._segment_places, np.arange(len(self._stretches) + 1))
        return [
            (slice(first, last), each.number)
            for each, first, last in zip(self._stretches, bounds, bounds[1:], strict=False)
            if first < last
        ]

    def _scattered(self, name: str, ids: Whole, sd: float) -> Floats:
        """A factor for each lot or run; those without a number, as in maintenance, have 1."""
        factors = np.ones(ids.size)
        for here, number in self._by_stretch:
            drawn = self._sim.stream(name, number).standard_normal(int(ids[here].max()) + 2)
            drawn[-1] = 0.0  # of number -1
            factors[here] += sd * drawn.clip(-3, 3)[ids[here]]
        return factors

    @cached_property
    def _mix(self) -> Floats:
        """Cumulated shares of the products of this unit."""
        weights = [w * self._sim.unit(f"product:{p}", 0.6) for p, w in self._asked.products.items()]
        return np.cumsum(weights or [1.0]) / sum(weights or [1.0])

    @cached_property
    def _segment_products(self) -> Whole:
        product = np.zeros(self._segment_lots.size, np.int64)
        if len(self.products) > 1:
            for here, number in self._by_stretch:
                lots = self._segment_lots[here]
                drawn = self._sim.stream("mix", number).uniform(size=int(lots.max()) + 2)
                product[here] = np.searchsorted(self._mix, drawn)[lots]
        return product.clip(0, len(self.products) - 1)

    @property
    def _first_number(self) -> int:
        """So that the lots of any year have positive numbers."""
        days = self._asked.maintenance.every_days if self._asked.maintenance else 30.0
        return math.floor(-31 * 366 / days) - 2

    def _add(self, hit: Hit, values: Floats) -> None:
        """Add one coming up of a cause to what lies in the year."""
        rng = np.random.Generator(np.random.SFC64(hit.shape))
        values_of = _COURSES[hit.cause.pattern](hit.end - hit.start, rng)
        rest = hit.gone - hit.end
        if rest and hit.stop is None:
            fade = np.exp(-6.0 * np.arange(1, rest + 1) / (hit.end - hit.start))
            values_of = np.concatenate([values_of, values_of[-1] * fade])
        elif rest:
            values_of = np.concatenate([values_of, np.full(rest, values_of[-1])])
        first = hit.start - self._sim.start
        low, high = max(first, 0), min(first + values_of.size, values.size)
        if low < high:
            values[low:high] += (
                hit.severity * hit.cause.reach * values_of[low - first : high - first]
            )


def _rows_of(hit: Hit) -> int:
    """About how many rows a fault shows in: what it does goes on for some hours."""
    return hit.gone - hit.start + 3 * ROWS_PER_HOUR


def _check_plan(asked: _Asked) -> None:
    schedule = asked.schedule
    if isinstance(schedule, Recipe):
        if not schedule.steps or schedule.per_lot < 1 or schedule.idle_minutes < 0:
            raise ValueError("recipe: expected steps, per_lot >= 1 and idle_minutes >= 0")
        if any(minutes < 1 for _, minutes, _ in schedule.steps):
            raise ValueError("recipe: expected steps of at least 1 minute")
    elif len(schedule.dwell) < 2 or any(d < 1 or w <= 0 for d, w in schedule.dwell.values()):
        raise ValueError("modes: expected two or more of dwell >= 1 minute and weight > 0")
    if asked.maintenance and (asked.maintenance.every_days < 1 or asked.maintenance.hours <= 0):
        raise ValueError("maintenance: expected every_days >= 1 and hours > 0")
    shift = asked.shift
    if shift and not (1 <= shift.days <= 7 and 0 <= shift.start_hour < shift.end_hour <= 24):
        raise ValueError("shift: expected 1 to 7 days and 0 <= start_hour < end_hour <= 24")
    if asked.wear and (asked.wear.full_hours <= 0 or asked.wear.every < 1):
        raise ValueError("wear: expected full_hours > 0 and every >= 1")
    for cause in asked.causes:
        least, most = cause.hours
        if cause.pattern not in PATTERNS or cause.ends not in {"repair", "recovery"}:
            raise ValueError(
                f"cause {cause.name!r}: {cause.pattern}/{cause.ends}; expected a pattern of "
                f"{list(PATTERNS)} and an end by repair or recovery"
            )
        if cause.per_year <= 0 or not 0 < least <= most or not 0 < cause.reach <= 1:
            raise ValueError(
                f"cause {cause.name!r}: expected per_year > 0, 0 < least <= most hours and a "
                "reach above 0 and up to 1"
            )
    rows = sum(each.per_year * sum(each.hours) / 2 for each in asked.causes) * ROWS_PER_HOUR
    if rows > MAX_ANOMALOUS_SHARE * _ROWS_PER_YEAR:
        raise ValueError(f"causes may fill {rows / _ROWS_PER_YEAR:.1%} of the year; expected 5 %")


def _lots(
    recipe: Recipe, sim: Simulation, rng: np.random.Generator, span: int
) -> tuple[Whole, Whole, Whole]:
    """Modes, lengths and lots of runs, as many lots as end within `span` rows, then a wait."""
    names = recipe.modes
    pace = sim.unit("pace", 0.1) / MINUTES_PER_ROW
    mean = np.tile([minutes * pace for _, minutes, _ in recipe.steps], recipe.per_lot)
    jitter = np.tile([share for *_, share in recipe.steps], recipe.per_lot)
    idle = recipe.idle_minutes / MINUTES_PER_ROW * sim.unit("idle", 0.4)
    count = int(1.4 * span / (mean.sum() + idle)) + 6
    runs = mean * (1 + jitter * np.clip(rng.standard_normal((count, mean.size)), -2.5, 4))
    waits = np.rint(rng.exponential(idle, (count, 1))) + 1
    lengths = np.hstack([np.maximum(1, np.rint(runs)), waits]).astype(np.int64)
    whole = max(1, int((np.cumsum(lengths.sum(axis=1)) < span).sum()))
    steps = np.tile([names.index(mode) for mode, *_ in recipe.steps], recipe.per_lot)
    codes = np.tile(np.append(steps, names.index(recipe.idle)), whole)
    return codes, lengths[:whole].ravel(), np.repeat(np.arange(whole), lengths.shape[1])


def _chain(
    modes: Modes, sim: Simulation, rng: np.random.Generator, span: int
) -> tuple[Whole, Whole, Whole]:
    """Modes, lengths and lots of runs that fill `span` rows; every run is a lot."""
    names = modes.modes
    dwell = np.array(
        [d / MINUTES_PER_ROW * sim.unit(f"dwell:{m}", 0.3) for m, (d, _) in modes.dwell.items()]
    )
    weights = np.array([weight for _, weight in modes.dwell.values()])
    table = np.tile(weights, (len(names), 1)) * (1 - np.eye(len(names)))
    steps = np.cumsum(table / table.sum(axis=1, keepdims=True), axis=1).tolist()
    mode = int(rng.choice(len(names), p=weights / weights.sum()))
    codes: list[int] = []
    lengths: list[int] = []
    done = 0
    while done < span:
        length = max(1, round(dwell[mode] * rng.lognormal(-0.18, 0.6)))
        codes.append(mode)
        lengths.append(length)
        done += length
        mode = min(bisect_left(steps[mode], rng.uniform()), len(names) - 1)
    return np.array(codes), np.array(lengths), np.arange(len(codes))


def _is_near(first: int, last: int, taken: Sequence[tuple[int, int]], guard: int) -> bool:
    return any(first - guard < end and start - guard < last for start, end in taken)


def _working(shift: Shift, offset: int, rows: int) -> Mask:
    """True in working time, from row `offset` after ORIGIN on."""
    row = np.arange(7 * ROWS_PER_DAY)
    hour = row % ROWS_PER_DAY / ROWS_PER_HOUR
    week = (row < shift.days * ROWS_PER_DAY) & (hour >= shift.start_hour) & (hour < shift.end_hour)
    monday = ORIGIN.weekday() * ROWS_PER_DAY + offset
    return np.resize(np.roll(week, -monday % week.size), rows)


# How far a cause has gone while it lasts, from above 0 to 1.


def _grow(rows: int, rng: np.random.Generator) -> Floats:
    return np.asarray((np.arange(1, rows + 1) / rows) ** (1 + rng.uniform()))


def _step(rows: int, rng: np.random.Generator) -> Floats:
    ramp = max(1.0, rows * rng.uniform(0.1, 0.4))
    return np.asarray(np.minimum(np.arange(1, rows + 1) / ramp, 1.0))


def _bursts(rows: int, rng: np.random.Generator) -> Floats:
    """On for a few minutes and off for longer, each burst of a size of its own; it dies away."""
    count = rows // 3 + 2
    lengths = np.stack([rng.geometric(0.4, count), rng.geometric(0.2, count)], axis=1).ravel()
    sizes = np.stack([rng.uniform(0.3, 1.0, count), np.zeros(count)], axis=1).ravel()
    values = np.repeat(sizes, lengths)[:rows]
    fading = np.minimum(1.0, (rows - np.arange(rows)) / max(1.0, 0.4 * rows))
    return np.asarray(values * fading)


def _hunt(rows: int, rng: np.random.Generator) -> Floats:
    period = rng.uniform(6, 20) / MINUTES_PER_ROW
    row = np.arange(rows)
    swell = np.minimum(np.minimum(row + 1, rows - row) / (0.2 * rows + 1), 1.0)
    return np.asarray(np.sin(2 * np.pi * row / period) * swell)


_COURSES: Mapping[str, Callable[[int, np.random.Generator], Floats]] = {
    "grow": _grow, "step": _step, "bursts": _bursts, "hunt": _hunt
}  # fmt: skip


# --- physics ------------------------------------------------------------------------------


def _lag(values: Floats, tau_minutes: float) -> Floats:
    """See `Simulation.lag`; one number stays as it is."""
    if tau_minutes == 0 or values.ndim == 0:
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


def _response(away: Floats, tau_minutes: float) -> Floats:
    """The lag of what has been zero before."""
    if tau_minutes == 0:
        return away.copy()
    keep = math.exp(-MINUTES_PER_ROW / tau_minutes)
    return _recursion(away * (1 - keep), keep)


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
    _run_down(grid, keep)
    _carry_over(grid, keep)


def _run_down(grid: Floats, keep: float) -> None:
    """Solve it within each block, as if nothing came before."""
    scratch = np.empty(grid.shape[1])
    for before, step in pairwise(list(grid)):
        np.multiply(before, keep, out=scratch)
        np.add(step, scratch, out=step)


def _carry_over(grid: Floats, keep: float) -> None:
    """Add to each block what the one before leaves."""
    width, blocks = grid.shape
    carries, carry, whole = np.zeros(blocks), 0.0, keep**width
    for block, last in enumerate(grid[-1, :-1].tolist(), 1):
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
    """Offset of `size`, reached within the first tenth of the event and left in the last fifth."""
    row = np.arange(1, clean.size + 1)
    ramp = np.minimum(row / max(1.0, clean.size / 10), (clean.size + 1 - row) / (clean.size / 5))
    return clean + size * np.minimum(ramp, 1.0)


def drift(clean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Offset that grows steadily up to `size` and is set right in the last fifth of the event."""
    row, turn = np.arange(1, clean.size + 1), 0.8 * clean.size
    back = np.exp(-np.maximum(row - turn, 0) / max(1.0, clean.size / 25))
    return np.asarray(clean + size * np.minimum(row / turn, 1.0) * back)


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


class _Entry(NamedTuple):
    """A line of the worklog, with rows of the year; the event is -1 where there is none."""

    start: int
    end: int
    kind: str
    text: str
    event: int


class _Sensor(NamedTuple):
    unit: str
    description: str
    resolution: float
    low: float
    high: float
    role: str
    parents: tuple[str, ...]


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
    """One anomaly as delivered: its label, from first to last changed row, both inclusive.

    `cause_start`, `stop` and `restart` are rows, too, None where there is no such thing.
    `severity_sd` is the largest change in any affected signal, `snr` the largest root mean
    square change, both in standard deviations of that signal in the mode that holds; None where
    readings are missing.
    """

    start: int
    end: int
    kind: str
    category: str
    root_cause: str
    affected: tuple[str, ...]
    severity: str
    severity_sd: float | None = None
    snr: float | None = None
    cause_start: int | None = None
    stop: int | None = None
    restart: int | None = None


class Machine(Protocol):
    """What `write_year` makes the year of."""

    def record(self, recorder: "Recorder") -> None:
        """Add every signal; called twice, see the top of this file."""


def write_year(machine: str, build: Callable[[Simulation], Machine]) -> list[Event]:
    """Run the equations, without causes and with them, and write all files of the year here."""
    return simulate(Simulation.from_env(machine), build).write()


def simulate(sim: Simulation, build: Callable[[Simulation], Machine]) -> "Recorder":
    """Run the equations, without causes and with them; return what has been recorded."""
    recorder = Recorder(sim)
    build(sim).record(recorder)
    if sim.anomalies and sim.with_causes():
        build(sim).record(recorder)
    return recorder


class Recorder:
    """Collects signals as sensors show them, places the faults of sensors, writes the files."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._rows = sim.all_rows - LEAD_ROWS
        self._sensors: dict[str, _Sensor] = {}
        self._clean: dict[str, Floats] = {}
        self._readings: dict[str, Floats] = {}
        self._changed: dict[str, Whole] = {}  # by causes
        self._faults: list[_Fault] = []
        self._couplings: list[dict[str, object]] = []
        self._spreads: dict[tuple[str, int], float] = {}

    def add(
        self, name: str, values: Floats, *,
        unit: str, description: str, resolution: float, low: float, high: float,
        role: str = "measurement", parents: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Record a signal, shape `(rows,)`, as a sensor of this resolution and range shows it.

        Some readings are lost on their way, alone and all at once, as everywhere. `role` is
        measurement, setpoint, output (of a controller) or meter; `parents` name the signals that
        it is a function of. Raises ValueError for a name that is not fresh snake_case, a wrong
        shape, values that are not finite, a signal that never moves, or one that differs from
        its clean twin where no cause can reach.
        """
        if values.shape != (self._sim.rows,):
            raise ValueError(
                f"signal {name!r}: shape {values.shape}, expected {self._sim.rows} rows"
            )
        if self._sim.has_causes:
            self._add_faulty(name, values)
            return
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in self._sensors:
            raise ValueError(f"signal {name!r}: expected a new name in snake_case with its unit")
        if role not in ROLES:
            raise ValueError(f"signal {name!r}: role {role!r}; expected one of {list(ROLES)}")
        shown = sense(values[LEAD_ROWS:], resolution, low, high)
        if not float(shown.std()) > 0:
            raise ValueError(
                f"signal {name!r}: constant or not finite within {low} to {high} {unit}"
            )
        for first, last in self._gaps(name):
            shown[first:last] = np.nan
        self._sensors[name] = _Sensor(
            unit, description, resolution, low, high, role, tuple(parents)
        )
        self._clean[name] = self._readings[name] = shown

    def couple(self, first: str, second: str, *, sign: int, level: str, why: str = "") -> None:
        """Declare that two signals go together: `sign` is 1 or -1.

        `level` is run (within the runs of a mode), recipe (from run to run) or year (of all
        rows); it is written to signals.json and changes nothing.
        """
        if sign not in {1, -1} or level not in {"run", "recipe", "year"}:
            raise ValueError(f"couple {first!r}, {second!r}: expected sign 1 or -1 and a level of "
                             "run, recipe or year")  # fmt: skip
        if not self._sim.has_causes:
            pair = {"signals": [first, second], "sign": sign, "level": level, "why": why}
            self._couplings.append(pair)

    def fault(
        self, kind: str, category: str, root_cause: str, effects: Mapping[str, float], *,
        count: int, minutes: tuple[int, int], during: Mask | None = None,
    ) -> None:  # fmt: skip
        """Ask for `count` events of a kind at the sensors, each lasting `minutes` (least, most).

        `kind` is spike, level_shift, drift, stuck, dropout, noise_burst, saturation or
        oscillation; `category` is sensor or process, `root_cause` a signal or component.
        `effects` maps each affected signal, the root first, to the largest size of the change
        in its own unit (of saturation only the sign counts, of stuck and dropout nothing); small
        ones are as frequent as large ones. With `during`, events begin and end while the mask
        holds and show only where it holds. Raises ValueError for unknown words and where all
        faults may exceed 5 % of the year.
        """
        if kind not in ANOMALIES or category not in {"sensor", "process"}:
            raise ValueError(f"fault {kind!r}/{category!r}: expected one of {list(ANOMALIES)}")
        if not effects or not set(effects) <= set(self._sensors):
            raise ValueError(
                f"fault {kind!r}: effects {list(effects)} must be signals added before"
            )
        if count < 0 or not 1 <= minutes[0] <= minutes[1]:
            raise ValueError(f"fault {kind!r}: expected count >= 0 and 1 <= least <= most minutes")
        if self._sim.has_causes:
            return
        rows = (_rows(minutes[0]), _rows(minutes[1]))
        during = None if during is None else during[LEAD_ROWS:]
        asked = _Fault(kind, category, root_cause, dict(effects), count, rows, during)
        self._faults.append(asked)
        most = sum(fault.count * fault.rows[1] for fault in self._faults) / self._rows
        if most > MAX_ANOMALOUS_SHARE:
            raise ValueError(f"faults may fill {most:.1%} of the year; expected at most 5 %")

    def write(self, folder: str = ".") -> list[Event]:
        """Place the faults of sensors, write all files to a folder, return the events.

        The files are the dataset, its labels, `patch.parquet` (row, signal and clean value of
        each changed reading) and, of a machine with a plan, context, worklog and `signals.json`.
        Without anomalies (SYNTH_ANOMALIES=off) only the dataset is written; its rows are the
        same outside of the events. Raises ValueError naming a fault that cannot be placed.
        """
        events = self._events() if self._sim.anomalies else []
        _write_table(self._dataset(), f"{folder}/{DATASET_FILE}")
        if self._sim.anomalies:
            _write_table(_labels(events, self._timestamps), f"{folder}/{LABEL_FILE}")
            _write_table(self._patch(), f"{folder}/{PATCH_FILE}")
            if self._sim.known_plan is not None:
                self._write_context(self._sim.known_plan, events, folder)
        return events

    # -- causes

    def _add_faulty(self, name: str, values: Floats) -> None:
        sensor, clean = self._sensors[name], self._clean[name]
        rows = self._sim.rows_in_reach
        shown = sense(values, sensor.resolution, sensor.low, sensor.high)
        row = rows - LEAD_ROWS
        inside = row >= 0
        before = np.full(rows.size, np.nan)
        before[inside] = clean[row[inside]]
        differs = inside & ~np.isnan(before) & (shown != before)
        breaks = np.flatnonzero(np.diff(rows) > 1)
        edges = np.concatenate([breaks, breaks + 1])
        if rows[0] > 0:
            edges = np.append(edges, 0)
        if rows[-1] < self._sim.all_rows - 1:
            edges = np.append(edges, rows.size - 1)
        if differs[edges].any():
            where = self._timestamps[row[edges[differs[edges]][0]]]
            raise ValueError(
                f"signal {name!r} is not as without causes at {where}, where none can reach: "
                "expected memory in sim.lag alone (no cumsum, no rolling mean, no mean of all "
                "rows), of at most memory_hours / 12"
            )
        changed = row[differs]
        if changed.size:
            readings = clean.copy()
            readings[changed] = shown[differs]
            self._readings[name], self._changed[name] = readings, changed

    def _gaps(self, name: str) -> Iterator[tuple[int, int]]:
        """Rows in which messages are lost: of this signal, and of the whole machine."""
        for who, often, longest in ((name, 9.0, 45.0), ("", 6.0, 90.0)):
            rng = self._sim.stream(f"gaps:{who}", self._sim.year)
            for _ in range(rng.poisson(often)):
                first = int(rng.uniform() * self._rows)
                yield first, first + _rows(math.exp(rng.uniform(0, math.log(longest))))

    def _events(self) -> list[Event]:
        events = [*self._process_events()]
        for number, fault in enumerate(self._faults):
            rng = self._sim.stream(
                f"fault:{number}:{fault.kind}:{fault.root_cause}", self._sim.year
            )
            allowed = None if fault.during is None else np.flatnonzero(fault.during)
            for _ in range(fault.count):
                placed = sum(event.end - event.start + 1 for event in events)
                if placed + fault.rows[1] > MAX_SHARE_PLACED * self._rows and self._changed:
                    break
                events.append(self._place(fault, rng, allowed, events))
        return sorted(events)

    def _process_events(self) -> Iterator[Event]:
        """What each cause changed: all that changed from its start to the start of the next."""
        plan = self._sim.known_plan
        offset = self._sim.start + LEAD_ROWS
        hits = sorted(plan.hits) if plan and self._changed else []
        begins = [hit.start - offset for hit in hits]
        for hit, begin, following in zip(hits, begins, [*begins[1:], self._rows], strict=False):
            changed = {
                name: rows[np.searchsorted(rows, begin) : np.searchsorted(rows, following)]
                for name, rows in self._changed.items()
            }
            changed = {name: rows for name, rows in changed.items() if rows.size}
            if not changed:
                continue
            first = min(int(rows[0]) for rows in changed.values())
            last = max(int(rows[-1]) for rows in changed.values())
            changes = {n: self._readings[n][r] - self._clean[n][r] for n, r in changed.items()}
            sd, snr = self._severity(first, last, changes)
            yield Event(
                first, last, PATTERNS[hit.cause.pattern], "process", hit.cause.name,
                tuple(changed), _in_words(sd), sd, snr, begin,
                None if hit.stop is None else hit.stop - offset,
                None if hit.restart is None else hit.restart - offset,
            )  # fmt: skip

    def _severity(
        self, first: int, last: int, changes: Mapping[str, Floats]
    ) -> tuple[float | None, float | None]:
        """Largest and root mean square change, in standard deviations within the mode."""
        plan = self._sim.known_plan
        mode = -1 if plan is None else int(np.bincount(plan.index[first : last + 1]).argmax())
        peak, rms = 0.0, 0.0
        for name, change in changes.items():
            seen = change[~np.isnan(change)]
            if seen.size:
                sd = self._sd(name, mode)
                peak = max(peak, float(np.abs(seen).max()) / sd)
                rms = max(rms, math.sqrt(float(seen @ seen) / seen.size) / sd)
        return (round(peak, 3), round(rms, 3)) if peak else (None, None)

    def _sd(self, name: str, mode: int) -> float:
        """Of a signal in a mode, by a sample; at least a third of its resolution."""
        if (name, mode) not in self._spreads:
            sample = self._clean[name][::SAMPLE_STEP]
            plan = self._sim.known_plan
            if plan is not None:
                within = sample[plan.index[::SAMPLE_STEP] == mode]
                sample = within if within.size > MIN_SAMPLE else sample
            sd = float(np.nanstd(sample))
            self._spreads[name, mode] = max(sd, self._sensors[name].resolution / 3)
        return self._spreads[name, mode]

    # -- faults of sensors

    def _place(
        self, fault: _Fault, rng: np.random.Generator,
        allowed: Whole | None, events: Sequence[Event],
    ) -> Event:  # fmt: skip
        """Try places, ever shorter, until every affected signal visibly changes.

        The event is what has changed: rows at its ends that look as before are not part of it.
        """
        least, most = fault.rows
        for attempt in range(PLACEMENTS_TRIED):
            longest = most - (most - least) * attempt // PLACEMENTS_TRIED
            length = round(
                math.exp(rng.uniform(math.log(least), math.log(longest + 0.999))) - 0.499
            )
            size, choice = math.exp(rng.uniform(math.log(SMALLEST_SIZE), 0)), rng.random()
            start = _start(choice, self._rows - length, allowed)
            if start is None:
                continue
            end = start + length - 1
            if fault.during is not None:
                end = start + int(np.flatnonzero(fault.during[start : end + 1])[-1])
            if end - start + 1 < least or _is_taken(start, end, events):
                continue
            rows = slice(start, end + 1)
            faulty = self._faulty(fault, rows, size, rng)
            if faulty is None:
                continue
            apart = [
                _differs(values, self._readings[name][rows]) for name, values in faulty.items()
            ]
            changed = np.flatnonzero(np.logical_or.reduce(apart))
            seen = slice(start + int(changed[0]), start + int(changed[-1]) + 1)
            if seen.stop - seen.start < least:
                continue
            shown = {n: v[changed[0] : changed[-1] + 1] for n, v in faulty.items()}
            changes = {n: v - self._readings[n][seen] for n, v in shown.items()}
            sd, snr = self._severity(seen.start, seen.stop - 1, changes)
            for name, values in shown.items():
                if self._readings[name] is self._clean[name]:
                    self._readings[name] = self._clean[name].copy()
                self._readings[name][seen] = values
            return Event(
                seen.start, seen.stop - 1, fault.kind, fault.category, fault.root_cause,
                tuple(fault.effects), _in_words(sd), sd, snr, start,
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
            values[np.isnan(clean)] = np.nan  # what is lost on its way cannot be wrong
            if fault.during is not None:
                values = np.where(fault.during[rows], values, clean)
            if not _differs(values, clean).any():
                return None
            faulty[name] = values
        return faulty

    # -- files

    @cached_property
    def _timestamps(self) -> npt.NDArray[np.datetime64]:
        first = np.datetime64(f"{self._sim.year:04d}-01-01T00:00", "ms")
        return first + np.arange(self._rows) * np.timedelta64(_ROW_MS, "ms")

    def _patch(self) -> pa.Table:
        """Clean values of all changed readings, by row and then as the signals stand."""
        rows, signals, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
        for number, (name, clean) in enumerate(self._clean.items()):
            if self._readings[name] is not clean:
                where = np.flatnonzero(_differs(self._readings[name], clean))
                rows.append(where)
                signals.append(np.full(where.size, number))
                values.append(clean[where])
        row, signal = np.concatenate(rows), np.concatenate(signals)
        order = np.lexsort((signal, row))
        names = list(self._clean)
        columns = {
            "row": _column(row[order].astype(np.int32), pa.int32()),
            "signal": _texts([names[each] for each in signal[order].tolist()]),
            "clean": _column(np.concatenate(values)[order], pa.float64()),
        }
        return pa.table(columns)

    def _dataset(self) -> pa.Table:
        fields = [pa.field("Timestamp", pa.timestamp("ms"))]
        columns = [_column(self._timestamps, pa.timestamp("ms"))]
        for name, sensor in self._sensors.items():
            about = {
                "unit": sensor.unit,
                "description": sensor.description,
                "range": f"{sensor.low:g} to {sensor.high:g}",
                "resolution": f"{sensor.resolution:g}",
            }
            fields.append(pa.field(name, pa.float64(), metadata=about))
            columns.append(_column(self._readings[name], pa.float64()))
        return pa.Table.from_arrays(columns, schema=pa.schema(fields))

    def _write_context(self, plan: Plan, events: Sequence[Event], folder: str) -> None:
        numbers = np.full(self._rows, -1, np.int32)
        for number, event in enumerate(events):
            numbers[event.start : event.end + 1] = number
        at = plan.modes.index(MAINTENANCE)
        columns = {
            "Timestamp": _column(self._timestamps, pa.timestamp("ms")),
            "mode": _words(plan.index, plan.modes),
            "recipe": _words(plan.recipes(), plan.products),
            "lot": _numbers(plan.lots),
            "health": _column(np.round(np.clip(1 - plan.year_wear, 0, 1), 3), pa.float64()),
            "rul_hours": _column(plan.useful_life(), pa.float64()),
            "maintenance": _flags(plan.index == at),
            "event": _numbers(numbers),
        }
        sim = self._sim
        origin = {
            "machine": sim.machine,
            "site": sim.site,
            "year": f"{sim.year}",
            "seed": f"{sim.seed}",
        }
        for table, name in (
            (pa.table(columns), CONTEXT_FILE),
            (self._worklog(plan, events), WORKLOG_FILE),
        ):
            _write_table(table.replace_schema_metadata(origin), f"{folder}/{name}", "zstd")
        signals = [
            {
                "name": name,
                "unit": sensor.unit,
                "description": sensor.description,
                "role": sensor.role,
                "range": [sensor.low, sensor.high],
                "resolution": sensor.resolution,
                "parents": sensor.parents,
            }
            for name, sensor in self._sensors.items()
        ]
        with open(f"{folder}/{SIGNALS_FILE}", "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump({"signals": signals, "couplings": self._couplings}, file, indent=1)

    def _worklog(self, plan: Plan, events: Sequence[Event]) -> pa.Table:
        """Maintenance, stops, repairs and alarms that lie in the year or reach into it."""
        log = [
            *self._work(plan, events),
            *(each for n, event in enumerate(events) for each in self._alarm(event, n)),
            *self._false_alarms(),
        ]
        log = sorted(each for each in log if each.end > 0 and each.start < self._rows)
        return pa.table({
            "start": self._times(each.start for each in log),
            "end": self._times(each.end for each in log),
            "kind": _texts([each.kind for each in log]),
            "text": _texts([each.text for each in log]),
            "event": _numbers(np.array([each.event for each in log], dtype=np.int32)),
        })  # fmt: skip

    def _work(self, plan: Plan, events: Sequence[Event]) -> Iterator[_Entry]:
        offset = self._sim.start + LEAD_ROWS
        ended = {event.cause_start: n for n, event in enumerate(events) if event.stop is not None}
        for first, last in plan.maintenance:
            yield _Entry(first - offset, last - offset, "maintenance", "Planned maintenance", -1)
        for stop in plan.stops:
            begin, ready = stop.start - offset, stop.ready - offset
            if stop.hit is None:
                yield _Entry(begin, ready, "stop", "Short stop", -1)
            else:
                number = ended.get(stop.hit.start - offset, -1)
                text = f"Stopped and repaired: {stop.hit.cause.name}"
                yield _Entry(begin, ready, "repair", text, number)

    def _alarm(self, event: Event, number: int) -> list[_Entry]:
        """When a signal was first far beyond what it usually is, as its controller sees it."""
        plan = self._sim.known_plan
        if event.category != "process" or plan is None:
            return []
        mode = int(np.bincount(plan.index[event.start : event.end + 1]).argmax())
        rows, end = slice(event.start, event.end + 1), event.end + 1
        found = []
        for name in event.affected:
            change = np.abs(self._readings[name][rows] - self._clean[name][rows])
            beyond = np.flatnonzero(change > ALARM_SD * self._sd(name, mode))
            if beyond.size:
                begin = event.start + int(beyond[0])
                found.append(_Entry(begin, end, "alarm", self._said(name), number))
        return sorted(found)[:1]

    def _false_alarms(self) -> Iterator[_Entry]:
        rng, names = self._sim.stream("false alarms", self._sim.year), list(self._sensors)
        for _ in range(rng.poisson(FALSE_ALARMS)):
            text = self._said(names[rng.integers(len(names))])
            begin = int(rng.uniform() * (self._rows - ROWS_PER_HOUR))
            yield _Entry(begin, begin + _rows(rng.uniform(1, 30)), "alarm", text, -1)

    def _times(self, rows: Iterable[int]) -> pa.Array:
        """The minutes of rows, which may lie outside of the year."""
        times = self._timestamps[0] + _whole(rows) * np.timedelta64(_ROW_MS, "ms")
        return _column(times, pa.timestamp("ms"))

    def _said(self, name: str) -> str:
        return f"{self._sensors[name].description}: beyond its usual range"


def _in_words(severity_sd: float | None) -> str:
    """Low, medium or high; missing readings are medium, as nobody knows what they would be."""
    if severity_sd is None:
        return "medium"
    if severity_sd < SEVERITY_MEDIUM_SD:
        return "low"
    return "medium" if severity_sd < SEVERITY_HIGH_SD else "high"


def _differs(values: Floats, others: Floats) -> Mask:
    return np.asarray((values != others) & ~(np.isnan(values) & np.isnan(others)))


def _start(choice: float, last: int, allowed: Whole | None) -> int | None:
    if allowed is None:
        return int(choice * (last + 1))
    start = int(allowed[int(choice * allowed.size)]) if allowed.size else last + 1
    return start if start <= last else None


def _is_taken(start: int, end: int, events: Sequence[Event]) -> bool:
    return any(
        start <= event.end + GUARD_ROWS and event.start - GUARD_ROWS <= end for event in events
    )


def _labels(events: Sequence[Event], timestamps: npt.NDArray[np.datetime64]) -> pa.Table:
    stamp = pa.timestamp("ms")
    columns = {
        "start": _column(timestamps[_whole(event.start for event in events)], stamp),
        "end": _column(timestamps[_whole(event.end for event in events)], stamp),
        "kind": _texts([event.kind for event in events]),
        "category": _texts([event.category for event in events]),
        "root_cause": _texts([event.root_cause for event in events]),
        "affected": _lists([event.affected for event in events]),
        "severity": _texts([event.severity for event in events]),
        "severity_sd": _floats(event.severity_sd for event in events),
        "snr": _floats(event.snr for event in events),
    }
    for name in ("cause_start", "stop", "restart"):
        rows = [getattr(event, name) for event in events]
        known = np.array([row is not None for row in rows], dtype=np.bool_)
        at = timestamps[0] + _whole(row or 0 for row in rows) * np.timedelta64(_ROW_MS, "ms")
        columns[name] = _masked(at, known, stamp)
    return pa.table(columns)


# Columns are built from buffers because `pa.array` imports pandas, a quarter of a second.


def _column(values: npt.NDArray[Any], kind: pa.DataType) -> pa.Array:
    """Arrow column over numpy memory; NaN becomes null."""
    missing = np.isnan(values) if values.dtype == np.float64 else np.zeros(0, dtype=np.bool_)
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    return pa.Array.from_buffers(kind, values.size, [valid, pa.py_buffer(values)])


def _masked(values: npt.NDArray[Any], known: Mask, kind: pa.DataType) -> pa.Array:
    """Arrow column over numpy memory, null where it is not known."""
    valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(kind, values.size, [valid, pa.py_buffer(values)])


def _numbers(values: npt.NDArray[Any]) -> pa.Array:
    """Whole numbers, null where they are negative."""
    return _masked(values.astype(np.int32), values >= 0, pa.int32())


def _flags(values: Mask) -> pa.Array:
    packed = np.packbits(values, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), values.size, [None, pa.py_buffer(packed)])


def _words(codes: npt.NDArray[np.int8], words: Sequence[str]) -> pa.Array:
    """A dictionary of words, null where the code is negative."""
    return pa.DictionaryArray.from_arrays(
        _masked(codes.astype(np.int32), codes >= 0, pa.int32()), _texts(words)
    )


def _floats(values: Iterable[float | None]) -> pa.Array:
    known = [math.nan if value is None else value for value in values]
    return _column(np.array(known, dtype=np.float64), pa.float64())


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


def _write_table(table: pa.Table, path: str, compression: str = "lz4") -> None:
    # Sensors show few different values: a dictionary packs them fast and small.
    pq.write_table(
        table,
        path,
        compression=compression,
        use_dictionary=table.column_names[1:],
        column_encoding={table.column_names[0]: "DELTA_BINARY_PACKED"},
    )


def _int_from_env(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdecimal():
        raise ValueError(f"{name}={text!r}: expected a whole number")
    return int(text)
