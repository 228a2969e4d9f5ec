"""Formulas of the knowledge files: which words they may hold, and how they read as code."""

import ast
import textwrap
from collections.abc import Mapping
from functools import cache
from typing import TypeVar

from synth_pipeline.authoring.catalog.words import quoted

# Of the simulation; those of NAMED are told whose part they are, as random parts need a name.
NAMED = {"noise": "sim.noise", "wander": "sim.wander", "demand": "sim.demand"}
SPREADS = {"per_lot": "lot", "per_run": "run"}
CALLS = {
    "lag": "sim.lag", "outdoor": "sim.outdoor", "humidity": "sim.humidity",
    "wet_bulb": "sim.wet_bulb", "wind": "sim.wind", "sunshine": "sim.sunshine",
    "during": "plan.where", "elapsed": "plan.elapsed", "progress": "plan.progress",
    **{name: f"np.{name}" for name in ("sqrt", "exp", "log", "sin", "cos", "maximum", "minimum",
                                       "clip", "where", "abs")},
}  # fmt: skip
FUNCTIONS = (*CALLS, *NAMED, *SPREADS)
WORDS = {"wear": "plan.wear", "age": "sim.age", "setpoint": "setpoint"}
_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Constant, ast.Compare,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.Lt, ast.Gt, ast.LtE, ast.GtE,
    ast.keyword, ast.Tuple,
)  # fmt: skip
_WIDTH = 88
Node = TypeVar("Node", bound=ast.AST)


@cache
def names_in(formula: str) -> frozenset[str]:
    """Return what a formula reads: quantities, coefficients, causes, `wear`, `age`, `setpoint`.

    Raises ValueError for anything but arithmetic, numbers, names and the FUNCTIONS.
    """
    tree = _tree(formula)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return frozenset(node.id for node in names if id(node) not in functions)


def longest_lag(formula: str) -> float:
    """Return the largest time constant of a lag in minutes, 0 where there is none."""
    taus = [
        node.args[1].value
        for node in ast.walk(_tree(formula))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "lag"
        and len(node.args) == 2
        and isinstance(node.args[1], ast.Constant)
    ]
    return max((float(tau) for tau in taus), default=0.0)  # type: ignore[arg-type]


@cache
def modes_in(formula: str) -> frozenset[str]:
    """Return the modes that `during` asks for."""
    return frozenset(
        argument.value
        for node in ast.walk(_tree(formula))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"during", "elapsed", "progress"}
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )


def code_of(formula: str, owner: str, causes: Mapping[str, str]) -> str:
    """Return the formula as code inside the machine's class, in lines of some length.

    `owner` is the quantity it gives; `causes` gives each cause's name in formulas that of its
    component.
    """
    tree: ast.expr = _Rename(owner, causes).visit(_copy(_tree(formula).body))
    return "\n".join(_lines(tree))


@cache
def _tree(formula: str) -> ast.Expression:
    """The parsed formula, checked.

    Cached, and asked for when the knowledge is loaded: on CPython 3.11 `ast.parse` must not
    run in several threads at a time (python/cpython issue 106905).
    """
    try:
        tree = ast.parse(" ".join(formula.split()), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"formula {formula!r} is not an expression: {error.msg}") from error
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ValueError(f"formula {formula!r}: {type(node).__name__} is not allowed")
        if isinstance(node, ast.BinOp | ast.Compare) and any(
            isinstance(each, ast.Constant) and isinstance(each.value, str)
            for each in ast.iter_child_nodes(node)
        ):
            raise ValueError(f"formula {formula!r}: a text is not a number")
        if isinstance(node, ast.Call) and (
            not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS
        ):
            raise ValueError(f"formula {formula!r}: expected only calls of {list(FUNCTIONS)}")
    return tree


