"""One verified machine-year, as the family's other modules pass it on."""

from dataclasses import dataclass

import pyarrow as pa

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.statistics import Statistics


@dataclass(frozen=True, slots=True)
class MachineYear:
    """The dataset, its labels (None: none written) and its signals, all within the contract.

    `patch` has the clean value of each changed reading, None where no clean twin is known;
    `statistics` are the figures of the signals, None where nobody has measured them yet.
    """

    table: pa.Table
    labels: pa.Table | None
    signals: tuple[Column, ...]
    patch: pa.Table | None = None
    statistics: Statistics | None = None
