"""Model calls beside workers: as many as are allowed, and how waiting for a place ends."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from synth_pipeline.authoring.author import Draft
from synth_pipeline.domain.errors import GeneratorError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.stop import never
from synth_pipeline.making.places import AsideSession, Place
from synth_pipeline.making.production import Failed, Order, produce, produce_all
from synth_pipeline.sandbox.runner import Limits, Runner, RunResult
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline_tests.sandbox.test_runners import happens
from synth_pipeline_tests.support.rush import Rush
from synth_pipeline_tests.support.scripted_bedrock import fenced
from synth_pipeline_tests.support.scripted_openai import ScriptedOpenAi, say
from synth_pipeline_tests.support.scripted_server import Reply
from synth_pipeline_tests.support.workshop import GOOD_CODE


def program(first: str) -> Reply:
    """A reply with a program that does something else first."""
    return say(fenced(GOOD_CODE.replace("    year = ", f"{first}\n    year = ", 1)))


FAILURE = program("    import time\n    time.sleep(0.5)\n    raise NameError('no such pump')")
ENDLESS = program("    while True: pass")


class Counted:
    """A runner that knows how many runs were ever under way at a time."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.most = self.total = self._open = 0
        self._lock = threading.Lock()

    def run(self, folder: Path, environment: Mapping[str, str], limits: Limits) -> RunResult:
        with self._lock:
            self.total += 1
            self._open += 1
            self.most = max(self.most, self._open)
        try:
            return self.runner.run(folder, environment, limits)
        finally:
            with self._lock:
                self._open -= 1

    def __getattr__(self, name: str) -> object:
        return getattr(self.runner, name)


class Slots(threading.Semaphore):
    """Places of runs that know how often one was wanted."""

    wanted = 0

    def __enter__(self) -> bool:
        self.wanted += 1
        return self.acquire()


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., tuple[Services, Counted, list[Order]]]:
    def made(
        server: ScriptedOpenAi, machines: int, run_slots: int = 9, **environment: str
    ) -> tuple[Services, Counted, list[Order]]:
        once = {"SYNTH_REPAIR_ATTEMPTS": "0", **server.environment(), **environment}
        settings = Settings.from_env(once, tmp_path)
        runner = Counted(Services(settings).runner)
        services = Services(
            settings,
            runner=runner,  # type: ignore[arg-type]
            run_slots=Slots(run_slots),
        )
        names = [f"Pump {number}" for number in range(machines)]
        rows = [
            Machine("ada", n.lower().replace(" ", "-"), n, "x", "", "", 1, 2023, 7) for n in names
        ]
        return services, runner, [Order(row) for row in rows]

    return made


@pytest.mark.sandbox
def test_with_one_worker_as_many_calls_are_under_way_as_the_settings_allow(build) -> None:
    rush = Rush(4, FAILURE)

    with ScriptedOpenAi(rush) as server, ThreadPoolExecutor(1) as pool:
        settings = {"SYNTH_WORKERS": "1", "SYNTH_MODEL_CALLS": "4"}
        services, runner, orders = build(server, 6, **settings)
        outcomes = pool.submit(lambda: list(produce_all(services, orders)))
        is_full, early_runs = rush.full.wait(30), runner.total
        rush.may_end.set()
        reasons = [one.reason for one in outcomes.result(60) if isinstance(one, Failed)]

    assert (is_full, early_runs) == (True, 0)
    assert (rush.most, rush.total) == (4, 6)
    assert (runner.most, runner.total) == (1, 6)
    assert len(reasons) == 6
    assert all("no such pump" in reason for reason in reasons)


@pytest.mark.sandbox
def test_runs_are_as_many_at_a_time_as_there_are_slots_whatever_the_calls(build) -> None:
    rush = Rush(4, FAILURE)
    rush.may_end.set()

    with ScriptedOpenAi(rush) as server:
        settings = {"SYNTH_WORKERS": "4", "SYNTH_MODEL_CALLS": "8"}
        services, runner, orders = build(server, 4, run_slots=1, **settings)
        outcomes = list(produce_all(services, orders))

    assert (len(outcomes), runner.total, runner.most) == (4, 4, 1)


@pytest.mark.sandbox
def test_a_stop_ends_the_wait_for_a_call(build) -> None:
    rush, stopped = Rush(1, FAILURE), threading.Event()

    with ScriptedOpenAi(rush) as server, ThreadPoolExecutor(2) as pool:
        services, runner, (first, second) = build(server, 2, SYNTH_MODEL_CALLS="1")
        asked = pool.submit(produce, services, first)
        assert rush.full.wait(30)
        waiting = pool.submit(produce, services, second, stopped.is_set)
        stopped.set()
        with pytest.raises(GeneratorError, match="stopped before its code was accepted"):
            waiting.result(30)
        assert not asked.done()  # the call it waited for is still under way
        rush.may_end.set()
        with pytest.raises(GeneratorError, match="no such pump"):
            asked.result(60)

    assert (rush.total, runner.total) == (1, 1)


@pytest.mark.sandbox
def test_a_stop_ends_the_wait_for_a_run(build) -> None:
    stopped, rush = threading.Event(), Rush(2, ENDLESS)
    rush.may_end.set()

    with ScriptedOpenAi(rush) as server, ThreadPoolExecutor(2) as pool:
        services, runner, orders = build(server, 2, run_slots=1)
        ends = [pool.submit(produce, services, order, stopped.is_set) for order in orders]
        assert happens(lambda: runner.total == 1 and services.run_slots.wanted == 2, within_s=60)
        begun = time.monotonic()
        stopped.set()
        for end in ends:
            with pytest.raises(GeneratorError, match="stopped before its code was accepted"):
                end.result(60)

    assert time.monotonic() - begun < 20
    assert runner.most == 1


def test_a_place_that_is_left_is_another_s_meanwhile_and_is_waited_for_again() -> None:
    places = threading.BoundedSemaphore(1)
    place, steps = Place(places, never), []

    def turns() -> Iterator[str]:
        with place.taken():
            yield "worked on"
            with place.left():
                yield "asked"
            yield "worked on again"

    for step in turns():
        is_free = places.acquire(blocking=False)
        steps.append((step, is_free))
        if is_free:
            places.release()

    assert steps == [("worked on", False), ("asked", True), ("worked on again", False)]
    assert places.acquire(blocking=False)


def test_a_place_is_free_again_where_the_work_fails_or_is_stopped() -> None:
    places, stopped = threading.BoundedSemaphore(1), threading.Event()
    place = Place(places, stopped.is_set)

    with pytest.raises(KeyError), place.taken(), place.left():
        raise KeyError
    assert places.acquire(blocking=False)
    places.release()

    with pytest.raises(GeneratorError, match="stopped"), place.taken(), place.left():
        stopped.set()
    assert places.acquire(blocking=False)


class Observing:
    """A session that tells whether the only place is free while it is asked."""

    def __init__(self, places: threading.Semaphore) -> None:
        self.places = places
        self.was_free: list[bool] = []

    def write(self) -> Draft:
        self.was_free.append(self.places.acquire(blocking=False))
        self.places.release()
        return Draft("first")

    def mend(self, findings: object) -> Draft:
        self.write()
        return Draft("second")


def test_every_turn_of_a_session_leaves_the_place() -> None:
    places = threading.BoundedSemaphore(1)
    session, place = Observing(places), Place(places, never)

    with place.taken():
        aside = AsideSession(session, place)
        drafts = [aside.write().code, aside.mend([]).code]

    assert drafts == ["first", "second"]
    assert session.was_free == [True, True]
