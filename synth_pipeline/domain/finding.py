"""One thing held against a generator, in words that can go back to its author."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What a finding is about; what helps against it is chosen by this, not by its words."""

    REPLY = "reply"  # the reply holds no program
    SYNTAX = "syntax"
    NAMES = "names"  # a name in the code that nothing defines
    IMPORTS = "imports"  # a package that is not there
    STYLE = "style"  # docstrings, main
    CRASH = "crash"
    TIME = "time"
    MEMORY = "memory"
    SURROUNDINGS = "surroundings"  # network, processes, files elsewhere
    FILES = "files"  # which files were left
    TIME_AXIS = "time axis"
    COLUMNS = "columns"
    UNITS = "units"
    VALUES = "values"
    LABELS = "labels"
    LABELS_AND_DATA = "labels and data"
    SIZES = "sizes"  # of events, beside what their signals do by themselves
    LEAK = "leak"  # a column that is the label in disguise
    REPEATABLE = "repeatable"
    SEED = "seed"
    YEAR = "year"
    SWITCH = "switch"  # SYNTH_ANOMALIES
    REALISM = "realism"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence with the first offending value.

    One that is not fatal goes back to the author while there are attempts left, and is
    accepted as a warning in the end.
    """

    topic: Topic
    message: str
    is_fatal: bool = True

    def __str__(self) -> str:
        return self.message


def has_fatal(findings: Iterable[Finding]) -> bool:
    """True where something is held against a generator that it cannot be accepted with."""
    return any(finding.is_fatal for finding in findings)
