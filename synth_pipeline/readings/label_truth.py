"""Labels against the readings that differ from the clean twin: made exact by them, and judged."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.changes import Changed, Changes, Rows
from synth_pipeline.readings.contract import INTERVAL, INTERVAL_MS, LABEL_SCHEMA
from synth_pipeline.readings.label_rules import rows_of_events
from synth_pipeline.readings.wording import some_of, time_of

MAX_TRIMMED_SHARE = 0.1
MIN_SIZE = 0.1  # usual steps of a signal from row to row, below which no change shows
MIN_FILLED_SHARE = 0.05  # of the intervals of an event
MAX_GAP_SHARE, GAP_ROWS = 0.8, 20  # of an event of so many rows, without any change
ABRUPT_SHARE = 0.5  # of an event's greatest change, from which its edge is no gradual one
GRADUAL = frozenset({"drift", "oscillation", "stuck"})  # these begin at or near the clean value
FEW = 3  # events or signals named in one sentence

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Span:
    """One labelled event: its place in the table, rows (inclusive) and affected signals."""

    number: int
    first: int
    last: int
    kind: str
    affected: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} in rows {self.first:,} to {self.last:,}"


def mended_labels(labels: pa.Table, changes: Changes) -> tuple[pa.Table, list[Finding]]:
    """Labels made exact by the twin, with a finding for each thing that was not.

    A missing list of affected signals is filled in. First and last interval move to the first
    and last changed one where that is next to nothing of the event; what differs more is left
    for `label_truth_findings`.
    """
    columns = {name: labels.column(name).to_pylist() for name in ("start", "end", "affected")}
    moved: list[str] = []
    padded: dict[str, list[str]] = {}
    for span in _spans(labels):
        affected = span.affected or tuple(
            name for name, changed in changes.items() if changed.within(span.first, span.last).size
        )
        columns["affected"][span.number] = list(affected) or None
        ends = _changed_ends(span, affected, changes)
        room = max(1, int(MAX_TRIMMED_SHARE * (span.last - span.first + 1)))
        early, late = (ends[0] - span.first, span.last - ends[1]) if ends else (0, 0)
        if 0 < max(early, late) <= room:
            columns["start"][span.number] += early * INTERVAL
            columns["end"][span.number] -= late * INTERVAL
            moved.append(str(span))
            if span.kind not in GRADUAL and _is_abrupt(span, affected, changes, early > 0):
                padded.setdefault(span.kind, []).append(str(span))
    table = labels
    for name, values in columns.items():
        place = LABEL_SCHEMA.get_field_index(name)
        table = table.set_column(place, name, pa.array(values, LABEL_SCHEMA.field(name).type))
    kinds = Counter(labels.column("kind").to_pylist())
    return table, _edge_findings(kinds, moved, padded)


def _edge_findings(
    kinds: Mapping[str, int], moved: Sequence[str], padded: Mapping[str, Sequence[str]]
) -> list[Finding]:
    """Say which edges were moved; most of a kind labelled beside an abrupt change is no rounding.

    `kinds` has the number of events of each kind.
    """
    findings = [
        Finding(
            Topic.LABELS_AND_DATA,
            f"{len(spans)} of {kinds[kind]} events of kind {kind} are labelled beside where they "
            f"are, such as {some_of(spans, FEW)}",
        )
        for kind, spans in padded.items()
        if len(spans) >= FEW and 2 * len(spans) > kinds[kind]
    ]
    if moved and not findings:
        message = (
            f"the first or last labelled interval of {len(moved)} events is not changed, such as "
            f"{some_of(moved, FEW)}"
        )
        findings.append(Finding(Topic.LABELS_AND_DATA, message, is_fatal=False))
    return findings


def label_truth_findings(
    labels: pa.Table, changes: Changes, year: int, *, is_own: bool = False
) -> list[Finding]:
    """Judge that the readings differ from the clean twin exactly where the labels say.

    Each event changes each of its affected signals and begins and ends with a changed interval;
    nothing else differs. The labels are within the contract. Events that hardly show are held
    against a model alone: causes of our own have small severities, too.
    """
    spans = list(_spans(labels))
    found = [*_ineffective(spans, changes), *_inexact(spans, changes)]
    found += _unlabelled(spans, changes, year)
    found += [] if found or is_own else _hardly_there(spans, changes)
    return [Finding(Topic.LABELS_AND_DATA, message) for message in found]


def _ineffective(spans: Sequence[_Span], changes: Changes) -> Iterator[str]:
    idle = [
        f"{name} by {span}"
        for span in spans
        for name in span.affected
        if name not in changes or not changes[name].within(span.first, span.last).size
    ]
    if idle:
        yield f"signals are labelled as affected and not changed: {some_of(idle, FEW)}"


def _inexact(spans: Sequence[_Span], changes: Changes) -> Iterator[str]:
    inexact = []
    for span in spans:
        ends = _changed_ends(span, span.affected, changes)
        if ends is not None and ends != (span.first, span.last):
            inexact.append(f"{span}, changed from {ends[0]:,} to {ends[1]:,}")
    if inexact:
        yield (
            f"{len(inexact)} events do not begin and end with a changed interval: "
            f"{some_of(inexact, FEW)}"
        )


def _hardly_there(spans: Sequence[_Span], changes: Changes) -> Iterator[str]:
    """Most events that no sensor would show, or that are almost nowhere within their labels."""
    faint = [
        span
        for span in spans
        if all(
            (sizes := _sizes_within(changes[name], span)) is not None and sizes.max() < MIN_SIZE
            for name in span.affected
        )
    ]
    if 2 * len(faint) > len(spans):
        shown = some_of([str(span) for span in faint], FEW)
        yield f"{len(faint)} of {len(spans)} events hardly change their signals: {shown}"
    kinds = Counter(span.kind for span in spans)
    empty: dict[str, list[str]] = {}
    for span in spans:
        if span.kind != "stuck" and _is_empty(span, changes):  # a held value may be the true one
            empty.setdefault(span.kind, []).append(str(span))
    for kind, few in empty.items():
        if len(few) >= min(FEW, len(spans)) and 2 * len(few) > kinds[kind]:
            yield (
                f"{len(few)} of {kinds[kind]} events of kind {kind} change next to nothing of "
                f"their intervals: {some_of(few, FEW)}"
            )


def _is_empty(span: _Span, changes: Changes) -> bool:
    """True where hardly a row within is changed, or none for most of the event."""
    length = span.last - span.first + 1
    rows = np.unique(
        np.concatenate([changes[name].within(span.first, span.last) for name in span.affected])
    )
    if rows.size < MIN_FILLED_SHARE * length:
        return True
    return length >= GAP_ROWS and int(np.diff(rows).max(initial=0)) > MAX_GAP_SHARE * length


def _sizes_within(changed: Changed, span: _Span) -> Values | None:
    if changed.sizes is None:
        return None
    low, high = np.searchsorted(changed.rows, [span.first, span.last + 1])
    return changed.sizes[low:high]


def _is_abrupt(span: _Span, affected: Sequence[str], changes: Changes, is_early: bool) -> bool:
    """True where the change begins at once, near its full size; with late labels where it ends."""
    for name in affected:
        sizes = _sizes_within(changes[name], span) if name in changes else None
        if sizes is not None and sizes.size:
            edge = sizes[0] if is_early else sizes[-1]
            if edge == sizes.max() or edge >= ABRUPT_SHARE * sizes.max():
                return True
    return False


def _unlabelled(spans: Sequence[_Span], changes: Changes, year: int) -> Iterator[str]:
    places: dict[str, list[tuple[int, int]]] = {}
    for span in spans:
        for name in span.affected:
            places.setdefault(name, []).append((span.first, span.last))
    outside = {
        name: changed.rows[~_is_within(changed.rows, places.get(name, ()))]
        for name, changed in changes.items()
    }
    strays = {name: where for name, where in outside.items() if where.size}
    if strays:
        begin = np.datetime64(f"{year:04d}-01-01T00:00", "ms")
        shown = [
            f"{where.size:,} of {name}, the first at {time_of(begin + where[0] * INTERVAL_MS)}"
            for name, where in strays.items()
        ]
        yield f"readings differ from the clean twin where no label says so: {some_of(shown, FEW)}"


def _is_within(rows: Rows, places: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Which of the rows lie between a first and a last one, both inclusive."""
    if not places:
        return np.zeros(rows.size, np.bool_)
    firsts, lasts = np.array(sorted(places)).T
    before = np.searchsorted(firsts, rows, side="right") - 1
    return np.asarray((before >= 0) & (rows <= np.maximum.accumulate(lasts)[before]))


def _spans(labels: pa.Table) -> Iterator[_Span]:
    kinds, affected = (labels.column(name).to_pylist() for name in ("kind", "affected"))
    for number, (first, last) in enumerate(rows_of_events(labels)):
        yield _Span(number, first, last, str(kinds[number]), tuple(affected[number] or ()))


def _changed_ends(span: _Span, affected: Sequence[str], changes: Changes) -> tuple[int, int] | None:
    """First and last row of the event in which any affected signal differs."""
    inside = [changes[n].within(span.first, span.last) for n in affected if n in changes]
    inside = [rows for rows in inside if rows.size]
    if not inside:
        return None
    return min(int(rows[0]) for rows in inside), max(int(rows[-1]) for rows in inside)
