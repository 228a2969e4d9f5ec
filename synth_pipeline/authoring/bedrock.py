"""The author that asks a model on Amazon Bedrock; its code is never trusted."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import synth_pipeline
from synth_pipeline.authoring.author import Draft, GeneratorSession, MachineList
from synth_pipeline.authoring.bedrock_client import BedrockClient, BedrockOptions
from synth_pipeline.authoring.bedrock_conversation import Answer, Conversation
from synth_pipeline.authoring.prompt import (
    MachineBrief,
    code_prompt,
    list_prompt,
    more_names_prompt,
)
from synth_pipeline.authoring.prompt_interface import describe_interface
from synth_pipeline.authoring.prompt_mend import mend_prompt
from synth_pipeline.authoring.prompt_texts import PROMPT_VERSION
from synth_pipeline.authoring.reply_code import REPLY_FILE, join_parts, parse_code, parse_errors
from synth_pipeline.authoring.reply_names import parse_machine_names
from synth_pipeline.domain.errors import ReplyError, SynthError
from synth_pipeline.domain.machine import Machine, MachineIdea
from synth_pipeline.domain.provenance import sha256_of
from synth_pipeline.domain.usage import Usage

DEFAULT_TIME_LIMIT_S = 120.0


class BedrockAuthor:
    """Lists machines and writes generators through Bedrock's Converse API.

    Nothing is connected before the first call or `check()`. Sessions may run in parallel.
    """

    name = "bedrock"
    is_trusted = False

    def __init__(
        self,
        options: BedrockOptions,
        *,
        time_limit_s: float = DEFAULT_TIME_LIMIT_S,
        kit_source: str | None = None,
    ) -> None:
        """`kit_source` is the text of `signal_kit`, by default this package's; '' offers none."""
        self._options = options
        self._client = BedrockClient(self._options)
        self._time_limit_s = time_limit_s
        # Once, and here: parsing is not safe in threads, see `describe_interface`.
        source = read_kit_source() if kit_source is None else kit_source
        self._kit_interface = describe_interface(source)
        # A model's `is 0` or "\d" is no matter for the user's terminal. Once, and here: what
        # suppresses warnings for a while is not safe in threads either.
        warnings.filterwarnings("ignore", module=re.escape(REPLY_FILE))

    @property
    def version(self) -> str:
        """Model and prompt version: accepted code is reused until one of them changes.

        A changed `signal_kit` is not part of it, since accepted code keeps its own copy.
        """
        return f"{self._options.model_id} prompt {PROMPT_VERSION}"

    def check(self) -> None:
        """Raise UnavailableError where credentials or region are missing; needs no network."""
        self._client.check()

    def list_machines(
        self, industry: str, number: int, known: Sequence[MachineIdea] = ()
    ) -> MachineList:
        """Return exactly `number` machines not among `known`, asking again for missing ones.

        Raises ReplyError where the model does not name enough within the calls allowed.
        """
        conversation = Conversation(self._client, self._options)
        known_names = [idea.name for idea in known]
        names: list[str] = []
        usage, problem = Usage(), ""
        question = list_prompt(industry, number, known_names)
        for _ in range(self._options.list_calls):
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
            question = more_names_prompt(industry, number - len(names), present, problem)
        shortage = ReplyError(
            f"model {self._options.model_id!r} named {len(names)} of {number} new machines of "
            f"{industry!r} in {self._options.list_calls} calls{problem and f'; last: {problem}'}; "
            "ask for fewer, or name the industry in wider terms"
        )
        shortage.usage = usage
        raise shortage

    def open_session(self, machine: Machine) -> GeneratorSession:
        """Start a conversation about one machine's generator; nothing is sent yet."""
        brief = MachineBrief(machine.name, machine.industry, machine.description)
        prompt = code_prompt(
            brief,
            kit_interface=self._kit_interface,
            time_limit_s=self._time_limit_s,
        )
        return BedrockSession(self._client, self._options, prompt)


class BedrockSession:
    """One conversation about one generator, from the first attempt through every mending."""

    def __init__(self, client: BedrockClient, options: BedrockOptions, prompt: str) -> None:
        self._options = options
        self._prompt = prompt
        self._conversation = Conversation(client, options, join_parts)
        self._code: str | None = None

    def write(self) -> Draft:
        """Ask for the generator. Raises AuthorError or UnavailableError where the call fails."""
        return self._draft(self._prompt)

    def mend(self, reasons: Sequence[str]) -> Draft:
        """Ask for another version, told what was found in the last one."""
        question = mend_prompt(reasons, had_code=self._code is not None)
        if self._conversation.length + len(question) > self._options.max_conversation_length:
            last = f"```python\n{self._code}```\n" if self._code else ""
            self._conversation.restart(self._prompt, last)
        return self._draft(question)

    def _draft(self, question: str) -> Draft:
        answer = self._conversation.ask(question)
        code, problem = _read_code(answer)
        self._code = code
        return Draft(
            code=code,
            problem=problem,
            reported_errors=parse_errors(answer.text),
            usage=answer.usage,
            raw_reply=answer.text,
            prompt_sha256=sha256_of(self._prompt),
        )


def read_kit_source() -> str:
    """Return the text of this package's `signal_kit`."""
    return Path(synth_pipeline.__file__).with_name("signal_kit.py").read_text(encoding="utf-8")


def _read_code(answer: Answer) -> tuple[str | None, str | None]:
    """Return the program, or None and why there is none."""
    try:
        return parse_code(answer.text).code, None
    except ReplyError as error:
        return None, f"{answer.problem}; {error}" if answer.problem else str(error)


def _read_names(answer: Answer, limit: int, present: Sequence[str]) -> tuple[list[str], str]:
    """Return new names, and what was wrong with a reply that holds no list."""
    try:
        return list(parse_machine_names(answer.text, limit, present)), ""
    except ReplyError as error:
        return [], f"{answer.problem}; {error}" if answer.problem else str(error)


def _notes(usage: Usage) -> tuple[str, ...]:
    if usage.calls == 1:
        return ()
    return (f"the model was asked {usage.calls} times until the list was complete",)
