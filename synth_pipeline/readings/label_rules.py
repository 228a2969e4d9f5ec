"""What labels must be, judged by themselves: places, words, names; against data see `twin`."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.contract import (
    INTERVAL_MS,
    LABEL_SCHEMA,
    MAX_ANOMALOUS_SHARE,
    MAX_LABEL_TEXT_LENGTH,
    REQUIRED_LABEL_COLUMNS,
    interval_in_words,
    rows_in_year,
)
from synth_pipeline.readings.quantities.endings import unit_from_name
from synth_pipeline.readings.vocabulary import words_of
from synth_pipeline.readings.wording import count_of, first_place, some_of, time_of

FEW_EVENTS, MANY_EVENTS = 5, 500
FEW_ADJOINING, MAX_ADJOINING = 3, 0.2  # of the events
MAX_SPREAD_FAULTS = 0.6  # of the sensor faults

Times = npt.NDArray[np.datetime64]


def label_findings(labels: pa.Table, year: int, signals: Iterable[str]) -> list[Finding]:
    """Judge the events of a year: what is false in them is fatal, what is missing is not."""
    known = list(signals)
    fatal = [
        f"{nulls} events have no {name}"
        for name in REQUIRED_LABEL_COLUMNS
        if (nulls := labels.column(name).null_count)
    ]
    missing: list[str] = []
    if not fatal and labels.num_rows:
        starts, ends = _times_of(labels)
        affected = [frozenset(names or ()) for names in labels.column("affected").to_pylist()]
        fatal += _place_faults(starts, ends, year)
        fatal += [] if fatal else _share_faults(labels, year)
        shared, nested = _overlaps(starts, ends, affected)
        fatal += shared
        missing += nested
    fatal += _text_faults(labels)
    missing += _word_faults(labels)
    fatal += _unknown_signals(labels, known)
    missing += _root_cause_faults(labels, known) + _category_faults(labels)
    missing += _number_faults(labels)
    missing += [] if fatal else _adjoining_faults(labels)
    return [
        *(Finding(Topic.LABELS, message) for message in fatal),
        *(Finding(Topic.LABELS, message, is_fatal=False) for message in missing),
    ]


def _times_of(labels: pa.Table) -> tuple[Times, Times]:
    starts, ends = (labels.column(n).to_numpy().astype("datetime64[ms]") for n in ("start", "end"))
    return starts, ends


def _place_faults(starts: Times, ends: Times, year: int) -> list[str]:
    low = np.datetime64(f"{year:04d}-01-01T00:00", "ms")
    high = np.datetime64(f"{year + 1:04d}-01-01T00:00", "ms")
    off = [times.astype(np.int64) % INTERVAL_MS != 0 for times in (starts, ends)]
    faults = {
        "end before they start": ends < starts,
        f"outside {year}": (starts < low) | (ends >= high),
        f"whose times are off the {interval_in_words()}": off[0] | off[1],
    }
    return [
        f"{count_of(where, 'event')} {fault}, the first "
        f"{time_of(starts[at])} to {time_of(ends[at])}"
        for fault, where in faults.items()
        if where.any()
        for at in [first_place(where)]
    ]


def _share_faults(labels: pa.Table, year: int) -> list[str]:
    share = anomalous_share(labels, year)
    if share < MAX_ANOMALOUS_SHARE:
        return []
    return [
        f"anomalies cover {share:.1%} of the rows; expected less than {MAX_ANOMALOUS_SHARE:.0%}"
    ]


def anomalous_share(labels: pa.Table, year: int) -> float:
    """Share of the year's rows that lie inside at least one event."""
    return float(rows_in_events(labels, rows_in_year(year)).mean())


def rows_in_events(labels: pa.Table, rows: int) -> npt.NDArray[np.bool_]:
    """Which of the year's rows lie inside an event; shape (rows,)."""
    inside = np.zeros(rows, np.bool_)
    for first, last in rows_of_events(labels):
        inside[first : last + 1] = True
    return inside


def affected_by(labels: pa.Table) -> set[str]:
    """All signals that events change."""
    return {name for names in labels.column("affected").to_pylist() for name in names or ()}


