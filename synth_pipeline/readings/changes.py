"""Where a dataset and its clean twin differ: found, written as a patch, read back, undone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.contract import PATCH_SCHEMA
from synth_pipeline.readings.fields import floats_of

STEP_SAMPLE = 37  # no divisor of an hour or a day

Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Changed:
    """Readings of one signal that differ from the clean twin: rows ascending, clean values.

    `sizes` are how far the readings are from them, in usual steps of the signal from one row to
    the next (infinite where one of the two is missing); None where that is not known.
    """

    rows: Rows
    clean: Values
    sizes: Values | None = None

    def within(self, first: int, last: int) -> Rows:
        """The changed rows from `first` to `last`, both inclusive."""
        low, high = np.searchsorted(self.rows, [first, last + 1])
        return self.rows[low:high]


Changes = Mapping[str, Changed]


def changes_between(dataset: pa.Table, clean: pa.Table) -> Changes:
    """Every reading of `dataset` that is not as in `clean`, by signal; same columns and rows."""
    found = {}
    for name in dataset.column_names[1:]:
        values, twin = (floats_of(table.column(name)) for table in (dataset, clean))
        rows = np.flatnonzero(_differ(values, twin))
        found[name] = Changed(rows, twin[rows], _sizes(values[rows], twin[rows], twin))
    return found


def _sizes(values: Values, clean: Values, twin: Values) -> Values:
    steps = np.abs(twin[1::STEP_SAMPLE] - twin[:-1:STEP_SAMPLE])
    steps = steps[steps > 0]
    away = np.abs(values - clean) / (float(np.median(steps)) if steps.size else 1.0)
    return np.where(np.isnan(away), np.inf, away)


def changes_of_patch(patch: pa.Table) -> Changes:
    """Read a patch table back."""
    rows = patch.column("row").to_numpy().astype(np.int64)
    clean = floats_of(patch.column("clean"))
    encoded = patch.column("signal").combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    found = {}
    for code, name in enumerate(encoded.dictionary.to_pylist()):
        where = np.flatnonzero(codes == code)
        where = where[np.argsort(rows[where], kind="stable")]
        found[name] = Changed(rows[where], clean[where])
    return found


def patch_of(changes: Changes) -> pa.Table:
    """The changes as a table, by row and then as the signals stand."""
    names = list(changes)
    rows = np.concatenate([changes[name].rows for name in names] or [np.empty(0, np.int64)])
    clean = np.concatenate([changes[name].clean for name in names] or [np.empty(0)])
    codes = np.repeat(np.arange(len(names)), [changes[name].rows.size for name in names])
    order = np.lexsort((codes, rows))
    signals = pa.DictionaryArray.from_arrays(pa.array(codes[order], pa.int32()), pa.array(names))
    columns = [
        pa.array(rows[order], pa.int32()),
        signals.cast(pa.string()),
        pa.array(clean[order], from_pandas=True),
    ]
    return pa.Table.from_arrays(columns, schema=PATCH_SCHEMA)


def clean_twin(dataset: pa.Table, changes: Changes) -> pa.Table:
    """The dataset as it would be without its anomalies."""
    for place, name in enumerate(dataset.column_names):
        if name in changes and changes[name].rows.size:
            values = floats_of(dataset.column(name)).copy()
            values[changes[name].rows] = changes[name].clean
            column = pa.array(values, dataset.schema.field(place).type, from_pandas=True)
            dataset = dataset.set_column(place, dataset.schema.field(place), column)
    return dataset


def still_changed(dataset: pa.Table, changes: Changes) -> list[Finding]:
    """Judge that what is said to be changed is not the clean value in the dataset."""
    found: list[str] = []
    for name, changed in changes.items():
        if name not in dataset.column_names[1:]:
            found.append(f"changed readings of {name}, which the dataset does not have")
            continue
        values = floats_of(dataset.column(name))
        if changed.rows.size and not 0 <= changed.rows[0] <= changed.rows[-1] < values.size:
            found.append(f"changed readings of {name} outside the year")
            continue
        same = ~_differ(values[changed.rows], changed.clean)
        if same.any():
            found.append(
                f"{int(same.sum()):,} readings of {name} in events are the clean ones, the first "
                f"at row {changed.rows[same][0]:,}"
            )
    return [Finding(Topic.LABELS_AND_DATA, message) for message in found]


def _differ(values: Values, others: Values) -> npt.NDArray[np.bool_]:
    """True where two arrays differ; missing values are equal."""
    apart = (values != others) & ~(np.isnan(values) & np.isnan(others))
    return np.asarray(apart, dtype=np.bool_)
