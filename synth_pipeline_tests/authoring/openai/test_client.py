"""Chat completions on the wire: what is sent, what is read, what a server may refuse and do."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from synth_pipeline.authoring.model.client import Stop, Turn
from synth_pipeline.authoring.openai.client import OpenAiClient
from synth_pipeline.domain.errors import AuthorError, SynthError, UnavailableError
from synth_pipeline.domain.usage import Usage
from synth_pipeline_tests.support.models import model_options
from synth_pipeline_tests.support.raw_server import RawServer, Send
from synth_pipeline_tests.support.scripted_openai import (
    KEY,
    ScriptedOpenAi,
    fail,
    say,
    throttled,
)
from synth_pipeline_tests.support.scripted_server import (
    Reply,
    Request,
    Script,
    answer,
    failing,
    garbage,
)

HELLO = (Turn("user", "hello"),)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine takes part."""
    for name in (*PROXIES, *(proxy.lower() for proxy in PROXIES), "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def connect(base_url: str, key: str = KEY, **options: Any) -> OpenAiClient:
    return OpenAiClient(model_options(**options), base_url, lambda: key)


def asked(script: Script, calls: int = 1, **options: Any) -> list[Request]:
    """The requests that so many calls send."""
    with ScriptedOpenAi(script) as server:
        client = connect(server.base_url, **options)
        for _ in range(calls):
            assert client.complete(HELLO).text == "hi"
    return server.requests


def completion_of(reply: Reply) -> tuple[str, Stop]:
    with ScriptedOpenAi([reply]) as server:
        completion = connect(server.base_url).complete(HELLO)
    return completion.text, completion.stop


def error_of(reply: Reply, **options: Any) -> SynthError:
    with ScriptedOpenAi([reply]) as server, pytest.raises(SynthError) as caught:
        connect(server.base_url, **options).complete(HELLO)
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)
    return caught.value


# --- what is sent ------------------------------------------------------------------------------


def test_a_request_is_what_every_server_knows() -> None:
    (request,) = asked([say("hi")], model_id="m-1", temperature=0.2, max_tokens=999)

    assert request.payload == {
        "model": "m-1",
        "messages": [{"role": "user", "content": "hello"}],
        "max_tokens": 999,
        "temperature": 0.2,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert request.headers["Authorization"] == f"Bearer {KEY}"


def test_without_a_key_none_is_sent() -> None:
    (request,) = asked([say("hi")], key="")

    assert "Authorization" not in request.headers


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")

    with ScriptedOpenAi([say("hi")]) as server:
        OpenAiClient(model_options(), server.base_url).complete(HELLO)

    assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "tab\tbed"])
def test_a_key_that_no_header_can_carry_is_told_without_it(key: str) -> None:
    with pytest.raises(UnavailableError, match="OPENAI_API_KEY holds characters") as caught:
        connect("http://127.0.0.1:1/v1", key).check()

    assert key not in str(caught.value)


# --- what a server refuses ---------------------------------------------------------------------


def refuses(name: str, reply: Reply) -> Callable[[Request], Reply]:
    """A server that refuses requests that hold the field, and answers others."""
    return lambda request: reply if name in request.payload else say("hi")


PYDANTIC = json.dumps(
    {"detail": [{"loc": ["body", "stream_options"], "msg": "extra fields not permitted"}]}
).encode()
REFUSALS: dict[str, tuple[str, Reply]] = {
    "temperature": (
        "temperature",
        fail(400, "Unsupported value: 'temperature' does not support 0.2 with this model."),
    ),
    "max_tokens": (
        "max_tokens",
        fail(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            code="unsupported_parameter",
            param="max_tokens",
        ),
    ),
    "max_tokens, in few words": (
        "max_tokens",
        fail(400, "Unrecognized request argument supplied: max_tokens"),
    ),
    "stream_options": (
        "stream_options",
        fail(400, "Unrecognized request argument supplied: stream_options"),
    ),
    "stream_options, by pydantic": ("stream_options", Reply(PYDANTIC, 422)),
    "stream": (
        "stream",
        fail(
            400,
            "Unsupported value: 'stream' does not support true with this model.",
            code="unsupported_value",
            param="stream",
        ),
    ),
    "stream, by param alone": ("stream", fail(400, "unsupported", param="stream")),
    "streaming, not implemented": ("stream", fail(501, "streaming is not implemented")),
}


