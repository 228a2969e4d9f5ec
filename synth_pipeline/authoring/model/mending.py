"""What a model is told of a program that was not accepted."""

from collections.abc import Sequence
from string import Template

from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.text import visible

MAX_FINDINGS = 20
MAX_FINDING_LENGTH = 4000
_HEAD_LENGTH = 1200

MEND = Template("""\
The program was tried and is not accepted as it is. What was found, all of it, the gravest first:

$findings
$advice
Answer as before: the complete corrected program in one fenced ```python block, nothing before \
it, then your check, then mistakes in `<error>` tags with a corrected version, or the statement \
that there are none.
""")

NOTHING_TO_RUN = Template("""\
There was no program to run in your reply. What was found:

$findings
$advice
Answer as asked at first: the complete program in one fenced ```python block, nothing before it, \
then your check.
""")


def mend_prompt(
    findings: Sequence[Finding], advice: Sequence[str], *, had_code: bool = True
) -> str:
    """Return the next turn after a failure: what was found, then advice that fits it."""
    found = "\n".join(
        f"<finding>\n{_shorten(str(finding))}\n</finding>" for finding in findings[:MAX_FINDINGS]
    )
    if len(findings) > MAX_FINDINGS:
        found += f"\nand {len(findings) - MAX_FINDINGS} more."
    helps = "\n".join(["", "What helps:", *(f"- {each}" for each in advice), ""]) if advice else ""
    template = MEND if had_code else NOTHING_TO_RUN
    return template.substitute(findings=found, advice=helps)


def _shorten(reason: str) -> str:
    """Keep the head, which says what broke, and the tail, where a traceback names the error."""
    lines = (visible(line).rstrip() for line in reason.expandtabs(4).splitlines())
    text = "\n".join(lines).strip().replace("</finding>", "")
    if len(text) <= MAX_FINDING_LENGTH:
        return text
    tail = MAX_FINDING_LENGTH - _HEAD_LENGTH
    return f"{text[:_HEAD_LENGTH]}\n[…]\n{text[-tail:]}"
