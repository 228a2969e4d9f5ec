"""The physical floor: what numpy and Parquet alone take for numbers of the same shape."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.workplace import ROWS, SIGNALS, YEAR
from synth_pipeline.sandbox.runner import Limits, Runner

FILTER_MINUTES = 5
ONLY_IMPORTS = "import numpy, pyarrow.parquet\n"


def write_noise(path: Path, encode: Callable[[pa.Table, Path], None]) -> None:
    """Random numbers, a moving average and one Parquet file, all in this process."""
    rng = np.random.default_rng(1)
    start = np.datetime64(f"{YEAR}-01-01T00:00", "m")
    times = np.arange(start, start + ROWS).astype("datetime64[ms]")
    window = np.full(FILTER_MINUTES, 1 / FILTER_MINUTES)
    columns = {"Timestamp": times}
    for number in range(SIGNALS):
        noise = rng.standard_normal(ROWS)
        columns[f"signal_{number}"] = np.convolve(noise, window, mode="same")
    encode(pa.table(columns), path)


def plain_parquet(table: pa.Table, path: Path) -> None:
    """Full precision, zstd and otherwise Arrow's defaults."""
    pq.write_table(table, path, compression="zstd")


def sensor_parquet(table: pa.Table, path: Path) -> None:
    """Rounded as sensors round, and encoded as the project publishes: a lower floor."""
    names = table.column_names
    rounded = {name: np.round(table.column(name).to_numpy(), 2) for name in names[1:]}
    pq.write_table(
        pa.table({names[0]: table.column(0), **rounded}),
        path,
        compression="zstd",
        compression_level=1,
        use_dictionary=names[1:],
        column_encoding={names[0]: "DELTA_BINARY_PACKED"},
    )


def start_interpreter(runner: Runner, folder: Path) -> None:
    """Start Python in the sandbox and import what every generator imports."""
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_text(ONLY_IMPORTS, encoding="utf-8")
    result = runner.run(folder, {}, Limits(wall_s=60.0, cpu_s=60))
    if result.failure:
        raise RuntimeError(f"the sandbox does not run: {result.failure} {result.output}")
