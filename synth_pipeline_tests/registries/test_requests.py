"""What is asked: filed, filed again, listed; the same for every registry."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from synth_pipeline.domain.errors import NotFoundError
from synth_pipeline.domain.outcome import PENDING, RequestRecord, RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline_tests.support.registries import (
    asked,
    running,
)


def test_a_request_is_filed_as_pending(registry: RequestRegistry) -> None:
    record = registry.submit(asked(), refresh_cron="0 2 * * 1")

    assert record == RequestRecord(
        asked(),
        RequestStatus.PENDING,
        refresh_cron="0 2 * * 1",
        created_at="2026-03-01T12:00:01.000000+00:00",
        updated_at="2026-03-01T12:00:01.000000+00:00",
    )
    assert registry.get(record.request_id) == record
    assert list(registry.pending()) == [record]


def test_a_registry_that_was_never_written_is_empty(registry: RequestRegistry) -> None:
    assert list(registry.list()) == []
    assert list(registry.list("ada")) == []
    assert list(registry.pending()) == []


def test_an_unknown_request_is_not_found(registry: RequestRegistry) -> None:
    registry.submit(asked())

    for act in (
        registry.get,
        partial(registry.record_machines, machines={}),
        partial(registry.fail, reason="no"),
        partial(registry.add_usage, usage=Usage(1)),
    ):
        for request_id in ("ada-000000000000", "nobody", ""):
            with pytest.raises(NotFoundError, match="not in the registry; see synth requests"):
                act(request_id)
    assert registry.claim("ada-000000000000") is False


def test_a_request_filed_twice_is_one(registry: RequestRegistry) -> None:
    first = registry.submit(asked())
    second = registry.submit(asked("SemiConductor"))

    assert second == first
    assert len(registry.list()) == 1


def test_a_running_request_filed_again_stays_as_it_is(registry: RequestRegistry) -> None:
    request_id = running(registry, "etcher")

    record = registry.submit(asked())

    assert record.request_id == request_id
    assert record.status is RequestStatus.RUNNING
    assert record.machines == {"etcher": PENDING}
    assert list(registry.pending()) == []


def test_a_settled_request_filed_again_is_opened_again(registry: RequestRegistry) -> None:
    request_id = running(registry, "etcher")
    registry.report_machine("ada", "etcher", "the sandbox is gone")
    registry.add_usage(request_id, Usage(1, 2, 3, 0.5))

    record = registry.submit(asked())

    assert (record.status, record.attempt, record.error) == (RequestStatus.PENDING, 2, None)
    assert record.machines == {}
    assert record.usage == Usage(1, 2, 3, 0.5)
    assert [r.request_id for r in registry.pending()] == [request_id]
    assert registry.get(request_id) == record


def test_a_new_schedule_replaces_the_old_and_none_keeps_it(registry: RequestRegistry) -> None:
    registry.submit(asked(), "0 2 * * 1")

    assert registry.submit(asked()).refresh_cron == "0 2 * * 1"
    assert registry.submit(asked(), "0 3 * * *").refresh_cron == "0 3 * * *"
    assert registry.list()[0].refresh_cron == "0 3 * * *"


def test_a_request_without_a_year_stays_one_that_rolls(registry: RequestRegistry) -> None:
    rolling = Request.create(industry="food", number=3, user_id="ada", today=dt.date(2026, 1, 1))
    fixed = Request.create(industry="food", number=3, user_id="ada", year=2025)

    filed = registry.submit(rolling)
    assert filed.request.rolls
    assert registry.get(filed.request_id).request == rolling

    assert registry.submit(fixed).request == fixed
    assert registry.get(filed.request_id).request == fixed
    assert len(registry.list()) == 1


def test_requests_are_told_apart_by_all_that_is_asked(registry: RequestRegistry) -> None:
    requests = [
        asked(),
        asked(number=4),
        asked(user_id="bob"),
        asked("food"),
        Request.create(industry="food", number=3, user_id="ada", year=2024),
        Request.create(industry="food", number=3, user_id="ada", year=2024, seed=2**32 - 1),
    ]
    for request in requests:
        registry.submit(request)

    assert [record.request for record in registry.list()] == requests
    assert [r.request for r in registry.list("bob")] == [requests[2]]
    assert [r.request for r in registry.pending()] == requests
    for request in requests:
        assert registry.get(request.request_id).request == request


def test_the_same_request_filed_by_many_threads_is_one(
    open_registry: Callable[[], RequestRegistry],
) -> None:
    registries = [open_registry() for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        records = list(pool.map(lambda registry: registry.submit(asked()), registries))

    assert len({record.created_at for record in records}) == 1
    assert len(registries[0].list()) == 1


def test_the_check_passes_and_changes_nothing(registry: RequestRegistry) -> None:
    registry.check()
    registry.submit(asked())
    registry.check()

    assert [record.request for record in registry.list()] == [asked()]
