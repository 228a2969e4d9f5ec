"""Who carries a request out: one of many, for as long as it shows life."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from synth_pipeline.domain.outcome import RequestStatus
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline_tests.support.registries import (
    SteppingClock,
    asked,
    running,
)


def test_a_request_is_claimed_once(registry: RequestRegistry) -> None:
    request_id = registry.submit(asked()).request_id

    assert registry.claim(request_id)
    assert not registry.claim(request_id)
    assert registry.get(request_id).status is RequestStatus.RUNNING
    assert list(registry.pending()) == []


def test_a_running_request_can_be_taken_over_and_a_settled_one_not(
    registry: RequestRegistry,
) -> None:
    request_id = running(registry, "etcher")

    assert registry.claim(request_id, take_over=True)
    registry.report_machine("ada", "etcher", None)

    assert not registry.claim(request_id, take_over=True)


def test_a_claim_without_machines_lapses_after_half_an_hour(
    registry: RequestRegistry, clock: SteppingClock
) -> None:
    request_id = registry.submit(asked()).request_id
    assert registry.claim(request_id)

    clock.time += dt.timedelta(minutes=29)
    assert list(registry.pending()) == []
    clock.time += dt.timedelta(minutes=1)
    (record,) = registry.pending()

    assert (record.request_id, record.attempt) == (request_id, 2)
    assert record.status is RequestStatus.PENDING
    assert registry.get(request_id) == record
    assert registry.claim(request_id)
    assert list(registry.pending()) == []


def test_each_model_call_that_is_counted_renews_a_claim_without_machines(
    registry: RequestRegistry, clock: SteppingClock
) -> None:
    request_id = registry.submit(asked()).request_id
    assert registry.claim(request_id)

    for _ in range(3):
        clock.time += dt.timedelta(minutes=25)
        registry.add_usage(request_id, Usage(1, 2, 3))
    clock.time += dt.timedelta(minutes=25)
    assert list(registry.pending()) == []
    clock.time += dt.timedelta(minutes=5)

    assert [record.request_id for record in registry.pending()] == [request_id]


def test_a_claim_with_machines_never_lapses(
    registry: RequestRegistry, clock: SteppingClock
) -> None:
    request_id = running(registry, "etcher")

    clock.time += dt.timedelta(days=1)

    assert list(registry.pending()) == []
    assert registry.get(request_id).status is RequestStatus.RUNNING


def test_a_request_whose_third_claim_lapses_is_failed_and_may_be_filed_again(
    registry: RequestRegistry, clock: SteppingClock
) -> None:
    request_id = registry.submit(asked()).request_id
    for _ in range(3):
        assert registry.claim(request_id)
        clock.time += dt.timedelta(hours=1)
        last = list(registry.pending())

    assert last == []
    record = registry.get(request_id)
    assert record.status is RequestStatus.FAILED
    assert "attempt 3 ended without a list of machines" in str(record.error)
    assert registry.submit(asked()).attempt == 4


def test_a_lapsed_claim_is_opened_again_once_by_many_threads(
    open_registry: Callable[[], RequestRegistry], clock: SteppingClock
) -> None:
    registries = [open_registry() for _ in range(6)]
    request_id = registries[0].submit(asked()).request_id
    assert registries[0].claim(request_id)
    clock.time += dt.timedelta(hours=1)

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda registry: list(registry.pending()), registries))

    assert {record.attempt for records in found for record in records} == {2}
    assert registries[0].get(request_id).attempt == 2


def test_of_many_threads_one_wins_the_claim(open_registry: Callable[[], RequestRegistry]) -> None:
    request_id = open_registry().submit(asked()).request_id
    registries = [open_registry() for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(lambda registry: registry.claim(request_id), registries))

    assert sorted(won) == [False] * 5 + [True]
