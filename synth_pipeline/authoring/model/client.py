"""The protocol of a model provider: turns in, a completion out, whatever the wire.

A provider needs nothing else to serve the author; its folder lies beside `authoring.bedrock`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal, Protocol

from synth_pipeline.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How the model is asked.

    `temperature` None leaves the choice to the model, and newer ones take nothing else.
    `max_tokens` includes what a model thinks before it answers. `attempts` counts the first
    try and is all the retrying there is: throttling, server errors, broken connections and read
    timeouts. `continuations` bounds how often a reply cut off at `max_tokens` is continued,
    `list_calls` how often names are asked for, and beyond `conversation_length` characters
    only the last program and what was found in it are kept.
    """

    model_id: str
    temperature: float | None
    max_tokens: int
    read_timeout_s: float
    connect_timeout_s: float = 10.0
    attempts: int = 5
    continuations: int = 2
    list_calls: int = 4
    conversation_length: int = 240_000


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; its first `shared` characters begin other ones too."""

    role: Literal["user", "assistant"]
    text: str
    shared: int = 0


class Stop(Enum):
    """Why a reply ended."""

    FINISHED = auto()
    CUT_OFF = auto()  # at `max_tokens`
    REFUSED = auto()
    GUARDRAIL = auto()
    FILTERED = auto()
    CONTEXT_FULL = auto()


@dataclass(frozen=True, slots=True)
class Completion:
    """What one call gave: the text of the reply, why it ended, what it took."""

    text: str
    stop: Stop
    usage: Usage


class ModelClient(Protocol):
    """Calls one model, with retries inside; one instance may serve several threads."""

    @property
    def name(self) -> str:
        """What provenance and settings call the provider, such as `bedrock`."""
        ...

    @property
    def options(self) -> ModelOptions:
        """How the model is asked."""
        ...

    def check(self) -> None:
        """Raise UnavailableError, naming what to set, where no call can succeed.

        Needs no network.
        """
        ...

    def complete(self, turns: Sequence[Turn]) -> Completion:
        """Send a conversation that ends with a user's turn and return the model's answer.

        Raises UnavailableError for what concerns every call and AuthorError for this one.
        """
        ...
