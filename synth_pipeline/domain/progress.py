"""What is being done right now, for whoever watches."""

from collections.abc import Callable
from dataclasses import dataclass

NOTE = "note"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of one machine.

    Steps are `list`, `write`, `run`, `prove`, `judge`, `publish`, `done` and `failed`; `note` is
    no step but a sentence, in `detail`, that the user should read.
    """

    machine: str
    step: str
    detail: str = ""


Watch = Callable[[Progress], None]


def unwatched(_: Progress) -> None:
    """Nobody watches."""
