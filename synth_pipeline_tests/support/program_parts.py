"""Three honest programs that others are made of, and the tool that changes exactly one place.

Texts only, nothing here runs in the tests' own process. `lies` breaks one promise of such a
program, `honest` keeps them all in other ways.
"""


def swap(program: str, *changes: tuple[str, str]) -> str:
    """Replace texts that must each occur exactly once, one after another."""
    for old, new in changes:
        found = program.count(old)
        if found != 1:
            raise ValueError(f"{old!r}: found {found} times, expected once")
        program = program.replace(old, new)
    return program


# pandas and functions; labels are what a comparison with the clean readings finds.
PUMP = '''\
"""One year of minute readings of a cooling water pump, with labelled anomalies."""

import math
import os
import zlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

YEAR = int(os.environ["SYNTH_YEAR"])
SEED = int(os.environ["SYNTH_SEED"])
WITH_ANOMALIES = os.environ.get("SYNTH_ANOMALIES", "on") != "off"
MINUTES = pd.date_range(f"{YEAR}-01-01", f"{YEAR}-12-31 23:59", freq="min", unit="ms")
ROWS = len(MINUTES)

# unit, description, resolution, lowest, highest
SENSORS = {
    "shaft_speed_rpm": ("rpm", "Speed of the pump shaft", 1, 0, 1800),
    "flow_m3_h": ("m3/h", "Flow behind the pump", 0.1, 0, 400),
    "discharge_pressure_bar": ("bar", "Gauge pressure behind the pump", 0.01, -1, 10),
    "suction_abs_pressure_pa": ("Pa", "Absolute pressure before the pump", 10, 0, 200_000),
    "motor_current_a": ("A", "Current of the motor", 0.1, 0, 120),
    "bearing_temp_c": ("°C", "Temperature of the drive end bearing", 0.1, -40, 180),
    "vibration_mm_s": ("mm/s", "Vibration velocity of the bearing, RMS", 0.01, 0, 30),
    "valve_opening_pct": ("%", "Opening of the control valve", 0.1, 0, 100),
}

# kind, category, root cause, change of each signal, how many, shortest, longest in minutes
FAULTS = [
    ("spike", "sensor", "discharge_pressure_bar", {"discharge_pressure_bar": 1.6}, 5, 1, 3),
    ("dropout", "sensor", "flow_m3_h", {"flow_m3_h": 0.0}, 4, 5, 40),
    ("stuck", "sensor", "bearing_temp_c", {"bearing_temp_c": 0.0}, 4, 60, 240),
    ("drift", "sensor", "suction_abs_pressure_pa", {"suction_abs_pressure_pa": 18e3}, 3, 300, 900),
    ("noise_burst", "sensor", "vibration_mm_s", {"vibration_mm_s": 1.5}, 4, 20, 60),
    ("saturation", "sensor", "motor_current_a", {"motor_current_a": 1.0}, 3, 5, 20),
    (
        "level_shift", "process", "drive_end_bearing",
        {"vibration_mm_s": 2.2, "bearing_temp_c": 14.0, "motor_current_a": 5.0}, 4, 120, 400,
    ),
    (
        "oscillation", "process", "valve_opening_pct",
        {"valve_opening_pct": 12.0, "flow_m3_h": 25.0, "discharge_pressure_bar": 0.4}, 4, 40, 120,
    ),
]


def stream(name):
    """A random stream of its own for every part, so that no part disturbs another."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode())])


def lag(values, minutes):
    """First-order response of a body with that time constant."""
    alpha = 1 - math.exp(-1 / minutes)
    return pd.Series(values).ewm(alpha=alpha, adjust=False).mean().to_numpy()


def noise(name, sd, minutes=0.0):
    """Noise with occasional larger excursions; `minutes` is its correlation time."""
    shocks = stream(name).standard_t(5, ROWS) * sd * math.sqrt(3 / 5)
    if not minutes:
        return shocks
    keep = math.exp(-1 / minutes)
    gain = math.sqrt((1 + keep) / (1 - keep))
    shocks[0] /= gain
    return lag(shocks, minutes) * gain


def plateaus(name, low, high, mean_minutes):
    """A level that holds for a while and then moves on."""
    rng = stream(name)
    lengths = rng.exponential(mean_minutes, 3 * ROWS // mean_minutes).astype(int) + 5
    return np.repeat(rng.uniform(low, high, lengths.size), lengths)[:ROWS]


def sense(name, values):
    """What the sensor shows: within its range, in steps of its resolution."""
    _, _, resolution, low, high = SENSORS[name]
    return np.clip(np.round(np.round(values / resolution) * resolution, 6), low, high) + 0.0


def clean_year():
    """All signals as they are while nothing is wrong."""
    day = np.arange(ROWS) / 1440
    summer = -np.cos(2 * np.pi * (day - 20) / 365.25)
    hall = 20 + 5 * summer + 1.2 * np.sin(2 * np.pi * (day - 0.4)) + noise("hall", 1.8, 1500)
    demand = lag(plateaus("demand", 0.5, 0.95, 350), 8) + noise("demand noise", 0.012, 25)
    running = lag((plateaus("standby", 0, 1, 400) > 0.1).astype(float), 2)
    speed = 1480 * running * (0.7 + 0.3 * demand)
    flow = 310 * running * demand
    load = speed / 1480
    wear = (day + 20 * stream("wear").random()) % 75 / 75
    current = 12 * running + 70 * load * flow / 310 + noise("current", 0.5, 3)
    signals = {
        "shaft_speed_rpm": speed + running * noise("speed", 3.0, 5),
        "flow_m3_h": flow + running * noise("flow", 1.5, 2),
        "discharge_pressure_bar": 6.1 * load**2 - 2.0 * (flow / 310) ** 2 + noise("head", 0.02, 4),
        "suction_abs_pressure_pa": 115_000 - 14_000 * (flow / 310) ** 2 + noise("sump", 900, 700),
        "motor_current_a": current,
        "bearing_temp_c": lag(hall + 0.4 * current + 6 * wear, 45) + noise("bearing", 0.08),
        "vibration_mm_s": (0.2 + 1.7 * load**2) * (1 + 0.6 * wear) * np.exp(noise("v", 0.12, 6)),
        "valve_opening_pct": 18 + 70 * demand * running + noise("valve", 0.2, 15),
    }
    return {name: sense(name, values) for name, values in signals.items()}


def faulty(kind, clean, size, period):
    """What a sensor shows in place of `clean`."""
    steps = np.arange(clean.size)
    if kind == "dropout":
        return np.full(clean.size, np.nan)
    if kind == "stuck":
        return np.full(clean.size, clean[0])
    if kind == "saturation":
        return np.full(clean.size, np.inf)
    if kind == "noise_burst":
        return clean + size * stream(f"burst {period}").standard_normal(clean.size)
    shapes = {
        "spike": np.exp(-steps / 1.5),
        "drift": (steps + 1) / clean.size,
        "level_shift": np.ones(clean.size),
        "oscillation": np.sin(2 * np.pi * steps / period),
    }
    return clean + size * shapes[kind]


def add_anomalies(readings):
    """Change the readings in place, one event in each stretch of the year; return the labels."""
    rng, labels = stream("anomalies"), []
    plan = [fault for fault in FAULTS for _ in range(fault[4])]
    slot = ROWS // len(plan)
    for place, number in enumerate(rng.permutation(len(plan))):
        kind, category, root_cause, effects, _, shortest, longest = plan[number]
        length = int(rng.integers(shortest, longest + 1))
        start = place * slot + 120 + int(rng.integers(slot - length - 240))
        strength, period = rng.uniform(0.7, 1.5), rng.uniform(6, 20)
        severity = "low" if strength < 0.95 else "medium" if strength < 1.25 else "high"
        rows = slice(start, start + length)
        changed, affected = np.zeros(length, dtype=bool), []
        for name, size in effects.items():
            clean = readings[name][rows].copy()
            values = sense(name, faulty(kind, clean, size * strength, period))
            readings[name][rows] = values
            if (values != clean).any():
                changed |= values != clean
                affected.append(name)
        if not affected:
            continue
        minutes = start + np.flatnonzero(changed)
        labels.append(
            {
                "start": minutes[0],
                "end": minutes[-1],
                "kind": kind,
                "category": category,
                "root_cause": root_cause,
                "affected": affected,
                "severity": severity,
            }
        )
    return labels


def write_readings(readings):
    """Write dataset.parquet with the unit of every signal."""
    fields = [pa.field("Timestamp", pa.timestamp("ms"))]
    for name in readings:
        unit, description = SENSORS[name][:2]
        about = {"unit": unit, "description": description}
        fields.append(pa.field(name, pa.float64(), metadata=about))
    columns = [pa.array(MINUTES), *(pa.array(values) for values in readings.values())]
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), "dataset.parquet")


def write_labels(labels):
    """Write anomalies.parquet, one row an event."""
    frame = pd.DataFrame(labels)
    frame["start"] = MINUTES[frame["start"].to_numpy()]
    frame["end"] = MINUTES[frame["end"].to_numpy()]
    frame.to_parquet("anomalies.parquet", index=False)


def main():
    """Write the year, and its labels where anomalies are asked for."""
    readings = clean_year()
    if WITH_ANOMALIES:
        labels = add_anomalies(readings)
        write_labels(labels)
    write_readings(readings)


if __name__ == "__main__":
    main()
'''

