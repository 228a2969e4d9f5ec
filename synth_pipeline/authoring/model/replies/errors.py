"""The mistakes that a model admits to in `<error>` tags; words that deny any are none."""

import re
import unicodedata

MAX_REPORTED_ERRORS = 20
MAX_ERROR_LENGTH = 500
_ENTRY = re.compile(
    r"(?<!`)<errors?\b[^<>\n]{0,200}(?<!/)>(?P<content>.*?)(?P<end></errors?>|(?=<errors?\b)|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")
_CLAUSE_END = re.compile(r"[.:;!?,]|\s[-\N{EN DASH}\N{EM DASH}]\s|\n")
_FAULTS = (
    r"(?:error|mistake|issue|problem|bug|fault|defect|violation|correction|change|fix)(?:e?s)?"
    r"|discrepanc(?:y|ies)|inconsistenc(?:y|ies)"
)
_FOUND = (
    "found|detected|identified|discovered|seen|spotted|noticed|noted|observed|known|remain(?:s|ing)?"
    "|left|present|needed|necessary|required|made|reported|here"
)
_NONE = re.compile(
    rf"(?:[\w' ]* )?(?:no|zero|0|any|without)(?: [\w']+){{0,2}}? (?:{_FAULTS})"
    rf"(?: (?:or|and|nor) [\w']+)?(?: (?:is|are|was|were|has been|have been|could be))?"
    rf"(?: (?:{_FOUND}))?(?: (?:in|during|after|while|when|on|with|at|by|for|upon|to report)\b.*)?"
    rf"|(?:none|nothing)(?: (?:{_FOUND}|to report|wrong))*|nil|null|n a|na|no|false|empty|0"
    r"|(?:(?:all|everything|it|the \w+|checks?|out|looks?|seems?|is|are|ok|okay|fine|good|correct"
    r"|right|clean|valid|checked|verified|pass(?:ed|es)?)(?: |$))+"
)
_FAULT_TOLD = re.compile(
    r"\b(?:but|except|however|although|though|yet|missing|(?<!nothing )wrong|incorrect|fails?"
    r"|failed|should|must|instead|ignored)\b|(?:\bnot|n't)\b(?! [\w ]*\bany\b)"
)


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
    is_denied = not clauses or any(_NONE.fullmatch(words) for words in clauses)
    return is_denied and not any(_FAULT_TOLD.search(words) for words in clauses)


def _words(clause: str) -> str:
    """Return the words in lower case, with a space between; marks and symbols separate them."""
    clause = clause.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower()
    plain = "".join(c if c == "'" or unicodedata.category(c)[0] in "LN" else " " for c in clause)
    return " ".join(plain.split())
