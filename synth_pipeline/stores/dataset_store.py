"""Machine lists, code and files of users' machines, over any object store.

Which files a machine has beside its code is its data family's to say (`readings.layout`).
"""

import contextlib
import dataclasses
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from synth_pipeline.domain.errors import ChangedCodeError, InputError, NotFoundError, StoreError
from synth_pipeline.domain.known_fields import known_fields
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.names import require_name
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.provenance import Code, Provenance, code_name
from synth_pipeline.stores.objects import ObjectStore

Machines = tuple[Machine, ...]
CODE_FOLDER = "code"  # the accepted generator; those that it replaced lie in folders below


class DatasetStore:
    """What is kept of each user and machine."""

    def __init__(self, objects: ObjectStore) -> None:
        self.objects = objects

    def check(self) -> None:
        """Raise UnavailableError, naming what to set, where nothing can be written."""
        self.objects.check()

    def users(self) -> tuple[str, ...]:
        """Everyone who has anything in the store."""
        return tuple(name for name in self.objects.children("") if _is_name(name))

    def load_machines(self, user_id: str) -> Machines:
        """The user's list, empty when there is none."""
        key = _list_key(user_id)
        try:
            rows = _parse_rows(self.objects.read(key), self.objects.uri(key))
        except NotFoundError:
            return ()
        return tuple(map(_machine, rows))

    def load_machine(self, key: PartitionKey) -> Machine:
        """One row of the user's list; raises NotFoundError where there is none."""
        for machine in self.load_machines(key.user_id):
            if machine.slug == key.machine:
                return machine
        raise NotFoundError(
            f"machine {key}: not in {key.user_id}'s list; see synth machines --user {key.user_id}"
        )

    def merge_machines(self, user_id: str, update: Callable[[Machines], Machines]) -> Machines:
        """Replace the user's list by `update(list)` and return it, losing no other update.

        `update` may be called several times. What a later version of this program wrote into a
        row beside the fields known here stays in it.
        """
        key = _list_key(user_id)
        uri = self.objects.uri(key)
        merged: Machines = ()

        def change(old: bytes | None) -> bytes:
            nonlocal merged
            rows = [] if old is None else _parse_rows(old, uri)
            merged = update(tuple(map(_machine, rows)))
            found = {row["slug"]: row for row in rows}
            new = [found.get(m.slug, {}) | dataclasses.asdict(m) for m in merged]
            return (json.dumps(new, indent=2, ensure_ascii=False) + "\n").encode()

        self.objects.update(key, change)
        return merged

    def save_code(
        self, key: PartitionKey, code: Code, tags: Mapping[str, str] | None = None
    ) -> str:
        """Publish a generator; returns where `main.py` lies.

        The one that it replaces is kept beside it, for the years that it made. The old provenance
        goes first and the new one comes last, so that a writer that dies in between leaves code
        without provenance, which counts as none.
        """
        with contextlib.suppress(ChangedCodeError):  # what was not accepted is not worth keeping
            old = self.load_code(key)
            if old is not None and old.name != code.name:
                self._put_code(f"{key}/{CODE_FOLDER}/{old.name}", old, tags)
        self.objects.delete([f"{key}/{CODE_FOLDER}/provenance.json"])
        self._put_code(f"{key}/{CODE_FOLDER}", code, tags)
        return self.code_uri(key)

    def _put_code(self, folder: str, code: Code, tags: Mapping[str, str] | None) -> None:
        self.objects.put(f"{folder}/main.py", code.source.encode(), tags)
        self.objects.put(f"{folder}/signal_kit.py", code.signal_kit.encode(), tags)
        self.objects.put(f"{folder}/provenance.json", code.provenance.to_json().encode(), tags)

    def folder_of_code(self, key: PartitionKey, code_sha256: str, kit_sha256: str = "") -> str:
        """Where code of these hashes lies below the machine's folder, empty where it does not.

        Without `kit_sha256` any kit will do, as in files that do not name theirs.
        """
        current = self.load_provenance(key)
        if current is not None and current.made_by(code_sha256, kit_sha256):
            return CODE_FOLDER
        wanted = code_name(code_sha256, kit_sha256)
        kept = self.objects.children(f"{key}/{CODE_FOLDER}/")
        return next((f"{CODE_FOLDER}/{name}" for name in kept if name.startswith(wanted)), "")

    def load_provenance(self, key: PartitionKey, folder: str = CODE_FOLDER) -> Provenance | None:
        """What is known of the accepted generator, or of a kept one; None where there is none.

        Raises ChangedCodeError where the file is damaged or of a later format.
        """
        name = f"{key}/{folder}/provenance.json"
        try:
            return Provenance.from_json(self.objects.read(name))
        except NotFoundError:
            return None
        except ValueError as error:
            raise ChangedCodeError(
                f"{self.objects.uri(name)} cannot be read: {error}; restore it, or write the code "
                "anew with --rewrite"
            ) from error

    def load_code(self, key: PartitionKey, folder: str = CODE_FOLDER) -> Code | None:
        """The accepted generator, or a kept one; None where there is none.

        Raises ChangedCodeError where a file is not the one that was accepted: nothing but what
        was judged is ever run.
        """
        provenance = self.load_provenance(key, folder)
        if provenance is None:
            return None
        files = {"main.py": provenance.code_sha256, "signal_kit.py": provenance.signal_kit_sha256}
        texts = []
        for name, accepted in files.items():
            try:
                content = self.objects.read(f"{key}/{folder}/{name}")
            except NotFoundError:
                return None
            if sha256(content).hexdigest() != accepted:
                uri = self.objects.uri(f"{key}/{folder}/{name}")
                raise ChangedCodeError(
                    f"{uri} is not the accepted file (sha256 "
                    f"{accepted[:12]}...); restore it, or write it anew with --rewrite"
                )
            texts.append(content.decode())
        return Code(texts[0], texts[1], provenance)

    def put(
        self,
        key: PartitionKey,
        name: str,
        content: bytes | Path,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Publish a file of the machine, such as `dataset/2025.parquet`; return where it lies."""
        self.objects.put(f"{key}/{name}", content, tags)
        return self.uri(key, name)

    def withdraw(self, key: PartitionKey, name: str) -> None:
        """Delete one of the machine's files; one that is not there is no error."""
        self.objects.delete([f"{key}/{name}"])

    def open(self, key: PartitionKey, name: str) -> BinaryIO:
        """A seekable reader of one file; raises NotFoundError where there is none."""
        return self.objects.open(f"{key}/{name}")

    def size(self, key: PartitionKey, name: str) -> int | None:
        """Bytes of one file, None where there is none."""
        return self.objects.size(f"{key}/{name}")

    def uri(self, key: PartitionKey, name: str) -> str:
        """Where one file lies, or would."""
        return self.objects.uri(f"{key}/{name}")

    def names(self, key: PartitionKey, folder: str) -> tuple[str, ...]:
        """Names of the files in one of the machine's folders, in order."""
        start = len(f"{key}/{folder}/")
        return tuple(each[start:] for each in self.objects.keys(f"{key}/{folder}/"))

    def code_uri(self, key: PartitionKey) -> str:
        """Where the machine's `main.py` lies, or would."""
        return self.uri(key, f"{CODE_FOLDER}/main.py")

    def remove(self, key: PartitionKey) -> None:
        """Take a machine off its user's list and delete all its objects."""
        if self.objects.size(_list_key(key.user_id)) is not None:
            self.merge_machines(
                key.user_id, lambda old: tuple(m for m in old if m.slug != key.machine)
            )
        self.objects.delete(self.objects.keys(f"{key}/"))

    def remove_user(self, user_id: str) -> None:
        """Delete everything of a user, the list first."""
        self.objects.delete([_list_key(user_id)])
        self.objects.delete(self.objects.keys(f"{require_name(user_id, 'user id')}/"))


def _list_key(user_id: str) -> str:
    return f"{require_name(user_id, 'user id')}/machines.json"


def _is_name(text: str) -> bool:
    try:
        return bool(require_name(text, "user id"))
    except InputError:
        return False


def _parse_rows(content: bytes, uri: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(content)
        _ = [_machine(row) for row in rows]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(
            f"{uri}: not a list of machines ({error}); mend the file or move it away, and ask again"
        ) from error
    return list(rows)


def _machine(row: Mapping[str, Any]) -> Machine:
    return known_fields(Machine, row)
