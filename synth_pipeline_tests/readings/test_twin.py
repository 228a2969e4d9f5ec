"""A year beside its clean twin."""

import pyarrow as pa
import pytest

from synth_pipeline.domain.finding import Topic
from synth_pipeline.readings.fields import signals_of
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.twin import against_twin
from synth_pipeline_tests.support.tables import label_table
from synth_pipeline_tests.support.twins import CLEAN, POWER, PRESSURE, YEAR, changed, event


def made(table: pa.Table, labels: pa.Table | None = None) -> MachineYear:
    return MachineYear(table, labels, signals_of(table.schema))


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
