"""Starts one confined program through the sandlock package and reports how it ended.

A script and process of its own: sandlock forks and runs threads, which a multi-threaded Dagster
process should not do on its behalf.
"""

import ctypes
import json
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def confine_and_report(policy: dict[str, object], program: list[str], status: int) -> None:
    """Run `program` under `policy`; write its exit code, negative for a signal, to `status`."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    from sandlock import ExitReason, Sandbox, StdioMode  # noqa: PLC0415  # optional package

    os.set_inheritable(status, False)
    process = Sandbox(**policy).popen(program, stdin=StdioMode.NULL)
    result = process.wait()
    exit_code = result.exit_code
    if result.reason is ExitReason.KILLED:
        exit_code = -signal.SIGKILL
    elif result.reason is ExitReason.SIGNALED:
        exit_code = -result.signal
    os.write(status, str(int(exit_code)).encode())


if __name__ == "__main__":
    _order = json.loads(sys.argv[1])
    sys.path.append(_order["package_folder"])
    confine_and_report(_order["policy"], _order["program"], _order["status"])
