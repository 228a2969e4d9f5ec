"""Times several cases in turns, so that noise on the machine hits them all alike."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Seconds = float


@dataclass(frozen=True, slots=True)
class Case:
    """Something to time: `run` does it once and returns its wall time."""

    name: str
    title: str
    run: Callable[[], Seconds]


@dataclass(slots=True)
class Samples:
    """Wall times of one case, in the order they were taken."""

    case: Case
    seconds: list[Seconds] = field(default_factory=list)

    @property
    def median(self) -> Seconds:
        """The middle one."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> Seconds:
        """The one with the least noise."""
        return min(self.seconds)

    @property
    def worst(self) -> Seconds:
        """The one with the most noise."""
        return max(self.seconds)


def timed(work: Callable[[], object]) -> Callable[[], Seconds]:
    """Return a function that does the work and returns how long it took."""

    def run() -> Seconds:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return run


def take_turns(
    cases: Sequence[Case],
    repeat: int,
    *,
    warm_up: bool = True,
    watch: Callable[[str], None] = lambda _: None,
) -> dict[str, Samples]:
    """Run a b c a b c ... `repeat` times, after one round that does not count; by case name."""
    found = {case.name: Samples(case) for case in cases}
    for turn in range(1 - warm_up, repeat + 1):
        for case in cases:
            watch(f"{case.title} ({f'{turn} of {repeat}' if turn else 'warm-up'})")
            seconds = case.run()
            if turn:
                found[case.name].seconds.append(seconds)
    return found
