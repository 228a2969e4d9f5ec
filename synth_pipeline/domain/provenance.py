"""Where a generator came from and what it cost: the content of `provenance.json`."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Self

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.known_fields import known_fields
from synth_pipeline.domain.usage import Usage

FORMAT = 1  # raised when a reader of the older form would misread the file, not for a new key


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
    signals: tuple[Column, ...]
    reported_errors: tuple[str, ...] = ()
    found_errors: tuple[str, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """Return it as plain data, as it is stored and shown."""
        return {"format": FORMAT, **dataclasses.asdict(self)}

    def to_json(self) -> str:
        """Return the text of `provenance.json`, stable for equal content."""
        return json.dumps(self.as_row(), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what this or another version wrote; keys that are not known here are passed over.

        Raises ValueError, naming what is wrong, for a damaged file and for a later format.
        """
        try:
            row = json.loads(text)
            written = row.get("format", FORMAT)  # the first files had none
            if written > FORMAT:
                raise ValueError(f"format {written}; expected at most {FORMAT}")
            row["signals"] = [known_fields(Column, each) for each in row["signals"]]
            row["usage"] = known_fields(Usage, row["usage"])
            for name in ("signals", "reported_errors", "found_errors"):
                row[name] = tuple(row.get(name, ()))
            return known_fields(cls, row)
        except (AttributeError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"not provenance ({type(error).__name__}: {error})") from error


@dataclass(frozen=True, slots=True)
class Code:
    """An accepted generator: its source, the kit it ran with and its provenance."""

    source: str
    signal_kit: str
    provenance: Provenance


def sha256_of(text: str) -> str:
    """Hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
