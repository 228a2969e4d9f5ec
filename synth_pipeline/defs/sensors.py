"""Sensors: new requests become machine lists, new machines become datasets."""

from collections.abc import Sequence

import dagster as dg

from synth_pipeline.defs.partitions import ATTEMPT_TAG, REQUEST_TAG, USER_TAG, users
from synth_pipeline.domain.outcome import RequestRecord
from synth_pipeline.services import Services

POLL_S = 5
LOST_RUNS = 3  # runs that may end before they claimed their request


@dg.sensor(
    target=dg.AssetSelection.assets("machine_list"),
    minimum_interval_seconds=POLL_S,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Fires for each pending request of the registry.",
)
def on_new_request(
    context: dg.SensorEvaluationContext, services: dg.ResourceParam[Services]
) -> dg.SensorResult | dg.SkipReason:
    """One run of machine_list per pending request; the run claims it, so a replay is harmless."""
    pending = services.registry.pending()
    if not pending:
        return dg.SkipReason("no request is pending")
    requests, notes = [], []
    for record in pending:
        lost = _lost_runs(context.instance, record)
        reason = _why_hopeless(lost)
        if reason:
            services.registry.fail(record.request_id, reason)
            notes.append(f"{record.request_id}: {reason}")
        else:
            requests.append(_run_request(record, len(lost)))
    known = set(context.instance.get_dynamic_partitions("users"))
    new_users = [r.tags[USER_TAG] for r in requests if r.tags[USER_TAG] not in known]
    additions = [users.build_add_request(list(dict.fromkeys(new_users)))] if new_users else []
    return dg.SensorResult(
        run_requests=requests,
        skip_reason="; ".join(notes) if not requests else None,
        dynamic_partitions_requests=additions,
    )


def _lost_runs(instance: dg.DagsterInstance, record: RequestRecord) -> list[dg.DagsterRunStatus]:
    """How runs of a pending request ended, none of which can have claimed it."""
    ended = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    tags = {REQUEST_TAG: record.request_id, ATTEMPT_TAG: str(record.attempt)}
    return [run.status for run in instance.get_runs(dg.RunsFilter(statuses=ended, tags=tags))]


def _why_hopeless(lost: Sequence[dg.DagsterRunStatus]) -> str | None:
    if dg.DagsterRunStatus.CANCELED in lost:
        return "its run was canceled; submit the request again when it is wanted"
    if len(lost) >= LOST_RUNS:
        return (
            f"{len(lost)} runs failed before they began with it; see them in the UI, submit again"
        )
    return None


def _run_request(record: RequestRecord, lost: int) -> dg.RunRequest:
    request_id, user_id = record.request_id, record.request.user_id
    return dg.RunRequest(
        run_key=f"{request_id}:{record.attempt}:{lost}",
        partition_key=user_id,
        run_config=dg.RunConfig({"machine_list": {"config": {"request_id": request_id}}}),
        tags={USER_TAG: user_id, REQUEST_TAG: request_id, ATTEMPT_TAG: str(record.attempt)},
    )


on_new_machines = dg.AutomationConditionSensorDefinition(
    "on_new_machines",
    target=dg.AssetSelection.assets("generator_code", "dataset"),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=POLL_S,
    description="Fires when a machine is new or changed: its code and dataset are to be made.",
)
