"""Whether the readings of an event do what its kind says.

Of a signal that is stuck or has no readings they say so themselves; of other kinds it shows in how
far they are from the clean twin. Each rule tells what a kind can under no circumstances look
like, and a kind is called false where most of its events of one cause, in every signal they change,
are that.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.changes import Changed, Changes
from synth_pipeline.readings.fields import floats_of
from synth_pipeline.readings.label_rules import affected_by, rows_of_events
from synth_pipeline.readings.wording import some_of

MIN_HELD_SHARE = 0.5  # of the readings of a signal that is stuck
MIN_JUDGED, MAX_OTHER = 3, 0.6  # events of one kind and cause, of them
PARTS = 10  # of an event, whose means are its slow part
SHOWN = 3

Values = npt.NDArray[np.float64]


def shape_findings(table: pa.Table, labels: pa.Table) -> list[Finding]:
    """Judge that what is called stuck holds its value and what is called a dropout has none."""
    found = []
    for kind, (is_so, said) in _BY_READINGS.items():
        events = labels.filter(pc.equal(labels.column("kind"), kind))
        rows = rows_of_events(events)
        other = [
            f"{first:,} to {last:,}"
            for (first, last), names in zip(
                rows, events.column("affected").to_pylist(), strict=True
            )
            if any(
                not is_so(floats_of(table.column(name).slice(first, last - first + 1)))
                for name in names or ()
                if name in table.column_names
            )
        ]
        if 2 * len(other) > events.num_rows:
            found.append(
                f"{len(other)} of {events.num_rows} events of kind {kind} {said}: rows "
                f"{some_of(other, SHOWN)}"
            )
    return [Finding(Topic.LABELS, message, is_fatal=False) for message in found]


def signals_of_shapes(labels: pa.Table) -> set[str]:
    """The signals that `shape_findings` looks at."""
    return affected_by(labels.filter(pc.is_in(labels.column("kind"), pa.array(list(_BY_READINGS)))))


def kind_findings(table: pa.Table, labels: pa.Table, changes: Changes) -> list[Finding]:
    """Judge that events change their signals as their kinds say; `labels` hold for `changes`."""
    values = {name: floats_of(table.column(name)) for name in changes}
    groups: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    columns = (labels.column(name).to_pylist() for name in ("kind", "root_cause", "affected"))
    for (first, last), kind, cause, names in zip(rows_of_events(labels), *columns, strict=True):
        shapes = [
            shape
            for name in names or ()
            if name in changes and kind in _BY_TWIN
            for shape in _shape_of(values[name], changes[name], first, last)
        ]
        if shapes:
            is_other = all(_BY_TWIN[kind][0](shape) for shape in shapes)
            groups.setdefault((kind, cause), []).append((f"{first:,} to {last:,}", is_other))
    return [
        Finding(
            Topic.LABELS_AND_DATA,
            f"{len(others)} of {len(events)} events of kind {kind} at {cause} "
            f"{_BY_TWIN[kind][1]}: rows {some_of(others, SHOWN)}",
            is_fatal=False,
        )
        for (kind, cause), events in groups.items()
        for others in [[rows for rows, is_other in events if is_other]]
        if len(events) >= MIN_JUDGED and len(others) > MAX_OTHER * len(events)
    ]


# --- what readings do by themselves ---------------------------------------------------------


def _is_held(values: Values) -> bool:
    """At one value for the better part: a stop amid the event may show all the same."""
    _, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return not counts.size or counts.max() >= MIN_HELD_SHARE * counts.sum()


def _is_gone(values: Values) -> bool:
    """Missing for the better part, or at one value such as the bottom of the range."""
    return float(np.isnan(values).mean()) > 0.5 or _is_held(values)


_BY_READINGS: Mapping[str, tuple[Callable[[Values], bool], str]] = {
    "stuck": (_is_held, "do not hold a value"),
    "dropout": (_is_gone, "have readings as usual"),
}

# --- what they do beside the clean twin -----------------------------------------------------


class _Shape:
    """How far the readings of one signal are from the clean ones, over the rows of an event."""

    def __init__(self, away: Values) -> None:
        self.away = away
        changed = away[away != 0]  # a fault does not show while its machine rests
        edges = np.linspace(0, changed.size, PARTS + 1).astype(np.int64)
        self.is_long = changed.size >= 2 * PARTS
        parts = itertools.pairwise(edges.tolist()) if self.is_long else ()
        self.parts = np.array([changed[one:other].mean() for one, other in parts])
        self.power = float((changed**2).mean())

    @property
    def slow(self) -> float:
        """Share of the power that is in the means of the parts."""
        return float((self.parts**2).mean()) / self.power

    @property
    def onset(self) -> float:
        """The first part, as a share of the greatest one."""
        return float(abs(self.parts[0]) / (np.abs(self.parts).max() or 1.0))

    @property
    def early(self) -> float:
        """The second to fourth part, as a share of the last three."""
        sizes = np.abs(self.parts)
        return float(np.median(sizes[1:4]) / (np.median(sizes[-3:]) or 1.0))

    @property
    def one_sided(self) -> float:
        """Share of the changed readings that are on the usual side of the clean ones."""
        changed = np.sign(self.away[self.away != 0])
        return float(max((changed > 0).mean(), (changed < 0).mean()))

    @property
    def straight(self) -> float:
        """Correlation of the parts with a straight line, without sign."""
        spread = float(self.parts.std())
        return float(abs(np.corrcoef(self.parts, np.arange(PARTS))[0, 1])) if spread else 0.0

    @property
    def wide(self) -> int:
        """Rows with more than half of the greatest change."""
        sizes = np.abs(self.away)
        return int((sizes > sizes.max() / 2).sum())

    @property
    def swings(self) -> int:
        """How often the change passes its own mean."""
        return int((np.diff(np.sign(self.away - self.away.mean())) != 0).sum())

    @property
    def line(self) -> float:
        """Share of the power about the mean that is in the strongest line of the spectrum."""
        spectrum = np.fft.rfft((self.away - self.away.mean()) * np.hanning(self.away.size))
        power = np.abs(spectrum[1:]) ** 2
        place = int(power.argmax())
        total = float(power.sum())
        return float(power[max(0, place - 1) : place + 2].sum()) / total if total else 1.0


def _is_no_spike(shape: _Shape) -> bool:
    return shape.wide > 60


def _is_no_shift(shape: _Shape) -> bool:
    is_ramp = shape.is_long and shape.onset < 0.15 and shape.straight > 0.97
    return shape.is_long and (shape.one_sided < 0.8 or is_ramp)


def _is_no_drift(shape: _Shape) -> bool:
    if not shape.is_long:
        return False
    return shape.slow < 0.3 or (shape.onset > 0.3 and shape.early > 0.93)


def _is_no_noise(shape: _Shape) -> bool:
    is_wave = shape.away.size >= 30 and shape.one_sided < 0.8 and shape.line > 0.8
    return is_wave or (shape.is_long and shape.slow > 0.97)


def _is_no_oscillation(shape: _Shape) -> bool:
    if shape.away.size < 30:
        return False
    return shape.swings < 2 or (shape.away.size >= 60 and shape.line < 0.25)


_BY_TWIN: Mapping[str, tuple[Callable[[_Shape], bool], str]] = {
    "spike": (_is_no_spike, "stay near their height for more than an hour"),
    "level_shift": (_is_no_shift, "go to and fro or grow steadily"),
    "drift": (_is_no_drift, "do not grow"),
    "noise_burst": (_is_no_noise, "hardly scatter"),
    "oscillation": (_is_no_oscillation, "do not swing"),
}


def _shape_of(values: Values, changed: Changed, first: int, last: int) -> Iterator[_Shape]:
    """The change of one signal; nothing where it has none or a reading is missing."""
    low, high = np.searchsorted(changed.rows, [first, last + 1])
    rows = changed.rows[low:high]
    away = np.zeros(last - first + 1)
    away[rows - first] = values[rows] - changed.clean[low:high]
    if rows.size and not np.isnan(away).any():
        yield _Shape(away)
