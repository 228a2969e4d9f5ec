"""What a model is told of a program that was not accepted, and what helps against it."""

import re
from collections.abc import Sequence

from synth_pipeline.authoring import prompt_texts
from synth_pipeline.domain.contract import MAX_ANOMALOUS_SHARE
from synth_pipeline.domain.text import visible

MAX_FINDINGS = 20
MAX_FINDING_LENGTH = 4000
_HEAD_LENGTH = 1200

_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"timed? ?out|time limit|processor time|too slow",
        "Time: find the loop over rows or minutes and replace it by operations on whole arrays; "
        "16 signals of 525,600 rows take about a second that way.",
    ),
    (
        r"of memory|memoryerror|sigkill|out of memory",
        "Memory: hold each signal once as float64 (4 MB a year), build no Python lists of rows "
        "and no matrix of rows times rows.",
    ),
    (
        r"dataset files?\b|not a plain file|more than \d+ files|wrote more than",
        "Files: write `dataset.parquet` and, while anomalies are on, `anomalies.parquet` into the "
        "working folder, and nothing else: no CSV beside it, no plots, no logs, no folders.",
    ),
    (
        r"timestamp|minute_cadence|year_coverage|[\d,]+ rows; expected|rows and \d+ col",
        "Time axis: the first column is `Timestamp`, for instance "
        "`pd.date_range(f'{year}-01-01 00:00', f'{year}-12-31 23:59', freq='min')` with the year "
        "of `SYNTH_YEAR`. Take the length of every array from it, so that a leap year gets its "
        "527,040 rows.",
    ),
    (
        r"modulenotfounderror|no module named|importerror",
        "Imports: the standard library, numpy, pandas, pyarrow and, where it was offered, "
        "`signal_kit` with the names shown. Nothing else is installed.",
    ),
    (
        r"anomal(y|ies)_present|anomalies cover|\bevents?\b|\blabel",
        "Anomalies: decide on the events first, keep them apart and inside the year, on less than "
        f"{MAX_ANOMALOUS_SHARE:.0%} of the rows, then write values and labels from that one list.",
    ),
    (
        r"names say nothing|not numeric|no value at all|infinite|unique names",
        "Columns: every column after `Timestamp` is a float with a physical name and its unit, "
        "such as `bearing_temperature_c`; operating modes belong into the values, not into a "
        "column of text.",
    ),
    (
        r"permissionerror|read-only|operation not permitted|network is unreachable|urlerror",
        "Surroundings: no network, no processes, no files outside the working folder.",
    ),
)


def mend_prompt(reasons: Sequence[str], *, had_code: bool = True) -> str:
    """Return the next turn after a failure: what was found, then advice that fits it."""
    findings = "\n".join(
        f"<finding>\n{_shorten(reason)}\n</finding>" for reason in reasons[:MAX_FINDINGS]
    )
    if len(reasons) > MAX_FINDINGS:
        findings += f"\nand {len(reasons) - MAX_FINDINGS} more."
    template = prompt_texts.MEND if had_code else prompt_texts.NOTHING_TO_RUN
    return template.substitute(findings=findings, advice=_advice(reasons))


def _advice(reasons: Sequence[str]) -> str:
    text = "\n".join(reasons)
    fitting = [
        f"- {advice}" for pattern, advice in _ADVICE if re.search(pattern, text, re.IGNORECASE)
    ]
    return "\n".join(["", "What helps:", *fitting, ""]) if fitting else ""


def _shorten(reason: str) -> str:
    """Keep the head, which says what broke, and the tail, where a traceback names the error."""
    lines = (visible(line).rstrip() for line in reason.expandtabs(4).splitlines())
    text = "\n".join(lines).strip().replace("</finding>", "")
    if len(text) <= MAX_FINDING_LENGTH:
        return text
    tail = MAX_FINDING_LENGTH - _HEAD_LENGTH
    return f"{text[:_HEAD_LENGTH]}\n[…]\n{text[-tail:]}"
