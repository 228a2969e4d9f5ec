"""What labels must be by themselves: their places, words and names."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from synth_pipeline.readings.contract import LABEL_SCHEMA
from synth_pipeline.readings.label_rules import (
    anomalous_share,
    label_findings,
    rows_in_events,
)
from synth_pipeline_tests.support.tables import Event, label_table

NAMES = ("chamber_pressure_pa", "chuck_temperature_c", "rf_power_w")
SPIKE = ("2024-03-01T10:00", "2024-03-01T10:05", "spike")


def events(*rows: Event, **changes: list[Any]) -> pa.Table:
    """Labels in the published schema, with other values in some columns."""
    table = label_table(*rows)
    for name, values in changes.items():
        place = LABEL_SCHEMA.get_field_index(name)
        table = table.set_column(place, name, pa.array(values, LABEL_SCHEMA.field(name).type))
    return table


def fatal(labels: pa.Table) -> list[str]:
    return [f.message for f in label_findings(labels, 2024, NAMES) if f.is_fatal]


def warned(labels: pa.Table) -> list[str]:
    """What is not fatal, but for how few events a test has."""
    found = [f.message for f in label_findings(labels, 2024, NAMES) if not f.is_fatal]
    return [message for message in found if "expected 5 to 500 in a year" not in message]


def test_events_inside_the_year_are_good() -> None:
    first, last = ("2024-01-01T00:00",) * 2, ("2024-12-31T23:59",) * 2
    labels = events(SPIKE, (*first, "drift"), (*last, "stuck"))

    assert fatal(labels) == []
    assert warned(labels) == []


def test_no_events_break_no_rule_of_labels_but_that_there_are_some() -> None:
    assert fatal(events()) == []
    assert [f.message for f in label_findings(events(), 2024, NAMES)] == [
        "0 events; expected 5 to 500 in a year"
    ]


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
            ("2024-04-01T01:40:17", "2024-04-01T01:45", "spike"),
            "1 event whose times are off the minute, the first 2024-04-01 01:40:17 to "
            "2024-04-01 01:45:00",
        ),
        (
            ("2024-04-01T01:40", "2024-04-01T01:45:00.001", "spike"),
            "1 event whose times are off the minute, the first 2024-04-01 01:40:00 to "
            "2024-04-01 01:45:00.001",
        ),
        (
            ("2024-04-01T00:00", "2024-05-01T00:00", "drift"),
            "anomalies cover 8.2% of the rows; expected less than 5%",
        ),
        (("2024-04-01T00:00", "2024-04-01T00:00", None), "1 events have no kind"),
        ((None, "2024-04-01T00:00", "spike"), "1 events have no start"),
        (("2024-04-01T00:00", None, "spike"), "1 events have no end"),
    ],
)
def test_a_fault_of_an_event_is_named(event: Event, message: str) -> None:
    assert fatal(events(SPIKE, event)) == [message]


@pytest.mark.parametrize(
    "other",
    [
        SPIKE,
        ("2024-03-01T10:02", "2024-03-01T10:03", "spike"),
        ("2024-03-01T10:05", "2024-03-01T10:09", "drift"),
        ("2024-03-01T09:00", "2024-03-01T10:00", "drift"),
    ],
    ids=["the same", "inside", "at the end", "at the beginning"],
)
def test_two_events_never_change_one_signal_at_a_time(other: Event) -> None:
    (message,) = fatal(events(SPIKE, other))

    assert message.startswith("the events ")
    assert message.endswith(" overlap on rf_power_w")


def test_events_at_a_time_that_name_no_signals_cannot_be_told_apart() -> None:
    (message,) = fatal(events(SPIKE, SPIKE, affected=[None, ["rf_power_w"]]))

    assert message.endswith(" overlap")


def test_an_event_of_another_signal_inside_one_is_a_warning_and_beside_it_is_none() -> None:
    inside = ("2024-03-01T10:02", "2024-03-01T10:03", "spike")
    beside = ("2024-03-01T10:02", "2024-03-01T10:09", "spike")
    names: dict[str, list[Any]] = {
        "affected": [["rf_power_w"], ["chuck_temperature_c"]],
        "root_cause": ["rf_power_w", "chuck_temperature_c"],
    }

    assert fatal(events(SPIKE, inside, **names)) == []
    assert warned(events(SPIKE, inside, **names)) == [
        "the event 2024-03-01 10:02:00 to 2024-03-01 10:03:00 lies in the event "
        "2024-03-01 10:00:00 to 2024-03-01 10:05:00"
    ]
    assert warned(events(SPIKE, beside, **names)) == []


def test_affected_signals_must_exist() -> None:
    labels = events(SPIKE, affected=[["rf_power_w", "flux_w", "other_w"]])

    assert fatal(labels) == ["affected signals that the dataset does not have: flux_w, other_w"]


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        ("rf_power_w", None),
        ("matching network", None),
        ("worn_bearing", None),
        (
            "rf_powr_w",
            "root causes are named like signals that the dataset does not have: rf_powr_w",
        ),
        (
            "chuck_temperature_c",
            "root causes are signals that their event does not affect: chuck_temperature_c",
        ),
    ],
)
def test_a_root_cause_is_a_component_or_an_affected_signal(cause: str, message: str | None) -> None:
    labels = events(SPIKE, root_cause=[cause])

    assert fatal(labels) == []
    assert warned(labels) == ([message] if message else [])


@pytest.mark.parametrize(
    ("column", "word", "expected"),
    [
        ("kind", "leak", "spike, level_shift, drift, stuck, dropout, noise_burst, saturation, "
                         "oscillation"),
        ("category", "software", "sensor, process"),
        ("severity", "0.7", "low, medium, high"),
    ],
)  # fmt: skip
def test_a_word_that_is_not_of_the_vocabulary_is_named(
    column: str, word: str, expected: str
) -> None:
    assert warned(events(SPIKE, **{column: [word]})) == [f"{column} {word}; expected {expected}"]


@pytest.mark.parametrize("column", ["category", "root_cause", "affected", "severity"])
def test_what_labels_leave_out_is_counted(column: str) -> None:
    later = ("2024-04-01T10:00", "2024-04-01T10:05", "spike")
    known = events(SPIKE, later).column(column).to_pylist()[0]

    labels = events(SPIKE, later, **{column: [known, None]})

    assert fatal(labels) == []
    assert warned(labels) == [f"1 of 2 events have no {column}"]


def test_absurdly_long_texts_in_labels_are_refused() -> None:
    assert fatal(events((SPIKE[0], SPIKE[1], "x" * 201))) == [
        "a kind has 201 characters; expected at most 200"
    ]


@pytest.mark.parametrize(("count", "is_good"), [(4, False), (5, True), (500, True), (501, False)])
def test_a_handful_of_events_to_a_few_hundred_are_expected(count: int, is_good: bool) -> None:
    hours = np.datetime64("2024-01-01T00:00") + np.arange(count) * np.timedelta64(1, "h")
    labels = label_table(*((str(hour), str(hour), "spike") for hour in hours))

    found = label_findings(labels, 2024, NAMES)

    assert [f.message for f in found] == (
        [] if is_good else [f"{count} events; expected 5 to 500 in a year"]
    )


@pytest.mark.parametrize(
    ("days", "is_allowed"), [(18, True), (19, False)]
)  # 18 of 366 days are 4.9 %, 19 are 5.2 %
def test_the_share_of_anomalies_stays_below_five_percent(days: int, is_allowed: bool) -> None:
    end = str(np.datetime64("2024-03-01T00:00") + np.timedelta64(days * 1440 - 1, "m"))

    assert (fatal(events(("2024-03-01T00:00", end, "drift"))) == []) is is_allowed


def test_overlapping_events_count_each_row_once() -> None:
    labels = label_table(
        ("2024-03-01T00:00", "2024-03-01T00:09", "spike"),
        ("2024-03-01T00:05", "2024-03-01T00:14", "spike"),
        ("2024-12-31T23:59", "2024-12-31T23:59", "spike"),
    )

    assert anomalous_share(labels, 2024) == pytest.approx(16 / 527_040)
    assert np.flatnonzero(rows_in_events(labels, 527_040))[-1] == 527_039


def cut(count: int, *, apart: int) -> pa.Table:
    """Events of an hour, each `apart` minutes after the one before."""
    start = np.datetime64("2024-03-01T00:00")
    begins = [start + np.timedelta64(number * (60 + apart), "m") for number in range(count)]
    return label_table(*((str(t), str(t + np.timedelta64(59, "m")), "drift") for t in begins))


def test_one_event_is_not_told_as_several() -> None:
    told = [finding.message for finding in label_findings(cut(6, apart=0), 2024, NAMES)]

    assert told == ["5 of 6 events go on as another of the same kind and signals"]
    assert label_findings(cut(6, apart=1), 2024, NAMES) == []


@pytest.mark.parametrize(
    ("categories", "is_told"),
    [
        (["sensor"] * 5 + ["process"] * 3, True),
        (["sensor"] * 3 + ["process"] * 5, False),
        (["process"] * 8, False),
    ],
)
def test_a_fault_that_several_sensors_show_is_of_the_process(
    categories: list[str], is_told: bool
) -> None:
    labels = cut(8, apart=90)
    place = labels.schema.get_field_index("affected")
    shown = [list(NAMES[:2]) if n == "sensor" else list(NAMES[2:]) for n in categories]
    causes = [names[0] for names in shown]
    for name, column in (("affected", shown), ("category", categories), ("root_cause", causes)):
        place = labels.schema.get_field_index(name)
        field = labels.schema.field(name)
        labels = labels.set_column(place, field, pa.array(column, field.type))

    told = [finding.message for finding in label_findings(labels, 2024, NAMES)]

    assert any("of category sensor affect several signals" in each for each in told) is is_told
