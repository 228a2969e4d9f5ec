"""Where a generator came from and what it cost: the content of `provenance.json`."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Self

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.evidence import Tried
from synth_pipeline.domain.known_fields import known_fields
from synth_pipeline.domain.usage import Usage

EMBEDDED_AUTHOR = "catalog"
FORMAT = 1  # raised when a reader of the older form would misread the file, not for a new key


@dataclass(frozen=True, slots=True)
class Provenance:
    """How one accepted generator came to be.

    `fingerprint` is what the code was written from (machine identity, author, its version);
    code whose fingerprint still holds is reused. `verified_year` and `verified_seed` say what
    the accepted run was judged on. `found_errors` is all that was held against any draft,
    `warnings` what the accepted one was accepted with, `evidence` the runs it was tried by.
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
    warnings: tuple[str, ...] = ()
    evidence: tuple[Tried, ...] = ()

    @property
    def is_embedded(self) -> bool:
        """True for code of the catalogue, which this project answers for."""
        return self.author == EMBEDDED_AUTHOR

    def made_by(self, code_sha256: str, kit_sha256: str = "") -> bool:
        """True where this is the provenance of code of these hashes; no kit means any."""
        return self.code_sha256 == code_sha256 and kit_sha256 in ("", self.signal_kit_sha256)

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
            row["evidence"] = [known_fields(Tried, each) for each in row.get("evidence", ())]
            for name in ("signals", "reported_errors", "found_errors", "warnings", "evidence"):
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

    @property
    def name(self) -> str:
        """Tells it from every other generator of the machine."""
        return code_name(self.provenance.code_sha256, self.provenance.signal_kit_sha256)


def code_name(code_sha256: str, kit_sha256: str = "") -> str:
    """The folder of a generator that was replaced, or how its name begins without the kit's."""
    return f"{code_sha256[:16]}-{kit_sha256[:16]}"


def sha256_of(text: str) -> str:
    """Hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
