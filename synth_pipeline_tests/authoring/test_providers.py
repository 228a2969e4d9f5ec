"""The contract of a model provider, held by each of them on its own wire."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from synth_pipeline.authoring.model.client import Completion, ModelClient, Stop, Turn
from synth_pipeline.authoring.model.conversation import Conversation
from synth_pipeline.authoring.model.partial_reply import MAX_REPLY_CHARACTERS
from synth_pipeline.domain.errors import AuthorError, SynthError, UnavailableError
from synth_pipeline.domain.usage import Usage
from synth_pipeline_tests.support.scripted_server import (
    Reply,
    Request,
    Script,
    ScriptedServer,
    breaking,
    chunked,
    dropped,
    ending,
    failing,
    falling_silent,
    garbage,
    silent,
    slow,
    usage_first,
)
from synth_pipeline_tests.support.wires import WIRES, Wire

HELLO = (Turn("user", "hello"),)
TEXT = "Grüße — 流れ — 🙂🙂🙂\n\u2028\x85 \t```python\nprint('ü')\n```\n"

Connect = Callable[..., ModelClient]


@pytest.fixture(params=WIRES, ids=str)
def wire(request: pytest.FixtureRequest) -> Wire:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def connect(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Make a client that talks to a server."""

    def make(server: ScriptedServer, **options: object) -> ModelClient:
        return wire.connect(server, monkeypatch, **options)

    return make


def ask(wire: Wire, connect: Connect, script: Script, **options: object) -> Completion:
    with wire.serve(script) as server:
        return connect(server, **options).complete(HELLO)


def error_of(
    wire: Wire, connect: Connect, replies: Sequence[Reply], **options: object
) -> SynthError:
    """What one call raises: one line, without the secret."""
    with wire.serve(replies) as server:
        client = connect(server, **options)
        with pytest.raises(SynthError) as caught:
            client.complete(HELLO)
    message = str(caught.value)
    assert "\n" not in message
    assert wire.secret not in message
    assert repr(client.options.model_id) in message
    return caught.value


# --- answers -----------------------------------------------------------------------------------


def test_a_conversation_is_sent_in_order_and_answered(wire: Wire, connect: Connect) -> None:
    turns = [Turn("user", "one"), Turn("assistant", "two"), Turn("user", "three")]

    with wire.serve([wire.say("four")]) as server:
        completion = connect(server, model_id="some.model:7").complete(turns)

    (request,) = server.requests
    assert request.model_id == "some.model:7"
    assert request.texts == [("user", "one"), ("assistant", "two"), ("user", "three")]
    assert request.is_streamed
    assert (completion.text, completion.stop) == ("four", Stop.FINISHED)


@pytest.mark.parametrize("stop", [Stop.CUT_OFF, Stop.FILTERED])
def test_why_a_reply_ended_is_told(wire: Wire, connect: Connect, stop: Stop) -> None:
    completion = ask(wire, connect, [wire.say("half", stop=stop)])

    assert (completion.text, completion.stop) == ("half", stop)


def test_a_reply_that_was_cut_off_is_continued(wire: Wire, connect: Connect) -> None:
    with wire.serve([wire.say("one, ", stop=Stop.CUT_OFF), wire.say("two")]) as server:
        answer = Conversation(connect(server)).ask("count")

    assert (answer.text, answer.problem) == ("one, two", None)
    assert (answer.usage.calls, answer.usage.output_tokens) == (2, 400)
    assert [role for role, _ in server.requests[1].texts] == ["user", "assistant", "user"]


def test_tokens_are_counted_and_those_of_the_cache_apart(wire: Wire, connect: Connect) -> None:
    usage = ask(wire, connect, [wire.say("hi", tokens=(1000, 20), cached=900)]).usage

    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (1, 100, 20)
    assert (usage.cache_read_tokens, usage.cache_write_tokens) == (900, 0)


@pytest.mark.parametrize("chunk_bytes", [None, 1, 7])
def test_any_text_comes_as_it_was_written(
    wire: Wire, connect: Connect, chunk_bytes: int | None
) -> None:
    reply = wire.say(TEXT)
    reply = reply if chunk_bytes is None else chunked(reply, chunk_bytes)

    assert ask(wire, connect, [reply]).text == TEXT


def test_a_lone_surrogate_in_a_reply_is_made_storable(wire: Wire, connect: Connect) -> None:
    assert ask(wire, connect, [wire.say("a\ud800b")]).text == "a?b"


def test_the_halves_of_a_character_that_were_sent_apart_are_joined(
    wire: Wire, connect: Connect
) -> None:
    assert ask(wire, connect, [wire.say("\ud83d\ude42")]).text == "🙂"


def test_a_lone_surrogate_in_a_question_is_sent_as_a_question_mark(
    wire: Wire, connect: Connect
) -> None:
    with wire.serve([wire.say("hi")]) as server:
        connect(server).complete([Turn("user", "a\ud800b")])

    assert server.requests[0].last_text == "a?b"


