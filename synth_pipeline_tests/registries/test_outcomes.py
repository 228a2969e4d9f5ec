"""What the outcomes of machines do to requests; the same for every registry."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from synth_pipeline.domain.outcome import DONE, PENDING, Outcome, RequestStatus
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline_tests.support.registries import (
    asked,
    running,
)


def test_a_request_is_done_when_its_machines_are(registry: RequestRegistry) -> None:
    request_id = running(registry, "etcher", "furnace")

    registry.report_machine("ada", "etcher", None)
    half = registry.get(request_id)
    registry.report_machine("ada", "furnace", None)
    whole = registry.get(request_id)

    assert (half.status, half.machines) == (
        RequestStatus.RUNNING,
        {"etcher": DONE, "furnace": PENDING},
    )
    assert whole.status is RequestStatus.DONE
    assert whole.updated_at > half.updated_at > half.created_at


def test_a_request_whose_machines_are_all_there_is_done_at_once(registry: RequestRegistry) -> None:
    request_id = running(registry)
    registry.submit(asked())
    registry.claim(request_id)

    registry.record_machines(request_id, {"etcher": DONE})

    assert registry.get(request_id).status is RequestStatus.DONE


def test_a_failed_machine_fails_the_request_when_all_are_settled(registry: RequestRegistry) -> None:
    request_id = running(registry, "etcher", "furnace")

    registry.report_machine("ada", "etcher", "no dataset")
    assert registry.get(request_id).status is RequestStatus.RUNNING
    registry.report_machine("ada", "furnace", None)

    record = registry.get(request_id)
    assert record.status is RequestStatus.FAILED
    assert record.error == "1 of 2 machines failed: etcher: no dataset"


def test_a_failed_machine_that_works_later_mends_the_request(registry: RequestRegistry) -> None:
    request_id = running(registry, "etcher")
    registry.report_machine("ada", "etcher", "no dataset")

    registry.report_machine("ada", "etcher", None)

    record = registry.get(request_id)
    assert (record.status, record.error) == (RequestStatus.DONE, None)


def test_a_request_that_failed_for_good_stays_so_while_machines_are_open(
    registry: RequestRegistry,
) -> None:
    request_id = running(registry, "etcher", "furnace")
    registry.fail(request_id, "the author is gone")

    registry.report_machine("ada", "etcher", None)

    record = registry.get(request_id)
    assert (record.status, record.error) == (RequestStatus.FAILED, "the author is gone")
    assert record.machines == {"etcher": DONE, "furnace": PENDING}
    assert list(registry.pending()) == []


def test_an_outcome_reaches_every_request_that_lists_the_machine(registry: RequestRegistry) -> None:
    one = running(registry, "etcher")
    two = running(registry, "etcher", "furnace", request=asked(number=4))
    other = running(registry, "etcher", request=asked(user_id="bob"))
    waiting = registry.submit(asked("food")).request_id

    registry.report_machine("ada", "etcher", None)

    statuses = [registry.get(i).status for i in (one, two, other, waiting)]
    assert statuses == ["done", "running", "running", "pending"]
    assert registry.get(two).machines["etcher"] == DONE


def test_a_done_request_is_not_touched_by_a_later_failure(registry: RequestRegistry) -> None:
    request_id = running(registry, "etcher")
    registry.report_machine("ada", "etcher", None)

    registry.report_machine("ada", "etcher", "the nightly run failed")

    assert registry.get(request_id).status is RequestStatus.DONE
    assert registry.get(request_id).machines == {"etcher": DONE}


def test_outcomes_reported_at_once_are_all_kept(
    open_registry: Callable[[], RequestRegistry],
) -> None:
    slugs = [f"machine-{number}" for number in range(12)]
    request_id = running(open_registry(), *slugs)

    def report(number: int) -> None:
        failure = "broken" if number == 5 else None
        open_registry().report_machine("ada", slugs[number], failure)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(report, range(12)))

    record = open_registry().get(request_id)
    assert Counter(record.machines.values()) == {DONE: 11, Outcome.failed("broken"): 1}
    assert record.status is RequestStatus.FAILED
    assert record.error == "1 of 12 machines failed: machine-5: broken"


def test_usage_adds_up_even_from_many_threads(open_registry: Callable[[], RequestRegistry]) -> None:
    request_id = open_registry().submit(asked()).request_id

    def add(_: int) -> None:
        open_registry().add_usage(request_id, Usage(1, 100, 10, 0.25))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(8)))

    assert open_registry().get(request_id).usage == Usage(8, 800, 80, 2.0)


def test_a_removed_machine_is_dropped_and_the_request_settles(registry: RequestRegistry) -> None:
    request_id = running(registry, "etcher", "furnace")
    done = running(registry, "etcher", request=asked("food"))
    registry.report_machine("ada", "etcher", None)

    registry.forget_machine("ada", "furnace")
    registry.forget_machine("ada", "etcher")
    registry.forget_machine("bob", "never-there")

    assert registry.get(request_id).machines == {}
    assert registry.get(request_id).status is RequestStatus.DONE
    assert registry.get(done).status is RequestStatus.DONE


def test_a_long_reason_is_cut(registry: RequestRegistry) -> None:
    request_id = running(registry, "etcher")

    registry.report_machine("ada", "etcher", "x" * 5000)

    assert len(registry.get(request_id).machines["etcher"].reason) == 1000
