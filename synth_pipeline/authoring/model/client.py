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
    `max_tokens` includes what a model thinks before it answers. One attempt ends after
    `read_timeout_s` in all, and, where the reply is streamed, after `silence_s` without a byte,
    before the first one or between two. `attempts` counts the first try and is all the retrying
    there is, for every passing fault together (see `attempts.py`); the pause before attempt n + 1
    is at most `backoff_s` times 2 to the n - 1. `continuations` bounds how often a reply cut off at
    `max_tokens` is continued, `list_calls` how often names are asked for, and beyond
    `conversation_length` characters only the last program and what was found in it are kept.
    """

    model_id: str
    temperature: float | None
    max_tokens: int
    read_timeout_s: float
    silence_s: float = 60.0
    connect_timeout_s: float = 10.0
    attempts: int = 5
    backoff_s: float = 1.0
    continuations: int = 2
    list_calls: int = 4
    conversation_length: int = 240_000

    def longest_silence_s(self, *, streams: bool) -> float:
        """How long the line may be silent; a reply that is not streamed comes as a whole."""
        return min(self.silence_s, self.read_timeout_s) if streams else self.read_timeout_s


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
    """What one call gave: the text of the reply, why it ended, what it took.

    `usage` includes attempts that failed after they had cost tokens.
    """

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

        Raises UnavailableError for what concerns every call and AuthorError for this one; their
        `usage` is what failed attempts cost.
        """
        ...
