"""Calls at a time, and what each took, told as soon as it is over."""

import threading
from collections.abc import Callable, Sequence

import pytest

from synth_pipeline.authoring.meter import Meter
from synth_pipeline.authoring.model.client import Completion, ModelClient, Turn
from synth_pipeline.authoring.model.metered import MeteredClient
from synth_pipeline.domain.errors import AuthorError, UnavailableError
from synth_pipeline.domain.usage import Usage
from synth_pipeline_tests.support.rush import Rush
from synth_pipeline_tests.support.scripted_server import ScriptedServer, breaking, usage_first
from synth_pipeline_tests.support.wires import OPENAI

HELLO = (Turn("user", "hello"),)
Connect = Callable[[ScriptedServer], ModelClient]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    return lambda server: OPENAI.connect(server, monkeypatch)


def tokens(usages: Sequence[Usage]) -> list[tuple[int, int, int]]:
    return [(usage.calls, usage.input_tokens, usage.output_tokens) for usage in usages]


def start(work: Callable[[], object], count: int) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_it_is_the_client_that_it_wraps_but_for_the_limit(connect: Connect) -> None:
    with OPENAI.serve([OPENAI.say("hi")]) as server:
        client = connect(server)
        metered = MeteredClient(client, threading.Semaphore(1))
        metered.check()
        text = metered.complete(HELLO).text

    assert (text, metered.name, metered.options) == ("hi", "openai", client.options)


def test_no_more_calls_are_under_way_than_there_are_places(connect: Connect) -> None:
    rush = Rush(3, OPENAI.say("hi"))
    places = threading.Semaphore(3)

    with OPENAI.serve(rush) as server:
        clients = [MeteredClient(connect(server), places) for _ in range(2)]
        threads = [
            *start(lambda: clients[0].complete(HELLO), 5),
            *start(lambda: clients[1].complete(HELLO), 5),
        ]
        assert rush.full.wait(30)
        rush.may_end.set()
        join(threads)

    assert (rush.most, rush.total) == (3, 10)


def test_each_call_tells_what_it_took_as_soon_as_it_is_over(connect: Connect) -> None:
    spent: list[Usage] = []
    with OPENAI.serve([OPENAI.say(tokens=(1, 2)), OPENAI.say(tokens=(3, 4))]) as server:
        metered = MeteredClient(connect(server), threading.Semaphore(1), Meter(spent.append))
        metered.complete(HELLO)
        assert tokens(spent) == [(1, 1, 2)]
        metered.complete(HELLO)

    assert tokens(spent) == [(1, 1, 2), (1, 3, 4)]


def test_a_failed_call_that_cost_tokens_is_told_too(connect: Connect) -> None:
    spent: list[Usage] = []
    lost = breaking(usage_first(OPENAI.say("lost", tokens=(10, 20))), 3)

    with OPENAI.serve([lost, OPENAI.fail(403)]) as server:
        metered = MeteredClient(connect(server), threading.Semaphore(1), Meter(spent.append))
        with pytest.raises(AuthorError):
            metered.complete(HELLO)
        with pytest.raises(UnavailableError):
            metered.complete(HELLO)

    assert tokens(spent) == [(1, 10, 20)]


@pytest.mark.parametrize("fails", [True, False])
def test_a_place_is_free_again_whatever_became_of_the_call(connect: Connect, fails: bool) -> None:
    def stop(_: Usage) -> None:
        raise KeyboardInterrupt

    reply = OPENAI.fail(403) if fails else OPENAI.say("hi")
    places = threading.BoundedSemaphore(1)
    with OPENAI.serve([reply]) as server:
        metered = MeteredClient(connect(server), places, Meter(stop))
        with pytest.raises((UnavailableError, KeyboardInterrupt)):
            metered.complete(HELLO)

    assert places.acquire(blocking=False)


def test_who_waits_for_a_place_ends_when_the_calls_are_stopped(connect: Connect) -> None:
    rush, stopped = Rush(1, OPENAI.say("hi")), threading.Event()
    ends: list[str] = []

    with OPENAI.serve(rush) as server:
        meter = Meter(is_stopped=stopped.is_set)
        metered = MeteredClient(connect(server), threading.Semaphore(1), meter)

        def work() -> None:
            try:
                ends.append(metered.complete(HELLO).text)
            except AuthorError as error:
                ends.append(str(error))

        threads = start(work, 4)
        assert rush.full.wait(30)
        stopped.set()
        while len(ends) < 3:
            threads[0].join(0.01)
        rush.may_end.set()
        join(threads)

    assert sorted(ends) == ["hi", *["stopped before the model was asked"] * 3]
    assert rush.total == 1


def test_after_a_stop_no_call_is_made(connect: Connect) -> None:
    with OPENAI.serve([]) as server:
        meter = Meter(is_stopped=lambda: True)
        metered = MeteredClient(connect(server), threading.Semaphore(1), meter)
        with pytest.raises(AuthorError, match="stopped before the model was asked"):
            metered.complete(HELLO)

    assert server.requests == []


def test_it_serves_wherever_a_client_does(connect: Connect) -> None:
    with OPENAI.serve([OPENAI.say("hi")]) as server:
        client: ModelClient = MeteredClient(connect(server), threading.Semaphore(1))
        completion: Completion = client.complete(HELLO)

    assert completion.text == "hi"