def test_an_empty_reply_is_an_empty_text(wire: Wire, connect: Connect) -> None:
    completion = ask(wire, connect, [wire.say("")])

    assert (completion.text, completion.stop, completion.usage.calls) == ("", Stop.FINISHED, 1)


def test_a_reply_of_a_megabyte_is_read(wire: Wire, connect: Connect) -> None:
    text = "x = 1  # 42\n" * 100_000

    assert ask(wire, connect, [wire.say(text)]).text == text


@pytest.mark.parametrize("attempts", [3])
def test_a_reply_beyond_all_measure_is_refused_once(
    wire: Wire, connect: Connect, attempts: int
) -> None:
    reply = wire.say("x" * (MAX_REPLY_CHARACTERS + 1))

    error = error_of(wire, connect, [reply], attempts=attempts)

    assert type(error) is AuthorError
    assert "longer than 4,000,000 characters" in str(error)
    assert wire.settings["max_tokens"] in str(error)


def test_several_threads_share_one_client(wire: Wire, connect: Connect) -> None:
    at_once = threading.Barrier(8, timeout=30)

    def echo(request: Request) -> Reply:
        at_once.wait()  # passes only when eight requests are open at the same time
        return wire.say(request.last_text)

    texts: dict[int, str] = {}
    with wire.serve(echo) as server:
        client = connect(server, read_timeout_s=60)

        def work(number: int) -> None:
            texts[number] = client.complete([Turn("user", f"thread {number}")]).text

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert texts == {number: f"thread {number}" for number in range(8)}


# --- faults that may pass ----------------------------------------------------------------------


def passing(wire: Wire) -> dict[str, Reply]:
    reply = wire.say("this never comes as a whole")
    return {
        "throttled": wire.throttled(),
        "server error": wire.fail(500),
        "unavailable": wire.fail(503),
        "model timeout": wire.fail(408),
        "model error": wire.fail(424),
        "hung up": dropped(),
        "silence": silent(),
        "silence amid the reply": falling_silent(reply, 3),
        "reset amid an event": breaking(reply, 3),
        "ended amid the reply": ending(reply, 3),
        "error amid the reply": failing(reply, 3, wire.fail(500)),
        "throttled amid the reply": failing(reply, 3, wire.throttled()),
        "a proxy's page": garbage(),
        "nothing": garbage(b""),
        "no JSON": garbage(b"\xff\xfe\x00\x01" * 20, "application/json"),
        "another JSON": garbage(b"[]", "application/json"),
    }


FAULTS = sorted(passing(WIRES[0]))
SILENCE_S = 1.0


def limit_for(fault: str) -> float:
    """How long silence may be: short only where it is waited for."""
    return SILENCE_S if "silence" in fault else 60.0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_may_pass_is_tried_again(wire: Wire, connect: Connect, fault: str) -> None:
    with wire.serve([passing(wire)[fault], wire.say("hi")]) as server:
        completion = connect(server, attempts=2, silence_s=limit_for(fault)).complete(HELLO)

    assert completion.text == "hi"
    assert len(server.requests) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_told_at_the_stated_limit(
    wire: Wire, connect: Connect, fault: str
) -> None:
    reply = passing(wire)[fault]

    with wire.serve(lambda _: reply) as server:
        client = connect(server, attempts=2, silence_s=limit_for(fault))
        with pytest.raises(SynthError) as caught:
            client.complete(HELLO)

    assert len(server.requests) == 2
    assert type(caught.value) is AuthorError
    assert "\n" not in str(caught.value)


def test_one_budget_counts_faults_of_every_kind(wire: Wire, connect: Connect) -> None:
    reply = wire.say("never")
    faults = [wire.throttled(), breaking(reply, 2), silent(), garbage(), wire.fail(503)]

    error = error_of(wire, connect, [*faults, wire.say("hi")], attempts=5, silence_s=SILENCE_S)

    assert "server error" in str(error)
    assert "in all 5 attempts" in str(error)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("throttled", "throttled in 1 attempt"),
        ("server error", "server error"),
        ("model timeout", "the model failed in 1 attempt"),
        ("model error", "the model failed in 1 attempt"),
        ("hung up", "the connection broke in 1 attempt"),
        ("reset amid an event", "the connection broke in 1 attempt"),
        ("ended amid the reply", "the stream ended before the reply did"),
        ("silence", "no reply within 1 s in 1 attempt"),
        ("silence amid the reply", "no more of the reply came within 1 s"),
        ("throttled amid the reply", "throttled in 1 attempt"),
        ("a proxy's page", "check"),
    ],
)
def test_each_fault_has_its_words(wire: Wire, connect: Connect, fault: str, words: str) -> None:
    error = error_of(wire, connect, [passing(wire)[fault]], silence_s=limit_for(fault))

    assert words.lower() in str(error).lower()


def test_throttling_says_which_setting_lessens_it(wire: Wire, connect: Connect) -> None:
    assert "SYNTH_MODEL_CALLS" in str(error_of(wire, connect, [wire.throttled()]))


