"""How believable a machine-year is: figures of its events, its couplings and its wear.

A figure is taken from the files alone (dataset, labels, patch, context, signals.json), as a user
could take it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from synth_pipeline.readings.declared import correlation

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
SHORT, LONG = 30, 60  # rows of a rolling window
COUPLED = 0.3
MAX_ROWS = 40_000  # of a mode, that correlations look at


@dataclass(frozen=True)
class Year:
    """One machine's year. `events` has the rows of first and last change, both inclusive."""

    readings: Mapping[str, Values]
    clean: Mapping[str, Values]
    events: Sequence[Mapping[str, object]]
    spans: Sequence[tuple[int, int]]
    modes: npt.NDArray[np.int64]
    mode_names: Sequence[str]
    health: Values
    couplings: Sequence[Mapping[str, object]]

    @classmethod
    def read(cls, folder: Path) -> "Year":
        """Read the files that a generator leaves in its folder."""
        readings = cls.readings_of(folder / "dataset.parquet")
        labels = pq.read_table(folder / "anomalies.parquet")
        patch = pq.read_table(folder / "patch.parquet")
        context = pq.read_table(folder / "context.parquet")
        clean = dict(readings)
        for name in pc.unique(patch.column("signal")).to_pylist():
            own = patch.filter(pc.equal(patch.column("signal"), name))
            clean[name] = readings[name].copy()
            clean[name][own.column("row").to_numpy()] = own.column("clean").to_numpy()
        times = context.column("Timestamp").to_numpy()
        spans = [
            (int(np.searchsorted(times, first)), int(np.searchsorted(times, last)))
            for first, last in zip(
                labels.column("start").to_numpy(), labels.column("end").to_numpy(), strict=True
            )
        ]
        mode = context.column("mode").combine_chunks().dictionary_encode()
        signals = json.loads((folder / "signals.json").read_text())
        return cls(
            readings, clean, labels.to_pylist(), spans,
            mode.indices.to_numpy(zero_copy_only=False).astype(np.int64),
            mode.dictionary.to_pylist(), context.column("health").to_numpy(),
            signals["couplings"],
        )  # fmt: skip

    @staticmethod
    def readings_of(path: Path) -> dict[str, Values]:
        """The signals of one file."""
        table = pq.read_table(path)
        return {name: table.column(name).to_numpy() for name in table.column_names[1:]}

    @property
    def rows(self) -> int:
        """Rows of the year."""
        return int(self.modes.size)

    @cached_property
    def usual_mode(self) -> int:
        """The most frequent mode."""
        return int(np.bincount(self.modes).argmax())

    @cached_property
    def runs(self) -> Rows:
        """Number of the run of one mode at every row."""
        return np.cumsum(np.diff(self.modes, prepend=self.modes[0]) != 0)

    @cached_property
    def anomalous_share(self) -> float:
        """Share of rows between the first and last change of an event."""
        return sum(last - first + 1 for first, last in self.spans) / self.rows

    @cached_property
    def found(self) -> npt.NDArray[np.bool_]:
        """Which events one of eight one-line rules finds, each without a false alarm."""
        found = np.zeros(len(self.spans), dtype=np.bool_)
        for values in self.readings.values():
            for rule, memory in _rules(values):
                found |= self._beyond(rule, memory)
        return found

    @cached_property
    def found_after(self) -> npt.NDArray[np.bool_]:
        """Which events a jump from their last row to the next one gives away."""
        found = np.zeros(len(self.spans), dtype=np.bool_)
        for values in self.readings.values():
            steps = np.abs(np.diff(values, prepend=values[0]))
            limit = np.nanmax(np.where(self._is_outside(1), steps, np.nan))
            for number, (_, last) in enumerate(self.spans):
                found[number] |= last + 1 < self.rows and steps[last + 1] > limit
        return found

    @cached_property
    def snr(self) -> Values:
        """Of every event whose change can be measured: see `signal_kit.Event`."""
        known = [event["snr"] for event in self.events if event["snr"] is not None]
        return np.array(known, dtype=np.float64)

    @cached_property
    def coupled_share(self) -> float:
        """Share of pairs with |r| above 0.3 within the most frequent mode."""
        rows = np.flatnonzero(self.modes == self.usual_mode)
        rows = rows[:: max(1, rows.size // MAX_ROWS)]
        values = np.array([self.clean[name][rows] for name in self.clean])
        values = values[:, ~np.isnan(values).any(axis=0)]
        with np.errstate(all="ignore"):
            r = np.corrcoef(values)
        pairs = [abs(r[i, j]) > COUPLED for i, j in combinations(range(len(values)), 2)]
        return float(np.mean(pairs))

    @cached_property
    def declared(self) -> Sequence[tuple[Mapping[str, object], float]]:
        """Each declared coupling with its correlation at its level, times its sign."""
        return [(pair, self._correlation(pair)) for pair in self.couplings]

    def _is_outside(self, memory: int) -> npt.NDArray[np.bool_]:
        outside = np.ones(self.rows, dtype=np.bool_)
        for first, last in self.spans:
            outside[first : last + 1 + memory] = False
        return outside

    def _beyond(self, rule: Values, memory: int) -> npt.NDArray[np.bool_]:
        outside = rule[self._is_outside(memory)]
        if np.isnan(outside).all():
            return np.zeros(len(self.spans), dtype=np.bool_)
        limit = np.nanmax(outside)
        return np.array(
            [np.nanmax(rule[a : b + 1], initial=-np.inf) > limit for a, b in self.spans]
        )

    def _correlation(self, pair: Mapping[str, object]) -> float:
        first, second = (self.clean[name] for name in pair["signals"])  # type: ignore[attr-defined]
        r = correlation(first, second, str(pair["level"]), self.modes, self.runs)
        return int(pair["sign"]) * r  # type: ignore[call-overload,no-any-return]


def _rules(values: Values) -> Iterator[tuple[Values, int]]:
    """Each rule as a number, larger the stranger a row is, and how many rows back it looks."""
    missing = np.isnan(values)
    filled = np.where(missing, 0.0, values)
    yield values, 0
    yield -values, 0
    step = np.diff(values, prepend=values[0])
    yield np.abs(step), 1
    yield np.abs(values - np.concatenate([np.full(LONG, np.nan), values[:-LONG]])), LONG
    mean = _rolling(filled, SHORT)
    yield np.abs(values - mean), SHORT
    spread = np.sqrt(np.maximum(_rolling(filled * filled, SHORT) - mean * mean, 0))
    yield spread, SHORT
    yield _length(step == 0), 1
    yield _length(missing), 1


def _rolling(values: Values, rows: int) -> Values:
    total = np.cumsum(values - values.mean())
    means = np.empty(values.size)
    means[:rows] = np.nan
    means[rows:] = (total[rows:] - total[:-rows]) / rows
    return np.asarray(means + values.mean())


def _length(holds: npt.NDArray[np.bool_]) -> Values:
    """For how many rows it has held, at every row."""
    row = np.arange(holds.size)
    last = np.maximum.accumulate(np.where(holds, -1, row))
    return np.asarray((row - last) * holds, dtype=np.float64)
