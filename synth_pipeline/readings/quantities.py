"""What columns can be measured in and what values they can hold: one table, with its sources.

Tables (`UNITS`, `MEANINGS`, `POSSIBLE`, `PLAUSIBLE`) and pure functions over them. Nothing here
reads data: who judges a dataset passes its columns and the extremes of its year.

An honest program must never be refused. So what has two readings (`g`, `nm`, `_pa`) is at fault
only if it is in each of them, words such as `difference` lift the bounds of absolute quantities,
and a unit or name that the tables do not know in detail is left alone. Three tolerances:

- `LIVE_ZERO`, a share of the year's highest value, below a zero that nothing can pass: NAMUR NE 43
  has 4-20 mA transmitters fail low at 3.6 mA, -2.5 % of a span that a year may half fill.
- `slack`, in the unit of the row, for the accuracy that a class of instruments is sold with.
- a relative 1e-9 for the rounding of conversions, so that °C, °F and K get one verdict.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import inf, pi

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.text import quotable

Dimension = frozenset[tuple[str, int]]

MAX_UNIT_LENGTH = 40  # longer ones are prose
MAX_SHOWN = 80
MAX_NAME_LENGTH = 300
LIVE_ZERO = 0.05
ROUNDING = 1e-9
SAME_FACTOR = 0.01  # calendar and nominal values differ by less

# --- quantities -----------------------------------------------------------------------------

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


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measurement: `factor * value + offset` is in the SI unit of its quantity.

    `quantity` is empty for a product of units that measures nothing listed in `QUANTITIES`.
    """

    symbol: str
    quantity: str
    factor: float
    offset: float
    dimension: Dimension


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit with what else it is written as, and the prefixes (`_PREFIXES`) that it takes.

    Where spellings differ only in case, the prefix named first is the usual one.
    """

    symbol: str
    quantity: str
    factor: float
    spellings: str
    prefixes: str
    source: str
    offset: float = 0.0


# --- units ----------------------------------------------------------------------------------

SI = "BIPM, SI Brochure, 9th ed. (2019): tables 2, 4 and 8"
NIST = "NIST SP 811 (2008), appendix B"
FLOW = "SEMI E12 (standard: 0 °C, 101.325 kPa), DIN 1343 (normal); bounds do not tell them apart"
IEC = "IEC 80000-13 and 80000-6"
TRADE = "definition of the scale, in use in the trade"
COUNT = "a number of things; ISO 80000-1, quantities of dimension one"

_PREFIXES: Mapping[str, tuple[float, str]] = {
    "f": (1e-15, "femto"),
    "p": (1e-12, "pico"),
    "n": (1e-9, "nano"),
    "u": (1e-6, "micro"),
    "m": (1e-3, "milli"),
    "c": (1e-2, "centi"),
    "d": (1e-1, "deci"),
    "h": (1e2, "hecto"),
    "k": (1e3, "kilo"),
    "M": (1e6, "mega"),
    "G": (1e9, "giga"),
    "T": (1e12, "tera"),
}

_NOTHING = "- -- none n/a na nil null dimensionless unitless unit_less [-] (-) . adim"
_SCALES = (
    "ratio fraction factor index number no. # coefficient score points point grade rating scale pu "
    "p.u. per_unit a.u. au arb arb.u. arb.unit arbitrary arbitraryunits code state status mode "
    "flag bool boolean binary enum category level logical digital on/off 0/1 true/false rank step "
    "HRC HRB HV HB HBW ShoreA ShoreD IRHD MU Mooney GU L* a* b* dE ΔE PSU SG absorbance Abs OD "
    "Hazen Pt-Co PtCo TCU HU Kappa CSF °SR SR IBU EBC Pa/Pa x X times sigma "
    "aw a_w IU I-unit I-units °Oe Oe° °Z °API API RON MON cetane octane OD600 RFU RLU °E class ISO "
    "ISO4406 NAS1638 Shore C-rate cosφ cosphi PF raw rawvalue value values LSB digit digits ADC "
    "cleanlinesscode gloss"
)
_THINGS = (
    "count counts ct cnt cts each ea pc pcs piece pieces item items unit units part parts bag bags "
    "bottle bottles can cans carton cartons box boxes case cases pallet pallets pack packs package "
    "packages wafer wafers die dies dice chip chips panel panels cell cells vehicle vehicles car "
    "cars order orders parcel parcels tray trays roll rolls sheet sheets stroke strokes shot shots "
    "hit hits rev revs revolution revolutions turn turns rotation rotations cycle cycles steps "
    "pulse pulses impulse impulses event events alarm alarms start starts stop stops trip trips "
    "fault faults error errors defect defects reject rejects sample samples particle particles "
    "particulates bubble bubbles cfu copies person people persons request requests packet packets "
    "job jobs thread threads batch batches lot lots tablet tablets vial vials pick picks move "
    "moves sq square thousand million"
)

# fmt: off
UNITS: tuple[UnitRow, ...] = (
    UnitRow("1", "number", 1.0, f"{_NOTHING} {_SCALES} {_THINGS}", "", COUNT),
    UnitRow("µε", "number", 1e-6, "uε ue ustrain microstrain um/m", "", TRADE),
    UnitRow("%", "ratio", 1e-2, "pct percent percentage prozent perc pc% procent", "", SI),
    UnitRow("‰", "ratio", 1e-3, "permille permil promille", "", SI),
    UnitRow("%RH", "relative humidity", 1e-2, "RH %rH %r.H. %rF %r.F. RH% rel.%", "", SI),
    UnitRow("°Bx", "mass fraction", 1e-2, "Brix °Brix degBrix Bx degBx °Bx", "", "ICUMSA SPS-3"),
    UnitRow("°P", "mass fraction", 1e-2, "Plato °Plato degPlato", "", TRADE),
    UnitRow("ppm", "trace fraction", 1e-6, "ppmv ppmw ppmm vpm umol/mol mg/kg ug/g", "", NIST),
    UnitRow("ppb", "trace fraction", 1e-9, "ppbv ppbw nmol/mol ug/kg ng/g", "", NIST),
    UnitRow("ppt", "trace fraction", 1e-12, "pptv pmol/mol ng/kg", "", NIST),
    UnitRow("m", "length", 1.0, "meter metre", "m u n c k d p", SI),
    UnitRow("µm", "length", 1e-6, "micron", "", SI),
    UnitRow("Å", "length", 1e-10, "angstrom Angstroem", "", NIST),
    UnitRow("in", "length", 0.0254, 'inch inches "', "u", NIST),
    UnitRow("mil", "length", 2.54e-5, "thou", "", NIST),
    UnitRow("ft", "length", 0.3048, "foot feet", "k", NIST),
    UnitRow("yd", "length", 0.9144, "yard", "", NIST),
    UnitRow("mi", "length", 1609.344, "mile", "", NIST),
    UnitRow("ha", "area", 1e4, "hectare", "", SI),
    UnitRow("L", "volume", 1e-3, "l liter litre ltr lt", "m u n c d h k M", SI),
    UnitRow("cm³", "volume", 1e-6, "cc ccm", "", SI),
    UnitRow("Nm³", "volume", 1.0, "Nm3 m3n m3N m3(N) Ncm m³(n) Normm3", "k", FLOW),
    UnitRow("Sm³", "volume", 1.0, "Sm3 m3s(std) scm stdm3", "k", FLOW),
    UnitRow("NL", "volume", 1e-3, "Nl ln SL std.L sL", "m", FLOW),
    UnitRow("ft³", "volume", 0.028316846592, "cuft cu.ft. scf acf cf ft^3 SCF", "k", NIST),
    UnitRow("Mcf", "volume", 28.316846592, "Mscf", "", NIST),
    UnitRow("gal", "volume", 0.003785411784, "gallon usgal gal(US)", "k M", NIST),
    UnitRow("bbl", "volume", 0.158987294928, "barrel", "k M", NIST),
    UnitRow("hL", "volume", 0.1, "hl hectoliter", "k", SI),
    UnitRow("g", "mass", 1e-3, "gram gramme gr", "k m u n c p", SI),
    UnitRow("t", "mass", 1e3, "tonne ton tons metricton", "k", SI),
    UnitRow("lb", "mass", 0.45359237, "lbs lbm pound", "k", NIST),
    UnitRow("oz", "mass", 0.028349523125, "ounce", "", NIST),
    UnitRow("s", "time", 1.0, "sec second secs", "m u n p", SI),
    UnitRow("min", "time", 60.0, "minute mins mn", "", SI),
    UnitRow("h", "time", 3600.0, "hr hour hrs hours", "k", SI),
    UnitRow("d", "time", 86400.0, "day days", "", SI),
    UnitRow("°C", "temperature", 1.0,
            "degC celsius centigrade C deg.C degreeC degreesC degreeCelsius degreesCelsius gradC "
            "°Celsius 'C oC Cel", "", SI, 273.15),
    UnitRow("K", "temperature", 1.0, "kelvin degK °K", "m u", SI),
    UnitRow("°F", "temperature", 5 / 9,
            "degF fahrenheit F deg.F degreeF degreesF degreeFahrenheit degreesFahrenheit "
            "°Fahrenheit", "", NIST, 459.67 * 5 / 9),
    UnitRow("°R", "temperature", 5 / 9, "degR rankine", "", NIST),
    UnitRow("ΔK", "temperature difference", 1.0, "deltaK dK deltaC ΔC Δ°C dC deltadegC", "", SI),
    UnitRow("Δ°F", "temperature difference", 5 / 9, "deltaF ΔF dF deltadegF", "", NIST),
    UnitRow("Pa", "pressure", 1.0, "pascal", "k h M m G u n d p", SI),
    UnitRow("bar", "pressure", 1e5, "", "m u k d n", SI),
    UnitRow("psi", "pressure", 6894.757293168, "psid lbf/in2 lb/in2 pounds/inch^2", "k", NIST),
    UnitRow("ksi", "pressure", 6894757.293168, "", "", NIST),
    UnitRow("Torr", "vacuum pressure", 101325 / 760, "torr", "m u", NIST),
    UnitRow("atm", "pressure", 101325.0, "atmosphere", "", NIST),
    UnitRow("kgf/cm²", "pressure", 98066.5, "at kg/cm2 kp/cm2 ata atü", "", NIST),
    UnitRow("mmHg", "pressure", 133.3224, "mm.Hg. torr(mm)", "", NIST),
    UnitRow("cmHg", "pressure", 1333.224, "", "", NIST),
    UnitRow("inHg", "pressure", 3386.389, '"Hg in.Hg', "", NIST),
    UnitRow("mmH2O", "pressure", 9.80665, "mmWC mmWS mmWG mmCE mmw.c. mmw.g. mmAq", "", NIST),
    UnitRow("cmH2O", "pressure", 98.0665, "cmWC cmWS", "", NIST),
    UnitRow("mH2O", "pressure", 9806.65, "mWC mWS mCE mlc mWG", "", NIST),
    UnitRow("inH2O", "pressure", 249.08891, 'inWC inWG iwc inw.c. in.w.c. in.H2O "wc', "", NIST),
    UnitRow("ftH2O", "pressure", 2989.067, "ftWC ft.H2O", "", NIST),
    UnitRow("A", "electric current", 1.0, "ampere amp", "m u k n p f", SI),
    UnitRow("V", "voltage", 1.0, "volt", "m k M u n", SI),
    UnitRow("W", "power", 1.0, "watt Wel Wth We Wt Wp", "k M G m u n p T", SI),
    UnitRow("VA", "power", 1.0, "voltampere", "k M G", IEC),
    UnitRow("var", "power", 1.0, "VAr reactivevoltampere", "k M G", IEC),
    UnitRow("hp", "power", 745.6998715823, "HP horsepower bhp", "k", NIST),
    UnitRow("PS", "power", 735.49875, "cv metrichorsepower", "", NIST),
    UnitRow("TR", "power", 3516.853, "RT tonR ton tons tonsofrefrigeration", "", NIST),
    UnitRow("Ω", "resistance", 1.0, "ohm Ohm R(ohm)", "m k M u G T", SI),
    UnitRow("S", "conductance", 1.0, "siemens mho", "m u n k", SI),
    UnitRow("F", "capacitance", 1.0, "farad", "u n p m", SI),
    UnitRow("H", "inductance", 1.0, "henry", "m u n", SI),
    UnitRow("C", "electric charge", 1.0, "coulomb", "m u n p k", SI),
    UnitRow("Ah", "electric charge", 3600.0, "amperehour Ahr A·h", "m k", SI),
    UnitRow("T", "magnetic flux density", 1.0, "tesla", "m u n", SI),
    UnitRow("Gs", "magnetic flux density", 1e-4, "gauss G", "k m", NIST),
    UnitRow("Wb", "magnetic flux", 1.0, "weber", "m u", SI),
    UnitRow("1/min", "frequency", 1 / 60,
            "rpm RPM r/min rev/min revs/min U/min u/min upm rot/min turns/min revolutions/min",
            "", NIST),
    UnitRow("1000/min", "frequency", 1000 / 60, "krpm kRPM", "", NIST),
    UnitRow("1/s", "frequency", 1.0, "rps rev/s r/s", "", NIST),
    UnitRow("Hz", "frequency", 1.0, "hertz", "k M G m T", SI),
    UnitRow("1/min", "frequency", 1 / 60, "cpm bpm spm epm dpm hpm min-1", "", COUNT),
    UnitRow("1/s", "frequency", 1.0, "cps pps sps fps hps tps qps rps IOPS s-1", "k", COUNT),
    UnitRow("1/h", "frequency", 1 / 3600, "cph uph pph bph wph jph h-1", "", COUNT),
    UnitRow("Bq", "frequency", 1.0, "becquerel", "k M G m", SI),
    UnitRow("rad", "angle", 1.0, "radian", "m u n", SI),
    UnitRow("°", "angle", pi / 180, "deg degree arcdeg degrees grad(°)", "m", SI),
    UnitRow("arcmin", "angle", pi / 10800, "arcminute", "", SI),
    UnitRow("arcsec", "angle", pi / 648000, "arcsecond", "m u", SI),
    UnitRow("gon", "angle", pi / 200, "grads", "", NIST),
    UnitRow("m/s", "velocity", 1.0, "mps m/sec", "", SI),
    UnitRow("m/min", "velocity", 1 / 60, "mpm m/mn", "", SI),
    UnitRow("km/h", "velocity", 1 / 3.6, "kmh kph kmph", "", SI),
    UnitRow("mph", "velocity", 0.44704, "mi/h", "", NIST),
    UnitRow("ft/min", "velocity", 0.00508, "fpm sfpm sfm lfm", "", NIST),
    UnitRow("ft/s", "velocity", 0.3048, "fps", "", NIST),
    UnitRow("in/min", "velocity", 0.0254 / 60, "ipm", "", NIST),
    UnitRow("in/s", "velocity", 0.0254, "ips", "", NIST),
    UnitRow("L/(m²·h)", "velocity", 1e-3 / 3600, "LMH L/m2h L/m2/h l/m2·h", "", TRADE),
    UnitRow("g", "acceleration", 9.80665, "gn g0 gforce g-force gee gravity G", "m u", NIST),
    UnitRow("Gal", "acceleration", 0.01, "galileo", "m", NIST),
    UnitRow("sccm", "volume flow", 1e-6 / 60, "scm3/min stdcm3/min Ncm3/min Nml/min", "", FLOW),
    UnitRow("slm", "volume flow", 1e-3 / 60, "slpm sl/min nlpm Nl/min Nlpm ln/min NLM", "", FLOW),
    UnitRow("L/min", "volume flow", 1e-3 / 60, "lpm lmin alpm", "", SI),
    UnitRow("L/h", "volume flow", 1e-3 / 3600, "lph", "", SI),
    UnitRow("L/s", "volume flow", 1e-3, "lps", "", SI),
    UnitRow("mL/min", "volume flow", 1e-6 / 60, "ccm cc/min mlpm ccpm", "", SI),
    UnitRow("m³/h", "volume flow", 1 / 3600, "cmh m3h m3/hr cum/h am3/h", "k", SI),
    UnitRow("Nm³/h", "volume flow", 1 / 3600, "nm3h ncmh nm3/hr", "k", FLOW),
    UnitRow("Sm³/h", "volume flow", 1 / 3600, "sm3h scmh", "k", FLOW),
    UnitRow("gal/min", "volume flow", 0.003785411784 / 60, "gpm usgpm", "", NIST),
    UnitRow("gal/h", "volume flow", 0.003785411784 / 3600, "gph", "", NIST),
    UnitRow("gal/d", "volume flow", 0.003785411784 / 86400, "gpd", "", NIST),
    UnitRow("Mgal/d", "volume flow", 3785.411784 / 86400, "MGD", "", NIST),
    UnitRow("ML/d", "volume flow", 1000 / 86400, "MLD", "", SI),
    UnitRow("ft³/min", "volume flow", 0.028316846592 / 60, "cfm acfm scfm icfm", "", NIST),
    UnitRow("ft³/h", "volume flow", 0.028316846592 / 3600, "cfh scfh", "", NIST),
    UnitRow("Mscf/d", "volume flow", 28.316846592 / 86400, "MSCFD MCFD", "", NIST),
    UnitRow("MMscf/d", "volume flow", 28316.846592 / 86400, "MMSCFD", "", NIST),
    UnitRow("bbl/d", "volume flow", 0.158987294928 / 86400, "bpd bopd blpd", "k", NIST),
    UnitRow("t/h", "mass flow", 1000 / 3600, "tph mtph", "k", SI),
    UnitRow("t/d", "mass flow", 1000 / 86400, "tpd mtpd", "k", SI),
    UnitRow("lb/h", "mass flow", 0.45359237 / 3600, "pph", "k", NIST),
    UnitRow("N", "force", 1.0, "newton", "k M m c u d n", SI),
    UnitRow("daN", "force", 10.0, "", "", SI),
    UnitRow("daN·m", "torque", 10.0, "daNm", "", SI),
    UnitRow("lbf", "force", 4.4482216152605, "poundforce lb(f)", "k", NIST),
    UnitRow("kgf", "force", 9.80665, "kp kilopond", "", NIST),
    UnitRow("gf", "force", 9.80665e-3, "pond", "c", NIST),
    UnitRow("tf", "force", 9806.65, "tonf", "", NIST),
    UnitRow("dyn", "force", 1e-5, "dyne", "", NIST),
    UnitRow("J", "energy", 1.0, "joule Ws", "k M G m u n T", SI),
    UnitRow("Wh", "energy", 3600.0, "watthour Whr W·h", "k M G T m", SI),
    UnitRow("VAh", "energy", 3600.0, "", "k M", IEC),
    UnitRow("varh", "energy", 3600.0, "VArh", "k M", IEC),
    UnitRow("cal", "energy", 4.184, "calorie", "k M G", NIST),
    UnitRow("BTU", "energy", 1055.05585262, "Btu", "k", NIST),
    UnitRow("thm", "energy", 1.05505585262e8, "therm", "", NIST),
    UnitRow("eV", "energy", 1.602176634e-19, "electronvolt", "k M G m", SI),
    UnitRow("N·m", "torque", 1.0, "Nm newtonmeter newtonmetre", "k M m c d u", SI),
    UnitRow("lbf·ft", "torque", 1.3558179483314, "ftlb ft·lb ft·lbf lb·ft lbft ftlbf", "k", NIST),
    UnitRow("lbf·in", "torque", 0.1129848290276, "inlb in·lb in·lbf lb·in lbin inlbf", "", NIST),
    UnitRow("ozf·in", "torque", 0.00706155, "oz·in in·oz ozin inoz", "", NIST),
    UnitRow("kgf·m", "torque", 9.80665, "kgm kpm kg·m", "", NIST),
    UnitRow("P", "dynamic viscosity", 0.1, "poise", "c", NIST),
    UnitRow("Pa·s", "dynamic viscosity", 1.0, "Pas", "m u", SI),
    UnitRow("mPa·s", "dynamic viscosity", 1e-3, "cps", "", NIST),
    UnitRow("St", "kinematic viscosity", 1e-4, "stokes", "c", NIST),
    UnitRow("pH", "acidity", 1.0, "pHunit pHunits pHvalue", "", "IUPAC Gold Book, pH"),
    UnitRow("NTU", "turbidity", 1.0, "FNU FTU FAU JTU NTRU TE/F", "m", "ISO 7027-1"),
    UnitRow("dB", "decibels", 1.0, "decibel", "", SI),
    UnitRow("dB(A)", "decibels", 1.0, "dBA", "", SI),
    UnitRow("cd", "luminous flux", 1.0, "candela", "m", SI),
    UnitRow("lm", "luminous flux", 1.0, "lumen", "k", SI),
    UnitRow("lx", "illuminance", 1.0, "lux", "k", SI),
    UnitRow("fc", "illuminance", 10.76391, "footcandle", "", NIST),
    UnitRow("nit", "illuminance", 1.0, "nits", "", NIST),
    UnitRow("mol", "amount of substance", 1.0, "mole eq", "m u n k p", SI),
    UnitRow("M", "molar concentration", 1e3, "molar", "m u n", NIST),
    UnitRow("lb/gal", "mass concentration", 119.8264, "ppg", "", NIST),
    UnitRow("°dH", "molar concentration", 0.1783, "dH degdH", "", "DIN 38409-6"),
    UnitRow("°fH", "molar concentration", 0.1, "fH degfH", "", "10 mg/L CaCO3"),
    UnitRow("g/m²", "area density", 1e-3, "gsm", "", "ISO 536"),
    UnitRow("tex", "linear density", 1e-6, "", "d k", "ISO 1144"),
    UnitRow("den", "linear density", 1 / 9e6, "denier", "", "ISO 1144"),
    UnitRow("Gy", "specific energy", 1.0, "gray", "m u n", SI),
    UnitRow("Sv", "specific energy", 1.0, "sievert", "m u n", SI),
    UnitRow("bit", "data", 1.0, "bits", "k M G T", IEC),
    UnitRow("B", "data", 8.0, "byte", "k M G T", IEC),
    UnitRow("GiB", "data", 8 * 2.0**30, "gibibyte", "", IEC),
    UnitRow("MiB", "data", 8 * 2.0**20, "mebibyte", "", IEC),
    UnitRow("KiB", "data", 8 * 2.0**10, "kibibyte", "", IEC),
    UnitRow("bit/s", "data rate", 1.0, "bps", "k M G T", IEC),
    UnitRow("week", "time", 604800.0, "wk weeks", "", NIST),
    UnitRow("month", "time", 2629746.0, "mo months", "", NIST),
    UnitRow("yr", "time", 31557600.0, "year years annum y", "", NIST),
    UnitRow("kn", "velocity", 1852 / 3600, "knot kt kts", "", SI),
    UnitRow("MMBTU", "energy", 1.05505585262e9, "MMBtu", "", NIST),
    UnitRow("EUR", "money", 1.0, "€ euro USD $ dollar GBP £ CNY JPY ¥ CHF INR", "k M", TRADE),
)
# fmt: on

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


def _any_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Units by name that are as often another word at the end of a name: `inlet_temperature_in`.
_NOT_ENDINGS = _any_of(
    "in at to h2o second minute hour day days week weeks month months year years annum amp cal cel "
    "dyn nit den tex thou mil point gray grads gravity foot feet yard pound mole bit bits byte ata "
    "gal stokes mps pps sps tps hps qps epm hpm bph wph jph pph uph rps micron atmosphere"
)
_ENDING_LETTERS = frozenset("ckfwjvamgtnlsh")
# Two letters that are units, always or but beside words that name another quantity (`_rh`: right
# hand). What stands in neither is a unit only beside a word that names what it measures.
_SURE_ENDINGS = _any_of("kw mw kj mv kv ma ua hz mm um nm cm ms kg mg kn ml db ph pa th gl m2 m3")
_SHORT_ENDINGS = _any_of(
    "mj gj gw ah wh oz lb ft yd km na ka mt nt ut ul ug ng ns us lx dl hl cn va hr kt rh kc ev cp"
)
# What is held against another unit that is stated: no short endings, as in `temperature_min`.
_STRICT_SHORT = _any_of("kw kv hz kg kj mm um ml")
_LOOSE_LONG = _any_of("min deg rad atm tph lux mol ppm ppb ppt pas umm gpd")
_BARS = _any_of("tie boring torsion bus light cross sway roll sand drill tool")
_COUNTED_OVER = _any_of("s min h d hr hour minute second day ml l m3 cm3 ft3")

# --- words of names -------------------------------------------------------------------------

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

# What follows the head of a name without being one.
_TRAILING = _any_of(
    "avg average mean max maximum min minimum rms peak pk std sd median pv sp setpoint set actual "
    "act raw filtered measured meas nominal target ref reference calc est total in out inlet "
    "outlet top bottom upper lower left right front rear back middle mid center centre inner outer "
    "end north south east west zone phase no abs absolute gauge before after upstream downstream "
    "primary secondary discharge rate drop loss rise difference differential diff delta deviation "
    "error de nde"
)
# Words of values that may pass any zero: differences and what is computed from them.
SIGNED = _any_of(
    "difference differences differential diff delta deviation dev error errors err offset drift "
    "change changes trend gradient slope derivative correction compensation trim imbalance "
    "asymmetry unbalance variation fluctuation mismatch misalignment margin net balance anomaly "
    "signed vs versus minus sigma zscore score standardised standardized normalised normalized log "
    "shift bias skew adjustment excess deficit removal"
)
_SHIFTED = _any_of(
    "residual rise drop superheat superheating subcooling subcool undercooling approach pinch lmtd "
    "lift glide spread swing span range hysteresis band deadband dt tdiff lag split overheat "
    "overheating depression elevation step increase decrease above below over under ripple loss "
    "uniformity stability noise std stddev accuracy resolution tolerance amplitude gain "
    "overtemperature dtemp homogeneity unevenness interval resid"
)
DIFFERENCES = SIGNED | _SHIFTED
_UNEQUAL_PRESSURES = DIFFERENCES | _any_of(
    "dp pdiff draught draft dynamic pulsation pulse acoustic sound wave osmotic pore soil matric "
    "root capillary relative rel boost head surge transient back cross"
)
_TEMPERATURES = _any_of("temperature temperatures temp temps")
_ELECTRICAL = _any_of("voltage current power energy")
# Words of what is divided by a time, a length or another quantity: `torque_rate` in N·m/s.
_QUOTIENTS = _any_of("rate gradient slope per derivative specific trend ramp change sensitivity")
_SIGNALS = _any_of("mA mV eV keV")
_PLAIN_NUMBERS = (frozenset[tuple[str, int]](), frozenset({("part", 1)}))
# Heads of names that need no unit.
_UNITLESS = _any_of(
    "factor count counts counter ratio index number state mode status flag code cop score id step "
    "class quality fraction enabled active alarm occupancy grade recipe rank probability pf cosphi "
    "phi coefficient emissivity absorbance turns cycles starts strokes pieces parts rejects "
    "alarms trips on off running position_code health"
)
# Words of a description that make a pressure a difference, where its name does not say so.
_EXCUSES = _any_of("difference differential delta deviation minus signed")
_STATED = frozenset({"rms"})  # words of a description that count as words of the name

# --- bounds ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bound:
    """From `low` to `high` in the SI unit of its quantities, for columns whose names say it.

    `words` are groups parted by commas; a name needs a word of each. `head` are words of which
    one has to be the head of the name. `slack` (SI) and `share` (of the year's highest value)
    widen it. The tables `POSSIBLE` and `PLAUSIBLE` say what it means to be outside.
    """

    quantities: str
    low: float
    high: float
    why: str
    source: str
    words: str = ""
    head: str = ""
    unless: frozenset[str] = SIGNED
    slack: float = 0.0
    share: float = 0.0


_HOT = _any_of("plasma arc electron color colour cct ion flame spark laser correlated")
_FIRED = _any_of("furnace kiln oven cryo roll")
_TICKS = _any_of("encoder adc position raw dac phase tick ticks")
_FAST = _any_of("light sound ultrasonic acoustic beam electron ion particle jet shock tip wave")
_OTHER_HUMIDITY = _any_of(
    "absolute specific ratio wood material product soil paper grain sludge biomass chip chips"
)
_OTHER_OXYGEN = _any_of("valve flow control dissolved do saturation sat setpoint")
_OTHER_EFFICIENCY = _any_of(
    "heat cop volumetric carnot charging scavenging conversion filter line production labour labor"
)
_TURNING_TIMES = _any_of("to until remaining left early late lead zone utc dead")
_CENTRED_VALVES = _any_of("servo proportional spool bipolar directional steering")
_SEVERAL_SUNS = _any_of("concentrated receiver simulator furnace focus")
_PART_OF_WIND = _any_of("component vertical u v w x y z")
_GASES = "oxygen o2 co co2 nitrogen n2 hydrogen h2 methane ch4 argon nox so2 h2s nh3 voc ozone o3"
_FORMULAE = frozenset(gas for gas in _GASES.split() if not gas.isalpha())
_DEVICES = (
    "motor generator pump turbine inverter converter transformer rectifier gearbox compressor "
    "isentropic drive ups charger electrical hydraulic panel solar module fan blower psu"
)
_TANKS = "tank vessel silo bin hopper sump basin reservoir fill bunker container"
_ITEMS = "count counts counter starts alarms trips rejects pieces strokes restarts"
_RATES = (
    "stroke strokes bag bags bottle bottles part parts piece pieces wafer wafers cycle cycles shot "
    "can cans carton cartons throughput"
)

DEFINED = "by definition"
JUDGED = "engineering judgement, wide of what is known in use"
NE43_LOW = "zeros: NAMUR NE 43, -2.5 % of the span when a 4-20 mA transmitter fails low"
NE43_HIGH = "NAMUR NE 43, 106 to 112 % of the span when a 4-20 mA transmitter fails high"
NOISY = "share: the pump of SKAB reads -1.26 to 1.37 bar on a coarse sensor"
WMO = "WMO archive of weather and climate extremes"

# fmt: off
# Outside of these nothing is possible.
POSSIBLE: tuple[Bound, ...] = (
    Bound("temperature", 0.0, inf, "absolute zero",
          "SI Brochure, 9th ed., 2.3.1; slack: silicon diodes of cryostats", slack=0.5),
    Bound("absolute pressure", 0.0, inf, "an absolute pressure",
          f"ISO 80000-4; {NE43_LOW}", share=LIVE_ZERO),
    Bound("pressure", 0.0, inf, "an absolute pressure", f"ISO 80000-4; {NE43_LOW}",
          words="absolute abs barometric atmospheric barometer partial, pressure",
          unless=_UNEQUAL_PRESSURES | _any_of("gauge above to"), share=LIVE_ZERO),
    Bound("gauge pressure", -1.1e5, inf, "a vacuum under the highest air pressure",
          f"{WMO}: 1,083.8 hPa at Agata, 1,089.1 hPa at Tosontsengel; {NOISY}",
          unless=_UNEQUAL_PRESSURES, share=0.25),
    Bound("pressure", -1.1e5, inf, "a vacuum under the highest air pressure",
          f"{WMO}, as above; {NOISY}", words="gauge vacuum", unless=_UNEQUAL_PRESSURES,
          share=0.25),
    Bound("pressure", -1.1e5, inf, "a vacuum under the highest air pressure",
          f"{WMO}, as above; share: might be a difference that its name does not call one",
          words="pressure", unless=_UNEQUAL_PRESSURES, share=1.0),
    Bound("ratio, relative humidity", 0.0, 1.0, "dry and saturated air",
          "WMO-No. 8, vol. I, ch. 4; slack: sensors are within 3 %, dew reads more",
          words="humidity rh", unless=SIGNED | _OTHER_HUMIDITY, slack=0.05),
    Bound("ratio", 0.0, 1.0, "shut and wide open", f"IEC 60534-1; {NE43_HIGH}",
          words="valve damper throttle vane louvre louver gate, position opening stroke",
          unless=SIGNED | _CENTRED_VALVES, slack=0.125),
    Bound("ratio", 0.0, 1.0, "shut and wide open", f"IEC 60534-1; {NE43_HIGH}",
          head="valve damper throttle", unless=SIGNED | _CENTRED_VALVES, slack=0.125),
    Bound("ratio", 0.0, 1.0, "empty and full", f"{DEFINED}; {NE43_HIGH}",
          words=f"{_TANKS}, level fill", unless=SIGNED | _any_of("drum rate"), slack=0.125),
    Bound("ratio", 0.0, 1.0, "empty and full", f"{DEFINED} of state of charge", words="soc",
          slack=0.05),
    Bound("ratio", 0.0, 1.0, "empty and full", f"{DEFINED} of state of charge",
          words="state, charge", slack=0.05),
    Bound("ratio", 0.0, 1.15, "worn out and above the rating of a new cell", JUDGED, words="soh",
          slack=0.02),
    Bound("ratio", 0.0, 1.0, "nothing gives more power than it takes",
          "first law; IEC 60034-2-1, ISO 9906; slack: 2 to 3 % of each of two power meters",
          words=_DEVICES, head="efficiency", unless=SIGNED | _OTHER_EFFICIENCY, slack=0.05),
    Bound("ratio", 0.0, inf, "a share", DEFINED, head="efficiency utilisation utilization",
          slack=0.05),
    Bound("ratio", 0.0, 1.0, "a share of the whole", DEFINED,
          head="purity availability uptime emissivity opacity porosity", slack=0.05),
    Bound("ratio", 0.0, 1.0, "a share of what was tested", DEFINED,
          words="test die wafer pass fpy, yield", slack=0.02),
    Bound("ratio", 0.0, inf, "a share", f"IUPAC Gold Book, fraction; {NE43_LOW}",
          head=f"{_GASES} concentration content moisture", unless=SIGNED | _OTHER_OXYGEN,
          slack=0.002, share=LIVE_ZERO),
    Bound("trace fraction", 0.0, 1.0, "a share of the whole",
          f"IUPAC Gold Book, fraction; {NE43_LOW}; slack: NDIR zeros drift by 2 ppm",
          words=f"{_GASES} concentration content moisture gas residual chlorine ammonia dust",
          slack=2e-6, share=LIVE_ZERO),
    Bound("mass fraction", 0.0, 1.0, "a share of the whole", "ICUMSA SPS-3", slack=0.01),
    Bound("ratio, number", -1.0, 1.0, "a cosine", "IEC 60050-131, power factor",
          words="power, factor", slack=0.02),
    Bound("ratio, number", -1.0, 1.0, "a cosine", "IEC 60050-131, power factor",
          head="pf cosphi phi", slack=0.02),
    Bound("ratio", 0.0, inf, "a root mean square", "IEC 61000-4-7", words="thd", slack=0.001),
    Bound("acidity", -2.0, 16.0, "concentrated acids and bases", f"IUPAC Gold Book, pH; {JUDGED}"),
    Bound("mass concentration", 0.0, inf, "a concentration", NE43_LOW, slack=2e-5,
          share=LIVE_ZERO),
    Bound("mass concentration", 0.0, 22_600.0, "osmium, the densest matter",
          "CRC Handbook of Chemistry and Physics", slack=1_000.0, share=LIVE_ZERO),
    Bound("molar concentration", 0.0, inf, "a concentration", NE43_LOW, share=LIVE_ZERO),
    Bound("number concentration", 0.0, inf, "a number of particles", DEFINED, share=LIVE_ZERO),
    Bound("turbidity", 0.0, inf, "scattered light", f"ISO 7027-1; {NE43_LOW}", slack=0.1,
          share=LIVE_ZERO),
    Bound("conductivity", 0.0, inf, "a conductivity", f"second law; {NE43_LOW}", share=LIVE_ZERO),
    Bound("resistivity", 0.0, inf, "a resistivity", f"second law; {NE43_LOW}", share=LIVE_ZERO),
    Bound("resistance", 0.0, inf, "a resistance", f"second law; {NE43_LOW}", head="resistance",
          unless=SIGNED | _any_of("dynamic incremental"), share=LIVE_ZERO),
    Bound("dynamic viscosity", 0.0, inf, "a viscosity", f"second law; {NE43_LOW}",
          share=LIVE_ZERO),
    Bound("kinematic viscosity", 0.0, inf, "a viscosity", f"second law; {NE43_LOW}",
          head="viscosity", share=LIVE_ZERO),
    Bound("illuminance", 0.0, inf, "an amount of light", NE43_LOW, slack=1.0, share=LIVE_ZERO),
    Bound("length", 0.0, inf, "a size", NE43_LOW, head="thickness width diameter roughness",
          unless=DIFFERENCES, share=LIVE_ZERO),
    Bound("time", 0.0, inf, "a duration", "ISO 80000-3", head="time duration runtime hours age",
          unless=DIFFERENCES | _TURNING_TIMES, share=LIVE_ZERO),
    Bound("number", 0.0, inf, "a count", DEFINED, head=_ITEMS, unless=DIFFERENCES | _TICKS,
          share=LIVE_ZERO),
    Bound("frequency", 0.0, inf, "a count in a time", DEFINED,
          words=f"{_RATES}, rate count counts throughput", unless=DIFFERENCES, share=LIVE_ZERO),
    Bound("frequency", 0.0, inf, "a frequency of the grid", "IEC 60038",
          words="grid mains line network, frequency", share=LIVE_ZERO),
    Bound("power", 0.0, inf, "a heater gives nothing back", f"second law; {NE43_LOW}",
          words="heater lamp burner", head="power", share=LIVE_ZERO),
    Bound("velocity, acceleration, length", 0.0, inf, "a root mean square", "ISO 20816-1",
          words="rms, vibration velocity acceleration displacement", share=LIVE_ZERO),
    Bound("velocity", 0.0, inf, "the amount of a vector", "WMO-No. 8, vol. I, ch. 5",
          words="wind, speed", unless=SIGNED | _PART_OF_WIND, slack=0.5),
    Bound("velocity", -299_792_458.0, 299_792_458.0, "the speed of light", "CODATA 2018"),
    Bound("heat flux", 0.0, inf, "an amount of light", "ISO 9060; slack: zero offset of class C",
          words="irradiance ghi dni solar", slack=30.0),
)
# Outside of these nothing that a sensor of industry shows.
PLAUSIBLE: tuple[Bound, ...] = (
    Bound("temperature", 0.0, 4_273.15, "thermocouples end at 2,315 °C, pyrometers at 3,500 °C",
          "ASTM E230 (type C), IEC TS 62492-1", unless=SIGNED | _HOT, slack=0.5),
    Bound("temperature difference", -4_300.0, 4_300.0, "as far as thermometers reach",
          "ASTM E230 (type C)", unless=_HOT),
    Bound("temperature", 0.0, 1_273.15, "the steel in it is soft far below",
          f"IEC 60085, class 250; {JUDGED}", words="bearing winding gearbox",
          unless=SIGNED | _HOT | _FIRED, slack=0.5),
    Bound("temperature", 173.15, 473.15, "air outdoors is between -89.2 and 56.7 °C", WMO,
          words="ambient outdoor outside weather", unless=SIGNED | _HOT | _FIRED),
    Bound("pressure", -1.1e5, inf, "a vacuum under the highest air pressure",
          f"{WMO}, as above; {NOISY}", words="pressure", unless=_UNEQUAL_PRESSURES, share=0.25),
    Bound("vacuum pressure", 0.0, inf, "Torr are counted from zero pressure",
          f"SI Brochure, 8th ed., table 8; {NE43_LOW}", unless=_UNEQUAL_PRESSURES,
          share=LIVE_ZERO),
    Bound("pressure, absolute pressure, gauge pressure", -1e10, 1e10, "presses end at 6 to 8 GPa",
          JUDGED, words="pressure vacuum gauge draught draft dp", unless=frozenset()),
    Bound("ratio", -1e3, 1e3, "a thousandfold", JUDGED, unless=frozenset()),
    Bound("ratio", -0.5, 3.0, "far from empty and full", JUDGED, head="level",
          unless=SIGNED | _any_of("sound power noise signal drum")),
    Bound("ratio", -5.0, 5.0, "drives trip at two to three times their rating", JUDGED,
          head="load torque speed power current", unless=_any_of("cpu thd relative")),
    Bound("acidity", 0.0, 14.0, "where glass electrodes end", "IUPAC, measurement of pH (2002)",
          slack=1.0),
    Bound("electric current", -1e6, 1e6, "aluminium smelters have 660 kA", JUDGED,
          unless=frozenset()),
    Bound("voltage", -2e6, 2e6, "the highest grids have 1.2 MV", "IEC 60038",
          unless=_any_of("impulse lightning")),
    Bound("voltage", -2.0, 2.0, "water itself reacts", "ASTM D1498", words="orp redox",
          unless=_any_of("supply"), slack=0.5),
    Bound("power", -1e12, 1e12, "all of Europe has less", JUDGED,
          unless=_any_of("pulse peak laser")),
    Bound("force", -1e10, 1e10, "the largest presses have 1 GN", JUDGED, unless=frozenset()),
    Bound("torque", -1e9, 1e9, "the largest wind turbines have 30 MN·m", JUDGED,
          unless=_any_of("energy")),
    Bound("frequency", -1e6 / 60, 1e6 / 60, "the fastest spindles", JUDGED, head="speed rpm",
          unless=frozenset()),
    Bound("frequency", 0.0, 1_000.0, "grids have 16.7 to 400 Hz", "IEC 60038, ISO 1540",
          words="grid mains network, frequency"),
    Bound("velocity", -10.0, 10.0, "machines break at a hundredth of it", "ISO 20816-1",
          words="vibration vib", unless=_FAST),
    Bound("length", -1.0, 1.0, "screens and exciters move by centimetres", JUDGED,
          words="vibration", unless=_any_of("distance wavelength")),
    Bound("acceleration", -1e6, 1e6, "shock accelerometers end at 100,000 g", JUDGED,
          unless=frozenset()),
    Bound("velocity", -1e3, 1e3, "three times the speed of sound", JUDGED, unless=_FAST,
          words="flow air gas wind water fluid steam belt web line conveyor strip feed casting"),
    Bound("velocity", 0.0, 150.0, "the strongest gust had 113 m/s", f"{WMO}: Barrow Island 1996",
          words="wind, speed", unless=SIGNED | _PART_OF_WIND | {"tunnel"}, slack=0.5),
    Bound("volume flow", -1e6, 1e6, "the Amazon carries 200,000 m³/s", JUDGED, unless=frozenset()),
    Bound("mass flow", -1e9, 1e9, "the Amazon carries 200,000 t/s", JUDGED, unless=frozenset()),
    Bound("mass", -1e11, 1e11, "stockpiles have some million tonnes", JUDGED, unless=frozenset()),
    Bound("mass", 0.0, inf, "scales drift by less", JUDGED, head="weight mass", share=0.25),
    Bound("heat flux", 0.0, 2_000.0, "1,361 W/m² reach the air and clouds focus 1,900", "ISO 9060",
          words="ghi dni solar", unless=SIGNED | _SEVERAL_SUNS, slack=500.0),
    Bound("decibels", -300.0, 300.0, "neither microphones nor receivers reach so far",
          f"IEC 61672-1; {JUDGED}", unless=frozenset()),
    Bound("magnetic flux density", -100.0, 100.0, "pulsed magnets", JUDGED, unless=frozenset()),
    Bound("turbidity", 0.0, 1e6, "turbidimeters end at 40,000 NTU", JUDGED, slack=1e5),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class ValueFault:
    """An extreme of a column outside a bound; impossible where nothing at all can have it."""

    message: str
    is_impossible: bool

    def __str__(self) -> str:
        return self.message


# --- from text to units ---------------------------------------------------------------------

_PLAIN = str.maketrans({"º": "°", "˚": "°", "⋅": "·", "∙": "·", "•": "·", "×": "·", "*": "·"})
_ASCII = str.maketrans(
    {"\u03bc": "u", "\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2126": "ohm", "Ω": "ohm"}
)
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWER = re.compile(r"([A-Za-z]+)(-?\d)?")
_TERM = re.compile(r"(?P<number>\d{1,9}(?:e\d)?)?(?P<atom>[^\d^-]+)?(?:\^?(?P<power>-?\d))?")
_SEPARATOR = re.compile(r"[·\s]+|\.(?=\D)")
_SUBSTANCE = re.compile(r"(?<=[glLt])(CO2(eq?)?|O2|CaCO3|NOx|KOH|NaOH|Cl2?|NH[34]|NO3|PO4)(?=/|$)")
_PERCENT = re.compile(r"%([^/]|[wvm]/[wvm])*|([^/]|[wvm]/[wvm])*%|vol\.?")
_SCALE = re.compile(r"\d{1,4}(-|\.\.|to)\d{1,4}")  # as in `0-10`
_PRESSURE_KIND = re.compile(r"(.+?)\(?(absolute|abs|a|gauge|ga|g)\)?", re.IGNORECASE)
_WAVE_KIND = re.compile(r"(.+?)\(?(rms|pk|pp|p-p|peak|ac|dc|eff)\)?", re.IGNORECASE)


def known_unit(text: str) -> Unit | None:
    """Return the unit that a text such as `degC`, `m³/h`, `kJ/(kg·K)` or `-` means, else None.

    Of two readings (`g`: gram or standard gravity) it is the usual one.
    """
    return next(iter(_readings(text)), None)


@lru_cache(maxsize=4096)
def _readings(text: str) -> tuple[Unit, ...]:
    """Every unit that a text can mean, the usual one first."""
    if not text.strip() or len(text) > MAX_UNIT_LENGTH:
        return ()
    plain = _plain(text)
    tight = plain.replace(" ", "")
    if found := _listed(tight) or _pressures(tight) or _listed("·".join(_parts(plain))):
        return found
    if (wave := _WAVE_KIND.fullmatch(tight)) and (found := _listed(wave[1])):
        return found
    if _PERCENT.fullmatch(tight):
        return _listed("%")
    product = _product(plain)
    return (product,) if product else _annotated(plain)


def _plain(text: str) -> str:
    """One way to write each character: `µS·cm⁻¹` becomes `uS·cm-1`, `Nm³_per_h` `Nm3/h`."""
    text = unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_ASCII)
    text = re.sub(r"[_\s]+per[_\s]+", "/", text)
    text = re.sub(r"\bcubic (\w+)", r"\1^3", re.sub(r"\bsquare (\w+)", r"\1^2", text))
    text = text.replace(" squared", "^2").replace(" cubed", "^3")
    return " ".join(text.replace("_", " ").split())


def _tight(text: str) -> str:
    return _plain(text).replace(" ", "")


@cache
def _spellings() -> Mapping[str, tuple[Unit, ...]]:
    """Units by spelling and, behind a blank, by spelling in lower case."""
    found: dict[str, dict[tuple[str, float], Unit]] = {}
    for spelling, unit in _all_spellings():
        for key in (spelling, f" {spelling.casefold()}"):
            found.setdefault(key, {}).setdefault((unit.quantity, unit.factor), unit)
    return {key: tuple(units.values()) for key, units in found.items()}


def _all_spellings() -> Iterator[tuple[str, Unit]]:
    for row in UNITS:
        unit = Unit(row.symbol, row.quantity, row.factor, row.offset, dimension_of(row.quantity))
        names = tuple(dict.fromkeys(_tight(name) for name in (row.symbol, *row.spellings.split())))
        yield from ((name, unit) for name in names)
        for prefix in row.prefixes.split():
            size, word = _PREFIXES[prefix]
            symbol = prefix.replace("u", "µ") + row.symbol
            scaled = replace(unit, symbol=symbol, factor=row.factor * size)
            yield from ((prefix + name, scaled) for name in names)
            yield from ((word + name, scaled) for name in names if name.isalpha() and len(name) > 2)


@cache
def dimension_of(quantity: str) -> Dimension:
    """Exponents of the base units that a row of `QUANTITIES` is measured in."""
    powers = (_POWER.fullmatch(part) for part in QUANTITIES[quantity].split())
    return frozenset((power[1], int(power[2] or 1)) for power in powers if power)


@cache
def _by_dimension() -> Mapping[Dimension, str]:
    return {dimension_of(quantity): quantity for quantity in reversed(tuple(QUANTITIES))}


def _listed(text: str) -> tuple[Unit, ...]:
    """Units of the table: in the case as written, else in any case, else in the singular."""
    units = _spellings()
    folded = f" {text.casefold()}"
    singular = folded.removesuffix("s") if len(text) > 3 else folded
    return units.get(text) or units.get(folded) or units.get(singular, ())


@dataclass(frozen=True, slots=True)
class _Term:
    """One term of a product: a unit to a power, a plain number, or a noun that counts things."""

    symbol: str
    factor: float
    power: int
    unit: Unit | None


def _product(text: str, *, with_nouns: bool = True) -> Unit | None:
    """Read `kJ/(kg·K)`, `m s-1` or `g/10min`; what follows the first `/` divides.

    Beside a unit one noun may count things: `kWh/carton`, `doors/h`.
    """
    over, *under = _SUBSTANCE.sub("", text).split("/")
    if any(not part.strip() or (" " in part.strip() and "(" not in part) for part in under):
        return None  # as in `mg/L as N`
    terms = [_term(part, 1) for part in _parts(over)]
    terms += [_term(part, -1) for divisor in under for part in _parts(divisor)]
    read = [term for term in terms if term]
    nouns = [term for term in read if not term.unit and not term.symbol[0].isdigit()]
    is_read = len(read) == len(terms) and any(term.unit for term in read)
    is_allowed = len(nouns) <= (1 if with_nouns and under else 0)
    return _multiplied(read) if is_read and is_allowed else None


def _parts(text: str) -> list[str]:
    text = re.sub(r"[()\[\]]", " ", text)
    text = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])|(?<=[a-z]\d)(?=[A-Za-z])(?!O)", "·", text)
    return [part for part in _SEPARATOR.split(text) if part]


def _term(text: str, sign: int) -> _Term | None:
    """Read `m3`, `s^-1`, `100` or `10min`; None for what is neither a unit nor a word."""
    whole = () if "-" in text else _listed(text)
    if whole:
        return _Term(whole[0].symbol, whole[0].factor ** sign, sign, whole[0])
    match = _TERM.fullmatch(text)
    if not match or not (match["number"] or match["atom"]):
        return None
    number, atom = match["number"] or "", match["atom"] or ""
    power = sign * int(match["power"] or 1)
    unit = next(iter(_listed(atom)), None) if atom else None
    if atom and not unit and not (len(atom) > 2 and atom.isalpha() and not number):
        return None
    factor = float(number or 1) * (unit.factor if unit else 1.0) or 1.0
    return _Term(number + (unit.symbol if unit else atom), factor**power, power, unit)


def _multiplied(terms: Sequence[_Term]) -> Unit | None:
    powers: dict[str, int] = {}
    factor = 1.0
    for term in terms:
        factor *= term.factor
        for base, power in term.unit.dimension if term.unit else ():
            powers[base] = powers.get(base, 0) + power * term.power
    dimension = frozenset((base, power) for base, power in powers.items() if power)
    over, under = (
        "·".join(
            term.symbol + _raised(abs(term.power))
            for term in terms
            if term.power * sign > 0 and term.symbol != "1"
        )
        for sign in (1, -1)
    )
    symbol = (over or "1") + (f"/({under})" if "·" in under else f"/{under}" if under else "")
    quantity = _by_dimension().get(dimension, "")
    return Unit(symbol, quantity, factor, 0.0, dimension) if 0 < factor < inf else None


def _raised(power: int) -> str:
    return str(power).translate(_SUPERSCRIPT) if power != 1 else ""


def _annotated(plain: str) -> tuple[Unit, ...]:
    """Read units that say more: `dBm`, `mg/L as N`, and scales such as `0-10`."""
    tight = plain.replace(" ", "")
    if tight.startswith("dB"):
        return _listed("dB")
    if _SCALE.fullmatch(tight):
        return _listed("1")
    first, *rest = re.split(r"[ (\[,;]", plain, maxsplit=1)
    found = _readings(first) if rest else ()
    return found if found and found[0].quantity != "number" else ()


def _pressures(tight: str) -> tuple[Unit, ...]:
    """Read `barg`, `psia`, `kPa(abs)`."""
    match = _PRESSURE_KIND.fullmatch(tight)
    units = _listed(match[1]) if match else ()
    if not match or not units or dimension_of("pressure") != units[0].dimension:
        return ()
    kind = "absolute" if match[2][0] in "aA" else "gauge"
    symbol = f"{units[0].symbol}({kind[0]})"
    return (replace(units[0], symbol=symbol, quantity=f"{kind} pressure"),)


# --- names ----------------------------------------------------------------------------------

_BRACKETED = re.compile(r"([^\[\]()]*\w)\s*[\[(]([^\[\]()]+)[\])]\s*")


@dataclass(frozen=True, slots=True)
class _Ending:
    """The end of a name that is a unit: its text, its readings and the name before it."""

    text: str
    units: tuple[Unit, ...]
    before: str


@dataclass(frozen=True, slots=True)
class _Name:
    """Words of a column's name, in lower case, without its unit; `head` is what it is about."""

    words: frozenset[str]
    head: str

    @classmethod
    def of(cls, text: str) -> "_Name":
        """Part words at `_`, blanks, digits and capitals: `Volume Flow RateRMS`, `gas_flow2`."""
        parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("pH", "ph"))
        words = [
            word
            for token in re.findall(r"[^\W_]+", parted.lower())
            for word in ([token] if token in _FORMULAE else re.findall(r"[^\W\d_]+", token))
        ]
        last = len(words) - 1
        while last > 0 and (words[last] in _TRAILING or len(words[last]) == 1):
            last -= 1
        is_adjective = last == 0 and len(words) > 1 and words[0] == "current"  # as in current value
        return cls(frozenset(words), words[last] if words and not is_adjective else "")


