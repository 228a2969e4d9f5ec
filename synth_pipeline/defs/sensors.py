"""Sensors: new requests become machine lists, new machines become datasets."""

import dagster as dg

from synth_pipeline.defs.partitions import REQUEST_TAG, USER_TAG, users
from synth_pipeline.domain.record import RequestRecord
from synth_pipeline.services import Services

POLL_S = 5


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
    known = set(context.instance.get_dynamic_partitions("users"))
    new_users = [r.request.user_id for r in pending if r.request.user_id not in known]
    requests = [_run_request(record) for record in pending]
    additions = [users.build_add_request(list(dict.fromkeys(new_users)))] if new_users else []
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=additions)


def _run_request(record: RequestRecord) -> dg.RunRequest:
    request_id, user_id = record.request_id, record.request.user_id
    return dg.RunRequest(
        run_key=f"{request_id}:{record.attempt}",
        partition_key=user_id,
        run_config=dg.RunConfig({"machine_list": {"config": {"request_id": request_id}}}),
        tags={USER_TAG: user_id, REQUEST_TAG: request_id},
    )


on_new_machines = dg.AutomationConditionSensorDefinition(
    "on_new_machines",
    target=dg.AssetSelection.assets("generator_code", "dataset"),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=POLL_S,
    description="Fires when a machine is new or changed: its code and dataset are to be made.",
)
