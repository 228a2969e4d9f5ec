"""The direction of imports (docs/decisions.md), read off the source of every module."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

import synth_pipeline

ROOT = Path(synth_pipeline.__file__).parent
MODULES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py"))
STORES_AND_JUDGES = ("authoring", "sandbox", "storage", "quality")
TOP = ("services", "definitions", "defs", "cli", "intake")
AWS_MODULES = (
    "authoring/bedrock*.py",
    "storage/s3*.py",
    "storage/dynamo*.py",
    "storage/aws.py",
    "intake.py",
)
DAGSTER_MODULES = ("defs/*.py", "definitions.py", "cli.py")


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


def packages(module: str) -> set[str]:
    """First parts of the names of what is imported from outside the project."""
    return {name.partition(".")[0] for name in imports(module)} - {"synth_pipeline"}


def parts(module: str) -> set[str]:
    """Folders and top-level modules of the project that a module imports from."""
    names = (name.split(".") for name in imports(module))
    return {name[1] for name in names if name[0] == "synth_pipeline" and len(name) > 1}


def within(folder: str) -> list[str]:
    return [module for module in MODULES if module.startswith(f"{folder}/")]


def test_there_are_modules_to_look_at() -> None:
    assert {"cli.py", "domain/request.py", "quality/rules.py", "storage/s3.py"} <= set(MODULES)


@pytest.mark.parametrize("module", within("domain"))
def test_the_domain_imports_the_standard_library_pyarrow_and_itself(module: str) -> None:
    assert parts(module) <= {"domain"}
    assert packages(module) <= sys.stdlib_module_names | {"pyarrow"}


@pytest.mark.parametrize("folder", STORES_AND_JUDGES)
def test_the_four_middle_folders_import_the_domain_and_themselves(folder: str) -> None:
    stray = {m: parts(m) - {folder, "domain", "signal_kit"} for m in within(folder)}

    assert {module: names for module, names in stray.items() if names} == {}


def test_only_the_catalogue_and_the_prompt_know_the_signal_kit_there() -> None:
    users = {m for f in STORES_AND_JUDGES for m in within(f) if "signal_kit" in parts(m)}

    assert {module.partition("/")[0] for module in users} <= {"authoring"}


@pytest.mark.parametrize(
    "module", [m for m in MODULES if not m.startswith("defs/") and Path(m).stem not in TOP]
)
def test_only_the_top_imports_the_definitions_and_the_command_line(module: str) -> None:
    assert parts(module) & {"defs", "definitions", "cli"} == set()


@pytest.mark.parametrize("module", [*within("defs"), "definitions.py"])
def test_the_definitions_do_not_know_the_command_line(module: str) -> None:
    assert parts(module) & {"cli", "console", "views", "junit", "exporting"} == set()


def test_the_settings_know_only_the_domain() -> None:
    assert parts("settings.py") == {"domain"}


def test_only_services_and_the_intake_know_the_adapters() -> None:
    adapters = {
        "synth_pipeline.authoring.model.author.",
        "synth_pipeline.authoring.catalog.author.",
        "synth_pipeline.stores.s3.",
        "synth_pipeline.registries.dynamodb.registry.",
        "synth_pipeline.stores.local.",
        "synth_pipeline.registries.sqlite.registry.",
        "synth_pipeline.sandbox.select.",
    }
    outside = [m for m in MODULES if m.partition("/")[0] not in STORES_AND_JUDGES]

    users = {m for m in outside for n in imports(m) if any(map(n.startswith, adapters))}

    assert users == {"services.py", "intake.py"}


@pytest.mark.parametrize(
    "module", [m for m in MODULES if not any(fnmatch(m, p) for p in DAGSTER_MODULES)]
)
def test_dagster_is_imported_by_the_definitions_and_the_command_line_alone(module: str) -> None:
    allowed = {"dagster_aws"} if module == "storage/s3.py" else set()

    assert {name for name in packages(module) if name.startswith("dagster")} <= allowed


@pytest.mark.parametrize(
    "module", [m for m in MODULES if not any(fnmatch(m, p) for p in AWS_MODULES)]
)
def test_boto3_is_imported_by_the_aws_modules_alone(module: str) -> None:
    assert packages(module) & {"boto3", "botocore"} == set()


def test_the_signal_kit_imports_nothing_of_the_project() -> None:
    assert parts("signal_kit.py") == set()
    assert packages("signal_kit.py") <= sys.stdlib_module_names | {"numpy", "pandas", "pyarrow"}


def test_an_init_module_holds_a_docstring_only() -> None:
    inits = [module for module in MODULES if module.endswith("__init__.py")]

    assert [m for m in inits if len(tree(m).body) != 1 or not ast.get_docstring(tree(m))] == []


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
        "import synth_pipeline.cli.main, synth_pipeline.definitions, synth_pipeline.making.production;"
        "assert dict(os.environ) == before, set(os.environ) ^ set(before);"
        "assert not list(pathlib.Path().iterdir())"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")
