"""The machines of one run, from orders to recorded outcomes; one that fails fails alone."""

import dataclasses
from collections.abc import Iterator, Sequence

import dagster as dg

from synth_pipeline.defs.checks import evaluations, judged_materialization
from synth_pipeline.defs.metadata import code_metadata, dataset_metadata
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.record import RequestRecord
from synth_pipeline.domain.usage import Usage
from synth_pipeline.production import Failed, Order, Produced, judge_machine, produce_all
from synth_pipeline.quality.checks import Verdict
from synth_pipeline.services import NOTE, Progress, Services
from synth_pipeline.storage.request_registry import RequestRegistry

CODE, DATASET = dg.AssetKey("generator_code"), dg.AssetKey("dataset")


class ProductionConfig(dg.Config):
    """How to make code and datasets: write code anew, or keep accepted code whatever changed."""

    rewrite: bool = False
    keep_code: bool = False


def _usage_observation(registry: RequestRegistry, record: RequestRecord) -> dg.AssetObservation:
    """The request's totals so far, shown on the user's machine_list."""
    usage = registry.get(record.request_id).usage
    return dg.AssetObservation(
        "machine_list",
        partition=record.request.user_id,
        metadata={"request": record.request_id, **dataclasses.asdict(usage)},
    )


def _sum_up(broken: Sequence[Verdict]) -> str:
    """Each reason once, after the checks that fail for it."""
    checks: dict[str, list[str]] = {}
    for verdict in broken:
        checks.setdefault(verdict.summary, []).append(verdict.check)
    return "; ".join(f"{', '.join(names)}: {summary}" for summary, names in checks.items())


class Batch:
    """The machines of one run: what was made of each, and why not."""

    def __init__(
        self, context: dg.AssetExecutionContext, services: Services, keys: list[PartitionKey]
    ) -> None:
        self._context = context
        self._services = services
        self._keys = keys
        self._produced: dict[PartitionKey, Produced] = {}
        self._verdicts: dict[PartitionKey, tuple[Verdict, ...]] = {}
        self._failures: dict[PartitionKey, str] = {}
        self._usage: dict[PartitionKey, Usage] = {}

    def produce(self, config: ProductionConfig) -> None:
        """Make code and, where selected, datasets; tell the registry of each machine."""
        if not self._services.runner.isolates:
            warning = "SYNTH_SANDBOX is none: catalogue code runs here without any boundary"
            self._context.log.warning(warning)
            self._services.watch(Progress("sandbox", NOTE, warning))
        orders = []
        publish = DATASET in self._context.selected_asset_keys
        for key in self._keys:
            try:
                row = self._services.store.load_machine(key)
                orders.append(Order(row, config.rewrite, config.keep_code, publish))
            except SynthError as error:
                self._failures[key] = str(error)
        for outcome in produce_all(self._services, orders):
            key = outcome.machine.key
            self._usage[key] = outcome.usage
            if isinstance(outcome, Failed):
                self._failures[key] = outcome.reason
                self._context.log.error(f"{key}: {outcome.reason}")
            else:
                self._produced[key] = outcome
                self._context.log.info(f"{key}: done in {outcome.seconds:.1f} s")

    @property
    def has_failures(self) -> bool:
        """True where a machine failed, so that the run fails in the end."""
        return bool(self._failures)

    def judge(self) -> None:
        """Judge what is stored: what this run made, or everything if it only checks."""
        only_checks = not self._context.selected_asset_keys
        for key in self._keys:
            if only_checks or key in self._produced:
                try:
                    row = self._row(key)
                except SynthError as error:
                    self._failures[key] = str(error)
                    continue
                self._verdicts[key] = judge_machine(self._services, row, row.year)
                broken = [v for v in self._verdicts[key] if v.is_blocking and not v.passed]
                if broken:
                    self._failures[key] = _sum_up(broken)

    def _row(self, key: PartitionKey) -> Machine:
        made = self._produced.get(key)
        return made.machine if made else self._services.store.load_machine(key)

    def evaluations(self) -> Iterator[dg.AssetCheckEvaluation]:
        """The verdicts of the selected checks, each with the materialization it judged."""
        wanted = self._context.selected_asset_check_keys
        for key, verdicts in self._verdicts.items():
            target = judged_materialization(self._context.instance, key)
            yield from evaluations(key, verdicts, wanted, target)

    def record(self) -> None:
        """Attach metadata; where a machine failed, log the others' materializations by hand.

        An op that raises yields no outputs, so Dagster would record nothing at all.
        """
        selected = self._context.selected_asset_keys
        for key, made in self._produced.items():
            metadata = {CODE: code_metadata(self._services, made)}
            if made.statistics is not None:
                metadata[DATASET] = dataset_metadata(self._services, made)
            for asset, values in metadata.items():
                if asset in selected and not self._failures:
                    self._context.add_asset_metadata(
                        values, asset_key=asset, partition_key=str(key)
                    )
                elif asset in selected or made.code_is_new:
                    self._context.log_event(
                        dg.AssetMaterialization(asset, partition=str(key), metadata=values)
                    )
        if DATASET in selected:
            self._report()

    def _report(self) -> None:
        """Tell the registry how each machine fared and what its user's model calls took."""
        registry = self._services.registry
        for key in self._keys:
            registry.report_machine(key.user_id, key.machine, self._failures.get(key))
        for user_id in dict.fromkeys(key.user_id for key in self._keys):
            spent = [self._usage[k] for k in self._usage if k.user_id == user_id]
            total = sum(spent, Usage())
            slugs = {key.machine for key in self._keys if key.user_id == user_id}
            records = [r for r in registry.list(user_id) if slugs & r.machines.keys()]
            if total.calls and records:
                registry.add_usage(records[-1].request_id, total)
                self._context.log_event(_usage_observation(registry, records[-1]))

    def raise_failures(self) -> None:
        """Fail the run where a machine failed, naming each with its reason."""
        if self._failures:
            lines = [f"{key}: {reason}" for key, reason in self._failures.items()]
            raise dg.Failure(
                f"{len(lines)} of {len(self._keys)} machines failed: {'; '.join(lines)}. "
                "The others are unharmed; retry with the same request or by materializing "
                "these partitions again",
                metadata={str(key): reason for key, reason in self._failures.items()},
                allow_retries=False,
            )
