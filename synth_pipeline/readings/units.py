"""Units read off the end of a signal's name, for generators that state none."""

_UNITS = {
    "pa": "Pa", "hpa": "hPa", "kpa": "kPa", "mpa": "MPa", "bar": "bar", "mbar": "mbar",
    "psi": "psi", "torr": "Torr", "mtorr": "mTorr",
    "c": "°C", "degc": "°C", "celsius": "°C", "k": "K", "kelvin": "K", "f": "°F", "degf": "°F",
    "w": "W", "kw": "kW", "mw": "MW", "kwh": "kWh", "j": "J", "kj": "kJ",
    "v": "V", "mv": "mV", "kv": "kV", "a": "A", "ma": "mA", "ua": "µA", "ohm": "Ω",
    "rpm": "1/min", "hz": "Hz", "khz": "kHz", "mhz": "MHz",
    "m": "m", "mm": "mm", "um": "µm", "nm": "nm", "cm": "cm",
    "mms": "mm/s", "ms": "m/s", "g": "g", "kg": "kg", "mg": "mg", "t": "t",
    "n": "N", "kn": "kN", "nm_torque": "N·m", "sccm": "sccm", "slm": "slm",
    "lpm": "L/min", "l": "L", "ml": "mL", "m3h": "m³/h", "percent": "%", "pct": "%",
    "ppm": "ppm", "ppb": "ppb", "db": "dB", "dba": "dB(A)", "deg": "°", "rad": "rad",
    "s": "s", "min": "min", "h": "h", "ph": "pH", "lux": "lx",
}  # fmt: skip
_COMPOUND = {
    "mm_s": "mm/s", "m_s": "m/s", "mm_per_s": "mm/s", "m_per_s": "m/s", "l_min": "L/min",
    "l_per_min": "L/min", "m3_h": "m³/h", "m3_per_h": "m³/h", "kg_h": "kg/h", "kg_per_h": "kg/h",
    "um_s": "µm/s", "m_s2": "m/s²", "kg_m3": "kg/m³", "g_l": "g/L",
}  # fmt: skip


def unit_from_name(name: str) -> str:
    """Return the unit that a column name ends in, empty where it ends in none we know.

    `chamber_pressure_pa` gives `Pa`, `vibration_mm_per_s` gives `mm/s`.
    """
    parts = name.lower().split("_")
    for length in (3, 2):
        compound = _COMPOUND.get("_".join(parts[-length:]))
        if compound and len(parts) > length:
            return compound
    return _UNITS.get(parts[-1], "") if len(parts) > 1 else ""
