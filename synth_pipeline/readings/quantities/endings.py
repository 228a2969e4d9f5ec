"""The unit that a column's name ends in: `belt_speed_m_s`, `Outlet Temperature (°C)`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from synth_pipeline.readings.quantities.meanings import fits, fitting, has_meaning
from synth_pipeline.readings.quantities.names import Name
from synth_pipeline.readings.quantities.products import product
from synth_pipeline.readings.quantities.spellings import (
    listed_in_any_case,
    plain_text,
    pressures,
)
from synth_pipeline.readings.quantities.unit_text import readings
from synth_pipeline.readings.quantities.units import Unit
from synth_pipeline.readings.quantities.words import any_of

MAX_NAME_LENGTH = 300

# Quotients that names end in, in lower case with `_` for the stroke: `belt_speed_m_s`. Those of the
# first are also written in one word: `belt_speed_ms`, `gas_flow_m3h`.
_GLUED = (
    "mm/s m/s mm/min m/min m/s2 mm/s2 um/m mL/min mL/h m3/min m3/s m3/d t/h kg/h kg/s kg/min kg/m3 "
    "g/cm3 g/L mg/L ug/L mg/m3 ug/m3 g/m3 uS/cm mS/cm mJ/cm2 W/m2 uSv/h"
)
_PARTED = (
    "um/s km/h mm/h um/h nm/min nm/s L/min L/h L/s uL/min m3/h Nm3/h Sm3/h NL/min g/h g/s g/min "
    "t/d lb/h mg/Nm3 mmol/L mg/kg g/kg dS/m kW/m2 W/cm2 mA/cm2 A/cm2 A/dm2 A/m2 N/mm2 N/mm N/m "
    "kN/m N/cm kg/cm2 g/m2 kg/m2 kJ/kg MJ/kg kWh/t kWh/m3 kWh/kg mm2/s K/min °C/min K/s °C/s °/s "
    "rad/s Pa/m mbar/s bar/min kW/m3 MJ/m3 t/m3 cm2/g mV/V g/kWh kg/t g/t kJ/kWh"
)
_OTHER_ENDINGS: Mapping[str, str] = {
    "m2": "m²", "m3": "m³", "mm2": "mm²", "nm3": "Nm³", "pas": "Pa·s", "pa_s": "Pa·s",
    "mpas": "mPa·s", "mpa_s": "mPa·s", "mohmcm": "MΩ·cm", "mohm_cm": "MΩ·cm", "deg_c": "°C",
    "deg_f": "°F", "deg_s": "°/s", "c_min": "°C/min", "c_s": "°C/s", "degc_min": "°C/min",
    "mohm": "mΩ",
}  # fmt: skip

_TORQUES: Mapping[str, str] = {"n_m": "N·m", "kn_m": "kN·m", "n_cm": "N·cm", "n_mm": "N·mm",
                               "mn_m": "MN·m"}  # fmt: skip

# Units by name that are as often another word at the end of a name: `inlet_temperature_in`.
_NOT_ENDINGS = any_of(
    "in at to h2o second minute hour day days week weeks month months year years annum amp cal cel "
    "dyn nit den tex thou mil point gray grads gravity foot feet yard pound mole bit bits byte ata "
    "gal stokes mps pps sps tps hps qps epm hpm bph wph jph pph uph rps micron atmosphere"
)
_ENDING_LETTERS = frozenset("ckfwjvamgtnlsh")
# Two letters that are units, always or but beside words that name another quantity (`_rh`: right
# hand). What stands in neither is a unit only beside a word that names what it measures.
_SURE_ENDINGS = any_of("kw mw kj mv kv ma ua hz mm um nm cm ms kg mg kn ml db ph pa th gl m2 m3")
_SHORT_ENDINGS = any_of(
    "mj gj gw ah wh oz lb ft yd km na ka mt nt ut ul ug ng ns us lx dl hl cn va hr kt rh kc ev cp"
)
_COUNTED_OVER = any_of("s min h d hr hour minute second day ml l m3 cm3 ft3")
_BRACKETED = re.compile(r"([^\[\]()]*\w)\s*[\[(]([^\[\]()]+)[\])]\s*")


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a name that is a unit: its text, its readings and the name before it."""

    text: str
    units: tuple[Unit, ...]
    before: str