# numpy and classes; an event is drawn again until its first and last minute really change.
FURNACE = '''\
"""Vacuum hardening furnace: batch after batch through one year, a reading a minute."""

import os
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

IDLE, EVACUATE, HEAT, SOAK, QUENCH = range(5)


@dataclass(frozen=True)
class Sensor:
    """How a quantity is measured."""

    name: str
    unit: str
    description: str
    decimals: int
    low: float
    high: float

    def show(self, values: np.ndarray) -> np.ndarray:
        """Limit to the range and round."""
        return np.clip(np.round(values, self.decimals), self.low, self.high) + 0.0


@dataclass(frozen=True)
class Fault:
    """A kind of event and what it adds to each signal."""

    kind: str
    category: str
    root_cause: str
    effects: dict[str, float]
    count: int
    minutes: tuple[int, int]


SENSORS = [
    Sensor("chamber_temp_k", "K", "Temperature of the hot zone", 1, 0, 1700),
    Sensor("work_temp_k", "K", "Temperature of the charge", 1, 0, 1700),
    Sensor("heating_power_kw", "kW", "Power of the graphite heaters", 1, 0, 250),
    Sensor("chamber_abs_pressure_pa", "Pa", "Absolute pressure in the chamber", 2, 0, 200_000),
    Sensor("fan_current_a", "A", "Current of the quench fan", 1, 0, 160),
    Sensor("water_flow_l_min", "l/min", "Cooling water of the shell", 1, 0, 300),
    Sensor("water_out_temp_c", "°C", "Cooling water that leaves the shell", 2, 0, 95),
]

FAULTS = [
    Fault("spike", "sensor", "chamber_temp_k", {"chamber_temp_k": 60.0}, 5, (1, 4)),
    Fault("dropout", "sensor", "work_temp_k", {"work_temp_k": 0.0}, 4, (10, 60)),
    Fault("stuck", "sensor", "chamber_temp_k", {"chamber_temp_k": 0.0}, 3, (30, 120)),
    Fault("drift", "sensor", "water_out_temp_c", {"water_out_temp_c": 9.0}, 4, (240, 720)),
    Fault("noise_burst", "sensor", "water_flow_l_min", {"water_flow_l_min": 14.0}, 4, (15, 60)),
    Fault(
        "level_shift", "process", "cooling_pump",
        {"water_flow_l_min": -45.0, "water_out_temp_c": 8.0}, 5, (90, 300),
    ),
    Fault(
        "level_shift", "process", "door_seal",
        {"chamber_abs_pressure_pa": 40.0, "heating_power_kw": 12.0}, 4, (60, 200),
    ),
]


class Furnace:
    """One furnace in one year; every part draws from a random stream of its own."""

    def __init__(self, year: int, seed: int) -> None:
        self.first = np.datetime64(f"{year:04d}-01-01", "m")
        self.rows = int((np.datetime64(f"{year + 1:04d}-01-01", "m") - self.first).astype(int))
        self.seed = seed

    def stream(self, part: int) -> np.random.Generator:
        """Random numbers of one part."""
        return np.random.Generator(np.random.Philox(np.random.SeedSequence([self.seed, part])))

    def times(self, rows: np.ndarray) -> np.ndarray:
        """The times of these rows."""
        return (self.first + rows).astype("datetime64[ms]")

    def noise(self, part: int, sd: float, tau: float) -> np.ndarray:
        """Correlated noise whose loudness changes from hour to hour."""
        rng = self.stream(part)
        hours = self.rows // 60 + int(8 * tau) // 60 + 1  # some of them before the year begins
        loudness = np.repeat(rng.gamma(4.0, 0.25, hours), 60)
        shocks = rng.standard_normal(60 * hours) * sd * np.sqrt(2 / tau) * loudness
        return lag(shocks, tau)[-self.rows :] * tau

    def schedule(self) -> tuple[np.ndarray, np.ndarray]:
        """Phase and goal temperature of every minute."""
        rng = self.stream(1)
        batches = self.rows // 250 + 10
        least, most = (20, 25, 80, 90, 35), (240, 35, 110, 150, 50)
        lengths = rng.integers(least, most, (batches, 5))
        goals = rng.choice([1120.0, 1180.0, 1310.0], batches) + rng.normal(0, 4, batches)
        phase = np.repeat(np.tile(np.arange(5), batches), lengths.ravel())[: self.rows]
        return phase, np.repeat(goals, lengths.sum(axis=1))[: self.rows]

    def clean(self) -> dict[str, np.ndarray]:
        """All readings while nothing is wrong."""
        phase, goal = self.schedule()
        season = np.cos(2 * np.pi * (np.arange(self.rows) / 525_960 - 0.55))
        hot = (phase == HEAT) | (phase == SOAK)
        target = np.where(hot, goal, 325.0)
        chamber = lag(target, 14) + self.noise(2, 0.8, 10)
        work = lag(chamber, 24)
        power = np.where(hot, 0.22 * (target - chamber) + 0.045 * (chamber - 300), 0.4)
        decades = np.array([5.0, 0.6, 0.0, -0.4, 5.17])[phase]
        pressure = 10 ** (lag(decades, 3) + self.noise(3, 0.008, 20))
        flow = 118 - 9 * (phase == IDLE) + self.noise(4, 1.6, 30)
        heat = lag(power + 25.0 * (phase == QUENCH), 20)
        water = 19 + 3.5 * season + self.noise(5, 0.6, 240) + 14.3 * heat / flow
        values = {
            "chamber_temp_k": chamber + self.noise(6, 0.3, 1.5),
            "work_temp_k": work + self.noise(7, 0.3, 2),
            "heating_power_kw": power + self.noise(8, 0.5, 2),
            "chamber_abs_pressure_pa": pressure,
            "fan_current_a": lag(np.where(phase == QUENCH, 92.0, 0.6), 2) + self.noise(9, 0.4, 2),
            "water_flow_l_min": flow,
            "water_out_temp_c": water + self.noise(10, 0.05, 2),
        }
        return {sensor.name: sensor.show(values[sensor.name]) for sensor in SENSORS}


class Saboteur:
    """Puts the faults into the readings of a furnace."""

    def __init__(self, furnace: Furnace, readings: dict[str, np.ndarray]) -> None:
        self.furnace, self.readings = furnace, readings
        self.rng = furnace.stream(99)
        self.sensors = {sensor.name: sensor for sensor in SENSORS}
        self.taken = np.zeros(furnace.rows, dtype=bool)
        self.labels: list[dict] = []

    def run(self) -> list[dict]:
        """Place every event; return the labels in the order of time."""
        for fault in FAULTS:
            for _ in range(fault.count):
                while not self.place(fault):
                    pass
        return sorted(self.labels, key=lambda label: label["start"])

    def place(self, fault: Fault) -> bool:
        """Try one place; False where it is taken or an edge of the event would not show."""
        length = int(self.rng.integers(fault.minutes[0], fault.minutes[1] + 1))
        start = int(self.rng.integers(1500, self.furnace.rows - length - 6000))
        strength = self.rng.uniform(0.8, 1.6)
        rows = slice(start, start + length)
        if self.taken[start - 60 : start + length + 60].any():
            return False
        changed = {
            name: self.sensors[name].show(self.shape(fault.kind, name, rows, size * strength))
            for name, size in fault.effects.items()
        }
        for name, values in changed.items():
            same = values == self.readings[name][rows]
            if same[0] or same[-1]:
                return False
        for name, values in changed.items():
            self.readings[name][rows] = values
        self.taken[rows] = True
        self.labels.append(
            {
                "start": start,
                "end": start + length - 1,
                "kind": fault.kind,
                "category": fault.category,
                "root_cause": fault.root_cause,
                "affected": list(changed),
                "severity": ("low", "medium", "high")[int((strength - 0.8) / 0.27)],
            }
        )
        return True

    def shape(self, kind: str, name: str, rows: slice, size: float) -> np.ndarray:
        """The readings of a signal with the fault in them."""
        clean = self.readings[name][rows]
        steps = np.arange(clean.size)
        if kind == "spike":
            return clean + size * 0.5**steps
        if kind == "level_shift":
            return clean + size
        if kind == "drift":
            return clean + size * (steps + 1) / clean.size
        if kind == "noise_burst":
            return clean + size * self.rng.standard_normal(clean.size)
        if kind == "stuck":  # the last good reading stays
            return np.full(clean.size, self.readings[name][rows.start - 1])
        return np.full(clean.size, np.nan)


def lag(values: np.ndarray, tau: float) -> np.ndarray:
    """First-order response with time constant `tau` in minutes, as a weighted mean of the past."""
    weights = np.exp(-np.arange(int(8 * tau) + 1) / tau)
    past = np.concatenate([np.full(weights.size - 1, values[0]), values])
    return np.convolve(past, weights / weights.sum(), mode="valid")


def write_readings(furnace: Furnace, readings: dict[str, np.ndarray]) -> None:
    """Write dataset.parquet."""
    fields = [pa.field("Timestamp", pa.timestamp("ms"))]
    for sensor in SENSORS:
        about = {"unit": sensor.unit, "description": sensor.description}
        fields.append(pa.field(sensor.name, pa.float64(), metadata=about))
    columns = [furnace.times(np.arange(furnace.rows))]
    columns += [readings[sensor.name] for sensor in SENSORS]
    arrays = [pa.array(column) for column in columns]
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), "dataset.parquet")


def write_labels(furnace: Furnace, labels: list[dict]) -> None:
    """Write anomalies.parquet."""
    columns = {key: [label[key] for label in labels] for key in labels[0]}
    for key in ("start", "end"):
        columns[key] = furnace.times(np.array(columns[key]))
    pq.write_table(pa.table(columns), "anomalies.parquet")


def main() -> None:
    """Make the year that the environment asks for."""
    furnace = Furnace(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    readings = furnace.clean()
    if os.environ.get("SYNTH_ANOMALIES", "on").lower() == "on":
        labels = Saboteur(furnace, readings).run()
        write_labels(furnace, labels)
    write_readings(furnace, readings)


if __name__ == "__main__":
    main()
'''

