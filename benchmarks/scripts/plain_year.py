"""The plain way: a year of ten signals as a model writes it when asked for a pandas script."""

import sys

import numpy as np
import pandas as pd

SIGNALS = {
    "chamber_pressure_pa": (2.7, 0.05),
    "source_power_w": (1450.0, 12.0),
    "bias_voltage_v": (285.0, 4.0),
    "gas_flow_sccm": (260.0, 1.5),
    "throttle_position_pct": (34.0, 0.8),
    "chiller_temperature_degc": (20.0, 0.2),
    "reflected_power_w": (9.0, 1.2),
    "helium_leak_sccm": (1.0, 0.06),
    "turbo_pump_current_a": (3.1, 0.04),
    "exhaust_draught_pa": (310.0, 6.0),
}
ANOMALIES = 30


def main(path: str) -> None:
    rng = np.random.default_rng(7)
    times = pd.date_range("2024-01-01 00:00:00", "2024-12-31 23:59:00", freq="min")
    minutes = np.arange(len(times))
    frame = pd.DataFrame({"Timestamp": times})
    for name, (level, spread) in SIGNALS.items():
        daily = spread * np.sin(2 * np.pi * minutes / 1440)
        yearly = 0.5 * spread * np.sin(2 * np.pi * minutes / len(times))
        frame[name] = level + daily + yearly + rng.normal(0, spread, len(times))
    frame["anomaly"] = 0
    for _ in range(ANOMALIES):
        start, length = rng.integers(0, len(times) - 300), rng.integers(5, 300)
        name = rng.choice(list(SIGNALS))
        frame.loc[start : start + length, name] += 5 * SIGNALS[name][1]
        frame.loc[start : start + length, "anomaly"] = 1
    frame["Timestamp"] = frame["Timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S")
    frame.round(3).to_csv(path, index=False)
    back = pd.read_csv(path, parse_dates=["Timestamp"])
    if len(back) != len(times):
        raise SystemExit("rows were lost")


if __name__ == "__main__":
    main(sys.argv[1])
