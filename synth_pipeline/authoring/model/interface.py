"""The public interface of a module, read from its source and never imported."""

import ast
import textwrap

_MAX_DOCSTRING_LENGTH = 2500
_MAX_LITERAL_LENGTH = 400

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def describe_interface(source: str) -> str:
    """Return signatures and docstrings of all public names of a module.

    The result is itself valid Python, in the style of a stub file. A source that does not
    parse gives an empty text. Not for several threads at a time: `ast.parse` of CPython 3.11
    keeps one recursion counter for all (python/cpython issue 106905).
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ""
    exported = _exported(tree)
    entries = [_docstring(tree, "")] if ast.get_docstring(tree) else []
    for node in tree.body:
        entries += _describe(node, exported)
    return "\n\n".join(entry for entry in entries if entry)


def _describe(node: ast.stmt, exported: frozenset[str]) -> list[str]:
    if isinstance(node, _Function) and _is_public(node.name, exported):
        return [_describe_function(node, "")]
    if isinstance(node, ast.ClassDef) and _is_public(node.name, exported):
        return [_describe_class(node)]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return _describe_constant(node, exported)
    return []


def _describe_function(node: _Function, indent: str) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    decorators = [f"{indent}@{ast.unparse(decorator)}" for decorator in node.decorator_list]
    head = f"{indent}def {node.name}({ast.unparse(node.args)}){returns}:"
    body = _docstring(node, indent + "    ") or f"{indent}    ..."
    return "\n".join([*decorators, head, body])


def _describe_class(node: ast.ClassDef) -> str:
    bases = f"({', '.join(ast.unparse(base) for base in node.bases)})" if node.bases else ""
    decorators = [f"@{ast.unparse(decorator)}" for decorator in node.decorator_list]
    parts = [_docstring(node, "    ")] if ast.get_docstring(node) else []
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and not ast.unparse(item.target).startswith("_"):
            parts.append(f"    {ast.unparse(item)}")
        elif isinstance(item, _Function) and (
            not item.name.startswith("_") or item.name in {"__init__", "__call__"}
        ):
            parts.append(_describe_function(item, "    "))
    return "\n".join([*decorators, f"class {node.name}{bases}:", *(parts or ["    ..."])])


def _describe_constant(node: ast.Assign | ast.AnnAssign, exported: frozenset[str]) -> list[str]:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Name) or not _is_public(target.id, exported):
        return []
    if target.id == "__all__" or not (target.id[0].isupper() or target.id in exported):
        return []  # a constant or the name of a type starts with a capital, a logger does not
    text = ast.unparse(node)
    return [text if len(text) <= _MAX_LITERAL_LENGTH else f"{target.id} = ..."]


def _docstring(node: ast.Module | ast.ClassDef | _Function, indent: str) -> str:
    text = (ast.get_docstring(node) or "").replace("\\", "\\\\").replace('"""', "'''")
    text = text.replace("\x00", "").replace(
        "```", "'''"
    )  # the interface stands inside a fenced block
    if len(text) > _MAX_DOCSTRING_LENGTH:
        text = text[: _MAX_DOCSTRING_LENGTH - 1].rstrip("\\ ") + "…"
    if not text:
        return ""
    ending = "\n" if "\n" in text or text.endswith('"') else ""
    return textwrap.indent(f'"""{text}{ending}"""', indent)


def _is_public(name: str, exported: frozenset[str]) -> bool:
    return name in exported if exported else not name.startswith("_")


def _exported(tree: ast.Module) -> frozenset[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            try:
                return frozenset(ast.literal_eval(node.value))
            except (ValueError, TypeError):
                return frozenset()
    return frozenset()
