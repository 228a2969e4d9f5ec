"""The Bedrock author on the wire: lists, sessions, mending, and both with the repair loop."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from synth_pipeline.authoring.author import Author
from synth_pipeline.authoring.bedrock.client import BedrockClient
from synth_pipeline.authoring.model.author import ModelAuthor
from synth_pipeline.authoring.model.conversation import CONTINUE
from synth_pipeline.authoring.repair import Trial, write_verified
from synth_pipeline.domain.errors import AuthorError, GeneratorError, ReplyError, UnavailableError
from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.domain.machine import Machine, MachineIdea
from synth_pipeline.domain.provenance import sha256_of
from synth_pipeline.domain.usage import Usage
from synth_pipeline.readings.prompts.questions import ReadingsPrompts
from synth_pipeline.readings.prompts.words import PROMPT_VERSION
from synth_pipeline_tests.support.models import bedrock_author, model_options
from synth_pipeline_tests.support.scripted_bedrock import (
    PlayBook,
    Reply,
    Script,
    ScriptedBedrock,
    dropped,
    fail,
    fenced,
    numbered,
    say,
)

MACHINE = Machine("ada", "plasma-etcher", "Plasma Etcher", "Chip making", "", "", 1, 2024, 7)
PROGRAM = 'import os\n\n\ndef main():\n    print(os.environ["SYNTH_YEAR"])\n\n\nmain()\n'
GOOD = PROGRAM.replace("print(", "print('good', ")
REPLY = fenced(PROGRAM)

Connect = Callable[..., ModelAuthor]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Make an author that talks to a scripted server."""

    def make(server: ScriptedBedrock, **options: object) -> ModelAuthor:
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"):
            monkeypatch.delenv(name, raising=False)
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        return bedrock_author(**options)

    return make


def found(message: str, topic: Topic = Topic.CRASH) -> Finding:
    return Finding(topic, message)


def judge(code: str) -> Trial[str]:
    """Accepts what says it is good."""
    late = Finding(Topic.TIME, "the script timed out after 120 s")
    return Trial("output") if "good" in code else Trial(None, (late,))


# --- author ------------------------------------------------------------------------------------


def test_it_is_an_untrusted_author_whose_version_names_model_and_prompt() -> None:
    author: Author = bedrock_author(model_id="some.model")

    assert author.name == "bedrock"
    assert not author.is_trusted
    assert author.version_of(MACHINE) == f"some.model prompt {PROMPT_VERSION}"


def test_making_an_author_connects_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "a profile that does not exist")

    author = bedrock_author()

    with pytest.raises(UnavailableError, match="a profile that does not exist"):
        author.check()


def test_a_check_with_credentials_and_region_passes(connect: Connect) -> None:
    with ScriptedBedrock([]) as server:
        connect(server).check()

    assert server.requests == []


# --- lists -------------------------------------------------------------------------------------


def test_a_list_gives_as_many_machines_as_asked_for(connect: Connect) -> None:
    with ScriptedBedrock([say(numbered(["Etcher", "Stepper", "Wafer Saw"]))]) as server:
        answer = connect(server).list_machines("Chip making", 2)

    assert answer.ideas == (MachineIdea("Etcher"), MachineIdea("Stepper"))
    assert answer.usage == Usage(1, 100, 200, 1.5)
    assert answer.notes == ()
    assert "At least 2 different ones" in server.requests[0].last_text


def test_known_machines_are_excluded_in_the_prompt_and_in_the_answer(connect: Connect) -> None:
    known = [MachineIdea("Plasma Etcher")]

    with ScriptedBedrock([say(numbered(["plasma-etchers", "Stepper"]))]) as server:
        answer = connect(server).list_machines("Chip making", 1, known)

    assert answer.ideas == (MachineIdea("Stepper"),)
    assert '- "Plasma Etcher"' in server.requests[0].last_text


def test_missing_machines_are_asked_for_again_in_the_same_conversation(connect: Connect) -> None:
    replies = [say(numbered(["Etcher", "etcher"])), say(numbered(["Etcher", "Stepper", "Saw"]))]

    with ScriptedBedrock(replies) as server:
        answer = connect(server).list_machines("Chip making", 3)

    assert [idea.name for idea in answer.ideas] == ["Etcher", "Stepper", "Saw"]
    assert answer.usage.calls == 2
    assert answer.notes == ("the model was asked 2 times until the list was complete",)
    roles = [role for role, _ in server.requests[1].texts]
    assert roles == ["user", "assistant", "user"]
    assert "at least 2 more machines" in server.requests[1].last_text
    assert '- "Etcher"' in server.requests[1].last_text


