"""A machine of a user's list, and what an author says of one before it is on the list."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass

from synth_pipeline.domain.partition import PartitionKey

MAX_MACHINE_NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class MachineIdea:
    """A machine as an author names it.

    `kind` is what the author recognises it by when it writes the generator; `unit` tells
    further machines of one kind apart, which differ in their parameters.
    """

    name: str
    description: str = ""
    kind: str = ""
    unit: int = 1


@dataclass(frozen=True, slots=True)
class Machine:
    """One row of a user's `machines.json`; `year` and `seed` are those of its latest request."""

    user_id: str
    slug: str
    name: str
    industry: str
    description: str
    kind: str
    unit: int
    year: int
    seed: int

    @property
    def key(self) -> PartitionKey:
        """The partition this machine lives under."""
        return PartitionKey(self.user_id, self.slug)

    def at_year(self, year: int) -> "Machine":
        """The same machine, with another current year."""
        return dataclasses.replace(self, year=year)

    @property
    def data_version(self) -> str:
        """Hash of the whole row: a new year or seed is a new version."""
        return _digest(dataclasses.asdict(self))

    @property
    def identity(self) -> str:
        """Hash of what the generator's code depends on: everything but year and seed."""
        row = dataclasses.asdict(self)
        return _digest({name: row[name] for name in row if name not in {"year", "seed"}})


def _digest(row: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
