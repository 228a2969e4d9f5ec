"""Does a dataset look like machine data? Figures against what real machines show.

Bounds come from two public recordings, measured as `readings.statistics` does: NAB's machine
temperature (one slow signal: lag-1 autocorrelation 0.997, kurtosis of increments 8.5, hour of
day 0.01) and SKAB's water pump (eight signals: autocorrelation 0.01 to 0.99, kurtosis 0.8,
0.18 to 0.39 of the pairs correlated). They are wide on purpose: a warning, not a verdict. One
recipe that drives a whole machine couples all its signals, so that many couplings are no sign of
anything; signals of one and the same course are. A machine that is off at night follows the hour,
and a furnace is slow in every signal: neither is a fault.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.declared import ABSENT
from synth_pipeline.readings.quantities.unit_faults import (
    is_counted,
    is_never_zero,
    is_of_states,
    is_stock,
    unit_faults,
)
from synth_pipeline.readings.quantities.value_faults import value_faults
from synth_pipeline.readings.statistics import SignalStatistics, Statistics
from synth_pipeline.readings.wording import some_of

MAX_CLOCK = 0.95
MIN_FLAT, MIN_KURTOSIS = -0.1, 0.2  # below, something else than noise shapes the steps
SLOW = 0.9
MIN_CORRELATED_PAIRS = 0.02
MAX_STEADY, MAX_STEADY_STATE, MAX_MISSING = 0.98, 0.995, 0.5
MAX_REPEATED = 0.5
MAX_OFF_LINE = 1e-3  # of the range: nine hours of a year
MAX_LINE = 0.98  # of the variance of hourly means
# White noise leaves 1/60 of its variance in hourly means.
MAX_NOISE_MEMORY, MAX_NOISE_HOURLY = 0.05, 1.5 / 60
# A machine on standby rests in several signals at once, and others go on: its tank, its battery.
RESTING_SIGNALS, MAX_RESTING = 3, 0.8

Figures = Mapping[str, SignalStatistics]
Signals = Sequence[tuple[Column, SignalStatistics]]


def realism_findings(statistics: Statistics, columns: Sequence[Column]) -> list[Finding]:
    """Every unit and figure that no real machine would show, each with the value and the bound.

    What cannot be is fatal, what hardly is, is not.
    """
    known = {column.name: column for column in columns}
    signals = [
        (known.get(name, Column(name)), figures) for name, figures in statistics.signals.items()
    ]
    found = [*_of_each(signals), *_of_all(signals), *_of_pairs(statistics)]
    return [
        *(Finding(Topic.UNITS, message, is_fatal=False) for message in unit_faults(columns)),
        *_of_values(statistics.signals, columns),
        *(Finding(Topic.REALISM, message, is_fatal=False) for message in found),
    ]


def _of_values(signals: Figures, columns: Sequence[Column]) -> list[Finding]:
    known = [(column, signals[column.name]) for column in columns if column.name in signals]
    return [
        Finding(Topic.VALUES, str(fault), is_fatal=fault.is_impossible)
        for column, figures in known
        if figures.minimum is not None and figures.maximum is not None
        for fault in value_faults(column, figures.minimum, figures.maximum)
    ]


def _of_each(signals: Signals) -> list[str]:
    """What is wrong with single signals, each named."""
    found = [
        f"{rule}: {some_of(names)}"
        for rule, holds in _RULES.items()
        if (names := [column.name for column, figures in signals if holds(column, figures)])
    ]
    still = [column.name for column, figures in signals if _is_still(column, figures)]
    if still and not RESTING_SIGNALS <= len(still) <= MAX_RESTING * len(signals):
        found.append(f"signals are constant almost throughout: {some_of(still)}")
    clocks = [
        f"{column.name} ({s.clock:.2f} by {s.clock_minutes:g} minutes)"
        for column, s in signals
        if s.clock is not None and s.clock > MAX_CLOCK
    ]
    if clocks:
        found.append(f"signals run by the clock, a period or two explain them: {some_of(clocks)}")
    return found


def _of_all(signals: Signals) -> list[str]:
    """What is wrong with the signals as a whole."""
    found = []
    tails = [s.kurtosis for _, s in signals if s.kurtosis is not None]
    if tails and MIN_FLAT < median(tails) < MIN_KURTOSIS:
        found.append(
            f"increments are Gaussian (median excess kurtosis {median(tails):.2f}); "
            f"expected more than {MIN_KURTOSIS}"
        )
    memory = [s.autocorrelation for _, s in signals if s.autocorrelation is not None]
    if memory and max(memory) < SLOW:
        found.append(f"every signal is fast (lag-1 autocorrelation below {SLOW})")
    noise = [column.name for column, figures in signals if _is_noise(column, figures)]
    if noise:
        found.append(f"signals are noise without memory, in every mode alike: {some_of(noise)}")
    return found


def _of_pairs(statistics: Statistics) -> list[str]:
    found = []
    if statistics.same_courses:
        found.append(f"signals follow another one exactly: {some_of(statistics.same_courses)}")
    pairs = statistics.correlated_pairs
    if pairs is not None and pairs < MIN_CORRELATED_PAIRS:
        found.append(
            f"{pairs:.0%} of the signal pairs are correlated; expected at least "
            f"{MIN_CORRELATED_PAIRS:.0%}"
        )
    absent = [str(each) for each in statistics.declared if each.r < ABSENT]
    if absent:
        found.append(f"couplings that the machine declares do not show: {some_of(absent)}")
    return found


def _is_counter(_: Column, s: SignalStatistics) -> bool:
    if s.autocorrelation is not None and s.kurtosis is None:
        return True
    return s.off_line is not None and s.off_line < MAX_OFF_LINE


def _is_ramp(column: Column, s: SignalStatistics) -> bool:
    """True where it rises or falls by the row; a stock may be used up evenly all year."""
    return (s.line or 0.0) > MAX_LINE and not is_stock(column)


def _has_stand_in(column: Column, s: SignalStatistics) -> bool:
    """True where a number is no reading; a zero may be one where a machine can stop."""
    return s.stand_in is not None and (s.stand_in != 0 or is_never_zero(column))


def _is_noise(column: Column, s: SignalStatistics) -> bool:
    """True where no mode, day or season shows; numbers of pieces or particles come by chance."""
    if s.autocorrelation is None or s.hourly is None or is_counted(column):
        return False
    return abs(s.autocorrelation) < MAX_NOISE_MEMORY and s.hourly < MAX_NOISE_HOURLY


def _is_still(column: Column, s: SignalStatistics) -> bool:
    """True where it hardly ever changes, which states and counts may do most."""
    most = MAX_STEADY_STATE if is_of_states(column) else MAX_STEADY
    return s.autocorrelation is not None and (s.steady or 0.0) > most


_RULES: Mapping[str, Callable[[Column, SignalStatistics], bool]] = {
    "signals never change": lambda _, s: s.autocorrelation is None,
    "signals are missing for most of the year": lambda _, s: s.missing > MAX_MISSING,
    "signals only count the rows": _is_counter,
    "signals rise or fall by the row number": _is_ramp,
    "signals repeat themselves to the last digit": lambda _, s: (s.repeated or 0.0) > MAX_REPEATED,
    "missing values are written as a number (expected NaN)": _has_stand_in,
}