def rows_of_events(labels: pa.Table) -> list[tuple[int, int]]:
    """First and last row of each event, both inclusive."""
    places = []
    for times in _times_of(labels):
        begin = times.astype("datetime64[Y]").astype("datetime64[ms]")
        places.append(((times - begin).astype(np.int64) // INTERVAL_MS).tolist())
    return list(zip(*places, strict=True))


def _overlaps(
    starts: Times, ends: Times, affected: Sequence[frozenset[str]]
) -> tuple[list[str], list[str]]:
    """Events that change what another one changes, and events that lie in another one."""
    order = np.argsort(starts, kind="stable").tolist()
    nested: list[str] = []
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            if starts[other] > ends[one]:
                break
            first, second = (f"{time_of(starts[n])} to {time_of(ends[n])}" for n in (one, other))
            both = affected[one] & affected[other]
            if both or not (affected[one] and affected[other]):
                on = f" on {some_of(sorted(both))}" if both else ""
                return [f"the events {first} and {second} overlap{on}"], nested
            if ends[other] <= ends[one] and not nested:
                nested = [f"the event {second} lies in the event {first}"]
    return [], nested


def _text_faults(labels: pa.Table) -> list[str]:
    found: list[str] = []
    for name in ("kind", "category", "root_cause", "severity"):
        longest = pc.max(pc.utf8_length(labels.column(name))).as_py() or 0
        if longest > MAX_LABEL_TEXT_LENGTH:
            found.append(
                f"a {name} has {longest:,} characters; expected at most {MAX_LABEL_TEXT_LENGTH}"
            )
    return found


def _word_faults(labels: pa.Table) -> list[str]:
    found: list[str] = []
    for name in ("kind", "category", "severity"):
        words = words_of(name)
        used = set(labels.column(name).to_pylist()) - {None, *words}
        if used:
            found.append(f"{name} {some_of(sorted(used))}; expected {', '.join(words)}")
    nulls = {n: labels.column(n).null_count for n in LABEL_SCHEMA.names}
    return found + [
        f"{nulls[name]} of {labels.num_rows} events have no {name}"
        for name in ("category", "root_cause", "affected", "severity")
        if nulls[name]
    ]


def _unknown_signals(labels: pa.Table, known: Sequence[str]) -> list[str]:
    unknown = sorted(affected_by(labels) - set(known))
    if not unknown:
        return []
    return [f"affected signals that the dataset does not have: {some_of(unknown)}"]


def _root_cause_faults(labels: pa.Table, known: Sequence[str]) -> list[str]:
    causes = labels.column("root_cause").to_pylist()
    affected = labels.column("affected").to_pylist()
    strangers = {c for c in causes if c and c not in known and "_" in c and unit_from_name(c)}
    untouched = {c for c, names in zip(causes, affected, strict=True)
                 if c in known and names and c not in names}  # fmt: skip
    faults: dict[str, set[str]] = {
        "root causes are named like signals that the dataset does not have": strangers,
        "root causes are signals that their event does not affect": untouched,
    }
    return [f"{fault}: {some_of(sorted(names))}" for fault, names in faults.items() if names]


def _category_faults(labels: pa.Table) -> list[str]:
    """Sensor faults stay at one sensor, more often than process faults do."""
    several: dict[str, list[bool]] = {"sensor": [], "process": []}
    columns = (labels.column(name).to_pylist() for name in ("category", "affected"))
    for category, affected in zip(*columns, strict=True):
        if category in several and affected:
            several[category].append(len(affected) > 1)
    sensor, process = several["sensor"], several["process"]
    share, other = (sum(each) / max(len(each), 1) for each in (sensor, process))
    if len(sensor) < FEW_EVENTS or share <= MAX_SPREAD_FAULTS or share <= other:
        return []
    return [
        f"{sum(sensor)} of {len(sensor)} events of category sensor affect several signals; a fault "
        "that several sensors show is one of the process"
    ]


def _adjoining_faults(labels: pa.Table) -> list[str]:
    """One event may not be told as several, each beginning where the one before ends."""
    columns = (labels.column(name).to_pylist() for name in ("kind", "affected"))
    events = [
        (first, last, kind, frozenset(affected or ()))
        for (first, last), kind, affected in zip(rows_of_events(labels), *columns, strict=True)
    ]
    begins = {(first, kind, affected) for first, _, kind, affected in events}
    count = sum((last + 1, kind, affected) in begins for _, last, kind, affected in events)
    if count < FEW_ADJOINING or count <= MAX_ADJOINING * len(events):
        return []
    return [f"{count} of {len(events)} events go on as another of the same kind and signals"]


def _number_faults(labels: pa.Table) -> list[str]:
    if FEW_EVENTS <= labels.num_rows <= MANY_EVENTS:
        return []
    return [f"{labels.num_rows:,} events; expected {FEW_EVENTS} to {MANY_EVENTS} in a year"]
