"""The system-call filter of the sandboxes, assembled as classic BPF.

A generator computes and writes files. It may start threads and no process, and reach none of
the kernel's administrative interfaces. Everything else stays allowed: the filter narrows what
the namespaces already confine. Numbers: `asm/unistd_64.h`, `asm-generic/unistd.h`.
"""

import errno
import platform
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from synth_pipeline.domain.errors import SandboxError

_LOAD_WORD, _AND, _RETURN = 0x20, 0x54, 0x06
_JUMP_EQUAL, _JUMP_GREATER = 0x15, 0x25
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _FIRST_ARGUMENT_OFFSET = 0, 4, 16
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020080
# above futex_requeue come calls this list was not written for, and x32's (0x40000000 and up)
_LAST_KNOWN = 456
_CLONE3 = 435
_GREATEST_PID = 0x7FFFFFFF
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Architecture:
    """What differs between processors: the audit id and the system call numbers."""

    audit_id: int
    clone: int
    kill: int
    prctl: int
    prlimit64: int
    denied: tuple[int, ...]
    denied_without_namespaces: tuple[int, ...]


# the same on every architecture: io_uring, the mount API, pidfd_open, pidfd_getfd,
# mount_setattr, quotactl_fd, memfd_secret, process_mrelease
_DENIED_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 442, 443, 447, 448)

_X86_64 = Architecture(
    audit_id=0xC000003E,
    clone=56,
    kill=62,
    prctl=157,
    prlimit64=302,
    denied=(
        *(57, 58),  # fork, vfork
        *(41, 46, 307),  # socket, sendmsg, sendmmsg (the last two would hide open files in flight)
        *(29, 64, 68, 240, 319),  # shmget, semget, msgget, mq_open, memfd_create: unlimited memory
        *(101, 310, 311, 312),  # ptrace, process_vm_readv, process_vm_writev, kcmp
        *(155, 161, 165, 166, 272, 308),  # pivot_root, chroot, mount, umount2, unshare, setns
        *(248, 249, 250),  # add_key, request_key, keyctl
        *(298, 300, 321, 323),  # perf_event_open, fanotify_init, bpf, userfaultfd
        *(303, 304),  # name_to_handle_at, open_by_handle_at
        *(175, 176, 313, 246, 320),  # init_module, delete_module, finit_module, kexec
        *(134, 135, 154, 172, 173),  # uselib, personality, modify_ldt, iopl, ioperm
        *(103, 153, 159, 163, 164, 227, 305),  # syslog, vhangup, acct and the clock setters
        *(167, 168, 169, 170, 171, 179),  # swapon, swapoff, reboot, set host and domain, quotactl
    ),
    denied_without_namespaces=(
        *(90, 91, 268, 452),  # chmod, fchmod, fchmodat, fchmodat2
        *(92, 93, 94, 260),  # chown, fchown, lchown, fchownat
        *(188, 189, 190, 197, 198, 199),  # setxattr, removexattr and kin
        *(132, 235, 261, 280),  # utime, utimes, futimesat, utimensat
        *(141, 142, 144, 203, 314, 251, 440),  # priority, scheduling, affinity, process_madvise
        254,  # inotify_add_watch
    ),
)

_AARCH64 = Architecture(
    audit_id=0xC00000B7,
    clone=220,
    kill=129,
    prctl=167,
    prlimit64=261,
    denied=(
        *(198, 211, 269),  # socket, sendmsg, sendmmsg
        *(194, 190, 186, 180, 279),  # shmget, semget, msgget, mq_open, memfd_create
        *(117, 270, 271, 272),  # ptrace, process_vm_readv, process_vm_writev, kcmp
        *(41, 51, 40, 39, 97, 268),  # pivot_root, chroot, mount, umount2, unshare, setns
        *(217, 218, 219),  # add_key, request_key, keyctl
        *(241, 262, 280, 282),  # perf_event_open, fanotify_init, bpf, userfaultfd
        *(264, 265),  # name_to_handle_at, open_by_handle_at
        *(105, 106, 273, 104, 294),  # init_module, delete_module, finit_module, kexec
        92,  # personality
        *(116, 58, 171, 89, 170, 112, 266),  # syslog, vhangup, acct and the clock setters
        *(224, 225, 142, 161, 162, 60),  # swapon, swapoff, reboot, set host and domain, quotactl
    ),
    denied_without_namespaces=(
        *(52, 53, 452, 54, 55),  # fchmod, fchmodat, fchmodat2, fchownat, fchown
        *(5, 6, 7, 14, 15, 16),  # setxattr, removexattr and kin
        88,  # utimensat
        *(140, 118, 119, 122, 274, 30, 440),  # priority, scheduling, affinity, process_madvise
        27,  # inotify_add_watch
    ),
)