def _copy(source: Node) -> Node:
    """A copy of a tree, that can be changed, without parsing it again."""
    fields: dict[str, object] = {}
    for name, value in ast.iter_fields(source):
        if isinstance(value, ast.AST):
            fields[name] = _copy(value)
        elif isinstance(value, list):
            fields[name] = [_copy(each) if isinstance(each, ast.AST) else each for each in value]
        else:
            fields[name] = value
    return type(source)(**fields)


class _Rename(ast.NodeTransformer):
    def __init__(self, owner: str, causes: Mapping[str, str]) -> None:
        self._owner, self._causes = owner, causes
        self._parts = 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        assert isinstance(node.func, ast.Name)  # noqa: S101  # as `_tree` has seen
        function = node.func.id
        arguments = [self.visit(each) for each in node.args]
        keywords = [ast.keyword(each.arg, self.visit(each.value)) for each in node.keywords]
        if function in SPREADS:
            keywords = [ast.keyword(SPREADS[function], arguments[0])]
            arguments, called = [self._part()], "plan.spread"
        elif function in NAMED:
            arguments, called = [self._part(), *arguments], NAMED[function]
        else:
            called = CALLS[function]
        return ast.Call(ast.Name(called), arguments, keywords)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._causes:
            return ast.Call(ast.Name("plan.cause"), [ast.Name(quoted(self._causes[node.id]))], [])
        return ast.Name(WORDS.get(node.id, f"self.{node.id}"))

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Name(quoted(node.value)) if isinstance(node.value, str) else node

    def _part(self) -> ast.Name:
        self._parts += 1
        number = f" {self._parts}" if self._parts > 1 else ""
        return ast.Name(quoted(f"{self._owner}{number}"))


_SUM, _PRODUCT = (ast.Add, ast.Sub), (ast.Mult, ast.Div)
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def _lines(node: ast.expr, lead: str = "") -> list[str]:
    """The code of an expression: a long sum, product or call has a line for each part."""
    text = lead + ast.unparse(node)
    if len(text) <= _WIDTH:
        return [text]
    for kind in (_SUM, _PRODUCT):
        if isinstance(node, ast.BinOp) and isinstance(node.op, kind):
            parts = _parts(node, kind)
            return [line for sign, part in parts for line in _part(part, kind, sign, lead)]
    if isinstance(node, ast.Call):
        return _argument_lines(node, lead)
    return [text]


def _part(node: ast.expr, kind: tuple[type[ast.operator], ...], sign: str, lead: str) -> list[str]:
    """The lines of a part of a sum or product, between brackets where it needs them."""
    lead = f"{sign} " if sign else lead
    operator = node.op if isinstance(node, ast.BinOp) else None
    is_loose = isinstance(node, ast.Compare)
    is_loose |= isinstance(operator, _SUM) and (kind is _PRODUCT or bool(sign))
    is_loose |= isinstance(operator, _PRODUCT) and kind is _PRODUCT and bool(sign)
    if not is_loose:
        return _lines(node, lead)
    text = f"{lead}({ast.unparse(node)})"
    if len(text) <= _WIDTH:
        return [text]
    return [f"{lead}(", *(textwrap.indent(line, "    ") for line in _lines(node)), ")"]


def _argument_lines(node: ast.Call, lead: str) -> list[str]:
    """A call with a line for each argument."""
    lines = [f"{lead}{ast.unparse(node.func)}("]
    arguments = [("", each) for each in node.args]
    arguments += [(f"{each.arg}=", each.value) for each in node.keywords]
    for name, value in arguments:
        inner = _lines(value, name)
        inner[-1] += ","
        lines += [textwrap.indent(line, "    ") for line in inner]
    return [*lines, ")"]


def _parts(node: ast.expr, kind: tuple[type[ast.operator], ...]) -> list[tuple[str, ast.expr]]:
    """The parts of a sum or a product with the signs before them, in order."""
    parts: list[tuple[str, ast.expr]] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, kind):
        parts.append((_SIGNS[type(node.op)], node.right))
        node = node.left
    return [("", node), *reversed(parts)]
