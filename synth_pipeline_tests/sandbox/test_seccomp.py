"""The system-call filter, judged by running it through a small BPF machine."""

import errno
import struct

import pytest

from synth_pipeline.domain.errors import SandboxError
from synth_pipeline.sandbox.seccomp import seccomp_program

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE_VM, CLONE_THREAD, CLONE_NEWUSER = 0x100, 0x10000, 0x10000000


def verdict(program: bytes, audit_id: int, number: int, argument: int = 0) -> int:
    data = struct.pack("=IIQ6Q", number, audit_id, 0, argument & (2**64 - 1), 0, 0, 0, 0, 0)
    position, word = 0, 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("=HBBI", program, position * 8)
        position += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            (word,) = struct.unpack_from("=I", data, value)
        elif code == 0x54:
            word &= value
        else:
            holds = word == value if code == 0x15 else word > value
            position += if_true if holds else if_false


@pytest.mark.parametrize("has_namespaces", [True, False])
@pytest.mark.parametrize(
    ("machine", "calls"),
    [
        ("x86_64", {"read": 0, "write": 1, "mmap": 9, "futex": 202, "openat": 257, "execve": 59}),
        ("aarch64", {"read": 63, "write": 64, "mmap": 222, "futex": 98, "openat": 56}),
    ],
)
def test_ordinary_calls_are_allowed(
    machine: str, calls: dict[str, int], has_namespaces: bool
) -> None:
    program = seccomp_program(machine=machine, has_namespaces=has_namespaces)

    assert {verdict(program, AUDIT[machine], number) for number in calls.values()} == {ALLOW}


@pytest.mark.parametrize("has_namespaces", [True, False])
@pytest.mark.parametrize(
    ("machine", "numbers"),
    [
        ("x86_64", (57, 58, 101, 165, 272, 308, 321, 41, 46, 319, 29, 425, 434, 175)),
        ("aarch64", (117, 40, 97, 268, 280, 198, 211, 279, 194, 425, 434, 105)),
    ],
)
def test_processes_sockets_and_administration_are_refused(
    machine: str, numbers: tuple[int, ...], has_namespaces: bool
) -> None:
    program = seccomp_program(machine=machine, has_namespaces=has_namespaces)

    assert {verdict(program, AUDIT[machine], number) for number in numbers} == {REFUSE}


@pytest.mark.parametrize(("machine", "clone"), [("x86_64", 56), ("aarch64", 220)])
def test_clone_starts_threads_and_nothing_else(machine: str, clone: int) -> None:
    program, audit_id = seccomp_program(machine=machine), AUDIT[machine]

    assert verdict(program, audit_id, clone, CLONE_VM | CLONE_THREAD) == ALLOW
    assert verdict(program, audit_id, clone, 17) == REFUSE
    assert verdict(program, audit_id, clone, CLONE_THREAD | CLONE_NEWUSER) == REFUSE
    assert verdict(program, audit_id, 435, CLONE_THREAD) == UNKNOWN


@pytest.mark.parametrize("number", [457, 5000, 0x40000000 + 39, 0xFFFFFFFF])
def test_calls_the_list_does_not_know_do_not_exist(number: int) -> None:
    assert verdict(seccomp_program(machine="x86_64"), AUDIT["x86_64"], number) == UNKNOWN


def test_another_architecture_is_killed() -> None:
    assert verdict(seccomp_program(machine="x86_64"), 0x40000003, 0) == KILL


@pytest.mark.parametrize(
    ("machine", "kill", "prlimit", "chmod", "prctl"),
    [("x86_64", 62, 302, 90, 157), ("aarch64", 129, 261, 52, 167)],
)
def test_without_namespaces_other_processes_and_metadata_are_out_of_reach(
    machine: str, kill: int, prlimit: int, chmod: int, prctl: int
) -> None:
    program = seccomp_program(machine=machine, has_namespaces=False)
    audit_id = AUDIT[machine]

    assert verdict(program, audit_id, chmod) == REFUSE
    assert verdict(program, audit_id, kill, -1) == REFUSE
    assert verdict(program, audit_id, kill, 0) == REFUSE
    assert verdict(program, audit_id, kill, 4711) == ALLOW
    assert verdict(program, audit_id, prlimit, 0) == ALLOW
    assert verdict(program, audit_id, prlimit, 4711) == REFUSE
    assert verdict(program, audit_id, prctl, 1) == REFUSE
    assert verdict(program, audit_id, prctl, 38) == ALLOW
    assert verdict(seccomp_program(machine=machine), audit_id, chmod) == ALLOW


def test_an_unknown_processor_is_named_in_the_error() -> None:
    with pytest.raises(SandboxError, match="no system-call filter for processor 'riscv64'"):
        seccomp_program(machine="riscv64")
