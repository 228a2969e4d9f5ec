"""The words of labels: one list each of kinds, categories and severities, and what means the same.

A kind is added by its function in `signal_kit`, with its docstring; prompt, catalogue, checks and
documents follow. A near word is added here.
"""

import re
from collections.abc import Mapping

from synth_pipeline.signal_kit import ANOMALIES

KINDS = tuple(ANOMALIES)
CATEGORIES = ("sensor", "process")
SEVERITIES = ("low", "medium", "high")

# What programs write for them. Words for causes (leak, blockage, bearing wear) are no kinds: the
# kind says what the readings do, the root cause why.
_NEAR: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "spike": "spikes spiking transient transient_spike pulse impulse peak glitch outlier "
        "point_anomaly point_outlier surge burst_spike momentary_spike single_spike",
        "level_shift": "levelshift shift step step_change step_shift offset bias mean_shift jump "
        "sudden_shift abrupt_shift calibration_offset constant_offset baseline_shift",
        "drift": "drifting slow_drift gradual_drift sensor_drift ramp trend creep gradual "
        "gradual_change slow_ramp degradation gradual_degradation calibration_drift linear_drift",
        "stuck": "stuck_at stuck_value stuck_sensor sensor_stuck flatline flat_line flat frozen "
        "freeze frozen_value constant hold held stuck_at_value stale",
        "dropout": "drop_out dropouts missing missing_data missing_values gap data_gap data_loss "
        "signal_loss loss_of_signal nan sensor_dropout communication_loss no_data blackout",
        "noise_burst": "noise noisy noise_increase increased_noise variance_increase "
        "variance_burst excess_noise burst_noise noiseburst noise_spike erratic jitter",
        "saturation": "saturated clipping clipped clip saturate sensor_saturation range_limit "
        "rail railed over_range overrange out_of_range",
        "oscillation": "oscillations oscillating hunting limit_cycle cycling ringing "
        "instability control_oscillation periodic_oscillation",
    },
    "category": {
        "sensor": "sensor_fault sensor_failure sensor_anomaly instrument instrumentation "
        "measurement measurement_fault transducer sensing sensors",
        "process": "process_fault process_failure process_anomaly process_upset mechanical "
        "machine machine_fault equipment equipment_fault physical electrical thermal hydraulic "
        "actuator component component_fault control system operational operation",
    },
    "severity": {
        "low": "minor mild small slight weak minimal 1 info",
        "medium": "moderate med mid middle average normal medium_severity 2 warning",
        "high": "major severe critical large strong serious extreme very_high 3 alarm",
    },
}
_WORDS = {"kind": KINDS, "category": CATEGORIES, "severity": SEVERITIES}
_MEANT = {
    column: {near: word for word, nears in groups.items() for near in (word, *nears.split())}
    | {word: word for word in _WORDS[column]}
    for column, groups in _NEAR.items()
}


def words_of(column: str) -> tuple[str, ...]:
    """The words that a label column may hold."""
    return _WORDS[column]


def meant(column: str, text: str) -> str:
    """The word of the vocabulary that a text means, or the text where it means none.

    `meant("kind", "Flat-line")` is `stuck`.
    """
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()).strip("_")
    known = _MEANT[column]
    for form in (plain, plain.removesuffix(f"_{column}"), plain.removesuffix("_anomaly"),
                 plain.removesuffix("_fault"), plain.removeprefix("sensor_")):  # fmt: skip
        if form in known:
            return known[form]
    return text
