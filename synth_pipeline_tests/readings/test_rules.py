"""The generator contract on tables in memory: what breaks it, and the words for it."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.domain.check import Violation
from synth_pipeline.domain.column import Column
from synth_pipeline.readings import rules
from synth_pipeline.readings.contract import LABEL_SCHEMA, MAX_SIGNALS
from synth_pipeline.readings.fields import column_of
from synth_pipeline_tests.support.tables import SIGNALS, Event, label_table, minutes, year_table

TIMESTAMP = ("Timestamp", pa.timestamp("ms"))
NAMES = ("chamber_pressure_pa", "chuck_temperature_c", "rf_power_w")
FLOATS = [(name, pa.float64()) for name in NAMES]
SPIKE = ("2024-03-01T10:00", "2024-03-01T10:05", "spike")


def messages(violations: Sequence[Violation], check: str) -> list[str]:
    assert {violation.check for violation in violations} <= {check}
    return [violation.message for violation in violations]


def schema_faults(
    fields: list[tuple[str, pa.DataType]], nulls: dict[str, int | None] | None = None
) -> list[str]:
    return messages(rules.schema_violations(pa.schema(fields), nulls or {}, 10), rules.SCHEMA)


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

    faults = messages(rules.value_violations(table), rules.SCHEMA)

    assert faults == [message + "expected at most 1e+30"]


def test_missing_values_are_allowed() -> None:
    values = pa.array([None, 1.0, None])

    assert (
        rules.value_violations(pa.table({"a_pa": values, "b_pa": pa.nulls(3, pa.float64())})) == []
    )


EXPECTED = SIGNALS


def expected_faults(fields: list[pa.Field]) -> list[str]:
    found = rules.expected_signal_violations(pa.schema(fields), EXPECTED)
    return messages(found, rules.SCHEMA)


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

    assert rules.cadence_violations(times) == []
    assert rules.coverage_violations(times, year) == []


def cadence_faults(times: np.ndarray) -> list[str]:
    return messages(rules.cadence_violations(times), rules.CADENCE)


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
    return messages(rules.coverage_violations(times, year), rules.COVERAGE)


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

    assert rules.cadence_violations(nothing) == []
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


def label_faults(*events: Event, affected: list[str] | None = None) -> list[str]:
    found = rules.label_violations(label_table(*events, affected=affected), 2024, NAMES)
    return messages(found, rules.ANOMALIES)


def test_events_inside_the_year_are_good() -> None:
    first, last = ("2024-01-01T00:00",) * 2, ("2024-12-31T23:59",) * 2

    assert label_faults(SPIKE, (*first, "drift"), (*last, "stuck")) == []


def test_no_events_break_no_rule_of_labels() -> None:
    assert label_faults() == []


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            ("2023-12-31T23:59", "2024-01-01T00:01", "spike"),
            "1 event outside 2024, the first 2023-12-31 23:59:00 to 2024-01-01 00:01:00",
        ),
        (
            ("2024-12-31T23:59", "2025-01-01T00:00", "spike"),
            "1 event outside 2024, the first 2024-12-31 23:59:00 to 2025-01-01 00:00:00",
        ),
        (
            ("2024-03-02T00:01", "2024-03-02T00:00", "spike"),
            "1 event end before they start, the first 2024-03-02 00:01:00 to 2024-03-02 00:00:00",
        ),
        (
            ("2024-03-01T00:00", "2024-03-31T00:00", "drift"),
            "anomalies cover 8.2% of the rows; expected less than 5%",
        ),
        (("2024-03-01T00:00", "2024-03-01T00:00", None), "1 events have no kind"),
        ((None, "2024-03-01T00:00", "spike"), "1 events have no start"),
        (("2024-03-01T00:00", None, "spike"), "1 events have no end"),
    ],
)
def test_a_fault_of_an_event_is_named(event: Event, message: str) -> None:
    assert label_faults(SPIKE, event) == [message]


def test_affected_signals_must_exist() -> None:
    faults = label_faults(SPIKE, affected=["rf_power_w", "flux_w", "other_w"])

    assert faults == ["affected signals that the dataset does not have: flux_w, other_w"]


def test_absurdly_long_texts_in_labels_are_refused() -> None:
    assert label_faults((SPIKE[0], SPIKE[1], "x" * 201)) == [
        "a kind has 201 characters; expected at most 200"
    ]


def test_optional_columns_may_be_null() -> None:
    columns = {**label_table(SPIKE).to_pydict(), "affected": [None], "category": [None]}
    labels = pa.table(columns, schema=LABEL_SCHEMA)

    assert rules.label_violations(labels, 2024, NAMES) == []


@pytest.mark.parametrize(
    ("days", "is_allowed"), [(18, True), (19, False)]
)  # 18 of 366 days are 4.9 %, 19 are 5.2 %
def test_the_share_of_anomalies_stays_below_five_percent(days: int, is_allowed: bool) -> None:
    end = str(np.datetime64("2024-03-01T00:00") + np.timedelta64(days * 1440 - 1, "m"))

    assert (label_faults(("2024-03-01T00:00", end, "drift")) == []) is is_allowed


def test_overlapping_events_count_each_row_once() -> None:
    labels = label_table(
        ("2024-03-01T00:00", "2024-03-01T00:09", "spike"),
        ("2024-03-01T00:05", "2024-03-01T00:14", "spike"),
        ("2024-12-31T23:59", "2024-12-31T23:59", "spike"),
    )

    assert rules.anomalous_share(labels, 2024) == pytest.approx(16 / 527_040)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 527_039), st.integers(0, 3000)), max_size=20))
def test_the_share_equals_that_of_a_plain_count(spans: list[tuple[int, int]]) -> None:
    marked = np.zeros(527_040, bool)
    events = []
    for start, length in spans:
        end = min(start + length, 527_039)
        marked[start : end + 1] = True
        events.append((str(minutes()[start]), str(minutes()[end]), "spike"))

    share = rules.anomalous_share(label_table(*events), 2024)

    assert share == pytest.approx(marked.mean(), abs=1e-12)


def test_a_signal_without_a_unit_has_an_empty_one() -> None:
    def unit_of(metadata: object) -> str:
        return column_of(pa.field("a_w", pa.float64(), metadata=metadata)).unit

    assert column_of(pa.field("a_w", pa.float64())) == Column("a_w", "", "")
    assert unit_of({"unit": "°C"}) == "°C"
    assert unit_of({b"unit": b"\xff"}) == "\ufffd"


def test_signals_are_compared_by_name_and_unit_only() -> None:
    described = [Column(s.name, s.unit, "something else") for s in SIGNALS]

    assert rules.expected_signal_violations(year_table().schema, described) == []
