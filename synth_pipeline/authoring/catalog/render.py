"""Writes the generator of one machine: a class with one method a signal, on top of `signal_kit`.

What a signal's method says is in `physics`; this module lays out the module around it.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence

from synth_pipeline.authoring.catalog.physics import (
    arguments,
    call,
    docstring,
    number,
    quoted,
    signal_method,
)
from synth_pipeline.authoring.catalog.spec import Batches, FaultSpec, MachineSpec, SignalSpec

_MODULE = '''\
{docstring}

from functools import cached_property

import numpy as np
import signal_kit as kit

MACHINE = {name}


class {class_name}:
{class_docstring}

    def __init__(self, sim: kit.Simulation) -> None:
        """Take the minute grid and the random streams to run on."""
        self.sim = sim

{methods}


def main() -> None:
    """Simulate the year and write dataset.parquet and anomalies.parquet."""
    sim = kit.Simulation.from_env(MACHINE)
    machine = {class_name}(sim)
    recorder = kit.Recorder(sim)
    machine.install_sensors(recorder)
    machine.schedule_faults(recorder)
    recorder.write()


if __name__ == "__main__":
    main()
'''


def render(spec: MachineSpec, name: str, description: str) -> str:
    """Return the source of `main.py` for a machine called `name`, whatever text that is."""
    class_name = re.sub(r"[^A-Za-z0-9]", "", spec.kind)
    methods = [
        _maintenance(spec),
        _cycle(spec),
        *([_wear(spec)] if spec.wear else []),
        *(signal_method(signal) for signal in spec.signals),
        _sensors(spec.signals),
        _faults(spec.faults),
    ]
    uses_numpy = any("np." in method for method in methods)
    source = _MODULE.format(
        docstring=docstring(f"Synthetic readings of {name}, one a minute for a year.", description),
        name=quoted(name),
        class_name=class_name,
        class_docstring=textwrap.indent(
            docstring(f"{spec.kind}.", spec.description, _story(spec)), "    "
        ),
        methods=textwrap.indent("\n".join(methods), "    ").rstrip(),
    )
    return source if uses_numpy else source.replace("import numpy as np\n", "")


def _story(spec: MachineSpec) -> str:
    if isinstance(spec.cycle, Batches):
        steps = ", ".join(dict.fromkeys(mode for mode, _, _ in spec.cycle.steps))
        story = f"It works in lots of {spec.cycle.per_lot} through the steps {steps}"
    else:
        story = f"It runs continuously between the modes {', '.join(spec.cycle.modes)}"
    if spec.shift:
        story += f", {spec.shift.days} days a week from {spec.shift.start_hour:g} h"
    return f"{story}; planned maintenance comes about every {spec.maintenance.every_days:g} days."


def _maintenance(spec: MachineSpec) -> str:
    plan = spec.maintenance
    return _property(
        "maintenance",
        "kit.Mask",
        "Planned maintenance windows.",
        f"return self.sim.maintenance(every_days={number(plan.every_days)}, "
        f"hours={number(plan.hours)})",
    )


def _cycle(spec: MachineSpec) -> str:
    cycle = spec.cycle
    if isinstance(cycle, Batches):
        steps = [
            f'("{mode}", {number(minutes)}, {number(jitter)})'
            for mode, minutes, jitter in cycle.steps
        ]
        listing = "\n".join(f"        {step}," for step in steps)
        lines = (
            "cycle = self.sim.batches(\n"
            f"    [  # mode, mean minutes, jitter\n{listing}\n    ],\n"
            f'    per_lot={cycle.per_lot},\n    idle="{cycle.idle}",\n'
            f"    idle_minutes={number(cycle.idle_minutes)},\n)"
        )
    else:
        listing = "\n".join(
            f'        "{mode}": ({number(dwell)}, {number(weight)}),'
            for mode, (dwell, weight) in cycle.modes.items()
        )
        lines = (
            "cycle = self.sim.modes(\n"
            f"    {{  # mean dwell in minutes, weight\n{listing}\n    }}\n)"
        )
    if spec.shift:
        shift = spec.shift
        lines += (
            f"\nworking = self.sim.shifts(days={shift.days}, "
            f"start_hour={number(shift.start_hour)}, end_hour={number(shift.end_hour)})"
            f'\ncycle = cycle.override(~working, "{shift.mode}")'
        )
    lines += f'\nreturn cycle.override(self.maintenance, "{spec.maintenance.mode}")'
    return _property("cycle", "kit.Cycle", "Operating mode at every minute.", lines)


def _wear(spec: MachineSpec) -> str:
    wear = spec.wear
    if wear is None:
        return ""
    every = f", every={wear.every}" if wear.every != 1 else ""
    return _property(
        "wear",
        "kit.Floats",
        f"{wear.what}: 0 when new, 1 after {number(wear.full_hours)} hours of use.",
        f"in_use = self.cycle.where({arguments(wear.during)})\n"
        f"return kit.wear(in_use, self.maintenance, full_hours={number(wear.full_hours)}{every})",
    )


def _sensors(signals: Sequence[SignalSpec]) -> str:
    calls = []
    for signal in signals:
        sensor = {"resolution": signal.resolution, "low": signal.low, "high": signal.high}
        about = [f"unit={quoted(signal.unit)}", f"description={quoted(signal.description)}"]
        span = ", ".join(f"{key}={number(value)}" for key, value in sensor.items())
        parts = [f'"{signal.name}", self.{signal.name}', ", ".join(about), span]
        calls.append(call("recorder.add", parts))
    summary = "Record every signal with its sensor's resolution and range."
    return _method("install_sensors", summary, calls)


def _faults(faults: Sequence[FaultSpec]) -> str:
    calls = []
    for fault in faults:
        what = f'"{fault.kind}", "{fault.category}", {quoted(fault.root_cause)}'
        when = f"count={fault.count}, minutes={fault.minutes}"
        if fault.during:
            when += f", during=self.cycle.where({arguments(fault.during)})"
        calls.append(
            f"# {fault.why}\n" + call("recorder.fault", [what, _mapping(fault.effects), when])
        )
    return _method("schedule_faults", "Ask for the faults that are typical of the machine.", calls)


def _mapping(values: Mapping[str, float]) -> str:
    return "{" + ", ".join(f'"{name}": {number(value)}' for name, value in values.items()) + "}"


def _property(name: str, kind: str, summary: str, body: str) -> str:
    return (
        f"@cached_property\ndef {name}(self) -> {kind}:\n"
        f'    """{summary}"""\n{textwrap.indent(body, "    ")}\n'
    )


def _method(name: str, summary: str, calls: Sequence[str]) -> str:
    body = textwrap.indent("\n".join(calls), "    ")
    return f'def {name}(self, recorder: kit.Recorder) -> None:\n    """{summary}"""\n{body}\n'
