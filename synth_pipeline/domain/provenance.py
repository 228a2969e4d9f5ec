"""Where a generator came from and what it cost: the content of `provenance.json`."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Self

from synth_pipeline.domain.contract import Signal
from synth_pipeline.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Provenance:
    """How one accepted generator came to be.

    `fingerprint` is what the code was written from (machine identity, author, its version);
    code whose fingerprint still holds is reused. `verified_year` and `verified_seed` say what
    the accepted run was judged on.
    """

    author: str
    author_version: str
    prompt_sha256: str
    fingerprint: str
    attempts: int
    usage: Usage
    code_sha256: str
    signal_kit_sha256: str
    verified_year: int
    verified_seed: int
    signals: tuple[Signal, ...]
    reported_errors: tuple[str, ...] = ()
    found_errors: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the text of `provenance.json`, stable for equal content."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote."""
        row = json.loads(text)
        row["usage"] = Usage(**row["usage"])
        row["signals"] = tuple(Signal(**signal) for signal in row["signals"])
        row["reported_errors"] = tuple(row["reported_errors"])
        row["found_errors"] = tuple(row["found_errors"])
        return cls(**row)


@dataclass(frozen=True, slots=True)
class Code:
    """An accepted generator: its source, the kit it ran with and its provenance."""

    source: str
    signal_kit: str
    provenance: Provenance


def sha256_of(text: str) -> str:
    """Hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
