"""Write, inspect, run, judge, mend: the loop that ends in verified code or in its faults."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from synth_pipeline.authoring.author import Draft, GeneratorSession
from synth_pipeline.authoring.inspection import Inspection
from synth_pipeline.domain.errors import AuthorError, GeneratorError, SynthError
from synth_pipeline.domain.finding import Finding, Topic, has_fatal
from synth_pipeline.domain.usage import Usage

Made = TypeVar("Made")
Findings = tuple[Finding, ...]
_UNCHANGED = Finding(
    Topic.REPLY, "the program is the same as one that was not accepted before; it has to change"
)
_NO_REASON = Finding(Topic.CRASH, "the code was run and not accepted, without a reason given")
_MAX_HEADLINE_LENGTH = 300
# Of two drafts with warnings the better one is that which keeps more of its promises.
_PROMISES = frozenset(
    {
        Topic.REPEATABLE, Topic.SEED, Topic.YEAR, Topic.SWITCH,
        Topic.LABELS, Topic.LABELS_AND_DATA,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial(Generic[Made]):
    """What became of one trial: its output, None where there is none to accept, and findings.

    `settled` are the topics that its runs have shown something about, good or bad.
    """

    output: Made | None
    findings: Findings = ()
    settled: frozenset[Topic] = frozenset()


@dataclass(frozen=True, slots=True)
class Verified(Generic[Made]):
    """Code that was run and judged, with its output, its warnings and the way there."""

    code: str
    output: Made
    warnings: Findings
    attempts: int
    usage: Usage
    prompt_sha256: str
    reported_errors: tuple[str, ...]
    found_errors: tuple[str, ...]


def write_verified(
    session: GeneratorSession,
    try_code: Callable[[str], Trial[Made]],
    *,
    repair_attempts: int,
    inspect: Callable[[str], Inspection] = lambda _: Inspection(),
    on_draft: Callable[[int, Draft, Findings], None] = lambda *_: None,
) -> Verified[Made]:
    """Return the first draft without findings, or the best one that can be accepted with them.

    There are at most `repair_attempts` mendings. A draft without code, one that `inspect` finds a
    fatal fault in and one that was refused before are not run. `on_draft(attempt, draft,
    findings)` sees every draft and what was held against it. Raises GeneratorError with the last
    findings where no draft can be accepted, AuthorError where there never was a draft, and
    whatever concerns the whole command as it comes.
    """
    log: _Log[Made] = _Log()
    findings: Findings = ()
    for attempt in range(1, max(repair_attempts, 0) + 2):
        try:
            draft = _next_draft(session, attempt, findings, log.usage)
        except SynthError as error:
            if log.best is None:
                raise
            log.usage = error.usage  # which has come to include what was spent before
            break
        trial = _examined(draft, log, inspect, try_code)
        findings = trial.findings
        log.add(draft, trial)
        on_draft(attempt, draft, findings)
        if trial.output is not None and not findings:
            break
    if log.best is None:
        raise GeneratorError(
            f"no draft was accepted in {_attempts(attempt)}; last: {_headline(findings)}",
            tuple(map(str, findings)),
            log.usage,
        )
    return log.verified()


@dataclass(frozen=True, slots=True)
class _Acceptable(Generic[Made]):
    """A draft that can be accepted, and what would be accepted with it."""

    code: str
    output: Made
    findings: Findings
    prompt_sha256: str

    @property
    def faults(self) -> tuple[int, int]:
        """Broken promises, then all findings: the fewer, the better."""
        return sum(f.topic in _PROMISES for f in self.findings), len(self.findings)


@dataclass(slots=True)
class _Log(Generic[Made]):
    """What has come of the attempts so far; `seen` maps code to what was held against it."""

    attempts: int = 0
    usage: Usage = Usage()
    best: _Acceptable[Made] | None = None
    reported: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    seen: dict[str, Findings] = field(default_factory=dict)

    def add(self, draft: Draft, trial: Trial[Made]) -> None:
        self.attempts += 1
        self.usage += draft.usage
        self.reported += draft.reported_errors
        self.found += map(str, trial.findings)
        if draft.code is None:
            return
        self.seen.setdefault(draft.code, trial.findings)
        if trial.output is not None:
            made = _Acceptable(draft.code, trial.output, trial.findings, draft.prompt_sha256)
            if self.best is None or made.faults < self.best.faults:
                self.best = made

    def verified(self) -> Verified[Made]:
        assert self.best is not None  # noqa: S101  # the caller has looked
        return Verified(
            code=self.best.code,
            output=self.best.output,
            warnings=self.best.findings,
            attempts=self.attempts,
            usage=self.usage,
            prompt_sha256=self.best.prompt_sha256,
            reported_errors=tuple(self.reported),
            found_errors=tuple(self.found),
        )


def _next_draft(session: GeneratorSession, attempt: int, findings: Findings, usage: Usage) -> Draft:
    """Ask for the first draft or the next; where the author gives up, say what was wrong last."""
    if attempt == 1:
        return session.write()
    try:
        return session.mend(findings)
    except AuthorError as error:
        raise GeneratorError(
            f"gave up after {_attempts(attempt - 1)}: {error}; last: {_headline(findings)}",
            tuple(map(str, findings)),
            usage + error.usage,
        ) from error
    except SynthError as error:
        error.usage += usage
        raise


def _examined(
    draft: Draft,
    log: _Log[Made],
    inspect: Callable[[str], Inspection],
    try_code: Callable[[str], Trial[Made]],
) -> Trial[Made]:
    """Inspect the draft and, if nothing fatal was found, run it; with all that was found."""
    if draft.code is None:
        return Trial(None, (Finding(Topic.REPLY, draft.problem or "the reply holds no code"),))
    if draft.code in log.seen:  # a run takes up to minutes and would end the same way
        earlier = [each for each in log.seen[draft.code] if each != _UNCHANGED]
        return Trial(None, (*earlier, _UNCHANGED))
    inspection = inspect(draft.code)
    if has_fatal(inspection.findings):
        return Trial(None, (*inspection.findings, *inspection.hints))
    trial = try_code(draft.code)
    if trial.output is None and not trial.findings:
        return Trial(None, (_NO_REASON,))
    hints = tuple(hint for hint in inspection.hints if hint.topic not in trial.settled)
    return Trial(trial.output, (*trial.findings, *inspection.findings, *hints))


def _attempts(count: int) -> str:
    return "1 attempt" if count == 1 else f"{count} attempts"


def _headline(findings: Findings) -> str:
    """Return the gravest finding as one line: its first words and, of a traceback, the last."""
    gravest = next((finding for finding in findings if finding.is_fatal), findings[0])
    lines = [line.strip() for line in str(gravest).splitlines() if line.strip()]
    lines = lines or ["no reason"]
    text = lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"
    return text if len(text) <= _MAX_HEADLINE_LENGTH else f"{text[:_MAX_HEADLINE_LENGTH]}…"
