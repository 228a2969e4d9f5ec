"""Does a signal run by the clock? Its strongest period, and the next one."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synth_pipeline.readings.contract import ROWS_PER_DAY, ROWS_PER_HOUR, SAMPLING_INTERVAL_S

SHORT_ROWS = 2**14  # eleven days of minutes: periods up to some hours
FOLDED_ROWS = 2**16  # a month and a half
MIN_CYCLES = 50  # in a spectrum, a week of hourly means; fewer are a line by chance
MIN_LINE = 0.2  # share of the strongest line, below which no clock is looked for
PHASES = 64
MIN_SHARED, MAX_SHARED = 0.3, 0.95  # of the variance, between which a second period is looked for
ROWS_PER_WEEK = 7 * ROWS_PER_DAY
PARTS_OF_WEEK, MAX_OFF_PART = 42, 0.02  # down to four hours
LINE_BINS = 2  # a line of a Hann-windowed spectrum is this wide on either side

Values = npt.NDArray[np.float64]


class Clock(NamedTuple):
    """Share of the variance that the strongest period holds; None where there is no variance.

    With its harmonics, and with those of the next period where neither is all of it.
    """

    share: float | None
    minutes: float | None


def clock_of(centred: Values, hours: Values, variance: float) -> Clock:
    """Find the strongest periods up to a week, among minutes and among hourly means.

    `hours` are the hourly means of `centred`, whose mean is 0 and whose variance is given. What
    a period explains is the variance of the means over its phases.
    """
    first = _strongest(centred, hours, variance)
    if first is None:
        return Clock(0.0, None)
    share = first.share
    if MIN_SHARED < share < MAX_SHARED:
        minutes = centred[:FOLDED_ROWS]
        rest = minutes - _unfolded(minutes, first.rows)
        rest_of_hours = hours
        if first.rows >= 2 * ROWS_PER_HOUR:
            rest_of_hours = hours - _unfolded(hours, first.rows / ROWS_PER_HOUR)
        other = _strongest(rest, rest_of_hours, variance)
        if other is not None and not (_is_of_week(first.rows) and _is_of_week(other.rows)):
            share += other.share
    length = round(first.rows * SAMPLING_INTERVAL_S / 60, 1)
    return Clock(round(float(min(share, 1.0)), 3), length)


class _Period(NamedTuple):
    """A period in rows, and what it explains of the variance."""

    share: float
    rows: float


def _is_of_week(rows: float) -> bool:
    """True of a day, a shift or a week: a plant that follows two of them follows a calendar."""
    parts = ROWS_PER_WEEK / rows
    return parts <= PARTS_OF_WEEK and abs(parts - round(parts)) < MAX_OFF_PART


def _strongest(minutes: Values, hours: Values, variance: float) -> _Period | None:
    found = []
    for series, rows_a_value in ((minutes[:SHORT_ROWS], 1), (hours, ROWS_PER_HOUR)):
        period = _strongest_period(series)
        if period is None:
            continue
        rows = period * rows_a_value
        if rows > FOLDED_ROWS / MIN_CYCLES:
            folded = hours
        else:
            folded, period = minutes[: SHORT_ROWS if rows_a_value == 1 else FOLDED_ROWS], rows
        share = _folded(folded, period) * float(folded.var()) / variance
        found.append(_Period(share, rows))
    return max(found, default=None)


def _strongest_period(values: Values) -> float | None:
    """The period of the strongest line of the spectrum, in values; None where none stands out."""
    window = np.hanning(values.size)
    spectrum = np.fft.rfft((values - values.mean()) * window)
    power = spectrum.real**2 + spectrum.imag**2
    total = float(power[1:].sum())
    if total <= 0 or power.size < MIN_CYCLES + 2 * LINE_BINS:
        return None
    line = MIN_CYCLES + int(np.argmax(power[MIN_CYCLES:-LINE_BINS]))
    held = float(power[line - LINE_BINS : line + LINE_BINS + 1].sum())
    if held < MIN_LINE * total:
        return None
    # the ratio of neighbours tells where between them the line is, for a Hann window
    before, at, after = (float(power[line + step]) ** 0.5 for step in (-1, 0, 1))
    side, sign = (after, 1) if after > before else (before, -1)
    offset = sign * max(0.0, (2 * side - at) / (side + at))
    return float(values.size / (line + offset))


def _folded(values: Values, period: float) -> float:
    """Share of the variance that is left in the means over the phases of a period."""
    spread = float(values.var())
    return float(_unfolded(values, period).var()) / spread if spread > 0 else 0.0


def _unfolded(values: Values, period: float) -> Values:
    """For each value the mean of all that have the same phase of a period."""
    phases = max(2, min(PHASES, round(period)))
    place = (np.arange(values.size) % period * (phases / period)).astype(np.int64) % phases
    counts = np.bincount(place, minlength=phases)
    sums = np.bincount(place, weights=values, minlength=phases)
    return np.asarray((sums / np.maximum(counts, 1))[place])