def test_a_refusal_is_told_to_the_model_and_asked_again(connect: Connect) -> None:
    replies = [say("I would rather not."), say(numbered(["Etcher"]))]

    with ScriptedBedrock(replies) as server:
        answer = connect(server).list_machines("Chip making", 1)

    assert answer.ideas == (MachineIdea("Etcher"),)
    assert "holds no list of machines" in server.requests[1].last_text


def test_a_list_that_stays_too_short_is_an_error_after_a_bounded_number_of_calls(
    connect: Connect,
) -> None:
    with (
        ScriptedBedrock(lambda _: say(numbered(["Etcher"]))) as server,
        pytest.raises(ReplyError, match=r"named 1 of 3 new machines of 'Chip making' in 2 calls"),
    ):
        connect(server, list_calls=2).list_machines("Chip making", 3)

    assert len(server.requests) == 2


def test_an_empty_reply_leaves_the_roles_alternating(connect: Connect) -> None:
    with ScriptedBedrock([say(" "), say(content=[]), say(numbered(["Etcher"]))]) as server:
        connect(server).list_machines("Chip making", 1)

    assert [role for role, _ in server.requests[2].texts] == ["user"]
    assert server.requests[2].texts[0][1].count("at least 1 more") == 2


def test_a_list_cut_off_at_the_token_limit_is_continued(connect: Connect) -> None:
    replies = [
        say("```text\n1. Etcher\n2. Step", stop_reason="max_tokens"),
        say("per\n3. Saw\n```"),
    ]

    with ScriptedBedrock(replies) as server:
        answer = connect(server).list_machines("Chip making", 3)

    assert [idea.name for idea in answer.ideas] == ["Etcher", "Stepper", "Saw"]


# --- sessions ----------------------------------------------------------------------------------


def test_a_first_draft_carries_code_usage_prompt_and_raw_reply(connect: Connect) -> None:
    reply = f"{REPLY}<error>no unit</error>\n{fenced(GOOD)}"

    with ScriptedBedrock([say(reply)]) as server:
        draft = connect(server).open_session(MACHINE).write()

    (request,) = server.requests
    assert draft.code == GOOD
    assert draft.problem is None
    assert draft.reported_errors == ("no unit",)
    assert draft.usage == Usage(1, 100, 200, 1.5)
    assert draft.raw_reply == reply
    assert draft.prompt_sha256 == sha256_of(request.first_text)
    assert request.machine == "Plasma Etcher"
    assert "within 120 seconds" in request.first_text


def test_the_time_limit_and_the_kit_of_the_author_stand_in_the_prompt(connect: Connect) -> None:
    with ScriptedBedrock([say(REPLY)]) as server:
        connect(server)
        prompts = ReadingsPrompts(45.5, kit_interface='def lag(x):\n    """Slow."""')
        author = ModelAuthor(BedrockClient(model_options()), prompts)
        author.open_session(MACHINE).write()

    assert "within 45.5 seconds" in server.requests[0].first_text
    assert 'def lag(x):\n    """Slow."""\n```' in server.requests[0].first_text


def test_reasons_go_back_as_the_next_turn_of_the_same_conversation(connect: Connect) -> None:
    with ScriptedBedrock([say(REPLY), say(fenced(GOOD))]) as server:
        session = connect(server).open_session(MACHINE)
        first = session.write()
        second = session.mend([found("the script timed out after 120 s", Topic.TIME),
                               found("files it left: a.csv")])  # fmt: skip

    assert second.code == GOOD
    assert second.prompt_sha256 == first.prompt_sha256
    texts = server.requests[1].texts
    assert [role for role, _ in texts] == ["user", "assistant", "user"]
    assert texts[0] == server.requests[0].texts[0]
    assert texts[1][1] == REPLY
    assert "timed out after 120 s" in texts[2][1]
    assert "files it left: a.csv" in texts[2][1]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (say(""), "the reply is empty"),
        (say(content=[]), "the reply is empty"),
        (say("I cannot do that."), "begins: 'I cannot do that.'"),
        (
            say("Sorry.", stop_reason="guardrail_intervened"),
            "a guardrail of the account stepped in",
        ),
        (say("", stop_reason="content_filtered"), "the content filter stepped in"),
        (say("```bash\nls\n```"), "no Python code block"),
    ],
)
def test_a_reply_without_code_is_a_draft_with_a_problem(
    reply: Reply, problem: str, connect: Connect
) -> None:
    with ScriptedBedrock([reply, say(REPLY)]) as server:
        session = connect(server).open_session(MACHINE)
        draft = session.write()
        again = session.mend([found(draft.problem or "")])

    assert draft.code is None
    assert problem in (draft.problem or "")
    assert again.code == PROGRAM
    assert "There was no program to run" in server.requests[1].last_text
    roles = [role for role, _ in server.requests[1].texts]
    assert roles == (["user", "assistant", "user"] if draft.raw_reply else ["user"])
    assert server.requests[1].machine == "Plasma Etcher"


