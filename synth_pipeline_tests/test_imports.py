"""What importing may do, and that every room says what belongs in it.

Which way imports point is in `pyproject.toml` (import-linter) and checked by `make check`; here it
is shown that those contracts would notice.
"""

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import synth_pipeline

ROOT = Path(synth_pipeline.__file__).parent
MODULES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py"))
INTERNALS = "defs/dagster_internals.py"


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """Dotted names of everything a module imports, also inside its functions."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def test_there_are_modules_to_look_at() -> None:
    assert {"cli/main.py", "domain/request.py", "readings/rules.py", "stores/s3.py"} <= set(MODULES)


BREACHES = {
    "a floor below imports from one above": ("domain/text.py", "synth_pipeline.making.cron"),
    "rooms side by side": ("stores/local.py", "synth_pipeline.registries.clock"),
    "a store knows another": ("stores/local.py", "synth_pipeline.stores.s3"),
    "a provider knows another author": (
        "authoring/bedrock/client.py", "synth_pipeline.authoring.catalog.spec",
    ),
    "Dagster below the definitions": ("making/listing.py", "dagster"),
    "boto3 outside the parts that speak to AWS": ("making/listing.py", "boto3"),
    "the kit in shared code": ("making/listing.py", "synth_pipeline.signal_kit"),
    "a module without a place": ("helpers.py", "synth_pipeline.domain.text"),
}  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES.values(), ids=BREACHES)
def test_the_order_of_the_rooms_notices(tmp_path: Path, breach: tuple[str, str]) -> None:
    """`lint-imports` on a copy in which one module imports what it must not."""
    module, imported = breach
    shutil.copytree(ROOT, tmp_path / "synth_pipeline", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT.parent / "pyproject.toml", tmp_path)
    with (tmp_path / "synth_pipeline" / module).open("a", encoding="utf-8") as file:
        file.write(f"import {imported}\n")

    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert result.returncode == 1, result.stdout
    assert "broken" in result.stdout


@pytest.mark.parametrize("module", [m for m in MODULES if m != INTERNALS])
def test_private_names_of_dagster_are_imported_in_one_place(module: str) -> None:
    assert [n for n in imports(module) if re.match(r"dagster(_\w+)?\._", n)] == []


def test_what_is_imported_from_there_is_really_private() -> None:
    import dagster  # noqa: PLC0415

    names = {name.rpartition(".")[2] for name in imports(INTERNALS)}

    assert names
    assert {name for name in names if hasattr(dagster, name)} == set()


def test_the_signal_kit_imports_nothing_of_the_project() -> None:
    packages = {name.partition(".")[0] for name in imports("signal_kit.py")}

    assert packages <= sys.stdlib_module_names | {"numpy", "pyarrow"}


def test_the_domain_imports_the_standard_library_and_itself() -> None:
    found = {n.partition(".")[0] for m in MODULES if m.startswith("domain/") for n in imports(m)}

    assert found <= sys.stdlib_module_names | {"synth_pipeline"}


INITS = [module for module in MODULES if module.endswith("__init__.py")]


@pytest.mark.parametrize("module", INITS)
def test_an_init_module_holds_a_docstring_only(module: str) -> None:
    assert len(tree(module).body) == 1
    assert ast.get_docstring(tree(module))


@pytest.mark.parametrize("folder", [p.name for p in sorted(ROOT.iterdir()) if p.is_dir()])
def test_every_folder_says_what_belongs_there_and_what_does_not(folder: str) -> None:
    if folder == "__pycache__":
        pytest.skip("made by Python")

    about = ast.get_docstring(tree(f"{folder}/__init__.py")) or ""

    assert len(about.split("\n\n")) == 2, "a sentence on what belongs, one on what does not"


def module_level(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that runs when a module is imported: not what is inside functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for default in [*child.decorator_list, *child.args.defaults, *child.args.kw_defaults]:
                if default is not None:
                    yield from (default, *module_level(default))
        elif isinstance(child, ast.Lambda) or is_guard(child):
            continue
        else:
            yield child
            yield from module_level(child)


def is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


SIDE_EFFECTS = {
    "open", "print", "input", "exec", "eval", "os.getenv", "os.chdir", "os.mkdir", "os.makedirs",
    "os.getcwd", "Path.cwd", "Path.home", "time.time", "time.monotonic", "dt.datetime.now",
    "datetime.now", "boto3.client", "boto3.resource", "boto3.Session", "subprocess.run",
    "subprocess.Popen", "random.seed", "np.random.seed", "logging.basicConfig",
    "warnings.filterwarnings", "tempfile.mkdtemp", "signal.signal",
}  # fmt: skip
READERS = {"read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "touch", "unlink"}


@pytest.mark.parametrize("module", MODULES)
def test_importing_a_module_reads_no_environment_and_touches_no_file(module: str) -> None:
    found = []
    for node in module_level(tree(module)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "sys.argv"):
            found.append(ast.unparse(node))
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in SIDE_EFFECTS or name.rpartition(".")[2] in READERS:
                found.append(name)

    assert found == []


def loaded(statement: str, *names: str) -> set[str]:
    """Which of the packages a fresh interpreter has loaded after the statement."""
    program = f"import sys; {statement}; print(*({set(names)!r} & sys.modules.keys()))"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def test_the_command_line_starts_without_dagster_boto3_and_pandas() -> None:
    heavy = ("dagster", "boto3", "botocore", "pandas", "matplotlib")

    assert loaded("import synth_pipeline.cli.main", *heavy) == set()


def test_the_services_load_aws_only_where_it_is_asked_for() -> None:
    assert loaded("import synth_pipeline.services", "boto3", "botocore", "dagster") == set()


def test_the_intake_loads_neither_pyarrow_nor_dagster() -> None:
    heavy = ("pyarrow", "numpy", "pandas", "dagster", "click", "rich")

    assert loaded("import synth_pipeline.intake", *heavy) == set()


def test_importing_leaves_the_environment_and_the_folder_alone(tmp_path: Path) -> None:
    program = (
        "import os, pathlib; before = dict(os.environ);"
        "import synth_pipeline.cli.main, synth_pipeline.definitions;"
        "assert dict(os.environ) == before, set(os.environ) ^ set(before);"
        "assert not list(pathlib.Path().iterdir())"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")


NOT_IMPORTED = {"dagster-webserver"}  # the UI of `make dev`


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    with (ROOT.parent / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    declared = {re.split(r"[^\w.-]", each)[0].lower() for each in project["dependencies"]}
    optional = {
        re.split(r"[^\w.-]", each)[0] for each in project["optional-dependencies"]["sandlock"]
    }
    own = sys.stdlib_module_names | {"synth_pipeline", "signal_kit"}
    found = {name.partition(".")[0] for module in MODULES for name in imports(module)} - own
    distributions = importlib.metadata.packages_distributions()

    imported = {distributions[name][0].lower() for name in found} - optional

    assert imported - declared == set()
    assert declared - imported == NOT_IMPORTED
