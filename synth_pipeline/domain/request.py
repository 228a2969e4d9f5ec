"""A request for machine data, its rules and its identity."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from synth_pipeline.domain.errors import InputError
from synth_pipeline.domain.names import require_name

MIN_NUMBER, MAX_NUMBER = 1, 100
MIN_YEAR, MAX_YEAR = 1970, 2100
MAX_SEED = 2**32 - 1
DEFAULT_NUMBER = 10
DEFAULT_SEED = 0
MAX_INDUSTRY_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Request:
    """So many machines of an industry, for one user, over one year, from one seed.

    `rolls` is true where no year was named: the data then moves on to each new full year.
    """

    industry: str
    number: int
    user_id: str
    year: int
    seed: int
    rolls: bool = False

    @classmethod
    def create(
        cls,
        *,
        industry: object,
        number: object,
        user_id: object,
        year: object = None,
        seed: object = None,
        today: dt.date | None = None,
    ) -> Self:
        """Check every value and return the request; raise one InputError naming all faults.

        `year` defaults to the last full year before `today`, `seed` to 0. Whole numbers may
        come as int, as an integral float or Decimal, or as text of digits.
        """
        last_full_year = (today or dt.datetime.now(dt.UTC).date()).year - 1
        values: dict[str, object] = {}
        faults: list[str] = []
        rules: Mapping[str, Callable[[], object]] = {
            "industry": lambda: _industry(industry),
            "number": lambda: _whole(number, "number", MIN_NUMBER, MAX_NUMBER),
            "user_id": lambda: require_name(_text(user_id, "user id"), "user id"),
            "year": lambda: _whole(
                last_full_year if year is None else year, "year", MIN_YEAR, MAX_YEAR
            ),
            "seed": lambda: _whole(DEFAULT_SEED if seed is None else seed, "seed", 0, MAX_SEED),
        }
        for name, rule in rules.items():
            try:
                values[name] = rule()
            except InputError as fault:
                faults.append(str(fault))
        if faults:
            raise InputError("; ".join(faults))
        return cls(**values, rolls=year is None)  # type: ignore[arg-type]  # each rule returns its field's type

    @property
    def request_id(self) -> str:
        """Identity by content: the same request sent twice has the same id."""
        content = [self.user_id, self.industry.casefold(), self.number, self.year, self.seed]
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        return f"{self.user_id}-{digest[:12]}"


def _industry(value: object) -> str:
    text = _text(value, "industry").strip()
    if not text or len(text) > MAX_INDUSTRY_LENGTH or not text.isprintable():
        raise InputError(
            f"industry {_short(value)}: expected 1 to {MAX_INDUSTRY_LENGTH} printable characters"
        )
    return " ".join(text.split())


def _text(value: object, what: str) -> str:
    if isinstance(value, str):
        return value
    raise InputError(f"{what} {_short(value)}: expected text")


def _whole(value: object, what: str, low: int, high: int) -> int:
    try:
        if isinstance(value, bool) or (isinstance(value, str) and not value.strip().isdecimal()):
            raise ValueError(value)
        if not isinstance(value, str) and not low <= value <= high:  # type: ignore[operator]
            raise ValueError(value)  # before int(), which would write out Decimal("1E+999999")
        whole = int(value)  # type: ignore[call-overload]
        if whole != value and not isinstance(value, str):
            raise ValueError(value)
    except (TypeError, ValueError, ArithmeticError):
        whole = None
    if whole is None or not low <= whole <= high:
        raise InputError(
            f"{what} {_short(value)}: expected a whole number from {low} to {high}"
        ) from None
    return int(whole)


def _short(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an int of more digits than Python writes
        text = "of thousands of digits"
    return text if len(text) <= 100 else f"{text[:97]}..."