def unit_from_name(name: str) -> str:
    """Return the unit that a column name ends in, empty where it ends in none we know.

    `chamber_pressure_pa` gives `Pa`, `vibration_mm_per_s` gives `mm/s`. Where an ending has two
    readings, the words before it choose: `torque_nm` gives `N·m`, `thickness_nm` `nm`.
    """
    ending = _ending(name)
    return _fitting(ending.units, _Name.of(ending.before))[0].symbol if ending else ""


@lru_cache(maxsize=4096)
def _ending(name: str) -> _Ending | None:
    if len(name) > MAX_NAME_LENGTH:
        return None
    if bracketed := _BRACKETED.fullmatch(name):
        units = tuple(unit for unit in _readings(bracketed[2]) if unit.quantity != "number")
        return _Ending(bracketed[2], units, bracketed[1]) if units else None
    parts = name.lower().split("_")
    for length in range(min(5, len(parts) - 1), 0, -1):
        before = parts[:-length]
        if units := _units_ending(parts[-length:], before):
            return _Ending("_".join(parts[-length:]), units, "_".join(before))
    return None


@cache
def _quotients() -> Mapping[str, tuple[Unit, ...]]:
    texts = {text.lower().replace("/", "_"): text for text in f"{_GLUED} {_PARTED}".split()}
    texts |= {text.lower().replace("/", ""): text for text in _GLUED.split()}
    return {ending: _readings(text) for ending, text in (texts | dict(_OTHER_ENDINGS)).items()}


