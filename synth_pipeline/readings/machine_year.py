"""One verified machine-year, as the family's other modules pass it on."""

from dataclasses import dataclass

import pyarrow as pa

from synth_pipeline.domain.column import Column


@dataclass(frozen=True, slots=True)
class MachineYear:
    """The dataset, its labels (None: none written) and its signals, all within the contract."""

    table: pa.Table
    labels: pa.Table | None
    signals: tuple[Column, ...]
