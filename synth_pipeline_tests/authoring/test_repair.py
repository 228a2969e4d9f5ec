"""The loop of writing, running, judging and mending."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from synth_pipeline.authoring.author import Draft
from synth_pipeline.authoring.inspection import Inspection, inspect_code
from synth_pipeline.authoring.repair import Trial, write_verified
from synth_pipeline.domain.errors import (
    AuthorError,
    GeneratorError,
    SandboxError,
    UnavailableError,
)
from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.domain.usage import Usage


def draft(code: str | None, **more: object) -> Draft:
    fields: dict[str, object] = {"usage": Usage(1, 10, 20, 0.5), "prompt_sha256": "abc", **more}
    return Draft(code, **fields)  # type: ignore[arg-type]


@dataclass
class Session:
    """A conversation whose answers are known beforehand."""

    answers: Sequence[Draft | Exception]
    told: list[tuple[str, ...]] = field(default_factory=list)
    asked: int = 0

    def write(self) -> Draft:
        return self._next()

    def mend(self, findings: Sequence[Finding]) -> Draft:
        self.told.append(tuple(map(str, findings)))
        return self._next()

    def _next(self) -> Draft:
        answer = self.answers[self.asked]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Bench:
    """Runs nothing: code passes when its first line says so, else its comment is the finding.

    What is `# fair` is accepted with what follows as warnings, separated by commas.
    """

    tried: list[str] = field(default_factory=list)

    def __call__(self, code: str) -> Trial[str]:
        self.tried.append(code)
        if code.startswith("# fair"):
            words = code.removeprefix("# fair").strip().split(",")
            return Trial(code, tuple(Finding(Topic(word), word, is_fatal=False) for word in words))
        if code.startswith("# good"):
            return Trial("output")
        return Trial(None, (Finding(Topic.CRASH, code.strip("# \n")),))


def look(code: str) -> Inspection:
    return Inspection() if code.startswith("#") else inspect_code(code, ())


def test_a_first_draft_that_passes_is_the_result() -> None:
    bench = Bench()

    verified = write_verified(Session([draft("# good")]), bench, repair_attempts=3)

    assert (verified.code, verified.output, verified.attempts) == ("# good", "output", 1)
    assert verified.found_errors == ()
    assert verified.prompt_sha256 == "abc"
    assert bench.tried == ["# good"]


def test_reasons_go_back_until_a_draft_passes() -> None:
    session = Session([draft("# timed out"), draft("# two files"), draft("# good")])

    verified = write_verified(session, Bench(), repair_attempts=3)

    assert session.told == [("timed out",), ("two files",)]
    assert verified.attempts == 3
    assert verified.found_errors == ("timed out", "two files")


def test_usage_and_reported_errors_of_all_drafts_are_kept() -> None:
    session = Session(
        [
            draft("# bad", reported_errors=("a",)),
            draft(None, reported_errors=("b",)),
            draft("# good", reported_errors=("c",), prompt_sha256="xyz"),
        ]
    )

    verified = write_verified(session, Bench(), repair_attempts=3)

    assert verified.usage == Usage(3, 30, 60, 1.5)
    assert verified.reported_errors == ("a", "b", "c")
    assert verified.prompt_sha256 == "xyz"


@pytest.mark.parametrize(
    ("repair_attempts", "words"), [(0, "1 attempt"), (1, "2 attempts"), (3, "4 attempts")]
)
def test_no_more_than_the_allowed_attempts_are_made(repair_attempts: int, words: str) -> None:
    session = Session([draft(f"# bad {n}") for n in range(9)])

    with pytest.raises(GeneratorError) as caught:
        write_verified(session, Bench(), repair_attempts=repair_attempts)

    assert session.asked == repair_attempts + 1
    assert str(caught.value) == (f"no draft was accepted in {words}; last: bad {repair_attempts}")
    assert caught.value.reasons == (f"bad {repair_attempts}",)


def test_a_negative_number_of_repairs_still_makes_one_attempt() -> None:
    assert write_verified(Session([draft("# good")]), Bench(), repair_attempts=-1).attempts == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (draft(None, problem="the reply is empty"), "the reply is empty"),
        (draft(None), "the reply holds no code"),
        (
            draft("x = 1\nprint((1\n"),
            "the code does not compile: '(' was never closed (main.py, line 2): `print((1`",
        ),
        (
            draft("x = \x00"),
            "the code does not compile: source code string cannot contain null bytes",
        ),
    ],
)
def test_what_cannot_run_is_not_run_and_its_reason_goes_back(answer: Draft, reason: str) -> None:
    session, bench = Session([answer, draft("# good")]), Bench()

    write_verified(session, bench, repair_attempts=1, inspect=look)

    assert session.told == [(reason,)]
    assert bench.tried == ["# good"]


def test_code_nested_too_deeply_to_compile_is_a_reason_and_not_a_crash() -> None:
    code = "x = " + "-" * 200_000 + "1"
    session = Session([draft(code), draft("# good")])

    write_verified(session, Bench(), repair_attempts=1, inspect=look)

    assert session.told[0][0].startswith("the code does not compile: ")


def test_the_same_program_again_is_not_run_again() -> None:
    session, bench = (
        Session([draft("# bad"), draft("# bad"), draft("# bad"), draft("# good")]),
        Bench(),
    )

    write_verified(session, bench, repair_attempts=3)

    unchanged = "the program is the same as one that was not accepted before; it has to change"
    assert bench.tried == ["# bad", "# good"]
    assert session.told == [("bad",), ("bad", unchanged), ("bad", unchanged)]


def test_a_refusal_without_reasons_still_gives_the_author_one() -> None:
    session = Session([draft("x = 1"), draft("x = 2")])

    with pytest.raises(GeneratorError, match="without a reason given"):
        write_verified(session, lambda _: Trial(None), repair_attempts=1)

    assert session.told == [("the code was run and not accepted, without a reason given",)]


def test_an_output_that_is_false_is_still_an_output() -> None:
    verified = write_verified(Session([draft("x")]), lambda _: Trial(0), repair_attempts=0)

    assert verified.output == 0


def test_the_watcher_sees_every_draft_with_what_was_held_against_it() -> None:
    seen: list[tuple[int, str | None, tuple[str, ...]]] = []
    session = Session([draft(None, problem="empty"), draft("# bad"), draft("# good")])

    write_verified(
        session,
        Bench(),
        repair_attempts=2,
        on_draft=lambda n, d, found: seen.append((n, d.code, tuple(map(str, found)))),
    )

    assert seen == [(1, None, ("empty",)), (2, "# bad", ("bad",)), (3, "# good", ())]


def test_an_author_that_gives_up_leaves_the_last_reasons() -> None:
    session = Session([draft("# bad"), AuthorError("throttled in all 6 attempts")])

    with pytest.raises(GeneratorError) as caught:
        write_verified(session, Bench(), repair_attempts=3)

    assert str(caught.value) == ("gave up after 1 attempt: throttled in all 6 attempts; last: bad")
    assert caught.value.reasons == ("bad",)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([AuthorError("throttled")], AuthorError),
        ([UnavailableError("no credentials")], UnavailableError),
        ([draft("# bad"), UnavailableError("expired")], UnavailableError),
    ],
)
def test_an_error_before_any_draft_and_one_of_the_whole_command_come_as_they_are(
    answers: Sequence[Draft | Exception], error: type[Exception]
) -> None:
    with pytest.raises(error):
        write_verified(Session(answers), Bench(), repair_attempts=3)


def test_a_sandbox_that_cannot_start_ends_the_loop() -> None:
    session = Session([draft("x"), draft("y")])

    with pytest.raises(SandboxError):
        write_verified(session, _raise(SandboxError("no bwrap")), repair_attempts=3)

    assert session.asked == 1


def test_the_message_is_one_line_with_the_first_and_last_of_a_traceback() -> None:
    reason = "the script failed:\nTraceback (most recent call last):\n  x\nKeyError: 'a'\n"

    with pytest.raises(GeneratorError) as caught:
        write_verified(
            Session([draft("x")]),
            lambda _: Trial(None, (Finding(Topic.CRASH, reason),)),
            repair_attempts=0,
        )

    assert str(caught.value).endswith("last: the script failed: … KeyError: 'a'")
    assert caught.value.reasons == (reason,)


def _raise(error: Exception) -> Callable[[str], Trial[str]]:
    def try_code(_code: str) -> Trial[str]:
        raise error

    return try_code


# --- warnings ------------------------------------------------------------------------------------


def test_warnings_go_back_and_the_draft_without_any_is_the_result() -> None:
    session = Session([draft("# fair realism"), draft("# good")])

    verified = write_verified(session, Bench(), repair_attempts=3)

    assert session.told == [("realism",)]
    assert (verified.code, verified.warnings) == ("# good", ())
    assert verified.found_errors == ("realism",)


@pytest.mark.parametrize(
    ("drafts", "best"),
    [
        (["# fair realism,style", "# fair style", "# bad"], "# fair style"),
        (["# fair style", "# bad", "# fair realism,style"], "# fair style"),
        (["# fair seed", "# fair realism,style,units", "# bad"], "# fair realism,style,units"),
        (["# fair style", "# fair units", "# bad"], "# fair style"),
    ],
)
def test_the_best_draft_is_accepted_with_its_warnings_where_mends_run_out(
    drafts: list[str], best: str
) -> None:
    session = Session([draft(code) for code in drafts])

    verified = write_verified(session, Bench(), repair_attempts=2)

    assert (verified.code, verified.output, verified.attempts) == (best, best, 3)
    assert ",".join(map(str, verified.warnings)) == best.removeprefix("# fair ")


@pytest.mark.parametrize("error", [AuthorError("no more"), UnavailableError("credentials expired")])
def test_a_draft_that_can_be_accepted_outlives_an_author_that_gives_up(error: Exception) -> None:
    session = Session([draft("# fair style"), error])

    verified = write_verified(session, Bench(), repair_attempts=3)

    assert (verified.code, verified.attempts, verified.usage.calls) == ("# fair style", 1, 1)


def test_what_was_seen_without_running_stands_beside_what_the_run_shows() -> None:
    def suspicious(code: str) -> Inspection:
        note = Finding(Topic.STYLE, "no docstring", is_fatal=False)
        hints = (Finding(Topic.SEED, "no seed read", is_fatal=False),
                 Finding(Topic.YEAR, "no year read", is_fatal=False))  # fmt: skip
        return Inspection((note,), hints) if "fair" in code else Inspection()

    def try_code(code: str) -> Trial[str]:
        return Trial(code, settled=frozenset({Topic.SEED}))

    session = Session([draft("# fair"), draft("# good")])

    write_verified(session, try_code, repair_attempts=3, inspect=suspicious)

    assert session.told == [("no docstring", "no year read")]
