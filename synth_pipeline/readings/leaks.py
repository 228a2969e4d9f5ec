"""Columns that give the answer away: the labels written once more, as a signal."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.fields import floats_of
from synth_pipeline.readings.label_rules import rows_in_events, rows_of_events
from synth_pipeline.readings.wording import some_of

MAX_AGREEMENT = 0.8  # phi coefficient of what a signal shows with the labels
NORMAL_RANGE = (0.001, 0.999)  # quantiles of what a signal shows outside of events
MAX_BEYOND = 0.9  # share of the labelled rows of each kind beyond that
MAX_FLAG_VALUES = 6
MIN_KINDS = 3  # of events, for a signal that most of them affect: fewer may all be strong
MIN_EVENTS = 8
MIN_SHOWN, MAX_EVENTS_SHOWN = 0.4, 0.95  # of an event's rows, of the events
GAP_BEFORE, GAP_AFTER, MAX_CHANCE = 2, 10, 0.2  # rows about an event's first
MAX_DIGITS = 4
MIN_ROUNDED, MAX_ROUNDED = 0.999, 0.5  # of the rows outside of events, and within
MAX_AREA = 0.97
PARTING_QUANTILES = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95)  # of the labelled readings
MAX_PARTED = 0.6  # phi coefficient; honest signals that no event affects were seen to reach 0.32
SAMPLE = 20_000  # rows, of those outside of events
_NAMED_SO = re.compile(
    r"(^|_)(anomal(y|ies|ous)|outliers?|ground_truth|is_(fault|faulty|normal|event|abnormal)"
    r"|fault_(flag|label|injected)|event_(flag|label|id))(_|$)|^(labels?|target|class|y)$"
)

Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def leak_findings(table: pa.Table, labels: pa.Table | None) -> list[Finding]:
    """Judge that no signal is named for the labels or tells them by its values."""
    names = table.column_names[1:]
    named = [name for name in names if _NAMED_SO.search(name.lower())]
    found = []
    if named:
        found.append(f"columns are named like labels: {some_of(named)}")
    if labels is not None and labels.num_rows:
        others = [name for name in names if name not in named]
        telling = _Telling.of(labels, table.num_rows)
        found += telling.columns(table, others) or telling.gaps(table, others)
    return [Finding(Topic.LEAK, message) for message in found]


def digit_findings(table: pa.Table, labels: pa.Table) -> list[Finding]:
    """Judge that no signal tells events by its digits: faults were added after the rounding."""
    inside = rows_in_events(labels, table.num_rows)
    rows: dict[str, dict[str, list[range]]] = {}
    kinds, affected = (labels.column(name).to_pylist() for name in ("kind", "affected"))
    for (first, last), kind, names in zip(rows_of_events(labels), kinds, affected, strict=True):
        for name in names or ():
            rows.setdefault(name, {}).setdefault(kind, []).append(range(first, last + 1))
    found = [
        name
        for name in table.column_names
        if name in rows
        and _has_other_digits(floats_of(table.column(name)), inside, rows[name].values())
    ]
    if not found:
        return []
    message = (
        f"readings have more digits in events than outside, which gives them away: {some_of(found)}"
    )
    return [Finding(Topic.LEAK, message, is_fatal=False)]


@dataclass(frozen=True, slots=True)
class _Telling:
    """Rows in events, those of each kind, and how many events affect each signal."""

    inside: Mask
    by_kind: Sequence[Mask]
    places: Sequence[tuple[int, int]]
    kinds: Sequence[str]
    affected: Mapping[str, int]

    @classmethod
    def of(cls, labels: pa.Table, rows: int) -> "_Telling":
        kinds = labels.column("kind")
        return cls(
            rows_in_events(labels, rows),
            [rows_in_events(labels.filter(pc.equal(kinds, kind)), rows) for kind in kinds.unique()],
            rows_of_events(labels),
            kinds.to_pylist(),
            Counter(name for row in labels.column("affected").to_pylist() for name in row or ()),
        )

    def columns(self, table: pa.Table, names: Sequence[str]) -> list[str]:
        """Say which columns tell the labels by their values."""
        found = []
        for name in names:
            values, often = (
                floats_of(table.column(name)),
                2 * self.affected.get(name, 0) >= len(self.places),
            )
            is_told = self._is_flag(values, often) or self._is_beyond(values, often)
            if is_told or (
                name not in self.affected and (self._is_sorted(values) or self._is_parted(values))
            ):
                found.append(name)
        if not found:
            return []
        unnamed = not any(self.affected.get(name) for name in found)
        hint = "; where events change them, name them in `affected`" if unnamed else ""
        return [f"columns say when there is an anomaly, as a label would: {some_of(found)}{hint}"]

    def _is_flag(self, values: Values, often: bool) -> bool:
        """True where a signal is missing, or has or leaves one value, in events and else never."""
        missing = np.isnan(values)
        is_fair = missing.any() and not (often and len(self.by_kind) < MIN_KINDS)
        if is_fair and _phi(missing, self.inside) > MAX_AGREEMENT:
            return True
        usual = _usual(values[:: max(1, values.size // 1000)])  # most signals have none
        return any(abs(_phi(values == flag, self.inside)) > MAX_AGREEMENT for flag in usual)

    def _is_beyond(self, values: Values, often: bool) -> bool:
        """True where labelled values lie outside what is normal, in events of every kind."""
        if often and len(self.by_kind) < MIN_KINDS:
            return False
        normal = values[~self.inside]
        sample = normal[:: max(1, normal.size // SAMPLE)]
        if np.isnan(sample).all():
            return False
        low, high = np.nanquantile(sample, NORMAL_RANGE)
        beyond = (values < low) | (values > high)
        if all(float(beyond[rows].mean()) > MAX_BEYOND for rows in self.by_kind):
            return True
        if len(self.places) < MIN_EVENTS:
            return False
        shown = [beyond[first : last + 1].mean() >= MIN_SHOWN for first, last in self.places]
        return bool(sum(shown) > MAX_EVENTS_SHOWN * len(shown))

    def gaps(self, table: pa.Table, names: Sequence[str]) -> list[str]:
        """Say so where readings are lost as events begin, and hardly ever else."""
        begins = np.zeros(table.num_rows, np.bool_)
        for name in names:
            missing = np.isnan(floats_of(table.column(name)))
            begins[1:] |= missing[1:] & ~missing[:-1]
        places = [first for (first, _), kind in zip(self.places, self.kinds, strict=True)
                  if kind != "dropout"]  # fmt: skip
        if len(places) < MIN_EVENTS:
            return []
        near = [bool(begins[max(0, at - GAP_BEFORE) : at + GAP_AFTER].any()) for at in places]
        chance = (GAP_BEFORE + GAP_AFTER) * float(begins[~self.inside].mean())
        if sum(near) <= MAX_AGREEMENT * len(near) or chance > MAX_CHANCE:
            return []
        return [f"readings are missing as events begin, in {sum(near)} of {len(near)}"]

    def _is_parted(self, values: Values) -> bool:
        """True where some threshold agrees with the labels, in a signal no event affects."""
        labelled = values[self.inside]
        if np.isnan(labelled).all():
            return False
        return any(
            abs(_phi(side, self.inside)) > MAX_PARTED
            for threshold in np.nanquantile(labelled, PARTING_QUANTILES)
            for side in (values >= threshold, values <= threshold)
        )

    def _is_sorted(self, values: Values) -> bool:
        """True where one threshold parts labelled rows from others, in a signal no event affects.

        By the area under the ROC curve, over a sample of the other rows.
        """
        normal = values[~self.inside]
        normal = np.sort(normal[:: max(1, normal.size // SAMPLE)])
        normal, labelled = normal[~np.isnan(normal)], values[self.inside]
        labelled = labelled[~np.isnan(labelled)]
        if not (normal.size and labelled.size):
            return False
        below, upto = (np.searchsorted(normal, labelled, side) for side in ("left", "right"))
        area = float((below + upto).mean()) / (2 * normal.size)
        return max(area, 1 - area) > MAX_AREA


def _has_other_digits(
    values: Values, inside: Mask, events: Iterable[Sequence[Sequence[int]]]
) -> bool:
    """True where readings are rounded outside of events, and most are not in those of a kind."""
    normal = values[~inside]
    normal = normal[:: max(1, normal.size // SAMPLE)]
    for digits in range(MAX_DIGITS + 1):
        if _rounded_share(normal, digits) > MIN_ROUNDED:
            return any(
                _rounded_share(values[np.concatenate(of_kind)], digits) < MAX_ROUNDED
                for of_kind in events
            )
    return False


def _rounded_share(values: Values, digits: int) -> float:
    """Share of the values that have no more than so many digits; 1 where there is none."""
    scaled = values[~np.isnan(values)] * 10**digits
    if not scaled.size:
        return 1.0
    return float((np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1, np.abs(scaled))).mean())


def _usual(sample: Values) -> list[float]:
    """All values of a sample that takes hardly any; else the one that it nearly always takes."""
    found, counts = np.unique(sample[~np.isnan(sample)], return_counts=True)
    if len(found) <= MAX_FLAG_VALUES:
        return [float(value) for value in found]
    place = int(counts.argmax())
    return [float(found[place])] if counts[place] > MAX_AGREEMENT * sample.size else []


def _phi(one: Mask, other: Mask) -> float:
    """Correlation of two binary series; see Matthews, Biochim. Biophys. Acta 405 (1975) 442."""
    both, first, second = (float(each.mean()) for each in (one & other, one, other))
    spread = first * (1 - first) * second * (1 - second)
    return (both - first * second) / spread**0.5 if spread > 0 else 0.0
