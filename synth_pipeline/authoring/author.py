"""The protocol that both authors speak: list machines, write a generator, mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from synth_pipeline.authoring.meter import UNMETERED, Meter
from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import Machine, MachineIdea
from synth_pipeline.domain.usage import Usage

REPLY_FILE = "<reply>"  # what a draft's code is called when it is compiled, in warnings too


@dataclass(frozen=True, slots=True)
class MachineList:
    """What an author answered when asked for machines; `notes` are sentences for the user."""

    ideas: tuple[MachineIdea, ...]
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """One attempt at a generator.

    `code` is None where the reply held none; `problem` then says why, in words that can go
    back to the author. `reported_errors` are mistakes the author itself admitted.
    """

    code: str | None
    problem: str | None = None
    reported_errors: tuple[str, ...] = ()
    usage: Usage = Usage()
    raw_reply: str = ""
    prompt_sha256: str = ""


class GeneratorSession(Protocol):
    """One conversation about one machine's generator."""

    def write(self) -> Draft:
        """Return the first attempt."""
        ...

    def mend(self, findings: Sequence[Finding]) -> Draft:
        """Return another attempt, told what was found in the last one.

        Raises AuthorError where this author cannot do better.
        """
        ...


class Author(Protocol):
    """Lists machines and opens conversations about their generators."""

    @property
    def name(self) -> str:
        """What settings and provenance call it, such as `catalog` or `bedrock`."""
        ...

    def version_of(self, machine: Machine) -> str:
        """Changes whenever the author may answer with other code for this machine."""
        ...

    @property
    def is_trusted(self) -> bool:
        """True where the code may run without a sandbox, because this project wrote it."""
        ...

    def check(self) -> None:
        """Raise UnavailableError, naming what to set, where the author cannot work at all."""
        ...

    def list_machines(
        self,
        industry: str,
        number: int,
        known: Sequence[MachineIdea] = (),
        meter: Meter = UNMETERED,
    ) -> MachineList:
        """Return exactly `number` machines of the industry that are not among `known`."""
        ...

    def open_session(self, machine: Machine, meter: Meter = UNMETERED) -> GeneratorSession:
        """Start a conversation about one machine's generator."""
        ...
