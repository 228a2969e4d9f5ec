"""Converse calls on the wire: what is sent, what is read, and every error in clear words."""

import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from synth_pipeline.authoring.bedrock.client import BedrockClient
from synth_pipeline.authoring.model.client import Completion, Stop, Turn
from synth_pipeline.domain.errors import AuthorError, SynthError, UnavailableError
from synth_pipeline.domain.usage import Usage
from synth_pipeline_tests.support.event_stream import event
from synth_pipeline_tests.support.models import model_options
from synth_pipeline_tests.support.scripted_bedrock import (
    Reply,
    Request,
    ScriptedBedrock,
    answer,
    dropped,
    fail,
    garbage,
    say,
    silent,
    throttled,
)
from synth_pipeline_tests.support.scripted_server import failing

HELLO = (Turn("user", "hello"),)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No AWS setting of this machine takes part."""
    for name in (
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return


def connect(
    server: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch, **options: object
) -> BedrockClient:
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return BedrockClient(model_options(**options))


def error_of(
    replies: Sequence[Reply], monkeypatch: pytest.MonkeyPatch, **options: object
) -> SynthError:
    """Return what one call raises; every message is one line and free of secrets."""
    with ScriptedBedrock(replies) as server:
        client = connect(server, monkeypatch, **options)
        with pytest.raises(SynthError) as caught:
            client.complete(HELLO)
    message = str(caught.value)
    assert "\n" not in message
    assert "scripted-secret-key" not in message
    return caught.value


# --- what is sent and read ---------------------------------------------------------------------


def test_a_conversation_is_sent_as_the_converse_api_wants_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = [Turn("user", "one"), Turn("assistant", "two"), Turn("user", "three")]

    with ScriptedBedrock([say("four")]) as server:
        completion = connect(server, monkeypatch, model_id="eu.some.model-v1:0").complete(turns)

    (request,) = server.requests
    assert request.model_id == "eu.some.model-v1:0"
    assert request.payload == {
        "messages": [
            {"role": "user", "content": [{"text": "one"}]},
            {"role": "assistant", "content": [{"text": "two"}]},
            {"role": "user", "content": [{"text": "three"}]},
        ],
        "inferenceConfig": {"maxTokens": 32_000},
    }
    assert completion.text == "four"
    assert completion.usage == Usage(1, 100, 200, 1.5)


def test_a_model_given_as_arn_reaches_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"

    with ScriptedBedrock([say("hi")]) as server:
        connect(server, monkeypatch, model_id=arn).complete(HELLO)

    assert server.requests[0].model_id == arn


def test_temperature_and_token_limit_are_sent_and_top_p_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedBedrock([say("hi")]) as server:
        connect(server, monkeypatch, temperature=0.2, max_tokens=999).complete(HELLO)

    assert server.requests[0].payload["inferenceConfig"] == {"maxTokens": 999, "temperature": 0.2}


def test_a_model_that_takes_no_temperature_is_asked_again_without_and_from_then_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = fail(400, "ValidationException", "`temperature` is deprecated for this model.")

    with ScriptedBedrock([refusal, say("one"), say("two")]) as server:
        client = connect(server, monkeypatch, temperature=0.2)
        texts = [client.complete(HELLO).text, client.complete(HELLO).text]

    assert texts == ["one", "two"]
    sent = ["temperature" in request.payload["inferenceConfig"] for request in server.requests]
    assert sent == [True, False, False]


def test_blocks_that_are_no_text_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    content = [
        {"reasoningContent": {"reasoningText": {"text": "I think", "signature": "x"}}},
        {"text": "first"},
        {"toolUse": {"toolUseId": "1", "name": "x", "input": {}}},
        {"text": "second"},
    ]

    with ScriptedBedrock([say(content=content)]) as server:
        completion = connect(server, monkeypatch).complete(HELLO)

    assert completion.text == "firstsecond"


def test_a_reply_of_thoughts_alone_is_an_empty_text(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedBedrock([say(content=[], stop_reason="max_tokens")]) as server:
        completion = connect(server, monkeypatch).complete(HELLO)

    assert (completion.text, completion.stop) == ("", Stop.CUT_OFF)


def test_a_text_that_utf8_cannot_hold_is_made_storable(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedBedrock([say("a\ud800b")]) as server:
        completion = connect(server, monkeypatch).complete(HELLO)

    assert completion.text == "a?b"


def test_several_threads_share_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = threading.Barrier(6, timeout=30)

    def echo(request: Request) -> Reply:
        at_once.wait()  # passes only when six requests are open at the same time
        return say(request.last_text)

    texts: dict[int, str] = {}
    with ScriptedBedrock(echo) as server:
        client = connect(server, monkeypatch, read_timeout_s=60)

        def ask(number: int) -> None:
            texts[number] = client.complete([Turn("user", f"thread {number}")]).text

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert texts == {number: f"thread {number}" for number in range(6)}


# --- what begins other conversations too -------------------------------------------------------

POINT = {"cachePoint": {"type": "default"}}
CLAUDE = "eu.anthropic.claude-sonnet-4-6"
CACHING = [
    CLAUDE,
    "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "us.amazon.nova-pro-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-7",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
]
QUESTION = Turn("user", "The contract. Machine: etcher", shared=13)


def contents(request: Request) -> list[list[object]]:
    return [message["content"] for message in request.payload["messages"]]


@pytest.mark.parametrize("model_id", CACHING)
def test_what_is_shared_ends_with_a_cache_point(
    model_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedBedrock([say("hi")]) as server:
        connect(server, monkeypatch, model_id=model_id).complete([QUESTION])

    assert contents(server.requests[0]) == [
        [{"text": "The contract."}, POINT, {"text": " Machine: etcher"}]
    ]


@pytest.mark.parametrize(
    "model_id", ["meta.llama4-scout-17b-instruct-v1:0", "us.deepseek.r1-v1:0", "openai.gpt-oss-20b"]
)
def test_other_models_get_no_cache_point(model_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [QUESTION, Turn("assistant", "code"), Turn("user", "mend it")]

    with ScriptedBedrock([say("hi")]) as server:
        connect(server, monkeypatch, model_id=model_id).complete(turns)

    assert contents(server.requests[0]) == [[{"text": turn.text}] for turn in turns]


@pytest.mark.parametrize(
    ("text", "shared", "content"),
    [
        ("one", 0, [{"text": "one"}]),
        ("one", 3, [{"text": "one"}, POINT]),
        ("one", 99, [{"text": "one"}, POINT]),
        ("one \n", 3, [{"text": "one \n"}, POINT]),
        ("  one", 2, [{"text": "  one"}]),
    ],
)
def test_no_block_of_text_is_blank(
    text: str, shared: int, content: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedBedrock([say("hi")]) as server:
        connect(server, monkeypatch, model_id=CLAUDE).complete([Turn("user", text, shared)])

    assert contents(server.requests[0]) == [content]


def test_a_longer_conversation_is_kept_to_its_end_and_to_where_it_ended_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = [QUESTION]
    for number in range(4):
        turns += [Turn("assistant", f"code {number}"), Turn("user", f"mend {number}")]

    with ScriptedBedrock([say("hi")]) as server:
        connect(server, monkeypatch, model_id=CLAUDE).complete(turns)

    sent = contents(server.requests[0])
    assert [POINT in content for content in sent] == [
        *(True, False, False, False, False),
        *(False, True, False, True),
    ]
    assert sent[-1] == [{"text": "mend 3"}, POINT]
    assert server.requests[0].texts == [(turn.role, turn.text) for turn in turns]


@pytest.mark.parametrize(
    "refusal",
    [
        fail(400, "ValidationException", "#/messages/0/content/1: extraneous key [cachePoint]"),
        fail(403, "AccessDeniedException", "You invoked an unsupported model or your request did "
             "not allow prompt caching. See the documentation for more information."),
    ],
    ids=["unknown", "denied"],
)  # fmt: skip
def test_a_model_that_refuses_cache_points_gets_none_from_then_on(
    refusal: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Request) -> Reply:
        return refusal if POINT in contents(request)[0] else say("hi")

    with ScriptedBedrock(answer) as server:
        client = connect(server, monkeypatch, model_id=CLAUDE)
        texts = [client.complete([QUESTION]).text for _ in range(2)]

    assert texts == ["hi", "hi"]
    assert [POINT in contents(request)[0] for request in server.requests] == [True, False, False]


@pytest.mark.parametrize("failure", [dropped(), fail(500, "InternalFailure")], ids=["drop", "500"])
def test_an_emulator_that_fails_over_a_cache_point_is_asked_again_without(
    failure: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Request) -> Reply:
        return failure if POINT in contents(request)[0] else say("hi")

    with ScriptedBedrock(answer) as server:
        client = connect(server, monkeypatch, model_id=CLAUDE, attempts=2)
        assert client.complete([QUESTION]).text == "hi"


def test_a_fault_after_a_cache_point_was_taken_costs_no_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedBedrock([say("hi"), dropped(), say("hi")]) as server:
        client = connect(server, monkeypatch, model_id=CLAUDE, attempts=2)
        client.complete([QUESTION])
        client.complete([QUESTION])

    assert all(POINT in contents(request)[0] for request in server.requests)


def test_tokens_written_to_the_cache_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedBedrock([say("hi", tokens=(3, 4), cached=(1000, 50))]) as server:
        usage = connect(server, monkeypatch).complete(HELLO).usage

    assert usage == Usage(1, 3, 4, 1.5, cache_read_tokens=1000, cache_write_tokens=50)


# --- endpoints without streams -----------------------------------------------------------------

WITHOUT_STREAMS = {
    "an emulator": fail(404, "UnknownOperationException", "/model/any.model/converse-stream"),
    "a router": Reply(b"<html>404 Not Found</html>", 404, content_type="text/html"),
    "a method": Reply(b"", 405),
    "not implemented": Reply(b'{"message": "later"}', 501),
    "a bad request": Reply(b'{"message": "bad request"}', 400),
    "a path": fail(400, "ValidationException", "unknown path /model/any.model/converse-stream"),
    "a model": fail(400, "ValidationException", "The model is unsupported for streaming."),
    "a policy": fail(
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::1:user/ada is not authorized to perform: "
        "bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:model",
    ),
}


@pytest.mark.parametrize("refusal", WITHOUT_STREAMS.values(), ids=WITHOUT_STREAMS)
def test_where_streams_are_not_offered_replies_are_asked_for_whole_from_then_on(
    refusal: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Request) -> Reply:
        return refusal if request.is_streamed else say("hi", cached=(5, 6))

    with ScriptedBedrock(answer) as server:
        client = connect(server, monkeypatch)
        completions = [client.complete(HELLO) for _ in range(2)]

    assert completions == [Completion("hi", Stop.FINISHED, Usage(1, 100, 200, 1.5, 5, 6))] * 2
    assert [request.is_streamed for request in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    "error",
    [
        fail(404, "ResourceNotFoundException", "Could not resolve the foundation model"),
        fail(400, "ValidationException", "Input is too long for requested model."),
        fail(403, "AccessDeniedException", "You don't have access to the model"),
    ],
)
def test_other_refusals_are_no_reason_to_ask_for_replies_as_a_whole(
    error: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedBedrock(lambda _: error) as server:
        client = connect(server, monkeypatch)
        with pytest.raises(SynthError):
            client.complete(HELLO)

    assert [request.is_streamed for request in server.requests] == [True]


def test_an_endpoint_that_knows_neither_operation_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = error_of([fail(404, "UnknownOperationException")] * 2, monkeypatch, attempts=4)

    assert type(error) is UnavailableError
    assert "does not know Converse" in str(error)
    assert "AWS_ENDPOINT_URL_BEDROCK_RUNTIME" in str(error)


def test_a_reply_that_comes_as_a_whole_may_take_the_whole_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedBedrock([silent()], without_streams=WITHOUT_STREAMS["a model"]) as server:
        client = connect(server, monkeypatch, silence_s=0.1, read_timeout_s=0.5)
        with pytest.raises(AuthorError, match=r"no reply within 0\.5 s .*SYNTH_BEDROCK_TIMEOUT_S"):
            client.complete(HELLO)


# --- streams that go wrong ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error_type", "kind", "words", "tried"),
    [
        ("ThrottlingException", AuthorError, "throttled in all 2 attempts: why", 2),
        ("ModelStreamErrorException", AuthorError, "the model failed in all 2 attempts: why", 2),
        ("InternalServerException", AuthorError, "server error in all 2 attempts: why", 2),
        ("ServiceUnavailableException", AuthorError, "server error in all 2 attempts: why", 2),
        ("ValidationException", AuthorError, "request refused: why", 1),
        ("SomethingNewException", AuthorError, "server error in all 2 attempts", 2),
    ],
)
def test_an_exception_amid_a_stream_means_what_it_means_as_a_response(
    error_type: str,
    kind: type[SynthError],
    words: str,
    tried: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reply = failing(say("begun and"), 3, fail(0, error_type, "why"))

    with ScriptedBedrock(lambda _: reply) as server:
        client = connect(server, monkeypatch, attempts=2)
        with pytest.raises(kind, match=words):
            client.complete(HELLO)

    assert len(server.requests) == tried


def test_an_event_whose_checksum_is_wrong_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = bytearray(event("messageStart", {"role": "assistant"}))
    spoilt[-1] ^= 1
    stream = garbage(bytes(spoilt), "application/vnd.amazon.eventstream")

    with ScriptedBedrock([stream, say("hi")]) as server:
        assert connect(server, monkeypatch, attempts=2).complete(HELLO).text == "hi"


@pytest.mark.parametrize(
    "payload", [[], "x", {"delta": "x"}, {"delta": {"text": 7}}, {"delta": None}, None]
)
def test_an_event_of_another_form_does_no_harm(
    payload: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = event("contentBlockDelta", payload) + event("messageStop", {"stopReason": "end_turn"})

    with ScriptedBedrock([garbage(stream), say("hi")]) as server:
        text = connect(server, monkeypatch, attempts=2).complete(HELLO).text

    assert text in {"", "hi"}


def test_a_stream_need_not_tell_its_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = event("contentBlockDelta", {"delta": {"text": "hi"}, "contentBlockIndex": 0})
    stream += event("messageStop", {"stopReason": "end_turn"})

    with ScriptedBedrock([garbage(stream)]) as server:
        completion = connect(server, monkeypatch).complete(HELLO)

    assert completion == Completion("hi", Stop.FINISHED, Usage(calls=1))


# --- retries -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [throttled(), fail(503, "ServiceUnavailableException", "busy"), dropped()],
    ids=["throttled", "unavailable", "dropped"],
)
def test_a_passing_trouble_is_tried_again(trouble: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedBedrock([trouble, say("hi")]) as server:
        completion = connect(server, monkeypatch, attempts=2).complete(HELLO)

    assert completion.text == "hi"
    assert len(server.requests) == 2


def test_throttling_ends_at_the_stated_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    error = error_of([throttled(), throttled(), say("never")], monkeypatch, attempts=2)

    assert isinstance(error, AuthorError)
    assert "throttled in all 2 attempts: Too many tokens" in str(error)


@pytest.mark.parametrize("error_type", ["ValidationException", "AccessDeniedException"])
def test_what_will_not_pass_is_not_tried_again(
    error_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error_of([fail(400, error_type)], monkeypatch, attempts=6)


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (throttled(), AuthorError, "throttled in 1 attempt"),
        (fail(429, "TooManyRequestsException"), AuthorError, "throttled in 1 attempt"),
        (fail(400, "ServiceQuotaExceededException"), AuthorError, "quota exceeded"),
        (fail(500, "InternalServerException"), AuthorError, "server error in 1 attempt"),
        (fail(503, "ServiceUnavailableException"), AuthorError, "server error in 1 attempt"),
        (Reply(b"<html>", 502), AuthorError, "server error in 1 attempt"),
        (fail(408, "ModelTimeoutException"), AuthorError, "the model failed"),
        (fail(424, "ModelErrorException"), AuthorError, "the model failed"),
        (
            fail(400, "ValidationException", "Input is too long for requested model."),
            AuthorError,
            "request refused: Input is too long",
        ),
        (fail(418, "TeapotException", "short and stout"), AuthorError, "TeapotException: short"),
        (dropped(), AuthorError, "the connection broke in 1 attempt"),
        (garbage(), AuthorError, "no output.message.content"),
        (garbage(b""), AuthorError, "no output.message.content"),
        (garbage(b"\xff\xfe"), AuthorError, "no output.message.content"),
        (answer([]), AuthorError, "no output.message.content"),
        (answer({"output": {}}), AuthorError, "no output.message.content"),
        (
            answer({"output": {"message": {"role": "assistant", "content": "x"}}}),
            AuthorError,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        ),
        (
            fail(403, "AccessDeniedException", "You don't have access to the model"),
            UnavailableError,
            "access denied: You don't have access to the model; allow bedrock:InvokeModel",
        ),
        (
            fail(404, "ResourceNotFoundException", "Could not resolve the foundation model"),
            UnavailableError,
            "SYNTH_BEDROCK_MODEL_ID",
        ),
        (
            fail(400, "ValidationException", "The provided model identifier is invalid."),
            UnavailableError,
            "SYNTH_BEDROCK_MODEL_ID",
        ),
        (
            fail(
                400,
                "ValidationException",
                "Invocation of model ID x with on-demand throughput isn\u2019t supported.",
            ),
            UnavailableError,
            "inference profile",
        ),
        (
            fail(400, "ValidationException", "The maximum tokens you requested exceeds the limit"),
            UnavailableError,
            "refuses max_tokens=32000",
        ),
        (fail(403, "ExpiredTokenException", "expired"), UnavailableError, "aws sso login"),
        (fail(403, "UnrecognizedClientException"), UnavailableError, "AWS refuses the credentials"),
    ],
)
def test_every_failure_of_the_service_is_told_in_one_line(
    reply: Reply, kind: type[SynthError], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = error_of([reply], monkeypatch)

    assert type(error) is kind
    assert words in str(error)


def test_a_reply_that_does_not_come_in_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    error = error_of([silent()], monkeypatch, read_timeout_s=0.2)

    assert type(error) is AuthorError
    assert "no reply within 0.2 s in 1 attempt" in str(error)


def test_what_aws_quotes_of_a_refused_signature_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quoted = "The Canonical String should have been 'x-amz-security-token:SESSIONTOKEN'"

    error = error_of([fail(403, "InvalidSignatureException", quoted)], monkeypatch)

    assert "SESSIONTOKEN" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_an_endpoint_that_nobody_listens_on_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedBedrock([]) as server:
        client = connect(server, monkeypatch)

    with pytest.raises(
        UnavailableError, match=re.escape(f"endpoint {server.url} cannot be reached")
    ):
        client.complete(HELLO)


# --- check -------------------------------------------------------------------------------------


def set_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def test_a_check_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedBedrock([]) as server:
        connect(server, monkeypatch).check()

    assert server.requests == []


def test_a_check_without_credentials_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    with pytest.raises(
        UnavailableError, match=r"no AWS credentials; set AWS_ACCESS_KEY_ID and .* or AWS_PROFILE"
    ):
        BedrockClient(model_options()).check()


def test_a_check_with_half_of_the_credentials_names_the_other_half(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")

    with pytest.raises(UnavailableError, match="missing: AWS_SECRET_ACCESS_KEY") as caught:
        BedrockClient(model_options()).check()

    assert "AKIAEXAMPLE" not in str(caught.value)


def test_a_check_without_region_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    set_keys(monkeypatch)

    with pytest.raises(UnavailableError, match=r"region.*set AWS_DEFAULT_REGION or AWS_REGION"):
        BedrockClient(model_options()).check()


@pytest.mark.parametrize("variable", ["AWS_DEFAULT_REGION", "AWS_REGION"])
def test_the_region_may_stand_in_either_variable(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_keys(monkeypatch)
    monkeypatch.setenv(variable, "eu-central-1")

    BedrockClient(model_options()).check()


def test_region_and_credentials_may_come_from_a_profile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "work")

    BedrockClient(model_options()).check()


def test_a_bedrock_api_key_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedBedrock([say("hi")]) as server:
        for name, value in server.environment().items():
            if name not in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}:
                monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "api-key")
        client = BedrockClient(model_options())
        client.check()
        client.complete(HELLO)

    assert server.requests[0].headers["Authorization"] == "Bearer api-key"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("AWS_PROFILE", "nobody", "nobody.*AWS_PROFILE"),
        ("AWS_DEFAULT_REGION", "not a region", "AWS_DEFAULT_REGION"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "not a url", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
    ],
)
def test_a_check_of_a_wrong_configuration_names_the_variable(
    variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_keys(monkeypatch)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv(variable, value)

    with pytest.raises(UnavailableError, match=words):
        BedrockClient(model_options()).check()
