"""Formulas of the knowledge files: which words they may hold, and how they read as code."""

import ast
from functools import cache

FUNCTIONS = {
    "lag": "kit.lag",
    "sqrt": "np.sqrt",
    "exp": "np.exp",
    "maximum": "np.maximum",
    "minimum": "np.minimum",
}
WEAR = "wear"
_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Constant,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub,
)  # fmt: skip


@cache
def names_in(formula: str) -> frozenset[str]:
    """Return the signals (and `wear`) that a formula reads.

    Raises ValueError for anything but arithmetic, numbers, names and the FUNCTIONS.
    """
    try:
        tree = ast.parse(formula, mode="eval")
    except SyntaxError as error:
        raise ValueError(f"formula {formula!r} is not an expression: {error.msg}") from error
    functions = set()
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ValueError(f"formula {formula!r}: {type(node).__name__} is not allowed")
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
                raise ValueError(f"formula {formula!r}: expected only calls of {list(FUNCTIONS)}")
            functions.add(id(node.func))
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return frozenset(node.id for node in names if id(node) not in functions)


@cache
def terms_of(formula: str) -> tuple[str, ...]:
    """Return the formula as code inside the machine's class: the terms of a sum, with signs.

    Cached, and asked for when the knowledge is loaded: on CPython 3.11 `ast.parse` must not
    run in several threads at a time (python/cpython issue 106905).
    """
    node: ast.expr = _Rename().visit(ast.parse(formula, mode="eval")).body
    terms = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        sign = "+" if isinstance(node.op, ast.Add) else "-"
        text = ast.unparse(node.right)
        is_sum = isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Add | ast.Sub)
        terms.append(f"{sign} ({text})" if is_sum else f"{sign} {text}")
        node = node.left
    return (ast.unparse(node), *reversed(terms))


class _Rename(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(FUNCTIONS.get(node.id, f"self.{node.id}"), node.ctx)
