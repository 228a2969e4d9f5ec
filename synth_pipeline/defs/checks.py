"""The checks of `dataset` for Dagster: specs in, one evaluation per partition out, and back.

A machine may have several stored years: its evaluation is about all that were judged, and says in
its metadata what each year's verdict was.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

import dagster as dg

from synth_pipeline.defs.dagster_internals import (
    AssetCheckEvaluationTargetMaterializationData as Target,
)
from synth_pipeline.defs.partitions import machines
from synth_pipeline.domain.check import RecordedVerdict, Verdict, Verdicts
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.readings.checks import CHECKS

YEARS = "violations_by_year"  # metadata of an evaluation; a year without any has passed

with warnings.catch_warnings():
    # partitions on checks are a preview feature of Dagster 1.13: docs/decisions.md
    warnings.simplefilter("ignore", dg.PreviewWarning)
    check_specs = [
        dg.AssetCheckSpec(
            check.name,
            asset="dataset",
            description=check.description,
            blocking=check.is_blocking,
            partitions_def=machines,
        )
        for check in CHECKS
    ]


def judged_materialization(instance: dg.DagsterInstance, key: PartitionKey) -> Target | None:
    """What a verdict of now is about; the Partitions tab shows only results that name it."""
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("dataset"), asset_partitions=[str(key)]),
        limit=1,
    ).records
    if not found:
        return None
    latest = found[0]
    return Target(storage_id=latest.storage_id, run_id=latest.run_id, timestamp=latest.timestamp)


def evaluations(
    key: PartitionKey, judged: Mapping[int, Verdicts], target: Target | None
) -> Iterator[dg.AssetCheckEvaluation]:
    """Translate the verdicts on a machine's years, the last of the mapping its current one.

    Each evaluation carries its own partition, as a run may hold several.
    """
    for number, check in enumerate(CHECKS):
        verdicts = {year: own[number] for year, own in judged.items()}
        failed = {year: verdict for year, verdict in verdicts.items() if not verdict.passed}
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey("dataset"),
            check_name=check.name,
            partition=str(key),
            target_materialization_data=target,
            passed=not failed,
            blocking=check.is_blocking,
            severity=_severity(check.is_blocking, failed),
            description=_summary(failed, len(judged)),
            metadata=_metadata(verdicts, failed),
        )


def recorded(evaluations: Iterable[dg.AssetCheckEvaluation]) -> Iterator[RecordedVerdict]:
    """Read back what `evaluations` wrote, a row a machine, check and year."""
    for evaluation in evaluations:
        by_year = cast("Mapping[str, Sequence[str]]", evaluation.metadata[YEARS].value)
        key = PartitionKey.parse(evaluation.partition or "")
        for year, messages in by_year.items():
            is_blocking = evaluation.severity is dg.AssetCheckSeverity.ERROR
            message = "; ".join(messages)
            yield RecordedVerdict(key, int(year), evaluation.check_name, is_blocking, message)


def _severity(is_blocking: bool, failed: Mapping[int, Verdict]) -> dg.AssetCheckSeverity:
    """ERROR where a failure blocks; of one that passes, what a failure would be."""
    blocks = any(verdict.is_blocking for verdict in failed.values()) if failed else is_blocking
    return dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN


def _summary(failed: Mapping[int, Verdict], years: int) -> str | None:
    if years == 1:
        return next((verdict.summary for verdict in failed.values()), None)
    return "; ".join(f"{year}: {verdict.summary}" for year, verdict in failed.items()) or None


def _metadata(
    verdicts: Mapping[int, Verdict], failed: Mapping[int, Verdict]
) -> dict[str, dg.MetadataValue | str | int | float]:
    *_, current = verdicts
    messages = [message for verdict in failed.values() for message in verdict.messages]
    by_year = {str(year): list(own.messages) for year, own in verdicts.items()}
    return {
        "year": str(current),
        **verdicts[current].facts,
        **{f"violation_{n}": dg.MetadataValue.text(text) for n, text in enumerate(messages, 1)},
        YEARS: dg.MetadataValue.json(by_year),
    }
