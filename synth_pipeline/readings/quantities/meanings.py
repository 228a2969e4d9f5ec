"""What the words of a name are measured in, and which units fit a name or contradict it."""

from collections.abc import Mapping
from functools import cache

from synth_pipeline.readings.quantities.dimensions import PLAIN_NUMBERS, Dimension, dimension_of
from synth_pipeline.readings.quantities.names import Name
from synth_pipeline.readings.quantities.units import Unit
from synth_pipeline.readings.quantities.words import any_of

# What a word at the head of a name is measured in, besides ratios, numbers and products of units
# without a name. Generous: only what cannot be meant is a fault. `level`, `load`, `rate` and the
# like say nothing.
MEANINGS: Mapping[str, str] = {
    "temperature temp temperatures temps": "temperature, temperature rate, temperature gradient",
    "pressure pressures dp": "pressure, pressure rate, length, decibels, line force, force",
    "vacuum draught draft": "pressure, length, volume flow, velocity, force",
    "humidity": "relative humidity, mass concentration, temperature",
    "moisture": "ratio, mass concentration, temperature",
    "voltage": "voltage, electric field, decibels, angle",
    "current": "electric current, current density, velocity, electric charge, angle",
    "power": "power, energy, decibels, heat flux, pressure rate, dose rate",
    "energy": "energy, power, specific energy, line force, pressure",
    "flow flowrate": "volume flow, mass flow, molar flow, velocity, power, heat flux, temperature, "
    "data rate, frequency, volume, mass",
    "speed velocity": "velocity, frequency, angular velocity, volume flow, mass flow, "
    "data rate, voltage",
    "frequency": "frequency, angular velocity, length",
    "vibration": "velocity, acceleration, length, frequency, decibels, voltage, electric current, "
    "angle, angular velocity, force, pressure",
    "acceleration": "acceleration, voltage, decibels, angular velocity, frequency",
    "force": "force, pressure, mass, line force, voltage, torque, electric current",
    "torque": "torque, force, mass, voltage, electric current, pressure",
    "tension": "force, line force, pressure, mass, voltage, torque",
    "weight mass": "mass, force, area density, mass flow, linear density, torque, volume, "
    "mass concentration",
    "position": "length, angle, voltage, electric current, time",
    "angle": "angle, time, length",
    "ph": "acidity, voltage, electric current, power",
    "conductivity": "conductivity, conductance, mass concentration",
    "resistivity": "resistivity, resistance",
    "resistance": "resistance, thermal resistance, resistivity, force, pressure, energy",
    "turbidity": "turbidity, mass concentration",
    "viscosity": "dynamic viscosity, kinematic viscosity, time, torque",
    "thickness": "length, area density, time",
    "diameter roughness": "length, linear density",
    "width": "length, time, angle, frequency",
    "efficiency": "specific energy, energy, power, mass, luminous flux, area",
    "time duration latency delay": "time, angle",
    "dewpoint": "temperature, mass concentration",
}

_ELECTRICAL = any_of("voltage current power energy")
# Words of what is divided by a time, a length or another quantity: `torque_rate` in N·m/s.
_DIVIDED = any_of("rate gradient slope per derivative specific trend ramp change sensitivity")
_RAW_SIGNALS = any_of("mA mV eV keV")


def has_meaning(word: str) -> bool:
    """True for a word of `MEANINGS`."""
    return word in _meanings()


def fits(unit: Unit, name: Name) -> bool:
    """True where a word of the name names what the unit measures."""
    return any(unit.dimension in _meanings().get(word, ()) for word in name.words)


def fitting(units: tuple[Unit, ...], name: Name) -> tuple[Unit, ...]:
    """Return the units that fit the name, all of them where none does."""
    return tuple(unit for unit in units if fits(unit, name)) or units


def contradicts(unit: Unit, name: Name) -> bool:
    """True where the head of the name names what the unit cannot measure.

    Ratios, numbers and products without a name fit all; mA, mV and eV, as raw signals and energies
    of particles, all that is not electrical itself.
    """
    is_raw = unit.symbol in _RAW_SIGNALS and name.head not in _ELECTRICAL
    is_quotient = "/" in unit.symbol and name.has_any(_DIVIDED)
    is_open = not unit.quantity or unit.dimension in PLAIN_NUMBERS or is_raw or is_quotient
    return has_meaning(name.head) and not is_open and not fits(unit, name)


@cache
def _meanings() -> Mapping[str, frozenset[Dimension]]:
    return {
        word: frozenset(dimension_of(quantity) for quantity in quantities.split(", "))
        for words, quantities in MEANINGS.items()
        for word in words.split()
    }
