"""Which text of a reply is the program that was asked for."""

import json
from collections.abc import Sequence

from synth_pipeline.authoring.model.replies.markdown import Block, Page
from synth_pipeline.authoring.model.replies.programs import (
    Merit,
    compiles,
    flush,
    merit,
    only_checks,
)
from synth_pipeline.authoring.model.replies.unfenced import find_programs
from synth_pipeline.authoring.model.replies.wording import word_set

_MAX_BLOCKS = 100  # the last ones; each is compiled
_MAX_PARTS = 8
_NO_PROGRAM = word_set(
    "bash sh shell zsh console powershell cmd json jsonc jsonl yaml yml toml ini csv tsv xml "
    "html css js javascript typescript sql diff patch dockerfile makefile requirements.txt"
)


def may_be_program(language: str) -> bool:
    """True where a block of this language may hold Python: models name them as they like."""
    return language not in _NO_PROGRAM


def choose_program(page: Page) -> str | None:
    """Return the last of the texts that are most like the program, None where none is.

    A program whose parts stand in several blocks is put together where no part is one alone.
    Text without fences counts where the blocks hold nothing better than a part.
    """
    blocks = [block for block in page.blocks if may_be_program(block.language)][-_MAX_BLOCKS:]
    best = _best([_text(block) for block in blocks])
    if best is None or merit(best) < Merit.GENERATOR or not compiles(best):
        best = _joined(blocks, best) or best
    if best is None or merit(best) <= Merit.DOUBTFUL:
        best = _best([best or "", *find_programs(page.text), *_in_json(page)])
    return best


def _best(texts: Sequence[str]) -> str | None:
    """Return the last of the texts of the highest merit."""
    rated = max(((merit(text), n) for n, text in enumerate(texts)), default=(Merit.NONE, 0))
    return texts[rated[1]] if rated[0] > Merit.NONE else None


def _in_json(page: Page) -> list[str]:
    """Return the texts of an answer that is a JSON object, in a fence or as a whole."""
    found: list[str] = []
    for text in (page.text, *(block.text for block in page.blocks if block.language == "json")):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue
        fields = value.values() if isinstance(value, dict) else ()
        found += [field for field in fields if isinstance(field, str)]
    return found


def _text(block: Block) -> str:
    """Return a block as code; of prose and code, and of an open block, the program that is whole.

    An open block whose program has no end is cut off and gives ''.
    """
    text = flush(block.text)
    if block.is_closed and compiles(text):
        return text
    programs = find_programs(text)
    return programs[-1] if programs else text if block.is_closed else ""


def _joined(blocks: Sequence[Block], best: str | None) -> str | None:
    """Return the last blocks that make a program only together, if that is better than `best`."""
    closed = [block.text for block in blocks if block.is_closed]
    texts = [text for text in closed if not only_checks(text)][-_MAX_PARTS:]
    threshold = merit(best) if best and compiles(best) else Merit.DOUBTFUL
    for end in range(len(texts), 1, -1):
        for start in range(end - 2, -1, -1):
            if _stands_alone(texts[start]) or _stands_alone(texts[end - 1]):
                break
            text = "\n".join(texts[start:end])
            if compiles(text) and merit(text) > threshold:
                return text
    return None


def _stands_alone(text: str) -> bool:
    return compiles(text) and merit(text) in {Merit.RUNNABLE, Merit.GENERATOR}
