"""The checks on what is stored, in one list.

They read footer, Timestamp and labels, and of the readings only the signals that events change.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

import pyarrow as pa

from synth_pipeline.domain.check import Check, Fact, Judgement, Verdicts
from synth_pipeline.domain.evidence import Run, Tried, tried
from synth_pipeline.domain.finding import Finding, Topic, has_fatal
from synth_pipeline.domain.provenance import Provenance
from synth_pipeline.readings import rules
from synth_pipeline.readings.changes import changes_of_patch, still_changed
from synth_pipeline.readings.contract import (
    LABEL_SCHEMA,
    MAX_ANOMALOUS_SHARE,
    PATCH_SCHEMA,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    interval_in_words,
)
from synth_pipeline.readings.dataset_file import StoredDataset
from synth_pipeline.readings.label_rules import (
    anomalous_share,
    label_findings,
)
from synth_pipeline.readings.label_truth import label_truth_findings
from synth_pipeline.readings.labels import with_later_columns
from synth_pipeline.readings.leaks import digit_findings
from synth_pipeline.readings.realism import realism_findings
from synth_pipeline.readings.shapes import kind_findings, shape_findings, signals_of_shapes
from synth_pipeline.readings.untrusted import UNREADABLE, reason_of

PROMISES = (Run.AGAIN, Run.SEED, Run.YEAR)
MaybeTable: TypeAlias = pa.Table | str | None


@dataclass(frozen=True, slots=True)
class CodeOfYear:
    """What is known of the code that made a stored year.

    `is_kept` says that its source lies in the store, unchanged; `fault` why it is not so, or why
    there is no provenance.
    """

    provenance: Provenance | None = None
    is_kept: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the checks look at: one published machine-year and what is known of it."""

    stored: StoredDataset
    times: pa.ChunkedArray
    labels: MaybeTable
    patch: MaybeTable
    year: int
    code: CodeOfYear


def judge_stored(
    source: BinaryIO,
    year: int,
    *,
    labels: MaybeTable = None,
    patch: MaybeTable = None,
    code: Callable[[Mapping[str, str]], CodeOfYear] = lambda _: CodeOfYear(),
) -> Verdicts:
    """Run all checks on one published machine-year.

    `patch` has the clean values of the changed readings. A table is None where there is no such
    file, and a text where it cannot be read. `code` looks up the code that a footer names.
    """
    try:
        stored = StoredDataset(source)
        known = code(stored.origin)
        events = with_later_columns(labels) if isinstance(labels, pa.Table) else labels
        evidence = Evidence(stored, stored.times(), events, patch, year, known)
        return tuple(check.verdict(evidence) for check in CHECKS)
    except UNREADABLE as error:
        return unreadable(f"cannot be read as Parquet: {reason_of(error)}")


def unreadable(message: str) -> Verdicts:
    """The verdicts on a dataset that is not there or cannot be opened."""
    return tuple(check.failed(message) for check in CHECKS)


def _schema(evidence: Evidence) -> Judgement:
    stored, code = evidence.stored, evidence.code
    found = rules.schema_findings(stored.schema, stored.null_counts(), stored.rows)
    if code.provenance is None and code.fault:
        found.append(Finding(Topic.COLUMNS, code.fault))
    if code.provenance is not None:
        found += rules.expected_signal_findings(stored.schema, code.provenance.signals)
    return Judgement(found, {"signals": ", ".join(stored.schema.names[1:])})


def _cadence(evidence: Evidence) -> Judgement:
    return _on_times(evidence, rules.cadence_findings)


def _coverage(evidence: Evidence) -> Judgement:
    return _on_times(evidence, lambda times: rules.coverage_findings(times, evidence.year))


def _on_times(evidence: Evidence, judge: Callable[[rules.Times], list[Finding]]) -> Judgement:
    times = evidence.times
    if times.type != TIMESTAMP_TYPE:
        message = f"the first column is {times.type}; expected {TIMESTAMP} as {TIMESTAMP_TYPE}"
        return Judgement([Finding(Topic.TIME_AXIS, message)], {})
    return Judgement(judge(times.to_numpy()), {"rows": len(times)})


def _anomalies(evidence: Evidence) -> Judgement:
    labels = evidence.labels
    if isinstance(labels, str):
        return _one_finding(labels)
    if labels is None or not labels.num_rows:
        what = "has no labels" if labels is None else "has an empty label file"
        return _one_finding(f"the dataset {what}; expected some events")
    if not labels.schema.equals(LABEL_SCHEMA):
        shown = ", ".join(f"{field.name} ({field.type})" for field in labels.schema)
        message = f"the label file has columns {shown[:300]}; expected those that synth writes"
        return _one_finding(message)
    found = label_findings(labels, evidence.year, evidence.stored.schema.names[1:])
    facts: dict[str, Fact] = {"events": labels.num_rows}
    if not has_fatal(found):
        shaped = signals_of_shapes(labels)
        names = [name for name in evidence.stored.schema.names[1:] if name in shaped]
        found += shape_findings(evidence.stored.read(names), labels)
        share = anomalous_share(labels, evidence.year)
        kinds = sorted(set(labels.column("kind").to_pylist()))
        facts |= {"rows_pct": round(100 * share, 2), "kinds": ", ".join(kinds)}
    return Judgement(found, facts)


