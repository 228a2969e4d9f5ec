"""The assets: a user's machine list, its machines, their code and their datasets."""

from collections.abc import Iterator, Sequence

import dagster as dg

from synth_pipeline.defs.batch import CODE, DATASET, Batch, ProductionConfig
from synth_pipeline.defs.checks import check_specs, evaluations, judged_materialization
from synth_pipeline.defs.metadata import listing_metadata, machine_metadata
from synth_pipeline.defs.partitions import REQUEST_TAG, add_partitions, machines, users
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.outcome import DONE, PENDING
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.progress import NOTE, Progress
from synth_pipeline.making.ledger import Ledger
from synth_pipeline.making.listing import Listing, list_machines
from synth_pipeline.services import Services

MACHINES_PER_RUN = 20
MODEL_POOL = "model_calls"  # runs that may ask, by dagster.yaml; each makes SYNTH_MODEL_CALLS
GROUP = "synthetic_data"


class MachineListConfig(dg.Config):
    """Which request to carry out; without one, the user's latest."""

    request_id: str = ""
    take_over: bool = False


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
    listing = _list(context, services, request_id)
    for note in listing.notes:
        context.log.warning(note)
        services.watch(Progress("machine list", NOTE, note))
    add_partitions(context.instance, "machines", [str(m.key) for m in listing.machines])
    registry.record_machines(
        request_id,
        {m.slug: PENDING if m in listing.outdated else DONE for m in listing.machines},
    )
    _report_machines(context, listing, request_id)
    record = registry.get(request_id)
    yield dg.MaterializeResult(metadata=listing_metadata(services, listing, record))


def _list(context: dg.AssetExecutionContext, services: Services, request_id: str) -> Listing:
    """List the request's machines and count the calls; where there is no list the request fails."""
    registry, ledger = services.registry, Ledger(services)
    try:
        request = registry.get(request_id).request
        return list_machines(services, request, ledger.spent_on(request_id))
    except SynthError as error:
        registry.fail(request_id, str(error))
        raise dg.Failure(str(error), allow_retries=False) from error
    finally:
        ledger.settle()
        for warning in ledger.warnings:
            context.log.warning(warning)


def _report_machines(context: dg.AssetExecutionContext, listing: Listing, request_id: str) -> None:
    """Record each machine that is to be made, and the verdicts on those that were looked at."""
    for row in listing.outdated:
        context.log_event(
            dg.AssetMaterialization(
                "machine",
                partition=str(row.key),
                metadata=machine_metadata(row),
                tags={"dagster/data_version": row.data_version, REQUEST_TAG: request_id},
            )
        )
    for row in listing.machines:
        if row.slug in listing.verdicts:
            target = judged_materialization(context.instance, row.key)
            judged = {row.year: listing.verdicts[row.slug]}
            for evaluation in evaluations(row.key, judged, target):
                context.log_event(evaluation)


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