def _units_ending(parts: Sequence[str], before: Sequence[str]) -> tuple[Unit, ...]:
    text = "_".join(parts)
    glued = _quotients().get(text, ())
    if len(parts) > 1:
        return glued or _quotient(parts) or (_pressures("".join(parts)) if len(parts) == 2 else ())
    if text in _NOT_ENDINGS or (len(text) == 1 and text not in _ENDING_LETTERS):
        return glued
    spelled = _spellings().get(f" {text}") or _pressures(text)
    units = glued + tuple(unit for unit in spelled if unit.quantity != "number")
    return () if _is_word(text, units, _Name.of("_".join(before))) else units


def _is_word(text: str, units: Sequence[Unit], name: _Name) -> bool:
    """True for two letters that shorten a word: `steam_temperature_hp`, `voltage_dc`."""
    if len(text) != 2 or text in _SURE_ENDINGS or any(_fits(unit, name) for unit in units):
        return False
    return text not in _SHORT_ENDINGS or not name.words.isdisjoint(_meanings())


def _quotient(parts: Sequence[str]) -> tuple[Unit, ...]:
    """Read `kg_per_h`, and `per_min` as a number of whatever the words before it name."""
    over, _, under = "_".join(parts).partition("per_")
    if not under or (over and not over.endswith("_")):
        return ()
    if not over:
        return _readings(f"1/{under}") if under in _COUNTED_OVER else ()
    if known := _quotients().get("_".join(parts).replace("_per_", "_")):
        return known
    unit = _product(_plain("_".join(parts)), with_nouns=False)
    return (unit,) if unit else ()


