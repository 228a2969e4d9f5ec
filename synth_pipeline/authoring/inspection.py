"""What can be held against a program without running it: syntax, names, imports, style, promises.

The program is read, never imported or executed. Names are found by pyflakes.
"""

import ast
import re
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyflakes.checker import Checker
from pyflakes.messages import UndefinedLocal, UndefinedName

from synth_pipeline.authoring.author import REPLY_FILE
from synth_pipeline.domain.finding import Finding, Topic

MAX_NAMED = 8
KIT = "signal_kit"
# What a program has to read for each of these; a hint where no run has shown it.
_READ = {
    Topic.SEED: ("SYNTH_SEED", "the program never reads SYNTH_SEED"),
    Topic.YEAR: ("SYNTH_YEAR", "the program never reads SYNTH_YEAR"),
    Topic.SWITCH: ("SYNTH_ANOMALIES", "the program never reads SYNTH_ANOMALIES"),
}
_UNREPEATABLE = {
    "time.time", "time.time_ns", "os.urandom", "uuid.uuid4", "uuid.uuid1", "secrets.token_bytes",
    "secrets.randbelow", "random.SystemRandom",
}  # fmt: skip
# What differs from one process, machine or day to another, and not between runs a minute apart.
_OF_SURROUNDINGS = {
    "os.getpid", "os.getppid", "os.cpu_count", "os.process_cpu_count", "os.sched_getaffinity",
    "os.getloadavg", "os.uname", "os.getlogin", "multiprocessing.cpu_count", "platform.node",
    "platform.uname", "platform.platform", "socket.gethostname", "getpass.getuser", "uuid.getnode",
    "threading.get_native_id",
}  # fmt: skip
_OF_THE_DAY = {
    "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today",
    "datetime.datetime.utcnow", "time.localtime", "time.gmtime", "time.ctime", "time.strftime",
    "pandas.Timestamp.now", "pandas.Timestamp.today", "pandas.Timestamp.utcnow",
}  # fmt: skip
_SEEDED_GLOBALLY = ("numpy.random", "random")
_DEFINES_BY_NAME = {"globals", "exec"}
# CPython 3.11 keeps one recursion counter for all threads that parse (issue 106905).
_PARSING = threading.Lock()

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Inspection:
    """Findings that stand, and hints: suspicions that a run confirms or refutes.

    Code with a fatal finding would fail whenever it ran.
    """

    findings: tuple[Finding, ...] = ()
    hints: tuple[Finding, ...] = ()


def inspect_code(code: str, importable: Collection[str]) -> Inspection:
    """Read a program; `importable` names the packages it finds beside the standard library."""
    problem = syntax_problem(code)
    if problem:
        return Inspection((Finding(Topic.SYNTAX, problem),))
    with _PARSING:
        tree = ast.parse(code)
    try:
        findings = (*_name_findings(tree), *_import_findings(tree, importable))
        return Inspection((*findings, *_style_findings(tree)), tuple(_hints(tree)))
    except RecursionError:  # so deeply nested that only the interpreter can judge it
        return Inspection()


def syntax_problem(code: str) -> str | None:
    """Return why the code is no Python program, or None; the code is not executed."""
    try:
        compile(code, REPLY_FILE, "exec", dont_inherit=True)
    except SyntaxError as error:
        place = f" (main.py, line {error.lineno})" if error.lineno else ""
        line = f": `{error.text.strip()[:120]}`" if error.text and error.text.strip() else ""
        return f"the code does not compile: {error.msg}{place}{line}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"the code does not compile: {error or type(error).__name__}"
    return None


def surroundings_read(code: str) -> list[str]:
    """Names of the calls by which a program looks at its process, its machine or the day.

    The day may stand in where the year is asked for and not given.
    """
    try:
        with _PARSING:
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    names = _imported_names(tree)
    found: dict[str, None] = {}
    for body in _bodies(tree):
        asks_year = any(
            isinstance(node, ast.Constant) and node.value == "SYNTH_YEAR" for node in ast.walk(body)
        )
        known = _OF_SURROUNDINGS if asks_year else _OF_SURROUNDINGS | _OF_THE_DAY
        for node in ast.walk(body):
            name = _dotted(node.func, names) if isinstance(node, ast.Call) else ""
            if name in known:
                found.setdefault(f"{name}()")
    return list(found)


def _bodies(tree: ast.Module) -> Iterator[ast.stmt]:
    """Every statement of the module, of a class its own statements one by one."""
    for node in tree.body:
        yield from node.body if isinstance(node, ast.ClassDef) else (node,)


# --- names --------------------------------------------------------------------------------


