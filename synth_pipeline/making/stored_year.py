"""One machine's year as it lies in the store: where, how large, its tables, its verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from synth_pipeline.domain.check import Verdicts
from synth_pipeline.domain.errors import ChangedCodeError, NotFoundError, StoreError
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.readings.checks import CodeOfYear, judge_stored, unreadable
from synth_pipeline.readings.dataset_file import StoredDataset, read_table
from synth_pipeline.readings.layout import YearFile, years_in
from synth_pipeline.readings.untrusted import UNREADABLE, reason_of
from synth_pipeline.stores.dataset_store import CODE_FOLDER, DatasetStore


@dataclass(frozen=True, slots=True)
class StoredYear:
    """A machine-year that is in the store, or would be there."""

    store: DatasetStore
    key: PartitionKey
    year: int

    @property
    def exists(self) -> bool:
        """True where there is a dataset of the year."""
        return self.size_bytes is not None

    @property
    def size_bytes(self) -> int | None:
        """Bytes of the dataset, None where there is none."""
        return self.store.size(self.key, YearFile.DATASET.of(self.year))

    def has(self, file: YearFile) -> bool:
        """True where that file of the year is there."""
        return self.store.size(self.key, file.of(self.year)) is not None

    def uri(self, file: YearFile = YearFile.DATASET) -> str:
        """Where one of the year's files lies, or would."""
        return self.store.uri(self.key, file.of(self.year))

    def open(self, file: YearFile = YearFile.DATASET) -> BinaryIO:
        """A seekable reader of one of the year's files; raises NotFoundError where none is."""
        return self.store.open(self.key, file.of(self.year))

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The readings, or only some columns of them."""
        return self._read(YearFile.DATASET, columns)

    def labels(self) -> pa.Table | None:
        """The labels, None where there are none."""
        try:
            return self._read(YearFile.LABELS)
        except NotFoundError:
            return None

    def judge(self) -> Verdicts:
        """All checks, also where the year is missing or damaged."""
        try:
            with self.open() as source:
                return judge_stored(
                    source,
                    self.year,
                    labels=self._table_or_fault(YearFile.LABELS),
                    patch=self._table_or_fault(YearFile.PATCH),
                    code=self._code_of,
                )
        except NotFoundError:
            return unreadable(f"there is no dataset of {self.year} at {self.uri()}")
        except StoreError as error:
            return unreadable(str(error))

    def origin(self) -> dict[str, str]:
        """What the footer says of where the data came from, empty where it cannot be read."""
        with self.open() as source:
            try:
                return StoredDataset(source).origin
            except UNREADABLE:
                return {}

    def _code_of(self, origin: Mapping[str, str]) -> CodeOfYear:
        """What is known of the code that a footer names.

        One that names none, which this project does not write, is held to the accepted code.
        """
        code, kit = (origin.get(name, "") for name in ("code_sha256", "signal_kit_sha256"))
        try:
            folder = self.store.folder_of_code(self.key, code, kit) if code else CODE_FOLDER
            provenance = self.store.load_provenance(self.key, folder) if folder else None
        except ChangedCodeError as error:
            return CodeOfYear(fault=str(error))
        if provenance is None:
            return CodeOfYear()
        try:
            is_kept = bool(code) and self.store.load_code(self.key, folder) is not None
        except ChangedCodeError as error:
            return CodeOfYear(provenance, fault=str(error))
        return CodeOfYear(provenance, is_kept)

    def _table_or_fault(self, file: YearFile) -> pa.Table | str | None:
        """A damaged file fails its own check alone."""
        try:
            return self._read(file)
        except NotFoundError:
            return None
        except StoreError as error:
            return str(error)

    def _read(self, file: YearFile, columns: Sequence[str] | None = None) -> pa.Table:
        with self.open(file) as source:
            try:
                return read_table(source, columns)
            except UNREADABLE as error:
                raise StoreError(
                    f"{self.uri(file)}: cannot be read as Parquet ({reason_of(error)}); make that "
                    "year again"
                ) from error


def years_of(store: DatasetStore, key: PartitionKey) -> tuple[int, ...]:
    """Years the machine has a dataset of, in order."""
    return years_in(store.names(key, YearFile.DATASET.folder))
