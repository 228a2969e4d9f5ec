"""What further runs of the same code must give: the same again, other seeds and other years."""

import calendar
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.contract import ROWS_PER_DAY, ROWS_PER_HOUR
from synth_pipeline.readings.fields import floats_of
from synth_pipeline.readings.label_rules import rows_in_events, rows_of_events
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.repeats import (
    PATTERN_ROWS,
    dealt_share,
    hourly_means,
    lively_place,
    places_of,
)
from synth_pipeline.readings.wording import first_place, some_of

# A setpoint may be the same for every seed: it takes few values and seldom moves.
MAX_SETPOINT_VALUES, MAX_SETPOINT_MOVES = 50, 0.02
MIN_OTHER_SHARE = 0.05  # of the intervals in which a signal moves
MAX_SAME_STEPS = 0.9
MIN_MOVED_SHARE = 0.3
MAX_PLACES = 20
MAX_DEALT = 0.3  # of the sampled stretches
HOURS_OF_WEEK, WEEKS_ABOUT, STRAY_QUANTILE = 168, 9, 0.5
QUARTER_DAY_HOURS, MAX_SAME_WEATHER = 6, 0.7
MIN_EVENTS, MAX_SAME_EVENTS, NEAR_EVENT_ROWS = 5, 0.3, 20
MAX_STILL_SWINGS, MAX_STILL_DAYS = 1, 2
MIN_TWIN, MIN_DAYS, DAY_STEP, STEP_QUANTILE = 0.6, 100, 40, 0.95
DAYS_TO_LEAP_DAY = 31 + 28
MISSING = -1e100  # in place of NaN, so that a missing value equals a missing one

Values = npt.NDArray[np.float64]


def again_findings(first: MachineYear, again: MachineYear) -> list[Finding]:
    """Judge that a second run of the same year and seed gave the same, to the last bit."""
    found = column_findings(first.signals, again.signals, Topic.REPEATABLE)
    if found:
        return found
    other = [
        name
        for name in first.table.column_names
        if not first.table.column(name).equals(again.table.column(name))
    ]
    if other:
        found.append(_said(Topic.REPEATABLE, _first_other(first, again, other)))
    if not _are_same(first.labels, again.labels):
        found.append(_said(Topic.REPEATABLE, "the same year and seed gave other labels"))
    return found


def _are_same(labels: pa.Table | None, others: pa.Table | None) -> bool:
    if labels is None or others is None:
        return labels is others
    return bool(labels.equals(others))


def _first_other(first: MachineYear, again: MachineYear, names: Sequence[str]) -> str:
    row = first_place(np.not_equal(*(_floats(made.table, names[0]) for made in (first, again))))
    before, after = (made.table.column(names[0])[row].as_py() for made in (first, again))
    return (
        f"the same year and seed gave other values in {some_of(names)}; {names[0]} at row {row:,} "
        f"was {before}, then {after}"
    )


def seed_findings(first: MachineYear, other: MachineYear) -> list[Finding]:
    """Judge that another seed gave other readings in every signal that is no setpoint.

    Events are left out: a seed that moves nothing but the anomalies changes too little.
    """
    found = column_findings(first.signals, other.signals, Topic.SEED)
    if found:
        return found
    normal = ~(_in_events(first) | _in_events(other))
    same: list[str] = []
    setpoints: list[str] = []
    shifted: list[str] = []
    for signal in first.signals:
        values, others = (_floats(made.table, signal.name) for made in (first, other))
        if not _differs(values, others, normal):
            (setpoints if _is_setpoint(values) else same).append(signal.name)
        elif (
            _is_same_series(values, others, normal)
            or _is_moved(values, others)
            or dealt_share(values, hourly_means(_filled(values)), others) > MAX_DEALT
            or _has_same_weather(values, others)
        ):
            shifted.append(signal.name)
    if len(same) + len(setpoints) == len(first.signals):
        same = [signal.name for signal in first.signals]
    if same:
        found.append(_said(Topic.SEED, f"another seed gave the same values in {some_of(same)}"))
    if shifted:
        message = (
            "another seed gave the same series, moved, scaled or in another order, in "
            f"{some_of(shifted)}"
        )
        found.append(_said(Topic.SEED, message))
    return found + _same_events(first.labels, other.labels)


