"""Does a signal run by the clock? Its strongest period, and whether it repeats exactly."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synth_pipeline.readings.contract import ROWS_PER_DAY, ROWS_PER_HOUR, SAMPLING_INTERVAL_S

SHORT_ROWS = 2**14  # eleven days of minutes: periods up to some hours
FOLDED_ROWS = 2**16  # a month and a half
MIN_CYCLES = 50  # in a spectrum, a week of hourly means; fewer are a line by chance
MIN_LINE = 0.2  # share of the strongest line, below which no clock is looked for
PHASES = 64
LINE_BINS = 2  # a line of a Hann-windowed spectrum is this wide on either side
PATTERN_ROWS = 32
LIVELY_DAYS = 14
MIN_PATTERN_VALUES = 8
MAX_CANDIDATES = 20

Values = npt.NDArray[np.float64]


class Clock(NamedTuple):
    """The period that holds most of the variance, with its harmonics; None where none does."""

    share: float | None
    minutes: float | None


def clock_of(centred: Values, hours: Values, variance: float) -> Clock:
    """Find the strongest period up to a week, among minutes and among hourly means.

    `hours` are the hourly means of `centred`, whose mean is 0 and whose variance is given. What
    a period explains is the variance of the means over its phases.
    """
    found = [Clock(0.0, None)]
    for series, rows_a_value in ((centred[:SHORT_ROWS], 1), (hours, ROWS_PER_HOUR)):
        period = _strongest_period(series)
        if period is None:
            continue
        rows = period * rows_a_value
        minutes = round(rows * SAMPLING_INTERVAL_S / 60, 1)
        if rows > FOLDED_ROWS / MIN_CYCLES:
            share = _folded(hours, period) * float(hours.var()) / variance
        else:
            share = _folded(centred[: SHORT_ROWS if rows_a_value == 1 else FOLDED_ROWS], rows)
        found.append(Clock(round(float(min(share, 1.0)), 3), minutes))
    return max(found, key=lambda clock: clock.share or 0.0)


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
    phases = max(2, min(PHASES, round(period)))
    place = (np.arange(values.size) % period * (phases / period)).astype(np.int64) % phases
    counts = np.bincount(place, minlength=phases)
    sums = np.bincount(place, weights=values, minlength=phases)
    means = sums / np.maximum(counts, 1) - values.mean()
    spread = float(values.var()) * values.size
    return float((counts * means**2).sum()) / spread if spread > 0 else 0.0


def repeated_share(values: Values) -> float:
    """Largest share of moving rows that come again, to the last digit, after one fixed period.

    Any period up to half a year is found, by where a stretch of the first days occurs again.
    """
    start = lively_place(values)
    if start is None:
        return 0.0
    pattern = values[start : start + PATTERN_ROWS]
    later = [place - start for place in places_of(pattern, values) if place > start]
    lags = [lag for lag in later if lag <= values.size // 2 + ROWS_PER_DAY][:MAX_CANDIDATES]
    return round(max((_share_after(values, lag) for lag in lags), default=0.0), 4)


def places_of(pattern: Values, values: Values) -> list[int]:
    """Rows at which a stretch of readings stands, to the last digit."""
    last = values.size - pattern.size
    places = np.flatnonzero(values[: last + 1] == pattern[0])
    for offset in range(1, pattern.size):
        if not places.size:
            break
        places = places[values[places + offset] == pattern[offset]]
    return [int(place) for place in places]


def lively_place(values: Values) -> int | None:
    """Where the first days have a stretch of many values; None where they have none."""
    for start in range(0, LIVELY_DAYS * ROWS_PER_DAY - PATTERN_ROWS, PATTERN_ROWS):
        if np.unique(values[start : start + PATTERN_ROWS]).size >= MIN_PATTERN_VALUES:
            return start
    return None


def _share_after(values: Values, lag: int) -> float:
    moves = values[1:-lag] != values[: -lag - 1]
    same = values[1 + lag :] == values[1:-lag]
    return float((same & moves).sum() / max(int(moves.sum()), 1))
