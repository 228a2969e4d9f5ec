"""The five checks on stored files: green on good ones, and what each says of damage."""

import io
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.domain.check import Verdict
from synth_pipeline.domain.column import Column
from synth_pipeline.readings.checks import CHECKS, judge_stored, unreadable
from synth_pipeline_tests.support.tables import (
    SIGNALS,
    label_table,
    minutes,
    published_bytes,
    stored_bytes,
    with_times,
    year_table,
)

GOOD_LABELS = label_table(
    ("2024-03-01T10:00", "2024-03-01T10:05", "spike"),
    ("2024-05-01T10:00", "2024-05-02T10:00", "drift"),
)
NAMES = tuple(check.name for check in CHECKS)
DAY = year_table().slice(0, 1440)


def judge(
    content: bytes, labels: pa.Table | None = GOOD_LABELS, year: int = 2024
) -> dict[str, Verdict]:
    verdicts = judge_stored(io.BytesIO(content), labels, year, SIGNALS)
    assert tuple(verdict.check for verdict in verdicts) == NAMES
    return {verdict.check: verdict for verdict in verdicts}


def broken(verdicts: dict[str, Verdict]) -> dict[str, str]:
    return {check: v.summary for check, v in verdicts.items() if not v.passed}


def test_a_published_year_passes_all_checks() -> None:
    verdicts = judge(published_bytes())

    assert broken(verdicts) == {}
    assert verdicts["schema"].facts["signals"] == ", ".join(s.name for s in SIGNALS)
    assert verdicts["year_coverage"].facts == {"rows": 527_040}
    assert verdicts["anomalies_present"].facts == {
        "events": 2,
        "rows_pct": 0.27,
        "kinds": "drift, spike",
    }
    assert verdicts["signal_realism"].facts["correlated_pairs_pct"] == 33.3


def test_a_year_of_525600_minutes_passes_too() -> None:
    labels = label_table(("2023-03-01T10:00", "2023-03-01T10:05", "spike"))

    assert broken(judge(published_bytes(2023), labels, 2023)) == {}


def test_schema_cadence_and_coverage_block_and_the_others_warn() -> None:
    blocking = [v.check for v in judge(published_bytes()).values() if v.is_blocking]

    assert blocking == ["schema", "minute_cadence", "year_coverage"]


def test_a_removed_row_is_named() -> None:
    table = pa.concat_tables([year_table().slice(0, 100), year_table().slice(101)])

    assert broken(judge(stored_bytes(table))) == {
        "minute_cadence": "1 gap, the first at row 100: 2024-01-01 01:41:00 follows "
        "2024-01-01 01:39:00, expected 2024-01-01 01:40:00",
        "year_coverage": "527,039 rows; expected 527,040 for 2024",
    }


def test_swapped_rows_are_named() -> None:
    times = minutes().copy()
    times[[100, 101]] = times[[101, 100]]

    found = broken(judge(stored_bytes(with_times(year_table(), times))))

    assert list(found) == ["minute_cadence"]
    assert found["minute_cadence"].startswith(
        "1 disorder, the first at row 101: 2024-01-01 01:40:00 follows 2024-01-01 01:41:00"
    )


def test_a_renamed_column_is_named() -> None:
    names = ["Timestamp", "chamber_pressure_pa", "chuck_temp_c", "rf_power_w"]

    found = broken(judge(rewritten(year_table().rename_columns(names))))

    assert found == {
        "schema": "signals of the accepted generator are missing: chuck_temperature_c; "
        "columns that the accepted generator does not write: chuck_temp_c"
    }


def rewritten(table: pa.Table) -> bytes:
    """A table written by another program, with the footer of the published one."""
    metadata = pq.read_schema(io.BytesIO(published_bytes())).metadata
    content = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), content)
    return content.getvalue()


def test_a_changed_unit_is_named() -> None:
    field = year_table().schema.field(1).with_metadata({"unit": "kPa"})

    found = broken(judge(rewritten(year_table().set_column(1, field, year_table().column(1)))))

    assert found == {"schema": "chamber_pressure_pa has unit 'kPa'; expected 'Pa'"}


def test_a_lower_case_timestamp_is_named() -> None:
    names = ["timestamp", *(signal.name for signal in SIGNALS)]

    found = broken(judge(rewritten(year_table().rename_columns(names))))

    assert found["schema"].startswith("the first column is 'timestamp'; expected 'Timestamp'")
    assert "minute_cadence" not in found


