"""A year beside its clean twin: changes, patch, and labels held against both."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.domain.finding import Topic
from synth_pipeline.readings.fields import signals_of
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.twin import (
    against_twin,
    changes_between,
    changes_of_patch,
    clean_twin,
    label_truth_findings,
    mended_labels,
    patch_of,
    still_changed,
)
from synth_pipeline_tests.support.tables import Event, label_table, year_table

YEAR = 2023
POWER, PRESSURE = "rf_power_w", "chamber_pressure_pa"
CLEAN = year_table(YEAR)


def changed(*places: tuple[str, int, int], by: float | None = 50.0) -> pa.Table:
    """The clean year with some rows (inclusive) of some signals moved, or missing."""
    table = CLEAN
    for name, first, last in places:
        values = table.column(name).to_numpy().copy()
        values[first : last + 1] = np.nan if by is None else values[first : last + 1] + by
        place = table.column_names.index(name)
        column = pa.array(values, from_pandas=True)
        table = table.set_column(place, table.schema.field(place), column)
    return table


def event(first: int, last: int, kind: str = "spike") -> Event:
    start = np.datetime64(f"{YEAR}-01-01T00:00")
    return (str(start + np.timedelta64(first, "m")), str(start + np.timedelta64(last, "m")), kind)


def made(table: pa.Table, labels: pa.Table | None = None) -> MachineYear:
    return MachineYear(table, labels, signals_of(table.schema))


def faults(table: pa.Table, labels: pa.Table) -> list[str]:
    found = label_truth_findings(labels, changes_between(table, CLEAN), YEAR)
    assert all(finding.is_fatal for finding in found)
    return [finding.message for finding in found]


# --- changes and patch ----------------------------------------------------------------------------


@settings(deadline=None, max_examples=25)
@given(
    places=st.lists(
        st.tuples(st.sampled_from([POWER, PRESSURE]), st.integers(0, 525_000), st.integers(0, 500)),
        max_size=5,
    ),
    by=st.sampled_from([50.0, -0.001, None]),
)
def test_dataset_and_patch_give_the_clean_twin_to_the_last_bit(
    places: list[tuple[str, int, int]], by: float | None
) -> None:
    dataset = changed(*((name, first, first + length) for name, first, length in places), by=by)

    changes = changes_between(dataset, CLEAN)
    patch = patch_of(changes)

    assert clean_twin(dataset, changes_of_patch(patch)).equals(CLEAN)
    assert still_changed(dataset, changes_of_patch(patch)) == []


def test_a_patch_is_in_the_order_of_rows_and_then_of_signals() -> None:
    patch = patch_of(changes_between(changed((POWER, 5, 6), (PRESSURE, 6, 6)), CLEAN))

    assert patch.column("row").to_pylist() == [5, 6, 6]
    assert patch.column("signal").to_pylist() == [POWER, PRESSURE, POWER]


def test_missing_values_on_both_sides_are_no_change() -> None:
    gap = changed((POWER, 5, 6), by=None)

    assert all(not each.rows.size for each in changes_between(gap, gap).values())


# --- labels against changes -----------------------------------------------------------------------


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


# --- labels mended ----------------------------------------------------------------------------


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


# --- the twin as a whole --------------------------------------------------------------------------


def test_a_twin_that_differs_where_labels_say_gives_the_patch() -> None:
    table = changed((POWER, 100, 109))

    against = against_twin(made(table, label_table(event(100, 109))), made(CLEAN), YEAR)

    assert against.findings == ()
    assert against.patch is not None
    assert against.patch.num_rows == 10


@pytest.mark.parametrize(
    ("twin", "message"),
    [
        (changed((POWER, 100, 109)), "with SYNTH_ANOMALIES=off the readings are the same, so no "),
        (
            changed((POWER, 0, 525_599), by=3.0),
            f"with SYNTH_ANOMALIES=off 100% of the readings of {POWER} are others; expected ",
        ),
        (CLEAN.drop_columns([PRESSURE]), f"another run wrote other columns (missing: {PRESSURE})"),
    ],
)
def test_a_twin_that_shows_nothing_is_no_proof_and_no_fault_of_the_labels(
    twin: pa.Table, message: str
) -> None:
    given = made(changed((POWER, 100, 109)), label_table(event(100, 109)))

    against = against_twin(given, made(twin), YEAR)

    (finding,) = against.findings
    assert finding.message.startswith(message)
    assert (finding.topic, finding.is_fatal) == (Topic.SWITCH, False)
    assert against.patch is None
    assert against.labels is given.labels


def test_without_labels_there_is_nothing_to_hold_against_the_twin() -> None:
    against = against_twin(made(changed((POWER, 100, 109))), made(CLEAN), YEAR)

    assert against.findings == ()
    assert against.labels is None
