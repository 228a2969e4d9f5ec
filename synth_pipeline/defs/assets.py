"""The assets: a user's machine list, its machines, their code and their datasets."""

import dataclasses
from collections.abc import Iterator, Sequence

import dagster as dg

from synth_pipeline.defs.checks import check_specs, evaluations, judged_materialization
from synth_pipeline.defs.metadata import code_metadata, dataset_metadata, machine_metadata, plain
from synth_pipeline.defs.partitions import REQUEST_TAG, add_partitions, machines, users
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.record import MACHINE_DONE, MACHINE_PENDING, RequestRecord
from synth_pipeline.domain.usage import Usage
from synth_pipeline.listing import list_machines
from synth_pipeline.production import (
    Failed,
    Order,
    Produced,
    judge_machine,
    produce_all,
)
from synth_pipeline.quality.checks import Verdict
from synth_pipeline.services import Services
from synth_pipeline.storage.request_registry import RequestRegistry

MACHINES_PER_RUN = 20
MODEL_POOL = "model_calls"  # limited in dagster.yaml; each op asks from up to SYNTH_WORKERS threads
GROUP = "synthetic_data"
CODE, DATASET = dg.AssetKey("generator_code"), dg.AssetKey("dataset")


class MachineListConfig(dg.Config):
    """Which request to carry out; without one, the user's latest."""

    request_id: str = ""
    take_over: bool = False


class ProductionConfig(dg.Config):
    """How to make code and datasets: write code anew, or keep accepted code whatever changed."""

    rewrite: bool = False
    keep_code: bool = False


machine = dg.AssetSpec(
    "machine",
    description="One machine of a user's list; its data version is the hash of its row.",
    partitions_def=machines,
    deps=["machine_list"],
    group_name=GROUP,
    kinds={"json"},
)


@dg.asset(
    partitions_def=users,
    group_name=GROUP,
    kinds={"json"},
    output_required=False,
    pool=MODEL_POOL,
    description="The machines a user asked for, listed by the author.",
)
def machine_list(
    context: dg.AssetExecutionContext,
    config: MachineListConfig,
    services: dg.ResourceParam[Services],
) -> Iterator[dg.MaterializeResult[None]]:
    """Carry out one request: list, add partitions, report each machine that is to be made."""
    user_id, registry = context.partition_key, services.registry
    request_id = config.request_id or _latest_request(services, user_id)
    # a run that takes the place of one that died takes over what that one had claimed
    is_retry = context.run.parent_run_id is not None
    take_over = config.take_over or is_retry or not config.request_id
    if not registry.claim(request_id, take_over=take_over):
        context.log.info(f"request {request_id} is not pending: nothing to do")
        return
    try:
        listing = list_machines(services, registry.get(request_id).request)
    except SynthError as error:
        registry.add_usage(request_id, error.usage)
        registry.fail(request_id, str(error))
        raise dg.Failure(str(error), allow_retries=False) from error
    for note in listing.notes:
        context.log.warning(note)
    add_partitions(context.instance, "machines", [str(m.key) for m in listing.machines])
    outdated = {m.slug for m in listing.outdated}
    registry.add_usage(request_id, listing.usage)
    registry.record_machines(
        request_id,
        {m.slug: MACHINE_PENDING if m.slug in outdated else MACHINE_DONE for m in listing.machines},
    )
    for row in listing.outdated:
        context.log_event(
            dg.AssetMaterialization(
                "machine",
                partition=str(row.key),
                metadata=machine_metadata(row),
                tags={"dagster/data_version": row.data_version, REQUEST_TAG: request_id},
            )
        )
    usage = registry.get(request_id).usage
    yield dg.MaterializeResult(
        metadata={
            "request": request_id,
            "machines": len(listing.machines),
            "to_be_made": len(listing.outdated),
            "names": dg.MetadataValue.md(
                "\n".join(f"1. {plain(m.name)}" for m in listing.machines)
            ),
            "notes": dg.MetadataValue.json(list(listing.notes)),
            "model_calls": usage.calls,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
        },
    )


def _latest_request(services: Services, user_id: str) -> str:
    records = services.registry.list(user_id)
    if not records:
        raise dg.Failure(
            f"user {user_id!r} has no request; submit one with job submit_request",
            allow_retries=False,
        )
    return records[-1].request_id


@dg.multi_asset(
    name="machine_data",
    specs=[
        dg.AssetSpec(
            CODE,
            deps=["machine"],
            description="Python that generates the machine's year, run and judged before accepted.",
            partitions_def=machines,
            group_name=GROUP,
            kinds={"python"},
            skippable=True,
            automation_condition=dg.AutomationCondition.eager(),
        ),
        dg.AssetSpec(
            DATASET,
            deps=[CODE],
            description="One year of minute-by-minute readings with labelled anomalies.",
            partitions_def=machines,
            group_name=GROUP,
            kinds={"parquet"},
            skippable=True,
            automation_condition=dg.AutomationCondition.eager(),
        ).with_io_manager_key("dataset_reader"),
    ],
    check_specs=check_specs,
    partitions_def=machines,
    can_subset=True,
    pool=MODEL_POOL,
    backfill_policy=dg.BackfillPolicy.multi_run(MACHINES_PER_RUN),
)
def machine_data(
    context: dg.AssetExecutionContext,
    config: ProductionConfig,
    services: dg.ResourceParam[Services],
) -> Iterator[dg.Output[None] | dg.AssetCheckEvaluation]:
    """Code, dataset and checks of every machine in the run; one that fails fails alone.

    One op for all three, because an op that fails stops those after it: here the machines
    that went well are materialized and checked before the run fails for the others.
    """
    batch = Batch(context, services, [PartitionKey.parse(key) for key in _partitions_of(context)])
    if context.selected_asset_keys:
        batch.produce(config)
    if context.selected_asset_check_keys:
        batch.judge()
    batch.record()
    for key in (CODE, DATASET):
        if key in context.selected_asset_keys and not batch.has_failures:
            yield dg.Output(None, output_name=key.to_python_identifier())
    yield from batch.evaluations()  # after the materializations that they are about
    batch.raise_failures()
    for check in context.selected_asset_check_keys:
        yield dg.Output(None, output_name=f"dataset_{check.name}")


def _partitions_of(context: dg.AssetExecutionContext) -> Sequence[str]:
    """The run's partitions; "Execute all" on the Checks page names none and means every machine."""
    is_partitioned = context.has_partition_key or context.has_partition_key_range
    keys: Sequence[str] = (
        context.partition_keys
        if is_partitioned or context.selected_asset_keys
        else context.instance.get_dynamic_partitions("machines")
    )
    return keys


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
