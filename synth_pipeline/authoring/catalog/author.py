"""The embedded author: lists machines and writes their generators without a network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from synth_pipeline.authoring.author import Draft, MachineList
from synth_pipeline.authoring.catalog.load import digest_of_writer, load_industries
from synth_pipeline.authoring.catalog.matching import (
    FALLBACK_INDUSTRY,
    closest_kind,
    industry_meant,
    industry_named,
    kind_named,
)
from synth_pipeline.authoring.catalog.render import render
from synth_pipeline.authoring.catalog.spec import Industry, MachineSpec
from synth_pipeline.authoring.meter import UNMETERED, Meter
from synth_pipeline.domain.errors import AuthorError, InputError
from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import Machine, MachineIdea
from synth_pipeline.domain.names import slugify
from synth_pipeline.domain.provenance import EMBEDDED_AUTHOR


@dataclass(frozen=True, slots=True)
class CatalogAuthor:
    """Answers from curated machine knowledge: the same question always gets the same answer."""

    industries: tuple[Industry, ...] = field(default_factory=load_industries)
    writer_version: str = field(default_factory=digest_of_writer)
    name: str = EMBEDDED_AUTHOR
    is_trusted: bool = True

    def version_of(self, machine: Machine) -> str:
        """Of the machine's own knowledge file and of the writer: other machines do not matter."""
        return f"{self.writer_version}-{self._spec_of(machine).file_sha256[:16]}"

    def check(self) -> None:
        """Need nothing: the knowledge is part of the package."""

    def list_machines(
        self,
        industry: str,
        number: int,
        known: Sequence[MachineIdea] = (),
        meter: Meter = UNMETERED,  # noqa: ARG002 - no model is asked
    ) -> MachineList:
        """Return the next `number` machines not `known`, further units once the kinds run out.

        An industry that is not named by one of its names is taken by the meaning of its words;
        one the catalogue does not know is served general industrial equipment. `notes` says
        what was taken.
        """
        general = self._general()
        named = industry_named(industry, self.industries)
        own = [each for each in self.industries if each is not general]
        found = named or industry_meant(industry, own)
        taken = {_identity(idea.name) for idea in known}
        fresh = (idea for idea in _ideas(found or general) if _identity(idea.name) not in taken)
        ideas = tuple(islice(fresh, number))
        known_names = ", ".join(i.name for i in self.industries if i is not general)
        note = (
            f"The catalogue knows no machines of the industry {industry!r} (it knows "
            f"{known_names}); these are general industrial equipment."
        )
        if found:
            note = "" if named else f"The industry {industry!r} is taken as {found.name}."
        return MachineList(ideas, notes=(note,) if note else ())

    def open_session(
        self,
        machine: Machine,
        meter: Meter = UNMETERED,  # noqa: ARG002 - no model is asked
    ) -> "CatalogSession":
        """Open a session on the machine's kind, or on the kind its name comes closest to."""
        return CatalogSession(machine, self._spec_of(machine))

    def _spec_of(self, machine: Machine) -> MachineSpec:
        spec = kind_named(machine.kind, self.industries)
        if spec is None:
            words = f"{machine.kind} {machine.name}"
            spec = closest_kind(words, self._general().machines)
        return spec

    def _general(self) -> Industry:
        general = industry_named(FALLBACK_INDUSTRY, self.industries)
        if general is None:
            raise AuthorError(
                f"the catalogue has no industry {FALLBACK_INDUSTRY!r} to fall back on"
            )
        return general


@dataclass(frozen=True, slots=True)
class CatalogSession:
    """One machine, already found in the catalogue."""

    machine: Machine
    spec: MachineSpec

    def write(self) -> Draft:
        """Return the generator's source; it needs no model and cannot be half an answer."""
        return Draft(code=render(self.spec, self.machine.name, self.machine.description))

    def mend(self, findings: Sequence[Finding]) -> Draft:
        """Raise AuthorError: the same knowledge would give the same code again."""
        raise AuthorError(
            f"machine {self.machine.name!r}: the catalogue's generator of kind "
            f"{self.spec.kind!r} was not accepted ({'; '.join(map(str, findings))}); "
            "catalogue code cannot be mended, please report this as a defect of the catalogue"
        )


def _ideas(industry: Industry) -> Iterator[MachineIdea]:
    unit = 1
    while True:
        for machine in industry.machines:
            name = machine.kind if unit == 1 else f"{machine.kind} {unit}"
            yield MachineIdea(name, machine.description, machine.kind, unit)
        unit += 1


def _identity(name: str) -> str:
    try:
        return slugify(name)
    except InputError:  # a name without ASCII letters
        return name.casefold()