def test_a_shifted_year_is_named() -> None:
    labels = label_table(("2022-03-01T10:00", "2022-03-01T10:05", "spike"))

    found = broken(judge(published_bytes(2023), labels, 2022))

    assert found == {
        "year_coverage": "the first row is 2023-01-01 00:00:00; expected 2022-01-01 00:00:00; "
        "the last row is 2023-12-31 23:59:00; expected 2022-12-31 23:59:00; "
        "525,600 rows outside 2022, the first 2023-01-01 00:00:00 at row 0"
    }


def test_a_column_that_is_wholly_null_is_named() -> None:
    nulls = pa.nulls(len(year_table()), pa.float64())
    table = year_table().set_column(2, year_table().schema.field(2), nulls)

    found = broken(judge(stored_bytes(table)))

    assert found["schema"] == "columns hold no value at all: chuck_temperature_c"
    assert found["signal_realism"].startswith("signals never change: chuck_temperature_c")


def test_a_null_time_is_named() -> None:
    times = minutes().copy()
    times[7] = np.datetime64("NaT")

    found = broken(judge(stored_bytes(with_times(year_table(), times))))

    assert found == {"minute_cadence": "1 row without a time, the first at row 7"}


@pytest.mark.parametrize(
    "times",
    [
        pa.array(minutes()).cast(pa.timestamp("us")),
        pa.array(minutes()).cast(pa.timestamp("ms", "UTC")),
        pa.array(["2024-01-01 00:00:00"] * 527_040),
        pa.array(np.arange(527_040)),
    ],
    ids=["us", "zone", "text", "integer"],
)
def test_times_of_another_type_are_named_by_three_checks(times: pa.Array) -> None:
    found = broken(judge(rewritten(year_table().set_column(0, "Timestamp", times))))

    assert list(found) == ["schema", "minute_cadence", "year_coverage"]
    assert found["schema"] == f"Timestamp is {times.type}; expected timestamp[ms]"
    assert found["minute_cadence"] == (
        f"the first column is {times.type}; expected Timestamp as timestamp[ms]"
    )


def test_a_file_without_rows_is_named() -> None:
    found = broken(judge(rewritten(year_table().slice(0, 0))))

    assert found == {"year_coverage": "0 rows; expected 527,040 for 2024"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read as Parquet: Parquet file size is 0 bytes"),
        (b"Timestamp,a_pa\n" * 9, "cannot be read as Parquet: Parquet magic bytes not found"),
        (published_bytes()[:-1000], "cannot be read as Parquet: Parquet magic bytes not found"),
        (b"PAR1\xff\xff\xff\x7fPAR1", "cannot be read as Parquet: "),
    ],
    ids=["empty", "csv", "truncated", "absurd footer"],
)
def test_a_file_that_is_not_parquet_fails_every_check(content: bytes, message: str) -> None:
    found = broken(judge(content))

    assert tuple(found) == NAMES
    assert all(summary.startswith(message) for summary in found.values())


def test_a_file_without_columns_fails_every_check() -> None:
    content = io.BytesIO()
    pq.write_table(pa.table({}), content)

    found = broken(judge(content.getvalue()))

    assert set(found.values()) == {"cannot be read as Parquet: the file has no columns"}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "the dataset has no labels; expected some events"),
        (label_table(), "the dataset has an empty label file; expected some events"),
        (
            label_table(("2023-03-01T10:00", "2023-03-01T10:05", "spike")),
            "1 event outside 2024, the first 2023-03-01 10:00:00 to 2023-03-01 10:05:00",
        ),
        (
            label_table(("2024-03-01", "2024-03-25", "drift")),
            "anomalies cover 6.6% of the rows; expected less than 5%",
        ),
        (
            label_table(("2024-03-01", "2024-03-02", "drift"), affected=["flux_w"]),
            "affected signals that the dataset does not have: flux_w",
        ),
        (
            GOOD_LABELS.drop_columns(["kind"]),
            "the label file has columns start (timestamp[ms]), end (timestamp[ms]), "
            "category (string), root_cause (string), affected (list<item: string>), "
            "severity (string); expected those that synth writes",
        ),
        (
            pa.table({"start": [1]}),
            "the label file has columns start (int64); expected those that synth writes",
        ),
    ],
)
def test_a_fault_of_the_labels_is_a_warning(labels: pa.Table | None, message: str) -> None:
    verdicts = judge(published_bytes(), labels)

    assert broken(verdicts) == {"anomalies_present": message}
    assert not verdicts["anomalies_present"].is_blocking


