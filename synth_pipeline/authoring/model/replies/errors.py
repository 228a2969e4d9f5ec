"""The mistakes that a model admits to in `<error>` tags of its prose."""

import re
import unicodedata
from collections.abc import Sequence

from synth_pipeline.authoring.model.replies.wording import word_set

MAX_REPORTED_ERRORS = 20
MAX_ERROR_LENGTH = 500
_ENTRY = re.compile(
    r"(?<!`)<errors?\b[^<>\n]{0,200}>(?P<content>.*?)(?P<end></errors?>|(?=<errors?\b)|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")
_CLAUSE_END = re.compile(r"[.:;!?,]|\s[-\N{EN DASH}\N{EM DASH}]\s|\n")

# Words by which an entry states that there is nothing to report. A word that is in none of these
# lists makes it a report: "No error is raised when the year is missing" tells of a mistake.
_FAULTS = word_set(
    "error errors mistake mistakes issue issues problem problems bug bugs fault faults defect "
    "defects violation violations discrepancy discrepancies inconsistency inconsistencies"
)
_REMEDIES = word_set("correction corrections change changes fix fixes")
_DENIALS = word_set(
    "no none nothing nil null na zero 0 not any without nowhere don't didn't couldn't can't cannot "
    "haven't aren't isn't wasn't weren't doesn't"
)
_FOUND = word_set(
    "found find detected detect identified identify discovered seen see spotted spot noticed "
    "notice noted observed known remain remains remaining left present exist exists here needed "
    "necessary required made report reported"
)
_LINKS = word_set(
    "is are was were be been have has had could can did do does to that i we it there a an the "
    "this my so far all of these and or nor in with within on by after during upon at"
)
_ABOUT = word_set(
    "program code script work data solution version check checks checking review run inspection "
    "above below checked verified reviewed result results status contains contain shows looks "
    "seems appears everything n"
)
_KINDS = word_set(
    "known further other more additional remaining obvious syntax logical logic critical major "
    "minor significant such new coding contract apparent serious outstanding real actual single"
)
_GOOD = word_set(
    "correct correctly ok okay good fine valid right complete clean clear pass passes passed match "
    "matches consistent satisfied satisfies met meets holds hold verified checked agree"
)
_BAD = word_set(
    "not but except however although though yet wrong missing incorrect should must need needs "
    "fail fails failed instead ignored too only"
)
_HARMLESS = _FAULTS | _REMEDIES | _DENIALS | _FOUND | _LINKS | _ABOUT | _KINDS | _GOOD | {"wrong"}


def errors_in(prose: str) -> tuple[str, ...]:
    """Return the entries of all `<error>` tags, without those that say there are none.

    At most MAX_REPORTED_ERRORS, each cut at MAX_ERROR_LENGTH characters. A tag that is never
    closed ends with its paragraph.
    """
    entries: list[str] = []
    for entry in _ENTRY.finditer(prose):
        content = entry["content"]
        entries += _split(content if entry["end"] else content.lstrip().partition("\n\n")[0])
        if len(entries) > 10 * MAX_REPORTED_ERRORS:
            break
    trimmed = (" ".join(entry.split())[:MAX_ERROR_LENGTH] for entry in entries)
    return tuple(e for e in trimmed if not _says_none(e))[:MAX_REPORTED_ERRORS]


def _split(content: str) -> list[str]:
    """Return the items of a list of errors in one tag, else its content as one error."""
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) > 1 and all(_BULLET.match(line) for line in lines):
        return [_BULLET.sub("", line, count=1) for line in lines]
    return [content]


def _says_none(entry: str) -> bool:
    """True for words that state that nothing is wrong, and for no words at all."""
    clauses = [words for clause in _CLAUSE_END.split(entry) if (words := _words(clause))]
    denials = [words for words in clauses if _is_denial(words)]
    others = [words for words in clauses if words not in denials]
    if not denials:
        return all(_is_plain(words) for words in others) and (
            not others or any(set(words) & _GOOD for words in others)
        )
    return all(_is_plain(words) or _is_praise(words) for words in others)


def _is_denial(words: Sequence[str]) -> bool:
    """True for "no errors found", "I did not see any mistakes", "none"."""
    if not _DENIALS.intersection(words) or not _is_plain(words):
        return False
    is_short = not (_FAULTS | _REMEDIES).intersection(words)
    is_about_remedies = bool(_REMEDIES.intersection(words)) and not _FAULTS.intersection(words)
    return (not is_short or words[0] in _DENIALS) and (
        not is_about_remedies or bool({"needed", "necessary", "required", "made"} & set(words))
    )


def _is_plain(words: Sequence[str]) -> bool:
    return _HARMLESS.issuperset(words)


def _is_praise(words: Sequence[str]) -> bool:
    """True for a clause beside a denial that says what is right."""
    return bool(_GOOD.intersection(words)) and not _BAD.intersection(words)


def _words(clause: str) -> tuple[str, ...]:
    """Return the words in lower case; marks, symbols and hyphens separate them."""
    clause = clause.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower()
    plain = "".join(c if c == "'" or unicodedata.category(c)[0] in "LN" else " " for c in clause)
    return tuple(plain.split())
