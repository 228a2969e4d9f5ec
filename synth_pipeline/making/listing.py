"""From a request to rows of the user's machine list: what is new, changed or still missing."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synth_pipeline.authoring.author import MachineList
from synth_pipeline.authoring.meter import Meter, Spent, unnoticed
from synth_pipeline.domain.check import Verdicts, is_sound
from synth_pipeline.domain.machine import Machine, MachineIdea
from synth_pipeline.domain.names import free_slug
from synth_pipeline.domain.request import Request
from synth_pipeline.making.standing import is_current, stored_year
from synth_pipeline.services import Services


@dataclass(frozen=True, slots=True)
class Listing:
    """The request's machines; `outdated` are those whose dataset is missing, outdated or broken.

    `verdicts` are the checks of those whose dataset is there and up to date, by slug.
    """

    machines: tuple[Machine, ...]
    outdated: tuple[Machine, ...]
    verdicts: Mapping[str, Verdicts]
    notes: tuple[str, ...]


def list_machines(services: Services, request: Request, spent: Spent = unnoticed) -> Listing:
    """Put the request's machines on the user's list, reusing those already there.

    The author is asked only for as many machines as the user does not have yet of this
    industry, so that a request sent twice adds nothing twice. `spent` hears of each model call
    as soon as it is over.
    """
    own = _of_industry(services.store.load_machines(request.user_id), request)
    answer = MachineList(())
    if len(own) < request.number:
        known = [MachineIdea(m.name, m.description, m.kind, m.unit) for m in own]
        missing = request.number - len(own)
        answer = services.author.list_machines(request.industry, missing, known, Meter(spent))
    chosen: list[Machine] = []

    def merge(rows: tuple[Machine, ...]) -> tuple[Machine, ...]:
        merged = _add(rows, answer.ideas, request)
        wanted = {m.slug for m in _of_industry(merged, request)[: request.number]}
        dated = tuple(
            dataclasses.replace(m, year=request.year, seed=request.seed) if m.slug in wanted else m
            for m in merged
        )
        chosen[:] = [m for m in dated if m.slug in wanted]
        return dated

    services.store.merge_machines(request.user_id, merge)
    verdicts = {m.slug: stored_year(services, m).judge() for m in chosen if is_current(services, m)}
    sound = {slug for slug, own in verdicts.items() if is_sound(own)}
    outdated = tuple(machine for machine in chosen if machine.slug not in sound)
    return Listing(tuple(chosen), outdated, verdicts, answer.notes)


def _of_industry(machines: Sequence[Machine], request: Request) -> list[Machine]:
    wanted = request.industry.casefold()
    return [machine for machine in machines if machine.industry.casefold() == wanted]


def _add(
    rows: tuple[Machine, ...], ideas: Sequence[MachineIdea], request: Request
) -> tuple[Machine, ...]:
    merged = list(rows)
    names = {machine.name.casefold() for machine in _of_industry(rows, request)}
    for idea in ideas:
        if idea.name.casefold() in names:
            continue
        names.add(idea.name.casefold())
        taken = frozenset(machine.slug for machine in merged)
        merged.append(
            Machine(
                user_id=request.user_id,
                slug=free_slug(idea.name, request.industry, taken),
                name=idea.name,
                industry=request.industry,
                description=idea.description,
                kind=idea.kind or idea.name,
                unit=idea.unit,
                year=request.year,
                seed=request.seed,
            )
        )
    return tuple(merged)
