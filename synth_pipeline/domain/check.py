"""A check on stored data, what it found, and the verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.partition import PartitionKey

Evidence = TypeVar("Evidence")
Fact = str | int | float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one judge found: broken rules, and `facts` worth showing when there are none.

    `untried` says why what the check states cannot be shown, though nothing speaks against it:
    the check is not green then, and blocks nothing.
    """

    findings: Sequence[Finding]
    facts: Mapping[str, Fact]
    untried: str = ""


@dataclass(frozen=True, slots=True)
class Check(Generic[Evidence]):
    """One check of a data family; `description` states what is true when it is green.

    A failure of a blocking check stops what is downstream; another one only warns.
    """

    name: str
    description: str
    is_blocking: bool
    judge: Callable[[Evidence], Judgement]

    def verdict(self, evidence: Evidence) -> "Verdict":
        """Judge the evidence."""
        found = self.judge(evidence)
        messages = tuple(finding.message for finding in found.findings)
        if found.untried and not messages:
            return Verdict(self.name, False, (f"not tried: {found.untried}",), found.facts)
        return Verdict(self.name, self.is_blocking, messages, found.facts)

    def failed(self, message: str) -> "Verdict":
        """The verdict where there is nothing to judge."""
        return Verdict(self.name, self.is_blocking, (message,), {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check of one stored dataset; no `messages` where it has passed."""

    check: str
    is_blocking: bool
    messages: tuple[str, ...]
    facts: Mapping[str, Fact]

    @property
    def passed(self) -> bool:
        """True where nothing breaks the rule."""
        return not self.messages

    @property
    def summary(self) -> str:
        """Every message in one line."""
        return "; ".join(self.messages)


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """What a run recorded of one check of one machine-year; no message where it has passed."""

    key: PartitionKey
    year: int
    check: str
    is_blocking: bool
    message: str

    @property
    def passed(self) -> bool:
        """True where nothing breaks the rule."""
        return not self.message


Verdicts = tuple[Verdict, ...]


def is_sound(verdicts: Verdicts) -> bool:
    """True where every check that blocks has passed."""
    return all(verdict.passed for verdict in verdicts if verdict.is_blocking)
