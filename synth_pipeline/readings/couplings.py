"""How the signals of a machine go together: correlated, and too much so."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from synth_pipeline.readings.repeats import digit_of

RANK_SAMPLE_ROWS = 5_000
CORRELATED, CLOSE = 0.3, 0.7  # signals less close than that, events and all, are no copies
SAME_COURSE = 0.9  # of the rows; events are in the others
COURSE_QUANTILES = (0.1, 0.9)
ON_LINE = 0.94  # of the rows, of which events are at most a twentieth
SAME_SLOPE = 0.02
MAX_ROUNDING = 0.02  # of the spread; of coarser sensors a line says little
MIN_ON_LINE = 0.3  # of the spread, that readings on the line cover: rest alone is no likeness
FITS = 4
MIN_COURSE_VALUES = 50
DELAY_ROWS = 2**13  # in which a delay is looked for: six days
LIKELY_DELAY = 0.7  # correlation of the steps of two signals, one of them delayed
STEP_QUANTILE = 0.99  # steps beyond are cut, so that no start or stop outweighs all others
MIN_DELAYED_VALUES, MIN_DELAYED_MOVES = 8, 0.1

Values = npt.NDArray[np.float64]
Spectrum = npt.NDArray[np.complex128]


def couplings_of(
    columns: Mapping[str, Values], *, with_copies: bool = True
) -> tuple[float | None, tuple[str, ...]]:
    """Share of correlated pairs, and the signals that follow another one exactly.

    Over an even sample of the rows; a delay is looked for in the middle of the year. Signals that
    follow another are not looked for without `with_copies`.
    """
    ranks = {
        name: _ranks(values[:: max(1, len(values) // RANK_SAMPLE_ROWS)])
        for name, values in columns.items()
    }
    ranks = {name: rank for name, rank in ranks.items() if rank.std() > 0}
    if len(ranks) < 2:
        return None, ()
    matrix = np.abs(np.corrcoef(np.vstack(list(ranks.values()))))
    upper = matrix[np.triu_indices(len(ranks), k=1)]
    share = round(float((upper > CORRELATED).mean()), 4)
    if not with_copies:
        return share, ()
    names = list(ranks)
    close = np.argwhere(np.tril(matrix, k=-1) > CLOSE).tolist()
    same = [
        names[later]
        for later, earlier in close
        if _is_same_course(columns[names[later]], columns[names[earlier]])
    ]
    same += [name for name in _delayed(columns) if name not in same]
    return share, tuple(dict.fromkeys(same))


def _delayed(columns: Mapping[str, Values]) -> Iterator[str]:
    """Signals that follow an earlier one of the columns, or are followed by it, exactly."""
    spectra = {name: spectrum for name, values in columns.items()
               if (spectrum := _spectrum_of_steps(values)) is not None}  # fmt: skip
    names = list(spectra)
    for place, name in enumerate(names):
        for other in names[:place]:
            lag = _delay(spectra[name], spectra[other])
            later, earlier = (name, other) if lag > 0 else (other, name)
            if lag and _is_delayed(columns[later][abs(lag) :], columns[earlier][: -abs(lag)]):
                yield name


def _is_delayed(values: Values, others: Values) -> bool:
    """True of one course, or of equal readings wherever a coarse sensor moves."""
    if _is_same_course(values, others, is_later=True):
        return True
    step = max(1, len(values) // RANK_SAMPLE_ROWS)
    moves = values[step::step] != values[step - 1 : -1 : step]
    if moves.mean() < MIN_DELAYED_MOVES or len(np.unique(values[::step])) < MIN_DELAYED_VALUES:
        return False
    return float((values[step::step] == others[step::step])[moves].mean()) > SAME_COURSE


def _spectrum_of_steps(values: Values) -> Spectrum | None:
    """Of the steps from row to row, scaled to one; None where there are none."""
    start = (values.size - DELAY_ROWS) // 2
    steps = np.nan_to_num(np.diff(values[start : start + DELAY_ROWS + 1]))
    limit = float(np.quantile(np.abs(steps), STEP_QUANTILE))
    steps = np.clip(steps, -limit, limit)
    spread = float(steps.std())
    if not spread:
        return None
    return np.fft.rfft((steps - steps.mean()) / spread, 2 * DELAY_ROWS)


def _delay(one: Spectrum, other: Spectrum) -> int:
    """Rows that `one` lags behind `other`, at which their steps are most alike; 0 where unlike."""
    likeness = np.abs(np.fft.irfft(one * np.conj(other))) / DELAY_ROWS
    lag = int(likeness.argmax())
    if likeness[lag] < LIKELY_DELAY:
        return 0
    return lag if lag < DELAY_ROWS else lag - 2 * DELAY_ROWS


def _is_same_course(values: Values, others: Values, *, is_later: bool = False) -> bool:
    """True where nearly all values are those of the other signal, scaled and rounded.

    Setpoints of one recipe move together, so that signals of few values count only as equals.
    Of two sensors at one place that show the same at the same time only what is equal is a copy.
    """
    step = max(1, len(values) // RANK_SAMPLE_ROWS)
    one, other = values[::step], others[::step]
    known = ~(np.isnan(one) | np.isnan(other))
    if known.sum() < MIN_COURSE_VALUES:
        return False
    one, other = one[known], other[known]
    moves = (one != np.median(one)) | (other != np.median(other))  # rest is no likeness
    one, other = one[moves], other[moves]
    if one.size < MIN_COURSE_VALUES:
        return False
    few = min(len(np.unique(one)), len(np.unique(other))) < MIN_COURSE_VALUES
    if few:
        return bool((one == other).all()) and np.array_equal(values, others, equal_nan=True)
    if float((one == other).mean()) > SAME_COURSE:
        return True
    digit, other_digit = digit_of(values), digit_of(others)
    if is_later:
        return _is_on_line(one, other, lambda slope: digit + slope * other_digit)
    is_one_kind = abs(digit - other_digit) < 0.1 * digit
    return _is_on_line(
        one,
        other,
        lambda slope: (
            0.01 * digit
            if is_one_kind and abs(slope - 1) < SAME_SLOPE
            else 0.51 * (digit + slope * other_digit)
        ),
    )


def _is_on_line(one: Values, other: Values, room_of: Callable[[float], float]) -> bool:
    """True where one is the other, scaled and moved, with so much room to a line of some slope."""
    spread, other_spread = (_spread(each) for each in (one, other))
    if not (spread and other_spread):
        return False
    sign = np.sign(np.median((one - np.median(one)) * (other - np.median(other))))
    slope = float(sign * spread / other_spread)
    near = np.zeros(one.shape, np.bool_)
    for _ in range(FITS):
        away = one - slope * other
        away -= np.median(away)
        near = np.abs(away) <= min(room_of(abs(slope)), MAX_ROUNDING * spread) + 1e-9 * spread
        fitted = np.abs(away) <= np.quantile(np.abs(away), SAME_COURSE)
        slope = _slope(one[fitted], other[fitted])
    if float(near.mean()) <= ON_LINE:
        return False
    return _spread(one[near]) >= MIN_ON_LINE * spread


def _slope(one: Values, other: Values) -> float:
    """By least squares; 0 where the other does not vary."""
    away = other - other.mean()
    power = float((away * away).sum())
    return float((away * one).sum()) / power if power else 0.0


def _spread(values: Values) -> float:
    return float(np.ptp(np.quantile(values, COURSE_QUANTILES)))


def _ranks(values: Values) -> Values:
    """Average ranks, so that repeated values of a coarse sensor tie."""
    missing = np.isnan(values)
    if missing.all():
        return np.zeros(len(values))
    filled = np.where(missing, values[~missing].mean(), values)
    _, places, counts = np.unique(filled, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[places], dtype=np.float64)
