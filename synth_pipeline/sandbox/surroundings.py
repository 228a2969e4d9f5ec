"""What a generator finds around it: interpreter, libraries, packages, environment, limits.

Paths come in pairs, where a thing lies on the host and where the sandbox shows it.
"""

import functools
import importlib.metadata
import os
import re
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from synth_pipeline.domain.errors import SandboxError
from synth_pipeline.sandbox.runner import MEBIBYTE, Limits

PACKAGES = ("numpy", "pandas", "pyarrow", "tzdata")
LAUNCHER = Path(__file__).with_name("launch.py")
OPTIONAL_PACKAGES = frozenset({"tzdata"})  # zone names, where the system has no zoneinfo
OPEN_FILES = 256
# shared libraries and thread stacks take address space without being memory in use
ADDRESS_SPACE_ALLOWANCE = 1024 * MEBIBYTE
SYSTEM_LIBRARY_FOLDERS = ("/usr/lib64", "/usr/lib", "/usr/libx32", "/usr/lib32")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The parts of a Python installation, without anything installed into it."""

    program: Path
    prefix: Path
    standard_library: Path
    shared_library: Path | None

    @classmethod
    def current(cls) -> "Interpreter":
        """The installation this process runs on: pyenv, Debian, standalone builds and venvs."""
        prefix = Path(sys.base_prefix).resolve()
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        base = getattr(sys, "_base_executable", None) or sys.executable
        programs = [prefix / "bin" / name, Path(base)]
        program = next((path for path in programs if path.exists()), Path(sys.executable))
        library = Path(sysconfig.get_config_var("LIBDIR") or "") / (
            sysconfig.get_config_var("INSTSONAME") or ""
        )
        moved = prefix / "lib" / library.name
        shared = next((p for p in (moved, library) if ".so" in p.name and p.is_file()), None)
        return cls(program.resolve(), prefix, Path(os.__file__).resolve().parent, shared)

    @property
    def relative_library(self) -> str:
        """Where Python looks for its standard library, seen from its prefix."""
        return f"{self.standard_library.parent.name}/{self.standard_library.name}"

    @property
    def installed_package_folders(self) -> list[str]:
        """Folders inside the standard library that hold installed packages."""
        names = ("site-packages", "dist-packages", "test", "ensurepip")
        return [name for name in names if (self.standard_library / name).is_dir()]


def package_paths(names: tuple[str, ...] = PACKAGES) -> Mapping[str, Path]:
    """Return every top-level entry of the packages and all they need, by its name.

    Raises SandboxError where one is not installed.
    """
    found: dict[str, Path] = {}
    pending, seen = list(names), set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError as missing:
            if name in names and name not in OPTIONAL_PACKAGES:
                raise SandboxError(
                    f"package {name}: not installed in {sys.prefix}; generators may import it. "
                    "Run `make install`"
                ) from missing
            continue
        found.update(_top_level_entries(distribution))
        pending += _required_names(distribution)
    return found


@functools.cache
def importable_packages() -> frozenset[str]:
    """Names of the packages that a generator can import beside the standard library."""
    return frozenset(name.partition(".")[0] for name in package_paths())


def _top_level_entries(distribution: importlib.metadata.Distribution) -> Iterator[tuple[str, Path]]:
    for name in sorted({file.parts[0] for file in distribution.files or ()}):
        path = Path(str(distribution.locate_file(name)))
        if name not in {"..", "__pycache__"} and path.exists():
            yield name, path.resolve()


def _required_names(distribution: importlib.metadata.Distribution) -> list[str]:
    return [
        re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        for requirement in distribution.requires or ()
        if "extra ==" not in requirement
    ]


def library_folders() -> list[Path]:
    """Return the folders of the system's shared libraries, the fewest that suffice."""
    multiarch = Path("/usr/lib") / (sysconfig.get_config_var("MULTIARCH") or "?")
    if multiarch.is_dir():  # Debian keeps libraries there, apart from /usr/lib/python3 and the like
        return [path for path in (multiarch, Path("/usr/lib64")) if path.is_dir()]
    return [path for path in map(Path, SYSTEM_LIBRARY_FOLDERS) if path.is_dir()]


def python_environment(given: Mapping[str, str], *, home: str) -> dict[str, str]:
    """Return the whole environment of a run: what the caller gives and what Python needs."""
    return {
        "PYTHONHASHSEED": "0",
        **given,
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",  # keeps print and traceback in order
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "ARROW_IO_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve address space in gigabytes
        "MALLOC_ARENA_MAX": "2",
        # a year's array is 4 MB: keep its pages for the next one, which halves the page faults
        "MALLOC_MMAP_THRESHOLD_": str(32 * MEBIBYTE),
        "MALLOC_TRIM_THRESHOLD_": str(256 * MEBIBYTE),
    }


def launch_command(
    python: str, limits: Limits, program: list[str], *, launcher: str = "", bpf: bytes = b""
) -> list[str]:
    """Return the command that sets the limits and then becomes `program`.

    `launcher` is where the program will find `launch.py`, if not where this process does. With
    `bpf` it first gives up its capabilities and installs that system-call filter.
    """
    resources = {
        "AS": limits.memory_bytes + ADDRESS_SPACE_ALLOWANCE,
        "CPU": limits.cpu_s + 1,
        "FSIZE": limits.file_bytes,
        "NOFILE": OPEN_FILES,
        "CORE": 0,
        "STACK": 8 * MEBIBYTE,
    }
    settings = [f"{name}={value}" for name, value in resources.items()]
    if bpf:
        settings.append(f"FILTER={bpf.hex()}")
    return [python, "-I", "-S", launcher or str(LAUNCHER), *settings, "--", *program]
