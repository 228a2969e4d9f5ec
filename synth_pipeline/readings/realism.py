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


def realism_findings(statistics: Statistics, columns: Sequence[Column]) -> list[Finding]:
    """Every unit and figure that no real machine would show, each with the value and the bound.

    What cannot be is fatal, what hardly is, is not.
    """
    states = frozenset(column.name for column in columns if is_of_states(column))
    never_zero = frozenset(column.name for column in columns if is_never_zero(column))
    no_stock = frozenset(column.name for column in columns if not is_stock(column))
    counted = frozenset(column.name for column in columns if is_counted(column))
    found = [
        *_of_each(statistics, states, never_zero, no_stock),
        *_of_all(statistics.signals, counted),
        *_of_pairs(statistics),
    ]
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


def _of_each(
    statistics: Statistics,
    states: frozenset[str],
    never_zero: frozenset[str],
    no_stock: frozenset[str],
) -> list[str]:
    """What is wrong with single signals, each named; `states` and counts may seldom change.

    Of `never_zero` a zero apart from all else is no reading; of `no_stock` nothing is used up or
    gathers evenly throughout a year.
    """
    signals = statistics.signals
    rules: dict[str, Callable[[SignalStatistics], bool]] = {
        "signals never change": lambda s: s.autocorrelation is None,
        "signals are missing for most of the year": lambda s: s.missing > MAX_MISSING,
        "signals only count the rows": lambda s: (
            (s.autocorrelation is not None and s.kurtosis is None)
            or (s.off_line is not None and s.off_line < MAX_OFF_LINE)
        ),
        "signals repeat themselves to the last digit": lambda s: (s.repeated or 0.0) > MAX_REPEATED,
    }
    held = {rule: [n for n, s in signals.items() if holds(s)] for rule, holds in rules.items()}
    held["missing values are written as a number (expected NaN)"] = [
        name
        for name, s in signals.items()
        if s.stand_in is not None and (s.stand_in or name in never_zero)
    ]
    ramps = [name for name, s in signals.items() if (s.line or 0) > MAX_LINE and name in no_stock]
    if ramps:
        held["signals rise or fall by the row number"] = ramps
    still = [
        name
        for name, s in signals.items()
        if s.autocorrelation is not None
        and (s.steady or 0.0) > (MAX_STEADY_STATE if name in states else MAX_STEADY)
    ]
    if not RESTING_SIGNALS <= len(still) <= MAX_RESTING * len(signals):
        held["signals are constant almost throughout"] = still
    found = [f"{rule}: {some_of(names)}" for rule, names in held.items() if names]
    clocks = [
        f"{name} ({s.clock:.2f} by {s.clock_minutes:g} minutes)"
        for name, s in signals.items()
        if s.clock is not None and s.clock > MAX_CLOCK
    ]
    if clocks:
        found.append(f"signals run by the clock, a period or two explain them: {some_of(clocks)}")
    if statistics.same_courses:
        found.append(f"signals follow another one exactly: {some_of(statistics.same_courses)}")
    return found


def _of_all(signals: Figures, counted: frozenset[str]) -> list[str]:
    """What is wrong with the signals as a whole; numbers `counted` have no memory of their own."""
    found = []
    tails = [s.kurtosis for s in signals.values() if s.kurtosis is not None]
    if tails and MIN_FLAT < median(tails) < MIN_KURTOSIS:
        found.append(
            f"increments are Gaussian (median excess kurtosis {median(tails):.2f}); "
            f"expected more than {MIN_KURTOSIS}"
        )
    memory = [s.autocorrelation for s in signals.values() if s.autocorrelation is not None]
    if memory and max(memory) < SLOW:
        found.append(f"every signal is fast (lag-1 autocorrelation below {SLOW})")
    noise = [name for name, s in signals.items() if name not in counted and _is_noise(s)]
    if noise:
        found.append(f"signals are noise without memory, in every mode alike: {some_of(noise)}")
    return found


def _of_pairs(statistics: Statistics) -> list[str]:
    pairs = statistics.correlated_pairs
    if pairs is None or pairs >= MIN_CORRELATED_PAIRS:
        return []
    return [
        f"{pairs:.0%} of the signal pairs are correlated; expected at least "
        f"{MIN_CORRELATED_PAIRS:.0%}"
    ]


def _is_noise(figures: SignalStatistics) -> bool:
    memory, hourly = figures.autocorrelation, figures.hourly
    if memory is None or hourly is None:
        return False
    return abs(memory) < MAX_NOISE_MEMORY and hourly < MAX_NOISE_HOURLY
