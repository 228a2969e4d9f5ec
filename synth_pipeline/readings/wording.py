"""How findings name what they found: counts, the first ones, times."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def some_of(names: Sequence[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(n if len(n) <= 80 else f"{n[:77]}..." for n in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def count_of(where: npt.NDArray[np.bool_], noun: str) -> str:
    """How many hold, with the noun in its number."""
    count = int(where.sum())
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def first_place(where: npt.NDArray[np.bool_]) -> int:
    """The first row that holds."""
    return int(np.argmax(where))


def time_of(value: np.datetime64) -> str:
    """A time to the second, or to the millisecond where it has any."""
    if np.isnat(value):
        return "no time"
    fine = value.astype("datetime64[ms]").astype(np.int64) % 1000
    return str(value.astype("datetime64[ms]" if fine else "datetime64[s]")).replace("T", " ")
