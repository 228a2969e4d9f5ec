"""The nightly schedule: one backfill per user whose data is due."""

import datetime as dt

import dagster as dg

from synth_pipeline.defs.backfills import (
    due_now,
    launch_backfill,
    partitions_in_progress,
    users_in_backfill,
)
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.services import Services


@dg.schedule(
    cron_schedule="0 2 * * *",
    execution_timezone="UTC",
    target=dg.AssetSelection.assets("generator_code", "dataset"),
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Fires at night: one backfill per user whose datasets are missing, failed, "
    "stale, of an older year, or due by the request's refresh cron.",
)
def nightly_per_user(
    context: dg.ScheduleEvaluationContext, services: dg.ResourceParam[Services]
) -> dg.SkipReason:
    """Launch the backfills and say what was launched; a user that fails stops no other."""
    now = dt.datetime.now(dt.UTC)
    busy = users_in_backfill(context.instance)
    notes: list[str] = []
    for user_id in services.store.users():
        if user_id in busy:
            notes.append(f"{user_id}: a backfill is not finished yet")
            continue
        try:
            notes += _backfill_user(context, services, user_id, now)
        except SynthError as error:
            context.log.error(f"{user_id}: {error}")
            notes.append(f"{user_id}: failed, {error}")
    return dg.SkipReason("; ".join(notes) or "nothing is due")


def _backfill_user(
    context: dg.ScheduleEvaluationContext, services: Services, user_id: str, now: dt.datetime
) -> list[str]:
    instance = context.instance
    due = due_now(instance, services, user_id, now)
    keys = [key for key in due if key not in partitions_in_progress(instance, due)]
    if not keys:
        return []
    repository = context.repository_def
    if repository is None:
        raise dg.Failure("the schedule needs its repository to build a backfill")
    backfill_id = launch_backfill(instance, repository.asset_graph, user_id, keys, now)
    return [f"{user_id}: backfill {backfill_id}, {len(keys)} due"]
