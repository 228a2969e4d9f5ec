"""What can be measured, and its dimension in base units."""

import re
from collections.abc import Mapping
from functools import cache

Dimension = frozenset[tuple[str, int]]

# Each with its dimension in base units (SI Brochure, 9th ed., tables 2 to 6). `part`, `pH`, `dB`,
# `NTU`, `bit`, `rad` and `money` are bases of our own: what is stated in them differs in kind. Of
# several with one dimension the first names a product of units that no row of `UNITS` lists.
QUANTITIES: Mapping[str, str] = {
    "number": "",
    "ratio": "part",
    "relative humidity": "part",
    "trace fraction": "part",
    "mass fraction": "part",
    "length": "m",
    "area": "m2",
    "volume": "m3",
    "mass": "kg",
    "time": "s",
    "temperature": "K",
    "temperature difference": "K",
    "electric current": "A",
    "amount of substance": "mol",
    "luminous flux": "cd",
    "illuminance": "cd m-2",
    "angle": "rad",
    "frequency": "s-1",
    "angular velocity": "rad s-1",
    "velocity": "m s-1",
    "acceleration": "m s-2",
    "volume flow": "m3 s-1",
    "mass flow": "kg s-1",
    "molar flow": "mol s-1",
    "force": "m kg s-2",
    "pressure": "m-1 kg s-2",
    "absolute pressure": "m-1 kg s-2",
    "gauge pressure": "m-1 kg s-2",
    "vacuum pressure": "m-1 kg s-2",
    "energy": "m2 kg s-2",
    "torque": "m2 kg s-2",
    "power": "m2 kg s-3",
    "voltage": "m2 kg s-3 A-1",
    "resistance": "m2 kg s-3 A-2",
    "conductance": "m-2 kg-1 s3 A2",
    "capacitance": "m-2 kg-1 s4 A2",
    "inductance": "m2 kg s-2 A-2",
    "electric charge": "s A",
    "magnetic flux": "m2 kg s-2 A-1",
    "magnetic flux density": "kg s-2 A-1",
    "current density": "m-2 A",
    "electric field": "m kg s-3 A-1",
    "conductivity": "m-3 kg-1 s3 A2",
    "resistivity": "m3 kg s-3 A-2",
    "mass concentration": "m-3 kg",
    "molar concentration": "m-3 mol",
    "number concentration": "m-3",
    "area density": "m-2 kg",
    "linear density": "m-1 kg",
    "dynamic viscosity": "m-1 kg s-1",
    "kinematic viscosity": "m2 s-1",
    "line force": "kg s-2",
    "heat flux": "kg s-3",
    "specific energy": "m2 s-2",
    "dose rate": "m2 s-3",
    "temperature rate": "K s-1",
    "temperature gradient": "m-1 K",
    "pressure rate": "m-1 kg s-3",
    "thermal resistance": "m-2 kg-1 s3 K",
    "acidity": "pH",
    "decibels": "dB",
    "turbidity": "NTU",
    "data": "bit",
    "data rate": "bit s-1",
    "money": "money",
}

# The dimensions of plain numbers and of shares.
PLAIN_NUMBERS = (Dimension(), Dimension({("part", 1)}))

_POWER = re.compile(r"([A-Za-z]+)(-?\d)?")


@cache
def dimension_of(quantity: str) -> Dimension:
    """Exponents of the base units that a row of `QUANTITIES` is measured in."""
    powers = (_POWER.fullmatch(part) for part in QUANTITIES[quantity].split())
    return frozenset((power[1], int(power[2] or 1)) for power in powers if power)


def quantity_of(dimension: Dimension) -> str:
    """Return the first quantity of a dimension, empty where `QUANTITIES` lists none."""
    return _by_dimension().get(dimension, "")


@cache
def _by_dimension() -> Mapping[Dimension, str]:
    return {dimension_of(quantity): quantity for quantity in reversed(tuple(QUANTITIES))}
