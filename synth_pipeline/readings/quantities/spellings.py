"""What one spelling of a unit of the table can mean: `degC`, `kilowatts`, `psia`, `kPa(abs)`."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from synth_pipeline.readings.quantities.dimensions import dimension_of
from synth_pipeline.readings.quantities.units import PREFIXES, UNITS, Unit, UnitRow

_PLAIN = str.maketrans({"º": "°", "˚": "°", "⋅": "·", "∙": "·", "•": "·", "×": "·", "*": "·"})
_ASCII = str.maketrans(
    {"\u03bc": "u", "\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2126": "ohm", "Ω": "ohm"}
)
_PRESSURE_KIND = re.compile(r"(.+?)\(?(absolute|abs|a|gauge|ga|g)\)?", re.IGNORECASE)


def plain_text(text: str) -> str:
    """One way to write each character: `µS·cm⁻¹` becomes `uS·cm-1`, `Nm³_per_h` `Nm3/h`."""
    text = unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_ASCII)
    text = re.sub(r"[_\s]+per[_\s]+", "/", text)
    text = re.sub(r"\bcubic (\w+)", r"\1^3", re.sub(r"\bsquare (\w+)", r"\1^2", text))
    text = text.replace(" squared", "^2").replace(" cubed", "^3")
    return " ".join(text.replace("_", " ").split())


def tight_text(text: str) -> str:
    """Plain text without blanks, as the table of spellings has it."""
    return plain_text(text).replace(" ", "")


def listed(spelling: str) -> tuple[Unit, ...]:
    """Units of the table: in the case as written, else in any case, else in the singular."""
    singular = spelling.casefold().removesuffix("s") if len(spelling) > 3 else ""
    return (
        _spellings().get(spelling) or listed_in_any_case(spelling) or listed_in_any_case(singular)
    )


def listed_in_any_case(spelling: str) -> tuple[Unit, ...]:
    """Units of the table whose spelling differs at most in case."""
    return _spellings().get(f" {spelling.casefold()}", ())


def pressures(spelling: str) -> tuple[Unit, ...]:
    """Read `barg`, `psia`, `kPa(abs)`."""
    match = _PRESSURE_KIND.fullmatch(spelling)
    units = listed(match[1]) if match else ()
    if not match or not units or units[0].dimension != dimension_of("pressure"):
        return ()
    kind = "absolute" if match[2][0] in "aA" else "gauge"
    symbol = f"{units[0].symbol}({kind[0]})"
    return (replace(units[0], symbol=symbol, quantity=f"{kind} pressure"),)


@cache
def _spellings() -> Mapping[str, tuple[Unit, ...]]:
    """Units by spelling and, behind a blank, by spelling in lower case."""
    found: dict[str, dict[tuple[str, float], Unit]] = {}
    for spelling, unit in (pair for row in UNITS for pair in _spelled(row)):
        for key in (spelling, f" {spelling.casefold()}"):
            found.setdefault(key, {}).setdefault((unit.quantity, unit.factor), unit)
    return {key: tuple(units.values()) for key, units in found.items()}


def _spelled(row: UnitRow) -> Iterator[tuple[str, Unit]]:
    """Every spelling of a unit and of its multiples."""
    unit = Unit(row.symbol, row.quantity, row.factor, row.offset, dimension_of(row.quantity))
    names = tuple(dict.fromkeys(map(tight_text, (row.symbol, *row.spellings.split()))))
    yield from ((name, unit) for name in names)
    for prefix in row.prefixes.split():
        size, word = PREFIXES[prefix]
        symbol = prefix.replace("u", "µ") + row.symbol
        scaled = replace(unit, symbol=symbol, factor=row.factor * size)
        yield from ((prefix + name, scaled) for name in names)
        yield from ((word + name, scaled) for name in names if name.isalpha() and len(name) > 2)
