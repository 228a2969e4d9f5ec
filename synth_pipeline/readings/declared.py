"""Couplings that a machine declares, measured at the level at which they are said to hold.

Within the runs of a mode (`run`), from run to run (`recipe`), or over all rows (`year`); of
several modes the one that shows it most counts, as a control loop or a recipe hides it in others.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.readings.fields import floats_of

LEVELS = ("run", "recipe", "year")
SEEN, ABSENT = 0.3, 0.15  # correlations: from which a coupling is seen, below which it is not
MIN_SHARE, MIN_RUN = 0.02, 5  # of the rows, of a mode; rows of a run within which things move
MOST_ROWS = 200_000  # looked at, the first ones

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared coupling; `r` is its correlation times its sign, so that 1 is as declared."""

    first: str
    second: str
    sign: int
    level: str
    r: float

    def __str__(self) -> str:
        return f"{self.first} and {self.second} ({self.level}: {self.sign * self.r:+.2f})"


def declared_couplings(
    table: pa.Table, modes: pa.Array, signals: str | bytes
) -> tuple[Declared, ...]:
    """Measure what a tag dictionary (JSON) declares; pairs of unknown signals are left out.

    `modes` is the operating mode at every row, as a dictionary of words.
    """
    codes = modes[:MOST_ROWS].indices.to_numpy(zero_copy_only=False).astype(np.int64)
    runs = np.cumsum(np.diff(codes, prepend=codes[:1]) != 0)
    columns: dict[str, Values] = {}
    found = []
    for pair in json.loads(signals).get("couplings", ()):
        first, second = pair["signals"]
        if not {first, second} <= set(table.column_names) or pair["level"] not in LEVELS:
            continue
        for name in (first, second):
            columns.setdefault(name, floats_of(table.column(name))[:MOST_ROWS])
        r = correlation(columns[first], columns[second], pair["level"], codes, runs)
        sign = int(pair["sign"])
        found.append(Declared(first, second, sign, pair["level"], round(sign * r, 3)))
    return tuple(found)


def correlation(first: Values, second: Values, level: str, codes: Rows, runs: Rows) -> float:
    """Correlation at a level, of the mode that shows it most; 0 where none can be measured."""
    known = ~np.isnan(first) & ~np.isnan(second)
    if level == "year":
        return _r(first[known], second[known])
    values = [_of_mode(first, second, level, rows, runs) for rows in _modes(codes, known)]
    return max(values, key=abs, default=0.0)


def _modes(codes: Rows, known: npt.NDArray[np.bool_]) -> Iterator[Rows]:
    for code in range(int(codes.max(initial=-1)) + 1):
        rows = np.flatnonzero(known & (codes == code))
        if rows.size >= MIN_SHARE * codes.size:
            yield rows


def _of_mode(first: Values, second: Values, level: str, rows: Rows, runs: Rows) -> float:
    _, run, length = np.unique(runs[rows], return_inverse=True, return_counts=True)
    means = [np.bincount(run, values[rows]) / length for values in (first, second)]
    if level == "recipe":
        return _r(means[0], means[1])
    kept = length[run] >= MIN_RUN
    inner = [values[rows][kept] - mean[run][kept]
             for values, mean in zip((first, second), means, strict=True)]  # fmt: skip
    return _r(inner[0], inner[1])


def _r(first: Values, second: Values) -> float:
    if first.size < 3 or not first.std() > 0 or not second.std() > 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