@cache
def _meanings() -> Mapping[str, frozenset[Dimension]]:
    return {
        word: frozenset(dimension_of(quantity.strip()) for quantity in quantities.split(","))
        for words, quantities in MEANINGS.items()
        for word in words.split()
    }


def _fits(unit: Unit, name: _Name) -> bool:
    """True where a word of the name names what the unit measures."""
    return any(unit.dimension in _meanings().get(word, ()) for word in name.words)


def _fitting(units: tuple[Unit, ...], name: _Name) -> tuple[Unit, ...]:
    return tuple(unit for unit in units if _fits(unit, name)) or units


def _contradicts(unit: Unit, name: _Name) -> bool:
    """True where the head of the name names what the unit cannot measure.

    Ratios, numbers and products without a name fit all; mA, mV and eV, as raw signals and energies
    of particles, all that is not electrical itself.
    """
    is_raw = unit.symbol in _SIGNALS and name.head not in _ELECTRICAL
    is_quotient = "/" in unit.symbol and not name.words.isdisjoint(_QUOTIENTS)
    is_open = not unit.quantity or unit.dimension in _PLAIN_NUMBERS or is_raw or is_quotient
    return name.head in _meanings() and not is_open and not _fits(unit, name)


# --- faults ---------------------------------------------------------------------------------


