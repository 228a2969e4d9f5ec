"""Write, run, judge, mend: the loop that ends in verified code or in the reasons against it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from synth_pipeline.authoring.author import Draft, GeneratorSession
from synth_pipeline.domain.errors import AuthorError, GeneratorError
from synth_pipeline.domain.provenance import Usage

Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class Trial(Generic[Output]):
    """What became of one run: its output, or the reasons why there is none to accept."""

    output: Output | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified(Generic[Output]):
    """Code that was run and judged, with its output and the way there."""

    code: str
    output: Output
    attempts: int
    usage: Usage
    prompt_sha256: str
    reported_errors: tuple[str, ...]
    found_errors: tuple[str, ...]


def write_verified(
    session: GeneratorSession,
    try_code: Callable[[str], Trial[Output]],
    *,
    repair_attempts: int,
    on_draft: Callable[[int, Draft, Sequence[str]], None] = lambda *_: None,
) -> Verified[Output]:
    """Return the first draft that passes `try_code`, after at most `repair_attempts` mendings.

    `on_draft(attempt, draft, reasons)` sees every draft and what was held against it. Raises
    GeneratorError with the last reasons where no draft passes.
    """
    usage = Usage()
    found: list[str] = []
    reported: list[str] = []
    reasons: tuple[str, ...] = ()
    for attempt in range(1, repair_attempts + 2):
        try:
            draft = session.write() if attempt == 1 else session.mend(reasons)
        except AuthorError as error:
            if not reasons:
                raise
            raise GeneratorError(
                f"gave up after {attempt - 1} attempts, {error}; last: {reasons[0]}", reasons
            ) from error
        usage += draft.usage
        reported += draft.reported_errors
        trial = _try(draft, try_code)
        reasons = trial.reasons
        on_draft(attempt, draft, reasons)
        if trial.output is not None and draft.code is not None:
            return Verified(
                code=draft.code,
                output=trial.output,
                attempts=attempt,
                usage=usage,
                prompt_sha256=draft.prompt_sha256,
                reported_errors=tuple(reported),
                found_errors=tuple(found),
            )
        found += reasons
    raise GeneratorError(f"not accepted after {attempt} attempts; last: {reasons[0]}", reasons)


def _try(draft: Draft, try_code: Callable[[str], Trial[Output]]) -> Trial[Output]:
    if draft.code is None:
        return Trial(None, (draft.problem or "the reply holds no code",))
    try:
        compile(draft.code, "main.py", "exec")
    except (SyntaxError, ValueError) as error:
        return Trial(None, (f"the code does not compile: {error}",))
    return try_code(draft.code)
