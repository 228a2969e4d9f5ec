"""Runs inside every sandbox, right before the generator: set the limits, become the program.

Handed to the interpreter as `-c` text, so it imports nothing of the project. It replaces
itself by the program (execv), so tracebacks, `sys.argv` and `__main__` are those of
`python main.py`.
"""

import os
import resource
import sys


def limit_and_exec(arguments: list[str]) -> None:
    """Read `NAME=VALUE… -- program…`; NAME is a limit of `resource` without `RLIMIT_`."""
    border = arguments.index("--")
    for assignment in arguments[:border]:
        name, _, text = assignment.partition("=")
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = int(text) if hard == resource.RLIM_INFINITY else min(int(text), hard)
        # one second between SIGXCPU and SIGKILL, so that the first can be told from a crash
        soft = max(value - 1, 1) if name == "CPU" else value
        resource.setrlimit(kind, (soft, value))
    os.umask(0o077)
    os.execv(arguments[border + 1], arguments[border + 1 :])  # noqa: S606  # that is its purpose


if __name__ == "__main__":
    limit_and_exec(sys.argv[1:])
