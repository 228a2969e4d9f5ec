"""The picture: always drawn, whatever the signals hold and however things are named."""

import struct

import numpy as np
import pyarrow as pa
import pytest

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.report import MAX_SIGNALS_DRAWN, draw_report
from synth_pipeline_tests.support.tables import SIGNALS, label_table, minutes, year_table

RANDOM = np.random.default_rng(2)
NOISE = RANDOM.normal(size=525_600)


def output(*names: str, unit: str = "W", values: np.ndarray = NOISE) -> MachineYear:
    signals = tuple(Column(name, unit) for name in names)
    return MachineYear(
        pa.table({"Timestamp": minutes(2023), **dict.fromkeys(names, values)}), None, signals
    )


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n")
    return struct.unpack(">II", png[16:24])


def test_a_year_is_one_lane_a_signal() -> None:
    labels = label_table(("2024-03-01T10:00", "2024-03-01T10:05", "spike"))

    png = draw_report(MachineYear(year_table(), labels, SIGNALS), "Plasma Etcher · 2024")

    width, height = size(png)
    assert width == 1100
    assert height == 70 + 80 * 3


def test_the_same_year_is_the_same_picture() -> None:
    assert draw_report(output("a_w"), "same") == draw_report(output("a_w"), "same")


def test_events_change_the_picture() -> None:
    labels = label_table(("2024-03-01T10:00", "2024-03-01T10:05", "spike"))
    quiet = draw_report(MachineYear(year_table(), None, SIGNALS), "t")

    assert draw_report(MachineYear(year_table(), labels, SIGNALS), "t") != quiet


def test_only_so_many_signals_are_drawn() -> None:
    names = [f"zone_{i}_w" for i in range(MAX_SIGNALS_DRAWN + 5)]

    _, height = size(draw_report(output(*names), "many"))

    assert height == 70 + 80 * MAX_SIGNALS_DRAWN


@pytest.mark.parametrize(
    "text", ["$\\foo$", "$x_$ and $_{", "プラズマ装置", "a\nb\x01\t", "", "\\", "%s {x}", "l" * 500]
)
def test_names_and_units_of_any_text_are_drawn(text: str) -> None:
    assert size(draw_report(output(f"power_{text}", unit=text), text))[0] == 1100


ROWS = np.arange(525_600)


@pytest.mark.parametrize(
    "values",
    [
        np.full(525_600, 3.0),
        np.where(ROWS == 5, 1.0, np.nan),
        np.where(ROWS < 100 * 1440, np.nan, NOISE),
        np.where(ROWS % 1440 < 1439, np.nan, NOISE),
        NOISE * 1e30,
        NOISE * 1e-300,
    ],
    ids=["constant", "one value", "late start", "one minute a day", "huge", "tiny"],
)
def test_values_of_any_shape_are_drawn_without_a_warning(values: np.ndarray) -> None:
    assert size(draw_report(output("a_w", "b_w", values=values), "shape"))[0] == 1100
