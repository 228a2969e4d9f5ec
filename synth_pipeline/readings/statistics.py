"""Figures of each signal, measured once on the whole year and kept in the dataset's footer."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.known_fields import known_fields
from synth_pipeline.readings.contract import ROWS_PER_DAY
from synth_pipeline.readings.couplings import couplings_of
from synth_pipeline.readings.declared import Declared, declared_couplings
from synth_pipeline.readings.fields import floats_of
from synth_pipeline.readings.periods import Clock, clock_of
from synth_pipeline.readings.repeats import dealt_share, hourly_means, repeated_share

STAND_INS = frozenset({99.0, 999.0, 9999.0, 99999.0, 999999.0, 999.9, 999.99, 9999.9, 32767.0,
                       65535.0})  # fmt: skip
MIN_ZEROS, MAX_ZEROS = 5, 0.01  # readings, of the readings
FAR_STEPS, MIN_BACK = 20, 0.7  # usual steps from row to row; zeros after which all is as before
STAND_IN_GAP = 0.5  # of the range of all other values
MIN_FALLING = 0.05  # of the hours
STEADY_SAMPLE_STEP = 37  # no divisor of an hour or a day

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SignalStatistics:
    """Of one signal over the year; None where it is undefined, as for a constant.

    `autocorrelation` is at lag one interval, `kurtosis` the excess kurtosis of the increments from
    one interval to the next (0 for Gaussian ones, None where they are all equal). Shares from 0
    to 1: `missing` and `steady` of the rows, without a value and at the most usual one;
    `hour_of_day`, `hourly` and `clock` of the variance, explained by the hour of day, left in
    hourly means, and in one period of `clock_minutes` with its harmonics, or in two; `repeated` of
    the moving rows that are the same to the last digit one period later, or of stretches of six
    hours that stand elsewhere, too. `stand_in` is a number such as -999 that is written where a
    value is missing, or 0 where the readings beside it are far from it; `off_line` how far hourly
    means are from the straight line of a counter of rows, in ranges of the signal, and `line` the
    share of their variance that a straight line explains, where they fall as well as rise.
    """

    minimum: float | None
    mean: float | None
    maximum: float | None
    missing: float
    autocorrelation: float | None
    kurtosis: float | None
    hour_of_day: float | None
    steady: float | None = None
    hourly: float | None = None
    clock: float | None = None
    clock_minutes: float | None = None
    repeated: float | None = None
    stand_in: float | None = None
    off_line: float | None = None
    line: float | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of one machine-year; `correlated_pairs` is the share of pairs with |Spearman| > 0.3.

    `same_courses` are signals that follow another one exactly, up to scale, rounding and delay;
    `declared` the couplings that the machine's tag dictionary declares, as they are.
    """

    signals: Mapping[str, SignalStatistics]
    correlated_pairs: float | None
    same_courses: tuple[str, ...] = ()
    declared: tuple[Declared, ...] = ()

    def to_json(self) -> str:
        """Compact text, stable for equal figures."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what this or another version wrote; raises for anything else."""
        row = json.loads(text)
        signals = {n: known_fields(SignalStatistics, own) for n, own in row["signals"].items()}
        declared = tuple(known_fields(Declared, own) for own in row.get("declared", ()))
        same = tuple(row.get("same_courses", ()))
        return cls(signals, row["correlated_pairs"], same, declared)


def measure(table: pa.Table, modes: pa.Array | None = None, tags: str | bytes = b"") -> Statistics:
    """Measure every signal of a dataset whose rows are one whole year of minutes.

    With the operating modes and the tag dictionary that code of this project gives, the couplings
    that it declares are measured, too. Stretches that stand twice and signals that copy another
    one, which take half of the time, are then not looked for: tests hold that code against them.
    """
    is_known = modes is not None
    columns = {name: floats_of(table.column(name)) for name in table.column_names[1:]}
    scratch = np.empty(table.num_rows)  # fresh pages for each step would cost more than the sums
    signals = {
        name: _measure(values, scratch, is_known=is_known) for name, values in columns.items()
    }
    pairs, copies = couplings_of(columns, with_copies=not is_known)
    declared = () if modes is None else declared_couplings(table, modes, tags)
    return Statistics(signals, pairs, copies, declared)


