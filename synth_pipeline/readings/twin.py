"""A year judged by its twin of `SYNTH_ANOMALIES=off`."""

from dataclasses import dataclass

import pyarrow as pa

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.changes import changes_between, patch_of
from synth_pipeline.readings.event_sizes import with_sizes
from synth_pipeline.readings.label_truth import label_truth_findings, mended_labels
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.reruns import column_findings
from synth_pipeline.readings.shapes import kind_findings

MAX_CHANGED_SHARE = 0.2  # of a signal's readings; events cover at most a twentieth of the rows


@dataclass(frozen=True, slots=True)
class Against:
    """What a clean twin shows: labels made exact by it, the patch, and what was found.

    `patch` is None where the twin tells nothing of the anomalies.
    """

    labels: pa.Table | None
    patch: pa.Table | None
    findings: tuple[Finding, ...]


def against_twin(made: MachineYear, clean: MachineYear, year: int) -> Against:
    """Judge a year by its twin of `SYNTH_ANOMALIES=off`; false labels are fatal.

    A twin that cannot be told from the year itself, or that has little to do with it, only
    shows that the program has no such switch.
    """
    found = column_findings(made.signals, clean.signals, Topic.SWITCH)
    if found:
        return Against(made.labels, None, tuple(found))
    changes = changes_between(made.table, clean.table)
    changed = sum(each.rows.size for each in changes.values())
    if made.labels is None or not made.labels.num_rows:
        return Against(made.labels, patch_of(changes) if changed else None, ())
    if not changed:
        message = "with SYNTH_ANOMALIES=off the readings are the same, so no event shows in them"
        return Against(made.labels, None, (_no_switch(message),))
    labels, mended = mended_labels(made.labels, changes)
    strangest = max(changes, key=lambda name: changes[name].rows.size)
    share = changes[strangest].rows.size / made.table.num_rows
    if share > MAX_CHANGED_SHARE:
        message = (
            f"with SYNTH_ANOMALIES=off {share:.0%} of the readings of {strangest} are others; "
            "expected the same ones outside of the events"
        )
        return Against(made.labels, None, (_no_switch(message),))
    found = label_truth_findings(labels, changes, year)
    found += [] if found else kind_findings(made.table, labels, changes)
    labels = labels if found else with_sizes(labels, made.table, changes)
    return Against(labels, patch_of(changes), (*mended, *found))


def _no_switch(message: str) -> Finding:
    return Finding(Topic.SWITCH, message, is_fatal=False)
