"""Programs that keep every promise, in as many styles as models have.

None of these may be refused. What is odd about each (a setpoint that ignores the seed, nights of
exact zeros, a unit below zero) is odd in real plants too.
"""

from collections.abc import Mapping

from synth_pipeline_tests.support.program_parts import COMPRESSOR, FURNACE, PUMP, swap

# Batches by the kit, events only while a step holds, and the whole vocabulary of it.
ETCHER_KIT = '''\
"""Plasma etcher, wafer after wafer, made with signal_kit."""

from signal_kit import Maintenance, Recipe, Recorder, Simulation, Wear


def main() -> None:
    """Write the year."""
    sim = Simulation.from_env("Plasma Etcher")
    steps = [("pump_down", 3, 0.1), ("strike", 1, 0), ("etch", 9, 0.08), ("vent", 2, 0.1)]
    plan = sim.plan(
        Recipe(steps, per_lot=25, idle_minutes=90),
        maintenance=Maintenance(every_days=21, hours=6),
        wear=Wear(260, ("etch",)),
    )
    lag, etching, dirt = sim.lag, plan.where("etch"), plan.wear
    power = plan.level("power", {"strike": 900.0, "etch": 1450.0}, run=0.03)
    pressure = plan.level("pressure", {"etch": 4.0, "strike": 6.5, "vent": 60.0}, otherwise=0.6)
    gas = plan.level("gas", {"etch": 180.0, "strike": 120.0, "vent": 300.0}, run=0.02)
    hall = 21.5 + 0.08 * (sim.outdoor(5) - 11)
    recorder = Recorder(sim)
    recorder.add("rf_power_w", lag(power, 0.4) + sim.noise("rf", 4.0, 1) * (power > 0), unit="W",
                 description="Forward power of the generator", resolution=1, low=0, high=3000)
    recorder.add("reflected_power_w", 0.012 * power * (1 + 2 * dirt) + abs(sim.noise("r", 2.0)),
                 unit="W", description="Reflected power", resolution=0.1, low=0, high=500)
    recorder.add("chamber_pressure_pa", lag(pressure * (1 + 0.1 * dirt), 0.7)
                 + sim.noise("p", 0.03, 3), unit="Pa", description="Absolute pressure",
                 resolution=0.01, low=0, high=130)
    recorder.add("gas_flow_sccm", lag(gas, 0.3) + sim.noise("gas", 0.4), unit="sccm",
                 description="Process gas", resolution=0.1, low=0, high=500)
    recorder.add("chuck_temp_c", lag(hall + 0.03 * power, 14) + sim.noise("chuck", 0.05, 4),
                 unit="°C", description="Electrostatic chuck", resolution=0.01, low=-20, high=150)
    recorder.add("wall_temp_c", lag(hall + 28 + 0.008 * power, 90) + sim.noise("wall", 0.08, 30),
                 unit="°C", description="Chamber wall", resolution=0.1, low=0, high=150)
    recorder.fault("spike", "sensor", "gas_flow_sccm", {"gas_flow_sccm": 40}, count=5,
                   minutes=(1, 3))
    recorder.fault("stuck", "sensor", "chuck_temp_c", {"chuck_temp_c": 0}, count=4,
                   minutes=(20, 120))
    recorder.fault("dropout", "sensor", "wall_temp_c", {"wall_temp_c": 0}, count=3,
                   minutes=(5, 40))
    recorder.fault("drift", "sensor", "chamber_pressure_pa", {"chamber_pressure_pa": 6},
                   count=3, minutes=(200, 600))
    recorder.fault("noise_burst", "process", "rf_power_w",
                   {"rf_power_w": 60, "reflected_power_w": 30}, count=5, minutes=(5, 9),
                   during=etching)
    recorder.fault("level_shift", "process", "helium_leak", {"chuck_temp_c": 9}, count=4,
                   minutes=(60, 240))
    recorder.fault("oscillation", "process", "throttle_valve", {"chamber_pressure_pa": 1.2},
                   count=3, minutes=(30, 120))
    recorder.fault("saturation", "sensor", "reflected_power_w", {"reflected_power_w": 1}, count=3,
                   minutes=(5, 20))
    recorder.write()


if __name__ == "__main__":
    main()
'''

# Seasonal; kelvin, relative humidity and a gauge pressure below zero.
AIR_HANDLER = '''\
"""Air handling unit of an office building, through all seasons."""

import os
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

DAY = 1440
# name: unit, description, decimals, lowest, highest
SIGNALS = {
    "outdoor_temp_k": ("K", "Outdoor air", 2, 220.0, 330.0),
    "outdoor_humidity_pct_rh": ("% RH", "Outdoor air", 1, 0.0, 100.0),
    "supply_temp_k": ("K", "Air to the rooms", 2, 250.0, 330.0),
    "return_humidity_pct_rh": ("% RH", "Air from the rooms", 1, 0.0, 100.0),
    "fan_suction_gauge_pa": ("Pa", "Before the fan, against the room", 0, -1500.0, 1500.0),
    "filter_dp_pa": ("Pa", "Pressure loss of the filter", 0, 0.0, 1000.0),
    "heating_valve_pct": ("%", "Opening of the heating valve", 1, 0.0, 100.0),
    "fan_power_kw": ("kW", "Power of the supply fan", 2, 0.0, 15.0),
}
PARTS = (
    "weather", "days", "humidity", "presence", "fan", "filter", "supply", "valve", "power",
    "suction", "moisture", "events", "dp",
)  # fmt: skip
Shape = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def random_sign(clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """White noise that is never near zero."""
    return rng.choice([-1.0, 1.0], clean.size) * rng.uniform(0.5, 2.5, clean.size)


def ramp(clean: np.ndarray) -> np.ndarray:
    """From a tenth to the whole."""
    return np.linspace(0.1, 1.0, clean.size)


# kind, category, root cause, what happens to each signal, how many, minutes
EVENTS: list[tuple[str, str, str, dict[str, Shape], int, tuple[int, int]]] = [
    ("spike", "sensor", "supply_temp_k", {"supply_temp_k": lambda x, _: x + 12.0}, 6, (1, 1)),
    ("dropout", "sensor", "outdoor_temp_k",
     {"outdoor_temp_k": lambda x, _: np.full(x.size, np.nan)}, 4, (15, 180)),
    ("drift", "sensor", "outdoor_humidity_pct_rh",
     {"outdoor_humidity_pct_rh": lambda x, _: x - 30.0 * ramp(x)}, 4, (300, 1200)),
    ("noise_burst", "sensor", "filter_dp_pa",
     {"filter_dp_pa": lambda x, rng: x + 8.0 * random_sign(x, rng)}, 5, (10, 90)),
    ("level_shift", "process", "fan_belt",
     {"fan_suction_gauge_pa": lambda x, _: 0.55 * x, "fan_power_kw": lambda x, _: 0.6 * x},
     5, (120, 900)),
    ("level_shift", "process", "heating_coil", {"supply_temp_k": lambda x, _: x - 3.5},
     4, (60, 500)),
]  # fmt: skip


class AirHandler:
    """Physics of the unit in one year."""

    def __init__(self, year: int, seed: int) -> None:
        self.index = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:59", freq="min", unit="ms")
        children = np.random.SeedSequence(seed).spawn(len(PARTS))
        self.rng = {p: np.random.default_rng(c) for p, c in zip(PARTS, children, strict=True)}

    def wave(self, part: str, sd: float, tau: float) -> np.ndarray:
        """Correlated noise."""
        shocks = self.rng[part].laplace(0, sd / np.sqrt(2), len(self.index))
        alpha = 1 - np.exp(-1 / tau)
        gain = np.sqrt((2 - alpha) / alpha)
        shocks[0] /= gain
        return lag(shocks, tau) * gain

    def run(self) -> pd.DataFrame:
        """Readings without anomalies."""
        rows = len(self.index)
        day = np.arange(rows) / DAY
        season = -np.cos(2 * np.pi * (day - 20) / 365.25)
        swing = np.repeat(self.rng["days"].gamma(3, 1.0, rows // DAY), DAY)
        daily = lag(swing * np.cos(2 * np.pi * (day - 15 / 24)), 90)
        weather = self.wave("weather", 3.4, 2500)
        outdoor = 283 + 9.5 * season + daily + weather
        humidity = np.clip(76 - 1.8 * (daily + weather) + self.wave("humidity", 7, 700), 12, 100)
        hour = self.index.hour.to_numpy()
        busy = (self.index.dayofweek.to_numpy() < 5) & (hour >= 6) & (hour < 20)
        people = lag(busy * 1.0, 50) * (1 + self.wave("presence", 0.2, 600))
        fan = np.clip(lag(0.5 + 0.4 * people, 4) + self.wave("fan", 0.04, 120), 0.35, 1.1)
        loading = (day + 60 * self.rng["filter"].random()) % 92 / 92
        loss = (70 + 110 * loading) * fan**2
        supply = 291.5 + 0.05 * (outdoor - 283) + self.wave("supply", 0.35, 45)
        valve = 8.5 * (supply - 0.5 * outdoor - 147) + self.wave("valve", 0.6, 10)
        damp = 38 + 9 * season + 0.12 * (humidity - 76) + 4 * people
        return pd.DataFrame(
            {
                "outdoor_temp_k": outdoor,
                "outdoor_humidity_pct_rh": humidity,
                "supply_temp_k": supply,
                "return_humidity_pct_rh": lag(damp, 150) + self.wave("moisture", 1.0, 300),
                "fan_suction_gauge_pa": -130 * fan**2 - loss + self.wave("suction", 2.5, 2),
                "filter_dp_pa": loss + self.wave("dp", 1.5, 2),
                "heating_valve_pct": valve,
                "fan_power_kw": 6.2 * fan**3 * (1 + 0.15 * loading) + self.wave("power", 0.03, 3),
            },
            index=self.index,
        ).pipe(show)

    def disturb(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put at most one event into a day; return the labels."""
        rng = self.rng["events"]
        todo = [event for event in EVENTS for _ in range(event[4])]
        days = rng.choice(len(self.index) // DAY, len(todo), replace=False)
        labels = []
        for day, (kind, category, cause, effects, _, (least, most)) in zip(days, todo, strict=True):
            length = int(rng.integers(least, most + 1))
            first = day * DAY + int(rng.integers(DAY - length))
            span = self.index[first : first + length]
            for name, shape in effects.items():
                frame.loc[span, name] = shape(frame.loc[span, name].to_numpy(), rng)
            severity = rng.choice(["low", "medium", "high"], p=[0.5, 0.3, 0.2])
            label = (span[0], span[-1], kind, category, cause, list(effects), severity)
            labels.append(label)
        columns = ["start", "end", "kind", "category", "root_cause", "affected", "severity"]
        return pd.DataFrame(sorted(labels), columns=columns)


def lag(values: np.ndarray, tau: float) -> np.ndarray:
    """First-order lag."""
    return pd.Series(values).ewm(alpha=1 - np.exp(-1 / tau), adjust=False).mean().to_numpy()


def show(frame: pd.DataFrame) -> pd.DataFrame:
    """Limit and round as the transmitters do."""
    return pd.DataFrame(
        {
            name: frame[name].clip(low, high).round(decimals) + 0.0
            for name, (_, _, decimals, low, high) in SIGNALS.items()
        }
    )


def main() -> None:
    """Write the year."""
    unit = AirHandler(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    frame = unit.run()
    if os.environ.get("SYNTH_ANOMALIES", "on") == "on":
        unit.disturb(frame).to_parquet("anomalies.parquet", index=False)
        frame = show(frame)
    fields = [pa.field("Timestamp", pa.timestamp("ms"))]
    for name, (label, description, *_) in SIGNALS.items():
        about = {"unit": label, "description": description}
        fields.append(pa.field(name, pa.float64(), metadata=about))
    table = pa.Table.from_pandas(frame.rename_axis("Timestamp").reset_index(), pa.schema(fields))
    pq.write_table(table.replace_schema_metadata(None), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# Off at night and at weekends: most rows are exact zeros; torque has a sign.
WINDER = '''\
"""Paper winder in two shifts, five days a week; nothing moves in between."""

