"""The table of units: what each measures, its size, its spellings, its prefixes, its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi

from synth_pipeline.readings.quantities.dimensions import Dimension


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

    def to_si(self, value: float) -> float:
        """Return a value of this unit in the SI unit of its quantity."""
        return value * self.factor + self.offset

    def from_si(self, value: float) -> float:
        """Return a value of the SI unit in this unit."""
        return (value - self.offset) / self.factor


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit with what else it is written as, and the prefixes (`PREFIXES`) that it takes.

    Where spellings differ only in case, the prefix named first is the usual one.
    """

    symbol: str
    quantity: str
    factor: float
    spellings: str
    prefixes: str
    source: str
    offset: float = 0.0


SI = "BIPM, SI Brochure, 9th ed. (2019): tables 2, 4 and 8"
NIST = "NIST SP 811 (2008), appendix B"
FLOW = "SEMI E12 (standard: 0 °C, 101.325 kPa), DIN 1343 (normal); bounds do not tell them apart"
IEC = "IEC 80000-13 and 80000-6"
TRADE = "definition of the scale, in use in the trade"
COUNT = "a number of things; ISO 80000-1, quantities of dimension one"

PREFIXES: Mapping[str, tuple[float, str]] = {
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