@pytest.mark.parametrize(("name", "reply"), REFUSALS.values(), ids=REFUSALS)
def test_what_a_server_refuses_is_left_out_for_good(name: str, reply: Reply) -> None:
    requests = asked(refuses(name, reply), calls=2, temperature=0.2)

    assert [name in request.payload for request in requests] == [True, False, False]


def test_the_limit_of_tokens_is_sent_by_its_other_name() -> None:
    requests = asked(refuses(*REFUSALS["max_tokens"]), max_tokens=777)

    assert requests[-1].payload["max_completion_tokens"] == 777


def test_a_server_that_refuses_everything_is_asked_in_its_way() -> None:
    def picky(request: Request) -> Reply:
        for name, reply in REFUSALS.values():
            if name in request.payload:
                return reply
        return say("hi")

    requests = asked(picky, temperature=0.2)

    assert set(requests[-1].payload) == {"model", "messages", "max_completion_tokens"}
    assert len(requests) == 5


def test_learning_takes_no_attempt() -> None:
    asked(refuses(*REFUSALS["stream"]), attempts=1)


def test_a_limit_of_tokens_that_is_too_high_names_its_setting() -> None:
    error = error_of(fail(400, "max_tokens is too large: 32000. This model supports at most 16384"))

    assert type(error) is UnavailableError
    assert "refuses max_tokens=32000" in str(error)
    assert "SYNTH_OPENAI_MAX_TOKENS" in str(error)


# --- what is read ------------------------------------------------------------------------------


def test_a_server_that_streams_nothing_is_read() -> None:
    with ScriptedOpenAi([say("whole", cached=30)], streams=False) as server:
        completion = connect(server.base_url).complete(HELLO)

    assert (completion.text, completion.stop) == ("whole", Stop.FINISHED)
    assert (completion.usage.input_tokens, completion.usage.cache_read_tokens) == (70, 30)
    assert completion.usage.latency_s > 0


STREAM = (
    b': ping\r\n\r\ndata: {"choices":[{"delta":{"content":"o"},"finish_reason":""}]}\r\n\r\n'
    b'event: x\r\ndata: {"choices":[{"delta":{"content":"ne"},"finish_reason":"length"}]}\r\n\r\n'
    b"data: [DONE]"
)


@pytest.mark.parametrize("kind", ["text/event-stream; charset=utf-8", "text/plain", ""])
def test_a_stream_is_read_whatever_its_type_is_called(kind: str) -> None:
    assert completion_of(garbage(STREAM, kind)) == ("one", Stop.CUT_OFF)


@pytest.mark.parametrize(
    "chunks",
    [
        [{"choices": []}, {"choices": [{"delta": {"content": "hi"}}]}],
        [{"choices": [{"delta": {"content": None}}]}, {"choices": [{"delta": {"content": "hi"}}]}],
        [{"id": "x"}, {"choices": [{"index": 0, "delta": {"content": "hi", "role": "x"}}]}],
        [{"choices": [{"delta": {"content": [{"type": "text", "text": "hi"}]}}]}],
        [{"choices": [{"delta": {"content": [{"type": "thinking", "thinking": ["a"]}]}}]},
         {"choices": [{"delta": {"content": "hi"}, "finish_reason": "stop"}]}],
        [{"choices": [{"delta": {"reasoning_content": "I think"}}]},
         {"choices": [{"delta": {"reasoning": "I think"}}]},
         {"choices": [{"delta": {"content": "hi"}}], "usage": {"prompt_tokens": None}}],
    ],
)  # fmt: skip
def test_chunks_may_hold_much_that_is_no_text(chunks: list[object]) -> None:
    events = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    stream = f"{events}data: [DONE]\n\n".encode()

    assert completion_of(garbage(stream, "text/event-stream")) == ("hi", Stop.FINISHED)


@pytest.mark.parametrize("streams", [True, False])
def test_a_refusal_is_told_with_its_words(streams: bool) -> None:
    with ScriptedOpenAi([say(None, refusal="I cannot help.")], streams=streams) as server:
        completion = connect(server.base_url).complete(HELLO)

    assert (completion.text, completion.stop) == ("I cannot help.", Stop.REFUSED)


@pytest.mark.parametrize("streams", [True, False])
def test_thoughts_are_left_out(streams: bool) -> None:
    with ScriptedOpenAi([say("hi", reasoning="I think")], streams=streams) as server:
        assert connect(server.base_url).complete(HELLO).text == "hi"


