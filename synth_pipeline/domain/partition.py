"""The key of one machine of one user, as Dagster partition, folder and S3 prefix."""

from dataclasses import dataclass
from typing import Self

from synth_pipeline.domain.errors import InputError
from synth_pipeline.domain.names import require_name


@dataclass(frozen=True, slots=True, order=True)
class PartitionKey:
    """One machine of one user, written `user_id/machine`."""

    user_id: str
    machine: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `user_id/machine`; raise InputError for anything else."""
        user_id, separator, machine = text.partition("/")
        if not separator:
            raise InputError(f"machine {text!r}: expected USER/MACHINE, such as ada/plasma-etcher")
        return cls(require_name(user_id, "user id"), require_name(machine, "machine"))

    def __str__(self) -> str:
        return f"{self.user_id}/{self.machine}"
