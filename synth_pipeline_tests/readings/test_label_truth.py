"""Labels held against the readings that differ from the clean twin."""

import pyarrow as pa
import pytest

from synth_pipeline.domain.finding import Topic
from synth_pipeline.readings.changes import (
    changes_between,
)
from synth_pipeline.readings.label_truth import label_truth_findings, mended_labels
from synth_pipeline_tests.support.tables import Event, label_table
from synth_pipeline_tests.support.twins import CLEAN, POWER, PRESSURE, YEAR, changed, event


def faults(table: pa.Table, labels: pa.Table) -> list[str]:
    found = label_truth_findings(labels, changes_between(table, CLEAN), YEAR)
    assert all(finding.is_fatal for finding in found)
    return [finding.message for finding in found]


def test_labels_that_name_exactly_what_differs_are_true() -> None:
    table = changed((POWER, 100, 109), (PRESSURE, 103, 105), (POWER, 500, 500))
    labels = label_table(event(100, 109), event(500, 500))
    names = pa.array([[POWER, PRESSURE], [POWER]], labels.schema.field("affected").type)
    place = labels.column_names.index("affected")

    assert faults(table, labels.set_column(place, labels.schema.field(place), names)) == []


def test_rows_inside_an_event_may_be_as_they_were() -> None:
    table = changed((POWER, 100, 102), (POWER, 107, 109))

    assert faults(table, label_table(event(100, 109))) == []


@pytest.mark.parametrize(
    ("table", "label", "affected", "message"),
    [
        (
            changed((POWER, 100, 109)), event(100, 109), [PRESSURE],
            f"signals are labelled as affected and not changed: {PRESSURE} by spike in rows 100 "
            "to 109",
        ),
        (
            changed((POWER, 100, 109)), event(100, 109), [POWER, PRESSURE],
            f"signals are labelled as affected and not changed: {PRESSURE} by spike in rows 100 "
            "to 109",
        ),
        (
            changed((POWER, 100, 109)), event(200_100, 200_109), [POWER],
            f"signals are labelled as affected and not changed: {POWER} by spike in rows 200,100 "
            "to 200,109",
        ),
        (
            CLEAN, event(100, 109), [POWER],
            f"signals are labelled as affected and not changed: {POWER} by spike in rows 100 to "
            "109",
        ),
        (
            changed((POWER, 102, 109)), event(100, 109), [POWER],
            "1 events do not begin and end with a changed interval: spike in rows 100 to 109, "
            "changed from 102 to 109",
        ),
        (
            changed((POWER, 100, 112)), event(100, 109), [POWER],
            f"readings differ from the clean twin where no label says so: 3 of {POWER}, the first "
            "at 2023-01-01 01:50:00",
        ),
        (
            changed((POWER, 100, 109), (PRESSURE, 104, 104)), event(100, 109), [POWER],
            f"readings differ from the clean twin where no label says so: 1 of {PRESSURE}, the "
            "first at 2023-01-01 01:44:00",
        ),
    ],
    ids=["another signal", "one too many", "days later", "nothing", "too early", "too short",
         "unnamed signal"],
)  # fmt: skip
def test_a_lie_of_the_labels_is_named(
    table: pa.Table, label: Event, affected: list[str], message: str
) -> None:
    assert message in faults(table, label_table(label, affected=affected))


def test_next_to_nothing_at_the_ends_is_mended_and_told() -> None:
    table = changed((POWER, 103, 199))
    labels, found = mended_labels(label_table(event(100, 200)), changes_between(table, CLEAN))

    assert faults(table, labels) == []
    assert labels.select(["start", "end"]).equals(
        label_table(event(103, 199)).select(["start", "end"])
    )
    assert [(f.topic, f.is_fatal) for f in found] == [(Topic.LABELS_AND_DATA, False)]
    assert "spike in rows 100 to 200" in found[0].message


@pytest.mark.parametrize(("first", "last"), [(115, 199), (100, 180)])
def test_more_than_a_tenth_at_an_end_is_left_to_be_judged(first: int, last: int) -> None:
    table = changed((POWER, first, last))
    given = label_table(event(100, 200))

    labels, found = mended_labels(given, changes_between(table, CLEAN))

    assert labels.equals(given)
    assert found == []
    assert "do not begin and end with a changed interval" in faults(table, labels)[0]


def test_signals_that_labels_do_not_name_are_filled_in() -> None:
    table = changed((POWER, 100, 109), (PRESSURE, 104, 104))
    labels = label_table(event(100, 109))
    place = labels.column_names.index("affected")
    nulls = pa.nulls(1, labels.schema.field(place).type)

    mended, _ = mended_labels(
        labels.set_column(place, labels.schema.field(place), nulls), changes_between(table, CLEAN)
    )

    assert mended.column("affected").to_pylist() == [[PRESSURE, POWER]]


def test_events_that_change_nothing_visible_are_told() -> None:
    hardly = changed(*((POWER, 1000 * n, 1000 * n + 99) for n in range(1, 7)), by=1e-4)
    labels = label_table(*(event(1000 * n, 1000 * n + 99) for n in range(1, 7)))

    (found,) = faults(hardly, labels)

    assert found.startswith("6 of 6 events hardly change their signals: spike in rows 1,000 to ")


def test_events_that_are_only_at_their_ends_are_told() -> None:
    places = [(1000 * n + at, 1000 * n + at + 1) for n in range(1, 7) for at in (0, 298)]
    ends = changed(*((POWER, first, last) for first, last in places))
    labels = label_table(*(event(1000 * n, 1000 * n + 299, "drift") for n in range(1, 7)))
    held = label_table(*(event(1000 * n, 1000 * n + 299, "stuck") for n in range(1, 7)))

    (found,) = faults(ends, labels)

    assert found.startswith("6 of 6 events of kind drift change next to nothing of their intervals")
    assert faults(ends, held) == []
