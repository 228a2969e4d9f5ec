"""A clean year, and the same year with some readings changed."""

import numpy as np
import pyarrow as pa

from synth_pipeline_tests.support.tables import Event, year_table

YEAR = 2023
POWER, PRESSURE = "rf_power_w", "chamber_pressure_pa"
CLEAN = year_table(YEAR)


def changed(*places: tuple[str, int, int], by: float | None = 50.0) -> pa.Table:
    """The clean year with some rows (inclusive) of some signals moved, or missing."""
    table = CLEAN
    for name, first, last in places:
        values = table.column(name).to_numpy().copy()
        values[first : last + 1] = np.nan if by is None else values[first : last + 1] + by
        place = table.column_names.index(name)
        column = pa.array(values, from_pandas=True)
        table = table.set_column(place, table.schema.field(place), column)
    return table


def event(first: int, last: int, kind: str = "spike") -> Event:
    start = np.datetime64(f"{YEAR}-01-01T00:00")
    return (str(start + np.timedelta64(first, "m")), str(start + np.timedelta64(last, "m")), kind)