def _one_finding(message: str) -> Judgement:
    return Judgement([Finding(Topic.LABELS, message)], {})


def _labels_match(evidence: Evidence) -> Judgement:
    labels, patch, stored = evidence.labels, evidence.patch, evidence.stored
    if isinstance(labels, str) or isinstance(patch, str):
        return _one_finding(labels if isinstance(labels, str) else str(patch))
    if labels is None or not labels.num_rows:
        return Judgement([], {}, untried="there are no labels")
    if patch is None:
        return Judgement([], {}, untried=_why_no_twin(evidence.code))
    if not labels.schema.equals(LABEL_SCHEMA) or not patch.schema.equals(PATCH_SCHEMA):
        return _one_finding("the label file or the patch file is not as synth writes it")
    if has_fatal(label_findings(labels, evidence.year, stored.schema.names[1:])):
        return _one_finding("the labels contradict themselves; anomalies_present says how")
    # A fault of the catalogue acts in its cause, whose kind it has; what depends on it, follows.
    is_own = evidence.code.provenance is not None and evidence.code.provenance.is_embedded
    changes = changes_of_patch(patch)
    names = [name for name in changes if name in stored.schema.names[1:]]
    table = stored.read(names)
    found = still_changed(table, changes)
    if not found:
        found = label_truth_findings(labels, changes, evidence.year, is_own=is_own)
    if not found and not is_own:
        found = [*kind_findings(table, labels, changes), *digit_findings(table, labels)]
    return Judgement(found, {"events": labels.num_rows, "changed_readings": patch.num_rows})


def _why_no_twin(code: CodeOfYear) -> str:
    known = tried(code.provenance.evidence if code.provenance else (), Run.CLEAN)
    if known is not None and not known.holds:
        return known.outcome
    return "no clean twin of this year is known"


def _reproducible(evidence: Evidence) -> Judgement:
    code, sha256 = evidence.code, evidence.stored.origin.get("code_sha256", "")
    facts: dict[str, Fact] = {"code_sha256": sha256}
    if code.provenance is None or not code.is_kept:
        message = code.fault or f"the code that made this year ({sha256[:12] or '?'}) is not kept"
        return Judgement([Finding(Topic.REPEATABLE, message)], facts)
    if code.provenance.is_embedded:
        return Judgement([], facts)
    runs = {run: tried(code.provenance.evidence, run) for run in PROMISES}
    facts |= {run: _told(known) for run, known in runs.items()}
    broken = [
        Finding(Topic.REPEATABLE, f"{run}: {known.outcome}")
        for run, known in runs.items()
        if known is not None and not known.holds
    ]
    missing = [run for run, known in runs.items() if known is None]
    return Judgement(broken, facts, untried=f"no run of {', '.join(missing)}" if missing else "")


def _told(known: Tried | None) -> str:
    return "not tried" if known is None else f"{known.outcome} ({known.seconds:g} s)"


def _realism(evidence: Evidence) -> Judgement:
    statistics = evidence.stored.statistics
    if statistics is None:
        message = "the footer holds no figures of the signals; the file was not written by synth"
        return Judgement([Finding(Topic.REALISM, message)], {})
    pairs = statistics.correlated_pairs
    known: dict[str, Fact] = {}
    if pairs is not None:
        known["correlated_pairs_pct"] = round(100 * pairs, 1)
    if statistics.declared:
        known["declared_couplings"] = "; ".join(map(str, statistics.declared))
    return Judgement(realism_findings(statistics, evidence.stored.columns), known)


CHECKS: Sequence[Check[Evidence]] = (
    Check(
        "schema",
        "Timestamp first, then the accepted generator's signals with their units.",
        is_blocking=True,
        judge=_schema,
    ),
    Check(
        "minute_cadence",
        f"Each row is exactly one {interval_in_words()} after the one before.",
        is_blocking=True,
        judge=_cadence,
    ),
    Check(
        "year_coverage",
        f"The rows are the whole year, first {interval_in_words()} to last.",
        is_blocking=True,
        judge=_coverage,
    ),
    Check(
        "anomalies_present",
        "Labelled anomalies exist, each in its place and in known words, on less than "
        f"{100 * MAX_ANOMALOUS_SHARE:g} % of the rows.",
        is_blocking=False,
        judge=_anomalies,
    ),
    Check(
        "labels_match_data",
        "The readings differ from their clean twin exactly where the labels say, and as they say.",
        is_blocking=True,
        judge=_labels_match,
    ),
    Check(
        "reproducible",
        "The code is kept; run again it gave the same, for another seed other readings, and "
        "another year as well.",
        is_blocking=False,
        judge=_reproducible,
    ),
    Check(
        "signal_realism",
        "Units fit names and values; fast and slow signals, heavy tails and couplings, as real "
        "machines show.",
        is_blocking=False,
        judge=_realism,
    ),
)
