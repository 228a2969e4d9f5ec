"""Whether words are those of a machine's name, of a sentence, or of a field of a record."""

import re
from collections.abc import Sequence


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(words.split())


# What models call the field that holds a machine's name, the likeliest first.
NAME_FIELDS = (
    "machinename", "equipmentname", "name", "machine", "machines", "equipment", "machinetype",
    "equipmenttype", "machineequipment", "equipmentmachine", "machineryname", "machinery",
    "assetname", "devicename", "toolname", "asset", "device", "tool", "title", "label",
)  # fmt: skip
LIST_FIELDS = word_set(
    "machines machinelist listofmachines machinenames machinery equipment equipmentlist names "
    "items list results result data devices assets tools"
)
_OTHER_FIELDS = word_set(
    "id no nr num number index rank key code description desc details detail explanation summary "
    "function functions purpose use usage role type kind category categories group area section "
    "industry sector process stage step department location sensor sensors signal signals "
    "measurement measurements parameter parameters unit units note notes comment comments reason "
    "example examples manufacturer maker model vendor tags count total status version year json "
    "yaml csv text output answer response here namelist"
)
_FIELDS = frozenset(NAME_FIELDS) | LIST_FIELDS | _OTHER_FIELDS

# Words of sentences, which no machine has in its name: not "can" (seamer), "must" (pump).
_SENTENCE_WORDS = word_set(
    "i'm i've i'd i'll you your yours we our us my me it its it's they them their he she is are "
    "was were be been am do does did cannot can't don't won't doesn't isn't aren't not have has "
    "had would could should may might please sorry unfortunately this that these those which who what "
    "why how when because if but here there about such any some unable sure certainly yes okay "
    "thanks hello help nothing however course"
)
_FIRST_WORDS = word_set(
    "i you please sorry consult contact consider ask seek provide providing share sharing explain "
    "explaining describe describing discuss discussing specify rephrase clarify offer offering "
    "suggest suggesting tell let try explore use avoid ensure remember note "
    "understand understanding"
)
_PLAN_WORDS = word_set(
    "identify gather verify list check determine research compile review select analyze analyse "
    "confirm collect ensure find define look think start finish double-check cross-check"
)
_TYPE_WORDS = word_set("string str text int integer number float bool boolean array object null")
_REFUSAL = re.compile(
    r"\b(?:I(?:'m| am)?|we|as an AI)\b[^.\n]{0,60}?"
    r"\b(?:can(?:'t|not| not)|won't|will not|(?:not|un)able|not comfortable|decline|refuse)\b"
    r"(?![^.\n]{0,40}\b(?:all|every|more than|guarantee|exhaustive|exact)\b)[^.\n]{0,40}?"
    r"\b(?:help|assist|provid\w+|comply|fulfil\w*|answer|generat\w+|creat\w+|list\w*|nam\w+"
    r"|continue|support|engage|shar\w+|write|giv\w+|discuss|do|offer|with|to)\b",
    re.IGNORECASE,
)
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


def field_key(words: str) -> str:
    """Return a field's name without case, spaces and marks: `Machine Name` is `machinename`."""
    return re.sub(r"[\W_]+", "", words[:60]).lower()


def is_field(words: str) -> bool:
    """True for what heads a column or names a field, such as `description`; no machine."""
    return field_key(words) in _FIELDS


def is_name_field(words: str) -> bool:
    """True for a field that holds a machine's name."""
    return field_key(words) in NAME_FIELDS


def is_refusal(prose: str) -> bool:
    """True where a reply says, near its beginning, that it does not do what was asked."""
    return _REFUSAL.search(prose[:2000].replace(_APOSTROPHE, "'")) is not None


def is_name(item: str, name: str) -> bool:
    """True for a line of its own that can only be a name, with or without an explanation."""
    words = name.lower().replace(_APOSTROPHE, "'").split()
    return (
        0 < len(words) <= 7
        and not _SENTENCE_WORDS.intersection(words)
        and words[0] not in _FIRST_WORDS
        and not (item.rstrip().endswith((".", "!", "?")) and len(words) > 3)
    )


def is_plan(names: Sequence[str]) -> bool:
    """True where most items are steps of work: `Identify the processes`."""
    firsts = [name.lower().split()[0] for name in names if name]
    return 2 * sum(first in _PLAN_WORDS for first in firsts) > len(firsts) > 0


def is_schema(names: Sequence[str]) -> bool:
    """True where all items are types of a field: `name: string`."""
    return all(name.lower() in _TYPE_WORDS for name in names)


def is_sentence(item: str, name: str, *, is_strict: bool) -> bool:
    """True for a list item that says something instead of naming a machine.

    `name` is what was taken for the name in it; `is_strict` looks for words of sentences, which
    a name out of a list in the form that was asked for is spared.
    """
    words = name.lower().replace(_APOSTROPHE, "'").split()
    if len(words) < 3 or "**" in item[:3]:
        return False
    ends = item.rstrip().endswith((".", "!", "?")) and item.strip(" .!?").endswith(name[-1])
    if len(words) > 3 and (words[0] in {"i", "i'm", "please", "sorry"} or ends):
        return True
    lower = sum(word[0].islower() for word in name.split())
    is_wordy = len(words) > 6 and 2 * lower > len(words)
    says = words[0] in _FIRST_WORDS and (ends or len(words) > 3)
    return is_strict and (is_wordy or says or bool(_SENTENCE_WORDS.intersection(words)))
