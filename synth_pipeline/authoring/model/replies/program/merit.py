"""What makes a text the program that was asked for; nothing is executed, nothing is searched."""

import builtins
import functools
import html
import re
import symtable
import textwrap
from enum import IntEnum

from synth_pipeline.authoring.author import REPLY_FILE

MAX_CODE_LENGTH = 120_000  # compiling an f-string takes time quadratic in its length
_INVALID = (SyntaxError, ValueError, RecursionError, MemoryError)
_KNOWN_NAMES = frozenset(dir(builtins)) | {"__file__", "__builtins__", "__annotations__"}

_IMPORT = re.compile(r"^(?:import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b)", re.MULTILINE)
_ENTRY = re.compile(r"^(?:async )?def main\b", re.MULTILINE)
_RUN = re.compile(r"^(?:if __name__\b|(?:(?:raise )?[\w.]+\()?main\()", re.MULTILINE)
_WRITE = re.compile(
    r"\bto_(?:parquet|csv|feather|pickle|hdf|json)\(|\bParquetWriter\(|\bcsv\.(?:Dict)?[wW]riter\("
    r"|(?<!stdout\.)(?<!stderr\.)\b_?write\w*\(|\b_?(?:save|export|dump)\w*\("
    r"|\bopen\([^()\n]{1,200}[\"'][wxa]b?\+?[\"']"
)
_WRITE_DATASET = re.compile(r"\bto_parquet\(|\bParquetWriter\(|\bwrite_(?:table|dataset)\(")
_READ = re.compile(
    r"\b(?:read|scan)_(?:parquet|table|csv|feather|schema|metadata)\(|\bParquet(?:File|Dataset)\("
    r"|\bcsv\.(?:Dict)?[rR]eader\(|^def test_"
    r"|^[ \t]*(?:import|from)[ \t][^\n]*\b(?:duckdb|unittest|pytest)\b",
    re.MULTILINE,
)
_RUN_VALUES = re.compile(r"\bSYNTH_(?:YEAR|SEED|ANOMALIES)\b")
_OTHER_PROCESS = re.compile(
    r"^[ \t]*(?:import|from)[ \t][^\n]*\b(?:subprocess|runpy|main)\b", re.MULTILINE
)
_LEFT_OUT = re.compile(
    r"#[ \t]*(?:\.{3}|…)|#[^\n]{0,100}\b(?:unchanged|same as (?:before|above)|existing code"
    r"|for brevity|rest of the (?:code|program|script|file|class))\b",
    re.IGNORECASE,
)
_ACTION = re.compile(r"^(?:[a-z_]\w*(?:\.\w+)*\(|(?:with|for) )", re.MULTILINE)
_SPACES = {0x00A0: " ", 0x00AD: None, 0x200B: None, 0x200C: None, 0x200D: None, 0x2060: None}
_TITLE = re.compile(r"\A\s*(?:python3?|py|[\w/.-]+\.py)[ \t]*\n", re.IGNORECASE)


class Merit(IntEnum):
    """How much a text is like the program that writes the dataset."""

    NONE = 0
    DOUBTFUL = 1  # a part, or it reads data as well as it writes some
    RUNNABLE = 2  # an entry point, and no sign of what it does
    SCRIPT = 3  # acts and writes, without an entry point
    GENERATOR = 4


@functools.lru_cache(maxsize=32)
def merit(text: str) -> Merit:
    """Judge a text that may be a program, may be broken, and may be something else."""
    if len(text) > MAX_CODE_LENGTH or not _IMPORT.search(text) or only_checks(text):
        return Merit.NONE
    runs, writes = bool(_RUN.search(text)), bool(_WRITE.search(text))
    if not (runs or writes or _ENTRY.search(text)):
        return Merit.NONE
    is_doubtful = is_part(text) or (_READ.search(text) and not _RUN_VALUES.search(text))
    is_script = writes and compiles(text) and bool(_ACTION.search(text))
    if is_doubtful or not (runs or is_script):
        return Merit.DOUBTFUL
    if not runs:
        return Merit.SCRIPT
    return Merit.GENERATOR if writes else Merit.RUNNABLE


def only_checks(text: str) -> bool:
    """True for a script that reads the dataset or runs the program, and makes no data."""
    reads, runs = bool(_READ.search(text)), bool(_OTHER_PROCESS.search(text))
    if reads:
        return runs or not _WRITE_DATASET.search(text)
    return runs and not (_WRITE.search(text) and _RUN_VALUES.search(text))


def is_part(text: str) -> bool:
    """True where a program leaves something out: in words, or names that it never defines."""
    return bool(_LEFT_OUT.search(text) or undefined_names(text))


def undefined_names(text: str) -> frozenset[str]:
    """Return global names that valid code uses but neither defines nor imports.

    Empty for broken code, of which nobody knows, and where `import *` hides what is defined.
    """
    if not compiles(text) or re.search(r"^from .* import \*", text, re.MULTILINE):
        return frozenset()
    try:
        tables = [symtable.symtable(text, REPLY_FILE, "exec")]
        for table in tables:  # grows while it is walked
            tables += table.get_children()
    except _INVALID:
        return frozenset()
    used: set[str] = set()
    defined: set[str] = set(_KNOWN_NAMES)
    for table in tables:
        for symbol in table.get_symbols():
            if table.get_type() != "module" and not symbol.is_global():
                continue
            is_bound = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
            (defined if is_bound else used).add(symbol.get_name())
    return frozenset(name for name in used - defined if not name.startswith("__"))


def flush(text: str) -> str:
    """Return a block's text as code: without a title line, and indentation all of it shares.

    Invisible characters, odd spaces and HTML entities are given up where that makes it code.
    """
    text = _TITLE.sub("", text)
    plain = textwrap.dedent(text.translate(_SPACES))
    for form in (text, textwrap.dedent(text), plain, html.unescape(plain)):
        if compiles(form):
            return form
    return text


@functools.lru_cache(maxsize=32)
def compiles(text: str) -> bool:
    """True for valid Python; nothing is executed.

    Sessions run in threads, where `ast.parse` of CPython 3.11 fails at random with SystemError
    (python/cpython issue 106905); compiling builds no syntax tree of Python objects.
    """
    if len(text) > MAX_CODE_LENGTH:
        return False
    try:
        compile(text, REPLY_FILE, "exec", dont_inherit=True)
    except _INVALID:
        return False
    return True
