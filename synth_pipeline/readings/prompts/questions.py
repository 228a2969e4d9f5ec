"""The questions about machines and their generators; their words are in `words`."""

from collections.abc import Sequence
from dataclasses import dataclass

from synth_pipeline.domain.machine import MAX_MACHINE_NAME_LENGTH, Machine
from synth_pipeline.domain.request import MAX_INDUSTRY_LENGTH
from synth_pipeline.domain.text import quotable
from synth_pipeline.readings import contract
from synth_pipeline.readings.prompts import words
from synth_pipeline.readings.prompts.advice import advice_against

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

    def write_generator(self, machine: Machine) -> str:
        """Return the question for one machine's generator.

        It does not depend on year and seed: the program reads those when it runs.
        """
        kit = words.KIT.substitute(interface=self.kit_interface) if self.kit_interface else ""
        description = quotable(machine.description, MAX_DESCRIPTION_LENGTH)
        return words.CODE.substitute(
            machine=quotable(machine.name, MAX_MACHINE_NAME_LENGTH),
            industry=quotable(machine.industry, MAX_INDUSTRY_LENGTH),
            description=f'What it does: "{description}"\n' if description else "",
            timestamp=contract.TIMESTAMP,
            interval=contract.interval_in_words(),
            last_time=contract.last_time_of_year(),
            rows=f"{contract.rows_in_year(2023):,}",
            leap_rows=f"{contract.rows_in_year(2024):,}",
            min_signals=contract.MIN_SIGNALS,
            max_anomalous=f"{contract.MAX_ANOMALOUS_SHARE:.0%}".removesuffix("%"),
            label_columns=", ".join(f"`{name}`" for name in contract.LABEL_SCHEMA.names),
            kinds=", ".join(contract.ANOMALY_KINDS),
            categories=" or ".join(f"`{name}`" for name in contract.CATEGORIES),
            severities=f"{', '.join(contract.SEVERITIES[:-1])} or {contract.SEVERITIES[-1]}",
            kit_import=" and `signal_kit`" if self.kit_interface else "",
            kit=kit,
            time_limit=f"{self.time_limit_s:g}",
        )

    def advice(self, reasons: Sequence[str]) -> tuple[str, ...]:
        """Return what helps against these reasons."""
        return advice_against(reasons)


def _quoted_lines(names: Sequence[str]) -> str:
    lines = [f'- "{quotable(name, MAX_MACHINE_NAME_LENGTH)}"' for name in names]
    return "\n".join(lines[-MAX_NAMES_SHOWN:]) or "- (none)"
