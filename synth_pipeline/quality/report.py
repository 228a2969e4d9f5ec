"""A picture of one machine-year: every signal's daily range, with its anomalies marked."""

import io
import threading

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from synth_pipeline.domain.contract import MINUTES_PER_DAY, Signal
from synth_pipeline.quality.output import Output

MAX_SIGNALS_DRAWN = 12
MAX_TEXT_LENGTH = 120
DOTS_PER_INCH = 100
PNG_LEVEL = 1  # of zlib: the same size as the default here, in a third of the time
LANE_HEIGHT = 0.72  # of the distance between two lanes; the rest holds the lane's title
BAND, MIDDLE, MARK, QUIET = "#b7cbe6", "#1f4e8c", "#d1495b", "#667085"
_drawing = threading.Lock()  # matplotlib is not thread-safe

Values = npt.NDArray[np.float64]


def draw_report(output: Output, title: str) -> bytes:
    """Return a PNG: per signal the daily minimum, mean and maximum; red ticks are events.

    All signals share one pair of axes, a lane each, scaled to the signal's own range: one
    `Axes` draws five times faster than one per signal.
    """
    drawn = output.signals[:MAX_SIGNALS_DRAWN]
    with _drawing:
        height = 0.7 + 0.8 * len(drawn)
        figure = Figure(figsize=(11, height), dpi=DOTS_PER_INCH)
        axes = figure.add_axes((0.02, 0.4 / height, 0.96, 1 - 0.75 / height))
        for lane, signal in enumerate(reversed(drawn)):
            values = output.table.column(signal.name).to_numpy().astype(np.float64, copy=False)
            _draw_lane(axes, lane, signal, values)
            marks = _event_days(output.labels, signal.name)
            axes.plot(marks, np.full(len(marks), lane + 0.02), "|", color=MARK, markersize=8)
        _dress(axes, title, len(drawn), output.table.num_rows / MINUTES_PER_DAY)
        content = io.BytesIO()
        figure.savefig(
            content,
            format="png",
            metadata={"Software": None},
            pil_kwargs={"compress_level": PNG_LEVEL},
        )
    return content.getvalue()


def _draw_lane(axes: Axes, lane: int, signal: Signal, values: Values) -> None:
    place, low, middle, high = _daily_range(values)
    bottom, top = float(low.min()), float(high.max())
    scale = LANE_HEIGHT / (top - bottom or 1.0)
    axes.fill_between(
        place, lane + (low - bottom) * scale, lane + (high - bottom) * scale, color=BAND, lw=0
    )
    axes.plot(place, lane + (middle - bottom) * scale, color=MIDDLE, lw=0.8)
    name = _drawable(f"{signal.name} [{signal.unit}]" if signal.unit else signal.name)
    axes.text(0, lane + LANE_HEIGHT + 0.06, name, fontsize=8, parse_math=False)
    span = f"{bottom:g} to {top:g}"
    axes.text(place[-1], lane + LANE_HEIGHT + 0.06, span, fontsize=8, color=QUIET, ha="right")


def _daily_range(values: Values) -> tuple[npt.NDArray[np.int64], Values, Values, Values]:
    """Days with any value, counted from 0, and each one's minimum, mean and maximum."""
    days = values[: len(values) // MINUTES_PER_DAY * MINUTES_PER_DAY].reshape(-1, MINUTES_PER_DAY)
    low, middle, high = days.min(1), days.mean(1), days.max(1)
    gaps = np.flatnonzero(np.isnan(middle))  # few days have any: only those take the slow road
    known = ~np.isnan(days[gaps])
    low[gaps] = np.fmin.reduce(days[gaps], 1)
    high[gaps] = np.fmax.reduce(days[gaps], 1)
    middle[gaps] = np.where(known, days[gaps], 0.0).sum(1) / np.maximum(known.sum(1), 1)
    place = np.flatnonzero(~np.isnan(low))
    return place, low[place], middle[place], high[place]


def _dress(axes: Axes, title: str, lanes: int, days: float) -> None:
    full = f"{_drawable(title)} — daily range per signal, events in red"
    axes.set_title(full, fontsize=10, loc="left", parse_math=False)
    axes.set_xlim(0, days)
    axes.set_ylim(-0.08, lanes)
    axes.set_yticks([])
    axes.set_xlabel("day of the year", fontsize=8, labelpad=1)
    axes.tick_params(labelsize=7)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def _drawable(text: str) -> str:
    """The text with `?` for what matplotlib's own font lacks, such as Chinese."""
    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return "".join(c if font.get_char_index(ord(c)) else "?" for c in text[:MAX_TEXT_LENGTH])


def _event_days(labels: pa.Table | None, signal: str) -> list[float]:
    """Days, counted from 0, on which an event that touches the signal begins."""
    if labels is None:
        return []
    starts = labels.column("start").to_numpy().astype("datetime64[m]")
    first = starts.astype("datetime64[Y]").astype("datetime64[m]")
    days = (starts - first).astype(np.int64) / MINUTES_PER_DAY
    affected = labels.column("affected").to_pylist()
    return [
        float(day)
        for day, names in zip(days, affected, strict=True)
        if not names or signal in names
    ]