def unit_faults(columns: Sequence[Column]) -> list[str]:
    """Say of each column whose unit is missing, unknown or misfits the name what is wrong."""
    return [fault for column in columns if (fault := _unit_fault(column))]


def _unit_fault(column: Column) -> str:
    name, text = quotable(column.name, MAX_SHOWN), quotable(column.unit, MAX_SHOWN)
    ending, stated, about = _ending(column.name), _readings(column.unit), _name_of(column)
    if column.unit.strip() and not stated:
        return f"{name} has the unit '{text}', which is none that we know; expected one such as bar"
    if not stated and not ending:
        missing = "has no unit, stated or at the end of the name; expected one such as bar"
        return "" if about.head in _UNITLESS else f"{name} {missing}, or 1 for a plain number"
    if stated and ending and _is_strict(ending, stated[0]) and not _alike(stated, ending.units):
        end = f"{quotable(ending.text, MAX_SHOWN)} ({_kind(ending.units[0])})"
        return f"{name} is in {text} ({_kind(stated[0])}), but its name ends in {end}"
    if stated and ending and _is_strict(ending, stated[0]) and not _same_size(stated, ending.units):
        return f"{name} is in {text}, but its name ends in {quotable(ending.text, MAX_SHOWN)}"
    units = _units_of(column)
    if all(_contradicts(unit, about) for unit in units):
        return f"{name} is in {units[0].symbol} ({_kind(units[0])}), but its name says {about.head}"
    return ""


