"""Writes the method of one signal: setpoint, lag, formula, wear, walk and noise, in that order."""

import textwrap
from collections.abc import Sequence

from synth_pipeline.authoring.catalog import formula
from synth_pipeline.authoring.catalog.spec import SignalSpec

_WIDTH = 92


def signal_method(signal: SignalSpec) -> str:
    """Return the source of a cached property that computes one signal, shape `(rows,)`."""
    about = docstring(f"{signal.description}, {signal.unit}.", _why(signal))
    body = "\n".join([*_base(signal), *_influences(signal), "return value"])
    return (
        f"@cached_property\ndef {signal.name}(self) -> kit.Floats:\n"
        f"{textwrap.indent(about, '    ')}\n{textwrap.indent(body, '    ')}\n"
    )


def docstring(summary: str, *paragraphs: str) -> str:
    """Return a docstring literal that holds these texts, whatever characters they have."""
    first, *rest = [text for text in map(_prose, (summary, *paragraphs)) if text]
    if not rest:
        return f'"""{first}"""'
    body = "\n\n".join(textwrap.fill(text, _WIDTH - 4) for text in rest)
    return f'"""{first}\n\n{body}\n"""'


def number(value: float) -> str:
    """Write a number as a person would: 850, 0.004, 1e-07."""
    return repr(int(value)) if float(value).is_integer() else repr(value)


def arguments(words: Sequence[str]) -> str:
    """Write words as the arguments of a call."""
    return ", ".join(f'"{word}"' for word in words)


def quoted(text: str) -> str:
    """Write any text as a string literal, in double quotes where it needs no escape."""
    plain = text.isascii() and text.isprintable() and not set(text) & set('\\"')
    return f'"{text}"' if plain else ascii(text)


def _prose(text: str) -> str:
    """Keep what cannot end or escape a docstring, on one line."""
    kept = "".join(c if c.isprintable() and c not in '\\"' else " " for c in text)
    words = " ".join(kept.split())
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."


def _why(signal: SignalSpec) -> str:
    if signal.why:
        return signal.why
    if signal.levels is None and not signal.formula:
        return "Independent of what the machine does."
    if signal.levels is None:
        return "Follows from other signals."
    return "Follows the setpoint of each operating mode."


def _base(signal: SignalSpec) -> list[str]:
    lines = []
    if signal.levels is not None:
        lines.append(_setpoint(signal))
        if signal.lag_minutes:
            lines.append(f"value = kit.lag(setpoint, tau_minutes={number(signal.lag_minutes)})")
        else:
            lines.append("value = setpoint.copy()")
        if signal.formula:
            lines.append(_assign("value +=", formula.terms_of(signal.formula)))
        return lines
    if not signal.formula:
        return [f"value = np.full(self.sim.rows, {signal.level!r})"]
    terms = formula.terms_of(signal.formula)
    if signal.level:
        first = terms[0] if terms[0].startswith("-") else f"+ {terms[0]}"
        terms = (number(signal.level), first, *terms[1:])
    if signal.lag_minutes:
        tau = f"tau_minutes={number(signal.lag_minutes)}"
        return [call("value = kit.lag", [" ".join(terms), tau])]
    return [_assign("value =", terms)]


def _assign(target: str, terms: Sequence[str]) -> str:
    """Write an assignment of a sum, one term a line where it does not fit a method."""
    line = f"{target} {' '.join(terms)}"
    if len(line) <= _WIDTH - 8:
        return line
    return f"{target} (\n" + "".join(f"    {term}\n" for term in terms) + ")"


def _setpoint(signal: SignalSpec) -> str:
    levels = ", ".join(
        f'"{mode}": {number(level)}' for mode, level in (signal.levels or {}).items()
    )
    parts = [f'"{signal.name}"', f"{{{levels}}}"]
    if signal.level:
        parts.append(f"otherwise={number(signal.level)}")
    if signal.spread:
        parts.append(f"spread={number(signal.spread)}")
    return call("setpoint = self.cycle.level", parts)


def call(function: str, parts: Sequence[str]) -> str:
    """Write a call on one line where it fits a method, else one argument a line."""
    line = f"{function}({', '.join(parts)})"
    if len(line) <= _WIDTH - 8:
        return line
    return f"{function}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def _influences(signal: SignalSpec) -> list[str]:
    terms = _terms(signal)
    if not signal.relative:
        return [f"value += {term}" for term in terms]
    if len(terms) < 2:
        return [f"value *= 1 + {term}" for term in terms]
    shares = "\n".join(f"    + {term}" for term in terms)
    return [f"value *= (\n    1\n{shares}\n)"]


def _terms(signal: SignalSpec) -> list[str]:
    name, terms = signal.name, []
    if signal.wear:
        terms.append(f"{number(signal.wear)} * self.wear")
    if signal.ambient:
        around = signal.ambient
        terms.append(
            f'self.sim.ambient("{name}", daily={number(around.daily)}, '
            f"seasonal={number(around.seasonal)}, weather={number(around.weather)})"
        )
    if signal.wander:
        terms.append(
            f'self.sim.wander("{name}", sd={number(signal.wander)}, '
            f"tau_days={number(signal.wander_days)})"
        )
    if signal.noise:
        terms.append(
            f'self.sim.noise("{name}", sd={number(signal.noise)}, '
            f"tau_minutes={number(signal.noise_minutes)})"
        )
    if signal.white:
        terms.append(f'self.sim.noise("{name}.white", sd={number(signal.white)})')
    return terms