def _same_events(labels: pa.Table | None, others: pa.Table | None) -> list[Finding]:
    few = 0 if labels is None or others is None else min(labels.num_rows, others.num_rows)
    if labels is None or others is None or few < MIN_EVENTS:
        return []
    starts, other_starts = (
        np.sort([first for first, _ in rows_of_events(each)]) for each in (labels, others)
    )
    later = np.searchsorted(other_starts, starts - NEAR_EVENT_ROWS)
    near = np.append(other_starts, np.iinfo(np.int64).max)[later] <= starts + NEAR_EVENT_ROWS
    same = int(near.sum())
    if same <= MAX_SAME_EVENTS * starts.size:
        return []
    message = f"another seed gave {same} of {starts.size} events at the same places"
    return [_said(Topic.SEED, message)]


def column_findings(
    wanted: Sequence[Column], found: Sequence[Column], topic: Topic
) -> list[Finding]:
    """Judge that a run wrote the same columns, in the same order and with the same units."""
    if [(c.name, c.unit) for c in wanted] == [(c.name, c.unit) for c in found]:
        return []
    before, after = ({c.name: c.unit for c in columns} for columns in (wanted, found))
    away, fresh = ([n for n in a if n not in b] for a, b in ((before, after), (after, before)))
    units = [n for n in before if n in after and before[n] != after[n]]
    parts = {"missing": away, "new": fresh, "of another unit": units}
    told = "; ".join(f"{word}: {some_of(names)}" for word, names in parts.items() if names)
    return [_said(topic, f"another run wrote other columns ({told or 'in another order'})")]


def _said(topic: Topic, message: str) -> Finding:
    """What further runs show is no fault of the year that was asked for, and is accepted last."""
    return Finding(topic, message, is_fatal=False)


def _in_events(made: MachineYear) -> npt.NDArray[np.bool_]:
    rows = made.table.num_rows
    if made.labels is None:
        return np.zeros(rows, np.bool_)
    return rows_in_events(made.labels, rows)


def _differs(values: Values, others: Values, normal: npt.NDArray[np.bool_]) -> bool:
    moves = _moves(values) | _moves(others)
    where = normal[1:] & moves if moves.any() else normal[1:]
    apart = values[1:][where] != others[1:][where]
    return bool(apart.size) and float(apart.mean()) >= MIN_OTHER_SHARE


def _is_setpoint(values: Values) -> bool:
    if float(_moves(values).mean()) > MAX_SETPOINT_MOVES:
        return False
    return len(np.unique(values)) <= MAX_SETPOINT_VALUES


def _is_same_series(values: Values, others: Values, normal: npt.NDArray[np.bool_]) -> bool:
    """True where steps of one are those of the other times a constant, nearly everywhere."""
    where = normal[1:] & (_moves(values) | _moves(others))
    steps, other_steps = (np.diff(each)[where] for each in (values, others))
    both = (steps != 0) & (other_steps != 0)
    if both.sum() < 100:
        return False
    ratio = np.median(other_steps[both] / steps[both])
    same = np.isclose(other_steps, ratio * steps, rtol=1e-6, atol=0.0)
    return float(same.mean()) > MAX_SAME_STEPS


def _is_moved(values: Values, others: Values) -> bool:
    """True where the other's readings stand at another place of this one, most of the year."""
    start = lively_place(others)
    if start is None:
        return False
    places = places_of(others[start : start + PATTERN_ROWS], values)[:MAX_PLACES]
    return any(_same_share(values, others, place - start) > MIN_MOVED_SHARE for place in places)


