"""The rules for user ids, slugs and columns, and how a machine's name becomes a slug."""

import re
import unicodedata

from synth_pipeline.domain.errors import InputError

MAX_NAME_LENGTH = 64
_NAME = re.compile(r"[a-z0-9_.-]{1,64}")
_GENERIC_NAME = re.compile(
    r"_*(signal|sensor|value|val|column|col|feature|feat|channel|ch|variable|var|data|metric|x|y"
    r"|index(_level)?|unnamed)"  # the index that pandas writes where it is not told otherwise
    r"[ _:]*\d*_*",
    re.IGNORECASE,
)


def require_name(value: str, what: str) -> str:
    """Return `value` if it can be a folder, an S3 prefix and a partition key part, else raise.

    Raises InputError for anything but 1 to 64 of `a-z 0-9 - _ .`, for `..`, and for a
    leading `.`, which would be a hidden folder or the folder itself.
    """
    if _NAME.fullmatch(value) and ".." not in value and value[0] != ".":
        return value
    shown = repr(value) if len(value) <= 100 else f"{value[:97]!r}..."
    raise InputError(
        f"{what} {shown}: expected 1 to {MAX_NAME_LENGTH} lower-case letters, digits, "
        "'-', '_' or '.', without '..' or a leading '.'"
    )


def slugify(name: str) -> str:
    """Return the slug of a machine's name: `Plasma Etcher (ICP)` becomes `plasma-etcher-icp`.

    Raises InputError where nothing of the name can be kept.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_NAME_LENGTH].strip("-")
    if not slug:
        raise InputError(f"machine name {name!r}: expected at least one letter or digit")
    return slug


def free_slug(name: str, industry: str, taken: frozenset[str]) -> str:
    """Return a slug for `name` that is not in `taken`: plain, then with industry, then numbered."""
    plain = slugify(name)
    if plain not in taken:
        return plain
    try:
        suffix = slugify(industry)
    except InputError:  # an industry in a script without ASCII letters
        suffix = "other"
    qualified = f"{plain[: MAX_NAME_LENGTH - len(suffix[:24]) - 1].rstrip('-')}-{suffix[:24]}"
    qualified = qualified.strip("-")
    number, slug = 2, qualified
    while slug in taken:
        room = MAX_NAME_LENGTH - len(str(number)) - 1
        slug = f"{qualified[:room].rstrip('-')}-{number}"
        number += 1
    return slug


def is_generic_name(name: str) -> bool:
    """True for a column name that says nothing physical, such as `signal_1` or `x`."""
    return _GENERIC_NAME.fullmatch(name) is not None
