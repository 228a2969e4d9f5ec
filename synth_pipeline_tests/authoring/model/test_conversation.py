"""Which part of a conversation begins others too, turn by turn."""

from collections.abc import Sequence

import pytest

from synth_pipeline.authoring.model.client import Completion, ModelClient, Turn
from synth_pipeline.authoring.model.conversation import Conversation
from synth_pipeline_tests.support.scripted_server import Script, ScriptedServer
from synth_pipeline_tests.support.wires import OPENAI


class Listening:
    """A client that keeps the turns it is given."""

    def __init__(self, client: ModelClient) -> None:
        self.name, self.options = client.name, client.options
        self.heard: list[Sequence[Turn]] = []
        self._client = client

    def check(self) -> None:
        self._client.check()

    def complete(self, turns: Sequence[Turn]) -> Completion:
        self.heard.append(tuple(turns))
        return self._client.complete(turns)


def talk(patch: pytest.MonkeyPatch, server: ScriptedServer) -> tuple[Conversation, Listening]:
    client = Listening(OPENAI.connect(server, patch))
    return Conversation(client), client


def serve(*texts: str) -> Script:
    return [OPENAI.say(text) for text in texts]


def test_the_first_question_says_how_much_of_it_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    with OPENAI.serve(serve("code", "more")) as server:
        conversation, client = talk(monkeypatch, server)
        conversation.ask("contract and machine", shared=8)
        conversation.ask("mend it")

    assert client.heard[1] == (
        Turn("user", "contract and machine", 8),
        Turn("assistant", "code"),
        Turn("user", "mend it", 0),
    )


def test_a_question_that_got_no_answer_grows_and_shares_what_it_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with OPENAI.serve(serve("", "code")) as server:
        conversation, client = talk(monkeypatch, server)
        conversation.ask("contract and machine", shared=8)
        conversation.ask("again")

    assert client.heard[1] == (Turn("user", "contract and machine\n\nagain", 8),)


def test_a_conversation_that_begins_anew_shares_what_it_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with OPENAI.serve(serve("code", "more")) as server:
        conversation, client = talk(monkeypatch, server)
        conversation.ask("contract and machine", shared=8)
        conversation.restart("contract and machine", "")
        conversation.ask("again")

    assert client.heard[1] == (Turn("user", "contract and machine\n\nagain", 8),)