def _name_findings(tree: ast.Module) -> Iterator[Finding]:
    if any(isinstance(n, ast.Name) and n.id in _DEFINES_BY_NAME for n in ast.walk(tree)):
        return
    lazy = _lazy_annotations(tree)
    unbound: dict[str, int] = {}
    for message in Checker(tree, filename=REPLY_FILE).messages:
        is_unbound = isinstance(message, UndefinedName | UndefinedLocal)
        if is_unbound and (message.lineno, message.col) not in lazy:
            unbound.setdefault(str(message.message_args[0]), message.lineno)
    if unbound:
        named = [f"{name} (line {line})" for name, line in unbound.items()]
        yield Finding(Topic.NAMES, f"names that nothing defines: {_some(named)}")


def _lazy_annotations(tree: ast.Module) -> set[tuple[int, int]]:
    """Places of names that are only looked up where somebody asks for annotations."""
    is_lazy = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )
    places: set[tuple[int, int]] = set()
    for node in ast.walk(tree):
        for annotation in _annotations(node):
            for inner in ast.walk(annotation):
                is_text = isinstance(inner, ast.Constant) and isinstance(inner.value, str)
                if is_text or (is_lazy and isinstance(inner, ast.Name)):
                    places.add((inner.lineno, inner.col_offset))  # type: ignore[attr-defined]
    return places


def _annotations(node: ast.AST) -> Iterator[ast.expr]:
    found: list[ast.expr | None] = []
    if isinstance(node, _Function):
        found = [node.returns]
    elif isinstance(node, ast.arg | ast.AnnAssign):
        found = [node.annotation]
    yield from (annotation for annotation in found if annotation is not None)


# --- imports ------------------------------------------------------------------------------


def _import_findings(tree: ast.Module, importable: Collection[str]) -> Iterator[Finding]:
    missing = [
        name
        for name in _required(tree.body)
        if name not in importable and name not in sys.stdlib_module_names and name != KIT
    ]
    if missing:
        names = _some(list(dict.fromkeys(missing)))
        yield Finding(Topic.IMPORTS, f"modules that are not there: {names}")


def _required(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Top-level packages that a run imports whatever happens: not inside `try` or a function."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


# --- style --------------------------------------------------------------------------------


def _style_findings(tree: ast.Module) -> Iterator[Finding]:
    bare = [] if ast.get_docstring(tree) else ["the module"]
    bare += [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, _Function | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    if bare:
        yield Finding(Topic.STYLE, f"without a docstring: {_some(bare)}", is_fatal=False)
    has_main = any(isinstance(node, _Function) and node.name == "main" for node in tree.body)
    if not has_main or not any(map(_is_guard, tree.body)):
        message = 'there is no `main()` behind `if __name__ == "__main__":`'
        yield Finding(Topic.STYLE, message, is_fatal=False)


def _is_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


# --- promises -----------------------------------------------------------------------------


def _hints(tree: ast.Module) -> Iterator[Finding]:
    texts = " ".join(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    uses_kit = KIT in _required(tree.body)
    for topic, (variable, message) in _READ.items():
        if variable not in texts and not uses_kit:
            yield Finding(topic, message, is_fatal=False)
    calls = sorted(set(_unrepeatable_calls(tree)))
    if calls:
        message = f"other values at every run come from {_some(calls)}"
        yield Finding(Topic.REPEATABLE, message, is_fatal=False)


def _unrepeatable_calls(tree: ast.Module) -> Iterator[str]:
    names = _imported_names(tree)
    called = [
        (_dotted(node.func, names), node) for node in ast.walk(tree) if isinstance(node, ast.Call)
    ]
    seeded = {name.rpartition(".")[0] for name, _ in called if name.endswith(".seed")}
    for name, node in called:
        module, _, function = name.rpartition(".")
        is_unseeded = function in ("default_rng", "Random", "RandomState", "SeedSequence")
        is_global = (
            module in _SEEDED_GLOBALLY
            and module not in seeded
            and re.fullmatch(r"[a-z_]+", function)
            and function not in ("seed", "default_rng")
        )
        is_bare = is_unseeded and not node.args and not node.keywords
        if name in _UNREPEATABLE or is_bare or is_global:
            yield f"{name}()"


def _imported_names(tree: ast.Module) -> Mapping[str, str]:
    """What each imported name stands for, such as `np` for `numpy`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def _dotted(node: ast.expr, names: Mapping[str, str]) -> str:
    """The full name of what is called, empty where it is no plain name of a module."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, names)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(name[:80] for name in names[:MAX_NAMED])
    rest = len(names) - MAX_NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown
