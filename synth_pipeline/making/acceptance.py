"""Accepts a model's code on evidence: several runs, compared with each other and with the labels.

The first run is the request's own. While it goes on for long, the next one begins; once it is
judged good the others begin, as many at a time as there are places and cores. A run that is not
as it must be lets no further one begin, but for a missing switch; those under way end. Code that
this project wrote is accepted on its own run and on what it says of its clean twin.
"""

import calendar
import itertools
import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from synth_pipeline.authoring.inspection import surroundings_read
from synth_pipeline.authoring.repair import Trial
from synth_pipeline.domain.evidence import KEPT, Run, Tried
from synth_pipeline.domain.finding import Finding, Topic, has_fatal
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.provenance import sha256_of
from synth_pipeline.domain.request import MAX_SEED
from synth_pipeline.making.trial import Asked, Program, Tryout, ran, try_code
from synth_pipeline.readings.event_sizes import size_findings
from synth_pipeline.readings.leaks import digit_findings, leak_findings
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.realism import realism_findings
from synth_pipeline.readings.reruns import (
    again_findings,
    column_findings,
    leap_day_findings,
    seed_findings,
)
from synth_pipeline.readings.statistics import measure
from synth_pipeline.readings.twin import Against, against_twin
from synth_pipeline.readings.wording import some_of
from synth_pipeline.services import Services
from synth_pipeline.settings import cores

HEAD_START_S = 3.0  # cheap failures come before that
SHARED_WALL_FACTOR = 2.0  # of the time limit, where runs share the cores
OTHERS = (Run.AGAIN, Run.CLEAN, Run.SEED, Run.YEAR)
MAX_OUTCOME_LENGTH = 400
AGAIN_HASH_SEED = 1  # so that the order of a set and the hash of a text are others
SMALL_DIVISORS = (2, 3, 5, 7, 10, 16, 100)
_TOPICS = {
    Run.AGAIN: Topic.REPEATABLE,
    Run.CLEAN: Topic.SWITCH,
    Run.SEED: Topic.SEED,
    Run.YEAR: Topic.YEAR,
}
_NO_LABELS = Finding(
    Topic.LABELS, "it writes no labels: expected anomalies.parquet, a row an event", is_fatal=False
)

Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A machine's year that can be published, and the runs that speak for its code."""

    made: MachineYear
    evidence: tuple[Tried, ...]


def accept(
    services: Services, program: Program, is_stopped: Stopped, runs: Sequence[Run] = OTHERS
) -> Trial[Accepted]:
    """Try code for its machine's year and seed, then by further `runs`; say what was found.

    Code of a trusted author is run once.
    """
    if not services.author.is_trusted:
        return _Acceptance(services, program, runs, is_stopped).trial()
    asked = Asked.by(program.machine)
    tryout = try_code(services, program, asked, is_stopped=is_stopped)
    evidence = (_tried(Run.REQUEST, asked, tryout, tryout.findings),)
    made = tryout.made
    return Trial(None if made is None else Accepted(made, evidence), tryout.findings)


def asked_of(run: Run, machine: Machine) -> Asked:
    """What one of the runs is asked for."""
    asked = Asked.by(machine)
    shared = replace(asked, wall_factor=SHARED_WALL_FACTOR, step="prove")
    return {
        Run.REQUEST: asked,
        Run.AGAIN: replace(shared, hash_seed=AGAIN_HASH_SEED),
        Run.CLEAN: replace(shared, anomalies=False),
        Run.SEED: replace(shared, seed=_like_seed(asked.seed)),
        Run.YEAR: replace(shared, year=_other_year(asked.year), seed=_unlike_seed(asked.seed)),
    }[run]


def _like_seed(seed: int) -> int:
    """A seed of the same remainders: who knows only a few seeds gives the same year again."""
    step = math.lcm(*range(1, 17), 100)
    return seed + step if seed + step <= MAX_SEED else seed - step