def _name_of(column: Column) -> _Name:
    """Words of a name without its unit; an ending that is not the stated unit is a word."""
    ending, stated = _ending(column.name), _readings(column.unit)
    is_unit = ending and (not stated or _alike(stated, ending.units))
    return _Name.of(ending.before if ending and is_unit else column.name)


def _units_of(column: Column) -> tuple[Unit, ...]:
    """Readings of the unit, those that fit the name where any does.

    A unit that is no more than what the name ends in may have been read off it.
    """
    ending, units = _ending(column.name), _readings(column.unit)
    if ending and (not units or units[0].symbol == ending.units[0].symbol):
        units = ending.units
    return _fitting(units, _name_of(column))


def _is_strict(ending: _Ending, stated: Unit) -> bool:
    """True where an ending can be nothing but a unit; `m3_min` is the tail of `kw_m3_min`."""
    if "/" in stated.symbol and "_" in ending.text and "per" not in ending.text.split("_"):
        return False
    if ending.text == "bar" and ending.before.rpartition("_")[2] in _BARS:
        return False
    return ending.text in _STRICT_SHORT or (len(ending.text) > 2 and ending.text not in _LOOSE_LONG)


def _alike(some: Iterable[Unit], others: Iterable[Unit]) -> bool:
    kinds, other_kinds = ({_unnumbered(unit.dimension) for unit in us} for us in (some, others))
    return bool(kinds & other_kinds)


