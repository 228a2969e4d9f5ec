"""What a text that states a unit means: one of the table, a product, or either with an aside."""

import re
from functools import lru_cache

from synth_pipeline.readings.quantities.products import product, terms_of
from synth_pipeline.readings.quantities.spellings import listed, plain_text, pressures
from synth_pipeline.readings.quantities.units import Unit

MAX_UNIT_LENGTH = 40  # longer ones are prose

_PERCENT = re.compile(r"%([^/]|[wvm]/[wvm])*|([^/]|[wvm]/[wvm])*%|vol\.?")
_SCALE = re.compile(r"\d{1,4}(-|\.\.|to)\d{1,4}")  # as in `0-10`
_WAVE_KIND = re.compile(r"(.+?)\(?(rms|pk|pp|p-p|peak|ac|dc|eff)\)?", re.IGNORECASE)


def known_unit(text: str) -> Unit | None:
    """Return the unit that a text such as `degC`, `m³/h`, `kJ/(kg·K)` or `-` means, else None.

    Of two readings (`g`: gram or standard gravity) it is the usual one.
    """
    return next(iter(readings(text)), None)


@lru_cache(maxsize=4096)
def readings(text: str) -> tuple[Unit, ...]:
    """Every unit that a text can mean, the usual one first."""
    if not text.strip() or len(text) > MAX_UNIT_LENGTH:
        return ()
    plain = plain_text(text)
    tight = plain.replace(" ", "")
    found = listed(tight) or pressures(tight) or listed("·".join(terms_of(plain))) or _waves(tight)
    if found:
        return found
    if _PERCENT.fullmatch(tight):
        return listed("%")
    unit = product(plain)
    return (unit,) if unit else _annotated(plain)


def _waves(tight: str) -> tuple[Unit, ...]:
    """Read `Vrms`, `µm(pp)`."""
    match = _WAVE_KIND.fullmatch(tight)
    return listed(match[1]) if match else ()


def _annotated(plain: str) -> tuple[Unit, ...]:
    """Read units that say more: `dBm`, `mg/L as N`, and scales such as `0-10`."""
    tight = plain.replace(" ", "")
    if tight.startswith("dB"):
        return listed("dB")
    if _SCALE.fullmatch(tight):
        return listed("1")
    first, *rest = re.split(r"[ (\[,;]", plain, maxsplit=1)
    found = readings(first) if rest else ()
    return found if found and found[0].quantity != "number" else ()
