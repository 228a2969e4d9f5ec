"""The figures of the contract."""

import pytest

from synth_pipeline.domain.names import is_generic_name
from synth_pipeline.readings.contract import rows_in_year


@pytest.mark.parametrize(
    ("year", "rows"),
    [(2023, 525_600), (2024, 527_040), (2100, 525_600), (2000, 527_040), (1970, 525_600)],
)
def test_a_year_has_a_row_for_each_minute(year: int, rows: int) -> None:
    assert rows_in_year(year) == rows


@pytest.mark.parametrize(
    "name",
    ["signal_1", "Signal1", "sensor", "value_12", "col3", "x", "Y2", "channel_0", "var_1", "data",
     "feature_7", "__index_level_0__", "index", "Unnamed: 0", "sensor_"],
)  # fmt: skip
def test_a_name_without_a_quantity_is_generic(name: str) -> None:
    assert is_generic_name(name)


@pytest.mark.parametrize(
    "name",
    ["chamber_pressure_pa", "x_position_mm", "data_rate_hz", "air_quality_index", "sensor_1_c",
     "signal_to_noise_db", "channel_width_um", "variable_valve_lift_mm", "value_stream"],
)  # fmt: skip
def test_a_name_with_a_quantity_is_not_generic(name: str) -> None:
    assert not is_generic_name(name)
