"""Write, run, judge, mend: the loop that ends in verified code or in the reasons against it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from synth_pipeline.authoring.author import REPLY_FILE, Draft, GeneratorSession
from synth_pipeline.domain.errors import AuthorError, GeneratorError, SynthError
from synth_pipeline.domain.usage import Usage

Made = TypeVar("Made")
_UNCHANGED = "the program is the same as one that was not accepted before; it has to change"
_MAX_HEADLINE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Trial(Generic[Made]):
    """What became of one run: its output, or the reasons why there is none to accept."""

    output: Made | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified(Generic[Made]):
    """Code that was run and judged, with its output and the way there."""

    code: str
    output: Made
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
    on_draft: Callable[[int, Draft, Sequence[str]], None] = lambda *_: None,
) -> Verified[Made]:
    """Return the first draft that passes `try_code`, after at most `repair_attempts` mendings.

    `on_draft(attempt, draft, reasons)` sees every draft and what was held against it. A draft
    without code, one that does not compile and one that was refused before are not run. Raises
    GeneratorError with the last reasons where no draft passes, AuthorError where there never
    was a draft, and whatever concerns the whole command as it comes.
    """
    log = _Log()
    reasons: tuple[str, ...] = ()
    for attempt in range(1, max(repair_attempts, 0) + 2):
        draft = _next_draft(session, attempt, reasons, log.usage)
        trial = _try(draft, log.seen, try_code)
        reasons = _reasons(trial)
        log.add(draft)
        on_draft(attempt, draft, reasons)
        if trial.output is not None and draft.code is not None:
            return Verified(
                code=draft.code,
                output=trial.output,
                attempts=attempt,
                usage=log.usage,
                prompt_sha256=draft.prompt_sha256,
                reported_errors=tuple(log.reported),
                found_errors=tuple(log.found),
            )
        log.refuse(draft, reasons)
    raise GeneratorError(
        f"no draft was accepted in {_attempts(attempt)}; last: {_headline(reasons)}",
        reasons,
        log.usage,
    )


@dataclass(slots=True)
class _Log:
    """What has come of the attempts so far; `seen` maps refused code to its reasons."""

    usage: Usage = Usage()
    reported: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    seen: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, draft: Draft) -> None:
        self.usage += draft.usage
        self.reported += draft.reported_errors

    def refuse(self, draft: Draft, reasons: tuple[str, ...]) -> None:
        self.found += reasons
        if draft.code is not None:
            self.seen.setdefault(draft.code, reasons)


def _next_draft(
    session: GeneratorSession, attempt: int, reasons: tuple[str, ...], usage: Usage
) -> Draft:
    """Ask for the first draft or the next; where the author gives up, say what was wrong last."""
    if attempt == 1:
        return session.write()
    try:
        return session.mend(reasons)
    except AuthorError as error:
        raise GeneratorError(
            f"gave up after {_attempts(attempt - 1)}: {error}; last: {_headline(reasons)}",
            reasons,
            usage + error.usage,
        ) from error
    except SynthError as error:
        error.usage += usage
        raise


def _try(
    draft: Draft,
    seen: Mapping[str, tuple[str, ...]],
    try_code: Callable[[str], Trial[Made]],
) -> Trial[Made]:
    if draft.code is None:
        return Trial(None, (draft.problem or "the reply holds no code",))
    if draft.code in seen:  # a run takes up to minutes and would end the same way
        earlier = [reason for reason in seen[draft.code] if reason != _UNCHANGED]
        return Trial(None, (*earlier, _UNCHANGED))
    if problem := _compile_problem(draft.code):
        return Trial(None, (problem,))
    return try_code(draft.code)


def _compile_problem(code: str) -> str | None:
    """Return why the code is no Python program, or None; the code is not executed."""
    try:
        compile(code, REPLY_FILE, "exec", dont_inherit=True)
    except SyntaxError as error:
        place = f" (main.py, line {error.lineno})" if error.lineno else ""
        line = f": `{error.text.strip()[:120]}`" if error.text and error.text.strip() else ""
        return f"the code does not compile: {error.msg}{place}{line}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"the code does not compile: {error or type(error).__name__}"
    return None


def _reasons(trial: Trial[Made]) -> tuple[str, ...]:
    if trial.output is not None:
        return ()
    return trial.reasons or ("the code was run and not accepted, without a reason given",)


def _attempts(count: int) -> str:
    return "1 attempt" if count == 1 else f"{count} attempts"


def _headline(reasons: Sequence[str]) -> str:
    """Return the first reason as one line: its first words and, of a traceback, the last."""
    lines = [line.strip() for line in reasons[0].splitlines() if line.strip()] or ["no reason"]
    text = lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"
    return text if len(text) <= _MAX_HEADLINE_LENGTH else f"{text[:_MAX_HEADLINE_LENGTH]}…"
