"""Writes the generator of one machine: a class with one method a quantity, on `signal_kit`."""

import re
import textwrap
from collections.abc import Sequence

from synth_pipeline.authoring.catalog import formula
from synth_pipeline.authoring.catalog.spec import CauseSpec, MachineSpec, Quantity, Setpoint
from synth_pipeline.authoring.catalog.words import (
    arguments,
    call,
    docstring,
    lines,
    mapping,
    number,
    quoted,
)
from synth_pipeline.signal_kit import Recipe

_MODULE = '''\
{docstring}

from functools import cached_property

import numpy as np
import signal_kit as kit

MACHINE = {name}


class {class_name}:
{class_docstring}

{methods}


def main() -> None:
    """Simulate the year and write its files."""
    kit.write_year(MACHINE, {class_name})


if __name__ == "__main__":
    main()
'''


def render(spec: MachineSpec, name: str, description: str) -> str:
    """Return the source of `main.py` for a machine called `name`, whatever text that is."""
    class_name = re.sub(r"[^A-Za-z0-9]", "", spec.kind)
    methods = [
        _init(spec),
        *(_quantity(each, spec) for each in spec.quantities),
        _record(spec),
    ]
    source = _MODULE.format(
        docstring=docstring(f"Synthetic readings of {name}, one a minute for a year.", description),
        name=quoted(name),
        class_name=class_name,
        class_docstring=textwrap.indent(
            docstring(f"{spec.kind}.", spec.description, _story(spec), _origin(spec)), "    "
        ),
        methods=textwrap.indent("\n".join(methods), "    ").rstrip(),
    )
    uses_numpy = any("np." in method for method in methods)
    return source if uses_numpy else source.replace("import numpy as np\n", "")


def _story(spec: MachineSpec) -> str:
    schedule = spec.schedule
    if isinstance(schedule, Recipe):
        steps = ", ".join(dict.fromkeys(mode for mode, _, _ in schedule.steps))
        story = f"It works in lots of {schedule.per_lot} through the steps {steps}"
    else:
        story = f"It runs continuously between the modes {', '.join(schedule.dwell)}"
    if spec.shift:
        story += f", {spec.shift.days} days a week from {spec.shift.start_hour:g} h"
    story += f"; planned maintenance comes about every {spec.maintenance.every_days:g} days."
    return f"{story} What wears: {spec.wears}." if spec.wear and spec.wears else story


def _origin(spec: MachineSpec) -> str:
    return f"Figures: {spec.source}" if spec.source else ""


def _init(spec: MachineSpec) -> str:
    parts = [_schedule(spec)]
    plan = spec.maintenance
    parts.append(
        f"maintenance=kit.Maintenance(every_days={number(plan.every_days)}, "
        f"hours={number(plan.hours)})"
    )
    if spec.shift:
        shift = spec.shift
        parts.append(
            f'shift=kit.Shift("{shift.mode}", days={shift.days}, '
            f"start_hour={number(shift.start_hour)}, end_hour={number(shift.end_hour)})"
        )
    if spec.wear:
        during = f"({arguments(spec.wear.during)},)"
        every = f", every={spec.wear.every}" if spec.wear.every != 1 else ""
        parts.append(f"wear=kit.Wear({number(spec.wear.full_hours)}, {during}{every})")
    if spec.products:
        parts.append(f"products={mapping(spec.products)}")
    if spec.stops_per_year:
        parts.append(f"stops_per_year={number(spec.stops_per_year)}")
    if spec.memory_hours != 12:
        parts.append(f"memory_hours={number(spec.memory_hours)}")
    if spec.causes:
        causes = "\n".join(textwrap.indent(_cause(each), "    ") for each in spec.causes)
        parts.append(f"causes=(\n{causes}\n)")
    statements = ["self.sim = sim", f"self.plan = sim.plan(\n{lines(parts)})"]
    for name, (value, spread) in spec.coefficients.items():
        statements.append(
            f'self.{name} = sim.coefficient("{name}", {number(value)}, {number(spread)})'
        )
    body = textwrap.indent("\n".join(statements), "    ")
    about = '    """Plan the year, and take the coefficients of this unit."""'
    return f"def __init__(self, sim: kit.Simulation) -> None:\n{about}\n{body}\n"


def _schedule(spec: MachineSpec) -> str:
    schedule = spec.schedule
    if isinstance(schedule, Recipe):
        steps = "".join(
            f'    ("{mode}", {number(minutes)}, {number(jitter)}),\n'
            for mode, minutes, jitter in schedule.steps
        )
        parts = [f"(  # mode, mean minutes, jitter\n{steps})"]
        if schedule.per_lot != 1:
            parts.append(f"per_lot={schedule.per_lot}")
        if schedule.idle != "idle":
            parts.append(f'idle="{schedule.idle}"')
        parts.append(f"idle_minutes={number(schedule.idle_minutes)}")
        return f"kit.Recipe(\n{lines(parts)})"
    listing = "".join(
        f'    "{mode}": ({number(dwell)}, {number(weight)}),\n'
        for mode, (dwell, weight) in schedule.dwell.items()
    )
    return f"kit.Modes({{  # mean dwell in minutes, weight\n{listing}}})"


