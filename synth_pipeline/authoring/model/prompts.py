"""The protocol of a data family's words: what a model is asked, and what helps where it failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import Machine


@dataclass(frozen=True, slots=True)
class Question:
    """The first turn about one generator: what is the same for every machine, then its own part.

    Providers keep the beginning of a prompt; what is the same comes first so that it is kept.
    """

    shared: str
    own: str

    @property
    def text(self) -> str:
        """The whole question."""
        return self.shared + self.own


class Prompts(Protocol):
    """The questions about one family of data; see `readings.prompts` for machine readings."""

    @property
    def version(self) -> str:
        """Changes with every change of wording: code is then written anew."""
        ...

    def list_machines(self, industry: str, number: int, known: Sequence[str] = ()) -> str:
        """Ask for at least `number` machines that are not among `known`."""
        ...

    def more_machines(
        self, industry: str, missing: int, present: Sequence[str], problem: str = ""
    ) -> str:
        """Ask for the machines a list lacks, naming those that are there."""
        ...

    def write_generator(self, machine: Machine) -> Question:
        """Ask for one machine's generator, for any year and seed."""
        ...

    def advice(self, findings: Sequence[Finding]) -> tuple[str, ...]:
        """What helps against these findings, a sentence each."""
        ...