def test_a_cut_off_reply_is_continued_and_joined(connect: Connect) -> None:
    cut = REPLY.index("environ") + 3
    replies = [
        say(REPLY[:cut], stop_reason="max_tokens"),
        say(REPLY[cut : cut + 10], stop_reason="max_tokens"),
        say(REPLY[cut + 10 :]),
    ]

    with ScriptedBedrock(replies) as server:
        draft = connect(server).open_session(MACHINE).write()

    assert draft.code == PROGRAM
    assert draft.raw_reply == REPLY
    assert draft.usage == Usage(3, 300, 600, 4.5)
    texts = server.requests[2].texts
    assert [text for _, text in texts[1:]] == [
        REPLY[:cut],
        CONTINUE,
        REPLY[cut : cut + 10],
        CONTINUE,
    ]


def test_continuations_are_bounded_and_then_a_shorter_program_is_asked_for(
    connect: Connect,
) -> None:
    endless = say("```python\nimport os\n" + "x = 1\n" * 9, stop_reason="max_tokens")

    with ScriptedBedrock(lambda _: endless) as server:
        draft = connect(server, continuations=1, max_tokens=500).open_session(MACHINE).write()

    assert len(server.requests) == 2
    assert draft.code is None
    assert "cut off at 500 tokens 2 times; write a shorter program" in (draft.problem or "")


def test_a_model_that_only_thinks_until_its_tokens_are_gone_is_not_continued(
    connect: Connect,
) -> None:
    thoughts = [{"reasoningContent": {"reasoningText": {"text": "hm"}}}]

    with ScriptedBedrock([say(content=thoughts, stop_reason="max_tokens")]) as server:
        draft = connect(server).open_session(MACHINE).write()

    assert "cut off" in (draft.problem or "")
    assert len(server.requests) == 1


def test_a_program_that_is_complete_counts_even_when_the_check_after_it_is_cut_off(
    connect: Connect,
) -> None:
    with ScriptedBedrock(lambda _: say(REPLY, stop_reason="max_tokens")) as server:
        draft = connect(server, continuations=0).open_session(MACHINE).write()

    assert draft.code == PROGRAM


def test_a_long_conversation_is_cut_to_the_last_program_and_its_reasons(connect: Connect) -> None:
    programs = [PROGRAM.replace("main()\n", f"main()  # {n}\n") for n in range(4)]

    with ScriptedBedrock([say(fenced(program)) for program in programs]) as server:
        session = connect(server, conversation_length=100).open_session(MACHINE)
        session.write()
        for n in range(3):
            session.mend([found(f"reason {n}")])

    texts = server.requests[3].texts
    assert [role for role, _ in texts] == ["user", "assistant", "user"]
    assert texts[0] == server.requests[0].texts[0]
    assert texts[1][1] == f"```python\n{programs[2]}```\n"
    assert "reason 2" in texts[2][1]
    assert "reason 1" not in texts[2][1]


def test_a_long_conversation_without_any_program_is_cut_to_the_question(connect: Connect) -> None:
    with ScriptedBedrock(lambda _: say("no")) as server:
        session = connect(server, conversation_length=100).open_session(MACHINE)
        session.write()
        session.mend([found("the reply holds no code")])

    ((role, text),) = server.requests[1].texts
    assert role == "user"
    assert text.startswith(server.requests[0].first_text)
    assert "the reply holds no code" in text


def test_a_failed_call_leaves_the_conversation_as_it_was(connect: Connect) -> None:
    with ScriptedBedrock([say(REPLY), dropped(), say(fenced(GOOD))]) as server:
        session = connect(server).open_session(MACHINE)
        session.write()
        with pytest.raises(AuthorError, match="the connection broke"):
            session.mend([found("first reason")])
        session.mend([found("second reason")])

    assert [role for role, _ in server.requests[2].texts] == ["user", "assistant", "user"]
    assert "first reason" not in server.requests[2].last_text


# --- with the repair loop ----------------------------------------------------------------------


