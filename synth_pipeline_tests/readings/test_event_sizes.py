"""How large events are: measured against the clean signal, told to the author where far off."""

import numpy as np
import pyarrow as pa
import pytest

from synth_pipeline.readings.changes import changes_between
from synth_pipeline.readings.contract import LABEL_SCHEMA
from synth_pipeline.readings.event_sizes import size_findings, with_sizes

ROWS = 525_600
CLEAN = np.random.default_rng(3).normal(50, 2, ROWS)


def table(values: np.ndarray) -> pa.Table:
    times = np.datetime64("2023-01-01", "ms") + np.arange(ROWS) * np.timedelta64(60_000, "ms")
    return pa.table({"Timestamp": times, "flow_m3_h": pa.array(values, from_pandas=True)})


def labels(*events: tuple[int, int, str]) -> pa.Table:
    first = np.datetime64("2023-01-01", "ms")
    rows = [
        {"start": (first + np.timedelta64(a, "m")).item(),
         "end": (first + np.timedelta64(b, "m")).item(),
         "kind": "level_shift", "root_cause": cause, "affected": ["flow_m3_h"]}
        for a, b, cause in events
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=LABEL_SCHEMA)


def test_sizes_are_in_standard_deviations_of_the_clean_signal() -> None:
    faulty = CLEAN.copy()
    faulty[1000:1010] += 6.0
    faulty[1009] += 6.0

    found = with_sizes(
        labels((1000, 1009, "valve")), table(faulty), changes_between(table(faulty), table(CLEAN))
    )

    assert found.schema.equals(LABEL_SCHEMA)
    assert found["severity_sd"].to_pylist() == [pytest.approx(6.0, rel=0.02)]
    assert found["snr"].to_pylist() == [pytest.approx(np.sqrt((9 * 9 + 36) / 10), rel=0.02)]


def test_missing_readings_have_no_size() -> None:
    faulty = CLEAN.copy()
    faulty[2000:2050] = np.nan

    found = with_sizes(
        labels((2000, 2049, "bus")), table(faulty), changes_between(table(faulty), table(CLEAN))
    )

    assert found["snr"].to_pylist() == [None]
    assert size_findings(found) == []


@pytest.mark.parametrize(("size", "said"), [(0.02, "valve 0.01"), (8.0, ""), (200.0, "valve 99")])
def test_only_sizes_that_are_far_off_are_told(size: float, said: str) -> None:
    faulty = CLEAN.copy()
    faulty[3000:3100] += size

    found = size_findings(
        with_sizes(
            labels((3000, 3099, "valve")),
            table(faulty),
            changes_between(table(faulty), table(CLEAN)),
        )
    )

    assert bool(found) is bool(said)
    assert all(not each.is_fatal and said in str(each) for each in found)
