"""Figures of each signal, measured once on the whole year and kept in the dataset's footer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.known_fields import known_fields
from synth_pipeline.readings.contract import ROWS_PER_DAY, ROWS_PER_HOUR
from synth_pipeline.readings.periods import Clock, clock_of, repeated_share

RANK_SAMPLE_ROWS = 5_000
CORRELATED, SAME_COURSE = 0.3, 0.9999
MIN_COURSE_VALUES = 100
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
    moving rows that are the same to the last digit one period later.
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
    columns = {
        name: table.column(name).to_numpy().astype(np.float64, copy=False)
        for name in table.column_names[1:]
    }
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
    names, same = list(ranks), []
    for later, earlier in np.argwhere(np.tril(matrix, k=-1) > SAME_COURSE).tolist():
        one, other = columns[names[later]], columns[names[earlier]]
        # setpoints of one recipe move together
        is_rich = len(np.unique(ranks[names[later]])) > MIN_COURSE_VALUES
        if is_rich or np.array_equal(one, other, equal_nan=True):
            same.append(names[later])
    return round(float((upper > CORRELATED).mean()), 4), tuple(dict.fromkeys(same))


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
