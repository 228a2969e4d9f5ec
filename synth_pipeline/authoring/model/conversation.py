"""A conversation with a model: turns kept, cut-off replies continued, size bounded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from synth_pipeline.authoring.model.client import Completion, ModelClient, Stop, Turn
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.usage import Usage

CONTINUE = """\
Your reply was cut off at its token limit. Go on exactly where it stopped, in the middle of the \
line if that is where it stopped: repeat nothing, add no introduction, and do not open the code \
block again.
"""
_BLOCKED = {
    Stop.REFUSED: "the model refused",
    Stop.GUARDRAIL: "a guardrail of the account stepped in",
    Stop.FILTERED: "the content filter stepped in",
    Stop.CONTEXT_FULL: "the conversation is longer than the model's context window",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply, joined from as many calls as it took; `problem` says what cut it short.

    Nothing in an answer that `is_blocked`, by refusal, guardrail or filter, is to be used.
    """

    text: str
    usage: Usage
    problem: str | None = None
    is_blocked: bool = False


class Conversation:
    """Turns of one user and one model, in order. A failed call leaves it as it was."""

    def __init__(
        self,
        client: ModelClient,
        join: Callable[[Sequence[str]], str] = "".join,
    ) -> None:
        self._client = client
        self._join = join
        self._turns: tuple[Turn, ...] = ()

    @property
    def length(self) -> int:
        """Characters in all turns so far."""
        return sum(len(turn.text) for turn in self._turns)

    def restart(self, question: str, answer: str) -> None:
        """Forget all turns but the first question and, where it is not blank, its answer."""
        shared = self._turns[0].shared if self._turns else 0
        turns = [Turn("user", question, shared)]
        if answer.strip():
            turns.append(Turn("assistant", answer))
        self._turns = tuple(turns)

    def ask(self, text: str, shared: int = 0) -> Answer:
        """Add a user's turn and return the answer, which is kept for the next turn.

        The first `shared` characters of `text` begin other conversations too.
        """
        turns = _with_question(self._turns, Turn("user", text, shared))
        parts: list[str] = []
        usage = Usage()
        while True:
            try:
                completion = self._client.complete([*turns, *self._continuing(parts)])
            except SynthError as error:
                error.usage += usage
                raise
            usage += completion.usage
            parts.append(completion.text)
            # A model that spent all its tokens on thinking has said nothing to go on from.
            is_over = completion.stop is not Stop.CUT_OFF or not completion.text.strip()
            if is_over or len(parts) > self._client.options.continuations:
                break
        answer = self._join(parts)
        self._turns = (*turns, Turn("assistant", answer)) if answer.strip() else turns
        problem = self._problem(completion, len(parts))
        return Answer(answer, usage, problem, completion.stop in _BLOCKED)

    def _continuing(self, parts: Sequence[str]) -> list[Turn]:
        pairs = [(Turn("assistant", part), Turn("user", CONTINUE)) for part in parts]
        return [turn for pair in pairs for turn in pair]

    def _problem(self, completion: Completion, calls: int) -> str | None:
        if completion.stop is Stop.CUT_OFF:
            return (
                f"the reply was cut off at {self._client.options.max_tokens:,} tokens "
                f"{calls} times; write a shorter program and a shorter check"
            )
        return _BLOCKED.get(completion.stop)


def _with_question(turns: tuple[Turn, ...], question: Turn) -> tuple[Turn, ...]:
    """Add a user's turn; Converse wants roles to alternate, so an unanswered one grows."""
    if turns and turns[-1].role == "user":
        grown = f"{turns[-1].text}\n\n{question.text}"
        return (*turns[:-1], replace(turns[-1], text=grown))
    return (*turns, question)
