"""A check on stored data, the rules it found broken, and the verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from synth_pipeline.domain.partition import PartitionKey

Evidence = TypeVar("Evidence")
Fact = str | int | float


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: the check it belongs to and a sentence with the first offending value."""

    check: str
    message: str

    def __str__(self) -> str:
        return f"{self.check}: {self.message}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one judge found: violations, and `facts` worth showing when there are none."""

    violations: Sequence[Violation]
    facts: Mapping[str, Fact]


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
        return Verdict(self.name, self.is_blocking, tuple(found.violations), found.facts)

    def failed(self, message: str) -> "Verdict":
        """The verdict where there is nothing to judge."""
        return Verdict(self.name, self.is_blocking, (Violation(self.name, message),), {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check of one stored dataset."""

    check: str
    is_blocking: bool
    violations: tuple[Violation, ...]
    facts: Mapping[str, Fact]

    @property
    def passed(self) -> bool:
        """True where nothing breaks the rule."""
        return not self.violations

    @property
    def summary(self) -> str:
        """Every violation in one line."""
        return "; ".join(violation.message for violation in self.violations)


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
