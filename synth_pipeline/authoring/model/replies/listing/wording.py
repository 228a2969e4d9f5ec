"""Whether words are those of a machine's name, of a sentence, or of a field of a record."""

import re
from collections.abc import Iterable, Sequence


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
    "yaml csv text output answer response here namelist keysensors typicalsensors overview "
    "introduction conclusion item checked"
)
_FIELDS = frozenset(NAME_FIELDS) | LIST_FIELDS | _OTHER_FIELDS
_PLACEHOLDER = re.compile(
    r"(?:(?:first|second|third|fourth|fifth|another|example|sample|next) (?P<named>.+)"
    r"|[a-z]{1,2}-?\d+|(?P<counted>\w+?)[ _-]?(?:\d+|[a-z]))",
    re.IGNORECASE,
)

# Words of sentences, which no machine has in its name: not "can" (seamer), "must" (pump).
_SENTENCE_WORDS = word_set(
    "i'm i've i'd i'll you your yours we our us my me it its it's they them their he she is are "
    "was were be been am do does did cannot can't don't won't doesn't isn't aren't not have has "
    "had would could should may might please sorry unfortunately this that these those which who "
    "what why how when because if but here there about such any some unable sure certainly yes "
    "okay thank thanks hello goodbye help nothing however course"
)
_ARTICLES = word_set("a an the your you any this these")
_FIRST_WORDS = word_set(
    "i you please sorry consult contact consider ask seek provide providing share sharing explain "
    "explaining describe describing discuss discussing specify rephrase clarify offer offering "
    "suggest suggesting tell let try explore use avoid ensure remember note "
    "understand understanding"
)
_STEPS = word_set(
    "identify gather verify list check determine research compile review select analyze analyse "
    "confirm collect ensure find define look think start finish double-check cross-check"
)
_TYPES = word_set("string str text int integer number float bool boolean array object null")
_QUANTITIES = word_set(
    "temperature temperatures pressure pressures speed speeds flow rate current currents voltage "
    "vibration vibrations level levels torque humidity position force power load weight thickness "
    "sensor sensors signal signals rpm frequency velocity acceleration concentration ph energy "
    "consumption time count status"
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


def is_placeholder(name: str) -> bool:
    """True for a field, also one that is counted: `description`, `first name`, `Machine 1`."""
    match = _PLACEHOLDER.fullmatch(name)
    return is_field(name) or (
        match is not None and is_field(match["named"] or match["counted"] or "name")
    )


def are_titles(texts: Iterable[str]) -> bool:
    """True where all words but short ones begin in upper case, before any explanation."""
    heads = [re.split(r"\s+[-\N{EN DASH}\N{EM DASH}]\s+|[:(]", text)[0] for text in texts]
    words = [word.strip("*_`\"'.,") for head in heads for word in head.split()]
    return all(word[0].isupper() or word[0].isdigit() for word in words if len(word) > 3)


def is_name(item: str, name: str) -> bool:
    """True for a line of its own that can only be a name, with or without an explanation."""
    words = _words(name)
    return (
        0 < len(words) <= 7
        and not _SENTENCE_WORDS.intersection(words)
        and not is_sentence(item, name, is_strict=True)
        and not _ARTICLES.intersection(words[1:])
        and words[0] not in _FIRST_WORDS
        and not item.rstrip().endswith(("!", "?"))
        and not (item.rstrip().endswith(".") and len(words) > 3)
    )


def is_sentence(item: str, name: str, *, is_strict: bool) -> bool:
    """True for a list item that says something instead of naming a machine.

    `name` is what was taken for the name in it; `is_strict` looks for words of sentences, which
    a name out of a list in the form that was asked for is spared.
    """
    words = _words(name)
    if item.rstrip().endswith("?") or words[:1] == ["and"] or words in (["etc"], ["etc."]):
        return True
    if len(words) < 3 or "**" in item[:3]:
        return False
    ends = item.rstrip().endswith((".", "!")) and item.strip(" .!").endswith(name[-1])
    says = words[0] in _FIRST_WORDS and (ends or len(words) > 3)
    if (len(words) > 3 and ends) or (says and _ARTICLES.intersection(words)):
        return True
    if len(words) > 3 and words[0] in {"i", "i'm", "please", "sorry"}:
        return True
    lower = sum(word[0].islower() for word in name.split())
    is_wordy = len(words) > 6 and 2 * lower > len(words)
    return is_strict and (is_wordy or says or bool(_SENTENCE_WORDS.intersection(words)))


def are_no_machines(names: Sequence[str]) -> bool:
    """True where most are steps of work, types of a field, what sensors measure, or lists."""
    words = [words for name in names if (words := _words(name))]
    firsts = sum(each[0] in _STEPS and len(each) > 2 for each in words)
    lists = sum(", " in name for name in names)
    others = sum(each[-1] in _QUANTITIES or " ".join(each) in _TYPES for each in words)
    return 2 * max(firsts, others, lists) > len(words)


def _words(name: str) -> list[str]:
    return name.lower().replace(_APOSTROPHE, "'").split()