def _same_size(some: Iterable[Unit], others: Iterable[Unit]) -> bool:
    """True where two readings are one unit, or one of them is a plain number or a share."""
    return any(
        abs(one.factor / other.factor - 1) < SAME_FACTOR and one.offset == other.offset
        for one in some
        for other in others
    ) or any(unit.dimension in _PLAIN_NUMBERS for unit in some)


def _unnumbered(dimension: Dimension) -> Dimension:
    """Percent and plain numbers as one: both state shares."""
    return frozenset() if dimension in _PLAIN_NUMBERS else dimension


def _kind(unit: Unit) -> str:
    return unit.quantity or "a product of units"


def value_faults(column: Column, low: float, high: float) -> list[ValueFault]:
    """Judge the lowest and the highest value of a year, without NaN, in the column's unit.

    At most one fault for each. None where the unit is unknown, which `unit_faults` says, and none
    where the unit has a reading in which both extremes can be.
    """
    readings = [_faults_in(unit, column, low, high) for unit in _units_of(column)]
    if not readings:
        return []
    return min(readings, key=lambda faults: (sum(f.is_impossible for f in faults), len(faults)))


def _faults_in(unit: Unit, column: Column, low: float, high: float) -> list[ValueFault]:
    described = _Name.of(column.description).words
    name = _name_of(column)
    name = replace(name, words=name.words | described & _STATED)
    said = name.words
    if unit.quantity == "pressure":
        said |= described & _EXCUSES
    if unit.quantity == "temperature" and _is_difference(unit, name):
        unit = replace(unit, quantity="temperature difference", offset=0.0)
    si_low, si_high = (value * unit.factor + unit.offset for value in (low, high))
    below, above = [], []
    for bound in (*POSSIBLE, *PLAUSIBLE):  # in this order: the gravest comes first
        if _concerns(bound, unit, name, said):
            below += [bound] if si_low < _least(bound, si_high) else []
            above += [bound] if si_high > _most(bound) else []
    return [
        *(_fault(bound, unit, column, low, is_low=True) for bound in below[:1]),
        *(_fault(bound, unit, column, high, is_low=False) for bound in above[:1]),
    ]


