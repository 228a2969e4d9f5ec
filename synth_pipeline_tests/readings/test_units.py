"""Units read off names."""

import pytest

from synth_pipeline.readings.units import unit_from_name


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("chamber_pressure_pa", "Pa"),
        ("Chamber_Pressure_PA", "Pa"),
        ("line_pressure_bar", "bar"),
        ("chuck_temperature_c", "°C"),
        ("motor_power_kw", "kW"),
        ("vibration_mm_s", "mm/s"),
        ("vibration_mm_per_s", "mm/s"),
        ("acceleration_m_s2", "m/s²"),
        ("flow_m3_per_h", "m³/h"),
        ("gas_flow_sccm", "sccm"),
        ("spindle_speed_rpm", "1/min"),
        ("humidity_pct", "%"),
        ("bath_ph", "pH"),
        ("chamber_pressure", ""),
        ("pa", ""),
        ("c", ""),
        ("mm_s", "s"),
        ("", ""),
        ("_", ""),
        ("temperature_c_", ""),
    ],
)
def test_a_unit_is_what_the_name_ends_in(name: str, unit: str) -> None:
    assert unit_from_name(name) == unit
