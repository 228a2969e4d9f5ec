"""Packs the Lambda intake: `python deploy/intake_zip.py dist/intake.zip`.

Module `synth_pipeline.intake` and what it imports of this package; boto3 is Lambda's own. The
same sources give the same bytes: fixed order, dates and rights, and no compression.
"""

import ast
import importlib.util
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

FUNCTION = "synth_pipeline.intake"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip file can hold
_READABLE = 0o100644 << 16  # Lambda reads the files as another user


def write_zip(path: Path) -> Path:
    """Write all that the function needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, source in sorted(modules_of(FUNCTION).items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = _READABLE
            archive.writestr(entry, source.read_bytes())
    return path


def modules_of(function: str) -> dict[str, Path]:
    """Every file of the package that a module imports, itself included, by its place in the zip."""
    files: dict[str, Path] = {}
    pending = [function]
    while pending:
        found = _file_of(pending.pop())
        if found is not None and found[0] not in files:
            name, source = found
            files[name] = source
            pending += _imports(source)
    return files


def _imports(source: Path) -> Iterator[str]:
    """Dotted names of this package that a file imports, each with the packages around it."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == FUNCTION.partition(".")[0]:
                yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _file_of(module: str) -> tuple[str, Path] | None:
    """Where a module lies, in the zip and here; None for a name within a module."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None:
        return None
    folder = module.replace(".", "/")
    is_package = spec.submodule_search_locations is not None
    return (f"{folder}/__init__.py" if is_package else f"{folder}.py"), Path(spec.origin)


if __name__ == "__main__":
    sys.stdout.write(f"{write_zip(Path(sys.argv[1]))}\n")
