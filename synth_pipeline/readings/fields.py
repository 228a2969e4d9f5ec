"""Unit and description of a column, as they stand in the metadata of its Arrow field."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.untrusted import WRITTEN_AS


def column_of(field: pa.Field) -> Column:
    """What a field says of itself; unit and description are empty where it says nothing."""
    metadata = field.metadata or {}
    unit, description = (
        bytes(metadata.get(name, b"")).decode("utf-8", "replace")
        for name in (b"unit", b"description")
    )
    return Column(field.name, unit, description)


def floats_of(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Values as float64, NaN where missing; shape (rows,)."""
    return np.asarray(column.to_numpy(), dtype=np.float64)


def type_of(field: pa.Field) -> str:
    """The type that a column was written with, where its values were not read, too."""
    metadata = field.metadata or {}
    return bytes(metadata.get(WRITTEN_AS.encode(), b"")).decode() or str(field.type)


def signals_of(schema: pa.Schema) -> tuple[Column, ...]:
    """The columns after the first, which holds the time."""
    fields: Iterable[pa.Field] = (schema.field(i) for i in range(1, len(schema.names)))
    return tuple(map(column_of, fields))