def test_a_server_that_tells_no_usage_counts_as_one_call() -> None:
    with ScriptedOpenAi([say("hi", tokens=None)]) as server:
        usage = connect(server.base_url).complete(HELLO).usage

    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (1, 0, 0)
    assert usage.latency_s > 0


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -5, "completion_tokens": "many"},
        {"prompt_tokens": True, "completion_tokens": 1.5},
        {"prompt_tokens": 0, "prompt_tokens_details": {"cached_tokens": 7}},
        {"prompt_tokens_details": []},
    ],
)
def test_counts_that_are_none_count_as_nothing(usage: object) -> None:
    body = {"choices": [{"message": {"content": "hi"}}], "usage": usage}

    with ScriptedOpenAi([answer(body)]) as server:
        found = connect(server.base_url).complete(HELLO).usage

    assert found == Usage(calls=1, latency_s=found.latency_s)


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"choices": []}', b'{"choices": [{}]}', b'{"choices": "x"}', b"null", b'"x"', b"7",
     b"[" * 100_000, b"data: {\n\n", b"data: x\n\n", b"data: []\n\n", b": only a ping\n\n", b"\0"],
)  # fmt: skip
def test_what_is_no_completion_is_told(body: bytes) -> None:
    error = error_of(garbage(body))

    assert type(error) is AuthorError
    assert "no chat completion in 1 attempt; check SYNTH_OPENAI_BASE_URL" in str(error)


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (fail(401, f"Incorrect API key provided: {KEY}"), UnavailableError, "refuses the key"),
        (fail(403, f"{KEY} may not"), UnavailableError, "access denied: *** may not"),
        (fail(402, "Insufficient credits"), UnavailableError, "no credit: Insufficient credits"),
        (
            fail(429, "You exceeded your current quota", code="insufficient_quota"),
            UnavailableError,
            "no credit: You exceeded your current quota (insufficient_quota",
        ),
        (fail(404, "404 page not found"), UnavailableError, "set SYNTH_OPENAI_BASE_URL"),
        (Reply(b"<html>", 404), UnavailableError, "no chat completions there: no details given"),
        (Reply(b"", 405), UnavailableError, "which mostly ends in /v1"),
        (Reply(b'{"error": "model \'x\' not found"}', 404), UnavailableError, "`ollama pull`"),
        (fail(400, "The model `x` does not exist"), UnavailableError, "SYNTH_OPENAI_MODEL"),
        (fail(413, "too large"), AuthorError, "request refused (status 413): too large"),
        (fail(418, "short\nand \x1b[2Jstout"), AuthorError, "(status 418): short and [2Jstout"),
        (Reply(b'{"object": "error", "message": "no"}', 400), AuthorError, "(status 400): no"),
        (Reply(b'{"detail": [{"msg": "no"}]}', 422), AuthorError, "no"),
        (Reply(b"\xff\xfe", 400), AuthorError, "(status 400)"),
        (fail(400, "x" * 9000), AuthorError, "x…"),
        (fail(503, "Loading model"), AuthorError, "server error 503 in 1 attempt: Loading model"),
        (Reply(b"<html>", 524), AuthorError, "server error 524 in 1 attempt"),
        (failing(say("x"), 2, fail(0, "gone", code="invalid_request")), AuthorError, "refused"),
        (failing(say("x"), 2, fail(0, "slow", code="rate_limit")), AuthorError, "throttled"),
        (failing(say("x"), 2, answer({"error": "gone"})), AuthorError, "server error 500"),
        (answer({"error": {"message": "no GPU", "code": 503}}), AuthorError, "503 in 1 attempt"),
        (
            Reply(b"", 307, headers={"Location": "http://127.0.0.1:1/v1"}),
            UnavailableError,
            "sends elsewhere (status 307)",
        ),
    ],
)
def test_every_failure_of_a_server_is_told_in_one_line(
    reply: Reply, kind: type[SynthError], words: str
) -> None:
    error = error_of(reply)

    assert type(error) is kind
    assert words in str(error)


def test_without_a_key_a_refusal_asks_for_one() -> None:
    assert "asks for a key; set OPENAI_API_KEY" in str(error_of(fail(401), key=""))


def test_the_key_does_not_follow_a_redirect() -> None:
    with ScriptedOpenAi([say("never")]) as elsewhere:
        error_of(Reply(b"", 308, headers={"Location": f"{elsewhere.base_url}/chat/completions"}))

    assert elsewhere.requests == []


def test_a_server_is_left_alone_as_long_as_it_wishes() -> None:
    started = time.monotonic()

    asked([throttled(retry_after="0.4"), say("hi")], attempts=2)

    assert time.monotonic() - started > 0.4


