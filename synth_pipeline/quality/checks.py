"""The five asset checks on what is stored: footer, Timestamp column and labels, nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from synth_pipeline.domain.contract import (
    LABEL_SCHEMA,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    Signal,
    Violation,
)
from synth_pipeline.quality import rules
from synth_pipeline.quality.dataset_file import StoredDataset
from synth_pipeline.quality.reading import UNREADABLE, reason_of
from synth_pipeline.quality.realism import realism_violations

BLOCKING = (rules.SCHEMA, rules.CADENCE, rules.COVERAGE)
WARNING = (rules.ANOMALIES, rules.REALISM)
CHECKS = BLOCKING + WARNING

DESCRIPTIONS: Mapping[str, str] = {
    rules.SCHEMA: "Timestamp first, then the accepted generator's signals with their units.",
    rules.CADENCE: "Each row is exactly one minute after the one before.",
    rules.COVERAGE: "The rows are the whole year, first minute to last.",
    rules.ANOMALIES: "Labelled anomalies exist, inside the year, on less than 5 % of the rows.",
    rules.REALISM: "Fast and slow signals, heavy tails and couplings, as real machines show.",
}


Fact = str | int | float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check of one machine-year; `facts` are figures worth showing when it is green."""

    check: str
    violations: tuple[Violation, ...]
    facts: Mapping[str, Fact]

    @property
    def passed(self) -> bool:
        """True where nothing breaks the rule."""
        return not self.violations

    @property
    def is_blocking(self) -> bool:
        """True where a failure must stop what is downstream."""
        return self.check in BLOCKING

    @property
    def summary(self) -> str:
        """Every violation in one line."""
        return "; ".join(violation.message for violation in self.violations)


def judge_stored(
    source: BinaryIO, labels: pa.Table | None, year: int, expected: Sequence[Signal]
) -> tuple[Verdict, ...]:
    """Run all five checks on one published machine-year."""
    try:
        stored = StoredDataset(source)
        times = stored.times()
    except UNREADABLE as error:
        return unreadable(f"cannot be read as Parquet: {reason_of(error)}")
    judges: Mapping[str, Callable[[], tuple[list[Violation], dict[str, Fact]]]] = {
        rules.SCHEMA: lambda: _schema(stored, expected),
        rules.CADENCE: lambda: _on_times(times, rules.CADENCE, rules.cadence_violations),
        rules.COVERAGE: lambda: _on_times(
            times, rules.COVERAGE, lambda values: rules.coverage_violations(values, year)
        ),
        rules.ANOMALIES: lambda: _anomalies(labels, year, stored.schema.names[1:]),
        rules.REALISM: lambda: _realism(stored),
    }
    verdicts = []
    for check, judge in judges.items():
        violations, facts = judge()
        verdicts.append(Verdict(check, tuple(violations), {"year": str(year), **facts}))
    return tuple(verdicts)


def unreadable(message: str) -> tuple[Verdict, ...]:
    """The verdicts on a dataset that is not there or cannot be opened."""
    return tuple(Verdict(check, (Violation(check, message),), {}) for check in CHECKS)


def _schema(
    stored: StoredDataset, expected: Sequence[Signal]
) -> tuple[list[Violation], dict[str, Fact]]:
    found = rules.schema_violations(stored.schema, stored.null_counts(), stored.rows)
    if expected:
        found += rules.expected_signal_violations(stored.schema, expected)
    return found, {"signals": ", ".join(stored.schema.names[1:])}


def _on_times(
    times: pa.ChunkedArray, check: str, judge: Callable[[rules.Minutes], list[Violation]]
) -> tuple[list[Violation], dict[str, Fact]]:
    if times.type != TIMESTAMP_TYPE:
        message = f"the first column is {times.type}; expected {TIMESTAMP} as {TIMESTAMP_TYPE}"
        return [Violation(check, message)], {}
    return judge(times.to_numpy()), {"rows": len(times)}


def _anomalies(
    labels: pa.Table | None, year: int, signals: Sequence[str]
) -> tuple[list[Violation], dict[str, Fact]]:
    if labels is None or not labels.num_rows:
        what = "has no labels" if labels is None else "has an empty label file"
        return [Violation(rules.ANOMALIES, f"the dataset {what}; expected some events")], {}
    if not labels.schema.equals(LABEL_SCHEMA):
        names = ", ".join(f"{field.name} ({field.type})" for field in labels.schema)
        message = f"the label file has columns {names[:300]}; expected those that synth writes"
        return [Violation(rules.ANOMALIES, message)], {}
    found = rules.label_violations(labels, year, signals)
    if found:
        return found, {"events": labels.num_rows}
    share = rules.anomalous_share(labels, year)
    kinds = sorted(set(labels.column("kind").to_pylist()))
    return [], {
        "events": labels.num_rows,
        "rows_pct": round(100 * share, 2),
        "kinds": ", ".join(kinds),
    }


def _realism(stored: StoredDataset) -> tuple[list[Violation], dict[str, Fact]]:
    statistics = stored.statistics
    if statistics is None:
        message = "the footer holds no figures of the signals; the file was not written by synth"
        return [Violation(rules.REALISM, message)], {}
    pairs = statistics.correlated_pairs
    known: dict[str, Fact] = (
        {} if pairs is None else {"correlated_pairs_pct": round(100 * pairs, 1)}
    )
    return realism_violations(statistics), known