def _unlike_seed(seed: int) -> int:
    """A seed that has nothing in common with the given one, not even a remainder."""
    start = int(sha256_of(f"another seed than {seed}")[:8], 16)
    return next(
        other
        for other in (candidate % MAX_SEED for candidate in itertools.count(start))
        if all(other % few != seed % few for few in SMALL_DIVISORS)
    )


def _other_year(year: int) -> int:
    """The closest year of the other length, an earlier one first."""
    near = (year - 1, year - 2, year - 3, year - 4, year + 1, year + 2, year + 3, year + 4)
    return next(other for other in near if calendar.isleap(other) is not calendar.isleap(year))


def _tried(run: Run, asked: Asked, tryout: Tryout, against: Sequence[Finding]) -> Tried:
    """Put one run on record; `against` are the findings that it does not hold for."""
    outcome = KEPT
    if against:
        told = "; ".join(" ".join(str(finding).split()) for finding in against)
        outcome = told if len(told) <= MAX_OUTCOME_LENGTH else f"{told[:MAX_OUTCOME_LENGTH]}…"
    return Tried(run, asked.year, asked.seed, round(tryout.seconds, 2), not against, outcome)


@dataclass(slots=True)
class _Acceptance:
    """The runs of one program. At most two years are held at a time: the first and another."""

    services: Services
    program: Program
    runs: Sequence[Run]
    is_stopped: Stopped
    first: MachineYear | None = None
    against: Against | None = None
    is_refused: bool = False  # no further run begins
    is_over: bool = False  # those under way are ended, too
    is_repeatable: bool = True  # until the same year and seed give other data
    findings: dict[Run, Sequence[Finding]] = field(default_factory=dict)
    evidence: dict[Run, Tried] = field(default_factory=dict)
    has_begun: threading.Event = field(default_factory=threading.Event)
    unjudged: threading.Semaphore = field(  # so that few have begun when one shows a fault
        default_factory=lambda: threading.Semaphore(cores() + 1)
    )

    def trial(self) -> Trial[Accepted]:
        """Make the runs, judge them and sum up."""
        with ThreadPoolExecutor(max_workers=1 + len(self.runs)) as pool:
            try:
                self._run_all(pool)
            finally:
                self.is_refused = self.is_over = True
        self._drop_meaningless()
        findings = tuple(each for run in Run for each in self.findings.get(run, ()))
        if findings and self.against is not None and self.against.labels is not None:
            findings += tuple(size_findings(self.against.labels))  # told while others are mended
        settled = frozenset(_TOPICS[run] for run in self.evidence if run in _TOPICS)
        if self.first is None or has_fatal(findings):
            return Trial(None, findings, settled)
        made = self.first
        if self.against is not None:
            made = replace(made, labels=self.against.labels, patch=self.against.patch)
        evidence = tuple(self.evidence[run] for run in Run if run in self.evidence)
        return Trial(Accepted(made, evidence), findings, settled)

    def _run_all(self, pool: ThreadPoolExecutor) -> None:
        last = threading.Event()  # judging goes in order, a run after the one before
        head = pool.submit(self._begin, Run.REQUEST, threading.Event(), last)
        head.add_done_callback(lambda _: self.has_begun.set())
        self.has_begun.wait()  # its place may be long in coming, and a head start begins there
        wait([head], timeout=HEAD_START_S)
        others: list[Future[None]] = []
        for run in self.runs:
            self.unjudged.acquire()
            before, last = last, threading.Event()
            others.append(pool.submit(self._begin, run, before, last))
            head.result()  # only the first of them begins before the request's run is judged
        for each in others:
            each.result()

    def _begin(self, run: Run, before: threading.Event, done: threading.Event) -> None:
        """Make a run and, once the one `before` it is, judge it; say when that is `done`."""
        try:
            self._run(run, before)
        finally:
            done.set()
            if run is not Run.REQUEST:
                self.unjudged.release()

    def _run(self, run: Run, before: threading.Event) -> None:
        asked = asked_of(run, self.program.machine)
        with ran(
            self.services,
            self.program,
            asked,
            begins=lambda: self._may_begin(run),
            is_stopped=lambda: self.is_over or self.is_stopped(),
        ) as one:
            if one is None:
                return
            if run is not Run.REQUEST:
                before.wait()
                if self.first is None:
                    return
            self._judge(run, asked, one.read())

    def _may_begin(self, run: Run) -> bool:
        """Asked as a place is free."""
        if run is Run.REQUEST:
            self.has_begun.set()
        return not self.is_refused

    def _judge(self, run: Run, asked: Asked, tryout: Tryout) -> None:
        if run is Run.REQUEST:
            self._judge_first(tryout)
            found, against = self.findings[run], [f for f in self.findings[run] if f.is_fatal]
        else:
            found = self._compare(run, asked, tryout)
            against = [each for each in found if each.is_fatal or each.topic is _TOPICS[run]]
        self.findings[run] = found
        self.evidence[run] = _tried(run, asked, tryout, against)
        # A missing switch says nothing of seed and year, which are tried all the same.
        if against and (run is not Run.CLEAN or has_fatal(against)):
            self.is_refused = True
        if run is Run.REQUEST:
            self.is_over = self.first is None

    def _judge_first(self, tryout: Tryout) -> None:
        found, made = list(tryout.findings), tryout.made
        if made is not None:
            made = replace(made, statistics=measure(made.table))
            found += leak_findings(made.table, made.labels)
            if made.labels is not None and not has_fatal(found):
                found += digit_findings(made.table, made.labels)
            found += realism_findings(made.statistics, made.signals) if made.statistics else []
            found += [] if made.labels is not None else [_NO_LABELS]
        self.findings[Run.REQUEST] = found
        self.first = None if has_fatal(found) else made

    def _compare(self, run: Run, asked: Asked, tryout: Tryout) -> Sequence[Finding]:
        """What a further run shows; it goes back to the author, and is accepted in the end."""
        first, other = self.first, tryout.made
        assert first is not None  # noqa: S101  # further runs are judged after it
        if other is None:
            self.is_repeatable &= run is not Run.AGAIN
            return [Finding(_TOPICS[run], f"{_called(run, asked)}: {tryout.findings[0]}", False)]
        if run is Run.AGAIN:
            found = again_findings(first, other)
            self.is_repeatable = not found
            return found or self._surroundings_findings()
        if run is Run.CLEAN:
            self.against = against_twin(first, other, asked.year)
            return self.against.findings
        if run is Run.SEED:
            return seed_findings(first, other)
        found = column_findings(first.signals, other.signals, Topic.YEAR)
        made_of = {self.program.machine.year: first, asked.year: other}
        return found or [f for year, made in made_of.items() for f in leap_day_findings(made, year)]

    def _surroundings_findings(self) -> list[Finding]:
        """What two runs in one sandbox on one day cannot show."""
        read = surroundings_read(self.program.source)
        if not read:
            return []
        message = f"it reads {some_of(read)}, so that it may give other data elsewhere"
        return [Finding(Topic.REPEATABLE, message, is_fatal=False)]

    def _drop_meaningless(self) -> None:
        """A clean twin says nothing of code that gives other data at every run."""
        clean = self.evidence.get(Run.CLEAN)
        if clean is not None and not self.is_repeatable:
            self.against = None
            self.findings[Run.CLEAN] = ()
            outcome = "the same year and seed give other data at every run"
            self.evidence[Run.CLEAN] = replace(clean, holds=False, outcome=outcome)


def _called(run: Run, asked: Asked) -> str:
    names = {
        Run.AGAIN: "run again for the same year and seed",
        Run.CLEAN: "with SYNTH_ANOMALIES=off",
        Run.SEED: f"with seed {asked.seed}",
        Run.YEAR: f"for the year {asked.year}",
    }
    return names[run]
