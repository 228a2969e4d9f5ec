"""What was tried before code was accepted, run by run."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Run(StrEnum):
    """The runs that code of an untrusted author is accepted on, in the order they begin."""

    REQUEST = "request"  # the year and seed that were asked for
    AGAIN = "again"  # the same once more
    CLEAN = "without anomalies"  # the same with SYNTH_ANOMALIES=off
    SEED = "another seed"
    YEAR = "another year"  # a leap year where the request's is none, and the other way round


@dataclass(frozen=True, slots=True)
class Tried:
    """One run: what it was asked for, how long it took, and whether it gave what it must.

    `outcome` says in words what was held against it and is `as it must be` where nothing was.
    """

    run: str
    year: int
    seed: int
    seconds: float
    holds: bool
    outcome: str


KEPT = "as it must be"


def tried(evidence: Iterable[Tried], run: Run) -> Tried | None:
    """What is known of one run, None where it was not made."""
    return next((each for each in evidence if each.run == run), None)
