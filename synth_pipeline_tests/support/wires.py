"""The providers as one contract sees them: a server, its replies, a client that talks to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from synth_pipeline.authoring.bedrock.client import BedrockClient
from synth_pipeline.authoring.model.client import ModelClient, Stop
from synth_pipeline.authoring.openai.client import OpenAiClient
from synth_pipeline_tests.support import scripted_bedrock, scripted_openai
from synth_pipeline_tests.support.models import model_options
from synth_pipeline_tests.support.scripted_bedrock import ScriptedBedrock
from synth_pipeline_tests.support.scripted_openai import ScriptedOpenAi
from synth_pipeline_tests.support.scripted_server import Reply, Script, ScriptedServer

_BEDROCK_STOPS = {
    Stop.FINISHED: "end_turn",
    Stop.CUT_OFF: "max_tokens",
    Stop.FILTERED: "content_filtered",
}
_OPENAI_STOPS = {
    Stop.FINISHED: "stop",
    Stop.CUT_OFF: "length",
    Stop.FILTERED: "content_filter",
}


@dataclass(frozen=True)
class Wire:
    """One provider: how its server is made and spells replies, how its client is made.

    `last_events` are those of a stream after the one that says why the reply ended.
    """

    name: str
    serve: Callable[[Script], ScriptedServer]
    connect: Callable[..., ModelClient]
    say: Callable[..., Reply]
    throttled: Callable[[], Reply]
    fail: Callable[[int], Reply]
    unknown_model: Reply
    last_events: int
    settings: dict[str, str]
    secret: str

    def __str__(self) -> str:
        return self.name


def _bedrock_say(
    text: str = "", *, stop: Stop = Stop.FINISHED, tokens: tuple[int, int] = (100, 200),
    cached: int | None = None,
) -> Reply:  # fmt: skip
    """`tokens` sent are all, as OpenAI counts, and `cached` those of them in the cache."""
    sent = (tokens[0] - (cached or 0), tokens[1])
    return scripted_bedrock.say(
        text,
        stop_reason=_BEDROCK_STOPS[stop],
        tokens=sent,
        cached=None if cached is None else (cached, 0),
    )


def _openai_say(
    text: str = "", *, stop: Stop = Stop.FINISHED, tokens: tuple[int, int] = (100, 200),
    cached: int | None = None,
) -> Reply:  # fmt: skip
    return scripted_openai.say(
        text, finish_reason=_OPENAI_STOPS[stop], tokens=tokens, cached=cached
    )


_BEDROCK_ERRORS = {
    400: "ValidationException",
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}


def _bedrock_fail(status: int) -> Reply:
    return scripted_bedrock.fail(403 if status == 401 else status, _BEDROCK_ERRORS[status])


def _connect_bedrock(
    server: ScriptedServer, patch: pytest.MonkeyPatch, **options: Any
) -> BedrockClient:
    assert isinstance(server, ScriptedBedrock)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"):
        patch.delenv(name, raising=False)
    for name, value in server.environment().items():
        patch.setenv(name, value)
    return BedrockClient(model_options(**options))


def _connect_openai(
    server: ScriptedServer, patch: pytest.MonkeyPatch, **options: Any
) -> OpenAiClient:
    assert isinstance(server, ScriptedOpenAi)
    patch.setenv("OPENAI_API_KEY", scripted_openai.KEY)
    return OpenAiClient(model_options(**options), server.base_url)


BEDROCK = Wire(
    name="bedrock",
    serve=ScriptedBedrock,
    connect=_connect_bedrock,
    say=_bedrock_say,
    throttled=scripted_bedrock.throttled,
    fail=_bedrock_fail,
    unknown_model=scripted_bedrock.fail(404, "ResourceNotFoundException", "no such model"),
    last_events=1,
    settings={
        "model": "SYNTH_BEDROCK_MODEL_ID",
        "timeout": "SYNTH_BEDROCK_TIMEOUT_S",
        "max_tokens": "SYNTH_BEDROCK_MAX_TOKENS",
        "url": "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "key": "AWS_SECRET_ACCESS_KEY",
    },
    secret="scripted-secret-key",
)
OPENAI = Wire(
    name="openai",
    serve=ScriptedOpenAi,
    connect=_connect_openai,
    say=_openai_say,
    throttled=scripted_openai.throttled,
    fail=scripted_openai.fail,
    unknown_model=scripted_openai.fail(404, "model 'any.model' not found", code="model_not_found"),
    last_events=2,
    settings={
        "model": "SYNTH_OPENAI_MODEL",
        "timeout": "SYNTH_OPENAI_TIMEOUT_S",
        "max_tokens": "SYNTH_OPENAI_MAX_TOKENS",
        "url": "SYNTH_OPENAI_BASE_URL",
        "key": "OPENAI_API_KEY",
    },
    secret=scripted_openai.KEY,
)
WIRES = (BEDROCK, OPENAI)
