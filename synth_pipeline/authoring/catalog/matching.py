"""Finds the industry a user names, and the kind of machine that a name comes closest to."""

import re
from collections.abc import Iterable

from synth_pipeline.authoring.catalog.spec import Industry, MachineSpec

FALLBACK_INDUSTRY = "general"
FALLBACK_KIND = "Process Skid"


def industry_named(name: str, industries: Iterable[Industry]) -> Industry | None:
    """Return the industry of that name or synonym, whatever its case and spacing."""
    wanted = _plain(name)
    for industry in industries:
        if wanted in {_plain(word) for word in (industry.name, *industry.synonyms)}:
            return industry
    return None


def kind_named(kind: str, industries: Iterable[Industry]) -> MachineSpec | None:
    """Return the machine of exactly that kind."""
    wanted = _plain(kind)
    return next((m for i in industries for m in i.machines if _plain(m.kind) == wanted), None)


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


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