def _has_same_weather(values: Values, others: Values) -> bool:
    """True where both move alike beyond what the hour of the week and the season make usual.

    By the correlation of steps from one quarter of a day to the next, of hourly means less the
    median of the same hour in the weeks about it. What only falls until it is filled up has none.
    """
    strays: list[Values] = []
    for each in (values, others):
        hours = hourly_means(_filled(each))
        weeks = hours[: hours.size // HOURS_OF_WEEK * HOURS_OF_WEEK].reshape(-1, HOURS_OF_WEEK)
        windows = np.lib.stride_tricks.sliding_window_view(weeks, WEEKS_ABOUT, axis=0)
        middle = WEEKS_ABOUT // 2
        stray = (weeks[middle:-middle] - np.median(windows, axis=-1)).ravel()
        stray = stray[QUARTER_DAY_HOURS:] - stray[:-QUARTER_DAY_HOURS]
        spread = float(np.quantile(np.abs(stray), STRAY_QUANTILE))
        if not spread:
            return False
        strays.append(np.clip(stray / spread, -1, 1))
    one, other = (stray - stray.mean() for stray in strays)
    alike = float((one * other).sum()) / float((one * one).sum() * (other * other).sum()) ** 0.5
    return bool(alike > MAX_SAME_WEATHER)


def _same_share(values: Values, others: Values, lag: int) -> float:
    """Share of the moving rows that are the other's, `lag` rows earlier; over the longer overlap.

    A ramp that a controller drives is the same at each start; that is no year moved.
    """
    if lag < 0:
        return _same_share(others, values, -lag)
    one, other = values[lag:], others[: others.size - lag]
    if one.size < values.size / 2:
        one, other = values[:lag], others[others.size - lag :]
    moves = _moves(one)
    return float((moves & (one[1:] == other[1:])).sum() / max(int(moves.sum()), 1))


def leap_day_findings(made: MachineYear, year: int) -> list[Finding]:
    """Judge that 29 February has readings of its own, where the year has one."""
    if not calendar.isleap(year):
        return []
    before, leap_day, after = (
        slice(day * ROWS_PER_DAY, (day + 1) * ROWS_PER_DAY)
        for day in (DAYS_TO_LEAP_DAY - 1, DAYS_TO_LEAP_DAY, DAYS_TO_LEAP_DAY + 1)
    )
    copied: list[str] = []
    alike: list[str] = []
    still: list[str] = []
    for signal in made.signals:
        values = _floats(made.table, signal.name)
        days = [values[day] for day in (before, leap_day, after)]
        if not all(_moves(day).any() for day in (days[0], days[2])):
            continue
        if _is_still(values):
            still.append(signal.name)
        elif _moves(days[1]).any() and not _is_setpoint(values):
            if _days_like(values, leap_day) > 1:
                copied.append(signal.name)
            elif _has_twin_day(values):
                alike.append(signal.name)
    several = max(2, len(made.signals) / 3)
    still = still if len(still) >= several else []  # a machine may well be off that day
    copied += alike if len(alike) >= several else []  # and one signal like that by chance
    faults = {"is a copy of another day": copied, "stands still": still}
    return [
        _said(Topic.YEAR, f"29 February {year} {fault} in {some_of(names)}")
        for fault, names in faults.items()
        if names
    ]


def _days_like(values: Values, day: slice) -> int:
    """How many days of a year are as one of them, which counts."""
    days = values.reshape(-1, ROWS_PER_DAY)
    for row in range(0, ROWS_PER_DAY, ROWS_PER_HOUR):
        days = days[days[:, row] == values[day][row]]
    return int((days == values[day]).all(axis=1).sum())


def _is_still(values: Values) -> bool:
    """True where 29 February neither rests nor moves as other days do.

    It stands or goes one way all day. A machine may rest on any day, if it rests on others.
    """
    steps = np.diff(values.reshape(-1, ROWS_PER_DAY), axis=1)
    swings = np.minimum((steps > 0).sum(axis=1), (steps < 0).sum(axis=1))
    few = swings <= MAX_STILL_SWINGS
    return bool(few[DAYS_TO_LEAP_DAY]) and int(few.sum()) <= MAX_STILL_DAYS


def _has_twin_day(values: Values) -> bool:
    """True where the steps of 29 February are those of another day, which those of others are not.

    A plan of the day makes all days alike, a copy with a little noise one only.
    """
    steps = np.diff(values.reshape(-1, ROWS_PER_DAY), axis=1)
    limit = float(np.quantile(np.abs(steps[::7]), STEP_QUANTILE))
    steps = np.clip(steps, -limit, limit)
    spread = steps.std(axis=1)
    known = np.flatnonzero(spread > 0)
    if not limit or DAYS_TO_LEAP_DAY not in known or known.size < MIN_DAYS:
        return False
    steps = (steps[known] - steps[known].mean(axis=1)[:, None]) / spread[known][:, None]
    leap = int(np.searchsorted(known, DAYS_TO_LEAP_DAY))
    likest = []
    for day in (leap, *range(leap % DAY_STEP, known.size, DAY_STEP)):
        alike = steps @ steps[day] / steps.shape[1]
        alike[[day, leap]] = 0.0
        likest.append(float(alike.max()))
    return likest[0] > MIN_TWIN and likest[0] > 2 * float(np.median(likest[1:]))


def _filled(values: Values) -> Values:
    """With the median in place of missing values."""
    return np.where(values == MISSING, np.median(values), values)


def _moves(values: Values) -> npt.NDArray[np.bool_]:
    return np.asarray(values[1:] != values[:-1])


def _floats(table: pa.Table, name: str) -> Values:
    values = floats_of(table.column(name))
    return np.where(np.isnan(values), MISSING, values)