def _measure(values: Values, scratch: Values, *, is_known: bool) -> SignalStatistics:
    missing = np.isnan(values)
    known = values[~missing] if missing.any() else values
    if not len(known):
        return SignalStatistics(None, None, None, 1.0, None, None, None)
    low, mean, high = float(known.min()), float(known.mean()), float(known.max())
    filled = np.where(missing, mean, values) if len(known) < len(values) else values
    centred = np.subtract(filled, mean, out=scratch)
    power, shifted = _dot(centred, centred), _dot(centred[1:], centred[:-1])
    varies = power > 0 and low < high  # a constant's power may be 1e-34
    hours = _of_whole_days(centred) if varies else None
    variance = power / len(known)
    clock = Clock(None, None) if hours is None else clock_of(centred, hours, variance)
    return SignalStatistics(
        minimum=_rounded(low),
        mean=_rounded(mean),
        maximum=_rounded(high),
        missing=round(1 - len(known) / len(values), 6),
        autocorrelation=round(shifted / power, 4) if varies else None,
        kurtosis=_kurtosis(np.subtract(values[1:], values[:-1], out=scratch[1:])),
        hour_of_day=None if hours is None else _share(_of_day(hours), variance),
        steady=_steady_share(known),
        hourly=None if hours is None else _share(hours, variance),
        clock=clock.share,
        clock_minutes=clock.minutes,
        repeated=None if hours is None or is_known else _repeated(values, hours + mean),
        stand_in=_stand_in(known, low, high),
        off_line=None if hours is None else _off_line(hours),
        line=None if hours is None else _line(hours),
    )


def _dot(left: Values, right: Values) -> float:
    """Sum of products; not `np.dot`, whose last digits depend on the number of threads."""
    return float(np.einsum("i,i->", left, right))


def _kurtosis(increments: Values) -> float | None:
    """Excess kurtosis; overwrites what it is given."""
    missing = np.isnan(increments)
    squares = increments[~missing] if missing.any() else increments
    count = len(squares)
    if count:
        squares -= squares.mean()
        squares *= squares
    second = float(squares.mean()) if count else 0.0
    if second <= 0:
        return None
    squares /= second  # first, as the square of tiny or huge ones leaves the range of floats
    return round(_dot(squares, squares) / count - 3, 2)


def _of_whole_days(values: Values) -> Values:
    """Hourly means, shape (days * 24,)."""
    return hourly_means(values[: len(values) // ROWS_PER_DAY * ROWS_PER_DAY])


def _repeated(values: Values, hours: Values) -> float:
    return max(repeated_share(values), dealt_share(values, hours))


def _of_day(hours: Values) -> Values:
    return np.asarray(hours.reshape(-1, 24).mean(axis=0))


def _share(means: Values, variance: float) -> float:
    return round(float(means.var()) / variance, 4)


def _stand_in(known: Values, low: float, high: float) -> float | None:
    """An extreme that is a usual code for "no value" and far from everything else."""
    for value in (low, high):
        if abs(value) in STAND_INS:
            others = known[known != value]
            gap = float(np.abs(others - value).min()) if others.size else 0.0
            if gap > STAND_IN_GAP * (float(np.ptp(others)) if others.size else 0.0) > 0:
                return value
    return 0.0 if _has_lone_zeros(known) else None


def _has_lone_zeros(known: Values) -> bool:
    """True where the readings beside a few zeros are far from zero."""
    zeros = np.flatnonzero(known[1:-1] == 0.0) + 1
    if not MIN_ZEROS <= zeros.size <= MAX_ZEROS * known.size:
        return False
    steps = np.abs(known[1::STEADY_SAMPLE_STEP] - known[:-1:STEADY_SAMPLE_STEP])
    usual = float(np.median(steps[steps > 0])) if steps.any() else 0.0
    before, after = known[zeros - 1], known[zeros + 1]
    beside = np.minimum(np.abs(before), np.abs(after))
    back = np.abs(before - after) < 0.5 * beside
    return bool(float(np.median(beside)) > FAR_STEPS * usual and back.mean() > MIN_BACK)


def _off_line(hours: Values) -> float | None:
    """What nineteen of twenty hours are at most away from the line through the year's quarters."""
    first, last = hours.size // 4, hours.size * 3 // 4
    slope = (hours[last] - hours[first]) / (last - first)
    line = hours[first] + slope * (np.arange(hours.size) - first)
    span = float(np.ptp(np.quantile(hours, (0.05, 0.95))))  # without what events reach
    away = float(np.quantile(np.abs(hours - line), 0.95))
    return round(away / span, 4) if span > 0 else None


def _line(hours: Values) -> float | None:
    """Of the hourly means; None where they hardly ever fall, as of a meter."""
    steps = np.diff(hours)
    if (steps < 0).sum() < MIN_FALLING * hours.size:
        return None
    place = np.arange(hours.size) - (hours.size - 1) / 2
    away = hours - hours.mean()
    power = float((away * away).sum() * (place * place).sum())
    return round(float((away * place).sum()) ** 2 / power, 4) if power > 0 else None


def _steady_share(known: Values) -> float:
    """Share of an even sample that has the sample's most frequent value."""
    _, counts = np.unique(known[::STEADY_SAMPLE_STEP], return_counts=True)
    return round(float(counts.max() / counts.sum()), 4)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
