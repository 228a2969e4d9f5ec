"""One verified machine-year, as the family's other modules pass it on."""

import io
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Story:
    """What a machine did at every row and its worklog, as Parquet, and its tag dictionary (JSON).

    They come from code of this project and are passed on as they are.
    """

    context: bytes
    worklog: bytes
    signals: bytes

    def modes(self) -> pa.Array:
        """The operating mode at every row, as a dictionary of words."""
        table = pq.read_table(io.BytesIO(self.context), columns=["mode"])
        return table.column(0).combine_chunks()


@dataclass(frozen=True, slots=True)
class MachineYear:
    """The dataset, its labels (None: none written) and its signals, all within the contract.

    `patch` has the clean value of each changed reading, None where no clean twin is known;
    `story` what the machine did, None where its code does not say; `statistics` are the figures
    of the signals, None where nobody has measured them yet.
    """

    table: pa.Table
    labels: pa.Table | None
    signals: tuple[Column, ...]
    patch: pa.Table | None = None
    statistics: Statistics | None = None
    story: Story | None = None
