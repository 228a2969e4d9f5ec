"""Does a dataset look like machine data? Figures against what real machines show.

Bounds come from two public recordings, measured as `quality.statistics` does: NAB's machine
temperature (one slow signal: lag-1 autocorrelation 0.997, kurtosis of increments 8.5, hour of
day 0.01) and SKAB's water pump (eight signals: autocorrelation 0.01 to 0.99, kurtosis 0.8,
0.18 to 0.39 of the pairs correlated). They are wide on purpose: a warning, not a verdict.
"""

from statistics import median

from synth_pipeline.domain.check import Violation
from synth_pipeline.readings.rules import REALISM
from synth_pipeline.readings.statistics import Statistics

MAX_HOUR_OF_DAY = 0.3
MIN_KURTOSIS = 0.2
FAST, SLOW = 0.95, 0.9
CORRELATED_PAIRS = (0.02, 0.9)


def realism_violations(statistics: Statistics) -> list[Violation]:
    """Every figure that no real machine would show, each with the value and the bound."""
    signals = statistics.signals
    found: list[str] = []
    constant = [name for name, figures in signals.items() if figures.autocorrelation is None]
    if constant:
        found.append(f"signals never change: {', '.join(constant[:5])}")
    hours = [f.hour_of_day for f in signals.values() if f.hour_of_day is not None]
    if hours and median(hours) > MAX_HOUR_OF_DAY:
        found.append(
            f"the hour of day explains {median(hours):.2f} of the median signal's variance; "
            f"expected at most {MAX_HOUR_OF_DAY}"
        )
    tails = [f.kurtosis for f in signals.values() if f.kurtosis is not None]
    if tails and median(tails) < MIN_KURTOSIS:
        found.append(
            f"increments are Gaussian (median excess kurtosis {median(tails):.2f}); "
            f"expected more than {MIN_KURTOSIS}"
        )
    memory = [f.autocorrelation for f in signals.values() if f.autocorrelation is not None]
    if memory and min(memory) > FAST:
        found.append(f"every signal is slow (lag-1 autocorrelation above {FAST})")
    if memory and max(memory) < SLOW:
        found.append(f"every signal is fast (lag-1 autocorrelation below {SLOW})")
    pairs, (low, high) = statistics.correlated_pairs, CORRELATED_PAIRS
    if pairs is not None and not low <= pairs <= high:
        found.append(
            f"{pairs:.0%} of the signal pairs are correlated; expected {low:.0%} to {high:.0%}"
        )
    return [Violation(REALISM, message) for message in found]
