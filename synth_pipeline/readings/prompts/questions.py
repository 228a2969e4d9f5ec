"""The questions about machines and their generators; their words are in `words`."""

from collections.abc import Sequence
from dataclasses import dataclass

from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import MAX_MACHINE_NAME_LENGTH, Machine
from synth_pipeline.domain.question import Question
from synth_pipeline.domain.request import MAX_INDUSTRY_LENGTH
from synth_pipeline.domain.text import quotable
from synth_pipeline.readings import contract, realism
from synth_pipeline.readings.label_rules import FEW_EVENTS, MANY_EVENTS
from synth_pipeline.readings.prompts import words
from synth_pipeline.readings.prompts.advice import advice_against
from synth_pipeline.readings.vocabulary import CATEGORIES, SEVERITIES
from synth_pipeline.signal_kit import ANOMALIES

MAX_DESCRIPTION_LENGTH = 300
# Beyond this the excluded names cost more than the rare repeat that has to be asked again.
MAX_NAMES_SHOWN = 300


@dataclass(frozen=True, slots=True)
class ReadingsPrompts:
    """What a model is asked for machine readings; see `authoring.model.prompts.Prompts`.

    An empty `kit_interface` leaves `signal_kit` out. Names, industries and descriptions are
    somebody else's text and stand between quotation marks.
    """

    time_limit_s: float
    kit_interface: str = ""
    version: str = words.PROMPT_VERSION

    def list_machines(self, industry: str, number: int, known: Sequence[str] = ()) -> str:
        """Return the question for at least `number` machines that are not among `known`."""
        exclusion = words.EXCLUSION.substitute(names=_quoted_lines(known)) if known else ""
        return words.LIST.substitute(
            industry=quotable(industry, MAX_INDUSTRY_LENGTH),
            number=number,
            max_length=MAX_MACHINE_NAME_LENGTH,
            interval=contract.interval_in_words(),
            exclusion=exclusion,
        )

    def more_machines(
        self, industry: str, missing: int, present: Sequence[str], problem: str = ""
    ) -> str:
        """Return the question for the machines a list lacks, naming those that are there."""
        shortage = (
            f"That is {missing} short: names that repeat a machine or name none do not count."
        )
        return words.MORE_NAMES.substitute(
            problem=quotable(problem, 400) or shortage,
            missing=missing,
            industry=quotable(industry, MAX_INDUSTRY_LENGTH),
            names=_quoted_lines(present),
        )

    def write_generator(self, machine: Machine) -> Question:
        """Return the question for one machine's generator; the machine stands last.

        It does not depend on year and seed: the program reads those when it runs.
        """
        description = quotable(machine.description, MAX_DESCRIPTION_LENGTH)
        own = words.MACHINE.substitute(
            machine=quotable(machine.name, MAX_MACHINE_NAME_LENGTH),
            industry=quotable(machine.industry, MAX_INDUSTRY_LENGTH),
            description=f'What it does: "{description}"\n' if description else "",
        )
        return Question(self._for_every_machine(), own)

    def _for_every_machine(self) -> str:
        return words.CODE.substitute(
            _contract() | _realism(),
            kit_import=" and `signal_kit`" if self.kit_interface else "",
            kit=_kit(self.kit_interface) if self.kit_interface else "",
            time_limit=f"{self.time_limit_s:g}",
        )

    def advice(self, findings: Sequence[Finding]) -> tuple[str, ...]:
        """Return what helps against these findings."""
        return advice_against(findings)


def _contract() -> dict[str, str]:
    kinds = [f"  - `{kind}`: {_said_of(shape)}" for kind, shape in ANOMALIES.items()]
    return {
        "timestamp": contract.TIMESTAMP,
        "interval": contract.interval_in_words(),
        "last_time": contract.last_time_of_year(),
        "rows": f"{contract.rows_in_year(2023):,}",
        "leap_rows": f"{contract.rows_in_year(2024):,}",
        "min_signals": str(contract.MIN_SIGNALS),
        "max_anomalous": f"{contract.MAX_ANOMALOUS_SHARE:.0%}".removesuffix("%"),
        "label_columns": ", ".join(
            f"`{name}`"
            for name in contract.LABEL_SCHEMA.names
            if name not in contract.LATER_LABEL_COLUMNS
        ),
        "kinds": "\n".join(kinds),
        "categories": _either(CATEGORIES),
        "severities": _either(SEVERITIES),
        "few_events": str(FEW_EVENTS),
        "many_events": str(MANY_EVENTS),
    }


def _realism() -> dict[str, str]:
    return {
        "slow": f"{realism.SLOW:g}",
        "kurtosis": f"{realism.MIN_KURTOSIS:g}",
        "clock": f"{realism.MAX_CLOCK:g}",
        "pairs": f"{100 * realism.MIN_CORRELATED_PAIRS:g}",
    }


def _kit(interface: str) -> str:
    return words.KIT.substitute(interface=interface, example=words.KIT_EXAMPLE)


def _said_of(shape: object) -> str:
    """What the docstring of a kind says of it."""
    text = " ".join((shape.__doc__ or "").split()).rstrip(".")
    return (text[:1].lower() + text[1:]).replace("`size`", "its size")


def _either(names: Sequence[str]) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} or {last}"


def _quoted_lines(names: Sequence[str]) -> str:
    lines = [f'- "{quotable(name, MAX_MACHINE_NAME_LENGTH)}"' for name in names]
    return "\n".join(lines[-MAX_NAMES_SHOWN:]) or "- (none)"