def _is_difference(unit: Unit, name: _Name) -> bool:
    """True for `temperature_error_degc`, `temperature_rise_k` and kelvins of anything else."""
    if unit.offset:
        return not name.words.isdisjoint(SIGNED)
    return name.words.isdisjoint(_TEMPERATURES) or not name.words.isdisjoint(DIFFERENCES)


def _concerns(bound: Bound, unit: Unit, name: _Name, said: frozenset[str]) -> bool:
    return (
        unit.quantity in bound.quantities.split(", ")
        and said.isdisjoint(bound.unless)
        and (not bound.head or name.head in bound.head.split())
        and all(not name.words.isdisjoint(group.split()) for group in _groups(bound.words))
    )


def _groups(words: str) -> list[str]:
    return words.split(",") if words else []


def _least(bound: Bound, si_high: float) -> float:
    return bound.low - bound.slack - bound.share * max(si_high, 0.0) - ROUNDING * abs(bound.low)


def _most(bound: Bound) -> float:
    return bound.high + bound.slack + ROUNDING * abs(bound.high)


def _fault(bound: Bound, unit: Unit, column: Column, value: float, *, is_low: bool) -> ValueFault:
    limit = ((bound.low if is_low else bound.high) - unit.offset) / unit.factor
    verb, side, than = ("falls", "below", "less") if is_low else ("rises", "above", "more")
    is_impossible = bound in POSSIBLE
    rule = f"nothing is {side}" if is_impossible else f"no such sensor shows {than} than"
    symbol = "" if unit.symbol == "1" else f" {unit.symbol}"
    message = (
        f"{quotable(column.name, MAX_SHOWN)} {verb} to {value:,.6g}{symbol}; "
        f"{rule} {limit:,.6g}{symbol} ({bound.why})"
    )
    return ValueFault(message, is_impossible)
