"""A picture of one machine-year: every signal's daily range, with its anomalies marked."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image, ImageDraw, ImageFont

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.contract import ROWS_PER_DAY
from synth_pipeline.readings.fields import floats_of
from synth_pipeline.readings.machine_year import MachineYear

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
MAX_SIGNALS_DRAWN = 12
MAX_TEXT_LENGTH = 120
# pixels
WIDTH, MARGIN = 1100, 22
TITLE_HEIGHT, LANE_HEIGHT, AXIS_HEIGHT = 35, 80, 35
RANGE_HEIGHT = 58  # of a lane; the rest holds its name
FINE, LINE = 2, 3  # lanes are drawn this much larger and then reduced, for smooth edges
TITLE_SIZE, NAME_SIZE, TICK_SIZE = 14, 11, 10
DAYS_PER_TICK = 50
PNG_LEVEL = 1  # of zlib: the same size as the default here, in a third of the time
BAND, MIDDLE, MARK, QUIET, INK = "#b7cbe6", "#1f4e8c", "#d1495b", "#667085", "#1a1a1a"

Values = npt.NDArray[np.float64]


def draw_report(made: MachineYear, title: str) -> bytes:
    """Return a PNG: per signal the daily minimum, mean and maximum; red ticks are events.

    Drawn with Pillow, which starts in a hundredth and draws in a third of the time that
    matplotlib takes, and in several threads at once.
    """
    drawn = made.signals[:MAX_SIGNALS_DRAWN]
    height = TITLE_HEIGHT + LANE_HEIGHT * len(drawn) + AXIS_HEIGHT
    across = (WIDTH - 2 * MARGIN) * ROWS_PER_DAY / made.table.num_rows
    fine = Image.new("RGB", (WIDTH * FINE, height * FINE), "white")
    spans = []
    for lane, signal in enumerate(drawn):
        values = floats_of(made.table.column(signal.name))
        bottom = TITLE_HEIGHT + LANE_HEIGHT * (lane + 1) - 1
        spans.append(_draw_lane(ImageDraw.Draw(fine), bottom, across, values))
        _draw_events(ImageDraw.Draw(fine), bottom, across, _event_days(made.labels, signal.name))
    image = fine.reduce(FINE)
    _write_texts(ImageDraw.Draw(image), title, drawn, spans)
    _draw_axis(ImageDraw.Draw(image), height - AXIS_HEIGHT, across, made.table.num_rows)
    content = io.BytesIO()
    image.save(content, format="png", compress_level=PNG_LEVEL)
    return content.getvalue()


def _draw_lane(pen: ImageDraw.ImageDraw, bottom: int, across: float, values: Values) -> str:
    """Draw the band and the mean above `bottom`; return the span of the values as text."""
    place, low, middle, high = _daily_range(values)
    least, most = float(low.min()), float(high.max())
    up = RANGE_HEIGHT / (most - least or 1.0)
    x = (MARGIN + (place + 0.5) * across) * FINE
    lows, means, highs = ((bottom - (days - least) * up) * FINE for days in (low, middle, high))
    around = np.concatenate([np.stack([x, lows], 1), np.stack([x, highs], 1)[::-1]])
    pen.polygon(around.ravel().tolist(), fill=BAND, outline=BAND)
    pen.line(np.stack([x, means], 1).ravel().tolist(), fill=MIDDLE, width=LINE)
    return f"{least:g} to {most:g}"


def _daily_range(values: Values) -> tuple[npt.NDArray[np.int64], Values, Values, Values]:
    """Days with any value, counted from 0, and each one's minimum, mean and maximum."""
    days = values[: len(values) // ROWS_PER_DAY * ROWS_PER_DAY].reshape(-1, ROWS_PER_DAY)
    low, middle, high = days.min(1), days.mean(1), days.max(1)
    gaps = np.flatnonzero(np.isnan(middle))  # few days have any: only those take the slow road
    known = ~np.isnan(days[gaps])
    low[gaps] = np.fmin.reduce(days[gaps], 1)
    high[gaps] = np.fmax.reduce(days[gaps], 1)
    middle[gaps] = np.where(known, days[gaps], 0.0).sum(1) / np.maximum(known.sum(1), 1)
    place = np.flatnonzero(~np.isnan(low))
    return place, low[place], middle[place], high[place]


def _draw_events(pen: ImageDraw.ImageDraw, bottom: int, across: float, days: Values) -> None:
    for x in ((MARGIN + days * across) * FINE).tolist():
        pen.line((x, (bottom - 7) * FINE, x, (bottom + 3) * FINE), fill=MARK, width=LINE)


def _event_days(labels: pa.Table | None, signal: str) -> Values:
    """Days, counted from 0, on which an event that touches the signal begins."""
    if labels is None:
        return np.zeros(0)
    starts = labels.column("start").to_numpy()
    days = (starts - starts.astype("datetime64[Y]")) / np.timedelta64(1, "D")
    affected = labels.column("affected").to_pylist()
    touched = [not names or signal in names for names in affected]
    return np.asarray(days[np.array(touched, dtype=np.bool_)], dtype=np.float64)


def _write_texts(
    pen: ImageDraw.ImageDraw, title: str, drawn: tuple[Column, ...], spans: list[str]
) -> None:
    large, small = _font(TITLE_SIZE), _font(NAME_SIZE)
    full = f"{_drawable(title)} — daily range per signal, events in red"
    pen.text((MARGIN, 10), full, fill=INK, font=large)
    for lane, (signal, span) in enumerate(zip(drawn, spans, strict=True)):
        y = TITLE_HEIGHT + LANE_HEIGHT * lane + 5
        name = f"{signal.name} [{signal.unit}]" if signal.unit else signal.name
        pen.text((MARGIN, y), _drawable(name), fill=INK, font=small)
        pen.text((WIDTH - MARGIN, y), span, fill=QUIET, font=small, anchor="ra")


def _draw_axis(pen: ImageDraw.ImageDraw, y: int, across: float, rows: int) -> None:
    font = _font(TICK_SIZE)
    pen.line((MARGIN, y + 4, WIDTH - MARGIN, y + 4), fill=INK)
    for day in range(0, rows // ROWS_PER_DAY, DAYS_PER_TICK):
        x = MARGIN + day * across
        pen.line((x, y + 4, x, y + 7), fill=INK)
        pen.text((x, y + 9), str(day), fill=INK, font=font, anchor="ma")
    pen.text((WIDTH / 2, y + 20), "day of the year", fill=INK, font=font, anchor="ma")


def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans; one object a picture, as FreeType's are not to be shared among threads."""
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def _drawable(text: str) -> str:
    """The text with `?` for what the font lacks, such as Chinese."""
    font = _font(NAME_SIZE)
    missing = bytes(font.getmask("\uffff"))
    return "".join(
        c if (c.isascii() and c.isprintable()) or _has(font, c, missing) else "?"
        for c in text[:MAX_TEXT_LENGTH]
    )


def _has(font: ImageFont.FreeTypeFont, character: str, missing: bytes) -> bool:
    return character.isprintable() and bytes(font.getmask(character)) != missing
