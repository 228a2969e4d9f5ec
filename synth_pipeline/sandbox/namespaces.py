"""The namespaces and the root directory that `bwrap` builds: what a generator can see at all.

Everything shown is read-only but `/work` (bound per run) and a small `/tmp`.
"""

from collections.abc import Iterator
from pathlib import Path

from synth_pipeline.sandbox.surroundings import (
    LAUNCHER,
    Interpreter,
    library_folders,
    package_paths,
)

WORK = "/work"
PYTHON = "/python"
PACKAGE_FOLDER = "/packages"
LAUNCH = f"{PYTHON}/launch.py"
UNPRIVILEGED = "65534"
TEMPORARY = "/tmp"  # noqa: S108  # the sandbox's own
ZONES = "/usr/share/zoneinfo"


def namespace_arguments() -> list[str]:
    """Return the `bwrap` arguments that are the same for every run."""
    return [*_namespaces(), *_root(), *_top_level_library_links(), *_system_mounts()]


def _namespaces() -> list[str]:
    kinds = ("user", "pid", "net", "ipc", "uts", "cgroup-try")
    return [
        *(f"--unshare-{kind}" for kind in kinds),
        *("--uid", UNPRIVILEGED, "--gid", UNPRIVILEGED, "--cap-drop", "ALL"),
        *("--hostname", "sandbox", "--die-with-parent", "--new-session", "--clearenv"),
    ]


def _root() -> list[str]:
    """Return the mounts of Python, the libraries and the packages."""
    interpreter = Interpreter.current()
    library = f"{PYTHON}/{interpreter.relative_library}"
    shown = {f"{PYTHON}/bin/python": interpreter.program, library: interpreter.standard_library}
    shown[LAUNCH] = LAUNCHER
    if interpreter.shared_library:
        shown[f"{PYTHON}/lib/{interpreter.shared_library.name}"] = interpreter.shared_library
    shown |= {str(path): path for path in library_folders()}
    shown |= {f"{PACKAGE_FOLDER}/{name}": path for name, path in package_paths().items()}
    mounts = ["--ro-bind-try", ZONES, ZONES]
    for inside, outside in shown.items():
        mounts += ["--ro-bind", str(outside), inside]
    hidden = [f"{library}/{name}" for name in interpreter.installed_package_folders]
    for folder in (*hidden, *_foreign_python_folders()):
        mounts += ["--tmpfs", folder, "--remount-ro", folder]
    return mounts


def _foreign_python_folders() -> Iterator[str]:
    """Installed packages that lie in a shown library folder, such as /usr/lib64/python3.12."""
    for folder in library_folders():
        yield from (str(path) for path in folder.glob("python*") if path.is_dir())


def _top_level_library_links() -> list[str]:
    arguments: list[str] = []
    for path in (Path("/lib"), Path("/lib64")):
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    return arguments


def _system_mounts() -> list[str]:
    return [
        # read-only: for a runner that is root, /proc/sys would be writable from within
        *("--proc", "/proc", "--remount-ro", "/proc"),
        *("--dev", "/dev", "--remount-ro", "/dev"),
    ]
