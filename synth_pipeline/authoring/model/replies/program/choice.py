"""Which text of a reply is the program that was asked for."""

from collections.abc import Sequence

from synth_pipeline.authoring.model.replies.page.markdown import Block, Page
from synth_pipeline.authoring.model.replies.program.merit import (
    Merit,
    compiles,
    flush,
    merit,
    only_checks,
)
from synth_pipeline.authoring.model.replies.program.unfenced import find_in_json, find_programs

_MAX_BLOCKS = 100  # the last ones; each is compiled
_MAX_PARTS = 8
_NO_PROGRAM = frozenset({
    "bash", "sh", "shell", "zsh", "console", "powershell", "cmd", "diff", "patch", "makefile",
    "json", "jsonc", "jsonl", "yaml", "yml", "toml", "ini", "csv", "tsv", "xml", "html", "css",
    "js", "javascript", "typescript", "sql", "dockerfile", "requirements.txt",
})  # fmt: skip


def may_be_program(language: str) -> bool:
    """True where a block of this language may hold Python: models name them as they like."""
    return language not in _NO_PROGRAM


def choose_program(page: Page) -> str | None:
    """Return the last of the texts that are most like the program, None where none is.

    A program whose parts stand in several blocks is put together where no part is one alone.
    Text without fences counts below the last block, and everywhere where the blocks hold nothing
    better than a part.
    """
    blocks = [block for block in page.blocks if may_be_program(block.language)][-_MAX_BLOCKS:]
    best = _best([_text(block) for block in blocks])
    if best:
        best = _best([best, *find_programs(_below_blocks(page))])
    if best is None or merit(best) < Merit.GENERATOR or not compiles(best):
        best = _joined(blocks, best) or best
    if best is None or merit(best) <= Merit.DOUBTFUL:
        best = _best([best or "", *find_programs(page.text), *find_in_json(page.text)])
    return best


def _below_blocks(page: Page) -> str:
    return "\n".join(page.text.split("\n")[page.blocks[-1].last_line + 1 :])


def _best(texts: Sequence[str]) -> str | None:
    """Return the last of the texts of the highest merit."""
    rated = max(((merit(text), n) for n, text in enumerate(texts)), default=(Merit.NONE, 0))
    return texts[rated[1]] if rated[0] > Merit.NONE else None


def _text(block: Block) -> str:
    """Return a block as code; of prose and code, and of an open block, the program that is whole.

    An open block whose program has no end is cut off and gives ''.
    """
    text = flush(block.text)
    if block.is_closed and compiles(text):
        return text
    programs = [each for each in find_programs(text) if merit(each) > Merit.DOUBTFUL]
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
