"""Figures of each signal, measured once on the whole year and kept in the dataset's footer."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.known_fields import known_fields
from synth_pipeline.readings.contract import ROWS_PER_DAY, ROWS_PER_HOUR
from synth_pipeline.readings.fields import floats_of
from synth_pipeline.readings.periods import Clock, clock_of, repeated_share

RANK_SAMPLE_ROWS = 5_000
CORRELATED, CLOSE = 0.3, 0.7  # signals less close than that, events and all, are no copies
SAME_COURSE = 0.9  # of the rows; events are in the others
COURSE_QUANTILES = (0.1, 0.9)
MAX_ROUNDING = 1e-3  # of the spread; of coarser sensors equal readings say little
MIN_COURSE_VALUES = 100
STAND_INS = frozenset({99.0, 999.0, 9999.0, 99999.0, 999999.0, 999.9, 999.99, 9999.9, 32767.0,
                       65535.0})  # fmt: skip
STAND_IN_GAP = 0.5  # of the range of all other values
STEADY_SAMPLE_STEP = 37  # no divisor of an hour or a day

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SignalStatistics:
    """Of one signal over the year; None where it is undefined, as for a constant.

    `autocorrelation` is at lag one interval, `kurtosis` the excess kurtosis of the increments from
    one interval to the next (0 for Gaussian ones, None where they are all equal). Shares from 0
    to 1: `missing` and `steady` of the rows, without a value and at the most usual one;
    `hour_of_day`, `hourly` and `clock` of the variance, explained by the hour of day, left in
    hourly means, and in one period of `clock_minutes` with its harmonics; `repeated` of the
    moving rows that are the same to the last digit one period later. `stand_in` is a number such
    as -999 that is written where a value is missing; `off_line` how far hourly means are from the
    straight line of a counter of rows, in ranges of the signal.
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


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of one machine-year; `correlated_pairs` is the share of pairs with |Spearman| > 0.3.

    `same_courses` are signals that follow another one exactly, up to scale.
    """

    signals: Mapping[str, SignalStatistics]
    correlated_pairs: float | None
    same_courses: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Compact text, stable for equal figures."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what this or another version wrote; raises for anything else."""
        row = json.loads(text)
        signals = {n: known_fields(SignalStatistics, own) for n, own in row["signals"].items()}
        return cls(signals, row["correlated_pairs"], tuple(row.get("same_courses", ())))


def measure(table: pa.Table) -> Statistics:
    """Measure every signal of a dataset whose rows are one whole year of minutes."""
    columns = {name: floats_of(table.column(name)) for name in table.column_names[1:]}
    scratch = np.empty(table.num_rows)  # fresh pages for each step would cost more than the sums
    signals = {name: _measure(values, scratch) for name, values in columns.items()}
    return Statistics(signals, *_couplings(columns))


def _measure(values: Values, scratch: Values) -> SignalStatistics:
    missing = np.isnan(values)
    known = values[~missing] if missing.any() else values
    if not len(known):
        return SignalStatistics(None, None, None, 1.0, None, None, None)
    low, mean, high = float(known.min()), float(known.mean()), float(known.max())
    filled = np.where(missing, mean, values) if len(known) < len(values) else values
    centred = np.subtract(filled, mean, out=scratch)
    power, shifted = _dot(centred, centred), _dot(centred[1:], centred[:-1])
    varies = power > 0 and low < high  # a constant's power may be 1e-34
    hours = _hourly_means(centred) if varies else None
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
        repeated=repeated_share(values),
        stand_in=_stand_in(known, low, high),
        off_line=None if hours is None else _off_line(hours),
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


def _hourly_means(values: Values) -> Values:
    """Of the whole days, shape (days * 24,)."""
    days = values[: len(values) // ROWS_PER_DAY * ROWS_PER_DAY]
    return np.asarray(days.reshape(-1, ROWS_PER_HOUR).mean(axis=1))


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
    return None


def _off_line(hours: Values) -> float | None:
    """What nineteen of twenty hours are at most away from the line through the year's quarters."""
    first, last = hours.size // 4, hours.size * 3 // 4
    slope = (hours[last] - hours[first]) / (last - first)
    line = hours[first] + slope * (np.arange(hours.size) - first)
    span = float(np.ptp(np.quantile(hours, (0.05, 0.95))))  # without what events reach
    away = float(np.quantile(np.abs(hours - line), 0.95))
    return round(away / span, 4) if span > 0 else None


def _steady_share(known: Values) -> float:
    """Share of an even sample that has the sample's most frequent value."""
    _, counts = np.unique(known[::STEADY_SAMPLE_STEP], return_counts=True)
    return round(float(counts.max() / counts.sum()), 4)


def _couplings(columns: Mapping[str, Values]) -> tuple[float | None, tuple[str, ...]]:
    """Share of correlated pairs and signals of one course, over an even sample of the rows."""
    ranks = {
        name: _ranks(values[:: max(1, len(values) // RANK_SAMPLE_ROWS)])
        for name, values in columns.items()
    }
    ranks = {name: rank for name, rank in ranks.items() if rank.std() > 0}
    if len(ranks) < 2:
        return None, ()
    matrix = np.abs(np.corrcoef(np.vstack(list(ranks.values()))))
    upper = matrix[np.triu_indices(len(ranks), k=1)]
    names = list(ranks)
    close = np.argwhere(np.tril(matrix, k=-1) > CLOSE).tolist()
    same = [
        names[later]
        for later, earlier in close
        if _is_same_course(columns[names[later]], columns[names[earlier]])
    ]
    return round(float((upper > CORRELATED).mean()), 4), tuple(dict.fromkeys(same))


def _is_same_course(values: Values, others: Values) -> bool:
    """True where nearly all values are those of the other signal, scaled and rounded.

    Setpoints of one recipe move together, so that signals of few values count only as equals.
    """
    step = max(1, len(values) // RANK_SAMPLE_ROWS)
    one, other = values[::step], others[::step]
    known = ~(np.isnan(one) | np.isnan(other))
    if known.sum() < MIN_COURSE_VALUES:
        return False
    one, other = one[known], other[known]
    moves = (one != np.median(one)) | (other != np.median(other))  # rest is no likeness
    one, other = one[moves], other[moves]
    if one.size < MIN_COURSE_VALUES:
        return False
    if len(np.unique(one)) < MIN_COURSE_VALUES:
        return bool((one == other).all()) and np.array_equal(values, others, equal_nan=True)
    if float((one == other).mean()) > SAME_COURSE:
        return True
    spread, other_spread = (np.ptp(np.quantile(each, COURSE_QUANTILES)) for each in (one, other))
    if not (spread and other_spread):
        return False
    sign = np.sign(np.median((one - np.median(one)) * (other - np.median(other))))
    away = one - sign * spread / other_spread * other  # a constant, but for events and rounding
    digit = min(float(np.diff(np.unique(one)).min()), MAX_ROUNDING * float(spread))
    near = np.abs(away - np.median(away)) <= 2 * digit + 1e-9 * float(spread)
    return float(near.mean()) > SAME_COURSE


def _ranks(values: Values) -> Values:
    """Average ranks, so that repeated values of a coarse sensor tie."""
    missing = np.isnan(values)
    if missing.all():
        return np.zeros(len(values))
    filled = np.where(missing, values[~missing].mean(), values)
    _, places, counts = np.unique(filled, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[places], dtype=np.float64)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