import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

UNITS = {
    "web_speed_m_min": "m/min",
    "unwind_torque_nm": "N.m",
    "rewind_torque_nm": "N.m",
    "web_tension_n": "N",
    "drive_current_a": "A",
    "motor_temp_c": "°C",
}
DECIMALS = dict(zip(UNITS, (1, 1, 1, 0, 1, 1)))


class Winder:
    def __init__(self, year: int, seed: int):
        self.time = pd.date_range(f"{year}", f"{year + 1}", freq="min", unit="ms", inclusive="left")
        self.n = len(self.time)
        self.seed = seed

    def rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, number))

    def smooth(self, x, tau):
        return pd.Series(x).ewm(com=tau).mean().to_numpy()

    def running(self) -> np.ndarray:
        """Shifts with a start that is never quite on time, and breaks between reels."""
        rng = self.rng(0)
        on = np.zeros(self.n, dtype=bool)
        midnights = np.arange(0, self.n, 1440)
        workday = self.time.dayofweek[midnights] < 5
        for midnight in midnights[workday & (rng.random(midnights.size) > 0.03)]:
            begin = midnight + 360 + int(rng.gamma(2, 8))
            end = midnight + 1320 - int(rng.gamma(2, 10))
            while begin < end:
                reel = int(rng.normal(65, 12))
                on[begin : min(begin + max(reel, 20), end)] = True
                begin += max(reel, 20) + 4 + int(rng.gamma(2, 3))
        return on

    def clean(self) -> dict[str, np.ndarray]:
        on = self.running()
        starts = np.flatnonzero(np.diff(on.astype(int), prepend=0) == 1)
        reel = np.cumsum(np.isin(np.arange(self.n), starts))
        age = np.arange(self.n) - np.concatenate([[0], starts])[reel]  # minutes since reel start
        grade = self.rng(1).choice([650.0, 820.0, 1100.0], reel[-1] + 1)[reel]
        speed = np.where(on, grade * (1 - np.exp(-(age + 1) / 2.5)), 0.0)
        wobble = self.smooth(self.rng(2).standard_t(4, self.n), 12) * 9
        tension = np.where(on, 900 - 0.25 * grade + wobble, 0.0)
        radius = 0.25 + 0.45 * np.clip(age / 65, 0, 1.3)
        rewind = tension * radius + np.where(on, 15 + 0.01 * speed, 0)
        unwind = -tension * (1.0 - 0.75 * radius)  # it brakes
        current = np.where(on, 8 + 0.09 * rewind + 0.012 * speed, 0.0)
        hall = 20 + 4 * np.sin(2 * np.pi * (np.arange(self.n) / 1440 - 110) / 365.25)
        draughts = np.interp(np.arange(self.n + 1), np.arange(0, self.n + 1, 480),
                             self.rng(3).standard_normal(self.n // 480 + 1))
        hall = hall + draughts[:-1]
        temp = hall + self.smooth(0.9 * current, 70) + self.rng(4).normal(0, 0.12, self.n)
        fuzz = {name: self.rng(10 + i) for i, name in enumerate(UNITS)}
        raw = {
            "web_speed_m_min": speed + on * fuzz["web_speed_m_min"].normal(0, 1.5, self.n),
            "unwind_torque_nm": unwind + on * fuzz["unwind_torque_nm"].normal(0, 2.5, self.n),
            "rewind_torque_nm": rewind + on * fuzz["rewind_torque_nm"].normal(0, 2.5, self.n),
            "web_tension_n": tension + on * fuzz["web_tension_n"].laplace(0, 4, self.n),
            "drive_current_a": current + on * fuzz["drive_current_a"].normal(0, 0.4, self.n),
            "motor_temp_c": temp,
        }
        return {name: np.round(values, DECIMALS[name]) + 0.0 for name, values in raw.items()}

    def break_things(self, data: dict[str, np.ndarray]) -> pd.DataFrame:
        """Events begin and end while the winder runs."""
        rng = self.rng(99)
        on = data["web_speed_m_min"] > 0
        free = on.copy()
        jobs = (
            [("level_shift", "process", 9, (2, 6))]
            + [("spike", "sensor", 8, (1, 2))]
            + [("dropout", "sensor", 5, (5, 30))]
            + [("oscillation", "process", 6, (12, 40))]
            + [("level_shift", "sensor", 6, (20, 45))]
        )
        rows = []
        for kind, category, count, (least, most) in jobs:
            placed = 0
            while placed < count:
                size = int(rng.integers(least, most + 1))
                start = int(rng.choice(np.flatnonzero(free[:-60])))
                cut = slice(start, start + size)
                if not free[cut].all():
                    continue
                if category == "process" and kind == "level_shift":
                    hit = ["web_tension_n", "rewind_torque_nm", "unwind_torque_nm"]
                    for name in hit:
                        data[name][cut] = np.round(0.05 * data[name][cut], DECIMALS[name]) + 0.0
                elif kind == "spike":
                    hit = ["drive_current_a"]
                    data[hit[0]][cut] = np.round(data[hit[0]][cut] + 45.0, 1)
                elif kind == "dropout":
                    hit = ["motor_temp_c"]
                    data[hit[0]][cut] = np.nan
                elif kind == "oscillation":
                    hit = ["web_tension_n", "rewind_torque_nm"]
                    swing = 90 * np.cos(np.pi * np.arange(size) / 4 + 0.4)
                    data[hit[0]][cut] = np.round(data[hit[0]][cut] + swing, 0)
                    data[hit[1]][cut] = np.round(data[hit[1]][cut] + 0.4 * swing, 1)
                else:
                    hit = ["web_speed_m_min"]
                    data[hit[0]][cut] = np.round(1.08 * data[hit[0]][cut] + 5.0, 1)
                free[max(start - 45, 0) : start + size + 45] = False
                placed += 1
                is_break = kind == "level_shift" and category == "process"
                severity = "high" if is_break else ("low", "medium")[placed % 2]
                cause = "web" if is_break else hit[0]
                span = self.time[start], self.time[start + size - 1]
                rows.append((*span, kind, category, cause, hit, severity))
        names = ["start", "end", "kind", "category", "root_cause", "affected", "severity"]
        return pd.DataFrame(rows, columns=names).sort_values("start", ignore_index=True)


def main():
    winder = Winder(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    data = winder.clean()
    if os.environ.get("SYNTH_ANOMALIES", "on") != "off":
        winder.break_things(data).to_parquet("anomalies.parquet")
    fields = [pa.field("Timestamp", pa.timestamp("ms"))]
    fields += [
        pa.field(n, pa.float64(), metadata={"unit": u, "description": n.rsplit("_", 1)[0]})
        for n, u in UNITS.items()
    ]
    columns = [pa.array(winder.time), *map(pa.array, data.values())]
    pq.write_table(pa.table(columns, schema=pa.schema(fields)), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# A slow integrator; readings and labels as CSV, times as text.
TANK_CSV = '''\
"""Buffer tank of a dairy: what flows in and out, and the level that is left."""

import math
import os

import numpy as np
import pandas as pd

LABEL_COLUMNS = ["start", "end", "kind", "category", "root_cause", "affected", "severity"]


class BufferTank:
    """A vertical tank whose pump follows the level slowly."""

    AREA_M2 = 12.0
    GAIN_PER_MIN = 1 / 240

    def __init__(self, year: int, seed: int) -> None:
        self.minutes = pd.date_range(
            f"{year}-01-01 00:00", f"{year}-12-31 23:59", freq="min", unit="ms"
        )
        self.streams = iter(np.random.SeedSequence([seed, 77]).spawn(32))

    def rng(self) -> np.random.Generator:
        """The next random stream; asked for in a fixed order."""
        return np.random.default_rng(next(self.streams))

    def deliveries(self) -> np.ndarray:
        """Milk comes by tanker lorries, in l/min."""
        rng, rows = self.rng(), len(self.minutes)
        gaps = rng.gamma(3.0, 45.0, rows // 60).astype(int) + 30
        starts = np.cumsum(gaps)
        starts = starts[starts < rows - 60]
        flow = np.zeros(rows)
        for start, length, rate in zip(
            starts, rng.integers(14, 26, starts.size), rng.normal(420, 25, starts.size), strict=True
        ):
            flow[start : start + length] = rate
        return flow

    def simulate(self) -> pd.DataFrame:
        """Readings while nothing is wrong."""
        inflow = self.deliveries()
        rows = inflow.size
        # dL/dt = (in - out) / area with out = mean + gain * area * (L - setpoint): a slow lag.
        mean = inflow.mean()
        push = 1.6 + (inflow - mean) / 1000 / self.AREA_M2 / self.GAIN_PER_MIN
        level = lag(push, 1 / self.GAIN_PER_MIN)
        outflow = mean + 1000 * self.AREA_M2 * self.GAIN_PER_MIN * (level - 1.6)
        temp = 4.2 + lag(np.where(inflow > 0, 1.4, -0.1), 400) + noise(self.rng(), rows, 0.1, 200)
        return pd.DataFrame(
            {
                "Timestamp": self.minutes,
                "inlet_flow_l_min": inflow + (inflow > 0) * self.rng().normal(0, 3, rows),
                "outlet_flow_l_min": np.maximum(outflow + noise(self.rng(), rows, 1.2, 8), 0),
                "level_m": level + noise(self.rng(), rows, 0.004, 2),
                "milk_temp_c": temp + self.rng().normal(0, 0.03, rows),
            }
        ).round(
            {"inlet_flow_l_min": 1, "outlet_flow_l_min": 1, "level_m": 3, "milk_temp_c": 2}
        )


class Incidents:
    """Places events at least half a day apart."""

    def __init__(self, frame: pd.DataFrame, rng: np.random.Generator) -> None:
        self.frame, self.rng, self.labels = frame, rng, []
        grid = np.arange(720, len(frame) - 2160, 2160)
        self.places = list(rng.permutation(grid))

    def add(self, kind, category, cause, effects, minutes, severity) -> None:
        """One event: `effects` maps a signal to what is added, or to None for a gap."""
        first = int(self.places.pop()) + int(self.rng.integers(700))
        last = first + int(self.rng.integers(minutes[0], minutes[1] + 1)) - 1
        ramp = np.linspace(0.2, 1, last - first + 1)
        for name, size in effects.items():
            values = self.frame.loc[first:last, name]
            change = np.nan if size is None else size * (ramp if kind == "drift" else 1.0)
            self.frame.loc[first:last, name] = (values + change).round(3)
        stamps = self.frame["Timestamp"].iloc[[first, last]]
        row = [*stamps, kind, category, cause, ";".join(effects), severity]
        self.labels.append(row)


def lag(values: np.ndarray, tau: float) -> np.ndarray:
    return pd.Series(values).ewm(alpha=-math.expm1(-1 / tau), adjust=False).mean().to_numpy()


def noise(rng: np.random.Generator, rows: int, sd: float, tau: float) -> np.ndarray:
    shocks = rng.standard_t(6, rows) * sd * math.sqrt(4 / 6)
    gain = math.sqrt((2 + math.expm1(-1 / tau)) / -math.expm1(-1 / tau))
    shocks[0] /= gain
    return lag(shocks, tau) * gain


def main() -> None:
    tank = BufferTank(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    frame = tank.simulate()
    if os.environ.get("SYNTH_ANOMALIES", "on").strip().lower() != "off":
        incidents = Incidents(frame, tank.rng())
        for number in range(6):
            severity = ("low", "medium", "high")[number % 3]
            incidents.add("drift", "sensor", "level_m", {"level_m": 0.25}, (200, 900), severity)
            incidents.add("dropout", "sensor", "milk_temp_c", {"milk_temp_c": None}, (5, 50), "low")
            incidents.add("spike", "sensor", "level_m", {"level_m": 0.6}, (1, 2), "high")
            incidents.add(
                "level_shift", "process", "outlet_pump",
                {"outlet_flow_l_min": 18.0, "milk_temp_c": 0.8}, (60, 300), severity,
            )
        labels = pd.DataFrame(incidents.labels, columns=LABEL_COLUMNS).sort_values("start")
        labels.to_csv("anomalies.csv", index=False)
    stamps = np.datetime_as_string(frame["Timestamp"].to_numpy(), unit="s")
    frame["Timestamp"] = np.char.replace(stamps, "T", " ")
    frame.to_csv("dataset.csv", index=False)


if __name__ == "__main__":
    main()
'''

# Setpoints by a fixed weekly timetable, the same for every seed, beside measured signals.
REACTOR_TIMETABLE = '''\
"""Stirred reactor that runs the same timetable every week; setpoints are recorded too."""

import os
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

# Minutes of each step from Monday 06:00, its jacket setpoint in °C and stirrer setpoint in rpm.
STEPS = [(90, 25, 60), (120, 78, 110), (300, 78, 140), (240, 92, 140), (150, 35, 80), (60, 25, 0)]
SIGNALS = {
    "jacket_setpoint_c": ("°C", "Setpoint of the jacket, by timetable"),
    "stirrer_setpoint_rpm": ("rpm", "Setpoint of the stirrer, by timetable"),
    "jacket_temp_c": ("°C", "Jacket, measured"),
    "reactor_temp_c": ("°C", "Content, measured"),
    "stirrer_speed_rpm": ("rpm", "Stirrer, measured"),
    "stirrer_torque_nm": ("N.m", "Torque of the stirrer"),
    "head_pressure_kpa": ("kPa", "Gauge pressure of the head space"),
}


def timetable(year: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Setpoints of every minute; nothing random about them."""
    week = np.tile(np.array([[25.0, 0.0]]), (7 * 1440, 1))
    steps = np.concatenate([np.tile([[jacket, rpm]], (m, 1)) for m, jacket, rpm in STEPS])
    for day in range(6):
        begin = day * 1440 + 360
        week[begin : begin + len(steps)] = steps
    monday = date(year, 1, 1).weekday() * 1440
    rows_of_week = (np.arange(rows) + monday) % (7 * 1440)
    return week[rows_of_week, 0], week[rows_of_week, 1]


class Plant:
    def __init__(self, year, seed):
        self.stamps = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[m]")
        self.rows = self.stamps.size
        self.year, self.root = year, np.random.SeedSequence(entropy=seed, spawn_key=(4,))
        self.rngs = [np.random.default_rng(child) for child in self.root.spawn(12)]

    def drifting(self, number, sd, tau):
        shocks = pd.Series(self.rngs[number].standard_t(5, self.rows))
        smooth = shocks.ewm(span=2 * tau).mean().to_numpy()
        return smooth * sd * np.sqrt(2 * tau * 3 / 5) * np.minimum(1, np.arange(self.rows) / tau)

    def fuzz(self, number, sd):
        return self.rngs[number].laplace(0, sd / np.sqrt(2), self.rows)

    def clean(self):
        jacket_set, stirrer_set = timetable(self.year, self.rows)
        jacket = lag(jacket_set + self.drifting(0, 0.6, 120), 9)
        content = lag(jacket + self.drifting(1, 0.8, 300), 38)
        stiff = 1 + lag(np.where(content > 70, 1.6, 0.0), 110) + self.drifting(2, 0.06, 900)
        moving = stirrer_set > 0
        speed = lag(stirrer_set * 1.0, 1.5) * moving
        torque = moving * (2.0 + 0.11 * speed * stiff)
        pressure = 4 + 0.02 * np.maximum(content - 20, 0) ** 1.8 + self.drifting(3, 1.2, 60)
        return {
            "jacket_setpoint_c": jacket_set,
            "stirrer_setpoint_rpm": stirrer_set,
            "jacket_temp_c": np.round(jacket + self.fuzz(4, 0.08), 1),
            "reactor_temp_c": np.round(content + self.fuzz(5, 0.05), 2),
            "stirrer_speed_rpm": np.round(speed + moving * self.fuzz(6, 0.7), 1),
            "stirrer_torque_nm": np.round(torque + moving * self.fuzz(7, 0.3), 1),
            "head_pressure_kpa": np.round(pressure + self.fuzz(8, 0.2), 1),
        }

    def spoil(self, data):
        """Between eight in the morning and noon of a working day, when the stirrer turns."""
        rng, labels = self.rngs[9], []
        _, stirrer = timetable(self.year, self.rows)
        mornings = np.arange(480, self.rows - 1440, 1440)
        mornings = mornings[stirrer[mornings] > 0]
        kinds = ["spike", "dropout", "drift", "level_shift", "oscillation"] * 7
        for kind, morning in zip(kinds, rng.choice(mornings, len(kinds), replace=False)):
            start = int(morning) + int(rng.integers(60))
            least = dict(spike=1, dropout=20, drift=180, level_shift=90, oscillation=60)[kind]
            stop = start + least + (int(rng.integers(60)) if least > 1 else 0)
            effects = {
                "spike": {"head_pressure_kpa": np.array([55.0])},
                "dropout": {"reactor_temp_c": np.full(stop - start, np.nan)},
                "drift": {"jacket_temp_c": np.linspace(0.5, 9.0, stop - start)},
                "level_shift": {
                    "stirrer_torque_nm": np.full(stop - start, 14.0),
                    "stirrer_speed_rpm": np.full(stop - start, -9.0),
                },
                "oscillation": {"jacket_temp_c": 4 * np.cos(np.arange(stop - start) * 0.7 + 0.2)},
            }[kind]
            changed = np.zeros(stop - start, dtype=bool)
            for name, change in effects.items():
                before = data[name][start:stop].copy()
                decimals = 2 if name == "reactor_temp_c" else 1
                data[name][start:stop] = np.round(before + change, decimals)
                changed |= data[name][start:stop] != before
            edges = start + np.flatnonzero(changed)[[0, -1]]
            labels.append(
                dict(
                    start=self.stamps[edges[0]].astype("datetime64[ms]"),
                    end=self.stamps[edges[1]].astype("datetime64[ms]"), kind=kind,
                    category="process" if len(effects) > 1 else "sensor",
                    root_cause=next(iter(effects)), affected=list(effects),
                    severity=str(rng.choice(["low", "medium", "high"])),
                )
            )
        return sorted(labels, key=lambda label: label["start"])


def lag(values, tau):
    return pd.Series(values).ewm(alpha=1 - np.exp(-1 / tau), adjust=False).mean().to_numpy()


def main():
    plant = Plant(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    data = plant.clean()
    if os.environ.get("SYNTH_ANOMALIES", "on") == "on":
        pq.write_table(pa.Table.from_pylist(plant.spoil(data)), "anomalies.parquet")
    schema = pa.schema(
        [pa.field("Timestamp", pa.timestamp("ms"))]
        + [
            pa.field(name, pa.float64(), metadata={"unit": unit, "description": text})
            for name, (unit, text) in SIGNALS.items()
        ]
    )
    columns = [plant.stamps.astype("datetime64[ms]"), *data.values()]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# Whole numbers and true or false beside floating-point signals.
PACKAGING_LINE = '''\
"""Flow wrapper of a bakery: counts are whole numbers, the guard is open or not."""

import os

import numpy as np
import pandas as pd

DESCRIPTIONS = {
    "packs_per_min": ("1/min", "Packs in this minute"),
    "rejects_per_min": ("1/min", "Packs thrown out in this minute"),
    "guard_open_state": ("1", "Safety guard is open"),
    "jaw_temp_c": ("°C", "Sealing jaw"),
    "film_tension_n": ("N", "Film before the former"),
    "air_pressure_bar": ("bar", "Compressed air, gauge"),
    "main_current_a": ("A", "Main drive"),
}


def generators(seed: int, names: list[str]) -> dict[str, np.random.Generator]:
    """One generator for each part of the line."""
    children = np.random.SeedSequence(seed).spawn(len(names))
    return {name: np.random.default_rng(child) for name, child in zip(names, children)}


def ar(rng: np.random.Generator, n: int, sd: float, tau: float) -> np.ndarray:
    """AR(1) noise of this standard deviation."""
    keep = np.exp(-1 / tau)
    shocks = rng.standard_t(5, n) * np.sqrt(3 / 5) * sd * np.sqrt((1 + keep) / (1 - keep))
    shocks[0] = sd * rng.standard_normal()
    return pd.Series(shocks).ewm(alpha=1 - keep, adjust=False).mean().to_numpy()


def line_states(rng: np.random.Generator, n: int) -> np.ndarray:
    """0 stopped, 1 slow, 2 fast; log-normal dwell times."""
    dwell = np.array([18.0, 35.0, 160.0])
    states = rng.choice(3, n // 20, p=[0.3, 0.25, 0.45])
    lengths = np.ceil(dwell[states] * rng.lognormal(-0.2, 0.7, states.size)).astype(int)
    return np.repeat(states, lengths)[:n]


def simulate(year: int, seed: int) -> tuple[pd.DataFrame, np.random.Generator]:
    index = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:59", freq="min", unit="ms")
    n = len(index)
    rng = generators(
        seed, ["states", "rate", "reject", "guard", "jaw", "film", "air", "amps", "events"]
    )
    state = line_states(rng["states"], n)
    rate = np.array([0.0, 46.0, 118.0])[state] * (1 + ar(rng["rate"], n, 0.02, 40))
    packs = rng["rate"].binomial(np.rint(rate / 0.98).astype(int), 0.98)
    rejects = rng["reject"].binomial(packs, 0.012)
    stopped = state == 0
    guard = stopped & (rng["guard"].random(n) < 0.35)
    warm = pd.Series(np.where(stopped, 148.0, 163.0) + 0.03 * packs)
    jaw = warm.ewm(com=9).mean().to_numpy() + ar(rng["jaw"], n, 0.5, 4)
    film = np.where(stopped, 6.0, 21 + 0.05 * packs) + ar(rng["film"], n, 0.7, 15)
    air = 6.3 - 0.004 * packs + ar(rng["air"], n, 0.05, 90)
    amps = 1.1 + 0.062 * packs + 0.02 * film + ar(rng["amps"], n, 0.1, 2)
    frame = pd.DataFrame(
        {
            "packs_per_min": packs.astype("int64"),
            "rejects_per_min": rejects.astype("int64"),
            "guard_open_state": guard,
            "jaw_temp_c": jaw.round(1),
            "film_tension_n": film.round(2),
            "air_pressure_bar": air.round(2),
            "main_current_a": amps.round(2),
        },
        index=index.rename("Timestamp"),
    )
    return frame, rng["events"]


PLAN = [
    ("dropout", "sensor", "film_tension_n", ["film_tension_n"], 5, 4, 45),
    ("level_shift", "process", "heater_band", ["jaw_temp_c"], 6, 30, 240),
    ("level_shift", "process", "air_leak", ["air_pressure_bar", "main_current_a"], 5, 60, 400),
    ("noise_burst", "process", "knife", ["rejects_per_min"], 6, 10, 60),
    ("spike", "sensor", "main_current_a", ["main_current_a"], 7, 1, 2),
]


def inject(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Events in weeks of their own, at random places in them."""
    jobs = [job for job in PLAN for _ in range(job[4])]
    block = len(frame) // len(jobs)
    rows = []
    for place, job in enumerate(rng.permutation(len(jobs))):
        kind, category, cause, hit, _, least, most = jobs[job]
        size = int(rng.integers(least, most + 1))
        at = place * block + int(rng.integers(block - size))
        here = frame.index[at : at + size]
        if kind == "dropout":
            frame.loc[here, hit] = np.nan
        elif cause == "heater_band":
            frame.loc[here, "jaw_temp_c"] = (frame.loc[here, "jaw_temp_c"] - 17.5).round(1)
        elif cause == "air_leak":
            for name, change in (("air_pressure_bar", -1.2), ("main_current_a", 0.4)):
                frame.loc[here, name] = (frame.loc[here, name] + change).round(2)
        elif cause == "knife":
            frame.loc[here, "rejects_per_min"] += rng.integers(4, 15, size)
        else:
            frame.loc[here, "main_current_a"] = (frame.loc[here, "main_current_a"] + 9.0).round(2)
        severity = "medium" if category == "process" else "low"
        rows.append((here[0], here[-1], kind, category, cause, hit, severity))
    names = ["start", "end", "kind", "category", "root_cause", "affected", "severity"]
    return pd.DataFrame(rows, columns=names)


def main() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame, rng = simulate(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    if os.environ.get("SYNTH_ANOMALIES", "on") != "off":
        inject(frame, rng).to_parquet("anomalies.parquet", index=False)
    table = pa.Table.from_pandas(frame.reset_index(), preserve_index=False)
    fields = [
        f.with_metadata(dict(zip(("unit", "description"), DESCRIPTIONS[f.name])))
        if f.name in DESCRIPTIONS
        else f
        for f in table.schema
    ]
    pq.write_table(table.cast(pa.schema(fields)), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# A total that only grows: nearly a straight line, and honest.
ENERGY_METER = '''\
"""Main meter of a foundry: power, what it adds up to, and the grid behind it."""

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


class Meter:
    """Reads a network that draws from streams numbered by hand."""

    UNITS = {
        "active_power_kw": ("kW", "Active power, mean of the minute"),
        "reactive_power_kvar": ("kvar", "Reactive power, mean of the minute"),
        "energy_total_kwh": ("kWh", "Energy since the meter was installed"),
        "line_voltage_v": ("V", "Voltage between two phases"),
        "grid_frequency_hz": ("Hz", "Frequency of the grid"),
    }

    def __init__(self, year, seed):
        start, stop = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01")
        self.time = np.arange(start, stop, np.timedelta64(1, "m")).astype("datetime64[ms]")
        self.n = len(self.time)
        self.seed = seed

    def rng(self, k):
        return np.random.Generator(np.random.PCG64([k, self.seed]))

    def knots(self, k, every, sd):
        """Random values every so many minutes with straight lines between."""
        points = self.rng(k).standard_t(6, self.n // every + 2) * sd
        return np.interp(np.arange(self.n), np.arange(points.size) * every, points)

    def melts(self):
        """Furnace campaigns: on for a melt of about an hour, then charging."""
        rng = self.rng(1)
        count = self.n // 60
        melt, charge = rng.integers(45, 80, count), rng.integers(15, 70, count)
        level = rng.normal(2100, 90, count)
        lengths = np.column_stack([melt, charge]).ravel()
        return np.repeat(np.column_stack([level, np.zeros(count)]).ravel(), lengths)[: self.n]

    def clean(self):
        base = 340 + self.knots(2, 240, 45) + self.knots(3, 15, 14)
        power = np.maximum(base + self.melts() * (1 + self.knots(4, 7, 0.03)), 20)
        slip = self.rng(5).normal(0, 0.004, self.n)  # the meter's own error in each minute
        first = self.rng(6).uniform(2e6, 3e6)
        energy = first + np.cumsum(power / 60 * (1 + slip))
        reactive = 0.42 * power + self.knots(7, 20, 25)
        voltage = 10_450 - 0.06 * power + self.knots(8, 180, 40) + self.rng(9).normal(0, 6, self.n)
        frequency = 50 + self.knots(10, 5, 0.012) + self.rng(11).normal(0, 0.003, self.n)
        return {
            "active_power_kw": np.round(power + self.rng(12).normal(0, 3, self.n)),
            "reactive_power_kvar": np.round(reactive + self.rng(13).normal(0, 3, self.n)),
            "energy_total_kwh": np.round(energy, 1),
            "line_voltage_v": np.round(voltage),
            "grid_frequency_hz": np.round(frequency, 3),
        }

    def corrupt(self, data):
        rng = self.rng(14)
        todo = ["spike"] * 6 + ["dropout"] * 5 + ["level_shift"] * 5 + ["sag"] * 8
        todo += ["noise_burst"] * 4
        cells = self.n // len(todo)
        columns = "start", "end", "kind", "category", "root_cause", "affected", "severity"
        labels = {column: [] for column in columns}
        for cell, which in enumerate(rng.permutation(len(todo))):
            kind = todo[which]
            m = {"spike": 1, "sag": int(rng.integers(2, 8))}.get(kind, int(rng.integers(20, 200)))
            i = cell * cells + int(rng.integers(cells - m))
            s = slice(i, i + m)
            if kind == "spike":
                names = ["grid_frequency_hz"]
                data[names[0]][s] = np.round(data[names[0]][s] + 0.35, 3)
            elif kind == "dropout":  # the counter goes on unseen
                names = ["energy_total_kwh", "active_power_kw"]
                data[names[0]][s] = data[names[1]][s] = np.nan
            elif kind == "level_shift":  # wrong transformer ratio: the display only
                names = ["active_power_kw"]
                data[names[0]][s] = np.round(1.2 * data[names[0]][s])
            elif kind == "sag":
                names = ["line_voltage_v", "reactive_power_kvar"]
                data[names[0]][s] -= 1900
                data[names[1]][s] += 240
            else:
                names = ["line_voltage_v"]
                data[names[0]][s] += np.round(rng.choice([-1, 1], m) * rng.uniform(40, 260, m))
            values = (
                self.time[i], self.time[i + m - 1], "level_shift" if kind == "sag" else kind,
                "process" if kind == "sag" else "sensor", "grid" if kind == "sag" else names[0],
                names, "high" if kind == "sag" else "medium",
            )
            for column, value in zip(labels.values(), values):
                column.append(value)
        return labels


def main():
    meter = Meter(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    data = meter.clean()
    if os.environ.get("SYNTH_ANOMALIES", "on") == "on":
        labels = meter.corrupt(data)
        labels["start"], labels["end"] = np.array(labels["start"]), np.array(labels["end"])
        pq.write_table(pa.table(labels), "anomalies.parquet")
    schema = [pa.field("Timestamp", pa.timestamp("ms"))]
    for name, (unit, description) in meter.UNITS.items():
        about = {"unit": unit, "description": description}
        schema.append(pa.field(name, pa.float64(), metadata=about))
    arrays = [pa.array(meter.time)]
    arrays += [pa.array(data[name], from_pandas=True) for name in meter.UNITS]
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(schema)), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# Heavy quantisation: steps of half a degree, the same reading for many minutes.
COLD_STORE = '''\
"""Cold store with a refrigeration set whose transmitters show half degrees."""

import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

STEP = {
    "room_temp_c": 0.5,
    "evaporator_temp_c": 0.5,
    "condensing_pressure_bar": 0.5,
    "compressor_current_a": 1.0,
}
UNIT = {name: name.rsplit("_", 1)[1].replace("c", "°C") for name in STEP}
UNIT["condensing_pressure_bar"], UNIT["compressor_current_a"] = "bar", "A"


def show(name, values):
    return np.round(np.asarray(values) / STEP[name]) * STEP[name] + 0.0


def lag(values, tau):
    return pd.Series(values).ewm(alpha=1 - np.exp(-1 / tau), adjust=False).mean().to_numpy()


class ColdStore:
    def __init__(self, year, seed):
        self.index = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:59", freq="min", unit="ms")
        self.n = len(self.index)
        self.seed = seed
        self.data = self.clean()

    def rng(self, what):
        return np.random.default_rng(list(f"{self.seed}:{what}".encode()))

    def clean(self):
        day = np.arange(self.n) / 1440
        outside = 11 - 9 * np.cos(2 * np.pi * (day - 18) / 365.25)
        weather = self.rng("weather").normal(0, 170, self.n)
        weather[0] = 0
        outside = outside + lag(weather, 1500)
        outside = outside + 3 * np.cos(2 * np.pi * (day - 0.62))
        rng = self.rng("cycles")
        on_off = np.column_stack([rng.gamma(9, 1.6, self.n // 12), rng.gamma(9, 1.1, self.n // 12)])
        lengths = np.ceil(on_off).astype(int).ravel()
        cooling = np.repeat(np.tile([1.0, 0.0], len(on_off)), lengths)[: self.n]
        doors = np.repeat(self.rng("doors").gamma(0.35, 1.6, self.n // 30), 30)
        room = -20.5 + 5.0 * (0.58 - lag(cooling, 25)) + lag(doors, 20) + 0.03 * outside
        evaporator = lag(room - 8.5 * cooling - 0.5, 3)
        condensing = 8.5 + 0.17 * outside + 2.4 * lag(cooling, 3)
        current = cooling * (17 + 0.8 * condensing + self.rng("amps").normal(0, 0.5, self.n))
        return {
            "room_temp_c": show("room_temp_c", room + self.rng("room").normal(0, 0.1, self.n)),
            "evaporator_temp_c": show(
                "evaporator_temp_c", evaporator + self.rng("coil").normal(0, 0.2, self.n)
            ),
            "condensing_pressure_bar": show(
                "condensing_pressure_bar", condensing + self.rng("head").normal(0, 0.15, self.n)
            ),
            "compressor_current_a": show("compressor_current_a", current),
        }

    def events(self):
        """Label what the display shows: rows where the rounding hides it are cut off."""
        rng, labels = self.rng("events"), []
        kinds = (
            [("drift", "sensor", {"room_temp_c": 6.0}, (400, 1500))] * 4
            + [("stuck", "sensor", {"evaporator_temp_c": None}, (40, 200))] * 5
            + [("spike", "sensor", {"room_temp_c": 9.0}, (1, 3))] * 6
            + [("level_shift", "process", {"condensing_pressure_bar": 3.0,
                                           "compressor_current_a": 5.0}, (60, 300))] * 6
            + [("dropout", "sensor", {"compressor_current_a": np.nan}, (3, 60))] * 5
        )
        slot = self.n // len(kinds)
        for place, which in enumerate(rng.permutation(len(kinds))):
            kind, category, effects, (least, most) = kinds[which]
            length = int(rng.integers(least, most + 1))
            start = place * slot + int(rng.integers(1, slot - length))
            rows = slice(start, start + length)
            seen = np.zeros(length, dtype=bool)
            affected = []
            for name, size in effects.items():
                before = self.data[name][rows].copy()
                if kind == "stuck":
                    after = np.full(length, before[0])
                elif kind == "drift":
                    after = show(name, before + size * np.linspace(0, 1, length))
                else:
                    after = show(name, before + size)
                self.data[name][rows] = after
                if np.any(after != before):
                    affected.append(name)
                    seen |= after != before
            if not affected:
                continue
            first, last = start + np.flatnonzero(seen)[[0, -1]]
            labels.append([self.index[first], self.index[last], kind, category,
                           affected[0], affected, str(rng.choice(["low", "medium", "high"]))])
        return labels


def main():
    store = ColdStore(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    if os.environ.get("SYNTH_ANOMALIES", "on") != "off":
        names = "start end kind category root_cause affected severity".split()
        pd.DataFrame(store.events(), columns=names).to_parquet("anomalies.parquet", index=False)
    fields = [pa.field("Timestamp", pa.timestamp("ms"))] + [
        pa.field(n, pa.float64(), metadata={"unit": UNIT[n], "description": n.replace("_", " ")})
        for n in STEP
    ]
    columns = [pa.array(store.index), *(pa.array(store.data[n]) for n in STEP)]
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# A sensor that drifts for days until somebody recalibrates it.
DRIFT_TO_REPAIR = '''\
"""Drinking water plant: probes drift for days until the laboratory recalibrates them."""

import os
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PROBES = {
    "basin_ph": ("pH", "Acidity of the basin", 0.01),
    "turbidity_ntu": ("NTU", "Turbidity behind the filter", 0.001),
    "chlorine_mg_l": ("mg/l", "Free chlorine", 0.01),
    "conductivity_us_cm": ("µS/cm", "Conductivity", 1.0),
    "water_temp_c": ("°C", "Water", 0.01),
    "filter_flow_m3_h": ("m3/h", "Flow through the filter", 0.1),
}


def round_to(values, step):
    return np.round(np.round(values / step) * step, 6) + 0.0


def slow(rng, n, sd, tau):
    """Correlated noise: knots at half the correlation time, cosine between them."""
    gap = max(2, int(tau / 2))
    knots = rng.standard_normal(n // gap + 3) * sd
    x = np.arange(n) / gap
    left = x.astype(int)
    weight = (1 - np.cos(np.pi * (x - left))) / 2
    return knots[left] * (1 - weight) + knots[left + 1] * weight


class WaterWorks:
    def __init__(self, year: int, seed: int):
        self.origin = datetime(year, 1, 1)
        self.n = (datetime(year + 1, 1, 1) - self.origin) // timedelta(minutes=1)
        self.seeds = np.random.SeedSequence(seed)
        self.children = dict(zip("abcdefghijklmno", self.seeds.spawn(15)))

    def rng(self, letter: str) -> np.random.Generator:
        return np.random.default_rng(self.children[letter])

    def clean(self) -> dict:
        n = self.n
        day = np.arange(n) / 1440
        year_wave = -np.cos(2 * np.pi * (day - 35) / 365.25)
        rain = np.clip(slow(self.rng("a"), n, 1.0, 3000), 0, 2.2) ** 2
        use = 1 + 0.12 * np.sin(4 * np.pi * (day - 0.2)) + slow(self.rng("b"), n, 0.15, 300)
        flow = 240 * np.maximum(use, 0.3)
        since_wash = (day + slow(self.rng("c"), n, 0.3, 9000)) % 2.5
        turbidity = 0.04 + 0.03 * since_wash + 0.05 * rain + 0.0001 * flow
        temp = 11 + 6 * year_wave + slow(self.rng("d"), n, 0.7, 4000)
        chlorine = 0.42 - 0.008 * (temp - 11) + slow(self.rng("e"), n, 0.03, 90)
        values = {
            "basin_ph": 7.62 - 0.05 * rain + slow(self.rng("f"), n, 0.05, 800),
            "turbidity_ntu": turbidity * np.exp(slow(self.rng("g"), n, 0.15, 20)),
            "chlorine_mg_l": np.maximum(chlorine, 0),
            "conductivity_us_cm": 540 - 40 * rain + slow(self.rng("h"), n, 14, 2000),
            "water_temp_c": temp,
            "filter_flow_m3_h": flow,
        }
        fuzz = {"basin_ph": 0.01, "turbidity_ntu": 0.002, "chlorine_mg_l": 0.008,
                "conductivity_us_cm": 1.2, "water_temp_c": 0.02, "filter_flow_m3_h": 1.5}
        rng = self.rng("i")
        for name, sd in fuzz.items():
            values[name] = values[name] + sd * rng.standard_t(5, n)
        return {name: round_to(np.maximum(v, 0), PROBES[name][2]) for name, v in values.items()}

    def fail(self, data: dict) -> list[dict]:
        rng = self.rng("j")
        events = []

        def change(start, length, name, kind, delta, severity, category="sensor", cause=None):
            rows = slice(start, start + length)
            before = data[name][rows].copy()
            data[name][rows] = round_to(before + delta, PROBES[name][2])
            seen = np.flatnonzero(data[name][rows] != before)
            events.append(
                {
                    "start": self.origin + timedelta(minutes=int(start + seen[0])),
                    "end": self.origin + timedelta(minutes=int(start + seen[-1])),
                    "kind": kind,
                    "category": category,
                    "root_cause": cause or name,
                    "affected": [name],
                    "severity": severity,
                }
            )

        # Three long drifts end at the repair, at nine in the morning some days later.
        drifting = rng.permutation(["basin_ph", "chlorine_mg_l", "conductivity_us_cm"])
        for third, name in enumerate(drifting):
            begin = (third * 120 + int(rng.integers(5, 60))) * 1440 + int(rng.integers(1440))
            days = int(rng.integers(2, 6))
            repair = (begin // 1440 + days) * 1440 + 540
            growth = (np.arange(repair - begin) / 4000) ** 1.3
            size = {"basin_ph": 0.5, "chlorine_mg_l": 0.25, "conductivity_us_cm": 60.0}[name]
            change(begin, repair - begin, str(name), "drift", size * growth, "high")
        # Short events in the quiet half of each of these spans.
        for number in range(24):
            third, place = number % 3, number // 3
            begin = (third * 120 + 70 + place * 6) * 1440 + int(rng.integers(4000))
            if number % 4 == 0:
                change(begin, 1, "turbidity_ntu", "spike", 2.5, "medium")
            elif number % 4 == 1:
                change(begin, int(rng.integers(5, 90)), "water_temp_c", "dropout", np.nan, "low")
            elif number % 4 == 2:
                change(begin, int(rng.integers(60, 400)), "filter_flow_m3_h", "level_shift", -55.0,
                       "medium", "process", "filter_valve")
            else:
                m = int(rng.integers(30, 120))
                burst = rng.choice([-1, 1], m) * rng.uniform(0.05, 0.4, m)
                change(begin, m, "basin_ph", "noise_burst", burst, "low")
        return sorted(events, key=lambda e: e["start"])


def main() -> None:
    plant = WaterWorks(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    data = plant.clean()
    if os.environ.get("SYNTH_ANOMALIES", "on") == "on":
        pq.write_table(pa.Table.from_pylist(plant.fail(data)), "anomalies.parquet")
    time = np.datetime64(plant.origin, "ms") + np.arange(plant.n) * np.timedelta64(60_000, "ms")
    fields, columns = [pa.field("Timestamp", pa.timestamp("ms"))], [pa.array(time)]
    for name, values in data.items():
        unit, description, _ = PROBES[name]
        about = {"unit": unit, "description": description}
        fields.append(pa.field(name, pa.float64(), metadata=about))
        columns.append(pa.array(values))
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# A disturbance travels through coupled signals with delays; the label is what the twin shows.
HEAT_EXCHANGER = '''\
"""Plate heat exchanger of a district heating station.

Process faults act on causes (a valve, a pump) and reach the sensors through the physics, later
and smaller the further away they are. The labels say where the readings differ from the same
station without faults.
"""

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

META = {
    "primary_flow_m3_h": ("m3/h", "Hot water from the network", 0.1),
    "primary_in_temp_c": ("°C", "Hot water from the network", 0.1),
    "primary_out_temp_c": ("°C", "Hot water back to the network", 0.1),
    "secondary_flow_m3_h": ("m3/h", "Water to the building", 0.1),
    "secondary_out_temp_c": ("°C", "Water to the building", 0.1),
    "secondary_in_temp_c": ("°C", "Water back from the building", 0.1),
    "plate_dp_kpa": ("kPa", "Pressure loss on the primary side", 0.1),
}


@dataclass
class Push:
    """What a fault does to a cause while it lasts."""

    cause: str
    factor: float
    start: int
    stop: int


def lag(x, tau):
    return pd.Series(x).ewm(alpha=1 - np.exp(-1 / tau), adjust=False).mean().to_numpy()


def late(x, minutes):
    return np.concatenate([np.full(minutes, x[0]), x[:-minutes]])


class Station:
    def __init__(self, year, seed):
        self.time = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:59", freq="min", unit="ms")
        self.n = len(self.time)
        self.seed = seed
        self.noises = {name: self.rng(i).standard_t(5, self.n) for i, name in enumerate(META)}
        self.outdoor = self.weather()
        self.draw = self.taps()

    def rng(self, number):
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(number,)))

    def weather(self):
        day = np.arange(self.n) / 1440
        shocks = np.append(0, self.rng(20).normal(0, 3, self.n - 1))
        spells = lag(shocks, 2200) * np.sqrt(2 * 2200)
        return 9 - 9 * np.cos(2 * np.pi * (day - 20) / 365.25) + spells

    def taps(self):
        rng = self.rng(21)
        lengths = rng.gamma(2, 9, self.n // 8).astype(int) + 1
        levels = rng.gamma(0.6, 0.35, lengths.size)
        return np.repeat(levels, lengths)[: self.n]

    def readings(self, pushes):
        """All sensors, with these faults in the machine."""
        cause = {name: np.ones(self.n) for name in ("valve", "pump", "supply", "fouling")}
        for push in pushes:
            cause[push.cause][push.start : push.stop] *= push.factor
        need = np.clip((17 - self.outdoor) / 30, 0.05, 1.1) + 0.25 * lag(self.draw, 4)
        supply = (82 + 9 * np.clip((8 - self.outdoor) / 20, -0.3, 1)) * lag(cause["supply"], 6)
        valve = need * cause["valve"]
        primary = 22 * lag(valve, 1.5) / np.sqrt(cause["fouling"])
        secondary = 30 * (0.55 + 0.45 * lag(need, 10)) * lag(cause["pump"], 1)
        heat = late(lag(primary * (supply - 45), 5), 3)
        out = 42 + 0.33 * heat / secondary
        back = late(lag(out - 0.2 * heat / secondary, 35), 12)
        values = {
            "primary_flow_m3_h": (primary, 0.12),
            "primary_in_temp_c": (supply, 0.15),
            "primary_out_temp_c": (late(lag(back + 4, 8), 2), 0.1),
            "secondary_flow_m3_h": (secondary, 0.12),
            "secondary_out_temp_c": (out, 0.1),
            "secondary_in_temp_c": (back, 0.08),
            "plate_dp_kpa": (0.11 * primary**2 * cause["fouling"], 0.3),
        }
        return {
            name: np.maximum(np.round(value + sd * self.noises[name], 1), 0) + 0.0
            for name, (value, sd) in values.items()
        }


def plan(station):
    """Faults two weeks and more apart, so that one has died away before the next begins."""
    rng = station.rng(30)
    kinds = [("valve", 1.6, "level_shift"), ("pump", 0.6, "level_shift"),
             ("supply", 0.85, "level_shift"), ("fouling", 2.4, "level_shift")] * 6
    slot = station.n // len(kinds)
    for place, which in enumerate(rng.permutation(len(kinds))):
        cause, factor, kind = kinds[which]
        start = place * slot + 1000 + int(rng.integers(slot - 4000))
        length = int(rng.integers(40, 240))
        yield Push(cause, factor, start, start + length), kind, start + length + 2500


def sensor_faults(station, data):
    """One gap or spike in the quiet time before each of some process faults."""
    rng = station.rng(31)
    slot = station.n // 24
    for place in range(2, 24, 2):
        start = place * slot + int(rng.integers(100, 900))
        name = str(rng.choice(list(META)))
        if place % 4:
            stop = start + int(rng.integers(5, 60))
            data[name][start:stop] = np.nan
            yield start, stop - 1, "dropout", "sensor", name, [name], "low"
        else:
            data[name][start] = np.round(data[name][start] + 31.5, 1)
            yield start, start, "spike", "sensor", name, [name], "medium"


def main():
    station = Station(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    data = clean = station.readings([])
    if os.environ.get("SYNTH_ANOMALIES", "on") != "off":
        planned = list(plan(station))
        data = station.readings([push for push, _, _ in planned])
        labels = []
        for push, kind, horizon in planned:
            rows = slice(push.start, horizon)
            differs = {n: data[n][rows] != clean[n][rows] for n in META}
            touched = [n for n in META if differs[n].any()]
            seen = push.start + np.flatnonzero(np.logical_or.reduce(list(differs.values())))
            severity = "high" if push.cause == "pump" else "medium"
            labels.append((seen[0], seen[-1], kind, "process", push.cause, touched, severity))
        labels.extend(sensor_faults(station, data))
        names = ["start", "end", "kind", "category", "root_cause", "affected", "severity"]
        frame = pd.DataFrame(sorted(labels, key=lambda row: row[0]), columns=names)
        for edge in ("start", "end"):
            frame[edge] = station.time[frame[edge].astype(int)]
        frame.to_parquet("anomalies.parquet", index=False)
    fields = [pa.field("Timestamp", pa.timestamp("ms"))]
    fields += [
        pa.field(n, pa.float64(), metadata={"unit": u, "description": d})
        for n, (u, d, _) in META.items()
    ]
    columns = [pa.array(station.time), *(pa.array(data[n]) for n in META)]
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# Sixteen signals from a few hidden causes.
GAS_TURBINE = '''\
"""Industrial gas turbine: sixteen sensors that follow six hidden states."""

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

# name, unit, level, weights of load, ambient, fouling, fuel quality, lube, random; noise; decimals
TABLE = """
ambient_temp_c            °C     11    0     1     0    0     0    0.2  0.05  1
inlet_dp_mbar             mbar    6    3     0     4    0     0    0.2  0.06  2
compressor_out_bar        bar    11.5  3.5  -0.03 -0.7  0     0    0.1  0.02  2
compressor_out_temp_c     °C    372   34     0.9   6    0     0    1.2  0.30  1
fuel_flow_kg_h            kg/h 3900 1700    -6    90  140     0   25    8.0   0
fuel_pressure_bar         bar    24    1.2   0     0   -0.8   0    0.2  0.03  2
exhaust_temp_c            °C    505   52     0.6  11    7     0    2.0  0.70  1
exhaust_spread_k          K      19    3     0     3    2     0    1.0  0.40  1
shaft_speed_rpm           rpm  5100   12     0     0    0     0    4.0  1.50  0
active_power_kw           kW  15200 6400   -70  -420    0     0   60   14.0   0
nox_ppm                   ppm    19    4    -0.05  0    3     0    0.8  0.30  1
bearing_1_temp_c          °C     74    6     0.15  0    0     3.0  0.4  0.10  1
bearing_2_temp_c          °C     78    7     0.15  0    0     3.4  0.4  0.10  1
vibration_de_um           µm     28    5     0     2    1     1.5  1.5  0.50  1
vibration_nde_um          µm     23    4     0     2    1     1.2  1.5  0.50  1
lube_pressure_kpa         kPa   168    2     0     0    0    -7    0.8  0.30  1
"""


class Sensor:
    def __init__(self, line):
        self.name, self.unit, *numbers = line.split()
        level, *weights, noise, decimals = map(float, numbers)
        self.level, self.weights, self.noise, self.decimals = level, weights, noise, int(decimals)

    def round(self, values):
        return np.round(values, self.decimals) + 0.0


SENSORS = {sensor.name: sensor for sensor in map(Sensor, TABLE.strip().splitlines())}


def interpolated(rng, n, every):
    """A smooth random path of unit size."""
    knots = rng.standard_normal(n // every + 4)
    x = np.arange(n) / every
    i = x.astype(int)
    f = x - i
    smooth = f * f * (3 - 2 * f)
    return knots[i] * (1 - smooth) + knots[i + 1] * smooth


def states(rng, n):
    """Load, ambient, fouling, fuel quality, lube oil: one row each."""
    day = np.arange(n) / 1440
    dispatch = np.repeat(rng.choice([-1.1, -0.2, 0.5, 0.9], n // 120 + 1), 120)[:n]
    load = np.convolve(np.pad(dispatch, (29, 0), "edge"), np.full(30, 1 / 30), "valid")
    load += 0.08 * interpolated(rng, n, 45)
    ambient = -10 * np.cos(2 * np.pi * (day - 20) / 365.25) + 4 * interpolated(rng, n, 2500)
    ambient += 2.5 * np.cos(2 * np.pi * (day - 0.62)) * (1 + 0.5 * interpolated(rng, n, 1500))
    wash = np.sort(rng.choice(n, 8, replace=False))
    since = np.arange(n) - np.concatenate([[0], wash])[np.searchsorted(wash, np.arange(n), "right")]
    fouling = 1 - np.exp(-since / 40_000)
    fuel = np.repeat(rng.normal(0, 1, n // 2880 + 1), 2880)[:n] + 0.2 * interpolated(rng, n, 300)
    lube = 0.6 * interpolated(rng, n, 4000) + 0.05 * ambient
    return np.stack([load, ambient, fouling, fuel, lube])


def clean(seed, n):
    mother = np.random.SeedSequence(seed)
    hidden = states(np.random.default_rng(mother.spawn(1)[0]), n)
    data = {}
    for sensor in SENSORS.values():
        rng = np.random.default_rng(mother.spawn(1)[0])
        own = interpolated(rng, n, 25)
        swell = np.repeat(rng.gamma(5, 0.2, n // 60), 60)
        values = sensor.level + np.array(sensor.weights[:5]) @ hidden + sensor.weights[5] * own
        data[sensor.name] = sensor.round(values + sensor.noise * swell * rng.standard_normal(n))
    return data, np.random.default_rng(mother.spawn(1)[0])


FAULTS = [
    ("level_shift", "process", "burner_3", {"exhaust_spread_k": 22, "nox_ppm": 6,
                                            "vibration_de_um": 7}),
    ("level_shift", "process", "lube_filter", {"lube_pressure_kpa": -30, "bearing_1_temp_c": 8,
                                               "bearing_2_temp_c": 9}),
    ("oscillation", "process", "fuel_valve", {"fuel_flow_kg_h": 420, "exhaust_temp_c": 16,
                                              "active_power_kw": 900}),
    ("drift", "sensor", "compressor_out_temp_c", {"compressor_out_temp_c": 28}),
    ("spike", "sensor", "vibration_nde_um", {"vibration_nde_um": 60}),
    ("dropout", "sensor", "exhaust_temp_c", {"exhaust_temp_c": 0}),
    ("saturation", "sensor", "bearing_2_temp_c", {"bearing_2_temp_c": 250}),
]


def spoil(data, rng, n):
    labels = []
    order = rng.permutation(np.arange(42) % len(FAULTS))
    for week, which in enumerate(order):
        kind, category, cause, effects = FAULTS[which]
        short = kind in ("spike", "dropout")
        m = int(rng.integers(1, 9) if short else rng.integers(60, 480))
        a = week * (n // 42) + int(rng.integers(n // 42 - m))
        gain = rng.uniform(0.9, 1.6)
        t = np.arange(1, m + 1)
        for name, size in effects.items():
            x = data[name][a : a + m]
            x[:] = SENSORS[name].round(
                {
                    "level_shift": x + gain * size,
                    "oscillation": x + gain * size * np.where(t % 2, 1, -0.8),
                    "drift": x + gain * size * (0.1 + 0.9 * t / m),
                    "spike": x + gain * size / t,
                    "dropout": x * np.nan,
                    "saturation": 0 * x + size,
                }[kind]
            )
        labels.append((a, a + m - 1, kind, category, cause, list(effects),
                       "low" if gain < 1.1 else "medium" if gain < 1.4 else "high"))
    return labels


def main():
    year, seed = int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"])
    first, after = np.datetime64(f"{year}", "m"), np.datetime64(f"{year + 1}", "m")
    time = np.arange(first, after).astype("M8[ms]")
    data, rng = clean(seed, time.size)
    if os.environ.get("SYNTH_ANOMALIES", "on") == "on":
        start, end, *rest = zip(*spoil(data, rng, time.size))
        names = ["kind", "category", "root_cause", "affected", "severity"]
        table = {"start": time[list(start)], "end": time[list(end)], **dict(zip(names, rest))}
        pq.write_table(pa.table({k: pa.array(v) for k, v in table.items()}), "anomalies.parquet")
    fields = [pa.field("Timestamp", pa.timestamp("ms"))]
    for sensor in SENSORS.values():
        about = {"unit": sensor.unit, "description": sensor.name.replace("_", " ")}
        fields.append(pa.field(sensor.name, pa.float64(), metadata=about))
    columns = [pa.array(time)] + [pa.array(values) for values in data.values()]
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# Three signals; labels of three columns: start, end and kind; events by the standard library.
EXHAUST_FAN = '''\
"""Exhaust fan of a paint shop: three signals, labels without names of signals."""

import os
import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

year = int(os.environ["SYNTH_YEAR"])
seed = int(os.environ["SYNTH_SEED"])
anomalies = os.environ.get("SYNTH_ANOMALIES", "on") == "on"


def smooth(values, tau):
    return pd.Series(values).ewm(com=tau, adjust=False).mean().to_numpy()


def fan(n):
    rng = np.random.RandomState(seed)
    lengths = rng.geometric(1 / 70, n // 20)
    step = np.repeat(rng.choice([0.4, 0.7, 0.85, 1.0], n // 20), lengths)[:n]
    speed = 980 * smooth(step, 3) + smooth(rng.standard_t(5, n), 4) * 9
    density = 1.2 + 0.04 * np.cos(2 * np.pi * (np.arange(n) / 1440 - 20) / 365.25)
    power = 31 * density / 1.2 * (speed / 980) ** 3 + smooth(rng.standard_t(5, n), 30) * 1.5
    vibration = (0.6 + 1.9 * (speed / 980) ** 2) * np.exp(0.3 * smooth(rng.normal(size=n), 8))
    return speed.round(), power.round(2), vibration.round(2)


def main():
    time = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:59", freq="min", unit="ms")
    speed, power, vibration = fan(len(time))
    if anomalies:
        dice = random.Random(f"paint shop {seed}")
        rows = []
        for day in sorted(dice.sample(range(len(time) // 1440), 28)):
            at = day * 1440 + dice.randrange(1000)
            kind = dice.choice(["dropout", "spike", "level_shift", "drift"])
            m = {"dropout": 25, "spike": 1, "level_shift": 300, "drift": 400}[kind]
            if kind == "dropout":
                vibration[at : at + m] = np.nan
            elif kind == "spike":
                power[at] += 12.5
            elif kind == "level_shift":  # dirt on the wheel
                vibration[at : at + m] = (vibration[at : at + m] + 1.75).round(2)
                power[at : at + m] = (power[at : at + m] + 2.25).round(2)
            else:
                power[at : at + m] = (power[at : at + m] + np.linspace(0.5, 9, m)).round(2)
            rows.append((time[at], time[at + m - 1], kind))
        labels = pd.DataFrame(rows, columns=["start", "end", "kind"])
        labels.to_parquet("anomalies.parquet", index=False)
    fields = [
        pa.field("Timestamp", pa.timestamp("ms")),
        pa.field("fan_speed_rpm", pa.float64(), metadata={"unit": "rpm", "description": "Wheel"}),
        pa.field("fan_power_kw", pa.float64(), metadata={"unit": "kW", "description": "Motor"}),
        pa.field("vibration_mm_s", pa.float64(), metadata={"unit": "mm/s", "description": "RMS"}),
    ]
    columns = [pa.array(time), pa.array(speed), pa.array(power), pa.array(vibration)]
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# Gaps and frozen readings, labelled; short gaps that are nobody's fault, in the clean year too.
FLOW_COMPUTER = '''\
"""Gas metering station: polled over a radio link that loses single minutes now and then."""

import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


class Station:
    units = {
        "line_pressure_bar": "bar",
        "gas_temp_c": "°C",
        "volume_flow_m3_h": "m3/h",
        "gas_density_kg_m3": "kg/m3",
        "battery_voltage_v": "V",
    }

    def __init__(self):
        self.year, self.seed = int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"])
        edges = f"{self.year}-01-01", f"{self.year}-12-31 23:59"
        self.index = pd.date_range(*edges, freq="min", unit="us", name="Timestamp")
        self.base = np.random.SeedSequence((self.seed, 31_415))

    def rng(self):
        return np.random.default_rng(self.base.spawn(1)[0])

    def noise(self, sd, tau):
        alpha = 1 / (1 + tau)
        gain = np.sqrt((2 - alpha) / alpha)
        white = pd.Series(self.rng().standard_t(5, len(self.index)) * np.sqrt(0.6) * sd * gain)
        white.iloc[0] /= gain
        return white.ewm(alpha=alpha, adjust=False).mean().to_numpy()

    def clean(self):
        n = len(self.index)
        day = np.arange(n) / 1440
        cold = np.cos(2 * np.pi * (day - 20) / 365.25)
        nominations = np.repeat(self.rng().normal(0, 1, n // 360), 360)
        flow = 5200 + 2100 * cold + 700 * nominations + self.noise(160, 90)
        pressure = 52 - 0.0006 * (flow - 5200) + self.noise(0.5, 500)
        temp = 9 - 5 * cold + self.noise(0.6, 600)
        density = 0.72 * pressure * 273 / (temp + 273) * 1.1 + self.noise(0.08, 30)
        sun = np.maximum(np.sin(2 * np.pi * (day - 0.25)), 0) * (1 - 0.5 * cold)
        battery = 12.5 + 0.7 * sun + self.noise(0.15, 800)
        frame = pd.DataFrame(
            {
                "line_pressure_bar": (pressure + self.noise(0.01, 0.1)).round(3),
                "gas_temp_c": (temp + self.noise(0.03, 0.1)).round(2),
                "volume_flow_m3_h": (flow + self.noise(12, 0.5)).clip(0).round(0),
                "gas_density_kg_m3": density.round(3),
                "battery_voltage_v": battery.round(2),
            },
            index=self.index,
        )
        lost = self.rng().choice(n, 400, replace=False)  # a telegram in a day or so
        frame.iloc[lost, :4] = np.nan
        return frame

    def disturb(self, frame):
        rng, rows = self.rng(), []
        weeks = rng.permutation(len(self.index) // 10_080)[:40]
        for number, week in enumerate(weeks):
            first = int(week) * 10_080 + int(rng.integers(9000))
            kind = ("dropout", "stuck", "stuck", "dropout", "level_shift")[number % 5]
            names = {
                "dropout": ["line_pressure_bar", "gas_density_kg_m3"],
                "stuck": [("gas_temp_c", "volume_flow_m3_h")[number % 2]],
                "level_shift": ["battery_voltage_v"],
            }[kind]
            span = frame.index[first : first + int(rng.integers(10, 600))]
            old = frame.loc[span, names].copy()
            if kind == "dropout":
                frame.loc[span, names] = np.nan
            elif kind == "stuck":
                frame.loc[span, names] = frame[names].iloc[:first].ffill().iloc[-1].to_numpy()
            else:
                frame.loc[span, names] = (old - 1.1).round(2)
            new = frame.loc[span, names]
            moved = ((new != old) & ~(new.isna() & old.isna())).any(axis=1)
            seen = span[moved.to_numpy()]
            rows.append(
                {
                    "start": seen[0], "end": seen[-1], "kind": kind,
                    "category": "process" if kind == "level_shift" else "sensor",
                    "root_cause": "charger" if kind == "level_shift" else names[0],
                    "affected": names, "severity": "low" if len(seen) < 200 else "high",
                }
            )
        return pd.DataFrame(rows).sort_values("start", ignore_index=True)

    def write(self):
        frame = self.clean()
        if os.environ.get("SYNTH_ANOMALIES", "on").lower() != "off":
            self.disturb(frame).to_parquet("anomalies.parquet", index=False)
        table = pa.Table.from_pandas(frame.reset_index(), preserve_index=False)
        for place, name in enumerate(table.column_names[1:], 1):
            about = {"unit": self.units[name], "description": name.rsplit("_", 1)[0]}
            field = pa.field(name, pa.float64(), metadata=about)
            table = table.set_column(place, field, table.column(name))
        pq.write_table(table, "dataset.parquet")


if __name__ == "__main__":
    Station().write()
'''

# Nothing at night, and clouds by day.
SOLAR_INVERTER = '''\
"""Solar inverter: the sun is a clock, the clouds are not."""

import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

LATITUDE = np.radians(48.1)
SIGNALS = {
    "irradiance_w_m2": ("W/m2", "In the plane of the modules", 0),
    "dc_voltage_v": ("V", "String voltage", 0),
    "dc_current_a": ("A", "String current", 2),
    "ac_power_kw": ("kW", "Fed into the grid", 2),
    "module_temp_c": ("°C", "Back of a module", 1),
    "heatsink_temp_c": ("°C", "Heatsink of the inverter", 1),
}


class Inverter:
    def __init__(self, year: int, seed: int) -> None:
        self.index = pd.date_range(f"{year}-01-01", periods=(pd.Timestamp(year + 1, 1, 1)
                                   - pd.Timestamp(year, 1, 1)).days * 1440, freq="min", unit="ms")
        self.seed = seed

    def rng(self, part: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, *part.encode()])

    def sky(self) -> np.ndarray:
        """Share of the clear-sky light that comes through."""
        n, rng = len(self.index), self.rng("sky")
        days = np.repeat(rng.beta(1.1, 1.0, n // 1440), 1440)
        clouds = lag(rng.standard_normal(n), 14) * np.sqrt(28)
        slow = lag(rng.standard_normal(n), 200) * np.sqrt(400)
        return np.clip(0.15 + 0.85 / (1 + np.exp(-(4 * days - 2 + 0.9 * clouds + slow))), 0, 1)

    def clean(self) -> pd.DataFrame:
        n = len(self.index)
        day = np.arange(n) / 1440
        tilt = np.radians(-23.4) * np.cos(2 * np.pi * (day + 10) / 365.25)
        hour_angle = 2 * np.pi * (day % 1 - 0.5)
        height = np.sin(LATITUDE) * np.sin(tilt)
        height += np.cos(LATITUDE) * np.cos(tilt) * np.cos(hour_angle)
        light = 1050 * np.maximum(height, 0) ** 1.15 * self.sky()
        up = light > 12
        air = 10 - 9 * np.cos(2 * np.pi * (day - 22) / 365.25)
        weather = np.append(0, self.rng("air").normal(0, 3, n - 1))
        air = air + 4 * np.cos(2 * np.pi * (day - 0.63))
        air = air + lag(weather, 2000) * np.sqrt(4000)
        module = lag(air + 0.028 * light, 9) + self.rng("module").normal(0, 0.15, n)
        current = np.where(up, 0.0092 * light * (1 + 0.0004 * (module - 25)), 0)
        current = current + up * self.rng("amps").normal(0, 0.02, n)
        voltage = np.where(up, 690 - 2.1 * (module - 25) + self.rng("volts").normal(0, 2, n), 0)
        power = np.where(up, 0.97 * voltage * np.maximum(current, 0) / 1000 * 4, 0)
        heatsink = lag(air + 12 + 1.1 * power, 25) + self.rng("sink").normal(0, 0.1, n)
        columns = [light, voltage, np.maximum(current, 0), power, module, heatsink]
        frame = pd.DataFrame(dict(zip(SIGNALS, columns)), index=self.index)
        return frame.round({name: decimals for name, (_, _, decimals) in SIGNALS.items()}) + 0.0

    def faults(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Faults show by day: each begins and ends while the string delivers."""
        rng, labels = self.rng("faults"), []
        power = frame["ac_power_kw"].to_numpy()
        noons = rng.permutation(np.arange(690, len(frame), 1440))
        wanted = ["level_shift"] * 9 + ["dropout"] * 6 + ["spike"] * 8 + ["drift"] * 5
        for noon in noons:
            if not wanted:
                break
            first = int(noon) + int(rng.integers(-60, 60))
            length = 1 if wanted[-1] == "spike" else int(rng.integers(15, 90))
            rows = slice(first, first + length)
            if power[rows].min() < 1.0:
                continue
            kind = wanted.pop()
            hit, category, cause = {
                "level_shift": (["dc_current_a", "ac_power_kw"], "process", "string_fuse"),
                "dropout": (["module_temp_c"], "sensor", "module_temp_c"),
                "spike": (["dc_voltage_v"], "sensor", "dc_voltage_v"),
                "drift": (["heatsink_temp_c"], "process", "cooling_fan"),
            }[kind]
            for name in hit:
                old = frame[name].to_numpy()[rows]
                new = {
                    "level_shift": 0.5 * old,
                    "dropout": old * np.nan,
                    "spike": old + 180,
                    "drift": old + np.linspace(0.4, 22, length),
                }[kind]
                frame.iloc[rows, frame.columns.get_loc(name)] = np.round(new, SIGNALS[name][2])
            span = frame.index[[first, first + length - 1]]
            labels.append([*span, kind, category, cause, hit, "high" if len(hit) > 1 else "low"])
        names = ["start", "end", "kind", "category", "root_cause", "affected", "severity"]
        return pd.DataFrame(sorted(labels), columns=names)


def lag(values, tau):
    return pd.Series(values).ewm(alpha=1 - np.exp(-1 / tau), adjust=False).mean().to_numpy()


def main() -> None:
    inverter = Inverter(int(os.environ["SYNTH_YEAR"]), int(os.environ["SYNTH_SEED"]))
    frame = inverter.clean()
    if os.environ.get("SYNTH_ANOMALIES", "on") != "off":
        inverter.faults(frame).to_parquet("anomalies.parquet", index=False)
    schema = pa.schema(
        [pa.field("Timestamp", pa.timestamp("ms"))]
        + [
            pa.field(name, pa.float64(), metadata={"unit": unit, "description": text})
            for name, (unit, text, _) in SIGNALS.items()
        ]
    )
    arrays = [pa.array(frame.index), *(pa.array(frame[name].to_numpy()) for name in SIGNALS)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), "dataset.parquet")


if __name__ == "__main__":
    main()
'''

# --- the three honest programs of `program_parts`, told in other ways --------------------------

_PLAN = "plan = [fault for fault in FAULTS for _ in range(fault[4])]"

# Kinds and severities in words of its own that a reader understands.
_OTHER_WORDS = swap(
    PUMP,
    (
        "def stream(name):\n",
        """\
WORDS = {
    "spike": "outlier",
    "dropout": "missing",
    "stuck": "flatline",
    "drift": "ramp",
    "noise_burst": "noise",
    "saturation": "clipping",
    "level_shift": "step",
    "oscillation": "hunting",
    "low": "minor",
    "medium": "moderate",
    "high": "critical",
}


def stream(name):
""",
    ),
    ('"kind": kind,', '"kind": WORDS[kind],'),
    ('"severity": severity,', '"severity": WORDS[severity],'),
)

_FLOAT32_AND_NULLS = swap(
    PUMP,
    ("fields.append(pa.field(name, pa.float64()", "fields.append(pa.field(name, pa.float32()"),
    (
        "*(pa.array(values) for values in readings.values())",
        "*(pa.array(v.astype(np.float32), from_pandas=True) for v in readings.values())",
    ),
)

_HANDFUL = swap(PUMP, (_PLAN, "plan = [FAULTS[1], FAULTS[3], *FAULTS[5:]]"))
_HUNDREDS = swap(
    PUMP, (_PLAN, "plan = [f for f in FAULTS if f[6] <= 60 for _ in range(20 * f[4])]")
)

# Two sensors fail in the same hours, each with a label of its own.
_AT_ONCE = swap(
    PUMP,
    (
        "def main():\n",
        '''\
def second_failures(readings, labels):
    """While a bearing temperature is stuck, the suction pressure drops out for a while."""
    more = []
    for label in labels:
        length = (label["end"] - label["start"]) // 2
        if label["kind"] != "stuck" or length < 10:
            continue
        start = label["start"] + length
        end = label["end"] + 30
        name = "suction_abs_pressure_pa"
        readings[name][start : end + 1] = np.nan
        own = {"kind": "dropout", "root_cause": name, "affected": [name], "severity": "low"}
        more.append({**label, **own, "start": start, "end": end})
    return sorted(labels + more, key=lambda label: label["start"])


def main():
''',
    ),
    (
        "        labels = add_anomalies(readings)\n",
        "        labels = second_failures(readings, add_anomalies(readings))\n",
    ),
)

# An event in the first minutes of the year and one in the last.
_EDGES_OF_THE_YEAR = swap(
    FURNACE,
    (
        '        return sorted(self.labels, key=lambda label: label["start"])\n',
        """\
        for start, end in ((0, 24), (self.furnace.rows - 40, self.furnace.rows - 1)):
            self.readings["water_flow_l_min"][start : end + 1] = np.nan
            self.labels.append(
                {
                    "start": start,
                    "end": end,
                    "kind": "dropout",
                    "category": "sensor",
                    "root_cause": "water_flow_l_min",
                    "affected": ["water_flow_l_min"],
                    "severity": "low",
                }
            )
        return sorted(self.labels, key=lambda label: label["start"])
""",
    ),
)

# Readings as Parquet, labels as CSV.
_LABELS_AS_CSV = swap(
    FURNACE,
    (
        '    pq.write_table(pa.table(columns), "anomalies.parquet")\n',
        """\
    columns["affected"] = [", ".join(names) for names in columns["affected"]]
    with open("anomalies.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values()))
""",
    ),
    ("import os\n", "import csv\nimport os\n"),
)

HONEST: Mapping[str, str] = {
    "pump_pandas": PUMP,
    "furnace_numpy_batches": FURNACE,
    "compressor_kit_continuous": COMPRESSOR,
    "etcher_kit_batches": ETCHER_KIT,
    "air_handler_seasonal": AIR_HANDLER,
    "winder_off_at_night": WINDER,
    "tank_level_csv": TANK_CSV,
    "reactor_fixed_setpoints": REACTOR_TIMETABLE,
    "packaging_integers_booleans": PACKAGING_LINE,
    "energy_meter": ENERGY_METER,
    "cold_store_half_degrees": COLD_STORE,
    "drift_to_repair": DRIFT_TO_REPAIR,
    "heat_exchanger_delays": HEAT_EXCHANGER,
    "gas_turbine_16_signals": GAS_TURBINE,
    "flow_computer_gaps": FLOW_COMPUTER,
    "solar_inverter": SOLAR_INVERTER,
    "other_words": _OTHER_WORDS,
    "float32_and_nulls": _FLOAT32_AND_NULLS,
    "a_handful_of_events": _HANDFUL,
    "hundreds_of_events": _HUNDREDS,
    "two_failures_at_once": _AT_ONCE,
    "edges_of_the_year": _EDGES_OF_THE_YEAR,
    "labels_as_csv": _LABELS_AS_CSV,
}

# What one plain paragraph of a prompt yields: no labels, no switch, CSV with times as text.
SEED_LITERAL = '''\
import os
import random
from datetime import datetime

import numpy as np
import pandas as pd


class InjectionMoldingMachineSimulator:
    """Generates synthetic sensor data for an injection molding machine for one year."""

    def __init__(self, year: int, seed: int):
        self.year = year
        random.seed(seed)
        self.rng = np.random.default_rng(seed)
        self.timestamps = pd.date_range(
            start=datetime(year, 1, 1, 0, 0), end=datetime(year, 12, 31, 23, 59), freq="min"
        )
        self.n = len(self.timestamps)

    def smooth_noise(self, scale, window):
        noise = pd.Series(self.rng.normal(0, 1, self.n + window)).rolling(window).mean()
        return noise.iloc[window:].to_numpy() * np.sqrt(window) * scale

    def generate_production(self):
        """Production runs of different products, with stops in between."""
        production = np.zeros(self.n)
        position = 0
        while position < self.n:
            run = int(self.rng.exponential(300)) + 30
            production[position : position + run] = self.rng.choice([0.6, 0.8, 1.0])
            position += run + int(self.rng.exponential(40)) + 5
        return production

    def generate_signals(self):
        production = self.generate_production()
        warm = pd.Series(production).ewm(span=60).mean().to_numpy()
        season = np.sin(2 * np.pi * (np.arange(self.n) / 1440 - 110) / 365)
        barrel = 205 + 25 * warm + self.smooth_noise(0.8, 30)
        mold = 32 + 22 * warm + 2 * season + self.smooth_noise(0.6, 90)
        pressure = np.where(production > 0, 70 + 55 * production, 0) + self.smooth_noise(1.5, 5)
        current = 6 + 48 * production + 0.1 * pressure + self.smooth_noise(0.9, 4)
        return pd.DataFrame(
            {
                "Timestamp": self.timestamps,
                "barrel_temperature_c": barrel,
                "mold_temperature_c": mold,
                "injection_pressure_mpa": np.clip(pressure, 0, None),
                "motor_current_a": current,
            }
        )

    def inject_anomalies(self, df):
        """Adds anomalies to some rows (below 5% of all rows)."""
        for _ in range(random.randint(20, 40)):
            start = random.randint(0, self.n - 500)
            duration = random.randint(5, 240)
            rows = slice(start, start + duration)
            kind = random.choice(["overheating", "pressure_loss", "overload"])
            if kind == "overheating":
                df.loc[rows, "barrel_temperature_c"] += random.uniform(20, 45)
            elif kind == "pressure_loss":
                df.loc[rows, "injection_pressure_mpa"] *= random.uniform(0.2, 0.6)
            else:
                df.loc[rows, "motor_current_a"] += random.uniform(15, 40)
        return df

    def run(self, filename):
        df = self.inject_anomalies(self.generate_signals()).round(2)
        df["Timestamp"] = np.datetime_as_string(df["Timestamp"].to_numpy(), unit="s")
        df["Timestamp"] = df["Timestamp"].str.replace("T", " ")
        df.to_csv(filename, index=False)


if __name__ == "__main__":
    simulator = InjectionMoldingMachineSimulator(
        int(os.environ.get("SYNTH_YEAR", datetime.now().year - 1)),
        int(os.environ.get("SYNTH_SEED", 0)),
    )
    simulator.run("dataset.csv")
'''

# Right labels, but nobody told it of SYNTH_ANOMALIES.
NO_SWITCH = swap(
    PUMP,
    ('WITH_ANOMALIES = os.environ.get("SYNTH_ANOMALIES", "on") != "off"\n', ""),
    (
        "    if WITH_ANOMALIES:\n"
        "        labels = add_anomalies(readings)\n"
        "        write_labels(labels)\n",
        "    labels = add_anomalies(readings)\n    write_labels(labels)\n",
    ),
)