_ARCHITECTURES = {"x86_64": _X86_64, "aarch64": _AARCH64}


def seccomp_program(*, has_namespaces: bool = True, machine: str | None = None) -> bytes:
    """Return the filter as `struct sock_filter[]` for this machine, as `bwrap --seccomp` reads it.

    Without namespaces around it, code also meets the host's other files and processes: then
    what changes their metadata, priority or limits is denied too. Raises SandboxError on a
    processor whose system call numbers are not listed here.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        raise SandboxError(
            f"no system-call filter for processor {machine!r}; expected one of "
            f"{', '.join(_ARCHITECTURES)}. SYNTH_SANDBOX=none runs catalogue code only"
        )
    architecture = _ARCHITECTURES[machine]
    denied = (*architecture.denied, *_DENIED_EVERYWHERE)
    if has_namespaces:
        return b"".join([*_check_platform(architecture), *_deny(denied), *_threads(architecture)])
    denied += architecture.denied_without_namespaces
    checks = [*_check_platform(architecture), *_deny(denied), *_one_process(architecture)]
    return b"".join([*checks, *_threads(architecture)])


def _check_platform(architecture: Architecture) -> list[bytes]:
    return [
        _instruction(_LOAD_WORD, _ARCHITECTURE_OFFSET),
        _instruction(_JUMP_EQUAL, architecture.audit_id, skip_if_true=1),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD_WORD, _NUMBER_OFFSET),
        _instruction(_JUMP_GREATER, _LAST_KNOWN, skip_if_false=1),
        _UNKNOWN_CALL,
        # "no such call" makes glibc fall back to clone, whose flags a filter can see
        _instruction(_JUMP_EQUAL, _CLONE3, skip_if_false=1),
        _UNKNOWN_CALL,
    ]


def _deny(numbers: Iterable[int]) -> Iterator[bytes]:
    for number in numbers:
        yield _instruction(_JUMP_EQUAL, number, skip_if_false=1)
        yield _REFUSE


def _one_process(architecture: Architecture) -> list[bytes]:
    """Keep kill to single processes, prlimit64 to its caller, and death tied to the parent's."""
    return [
        _instruction(_JUMP_EQUAL, architecture.prctl, skip_if_false=4),
        _instruction(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
        _instruction(_JUMP_EQUAL, _PR_SET_PDEATHSIG, skip_if_false=1),
        _REFUSE,
        _instruction(_LOAD_WORD, _NUMBER_OFFSET),
        _instruction(_JUMP_EQUAL, architecture.kill, skip_if_false=5),
        _instruction(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
        _instruction(_JUMP_EQUAL, 0, skip_if_true=1),
        _instruction(_JUMP_GREATER, _GREATEST_PID, skip_if_false=1),
        _REFUSE,
        _instruction(_LOAD_WORD, _NUMBER_OFFSET),
        _instruction(_JUMP_EQUAL, architecture.prlimit64, skip_if_false=4),
        _instruction(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
        _instruction(_JUMP_EQUAL, 0, skip_if_true=1),
        _REFUSE,
        _instruction(_LOAD_WORD, _NUMBER_OFFSET),
    ]


def _threads(architecture: Architecture) -> list[bytes]:
    """Let clone start threads and nothing else; allow what no rule above has denied."""
    return [
        _instruction(_JUMP_EQUAL, architecture.clone, skip_if_false=4),
        _instruction(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
        _instruction(_AND, _CLONE_THREAD | _CLONE_NAMESPACES),
        _instruction(_JUMP_EQUAL, _CLONE_THREAD, skip_if_true=1),
        _REFUSE,
        _instruction(_RETURN, _ALLOW),
    ]


def _instruction(code: int, value: int, *, skip_if_true: int = 0, skip_if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, skip_if_true, skip_if_false, value)


_REFUSE = _instruction(_RETURN, _ERRNO | errno.EPERM)
_UNKNOWN_CALL = _instruction(_RETURN, _ERRNO | errno.ENOSYS)