def test_a_file_of_another_program_has_no_figures_to_judge() -> None:
    content = io.BytesIO()
    pq.write_table(year_table(), content)

    assert broken(judge(content.getvalue())) == {
        "signal_realism": "the footer holds no figures of the signals; "
        "the file was not written by synth"
    }


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"signals": {}}', '{"signals": 1}'])
def test_figures_that_cannot_be_read_count_as_none(text: str) -> None:
    content = io.BytesIO()
    pq.write_table(year_table().replace_schema_metadata({"statistics": text}), content)

    assert list(broken(judge(content.getvalue()))) == ["signal_realism"]


def test_without_an_accepted_generator_only_the_contract_is_judged() -> None:
    verdicts = judge_stored(io.BytesIO(published_bytes()), GOOD_LABELS, 2024, ())

    assert all(verdict.passed for verdict in verdicts)


def test_another_generators_signals_are_not_those_expected() -> None:
    verdicts = judge_stored(
        io.BytesIO(published_bytes()), GOOD_LABELS, 2024, [Column("flux_w", "W")]
    )

    assert verdicts[0].summary.startswith("signals of the accepted generator are missing: flux_w; ")


def test_what_cannot_be_opened_fails_every_check() -> None:
    verdicts = unreadable("there is none")

    assert [(v.check, v.passed, v.summary) for v in verdicts] == [
        (check, False, "there is none") for check in NAMES
    ]


class CountingReader(io.BytesIO):
    """Counts the bytes that are read from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.taken += len(content)
        return content

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        count = super().readinto(buffer)
        self.taken += count
        return count


def test_only_the_footer_and_the_times_are_read() -> None:
    content = published_bytes()
    source = CountingReader(content)

    verdicts = judge_stored(source, GOOD_LABELS, 2024, SIGNALS)

    assert all(verdict.passed for verdict in verdicts)
    assert len(content) > 2_000_000
    assert 0 < source.taken < 0.1 * len(content)


def removed(times: np.ndarray, at: int) -> np.ndarray:
    return np.delete(times, at)


def repeated(times: np.ndarray, at: int) -> np.ndarray:
    return np.insert(times, at, times[at])


def swapped(times: np.ndarray, at: int) -> np.ndarray:
    times[[at, at - 1]] = times[[at - 1, at]]
    return times


def moved(times: np.ndarray, at: int) -> np.ndarray:
    times[at] += np.timedelta64(17, "s")
    return times


def emptied(times: np.ndarray, at: int) -> np.ndarray:
    times[at] = np.datetime64("NaT")
    return times


@settings(deadline=None, max_examples=40)
@given(
    at=st.integers(2, 1437),
    damage=st.sampled_from([removed, repeated, swapped, moved, emptied]),
)
def test_any_damage_to_stored_times_fails_the_cadence(
    at: int, damage: Callable[[np.ndarray, int], np.ndarray]
) -> None:
    times = damage(minutes()[:1440].copy(), at)

    found = broken(judge(rewritten(with_times(year_table(), times))))

    assert "minute_cadence" in found
    assert f"row {at}" in found["minute_cadence"] or f"row {at + 1}" in found["minute_cadence"]


@settings(deadline=None, max_examples=60)
@given(position=st.integers(0, 2**31), value=st.integers(0, 255))
def test_a_changed_byte_of_the_data_never_raises(position: int, value: int) -> None:
    # not of the footer: pyarrow 26 aborts the process on some of those (RowGroupMetaData.column)
    content = bytearray(rewritten(DAY))
    footer_bytes = int.from_bytes(content[-8:-4], "little") + 8
    content[position % (len(content) - footer_bytes)] = value

    assert len(judge(bytes(content))) == len(CHECKS)


@settings(deadline=None, max_examples=60)
@given(length=st.integers(0, len(rewritten(DAY)) - 1))
def test_a_file_cut_anywhere_fails_every_check(length: int) -> None:
    assert tuple(broken(judge(rewritten(DAY)[:length]))) == NAMES
