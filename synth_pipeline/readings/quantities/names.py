"""Words of a column's name, and the one that it is about."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synth_pipeline.readings.quantities.words import GASES, any_of

# What follows the head of a name without being one.
_TRAILING = any_of(
    "avg average mean max maximum min minimum rms peak pk std sd median pv sp setpoint set actual "
    "act raw filtered measured meas nominal target ref reference calc est total in out inlet "
    "outlet top bottom upper lower left right front rear back middle mid center centre inner outer "
    "end north south east west zone phase no abs absolute gauge before after upstream downstream "
    "primary secondary discharge rate drop loss rise difference differential diff delta deviation "
    "error de nde"
)
_FORMULAE = frozenset(gas for gas in GASES.split() if not gas.isalpha())


@dataclass(frozen=True, slots=True)
class Name:
    """Words of a column's name, in lower case, without its unit; `head` is what it is about."""

    words: frozenset[str]
    head: str

    @classmethod
    def of(cls, text: str) -> "Name":
        """Read a name, or a description for its words."""
        words = _words(text)
        return cls(frozenset(words), _head(words))

    def has_any(self, words: Iterable[str]) -> bool:
        """True where one of the words is in the name."""
        return not self.words.isdisjoint(words)


def _words(text: str) -> list[str]:
    """Part words at `_`, blanks, digits and capitals: `Volume Flow RateRMS`, `gas_flow2`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("pH", "ph"))
    return [
        word
        for token in re.findall(r"[^\W_]+", parted.lower())
        for word in ([token] if token in _FORMULAE else re.findall(r"[^\W\d_]+", token))
    ]


def _head(words: Sequence[str]) -> str:
    """Return the last word that is no addition; empty for the adjective of `current value`."""
    last = len(words) - 1
    while last > 0 and (words[last] in _TRAILING or len(words[last]) == 1):
        last -= 1
    is_adjective = last == 0 and len(words) > 1 and words[0] == "current"
    return words[last] if words and not is_adjective else ""