def _cause(spec: CauseSpec) -> str:
    cause = spec.cause
    parts = [
        quoted(cause.name), f'"{cause.pattern}"', f"per_year={number(cause.per_year)}",
        f"hours=({number(cause.hours[0])}, {number(cause.hours[1])})",
    ]  # fmt: skip
    if cause.ends != "repair":
        parts.append(f'ends="{cause.ends}"')
    elif cause.repair_hours != (0.7, 3.0):
        least, most = cause.repair_hours
        parts.append(f"repair_hours=({number(least)}, {number(most)})")
    if cause.during:
        parts.append(f"during=({arguments(cause.during)},)")
    if cause.wear_factor:
        parts.append(f"wear_factor={number(cause.wear_factor)}")
    if cause.reach != 1:
        parts.append(f"reach={number(cause.reach)}")
    why = textwrap.fill(spec.why, 80, initial_indent="# ", subsequent_indent="# ")
    return f"{why}\n{call('kit.Cause', parts)},"


def _quantity(quantity: Quantity, spec: MachineSpec) -> str:
    causes = {each.name: each.cause.name for each in spec.causes}
    code = formula.code_of(quantity.formula, quantity.name, causes)
    unit = f", {quantity.unit}" if quantity.unit else ""
    body = [docstring(f"{quantity.description}{unit}.", quantity.why)]
    used = [name for name in ("sim", "plan") if f"{name}." in code or _is_set(quantity, name)]
    if used:
        body.append(f"{', '.join(used)} = {', '.join(f'self.{name}' for name in used)}")
    if quantity.setpoint is not None:
        body.append(_setpoint(quantity.name, quantity.setpoint))
    if "\n" in code:
        body.append(f"return (\n{textwrap.indent(code, '    ')}\n)")
    else:
        body.append(f"return {code}")
    text = textwrap.indent("\n".join(body), "    ")
    return f"@cached_property\ndef {quantity.name}(self) -> kit.Floats:\n{text}\n"


def _is_set(quantity: Quantity, name: str) -> bool:
    return name == "plan" and quantity.setpoint is not None


def _setpoint(name: str, setpoint: Setpoint) -> str:
    parts = [f'"{name}"', mapping(setpoint.levels)]
    if setpoint.level:
        parts.append(f"otherwise={number(setpoint.level)}")
    if setpoint.products:
        parts.append(f"products={mapping(setpoint.products)}")
    spreads = {key: getattr(setpoint, key) for key in ("lot", "run", "units")}
    parts += [f"{key}={number(value)}" for key, value in spreads.items() if value]
    return call("setpoint = plan.level", parts)


def _record(spec: MachineSpec) -> str:
    calls = []
    for signal in spec.signals:
        sensor = spec.sensors[signal.name]
        span = (
            f"resolution={number(sensor.resolution)}, low={number(sensor.low)}, "
            f"high={number(sensor.high)}"
        )
        parts = [
            f'"{signal.name}", self.{signal.name}',
            f"unit={quoted(signal.unit)}, description={quoted(signal.description)}",
            span,
        ]
        role = f'role="{sensor.role}"' if sensor.role != "measurement" else ""
        parents = parents_of(signal, spec)
        family = f"parents=({arguments(parents)},)" if parents else ""
        parts += [each for each in (role, family) if each]
        calls.append(call("recorder.add", parts))
    for balance in spec.balances:
        parts = [arguments(balance.pair), f'sign={balance.sign}, level="{balance.level}"']
        calls.append(call("recorder.couple", [*parts, f"why={quoted(balance.why)}"]))
    for fault in spec.sensor_faults:
        name = f"{fault.kind} of {fault.signal}"
        parts = [
            f'"{fault.kind}", "sensor", "{fault.signal}"',
            mapping({fault.signal: fault.size}),
            f'count=self.sim.times("{name}", {number(fault.per_year)}), minutes={fault.minutes}',
        ]
        if fault.during:
            parts.append(f"during=self.plan.where({arguments(fault.during)})")
        why = textwrap.fill(fault.why, 80, initial_indent="# ", subsequent_indent="# ")
        calls.append(f"{why}\n{call('recorder.fault', parts)}")
    body = textwrap.indent("\n".join(calls), "    ")
    about = '    """Show every signal as its sensor does, and say what goes wrong at sensors."""'
    return f"def record(self, recorder: kit.Recorder) -> None:\n{about}\n{body}\n"


def parents_of(signal: Quantity, spec: MachineSpec) -> Sequence[str]:
    """The signals that a signal is a function of, at once or by way of what is not shown."""
    by_name = {each.name: each for each in spec.quantities}
    found: dict[str, None] = {}
    seen = {signal.name}
    todo = [signal]
    while todo:
        for name in sorted(formula.names_in(todo.pop().formula)):
            if name not in by_name or name in seen:
                continue
            seen.add(name)
            if name in spec.sensors:
                found[name] = None
            else:
                todo.append(by_name[name])
    return tuple(each for each in spec.sensors if each in found)
