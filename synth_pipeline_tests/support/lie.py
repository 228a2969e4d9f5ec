"""What a lie is, and how one is made of an honest program."""

from dataclasses import dataclass

from synth_pipeline_tests.support.program_parts import COMPRESSOR, FURNACE, PUMP, swap

Change = tuple[str, str]


@dataclass(frozen=True)
class Lie:
    """A program, the promise it breaks and, for a second turn, the program that keeps it."""

    name: str
    program: str
    about: str
    mended: str | None = None


def pump(name: str, about: str, *changes: Change) -> Lie:
    return Lie(name, swap(PUMP, *changes), about, PUMP)


def furnace(name: str, about: str, *changes: Change) -> Lie:
    return Lie(name, swap(FURNACE, *changes), about, FURNACE)


def compressor(name: str, about: str, *changes: Change) -> Lie:
    return Lie(name, swap(COMPRESSOR, *changes), about, COMPRESSOR)


def signal(name: str, sensor: str, clean: str) -> tuple[Change, Change]:
    """One signal more in the pump: its entry in SENSORS and its clean values."""
    last_sensor = '    "valve_opening_pct": ("%", "Opening of the control valve", 0.1, 0, 100),\n'
    last_clean = (
        '        "valve_opening_pct": 18 + 70 * demand * running + noise("valve", 0.2, 15),\n'
    )
    return (
        (last_sensor, f'{last_sensor}    "{name}": {sensor},\n'),
        (last_clean, f'{last_clean}        "{name}": {clean},\n'),
    )