def unit_from_name(name: str) -> str:
    """Return the unit that a column name ends in, empty where it ends in none we know.

    `chamber_pressure_pa` gives `Pa`, `vibration_mm_per_s` gives `mm/s`. Where an ending has two
    readings, the words before it choose: `torque_nm` gives `N·m`, `thickness_nm` `nm`.
    """
    ending = ending_of(name)
    return fitting(ending.units, Name.of(ending.before))[0].symbol if ending else ""


def ending_of(name: str) -> Ending | None:
    """Return the longest end of a name that is a unit, if any."""
    return next(iter(endings_of(name)), None)


@lru_cache(maxsize=4096)
def endings_of(name: str) -> tuple[Ending, ...]:
    """All ends of a name that are units, the longest first.

    `oil_flow_a_m3_per_h` may end in A·m³/h or, of circuit A, in m³/h.
    """
    if len(name) > MAX_NAME_LENGTH:
        return ()
    if bracketed := _BRACKETED.fullmatch(name):
        units = _measuring(readings(bracketed[2]))
        return (Ending(bracketed[2], units, bracketed[1]),) if units else ()
    parts = name.lower().split("_")
    found = []
    for length in range(min(5, len(parts) - 1), 0, -1):
        text, before = "_".join(parts[-length:]), "_".join(parts[:-length])
        if units := _single(text, before) if length == 1 else _quotient(text):
            found.append(Ending(text, units, before))
    return tuple(found)


def _measuring(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Leave out plain numbers, which are nothing that a name ends in."""
    return tuple(unit for unit in units if unit.quantity != "number")


def _single(text: str, before: str) -> tuple[Unit, ...]:
    """Read an ending without `_`: `kw`, `barg`, `m3h`."""
    glued = _quotients().get(text, ())
    if text in _NOT_ENDINGS or (len(text) == 1 and text not in _ENDING_LETTERS):
        return glued
    units = glued + _measuring(listed_in_any_case(text) or pressures(text))
    return () if _is_word(text, units, Name.of(before)) else units


def _is_word(text: str, units: Sequence[Unit], name: Name) -> bool:
    """True for two letters that shorten a word: `steam_temperature_hp`, `voltage_dc`."""
    if len(text) != 2 or text in _SURE_ENDINGS or any(fits(unit, name) for unit in units):
        return False
    return text not in _SHORT_ENDINGS or any(map(has_meaning, name.words))


def _quotient(text: str) -> tuple[Unit, ...]:
    """Read an ending with `_`: `mm_s`, `kg_per_h`, `mbar_a`."""
    if found := _quotients().get(text) or _worded_quotient(text):
        return found
    return pressures(text.replace("_", "")) if text.count("_") == 1 else ()


def _worded_quotient(text: str) -> tuple[Unit, ...]:
    """Read `kg_per_h`, and `per_min` as a number of whatever the words before it name."""
    over, _, under = text.partition("per_")
    if not under or (over and not over.endswith("_")):
        return ()
    if not over:
        return readings(f"1/{under}") if under in _COUNTED_OVER else ()
    if known := _quotients().get(text.replace("_per_", "_")):
        return known
    unit = product(plain_text(text), with_nouns=False)
    return (unit,) if unit else ()


@cache
def _quotients() -> Mapping[str, tuple[Unit, ...]]:
    """Units by the endings that the tables above list."""
    texts = {text.lower().replace("/", "_"): text for text in f"{_GLUED} {_PARTED}".split()}
    texts |= {text.lower().replace("/", ""): text for text in _GLUED.split()}
    found = {ending: readings(text) for ending, text in (texts | dict(_OTHER_ENDINGS)).items()}
    for ending, text in _TORQUES.items():
        found[ending] = (*found.get(ending, ()), *readings(text))
    return found
