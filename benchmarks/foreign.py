"""Other generators, each in an environment of its own; skipped where it cannot be installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).with_name("scripts")
INSTALL_TIMEOUT_S, RUN_TIMEOUT_S = 900, 300


class NotAvailableError(Exception):
    """The tool cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A generator from the package index and the command that makes a year with it."""

    name: str
    requirements: tuple[str, ...]
    arguments: Callable[[Path], list[str]]
    programs: tuple[str, ...] = ()

    def install(self, cache: Path) -> Path:
        """Return the Python that has the tool; install it once, never into the project's venv."""
        missing = [program for program in self.programs if shutil.which(program) is None]
        if missing:
            raise NotAvailableError(f"needs {', '.join(missing)}")
        folder = cache / self.name
        python = folder / "bin" / "python"
        done = folder / ".installed"
        wanted = "\n".join(self.requirements)
        if not done.is_file() or done.read_text(encoding="utf-8") != wanted:
            _install([sys.executable, "-m", "venv", "--clear", str(folder)])
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _install([*pip, *self.requirements])
            done.write_text(wanted, encoding="utf-8")
        return python

    def make_year(self, python: Path, folder: Path) -> None:
        """Make the year with the tool's own output below an empty `folder`.

        Raises NotAvailableError where it cannot.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            done = subprocess.run(
                [str(python), *self.arguments(folder)],
                capture_output=True,
                text=True,
                cwd=folder,
                env=_environment(),
                timeout=RUN_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotAvailableError(f"does not end within {RUN_TIMEOUT_S} s") from None
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no word"]
            raise NotAvailableError(f"does not run here: {said[-1][:300]}")


GUTENTAG = Tool(
    "gutentag",
    ("timeeval-gutentag==1.5.0",),
    lambda folder: [
        *("-m", "gutenTAG", "--config-yaml", str(SCRIPTS / "gutentag_year.yaml")),
        *("--output-dir", str(folder), "--seed", "1"),
    ],
)
DBLDATAGEN = Tool(
    "dbldatagen",
    ("dbldatagen==0.4.0.post1", "pyspark==3.5.*", "jmespath", "numpy", "pandas", "pyarrow"),
    lambda folder: [str(SCRIPTS / "dbldatagen_year.py"), str(folder / "year.parquet")],
    programs=("java",),
)


def default_cache() -> Path:
    """Where the tools' environments are kept between runs."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "synth-benchmarks"


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _environment() -> Mapping[str, str]:
    kept = ("PATH", "HOME", "TMPDIR", "LANG", "JAVA_HOME")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _install(command: list[str]) -> None:
    try:
        subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=INSTALL_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise NotAvailableError(f"cannot be installed: {said[-1] if said else error}") from error
