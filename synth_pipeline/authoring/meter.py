"""Who is told of what model calls take, and may end them."""

from collections.abc import Callable
from dataclasses import dataclass

from synth_pipeline.domain.stop import IsStopped, never
from synth_pipeline.domain.usage import Usage

Spent = Callable[[Usage], None]


def unnoticed(_: Usage) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Meter:
    """Stands beside the model calls of one piece of work.

    `spent` hears of a call's usage as soon as the call is over, of a failed call's too where it
    cost tokens; it is called by the thread of the call, and what it raises ends that call. Once
    `is_stopped` says so no further call is made: one that waits ends, one under way goes on.
    """

    spent: Spent = unnoticed
    is_stopped: IsStopped = never


UNMETERED = Meter()
