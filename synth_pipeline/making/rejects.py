"""Keeps what an author answered when it was not accepted, for a person to inspect."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synth_pipeline.authoring.author import Draft
from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Rejects:
    """Writes to `<Dagster home>/rejected/<user>/<machine>/`, never to the store.

    The folder holds the replies of the last writing only.
    """

    home: Path
    key: PartitionKey

    @property
    def folder(self) -> Path:
        """Where the rejected replies of this machine lie."""
        return self.home / "rejected" / self.key.user_id / self.key.machine

    def keep(self, attempt: int, draft: Draft, findings: Sequence[Finding]) -> None:
        """Write the raw reply and what was found; one without findings leaves nothing."""
        if attempt == 1:
            for earlier in self.folder.glob("attempt-*.txt"):
                earlier.unlink()
        if not findings:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        reply = draft.raw_reply or draft.code or ""
        text = "\n".join(["What was found:", *map(str, findings), "", "The reply was:", reply, ""])
        path = self.folder / f"attempt-{attempt}.txt"
        path.write_text(text, encoding="utf-8", errors="backslashreplace")  # lone surrogates
