"""How large events are beside what their signals do by themselves."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.changes import Changed, Changes
from synth_pipeline.readings.contract import LABEL_SCHEMA
from synth_pipeline.readings.fields import floats_of
from synth_pipeline.readings.label_rules import rows_of_events
from synth_pipeline.readings.wording import some_of

SAMPLE_STEP = 13  # rows; no divisor of an hour
FAINT, LARGE = 0.3, 20.0  # median SNR of the events of a cause; wanted are 0.5 to 10
SHOWN = 5

Values = npt.NDArray[np.float64]


def with_sizes(labels: pa.Table, table: pa.Table, changes: Changes) -> pa.Table:
    """Labels with `severity_sd` and `snr` measured, in standard deviations of the clean signal.

    They are null where only missing readings differ. The operating mode is not known here, so
    that the deviation is that of the whole year.
    """
    away = {name: _away(table.column(name), changed) for name, changed in changes.items()}
    peaks: list[float | None] = []
    ratios: list[float | None] = []
    affected = labels.column("affected").to_pylist()
    for (first, last), names in zip(rows_of_events(labels), affected, strict=True):
        parts = [_within(changes[n], away[n], first, last) for n in names or () if n in changes]
        parts = [part for part in parts if part.size]
        peaks.append(max((_rounded(np.abs(part).max()) for part in parts), default=None))
        ratios.append(max((_rounded(np.square(part).mean() ** 0.5) for part in parts),
                          default=None))  # fmt: skip
    for name, values in {"severity_sd": peaks, "snr": ratios}.items():
        place = LABEL_SCHEMA.get_field_index(name)
        labels = labels.set_column(place, name, pa.array(values, pa.float64()))
    return labels


def _away(column: pa.ChunkedArray, changed: Changed) -> Values:
    """How far each changed reading is from the clean one, in deviations of the signal."""
    clean = floats_of(column).copy()
    away = clean[changed.rows] - changed.clean
    clean[changed.rows] = changed.clean
    return np.asarray(away / (float(np.nanstd(clean[::SAMPLE_STEP])) or 1.0))


def _within(changed: Changed, away: Values, first: int, last: int) -> Values:
    low, high = np.searchsorted(changed.rows, [first, last + 1])
    part = away[low:high]
    return np.asarray(part[~np.isnan(part)])


def _rounded(value: float) -> float:
    return round(float(value), 3)


def size_findings(labels: pa.Table) -> list[Finding]:
    """Causes whose events are far from what is wanted: told while other things are mended."""
    by_cause: dict[str, list[float]] = {}
    for cause, snr in zip(
        labels.column("root_cause").to_pylist(), labels.column("snr").to_pylist(), strict=True
    ):
        if snr is not None:
            by_cause.setdefault(str(cause), []).append(snr)
    medians = {cause: float(np.median(sizes)) for cause, sizes in by_cause.items()}
    off = {c: m for c, m in medians.items() if not FAINT <= m <= LARGE}
    return [Finding(Topic.SIZES, _said(off), is_fatal=False)] if off else []


def _said(medians: Mapping[str, float]) -> str:
    shown = some_of([f"{cause} {median:.2g}" for cause, median in medians.items()], SHOWN)
    return (
        "sizes of events, as the root mean square change in standard deviations of the signal "
        f"(median of a cause; wanted are 0.5 to 10, small ones as often as large ones): {shown}"
    )
