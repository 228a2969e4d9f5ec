"""One titled backfill per user, shown and cancelled on the Backfills page."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import dagster as dg

from synth_pipeline.defs.batch import CODE, DATASET
from synth_pipeline.defs.dagster_internals import (
    BaseAssetGraph,
    BulkActionsFilter,
    BulkActionStatus,
    PartitionBackfill,
    disable_dagster_warnings,
    make_new_backfill_id,
)
from synth_pipeline.defs.partitions import USER_TAG, add_partitions, machines
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.making.standing import due_machines, roll_years
from synth_pipeline.services import Services

KEEP_CODE = {"ops": {"machine_data": {"config": {"keep_code": True}}}}
MAX_USER_IN_ID = 32 - 9  # the id's column holds 32 characters; nine are `_` and a random word
UNFINISHED = [BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING]


def launch_backfill(
    instance: dg.DagsterInstance,
    asset_graph: BaseAssetGraph[Any],
    user_id: str,
    keys: Sequence[PartitionKey],
    now: dt.datetime,
) -> str:
    """Ask the daemon to make these machines of one user again; return the backfill's id."""
    add_partitions(instance, "users", [user_id])
    add_partitions(instance, "machines", [str(key) for key in keys])
    # the pages of Dagster 1.13 show no titles, but the id up to its first dash: it names the user
    named = user_id.replace("-", "_")[:MAX_USER_IN_ID]
    backfill_id = f"{named}_{make_new_backfill_id()}"
    noun = "machine" if len(keys) == 1 else "machines"
    with disable_dagster_warnings():  # Dagster calls a deprecated function of its own
        backfill = PartitionBackfill.from_asset_partitions(
            backfill_id=backfill_id,
            asset_graph=asset_graph,
            partition_names=[str(key) for key in keys],
            asset_selection=[CODE, DATASET],
            backfill_timestamp=now.timestamp(),
            tags={USER_TAG: user_id},
            dynamic_partitions_store=instance,
            all_partitions=False,
            title=f"{user_id}: {len(keys)} {noun}",
            description=None,
            run_config=KEEP_CODE,
        )
    instance.add_backfill(backfill)
    return backfill_id


def users_in_backfill(instance: dg.DagsterInstance) -> frozenset[str]:
    """Users with a backfill that is not finished, who are not to get another one."""
    backfills = instance.get_backfills(filters=BulkActionsFilter(statuses=UNFINISHED))
    return frozenset(b.tags[USER_TAG] for b in backfills if USER_TAG in b.tags)


def partitions_in_progress(
    instance: dg.DagsterInstance, keys: Collection[PartitionKey]
) -> frozenset[PartitionKey]:
    """Partitions that a run is working on right now."""
    names = [str(key) for key in keys]
    busy = dg.AssetPartitionStatus.IN_PROGRESS
    status = instance.get_status_by_partition(DATASET, names, machines) or {}
    return frozenset(key for key in keys if status.get(str(key)) is busy)


def made_at(instance: dg.DagsterInstance, key: PartitionKey) -> dt.datetime | None:
    """When the partition's dataset was last materialized, in UTC."""
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=DATASET, asset_partitions=[str(key)]), limit=1
    ).records
    return dt.datetime.fromtimestamp(found[0].timestamp, dt.UTC) if found else None


def due_now(
    instance: dg.DagsterInstance, services: Services, user_id: str, now: dt.datetime
) -> dict[PartitionKey, str]:
    """Move rolling machines to the last full year; return what is due then, with the reasons."""
    roll_years(services, user_id, now)
    return due_machines(services, user_id, lambda key: made_at(instance, key), now)
