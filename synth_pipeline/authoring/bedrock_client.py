"""One call of a model over Bedrock's Converse API: options in, text and usage out."""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from botocore.parsers import ResponseParserError

from synth_pipeline.authoring.bedrock_errors import (
    CallSite,
    is_temperature_refusal,
    malformed,
    quotes_credentials,
    translate,
)
from synth_pipeline.domain.errors import SettingsError
from synth_pipeline.domain.usage import Usage

MAX_CONNECTIONS = 32
# botocore walks into a body of another form, such as a JSON list, without looking.
_OF_MALFORMED_BODIES = (
    ResponseParserError,
    AttributeError,
    TypeError,
    KeyError,
    UnicodeError,
)


@dataclass(frozen=True, slots=True)
class BedrockOptions:
    """How the model is asked.

    `temperature` None leaves the choice to the model, and newer ones take nothing else.
    `max_tokens` includes what a model thinks before it answers. `max_attempts` counts the first
    try and is all the retrying there is: throttling, server errors, broken connections and read
    timeouts. `max_continuations` bounds how often a reply cut off at `max_tokens` is continued,
    `list_calls` how often names are asked for, and beyond `max_conversation_length` characters
    only the last program and what was found in it are kept.
    """

    model_id: str
    temperature: float | None = None
    max_tokens: int = 32_000
    read_timeout_s: float = 300.0
    connect_timeout_s: float = 10.0
    max_attempts: int = 5
    max_continuations: int = 2
    list_calls: int = 4
    max_conversation_length: int = 240_000

    def __post_init__(self) -> None:
        if not self.model_id.strip():
            raise SettingsError(
                "SYNTH_BEDROCK_MODEL_ID is empty; expected a model id, an inference profile or "
                "its ARN"
            )
        for name, least in (("max_tokens", 1), ("max_attempts", 1), ("list_calls", 1)):
            if getattr(self, name) < least:
                raise SettingsError(f"Bedrock {name} {getattr(self, name)}: expected {least} up")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What one call gave: the text of the reply, why it ended, what it took."""

    text: str
    stop_reason: str
    usage: Usage


class BedrockClient:
    """Converse calls with retries inside; one instance may serve several threads."""

    def __init__(self, options: BedrockOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._client: Any = None
        self._region = "?"
        self._takes_temperature = True

    def check(self) -> None:
        """Raise UnavailableError without credentials, region or a usable configuration.

        Needs no network, unless the default credential chain itself asks a metadata service.
        """
        self._connect()

    def converse(self, turns: Sequence[Turn]) -> Completion:
        """Send a conversation that ends with a user's turn and return the model's answer.

        Raises UnavailableError for what concerns every call and AuthorError for this one.
        """
        client = self._connect()
        try:
            response = self._send(client, turns)
        except (ClientError, BotoCoreError, *_OF_MALFORMED_BODIES) as error:
            cause = None if quotes_credentials(error) else error
            raise translate(error, self._site(client)) from cause
        completion = _read_completion(response)
        if completion is None:
            raise malformed(self._site(client))
        return completion

    def _send(self, client: Any, turns: Sequence[Turn]) -> Mapping[str, Any]:
        messages = [{"role": turn.role, "content": [{"text": turn.text}]} for turn in turns]
        request = {"modelId": self._options.model_id, "messages": messages}
        limits: dict[str, Any] = {"maxTokens": self._options.max_tokens}
        if self._options.temperature is None or not self._takes_temperature:
            return _mapping(client.converse(**request, inferenceConfig=limits))
        warm = {**limits, "temperature": self._options.temperature}
        try:
            return _mapping(client.converse(**request, inferenceConfig=warm))
        except ClientError as error:
            if not is_temperature_refusal(error):
                raise
        self._takes_temperature = False
        return _mapping(client.converse(**request, inferenceConfig=limits))

    def _connect(self) -> Any:
        with self._lock:  # sessions and their credential lookup are not thread-safe, clients are
            if self._client is None:
                try:
                    self._client = self._make_client()
                except (BotoCoreError, ValueError) as error:
                    raise translate(error, self._site(None)) from error
            return self._client

    def _make_client(self) -> Any:
        session = boto3.Session()
        # boto3 does not read AWS_REGION, which Lambda, ECS and the other AWS SDKs use.
        region = session.region_name or os.environ.get("AWS_REGION")
        if not region:
            raise NoRegionError
        self._region = region
        has_api_key = bool(os.environ.get("AWS_BEARER_TOKEN_BEDROCK"))
        if not has_api_key and session.get_credentials() is None:
            raise NoCredentialsError
        return session.client(
            "bedrock-runtime",
            region_name=region,
            config=Config(
                connect_timeout=self._options.connect_timeout_s,
                read_timeout=self._options.read_timeout_s,
                retries={"mode": "adaptive", "total_max_attempts": self._options.max_attempts},
                max_pool_connections=MAX_CONNECTIONS,
                tcp_keepalive=True,  # a reply may take minutes without a byte on the line
            ),
        )

    def _site(self, client: Any) -> CallSite:
        return CallSite(
            model_id=self._options.model_id,
            region=self._region,
            endpoint=client.meta.endpoint_url if client is not None else "of Bedrock",
            max_attempts=self._options.max_attempts,
            read_timeout_s=self._options.read_timeout_s,
            max_tokens=self._options.max_tokens,
        )


def _read_completion(response: Mapping[str, Any]) -> Completion | None:
    """Take text, stop reason and usage from a Converse response; None where it has no content.

    Blocks of other types, such as `reasoningContent`, are left out.
    """
    content = _mapping(_mapping(response.get("output")).get("message")).get("content")
    if not isinstance(content, list):
        return None
    texts = [block["text"] for block in content if isinstance(_mapping(block).get("text"), str)]
    usage, metrics = _mapping(response.get("usage")), _mapping(response.get("metrics"))
    return Completion(
        text=_storable("\n".join(texts)),
        stop_reason=str(response.get("stopReason", "")),
        usage=Usage(
            calls=1,
            input_tokens=_count(usage.get("inputTokens")),
            output_tokens=_count(usage.get("outputTokens")),
            latency_s=round(_count(metrics.get("latencyMs")) / 1000, 3),
        ),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _storable(text: str) -> str:
    """Replace lone surrogates, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
