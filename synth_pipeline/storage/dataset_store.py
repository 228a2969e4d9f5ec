"""Where each object of a user and a machine lies, over any object store.

What is in a dataset is judged in `quality`, not here.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from synth_pipeline.domain.errors import ChangedCodeError, InputError, NotFoundError, StoreError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.names import require_name
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.provenance import Code, Provenance
from synth_pipeline.storage.objects import ObjectStore

Machines = tuple[Machine, ...]
_YEAR_FILE = re.compile(r"(\d{4})\.parquet")


class DatasetStore:
    """Machines, code, datasets, labels and reports by user, machine and year."""

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
            return _parse_machines(self.objects.read(key), self.objects.uri(key))
        except NotFoundError:
            return ()

    def load_machine(self, key: PartitionKey) -> Machine:
        """One row of the user's list; raises NotFoundError where there is none."""
        for machine in self.load_machines(key.user_id):
            if machine.slug == key.machine:
                return machine
        raise NotFoundError(
            f"machine {key}: not in {key.user_id}'s list; see synth machines --user {key.user_id}"
        )

    def save_machines(self, user_id: str, machines: Sequence[Machine]) -> None:
        """Replace the user's list; `merge_machines` keeps what another writer adds meanwhile."""
        self.merge_machines(user_id, lambda _: tuple(machines))

    def merge_machines(self, user_id: str, update: Callable[[Machines], Machines]) -> Machines:
        """Replace the user's list by `update(list)` and return it, losing no other update.

        `update` may be called several times.
        """
        key = _list_key(user_id)
        uri = self.objects.uri(key)
        merged: Machines = ()

        def change(old: bytes | None) -> bytes:
            nonlocal merged
            merged = update(() if old is None else _parse_machines(old, uri))
            rows = [dataclasses.asdict(machine) for machine in merged]
            return (json.dumps(rows, indent=2, ensure_ascii=False) + "\n").encode()

        self.objects.update(key, change)
        return merged

    def save_code(
        self, key: PartitionKey, code: Code, tags: Mapping[str, str] | None = None
    ) -> str:
        """Publish a generator; returns where `main.py` lies.

        The old provenance goes first and the new one comes last, so that a writer that dies in
        between leaves code without provenance, which counts as none.
        """
        folder = f"{key}/code"
        self.objects.delete([f"{folder}/provenance.json"])
        self.objects.put(f"{folder}/main.py", code.source.encode(), tags)
        self.objects.put(f"{folder}/signal_kit.py", code.signal_kit.encode(), tags)
        self.objects.put(f"{folder}/provenance.json", code.provenance.to_json().encode(), tags)
        return self.code_uri(key)

    def load_provenance(self, key: PartitionKey) -> Provenance | None:
        """What is known of the accepted generator, None where there is none."""
        try:
            return Provenance.from_json(self.objects.read(f"{key}/code/provenance.json"))
        except (NotFoundError, ValueError, KeyError, TypeError):
            return None

    def load_code(self, key: PartitionKey) -> Code | None:
        """The accepted generator, None where there is none.

        Raises ChangedCodeError where a file is not the one that was accepted: nothing but what
        was judged is ever run.
        """
        provenance = self.load_provenance(key)
        if provenance is None:
            return None
        files = {"main.py": provenance.code_sha256, "signal_kit.py": provenance.signal_kit_sha256}
        texts = []
        for name, accepted in files.items():
            try:
                content = self.objects.read(f"{key}/code/{name}")
            except NotFoundError:
                return None
            if sha256(content).hexdigest() != accepted:
                raise ChangedCodeError(
                    f"{self.objects.uri(f'{key}/code/{name}')} is not the accepted file (sha256 "
                    f"{accepted[:12]}...); restore it, or write it anew with --rewrite"
                )
            texts.append(content.decode())
        return Code(texts[0], texts[1], provenance)

    def publish_dataset(
        self,
        key: PartitionKey,
        year: int,
        dataset: Path,
        labels: Path | None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Publish a year, its labels first; returns where the dataset lies.

        Without labels those of an earlier dataset of the year are removed.
        """
        if labels is None:
            self.objects.delete([_labels_key(key, year)])
        else:
            self.objects.put(_labels_key(key, year), labels, tags)
        self.objects.put(_dataset_key(key, year), dataset, tags)
        return self.dataset_uri(key, year)

    def publish_clean(
        self, key: PartitionKey, year: int, path: Path, tags: Mapping[str, str] | None = None
    ) -> str:
        """Publish the same year without its anomalies; returns where it lies."""
        self.objects.put(_clean_key(key, year), path, tags)
        return self.clean_uri(key, year)

    def publish_report(
        self, key: PartitionKey, year: int, png: bytes, tags: Mapping[str, str] | None = None
    ) -> str:
        """Publish the picture of a year; returns where it lies."""
        self.objects.put(_report_key(key, year), png, tags)
        return self.report_uri(key, year)

    def years(self, key: PartitionKey) -> tuple[int, ...]:
        """Years the machine has a dataset of, in order."""
        names = (name.rpartition("/")[2] for name in self.objects.keys(f"{key}/dataset/"))
        return tuple(int(found[1]) for found in map(_YEAR_FILE.fullmatch, names) if found)

    def has_dataset(self, key: PartitionKey, year: int) -> bool:
        """True where that year is there."""
        return self.dataset_size(key, year) is not None

    def dataset_size(self, key: PartitionKey, year: int) -> int | None:
        """Bytes of that year's file, None where there is none."""
        return self.objects.size(_dataset_key(key, year))

    def open_dataset(self, key: PartitionKey, year: int) -> BinaryIO:
        """A seekable reader of that year's Parquet; raises NotFoundError where there is none."""
        return self.objects.open(_dataset_key(key, year))

    def open_labels(self, key: PartitionKey, year: int) -> BinaryIO | None:
        """A seekable reader of that year's labels, None where there are none."""
        return self._open_or_none(_labels_key(key, year))

    def open_clean(self, key: PartitionKey, year: int) -> BinaryIO | None:
        """A seekable reader of the year without anomalies, None where there is none."""
        return self._open_or_none(_clean_key(key, year))

    def read_report(self, key: PartitionKey, year: int) -> bytes | None:
        """The picture of a year, None where there is none."""
        try:
            return self.objects.read(_report_key(key, year))
        except NotFoundError:
            return None

    def load_table(
        self, key: PartitionKey, year: int, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """That year's readings, or only some columns of them."""
        with self.open_dataset(key, year) as file:
            return _read_parquet(file, self.dataset_uri(key, year), columns)

    def load_labels(self, key: PartitionKey, year: int) -> pa.Table | None:
        """That year's labels, None where there are none."""
        file = self.open_labels(key, year)
        if file is None:
            return None
        with file:
            return _read_parquet(file, self.labels_uri(key, year), None)

    def read_footer(self, key: PartitionKey, year: int) -> pq.FileMetaData:
        """Row count, schema and file metadata of a year, without fetching its data."""
        uri = self.dataset_uri(key, year)
        with self.open_dataset(key, year) as file:
            try:
                return pq.read_metadata(file)
            except pa.ArrowInvalid as error:
                raise _not_parquet(uri, error) from error

    def dataset_uri(self, key: PartitionKey, year: int) -> str:
        """Where that year's dataset lies, or would."""
        return self.objects.uri(_dataset_key(key, year))

    def labels_uri(self, key: PartitionKey, year: int) -> str:
        """Where that year's labels lie, or would."""
        return self.objects.uri(_labels_key(key, year))

    def clean_uri(self, key: PartitionKey, year: int) -> str:
        """Where the year without anomalies lies, or would."""
        return self.objects.uri(_clean_key(key, year))

    def report_uri(self, key: PartitionKey, year: int) -> str:
        """Where that year's picture lies, or would."""
        return self.objects.uri(_report_key(key, year))

    def code_uri(self, key: PartitionKey) -> str:
        """Where the machine's `main.py` lies, or would."""
        return self.objects.uri(f"{key}/code/main.py")

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

    def _open_or_none(self, key: str) -> BinaryIO | None:
        try:
            return self.objects.open(key)
        except NotFoundError:
            return None


def _list_key(user_id: str) -> str:
    return f"{require_name(user_id, 'user id')}/machines.json"


def _dataset_key(key: PartitionKey, year: int) -> str:
    return f"{key}/dataset/{year}.parquet"


def _labels_key(key: PartitionKey, year: int) -> str:
    return f"{key}/anomalies/{year}.parquet"


def _clean_key(key: PartitionKey, year: int) -> str:
    return f"{key}/clean/{year}.parquet"


def _report_key(key: PartitionKey, year: int) -> str:
    return f"{key}/report/{year}.png"


def _is_name(text: str) -> bool:
    try:
        return bool(require_name(text, "user id"))
    except InputError:
        return False


def _parse_machines(content: bytes, uri: str) -> Machines:
    try:
        return tuple(Machine(**row) for row in json.loads(content))
    except (ValueError, TypeError) as error:
        raise StoreError(
            f"{uri}: not a list of machines ({error}); mend the file or move it away, and ask again"
        ) from error


def _read_parquet(file: BinaryIO, uri: str, columns: Sequence[str] | None) -> pa.Table:
    wanted = None if columns is None else list(columns)
    try:
        with pq.ParquetFile(file, pre_buffer=True) as parquet:
            return parquet.read(columns=wanted)
    except pa.ArrowInvalid as error:
        raise _not_parquet(uri, error) from error


def _not_parquet(uri: str, error: pa.ArrowInvalid) -> StoreError:
    reason = str(error).partition("\n")[0]
    return StoreError(f"{uri}: cannot be read as Parquet ({reason}); make that year again")
