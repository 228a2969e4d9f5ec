"""The speeds to reach, as ratios within one run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MEBI, MEGA = 2**20, 1e6


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians by case name in seconds, and the other figures; None where not measured."""

    seconds: Mapping[str, float]
    peak_memory_bytes: int | None = None
    file_bytes: int | None = None
    dagster_s: float | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: `value` is to be at most, or at least, `limit`; None where not measured."""

    text: str
    value: float | None
    limit: float
    unit: str
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """`met`, `missed` or `not measured`."""
        if self.value is None:
            return "not measured"
        met = self.value >= self.limit if self.at_least else self.value <= self.limit
        return "met" if met else "missed"


def judge(measured: Measured) -> Iterator[Goal]:
    """Every goal with what was measured."""
    took = measured.seconds
    year = took["year"]
    yield Goal("(b) ≤ 3 × (a) + start", year, 3 * took["floor"] + took["start"], "s")
    yield Goal("(b) against (c)", _ratio(took.get("plain"), year), 4, "× faster", at_least=True)
    gutentag = _ratio(took.get("gutentag"), year)
    yield Goal("(b) against GutenTAG", gutentag, 6, "× faster", at_least=True)
    yield Goal("peak memory of a child", _scaled(measured.peak_memory_bytes, MEBI), 400, "MB")
    yield Goal("file of ten signals", _scaled(measured.file_bytes, MEGA), 20, "MB")
    yield Goal("(e) ≤ 7 × (b) + 5 s", took.get("ten"), 7 * year + 5, "s")
    yield Goal("(g) ≤ 0.2 × (b)", took["checks"], 0.2 * year, "s")
    yield Goal("Dagster's own, a partition", measured.dagster_s, 0.1, "s")


def _ratio(value: float | None, base: float) -> float | None:
    return None if value is None else value / base


def _scaled(value: int | None, unit: float) -> float | None:
    return None if value is None else value / unit
