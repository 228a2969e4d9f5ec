"""What a generator might leave in its folder, and what reading it gives."""

import resource
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.output import read_output
from synth_pipeline_tests.support.tables import minutes

ROWS = 527_040
ZEROS = pa.array(np.zeros(ROWS))
START = "2024-03-01 10:00:00"
END = "2024-03-01 10:05:00"


def columns(**changes: object) -> dict[str, object]:
    good = {
        "Timestamp": pa.array(minutes()),
        "chamber_pressure_pa": ZEROS,
        "chuck_temperature_c": ZEROS,
        "rf_power_w": ZEROS,
    }
    return {**good, **changes}


def write(folder: Path, name: str = "data.parquet", **changes: object) -> Path:
    pq.write_table(pa.table(columns(**changes)), folder / name)
    return folder / name


def accept(folder: Path) -> MachineYear:
    output = read_output(folder, 2024)
    assert output.made is not None, output
    return output.made


def refuse(folder: Path) -> list[str]:
    output = read_output(folder, 2024)
    assert output.made is None
    return [str(finding) for finding in output.findings if finding.is_fatal]


def refuse_csv(folder: Path, content: bytes) -> list[str]:
    (folder / "data.csv").write_bytes(content)
    return refuse(folder)


def refuse_of(folder: Path, **changes: object) -> list[str]:
    write(folder, **changes)
    return refuse(folder)


def peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
