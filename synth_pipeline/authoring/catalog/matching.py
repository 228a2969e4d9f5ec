"""Finds the industry a user names, and the kind of machine that a name comes closest to."""

import difflib
import re
from collections.abc import Collection, Iterable

from synth_pipeline.authoring.catalog.spec import Industry, MachineSpec

FALLBACK_INDUSTRY = "general"
FALLBACK_KIND = "Process Skid"
MIN_MISSPELT, NEAR_SPELLING = 6, 0.84
# fmt: off
_SAY_NOTHING = frozenset({
    "a", "an", "and", "for", "general", "in", "industrial", "industry", "industries", "of", "the",
    "plant", "plants", "factory", "factories", "works", "manufacturing", "manufacture",
    "manufacturer", "manufacturers", "production", "producer", "making", "maker", "makers",
    "processing", "company", "companies", "sector", "business", "equipment", "site", "facility",
    "facilities", "line", "lines",
})
# fmt: on


def industry_named(name: str, industries: Iterable[Industry]) -> Industry | None:
    """Return the industry of that name or synonym, whatever its case and spacing."""
    wanted = _plain(name)
    for industry in industries:
        if wanted in {_plain(word) for word in (industry.name, *industry.synonyms)}:
            return industry
    return None


def industry_meant(name: str, industries: Iterable[Industry]) -> Industry | None:
    """Return the industry that knows every word of a name, misspelt ones too.

    Words that any industry goes by (plant, manufacturing) say nothing, and one strange word is
    enough for none: `potato chips` is no semiconductor industry.
    """
    wanted = [word for word in _plain(name).split() if word not in _SAY_NOTHING]
    if not wanted:
        return None
    for industry in industries:
        known = {
            word
            for phrase in (industry.name, *industry.synonyms)
            for word in _plain(phrase).split()
        } - _SAY_NOTHING
        if all(_is_known(word, known) for word in wanted):
            return industry
    return None


def _is_known(word: str, known: Collection[str]) -> bool:
    """True for a word, its plural or singular, or one that is a letter or two beside it."""
    if word in known or word.removesuffix("s") in known or f"{word}s" in known:
        return True
    return len(word) >= MIN_MISSPELT and bool(
        difflib.get_close_matches(word, [*known], n=1, cutoff=NEAR_SPELLING)
    )


def kind_named(kind: str, industries: Iterable[Industry]) -> MachineSpec | None:
    """Return the machine of exactly that kind."""
    found = (industry.machine(file_of(kind)) for industry in industries)
    return next((machine for machine in found if machine is not None), None)


def closest_kind(words: str, machines: Iterable[MachineSpec]) -> MachineSpec:
    """Return the machine whose keywords share most with `words`, else the fallback kind."""
    candidates = list(machines)
    spoken = set(_plain(words).split())

    def score(machine: MachineSpec) -> float:
        known = {
            word for phrase in (machine.kind, *machine.keywords) for word in _plain(phrase).split()
        }
        shared = spoken & known
        return len(shared) + len(shared) / (1 + len(known))

    best = max(candidates, key=score)
    if score(best) > 0:
        return best
    return next((m for m in candidates if m.kind == FALLBACK_KIND), candidates[0])


def file_of(kind: str) -> str:
    """The name of a kind's file: `six_axis_robot` for a Six-Axis Robot."""
    return _plain(kind).replace(" ", "_")


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