def test_a_page_of_a_proxy_leads_to_the_setting_of_the_address(
    wire: Wire, connect: Connect
) -> None:
    assert wire.settings["url"] in str(error_of(wire, connect, [garbage()]))


# --- faults that stay --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"), [(400, AuthorError), (401, UnavailableError), (403, UnavailableError)]
)
def test_what_will_not_pass_is_not_tried_again(
    wire: Wire, connect: Connect, status: int, kind: type[SynthError]
) -> None:
    with wire.serve(lambda _: wire.fail(status)) as server:
        client = connect(server, attempts=5)
        with pytest.raises(SynthError) as caught:
            client.complete(HELLO)

    assert type(caught.value) is kind
    assert len(server.requests) == 1


def test_a_refused_key_names_the_variable_and_shows_no_key(wire: Wire, connect: Connect) -> None:
    assert wire.settings["key"] in str(error_of(wire, connect, [wire.fail(401)]))


def test_an_unknown_model_names_the_setting(wire: Wire, connect: Connect) -> None:
    error = error_of(wire, connect, [wire.unknown_model], attempts=5)

    assert type(error) is UnavailableError
    assert wire.settings["model"] in str(error)


def test_an_address_where_nobody_listens_is_named(wire: Wire, connect: Connect) -> None:
    with wire.serve([]) as server:
        client = connect(server)

    with pytest.raises(UnavailableError, match="cannot be reached") as caught:
        client.complete(HELLO)
    assert server.url in str(caught.value)
    assert wire.settings["url"] in str(caught.value)


def test_a_check_needs_no_network(wire: Wire, connect: Connect) -> None:
    with wire.serve([]) as server:
        connect(server).check()

    assert server.requests == []


# --- limits of time ----------------------------------------------------------------------------


def test_silence_is_noticed_at_its_own_limit(wire: Wire, connect: Connect) -> None:
    started = time.monotonic()

    error = error_of(wire, connect, [silent()], silence_s=0.3, read_timeout_s=60)

    assert time.monotonic() - started < 30
    assert "no reply within 0.3 s" in str(error)
    assert "SYNTH_MODEL_SILENCE_S" in str(error)


def test_silence_is_never_longer_than_the_whole_call(wire: Wire, connect: Connect) -> None:
    error = error_of(wire, connect, [silent()], silence_s=60, read_timeout_s=0.3)

    assert "no reply within 0.3 s" in str(error)
    assert wire.settings["timeout"] in str(error)


def test_a_slow_reply_without_silence_comes_through(wire: Wire, connect: Connect) -> None:
    reply = slow(wire.say("slow and steady"), 0.4)  # of eight events and more

    assert ask(wire, connect, [reply], silence_s=2.0).text == "slow and steady"


def test_a_reply_that_takes_longer_than_a_call_may_is_ended_and_not_asked_for_again(
    wire: Wire, connect: Connect
) -> None:
    reply = slow(wire.say("never quite"), 0.4)

    with wire.serve(lambda _: reply) as server:
        client = connect(server, attempts=5, silence_s=60, read_timeout_s=2.0)
        with pytest.raises(AuthorError, match="not complete within 2 s") as caught:
            client.complete(HELLO)

    assert len(server.requests) == 1
    assert wire.settings["timeout"] in str(caught.value)


def test_bytes_that_trickle_amid_one_event_do_not_put_off_the_limit(
    wire: Wire, connect: Connect
) -> None:
    started = time.monotonic()

    drip = slow(chunked(wire.say("drop by drop"), 1), 0.05)
    error = error_of(wire, connect, [drip], read_timeout_s=0.5)

    assert "within 0.5 s" in str(error)
    assert time.monotonic() - started < 30


# --- what failed calls cost --------------------------------------------------------------------


def test_attempts_that_broke_after_their_usage_was_known_are_counted(
    wire: Wire, connect: Connect
) -> None:
    broken = breaking(usage_first(wire.say("lost", tokens=(10, 20))), 4)

    usage = ask(wire, connect, [broken, wire.say("hi", tokens=(1, 2))], attempts=2).usage

    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (2, 11, 22)


def test_the_error_of_a_call_carries_what_its_attempts_cost(wire: Wire, connect: Connect) -> None:
    broken = breaking(usage_first(wire.say("lost", tokens=(10, 20))), 4)

    error = error_of(wire, connect, [broken, broken], attempts=2)

    assert (error.usage.calls, error.usage.input_tokens, error.usage.output_tokens) == (2, 20, 40)


def test_attempts_whose_usage_is_not_known_count_as_nothing(wire: Wire, connect: Connect) -> None:
    error = error_of(wire, connect, [breaking(wire.say("lost"), 2)])

    assert error.usage == Usage()


def test_a_reply_that_is_complete_counts_even_when_the_line_breaks_after_it(
    wire: Wire, connect: Connect
) -> None:
    for course in (breaking, falling_silent, ending):
        reply = course(wire.say("all of it"), -wire.last_events)
        completion = ask(wire, connect, [reply], silence_s=SILENCE_S)
        assert (completion.text, completion.usage.output_tokens) == ("all of it", 0)
