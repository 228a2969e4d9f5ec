"""One call of a model over Bedrock's Converse API: turns in, text and usage out."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from synth_pipeline.authoring.bedrock.errors import (
    CallSite,
    is_temperature_refusal,
    malformed,
    translate,
)
from synth_pipeline.authoring.model.client import Completion, ModelOptions, Stop, Turn
from synth_pipeline.aws.client import CallOptions, make_client
from synth_pipeline.aws.errors import quotes_credentials
from synth_pipeline.domain.usage import Usage

# botocore walks into a body of another form, such as a JSON list, without looking.
_OF_MALFORMED_BODIES = (
    ResponseParserError,
    AttributeError,
    TypeError,
    KeyError,
    UnicodeError,
)
_STOPS = {
    "max_tokens": Stop.CUT_OFF,
    "refusal": Stop.REFUSED,
    "guardrail_intervened": Stop.GUARDRAIL,
    "content_filtered": Stop.FILTERED,
    "model_context_window_exceeded": Stop.CONTEXT_FULL,
}


class BedrockClient:
    """Converse calls with retries inside; see ModelClient."""

    name = "bedrock"

    def __init__(self, options: ModelOptions) -> None:
        self.options = options
        self._lock = threading.Lock()
        self._client: Any = None
        self._takes_temperature = True

    def check(self) -> None:
        """Raise UnavailableError without credentials, region or a usable configuration.

        Needs no network, unless the default credential chain itself asks a metadata service.
        """
        self._connect()

    def complete(self, turns: Sequence[Turn]) -> Completion:
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
        request = {"modelId": self.options.model_id, "messages": messages}
        limits: dict[str, Any] = {"maxTokens": self.options.max_tokens}
        if self.options.temperature is None or not self._takes_temperature:
            return _mapping(client.converse(**request, inferenceConfig=limits))
        warm = {**limits, "temperature": self.options.temperature}
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
                    self._client = make_client("bedrock-runtime", self._call_options())
                except (BotoCoreError, ValueError) as error:
                    raise translate(error, self._site(None)) from error
            return self._client

    def _call_options(self) -> CallOptions:
        return CallOptions(
            attempts=self.options.attempts,
            connect_timeout_s=self.options.connect_timeout_s,
            read_timeout_s=self.options.read_timeout_s,
            retry_mode="adaptive",
        )

    def _site(self, client: Any) -> CallSite:
        region = client.meta.region_name if client is not None else ""
        endpoint = client.meta.endpoint_url if client is not None else "of Bedrock"
        return CallSite(self.options, region, endpoint)


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
        stop=_STOPS.get(str(response.get("stopReason", "")), Stop.FINISHED),
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
