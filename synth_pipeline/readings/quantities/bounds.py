"""The tables of bounds: between which values a quantity can be, why, and who says so.

Two of the three tolerances of `Bound` are here; the third, for rounding, is in `value_faults`.

- `LIVE_ZERO`, a share of the year's highest value, below a zero that nothing can pass: NAMUR NE 43
  has 4-20 mA transmitters fail low at 3.6 mA, -2.5 % of a span that a year may half fill.
- `slack`, in the unit of the row, for the accuracy that a class of instruments is sold with.
"""

from dataclasses import dataclass
from math import inf

from synth_pipeline.readings.quantities.words import DIFFERENCES, GASES, SIGNED, any_of

LIVE_ZERO = 0.05


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


_UNEQUAL_PRESSURES = DIFFERENCES | any_of(
    "dp pdiff draught draft dynamic pulsation pulse acoustic sound wave osmotic pore soil matric "
    "root capillary relative rel boost head surge transient back cross"
)
_HOT = any_of("plasma arc electron color colour cct ion flame spark laser correlated")
_FIRED = any_of("furnace kiln oven cryo roll")
_TICKS = any_of("encoder adc position raw dac phase tick ticks")
_FAST = any_of("light sound ultrasonic acoustic beam electron ion particle jet shock tip wave")
_OTHER_HUMIDITY = any_of(
    "absolute specific ratio wood material product soil paper grain sludge biomass chip chips"
)
_OTHER_OXYGEN = any_of("valve flow control dissolved do saturation sat setpoint")
_OTHER_EFFICIENCY = any_of(
    "heat cop volumetric carnot charging scavenging conversion filter line production labour labor"
)
_TURNING_TIMES = any_of("to until remaining left early late lead zone utc dead")
_CENTRED_VALVES = any_of("servo proportional spool bipolar directional steering")
_SEVERAL_SUNS = any_of("concentrated receiver simulator furnace focus")
_PART_OF_WIND = any_of("component vertical u v w x y z")
_DEVICES = (
    "motor generator pump turbine inverter converter transformer rectifier gearbox compressor "
    "isentropic drive ups charger electrical hydraulic panel solar module fan blower psu"
)
# Percent of something that is no whole: of a rating, a reference, saturation or dry matter.
_BEYOND_THE_WHOLE = any_of(
    "load loading torque speed power current force pressure flow voltage frequency output input "
    "throughput capacity rate override feed demand setpoint target reference command draw strain "
    "elongation extension stretch expansion moisture humidity rh saturation dissolved oxygen do "
    "air cop thd yield conversion slip intensity brightness overlap reflux recirculation recycle "
    "exposure performance oee productivity utilisation utilization index score swelling dilution "
    "wear life damage stress energy heat thrust stiffness sound noise signal vibration relative "
    "rel ratio price cost sludge swell concentration temperature light irradiance dose dosage "
    "consumption production efficiency soh health vacuum effort boost overspeed excitation field "
    "drum grade slope incline inclination turbidity volume mass weight solids hardness stroke "
    "lambda quality position"
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
NE43_RANGE = "NAMUR NE 43, a 4-20 mA transmitter measures up to 20.5 mA, 103.1 %"
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
          unless=_UNEQUAL_PRESSURES | any_of("gauge above to"), share=LIVE_ZERO),
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
          words=f"{_TANKS}, level fill", unless=SIGNED | any_of("drum rate"), slack=0.125),
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
          head=f"{GASES} concentration content moisture", unless=SIGNED | _OTHER_OXYGEN,
          slack=0.002, share=LIVE_ZERO),
    Bound("trace fraction", 0.0, 1.0, "a share of the whole",
          f"IUPAC Gold Book, fraction; {NE43_LOW}; slack: NDIR zeros drift by 2 ppm",
          words=f"{GASES} concentration content moisture gas residual chlorine ammonia dust",
          slack=2e-6, share=LIVE_ZERO),
    Bound("mass fraction", 0.0, 1.0, "a share of the whole", "ICUMSA SPS-3", slack=0.01),
    Bound("ratio, number", -1.0, 1.0, "a cosine", "IEC 60050-131, power factor",
          words="power, factor", slack=0.02),
    Bound("ratio, number", -1.0, 1.0, "a cosine", "IEC 60050-131, power factor",
          head="pf cosphi phi", slack=0.02),
    Bound("ratio", 0.0, inf, "a root mean square", "IEC 61000-4-7", words="thd", slack=0.001),
    Bound("acidity", -2.0, 16.0, "concentrated acids and bases", f"IUPAC Gold Book, pH; {JUDGED}"),
    Bound("number", -2.0, 16.0, "concentrated acids and bases", f"IUPAC Gold Book, pH; {JUDGED}",
          words="ph"),
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
          unless=SIGNED | any_of("dynamic incremental"), share=LIVE_ZERO),
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
    Bound("temperature", 173.15, 343.15, "air outdoors is between -89.2 and 56.7 °C", WMO,
          words="outdoor outdoors outside weather", unless=SIGNED | _HOT | _FIRED),
    Bound("temperature", 173.15, 473.15, "air outdoors is between -89.2 and 56.7 °C", WMO,
          words="ambient", unless=SIGNED | _HOT | _FIRED),
    Bound("pressure", -1.1e5, inf, "a vacuum under the highest air pressure",
          f"{WMO}, as above; {NOISY}", words="pressure", unless=_UNEQUAL_PRESSURES, share=0.25),
    Bound("vacuum pressure", 0.0, inf, "Torr are counted from zero pressure",
          f"SI Brochure, 8th ed., table 8; {NE43_LOW}", unless=_UNEQUAL_PRESSURES,
          share=LIVE_ZERO),
    Bound("pressure, absolute pressure, gauge pressure", -1e10, 1e10, "presses end at 6 to 8 GPa",
          JUDGED, words="pressure vacuum gauge draught draft dp", unless=frozenset()),
    Bound("ratio", -1e3, 1e3, "a thousandfold", JUDGED, unless=frozenset()),
    Bound("ratio", 0.0, 1.0, "empty and full", f"{DEFINED}; {NE43_RANGE}", head="level fill",
          unless=SIGNED | any_of("sound power noise signal drum"), slack=0.035),
    Bound("ratio", 0.0, 1.0, "a share of the whole", f"{DEFINED}; {NE43_RANGE}",
          unless=DIFFERENCES | _BEYOND_THE_WHOLE | _CENTRED_VALVES, slack=0.035),
    Bound("ratio", -5.0, 5.0, "drives trip at two to three times their rating", JUDGED,
          head="load torque speed power current", unless=any_of("cpu thd relative")),
    Bound("acidity", 0.0, 14.0, "where glass electrodes end", "IUPAC, measurement of pH (2002)",
          slack=1.0),
    Bound("number", 0.0, 14.0, "where glass electrodes end", "IUPAC, measurement of pH (2002)",
          words="ph", slack=1.0),
    Bound("electric current", -1e6, 1e6, "aluminium smelters have 660 kA", JUDGED,
          unless=frozenset()),
    Bound("voltage", -2e6, 2e6, "the highest grids have 1.2 MV", "IEC 60038",
          unless=any_of("impulse lightning")),
    Bound("voltage", -2.0, 2.0, "water itself reacts", "ASTM D1498", words="orp redox",
          unless=any_of("supply"), slack=0.5),
    Bound("power", -1e12, 1e12, "all of Europe has less", JUDGED,
          unless=any_of("pulse peak laser")),
    Bound("force", -1e10, 1e10, "the largest presses have 1 GN", JUDGED, unless=frozenset()),
    Bound("torque", -1e9, 1e9, "the largest wind turbines have 30 MN·m", JUDGED,
          unless=any_of("energy")),
    Bound("frequency", -1e6 / 60, 1e6 / 60, "the fastest spindles", JUDGED, head="speed rpm",
          unless=frozenset()),
    Bound("frequency", 0.0, 1_000.0, "grids have 16.7 to 400 Hz", "IEC 60038, ISO 1540",
          words="grid mains network, frequency"),
    Bound("velocity", -10.0, 10.0, "machines break at a hundredth of it", "ISO 20816-1",
          words="vibration vib", unless=_FAST),
    Bound("length", -1.0, 1.0, "screens and exciters move by centimetres", JUDGED,
          words="vibration", unless=any_of("distance wavelength")),
    Bound("acceleration", -1e6, 1e6, "shock accelerometers end at 100,000 g", JUDGED,
          unless=frozenset()),
    Bound("velocity", -1e3, 1e3, "three times the speed of sound", JUDGED, unless=_FAST,
          words="flow air gas wind water fluid steam belt web line conveyor strip feed casting"),
    Bound("velocity", 0.0, 150.0, "the strongest gust had 113 m/s", f"{WMO}: Barrow Island 1996",
          words="wind, speed", unless=SIGNED | _PART_OF_WIND | {"tunnel"}, slack=0.5),
    Bound("volume flow", -1e6, 1e6, "the Amazon carries 200,000 m³/s", JUDGED, unless=frozenset()),
    Bound("mass flow", -1e9, 1e9, "the Amazon carries 200,000 t/s", JUDGED, unless=frozenset()),
    Bound("volume flow, mass flow", 0.0, inf, "pumps and check valves let nothing back", JUDGED,
          words="coolant fuel lubricant lubrication lube steam", unless=DIFFERENCES, share=0.1),
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
