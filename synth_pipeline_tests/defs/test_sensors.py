"""What the sensor does about runs that ended before they took their request up."""

from pathlib import Path

import dagster as dg
import pytest

from synth_pipeline.defs.sensors import on_new_request
from synth_pipeline.domain.outcome import RequestRecord
from synth_pipeline.domain.request import Request
from synth_pipeline.services import Services
from synth_pipeline_tests.support.workshop import make_services

FAILURE, CANCELED = dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


def submit(services: Services) -> RequestRecord:
    return services.registry.submit(Request.create(industry="food", number=1, user_id="ada"))


def evaluate(instance: dg.DagsterInstance, services: Services) -> dg.SensorResult:
    result = on_new_request(dg.build_sensor_context(instance, resources={"services": services}))
    assert isinstance(result, dg.SensorResult)
    return result


def end_runs(
    instance: dg.DagsterInstance, result: dg.SensorResult, status: dg.DagsterRunStatus
) -> None:
    """Leave the requested runs behind as if their processes had died before the claim."""
    for request in result.run_requests or []:
        instance.add_run(dg.DagsterRun("__ASSET_JOB", tags=dict(request.tags), status=status))


def test_a_run_that_died_before_its_claim_is_replaced_by_another(
    services: Services, instance: dg.DagsterInstance
) -> None:
    record = submit(services)
    first = evaluate(instance, services)
    end_runs(instance, first, FAILURE)

    second = evaluate(instance, services)

    keys = [request.run_key for result in (first, second) for request in result.run_requests or []]
    assert keys == [f"{record.request_id}:1:0", f"{record.request_id}:1:1"]


def test_after_three_such_runs_the_request_is_failed_and_may_be_filed_again(
    services: Services, instance: dg.DagsterInstance
) -> None:
    record = submit(services)
    for _ in range(3):
        end_runs(instance, evaluate(instance, services), FAILURE)

    result = evaluate(instance, services)

    assert not result.run_requests
    failed = services.registry.get(record.request_id)
    assert (failed.status, failed.machines) == ("failed", {})
    assert str(failed.error).startswith("3 runs failed before they began with it")
    assert submit(services).attempt == 2
    (again,) = evaluate(instance, services).run_requests or []
    assert again.run_key == f"{record.request_id}:2:0"


def test_a_run_that_was_canceled_in_the_queue_cancels_its_request(
    services: Services, instance: dg.DagsterInstance
) -> None:
    record = submit(services)
    end_runs(instance, evaluate(instance, services), CANCELED)

    result = evaluate(instance, services)

    assert not result.run_requests
    assert "its run was canceled" in str(result.skip_reason)
    assert services.registry.get(record.request_id).status == "failed"
