"""The generator contract on tables in memory: what breaks it, and the words for it."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings import rules
from synth_pipeline.readings.contract import MAX_SIGNALS
from synth_pipeline_tests.support.tables import SIGNALS, minutes, year_table

TIMESTAMP = ("Timestamp", pa.timestamp("ms"))
NAMES = ("chamber_pressure_pa", "chuck_temperature_c", "rf_power_w")
FLOATS = [(name, pa.float64()) for name in NAMES]


def messages(findings: Sequence[Finding], topic: Topic) -> list[str]:
    assert {finding.topic for finding in findings} <= {topic}
    assert all(finding.is_fatal for finding in findings)
    return [finding.message for finding in findings]


def schema_faults(
    fields: list[tuple[str, pa.DataType]], nulls: dict[str, int | None] | None = None
) -> list[str]:
    return messages(rules.schema_findings(pa.schema(fields), nulls or {}, 10), Topic.COLUMNS)


def test_timestamp_then_three_floats_is_a_good_schema() -> None:
    assert schema_faults([TIMESTAMP, *FLOATS]) == []


def test_float32_signals_are_numeric() -> None:
    assert schema_faults([TIMESTAMP, *((name, pa.float32()) for name in NAMES)]) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([], "the first column is no column; expected 'Timestamp'"),
        ([*FLOATS, TIMESTAMP], "the first column is 'chamber_pressure_pa'; expected 'Timestamp'"),
        (
            [("timestamp", pa.timestamp("ms")), *FLOATS],
            "the first column is 'timestamp'; expected 'Timestamp'",
        ),
        (
            [("Timestamp", pa.timestamp("us")), *FLOATS],
            "Timestamp is timestamp[us]; expected timestamp[ms]",
        ),
        (
            [("Timestamp", pa.timestamp("ms", "UTC")), *FLOATS],
            "Timestamp is timestamp[ms, tz=UTC]; expected timestamp[ms]",
        ),
        (
            [TIMESTAMP, *FLOATS, FLOATS[0]],
            "column names repeat: chamber_pressure_pa; expected unique names",
        ),
        ([TIMESTAMP, *FLOATS, TIMESTAMP], "column names repeat: Timestamp; expected unique names"),
        (
            [TIMESTAMP, *FLOATS, ("RF_Power_W", pa.float64())],
            "column names differ in case only: rf_power_w and RF_Power_W",
        ),
        (
            [TIMESTAMP, *FLOATS, ("operating_mode", pa.string())],
            "columns are not numeric: operating_mode (string); expected floats after Timestamp",
        ),
        (
            [TIMESTAMP, *FLOATS[:2]],
            "2 numeric signal columns (chamber_pressure_pa, chuck_temperature_c); "
            "expected at least 3 and at most 500",
        ),
        (
            [TIMESTAMP, *FLOATS, ("temp\x1b[2J_c", pa.float64())],
            "names hold control characters: temp [2J_c",
        ),
        (
            [TIMESTAMP, *FLOATS, ("signal_1", pa.float64()), (" ", pa.float64())],
            "names say nothing physical: signal_1,  ; expected quantity and unit, such as "
            "chamber_pressure_pa",
        ),
        (
            [TIMESTAMP, *FLOATS, ("__index_level_0__", pa.float64())],
            "names say nothing physical: __index_level_0__; expected quantity and unit, such as "
            "chamber_pressure_pa",
        ),
    ],
)
def test_a_fault_of_the_schema_is_named(
    fields: list[tuple[str, pa.DataType]], message: str
) -> None:
    assert message in schema_faults(fields)


def test_too_many_signals_are_counted_and_only_some_named() -> None:
    many = [(f"zone_{i}_temperature_c", pa.float64()) for i in range(MAX_SIGNALS + 1)]

    faults = schema_faults([TIMESTAMP, *many])

    assert faults == [
        "501 numeric signal columns (zone_0_temperature_c, zone_1_temperature_c, "
        "zone_2_temperature_c, zone_3_temperature_c, zone_4_temperature_c and 496 more); "
        "expected at least 3 and at most 500"
    ]


def test_a_column_without_any_value_is_named() -> None:
    faults = schema_faults([TIMESTAMP, *FLOATS], {NAMES[0]: 10, NAMES[1]: 9, NAMES[2]: None})

    assert faults == ["columns hold no value at all: chamber_pressure_pa"]


def test_all_faults_of_a_schema_are_named_at_once() -> None:
    faults = schema_faults([("time", pa.string()), ("x", pa.float64()), ("x", pa.string())])

    assert [fault.split(" ")[0] for fault in faults] == ["the", "column", "columns", "1", "names"]


def test_a_very_long_name_is_cut_in_the_message() -> None:
    faults = schema_faults([TIMESTAMP, *FLOATS, ("n" * 10_000, pa.string())])

    assert max(map(len, faults)) < 250


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.inf, "rf_power_w has 2 infinite or absurd values, the first inf at row 5; "),
        (-np.inf, "rf_power_w has 2 infinite or absurd values, the first -inf at row 5; "),
        (-1e200, "rf_power_w has 2 infinite or absurd values, the first -1e+200 at row 5; "),
    ],
)
def test_infinite_and_absurd_values_are_counted_and_the_first_is_named(
    value: float, message: str
) -> None:
    values = np.zeros(10)
    values[[5, 7]] = value
    table = pa.table({"Timestamp": minutes()[:10], "rf_power_w": values, "power_w": np.zeros(10)})

    faults = messages(rules.value_findings(table), Topic.VALUES)

    assert faults == [message + "expected at most 1e+30"]


def test_missing_values_are_allowed() -> None:
    values = pa.array([None, 1.0, None])

    assert rules.value_findings(pa.table({"a_pa": values, "b_pa": pa.nulls(3, pa.float64())})) == []


EXPECTED = SIGNALS


def expected_faults(fields: list[pa.Field]) -> list[str]:
    found = rules.expected_signal_findings(pa.schema(fields), EXPECTED)
    return messages(found, Topic.COLUMNS)


def test_the_signals_of_the_accepted_generator_are_as_expected() -> None:
    assert expected_faults(list(year_table().schema)) == []


def test_a_renamed_signal_is_missing_and_unknown() -> None:
    fields = list(year_table().schema)
    fields[2] = fields[2].with_name("chuck_temp_c")

    assert expected_faults(fields) == [
        "signals of the accepted generator are missing: chuck_temperature_c",
        "columns that the accepted generator does not write: chuck_temp_c",
    ]


def test_signals_in_another_order_are_named_in_the_order_found() -> None:
    fields = list(year_table().schema)

    assert expected_faults([fields[0], *reversed(fields[1:])]) == [
        "columns stand in another order: rf_power_w, chuck_temperature_c, chamber_pressure_pa"
    ]


def test_changed_and_lost_units_are_named_in_the_order_of_the_signals() -> None:
    fields = list(year_table().schema)
    fields[1] = fields[1].with_metadata({"unit": "kPa"})
    fields[3] = fields[3].remove_metadata()

    assert expected_faults(fields) == [
        "chamber_pressure_pa has unit 'kPa'; expected 'Pa'",
        "rf_power_w has unit ''; expected 'W'",
    ]


@pytest.mark.parametrize("year", [2023, 2024])
def test_a_whole_year_has_good_cadence_and_coverage(year: int) -> None:
    times = minutes(year)

    assert rules.cadence_findings(times) == []
    assert rules.coverage_findings(times, year) == []


def cadence_faults(times: np.ndarray) -> list[str]:
    return messages(rules.cadence_findings(times), Topic.TIME_AXIS)


def test_a_removed_row_is_a_gap() -> None:
    times = np.delete(minutes(), 100)

    assert cadence_faults(times) == [
        "1 gap, the first at row 100: 2024-01-01 01:41:00 follows 2024-01-01 01:39:00, "
        "expected 2024-01-01 01:40:00"
    ]


def test_a_repeated_row_is_a_repeat() -> None:
    times = np.insert(minutes(), 100, minutes()[100])

    assert cadence_faults(times) == [
        "1 repeat, the first at row 101: 2024-01-01 01:40:00 follows 2024-01-01 01:40:00, "
        "expected 2024-01-01 01:41:00"
    ]


def test_swapped_rows_are_disorder_between_two_gaps() -> None:
    times = minutes().copy()
    times[[100, 101]] = times[[101, 100]]

    assert cadence_faults(times) == [
        "1 disorder, the first at row 101: 2024-01-01 01:40:00 follows 2024-01-01 01:41:00, "
        "expected 2024-01-01 01:42:00",
        "2 gaps, the first at row 100: 2024-01-01 01:41:00 follows 2024-01-01 01:39:00, "
        "expected 2024-01-01 01:40:00",
    ]


@pytest.mark.parametrize(
    ("offset_ms", "shown"), [(30_000, "01:40:30"), (1, "01:40:00.001"), (59_999, "01:40:59.999")]
)
def test_a_time_off_the_minute_is_named_to_the_millisecond(offset_ms: int, shown: str) -> None:
    times = minutes().copy()
    times[100] += np.timedelta64(offset_ms, "ms")

    assert (
        cadence_faults(times)[0]
        == f"1 time off the minute, the first 2024-01-01 {shown} at row 100"
    )


def test_rows_without_a_time_are_counted() -> None:
    times = minutes().copy()
    times[[3, 4, 9]] = np.datetime64("NaT")

    assert cadence_faults(times) == ["3 rows without a time, the first at row 3"]


def coverage_faults(times: np.ndarray, year: int) -> list[str]:
    return messages(rules.coverage_findings(times, year), Topic.TIME_AXIS)


def test_a_leap_year_without_its_leap_day_is_short() -> None:
    assert coverage_faults(minutes(2023), 2024)[0] == "525,600 rows; expected 527,040 for 2024"


def test_a_shifted_year_is_named_by_its_first_and_last_row() -> None:
    assert coverage_faults(minutes(2022), 2023) == [
        "the first row is 2022-01-01 00:00:00; expected 2023-01-01 00:00:00",
        "the last row is 2022-12-31 23:59:00; expected 2023-12-31 23:59:00",
        "525,600 rows outside 2023, the first 2022-01-01 00:00:00 at row 0",
    ]


def test_a_missing_last_row_and_a_stray_one_are_named() -> None:
    times = minutes(2023).copy()
    times[-1] = np.datetime64("2024-01-01", "ms")

    assert coverage_faults(times, 2023) == [
        "the last row is 2024-01-01 00:00:00; expected 2023-12-31 23:59:00",
        "1 row outside 2023, the first 2024-01-01 00:00:00 at row 525599",
    ]


def test_no_rows_at_all_are_no_year() -> None:
    nothing = np.array([], "datetime64[ms]")

    assert rules.cadence_findings(nothing) == []
    assert coverage_faults(nothing, 2023) == ["0 rows; expected 525,600 for 2023"]


def test_a_first_row_without_a_time_is_named() -> None:
    times = minutes(2023).copy()
    times[0] = np.datetime64("NaT")

    assert coverage_faults(times, 2023) == [
        "the first row is no time; expected 2023-01-01 00:00:00"
    ]


Damage = Callable[[np.ndarray, int], tuple[np.ndarray, int]]


def removed(times: np.ndarray, at: int) -> tuple[np.ndarray, int]:
    return np.delete(times, at), at


def repeated(times: np.ndarray, at: int) -> tuple[np.ndarray, int]:
    return np.insert(times, at, times[at]), at + 1


def swapped(times: np.ndarray, at: int) -> tuple[np.ndarray, int]:
    times[[at, at - 1]] = times[[at - 1, at]]
    return times, at


def moved(times: np.ndarray, at: int) -> tuple[np.ndarray, int]:
    times[at] += np.timedelta64(17, "s")
    return times, at


def emptied(times: np.ndarray, at: int) -> tuple[np.ndarray, int]:
    times[at] = np.datetime64("NaT")
    return times, at


@settings(deadline=None)
@given(
    at=st.integers(2, 1437),
    damage=st.sampled_from([removed, repeated, swapped, moved, emptied]),
)
def test_any_damage_to_the_times_is_found_and_its_row_named(at: int, damage: Damage) -> None:
    day = minutes()[:1440].copy()

    times, row = damage(day, at)

    faults = cadence_faults(times)
    assert faults
    assert any(f"row {row}" in fault for fault in faults)
