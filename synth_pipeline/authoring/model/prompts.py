"""The protocol of a data family's words: what a model is asked, and what helps where it failed."""

from collections.abc import Sequence
from typing import Protocol

from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.question import Question


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
