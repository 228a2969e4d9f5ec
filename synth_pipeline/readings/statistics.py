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

RANK_SAMPLE_ROWS = 5_000
CORRELATED = 0.3

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SignalStatistics:
    """Of one signal over the year; None where it is undefined, as for a constant.

    `missing` and `hour_of_day` are shares from 0 to 1: of rows without a value, and of the
    variance explained by the hour of day. `autocorrelation` is at lag one minute, `kurtosis`
    the excess kurtosis of the one-minute increments (0 for Gaussian ones).
    """

    minimum: float | None
    mean: float | None
    maximum: float | None
    missing: float
    autocorrelation: float | None
    kurtosis: float | None
    hour_of_day: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of one machine-year; `correlated_pairs` is the share of pairs with |Spearman| > 0.3."""

    signals: Mapping[str, SignalStatistics]
    correlated_pairs: float | None

    def to_json(self) -> str:
        """Compact text, stable for equal figures."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what this or another version wrote; raises for anything else."""
        row = json.loads(text)
        signals = {n: known_fields(SignalStatistics, own) for n, own in row["signals"].items()}
        return cls(signals, row["correlated_pairs"])


def measure(table: pa.Table) -> Statistics:
    """Measure every signal of a dataset whose rows are one whole year of minutes."""
    columns = {
        name: table.column(name).to_numpy().astype(np.float64, copy=False)
        for name in table.column_names[1:]
    }
    scratch = np.empty(table.num_rows)  # fresh pages for each step would cost more than the sums
    signals = {name: _measure(values, scratch) for name, values in columns.items()}
    return Statistics(signals, _correlated_pairs(list(columns.values())))


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
    return SignalStatistics(
        minimum=_rounded(low),
        mean=_rounded(mean),
        maximum=_rounded(high),
        missing=round(1 - len(known) / len(values), 6),
        autocorrelation=round(shifted / power, 4) if varies else None,
        kurtosis=_kurtosis(np.subtract(values[1:], values[:-1], out=scratch[1:])),
        hour_of_day=_hour_of_day_share(filled, power / len(known)) if varies else None,
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


def _hour_of_day_share(values: Values, variance: float) -> float:
    days = values[: len(values) // ROWS_PER_DAY * ROWS_PER_DAY].reshape(-1, 24, ROWS_PER_HOUR)
    return round(float(days.mean(axis=(0, 2)).var()) / variance, 4)


def _correlated_pairs(columns: Sequence[Values]) -> float | None:
    """Spearman's rank correlation over an even sample of the rows."""
    ranks = [_ranks(column[:: max(1, len(column) // RANK_SAMPLE_ROWS)]) for column in columns]
    ranks = [rank for rank in ranks if rank.std() > 0]
    if len(ranks) < 2:
        return None
    matrix = np.abs(np.corrcoef(np.vstack(ranks)))
    upper = matrix[np.triu_indices(len(ranks), k=1)]
    return round(float((upper > CORRELATED).mean()), 4)


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
