"""The author that asks a model; its code is never trusted."""

import re
import sys
import threading
import warnings
from collections.abc import Sequence

from synth_pipeline.authoring.author import REPLY_FILE, Draft, GeneratorSession, MachineList
from synth_pipeline.authoring.meter import UNMETERED, Meter
from synth_pipeline.authoring.model.client import ModelClient
from synth_pipeline.authoring.model.conversation import Answer, Conversation
from synth_pipeline.authoring.model.mending import mend_prompt
from synth_pipeline.authoring.model.metered import MeteredClient
from synth_pipeline.authoring.model.prompts import Prompts
from synth_pipeline.authoring.model.replies.code import join_parts, parse_code, parse_errors
from synth_pipeline.authoring.model.replies.names import parse_machine_names
from synth_pipeline.domain.errors import ReplyError, SynthError
from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import Machine, MachineIdea
from synth_pipeline.domain.provenance import sha256_of
from synth_pipeline.domain.usage import Usage


class ModelAuthor:
    """Lists machines and writes generators through a model of any provider.

    Nothing is connected before the first call or `check()`. Sessions may run in parallel, with as
    many calls at a time as there are `places`; without them there is no limit.
    """

    is_trusted = False

    def __init__(
        self, client: ModelClient, prompts: Prompts, places: threading.Semaphore | None = None
    ) -> None:
        self._client = client
        self._prompts = prompts
        self._places = places or threading.Semaphore(sys.maxsize)
        # A model's `is 0` or "\d" is no matter for the user's terminal. Once, and here: what
        # suppresses warnings for a while is not safe in threads.
        warnings.filterwarnings("ignore", module=re.escape(REPLY_FILE))

    @property
    def name(self) -> str:
        """The provider's name."""
        return self._client.name

    def version_of(self, machine: Machine) -> str:  # noqa: ARG002 - the same for all
        """Model and prompt version: accepted code is reused until one of them changes.

        A changed `signal_kit` is not part of it, since accepted code keeps its own copy.
        """
        return f"{self._client.options.model_id} prompt {self._prompts.version}"

    def check(self) -> None:
        """Raise UnavailableError where credentials or region are missing; needs no network."""
        self._client.check()

    def list_machines(
        self,
        industry: str,
        number: int,
        known: Sequence[MachineIdea] = (),
        meter: Meter = UNMETERED,
    ) -> MachineList:
        """Return exactly `number` machines not among `known`, asking again for missing ones.

        Raises ReplyError where the model does not name enough within the calls allowed.
        """
        conversation, options = Conversation(self._metered(meter)), self._client.options
        known_names = [idea.name for idea in known]
        names: list[str] = []
        usage, problem = Usage(), ""
        question = self._prompts.list_machines(industry, number, known_names)
        for _ in range(options.list_calls):
            try:
                answer = conversation.ask(question)
            except SynthError as error:
                error.usage += usage
                raise
            usage += answer.usage
            missing = number - len(names)
            new, problem = _read_names(answer, missing, [*known_names, *names])
            names += new
            if len(names) == number:
                ideas = tuple(MachineIdea(name=name) for name in names)
                return MachineList(ideas, usage, _notes(usage))
            present = [*known_names, *names]
            question = self._prompts.more_machines(industry, number - len(names), present, problem)
        shortage = ReplyError(
            f"model {options.model_id!r} named {len(names)} of {number} new machines of "
            f"{industry!r} in {options.list_calls} calls{problem and f'; last: {problem}'}; "
            "ask for fewer, or name the industry in wider terms"
        )
        shortage.usage = usage
        raise shortage

    def open_session(self, machine: Machine, meter: Meter = UNMETERED) -> GeneratorSession:
        """Start a conversation about one machine's generator; nothing is sent yet."""
        return ModelSession(self._metered(meter), self._prompts, machine)

    def _metered(self, meter: Meter) -> ModelClient:
        return MeteredClient(self._client, self._places, meter)


class ModelSession:
    """One conversation about one generator, from the first attempt through every mending."""

    def __init__(self, client: ModelClient, prompts: Prompts, machine: Machine) -> None:
        self._longest = client.options.conversation_length
        self._prompts = prompts
        self._question = prompts.write_generator(machine)
        self._conversation = Conversation(client, join_parts)
        self._code: str | None = None

    def write(self) -> Draft:
        """Ask for the generator. Raises AuthorError or UnavailableError where the call fails."""
        return self._draft(self._question.text, len(self._question.shared))

    def mend(self, findings: Sequence[Finding]) -> Draft:
        """Ask for another version, told what was found in the last one."""
        advice = self._prompts.advice(findings)
        question = mend_prompt(findings, advice, had_code=self._code is not None)
        if self._conversation.length + len(question) > self._longest:
            last = f"```python\n{self._code}```\n" if self._code else ""
            self._conversation.restart(self._question.text, last)
        return self._draft(question)

    def _draft(self, question: str, shared: int = 0) -> Draft:
        answer = self._conversation.ask(question, shared)
        code, problem = _read_code(answer)
        self._code = code
        return Draft(
            code=code,
            problem=problem,
            reported_errors=parse_errors(answer.text),
            usage=answer.usage,
            raw_reply=answer.text,
            prompt_sha256=sha256_of(self._question.text),
        )


def _read_code(answer: Answer) -> tuple[str | None, str | None]:
    """Return the program, or None and why there is none."""
    if answer.is_blocked:
        return None, answer.problem
    try:
        return parse_code(answer.text).code, None
    except ReplyError as error:
        return None, f"{answer.problem}; {error}" if answer.problem else str(error)


def _read_names(answer: Answer, limit: int, present: Sequence[str]) -> tuple[list[str], str]:
    """Return new names, and what was wrong with a reply that holds no list.

    Half a list, and whatever a refusal holds, is none.
    """
    if answer.problem:
        return [], answer.problem
    try:
        return list(parse_machine_names(answer.text, limit, present)), ""
    except ReplyError as error:
        return [], str(error)


def _notes(usage: Usage) -> tuple[str, ...]:
    if usage.calls == 1:
        return ()
    return (f"the model was asked {usage.calls} times until the list was complete",)
