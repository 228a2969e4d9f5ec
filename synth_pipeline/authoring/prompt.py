"""Prompts that ask for machines and for generators; how a failure is put is in `prompt_mend`."""

from collections.abc import Sequence
from dataclasses import dataclass

from synth_pipeline.authoring import prompt_texts
from synth_pipeline.authoring.reply_names import MAX_MACHINE_NAME_LENGTH
from synth_pipeline.domain import contract
from synth_pipeline.domain.request import MAX_INDUSTRY_LENGTH
from synth_pipeline.domain.text import visible

MAX_DESCRIPTION_LENGTH = 300
# Beyond this the excluded names cost more than the rare repeat that has to be asked again.
MAX_NAMES_SHOWN = 300
_STRUCTURAL = str.maketrans({'"': "'", "`": "'", "<": " ", ">": " "})


@dataclass(frozen=True, slots=True)
class MachineBrief:
    """What the code prompt says of one machine; all of it is somebody else's text."""

    name: str
    industry: str
    description: str = ""


def one_line(text: str, limit: int) -> str:
    """Return foreign text as one harmless line for a place between quotation marks.

    Line breaks, control characters, quotation marks, backticks and angle brackets could end
    the quotation, open a code block or imitate a tag; they become spaces and apostrophes.
    """
    line = " ".join(visible(text).translate(_STRUCTURAL).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def list_prompt(industry: str, number: int, known: Sequence[str] = ()) -> str:
    """Return the question for at least `number` machines that are not among `known`."""
    exclusion = prompt_texts.EXCLUSION.substitute(names=_quoted_lines(known)) if known else ""
    return prompt_texts.LIST.substitute(
        industry=one_line(industry, MAX_INDUSTRY_LENGTH),
        number=number,
        max_length=MAX_MACHINE_NAME_LENGTH,
        exclusion=exclusion,
    )


def more_names_prompt(
    industry: str, missing: int, present: Sequence[str], problem: str = ""
) -> str:
    """Return the question for the machines a list lacks, naming those that are there."""
    shortage = f"That is {missing} short: names that repeat a machine or name none do not count."
    return prompt_texts.MORE_NAMES.substitute(
        problem=one_line(problem, 400) or shortage,
        missing=missing,
        industry=one_line(industry, MAX_INDUSTRY_LENGTH),
        names=_quoted_lines(present),
    )


def code_prompt(brief: MachineBrief, *, kit_interface: str, time_limit_s: float) -> str:
    """Return the question for one machine's generator.

    It does not depend on year and seed: the program reads those when it runs. An empty
    `kit_interface` leaves `signal_kit` out.
    """
    kit = prompt_texts.KIT.substitute(interface=kit_interface) if kit_interface else ""
    description = one_line(brief.description, MAX_DESCRIPTION_LENGTH)
    return prompt_texts.CODE.substitute(
        machine=one_line(brief.name, MAX_MACHINE_NAME_LENGTH),
        industry=one_line(brief.industry, MAX_INDUSTRY_LENGTH),
        description=f'What it does: "{description}"\n' if description else "",
        timestamp=contract.TIMESTAMP,
        min_signals=contract.MIN_SIGNALS,
        max_anomalous=f"{contract.MAX_ANOMALOUS_SHARE:.0%}".removesuffix("%"),
        label_columns=", ".join(f"`{name}`" for name in contract.LABEL_SCHEMA.names),
        kit_import=" and `signal_kit`" if kit_interface else "",
        kit=kit,
        time_limit=f"{time_limit_s:g}",
    )


def _quoted_lines(names: Sequence[str]) -> str:
    lines = [f'- "{one_line(name, MAX_MACHINE_NAME_LENGTH)}"' for name in names]
    return "\n".join(lines[-MAX_NAMES_SHOWN:]) or "- (none)"
