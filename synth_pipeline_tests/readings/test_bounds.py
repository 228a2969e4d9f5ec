"""Files that would take more than there is: refused before they are unpacked."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline_tests.support.outputs import (
    ROWS,
    columns,
    peak_mib,
    refuse,
    write,
)
from synth_pipeline_tests.support.tables import minutes


def test_more_rows_than_four_years_are_not_read(tmp_path: Path) -> None:
    rows = 5 * ROWS
    table = pa.table({name: pa.nulls(rows, pa.int8()) for name in columns()})
    pq.write_table(table, tmp_path / "data.parquet")

    assert refuse(tmp_path) == [
        "data.parquet has 2,635,200 rows and 4 columns; "
        "expected 527,040 rows and at most 500 signals"
    ]


def test_a_thousand_columns_are_not_read(tmp_path: Path) -> None:
    table = pa.table({f"zone_{i}_c": [1.0] for i in range(1000)})
    pq.write_table(table, tmp_path / "data.parquet")

    [message] = refuse(tmp_path)

    assert message.startswith("data.parquet has 1 rows and 1000 columns; ")


@pytest.mark.parametrize("column", ["operating_mode", "Timestamp"])
def test_a_small_file_that_would_unpack_to_gigabytes_is_refused_at_once(
    tmp_path: Path, column: str
) -> None:
    word = pa.array(["x" * 100_000])
    bomb = pa.DictionaryArray.from_arrays(np.zeros(ROWS, np.int32), word)  # 53 GB of text
    table = pa.table(columns(**{column: bomb}))
    pq.write_table(table, tmp_path / "data.parquet", store_schema=False)
    before = peak_mib()

    [message] = refuse(tmp_path)

    assert f"{column} " in message
    assert "string" in message
    assert len(message) < 300
    assert peak_mib() - before < 300


def test_labels_that_would_unpack_to_gigabytes_are_refused_at_once(tmp_path: Path) -> None:
    write(tmp_path)
    events = 5_000
    word = pa.array(["x" * 800_000])
    bomb = pa.DictionaryArray.from_arrays(np.zeros(events, np.int32), word)  # 4 GB of text
    times = pa.array(minutes()[:events])
    labels = pa.table({"start": times, "end": times, "kind": bomb})
    pq.write_table(labels, tmp_path / "anomalies.parquet", store_schema=False)
    before = peak_mib()

    messages = refuse(tmp_path)

    assert messages == ["anomalies.parquet unpacks to more than 64 MiB"]
    assert peak_mib() - before < 800
