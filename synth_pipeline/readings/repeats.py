"""Whether a series comes again, in itself or in another one, to the last digit or but for it."""

import numpy as np
import numpy.typing as npt

from synth_pipeline.readings.contract import ROWS_PER_DAY, ROWS_PER_HOUR

PATTERN_ROWS = 32
LIVELY_DAYS = 14
MIN_PATTERN_VALUES = 8
MAX_CANDIDATES = 20
BLOCK_HOURS = 6
SAMPLED_BLOCKS = 16
MIN_LIVELY_BLOCKS = 6
MIN_MOVES = 20  # of a stretch, up as well as down
SAME_ROWS, NEAR_ROWS = 0.98, 0.9  # of a stretch that stands elsewhere: equal, and next to equal
MIN_NOISE = 4.0  # last digits from row to row; of less, two are next to equal by chance
DIGIT_SAMPLE = 4_000

Values = npt.NDArray[np.float64]


def repeated_share(values: Values) -> float:
    """Largest share of moving rows that come again, to the last digit.

    After one fixed period of up to half a year, or mirrored about one row.
    """
    start = lively_place(values)
    if start is None:
        return 0.0
    pattern = values[start : start + PATTERN_ROWS]
    later = [place - start for place in places_of(pattern, values) if place > start]
    lags = [lag for lag in later if lag <= values.size // 2 + ROWS_PER_DAY][:MAX_CANDIDATES]
    centres = [start + place + PATTERN_ROWS - 1 for place in places_of(pattern[::-1], values)]
    shares = [
        *(_share_after(values, lag) for lag in lags),
        *(_share_mirrored(values, centre) for centre in centres[:MAX_CANDIDATES]),
    ]
    return round(max(shares, default=0.0), 4)


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


def _share_mirrored(values: Values, centre: int) -> float:
    """Share of moving rows that are as those so far on the other side; `centre` in half rows."""
    first, last = max(0, centre - values.size + 1), min(values.size - 1, centre)
    if last - first < values.size / 2:
        return 0.0
    part = values[first : last + 1]
    moves = part[1:] != part[:-1]
    return float((moves & (part == part[::-1])[1:]).sum() / max(int(moves.sum()), 1))


def dealt_share(values: Values, hours: Values, others: Values | None = None) -> float:
    """Share of sampled stretches of six hours that stand elsewhere, too, but for the last digit.

    Elsewhere is at another full hour of `values`, whose hourly means are given, or anywhere in
    `others`, which are searched for in `values`. 0 where hardly a stretch moves to and fro: ramps
    and counters are the same each time.
    """
    sought = values if others is None else others
    digit = digit_of(sought)
    starts = np.linspace(0, sought.size // ROWS_PER_HOUR - BLOCK_HOURS, SAMPLED_BLOCKS)
    blocks = [
        (hour, block)
        for hour in starts.astype(np.int64).tolist()
        for block in [_block(sought, hour)]
        if _is_lively(block)
    ]
    if len(blocks) < MIN_LIVELY_BLOCKS:
        return 0.0
    level = float(hours.mean())
    windows = np.lib.stride_tricks.sliding_window_view(hours - level, BLOCK_HOURS)
    wanted = np.stack([hourly_means(block) - level for _, block in blocks])
    away = np.einsum("ij,ij->i", windows, windows) - 2 * wanted @ windows.T
    found = 0
    for (hour, block), row in zip(blocks, away, strict=True):
        if others is None:
            row[max(0, hour - BLOCK_HOURS + 1) : hour + BLOCK_HOURS] = np.inf
        found += _is_again(block, _block(values, int(row.argmin())), digit)
    return round(found / len(blocks), 4)


def hourly_means(values: Values) -> Values:
    """Of the whole hours, shape (hours,)."""
    hours = values.size // ROWS_PER_HOUR
    return np.asarray(values[: hours * ROWS_PER_HOUR].reshape(hours, ROWS_PER_HOUR).mean(axis=1))


def digit_of(values: Values) -> float:
    """The least step between any two of a sample's values; 0 where all are equal."""
    sample = np.unique(values[:: max(1, values.size // DIGIT_SAMPLE)])
    steps = np.diff(sample[~np.isnan(sample)])
    return float(steps.min()) if steps.size else 0.0


def _block(values: Values, hour: int) -> Values:
    return values[hour * ROWS_PER_HOUR : (hour + BLOCK_HOURS) * ROWS_PER_HOUR]


def _is_lively(block: Values) -> bool:
    steps = np.diff(block)
    return not np.isnan(block).any() and min((steps > 0).sum(), (steps < 0).sum()) >= MIN_MOVES


def _is_again(block: Values, other: Values, digit: float) -> bool:
    """True where hardly a reading is another, or all differ by far less than from row to row."""
    away = np.abs(block - other)
    if np.count_nonzero(away <= 2.01 * digit) < NEAR_ROWS * away.size:
        return False
    noise = float(np.median(np.abs(np.diff(block, 2))))
    is_noisy = noise >= MIN_NOISE * digit
    return is_noisy or int(np.count_nonzero(away == 0)) >= SAME_ROWS * away.size
