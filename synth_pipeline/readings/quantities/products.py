"""Products and quotients of units: `kJ/(kg·K)`, `m s-1`, `g/10min`."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, prod

from synth_pipeline.readings.quantities.dimensions import quantity_of
from synth_pipeline.readings.quantities.spellings import listed
from synth_pipeline.readings.quantities.units import Unit

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_TERM = re.compile(r"(?P<number>\d{1,9}(?:e\d)?)?(?P<atom>[^\d^-]+)?(?:\^?(?P<power>-?\d))?")
_SEPARATOR = re.compile(r"[·\s]+|\.(?=\D)")
_SUBSTANCE = re.compile(r"(?<=[glLt])(CO2(eq?)?|O2|CaCO3|NOx|KOH|NaOH|Cl2?|NH[34]|NO3|PO4)(?=/|$)")


@dataclass(frozen=True, slots=True)
class _Term:
    """One term of a product: a unit to a power, a plain number, or a noun that counts things."""

    symbol: str
    factor: float
    power: int
    unit: Unit | None

    @property
    def is_noun(self) -> bool:
        return not self.unit and not self.symbol[0].isdigit()


def product(text: str, *, with_nouns: bool = True) -> Unit | None:
    """Read a product; what follows the first `/` divides.

    Beside a unit one noun may count things: `kWh/carton`, `doors/h`.
    """
    over, *under = _SUBSTANCE.sub("", text).split("/")
    if any(not part.strip() or (" " in part.strip() and "(" not in part) for part in under):
        return None  # as in `mg/L as N`
    parts = [(part, 1) for part in terms_of(over)]
    parts += [(part, -1) for divisor in under for part in terms_of(divisor)]
    terms = [term for part, sign in parts if (term := _term(part, sign))]
    is_read = len(terms) == len(parts) and any(term.unit for term in terms)
    is_allowed = sum(term.is_noun for term in terms) <= (1 if with_nouns and under else 0)
    return _multiplied(terms) if is_read and is_allowed else None


def terms_of(text: str) -> list[str]:
    """Part `W/(m²·K)` without its stroke, `ft-lb` and `m2K` into the texts of single units."""
    text = re.sub(r"[()\[\]]", " ", text)
    text = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])|(?<=[a-z]\d)(?=[A-Za-z])(?!O)", "·", text)
    return [part for part in _SEPARATOR.split(text) if part]


def _term(text: str, sign: int) -> _Term | None:
    """Read `m3`, `s^-1`, `100` or `10min`; None for what is neither a unit nor a word."""
    whole = () if "-" in text else listed(text)
    if whole:
        return _Term(whole[0].symbol, whole[0].factor ** sign, sign, whole[0])
    match = _TERM.fullmatch(text)
    if not match or not (match["number"] or match["atom"]):
        return None
    number, atom = match["number"] or "", match["atom"] or ""
    power = sign * int(match["power"] or 1)
    unit = next(iter(listed(atom)), None) if atom else None
    if atom and not unit and not (len(atom) > 2 and atom.isalpha() and not number):
        return None
    factor = float(number or 1) * (unit.factor if unit else 1.0) or 1.0
    return _Term(number + (unit.symbol if unit else atom), factor**power, power, unit)


def _multiplied(terms: Sequence[_Term]) -> Unit | None:
    powers = Counter[str]()
    for term in terms:
        for base, power in term.unit.dimension if term.unit else ():
            powers[base] += power * term.power
    dimension = frozenset((base, power) for base, power in powers.items() if power)
    factor = prod(term.factor for term in terms)
    unit = Unit(_symbol(terms), quantity_of(dimension), factor, 0.0, dimension)
    return unit if 0 < factor < inf else None


def _symbol(terms: Sequence[_Term]) -> str:
    over, under = (
        "·".join(
            term.symbol + _raised(abs(term.power))
            for term in terms
            if term.power * sign > 0 and term.symbol != "1"
        )
        for sign in (1, -1)
    )
    divisor = f"({under})" if "·" in under else under
    return (over or "1") + (f"/{divisor}" if divisor else "")


def _raised(power: int) -> str:
    return str(power).translate(_SUPERSCRIPT) if power != 1 else ""