def verify(author: ModelAuthor, attempts: int = 3) -> object:
    return write_verified(author.open_session(MACHINE), judge, repair_attempts=attempts)


def test_a_generator_is_mended_until_it_passes(connect: Connect) -> None:
    torn = say(fenced(PROGRAM.replace("print(", "print((")))
    script: Script = [say("Certainly!"), torn, say(REPLY), say(fenced(GOOD))]

    with ScriptedBedrock(script) as server:
        verified = write_verified(connect(server).open_session(MACHINE), judge, repair_attempts=3)

    assert verified.code == GOOD
    assert verified.attempts == 4
    assert verified.usage == Usage(4, 400, 800, 6.0)
    assert len(verified.found_errors) == 3
    assert "no Python code block" in server.requests[1].last_text
    assert "What helps:\n- Time:" in server.requests[3].last_text


def test_a_generator_that_never_passes_ends_with_its_reasons(connect: Connect) -> None:
    with (
        ScriptedBedrock(lambda _: say(REPLY)) as server,
        pytest.raises(GeneratorError, match="no draft was accepted in 3 attempts"),
    ):
        verify(connect(server), attempts=2)

    assert len(server.requests) == 3


def test_credentials_that_expire_on_the_way_concern_the_whole_command(connect: Connect) -> None:
    script: Script = [say(REPLY), fail(403, "ExpiredTokenException", "expired")]

    with ScriptedBedrock(script) as server, pytest.raises(UnavailableError, match="expired"):
        verify(connect(server))


@pytest.mark.parametrize("doubtful", ["x = 1 is 1", 'x = "\\d"'])
def test_code_that_python_warns_of_is_code_nevertheless(connect: Connect, doubtful: str) -> None:
    program = f"{GOOD}{doubtful}\n"

    with ScriptedBedrock([say(fenced(program))]) as server:
        verified = write_verified(connect(server).open_session(MACHINE), judge, repair_attempts=0)

    assert verified.code == program


def test_calls_made_before_a_failure_are_counted(connect: Connect) -> None:
    half = REPLY[: len(REPLY) // 2]
    script: Script = [
        say(REPLY),
        say(half, stop_reason="max_tokens"),
        fail(403, "ExpiredTokenException", "expired"),
    ]

    with ScriptedBedrock(script) as server, pytest.raises(UnavailableError) as failure:
        verify(connect(server))

    assert failure.value.usage == Usage(2, 200, 400, 3.0)


def test_calls_for_a_list_that_stays_short_are_counted(connect: Connect) -> None:
    with ScriptedBedrock(lambda _: say("1. Lathe")) as server, pytest.raises(ReplyError) as failure:
        connect(server, list_calls=3).list_machines("Chips", 2)

    assert failure.value.usage == Usage(3, 300, 600, 4.5)


def test_sessions_in_several_threads_keep_their_conversations_apart(connect: Connect) -> None:
    names = [f"Machine type {letter}" for letter in "ABCDE"]
    book = PlayBook(
        programs={name: [f"# {name}\n{PROGRAM}", f"# {name}\n{GOOD}"] for name in names}
    )
    codes: dict[str, str] = {}

    with ScriptedBedrock(book) as server:
        author = connect(server)

        def work(name: str) -> None:
            machine = Machine("ada", name.lower(), name, "Chips", "", "", 1, 2024, 7)
            codes[name] = write_verified(
                author.open_session(machine), judge, repair_attempts=1
            ).code

        run_in_threads(work, names)

    assert codes == {name: f"# {name}\n{GOOD}" for name in names}
    assert book.turns == dict.fromkeys(names, 2)


def run_in_threads(work: Callable[[str], None], names: Sequence[str]) -> None:
    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- the scripted server itself ----------------------------------------------------------------


def test_a_play_book_answers_lists_and_machines_by_name(connect: Connect) -> None:
    book = PlayBook(names=["Etcher", "Stepper", "Saw"], otherwise=[PROGRAM])

    with ScriptedBedrock(book) as server:
        author = connect(server)
        ideas = author.list_machines("Chips", 2, [MachineIdea("Etcher")]).ideas
        draft = author.open_session(MACHINE).write()

    assert [idea.name for idea in ideas] == ["Stepper", "Saw"]
    assert draft.code == PROGRAM
    assert book.turns == {"": 1, "Plasma Etcher": 1}


def test_the_environment_of_the_server_leaves_no_other_account_in_reach() -> None:
    with ScriptedBedrock([]) as server:
        environment = server.environment()

    assert environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] == server.url
    assert not Path(environment["AWS_CONFIG_FILE"]).exists()
