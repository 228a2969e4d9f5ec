"""The checks on what is stored, in one list: footer, Timestamp column and labels, nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from synth_pipeline.domain.check import Check, Fact, Judgement, Verdicts, Violation
from synth_pipeline.domain.column import Column
from synth_pipeline.readings import rules
from synth_pipeline.readings.contract import (
    LABEL_SCHEMA,
    MAX_ANOMALOUS_SHARE,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    interval_in_words,
)
from synth_pipeline.readings.dataset_file import StoredDataset
from synth_pipeline.readings.realism import realism_violations
from synth_pipeline.readings.untrusted import UNREADABLE, reason_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the checks look at: one published machine-year and the accepted code's signals."""

    stored: StoredDataset
    times: pa.ChunkedArray
    labels: pa.Table | None
    year: int
    expected: Sequence[Column]
    code_fault: str


def judge_stored(
    source: BinaryIO,
    labels: pa.Table | None,
    year: int,
    expected: Sequence[Column] = (),
    code_fault: str = "",
) -> Verdicts:
    """Run all checks on one published machine-year.

    `expected` are the accepted code's signals; `code_fault` says why they cannot be known.
    """
    try:
        stored = StoredDataset(source)
        evidence = Evidence(stored, stored.times(), labels, year, expected, code_fault)
    except UNREADABLE as error:
        return unreadable(f"cannot be read as Parquet: {reason_of(error)}")
    return tuple(check.verdict(evidence) for check in CHECKS)


def unreadable(message: str) -> Verdicts:
    """The verdicts on a dataset that is not there or cannot be opened."""
    return tuple(check.failed(message) for check in CHECKS)


def _schema(evidence: Evidence) -> Judgement:
    stored = evidence.stored
    found = rules.schema_violations(stored.schema, stored.null_counts(), stored.rows)
    if evidence.code_fault:
        found.append(Violation(rules.SCHEMA, evidence.code_fault))
    if evidence.expected:
        found += rules.expected_signal_violations(stored.schema, evidence.expected)
    return Judgement(found, {"signals": ", ".join(stored.schema.names[1:])})


def _cadence(evidence: Evidence) -> Judgement:
    return _on_times(evidence, rules.CADENCE, rules.cadence_violations)


def _coverage(evidence: Evidence) -> Judgement:
    return _on_times(
        evidence, rules.COVERAGE, lambda times: rules.coverage_violations(times, evidence.year)
    )


def _on_times(
    evidence: Evidence, check: str, judge: Callable[[rules.Times], list[Violation]]
) -> Judgement:
    times = evidence.times
    if times.type != TIMESTAMP_TYPE:
        message = f"the first column is {times.type}; expected {TIMESTAMP} as {TIMESTAMP_TYPE}"
        return Judgement([Violation(check, message)], {})
    return Judgement(judge(times.to_numpy()), {"rows": len(times)})


def _anomalies(evidence: Evidence) -> Judgement:
    labels = evidence.labels
    if labels is None or not labels.num_rows:
        what = "has no labels" if labels is None else "has an empty label file"
        message = f"the dataset {what}; expected some events"
        return Judgement([Violation(rules.ANOMALIES, message)], {})
    if not labels.schema.equals(LABEL_SCHEMA):
        names = ", ".join(f"{field.name} ({field.type})" for field in labels.schema)
        message = f"the label file has columns {names[:300]}; expected those that synth writes"
        return Judgement([Violation(rules.ANOMALIES, message)], {})
    found = rules.label_violations(labels, evidence.year, evidence.stored.schema.names[1:])
    facts: dict[str, Fact] = {"events": labels.num_rows}
    if not found:
        share = rules.anomalous_share(labels, evidence.year)
        kinds = sorted(set(labels.column("kind").to_pylist()))
        facts |= {"rows_pct": round(100 * share, 2), "kinds": ", ".join(kinds)}
    return Judgement(found, facts)


def _realism(evidence: Evidence) -> Judgement:
    statistics = evidence.stored.statistics
    if statistics is None:
        message = "the footer holds no figures of the signals; the file was not written by synth"
        return Judgement([Violation(rules.REALISM, message)], {})
    pairs = statistics.correlated_pairs
    known: dict[str, Fact] = (
        {} if pairs is None else {"correlated_pairs_pct": round(100 * pairs, 1)}
    )
    return Judgement(realism_violations(statistics), known)


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        rules.SCHEMA,
        "Timestamp first, then the accepted generator's signals with their units.",
        is_blocking=True,
        judge=_schema,
    ),
    Check(
        rules.CADENCE,
        f"Each row is exactly one {interval_in_words()} after the one before.",
        is_blocking=True,
        judge=_cadence,
    ),
    Check(
        rules.COVERAGE,
        f"The rows are the whole year, first {interval_in_words()} to last.",
        is_blocking=True,
        judge=_coverage,
    ),
    Check(
        rules.ANOMALIES,
        "Labelled anomalies exist, inside the year, on less than "
        f"{100 * MAX_ANOMALOUS_SHARE:g} % of the rows.",
        is_blocking=False,
        judge=_anomalies,
    ),
    Check(
        rules.REALISM,
        "Fast and slow signals, heavy tails and couplings, as real machines show.",
        is_blocking=False,
        judge=_realism,
    ),
)