def test_a_name_that_nobody_has_cannot_be_reached() -> None:
    with pytest.raises(UnavailableError, match="cannot be reached"):
        connect("http://nobody.invalid/v1").complete(HELLO)


def test_a_plain_server_at_a_secure_address_cannot_be_reached() -> None:
    with ScriptedOpenAi([]) as server, pytest.raises(UnavailableError, match="cannot be reached"):
        connect(server.base_url.replace("http:", "https:"), attempts=3).complete(HELLO)


# --- proxies -----------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(lambda send: send(b"HTTP/1.1 407 Proxy\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "http://ann:pass-word@"))
        with pytest.raises(UnavailableError, match="the proxy denies access") as caught:
            connect("http://models.invalid/v1").complete(HELLO)

    assert proxy.connections == 1
    assert "pass-word" not in str(caught.value)


def test_an_address_without_proxy_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    asked([say("hi")])


def test_a_proxy_that_is_not_there_is_no_secret_and_its_password_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:pass-word@127.0.0.1:1")

    with pytest.raises(UnavailableError, match="proxy") as caught:
        connect("https://models.invalid/v1").complete(HELLO)

    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["socks5://ann:pass-word@127.0.0.1:1", "http://[::1:pass-word@"])
def test_a_proxy_of_another_kind_is_told_by_a_check(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)

    with pytest.raises(UnavailableError, match="ALL_PROXY") as caught:
        connect("http://models.invalid/v1").check()

    assert "pass-word" not in str(caught.value)


# --- servers that attack -----------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
CHUNK = b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n'


def for_ever(head: bytes, piece: bytes, server_waits_s: float = 0.0) -> Callable[[Send], None]:
    def talk(send: Send) -> None:
        send(head)
        while True:
            send(piece)
            time.sleep(server_waits_s)

    return talk


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (for_ever(HEAD, b": ping\n\n", 0.01), "not complete within 1 s"),
        (for_ever(HEAD, CHUNK % b"x", 0.01), "not complete within 1 s"),
        (for_ever(HEAD, CHUNK % b"", 0.0), "not complete within 1 s"),
        (for_ever(b"", b"H", 0.05), "no reply within 1 s"),
        (for_ever(b"HTTP/1.1 200 OK\r\nX-Header: ", b"x", 0.05), "no reply within 1 s"),
        (for_ever(b"HTTP/1.1 500 No\r\n\r\n", b"x", 0.05), "no reply within 1 s"),
    ],
    ids=["pings", "words", "nothings at full speed", "no status", "a header", "an error"],
)
def test_a_server_that_never_ends_is_left_at_the_limit(
    talk: Callable[[Send], None], words: str
) -> None:
    started = time.monotonic()

    with RawServer(talk) as server, pytest.raises(AuthorError) as caught:
        connect(server.url, read_timeout_s=1.0).complete(HELLO)

    assert words in str(caught.value)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    "talk",
    [
        for_ever(HEAD, CHUNK % (b"x" * 10_000)),
        for_ever(HEAD, b"data: " + b"x" * 60_000),
        for_ever(HEAD, b"data: x\n"),
        for_ever(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" " * 60_000),
    ],
    ids=["words", "one line", "one event", "a body"],
)
def test_a_reply_without_end_is_refused_at_its_bound(talk: Callable[[Send], None]) -> None:
    with RawServer(talk) as server, pytest.raises(AuthorError, match="longer than 4,000,000"):
        connect(server.url, read_timeout_s=60).complete(HELLO)

    assert server.connections == 1


def test_an_error_without_end_is_read_to_its_bound() -> None:
    talk = for_ever(b"HTTP/1.1 400 No\r\n\r\n", b"no " * 10_000)

    with RawServer(talk) as server, pytest.raises(AuthorError, match=r"refused .*: no no no"):
        connect(server.url, read_timeout_s=60).complete(HELLO)


def test_a_reply_may_be_cut_amid_a_chunk() -> None:
    def talk(send: Send) -> None:
        send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked")
        send(b"\r\n\r\nffff\r\n" + CHUNK % b"half")

    with RawServer(talk) as server, pytest.raises(AuthorError, match="the connection broke"):
        connect(server.url).complete(HELLO)


def test_what_is_no_http_is_a_broken_connection() -> None:
    def talk(send: Send) -> None:
        with suppress(OSError):
            send(b"SSH-2.0-OpenSSH_9.6\r\n")

    with RawServer(talk) as server, pytest.raises(AuthorError, match="the connection broke"):
        connect(server.url).complete(HELLO)
