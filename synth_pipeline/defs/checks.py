"""The five checks of `dataset` for Dagster: specs in, one evaluation per partition out."""

import warnings
from collections.abc import Iterable, Iterator

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as Target,
)

from synth_pipeline.defs.partitions import machines
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.quality.checks import BLOCKING, CHECKS, DESCRIPTIONS, Verdict

with warnings.catch_warnings():
    # partitions on checks are a preview feature of Dagster 1.13: docs/decisions.md
    warnings.simplefilter("ignore", dg.PreviewWarning)
    check_specs = [
        dg.AssetCheckSpec(
            name,
            asset="dataset",
            description=DESCRIPTIONS[name],
            blocking=name in BLOCKING,
            partitions_def=machines,
        )
        for name in CHECKS
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
    key: PartitionKey,
    verdicts: Iterable[Verdict],
    wanted: Iterable[dg.AssetCheckKey],
    target: Target | None,
) -> Iterator[dg.AssetCheckEvaluation]:
    """Translate verdicts; each carries its own partition, as a run may hold several."""
    names = {check.name for check in wanted}
    for verdict in verdicts:
        if verdict.check in names:
            yield dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey("dataset"),
                check_name=verdict.check,
                partition=str(key),
                target_materialization_data=target,
                passed=verdict.passed,
                blocking=verdict.is_blocking,
                severity=dg.AssetCheckSeverity.ERROR
                if verdict.is_blocking
                else dg.AssetCheckSeverity.WARN,
                description=verdict.summary or None,
                metadata={
                    **verdict.facts,
                    **{
                        f"violation_{number}": dg.MetadataValue.text(violation.message)
                        for number, violation in enumerate(verdict.violations, 1)
                    },
                },
            )
