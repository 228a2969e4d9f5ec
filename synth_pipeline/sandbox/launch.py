"""Runs inside every sandbox, right before the generator: set the limits, become the program.

A script that stands alone, shown inside as one file, so it imports nothing of the project. It
replaces itself by the program (execv), so tracebacks, `sys.argv` and `__main__` are those of
`python main.py`.
"""

import os
import resource
import sys

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 22, 24
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER, _SIGKILL = 2, 9
_CAPABILITY_VERSION_3 = 0x20080522


def limit_and_exec(arguments: list[str]) -> None:
    """Read `NAME=VALUE… [FILTER=HEX] -- program…`; NAME is a limit of `resource`."""
    border = arguments.index("--")
    program, bpf = arguments[border + 1 :], ""
    for assignment in arguments[:border]:
        name, _, text = assignment.partition("=")
        if name == "FILTER":
            bpf = text
        else:
            _limit(name, int(text))
    os.umask(0o077)
    if bpf:
        _harden(bytes.fromhex(bpf))
    os.execv(program[0], program)  # noqa: S606  # that is its purpose


def _limit(name: str, value: int) -> None:
    kind = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # one second between SIGXCPU and SIGKILL, so that the first can be told from a crash
    resource.setrlimit(kind, (max(value - 1, 1) if name == "CPU" else value, value))


def _harden(bpf: bytes) -> None:
    """Give up every capability, die with the parent, and filter system calls."""
    import ctypes  # noqa: PLC0415  # 10 ms that bubblewrap's runs need not spend

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    libc = ctypes.CDLL(None, use_errno=True)

    def control(option: int, *values: object) -> None:
        words = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in values]
        words += [ctypes.c_ulong(0)] * (4 - len(words))
        if libc.prctl(option, *words) != 0:
            raise OSError(ctypes.get_errno(), f"prctl {option}")

    # what exec gives to uid 0 is the bounding set and the inheritable set: empty both
    for capability in range(_capability_count() if os.geteuid() == 0 else 0):
        control(_PR_CAPBSET_DROP, capability)
    header, no_capability = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capset(header, no_capability) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    control(_PR_SET_PDEATHSIG, _SIGKILL)
    control(_PR_SET_NO_NEW_PRIVS, 1)
    program = Program(len(bpf) // 8, bpf)
    control(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program))


def _capability_count() -> int:
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:  # noqa: PTH123  # hot
        return int(file.read()) + 1


if __name__ == "__main__":
    limit_and_exec(sys.argv[1:])