# signal_kit, with faults whose first and last minute show.
COMPRESSOR = '''\
"""Oil-injected screw compressor of a compressed air station, made with signal_kit."""

import numpy as np
from signal_kit import Maintenance, Modes, Recorder, Simulation, Wear


class ScrewCompressor:
    """Loads and unloads around the pressure band of the air net."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.plan = sim.plan(
            Modes({"loaded": (55, 6), "unloaded": (18, 5), "standby": (90, 1)}),
            maintenance=Maintenance(every_days=45, hours=5),
            wear=Wear(700, ("loaded",)),
        )

    def record(self, recorder: Recorder) -> None:
        """Add all signals."""
        sim, plan, lag = self.sim, self.plan, self.sim.lag
        loaded = plan.where("loaded")
        running = plan.where("loaded", "unloaded").astype(float)
        room = 22 + 0.5 * (sim.outdoor(3) - 11)
        clogging = plan.wear
        load = lag(loaded.astype(float), 1.5) * (0.86 + sim.noise("load", 0.03, 25))
        net = 6.9 + lag(0.9 * load - 0.4, 12) + sim.noise("net", 0.05, 40)
        current = 38 * running + 92 * load + sim.noise("current", 0.6)
        oil = lag(room + 32 * running + 24 * load + 6 * clogging, 18)
        recorder.add(
            "net_pressure_bar", net + sim.noise("net sensor", 0.006), unit="bar",
            description="Gauge pressure of the air net", resolution=0.01, low=0, high=12,
        )
        recorder.add(
            "motor_current_a", current, unit="A",
            description="Current of the main motor", resolution=0.1, low=0, high=250,
        )
        recorder.add(
            "oil_temp_c", oil + sim.noise("oil", 0.1, 2), unit="°C",
            description="Oil behind the separator", resolution=0.1, low=-20, high=130,
        )
        recorder.add(
            "air_out_temp_c", lag(0.7 * oil + 0.3 * room, 6) + sim.noise("air", 0.15), unit="°C",
            description="Compressed air behind the cooler", resolution=0.1, low=-20, high=130,
        )
        recorder.add(
            "separator_dp_mbar", 180 * load * (1 + clogging) + sim.noise("dp", 0.8, 5), unit="mbar",
            description="Pressure loss of the oil separator", resolution=0.1, low=-50, high=1500,
        )
        speed = np.maximum(2960 * lag(running, 1) - 25 * load, 0)
        recorder.add(
            "motor_speed_rpm", speed + sim.noise("speed", 1.2, 3) * running, unit="rpm",
            description="Speed of the main motor", resolution=0.1, low=0, high=3200,
        )

    def break_down(self, recorder: Recorder) -> None:
        """Ask for the anomalies."""
        recorder.fault("spike", "sensor", "net_pressure_bar", {"net_pressure_bar": 2.5}, count=6,
                       minutes=(1, 3))
        recorder.fault("dropout", "sensor", "oil_temp_c", {"oil_temp_c": 0}, count=4,
                       minutes=(10, 60))
        recorder.fault("saturation", "sensor", "separator_dp_mbar", {"separator_dp_mbar": 1},
                       count=4, minutes=(15, 60))
        recorder.fault("level_shift", "process", "oil_cooler",
                       {"oil_temp_c": 18, "air_out_temp_c": 14}, count=5, minutes=(90, 300))
        recorder.fault("drift", "sensor", "motor_current_a", {"motor_current_a": 90}, count=4,
                       minutes=(90, 240))


def main() -> None:
    """Write the year."""
    sim = Simulation.from_env("Screw Compressor")
    recorder = Recorder(sim)
    machine = ScrewCompressor(sim)
    machine.record(recorder)
    machine.break_down(recorder)
    recorder.write()


if __name__ == "__main__":
    main()
'''
