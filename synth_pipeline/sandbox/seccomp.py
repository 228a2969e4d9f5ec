"""The system-call filter of the bubblewrap sandbox, assembled as classic BPF.

A generator computes and writes files. It may start threads and no process, and reach none of
the kernel's administrative interfaces. Everything else stays allowed: the filter narrows what
the namespaces already confine. Numbers: `asm/unistd_64.h`, `asm-generic/unistd.h`.
"""

import errno
import platform
import struct
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


@dataclass(frozen=True, slots=True)
class Architecture:
    """What differs between processors: the audit id and the system call numbers."""

    audit_id: int
    clone: int
    denied: tuple[int, ...]


# the same on every architecture: io_uring, the mount API, pidfd_open, pidfd_getfd,
# mount_setattr, quotactl_fd, memfd_secret, process_mrelease
_DENIED_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 442, 443, 447, 448)

_X86_64 = Architecture(
    audit_id=0xC000003E,
    clone=56,
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
)

_AARCH64 = Architecture(
    audit_id=0xC00000B7,
    clone=220,
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
)

_ARCHITECTURES = {"x86_64": _X86_64, "aarch64": _AARCH64}


def seccomp_program(machine: str | None = None) -> bytes:
    """Return the filter as `struct sock_filter[]` for this machine, as `bwrap --seccomp` reads it.

    Raises SandboxError on a processor whose system call numbers are not listed here.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        raise SandboxError(
            f"sandbox bubblewrap: no system-call filter for processor {machine!r}; "
            f"expected one of {', '.join(_ARCHITECTURES)}. Set SYNTH_SANDBOX=sandlock"
        )
    return b"".join(_instructions(_ARCHITECTURES[machine]))


def _instructions(architecture: Architecture) -> list[bytes]:
    refuse = _instruction(_RETURN, _ERRNO | errno.EPERM)
    unknown = _instruction(_RETURN, _ERRNO | errno.ENOSYS)
    program = [
        _instruction(_LOAD_WORD, _ARCHITECTURE_OFFSET),
        _instruction(_JUMP_EQUAL, architecture.audit_id, skip_if_true=1),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD_WORD, _NUMBER_OFFSET),
        _instruction(_JUMP_GREATER, _LAST_KNOWN, skip_if_false=1),
        unknown,
        # ENOSYS makes glibc fall back to clone, whose flags a filter can see
        _instruction(_JUMP_EQUAL, _CLONE3, skip_if_false=1),
        unknown,
    ]
    for number in (*architecture.denied, *_DENIED_EVERYWHERE):
        program += [_instruction(_JUMP_EQUAL, number, skip_if_false=1), refuse]
    return [
        *program,
        _instruction(_JUMP_EQUAL, architecture.clone, skip_if_false=4),
        _instruction(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
        _instruction(_AND, _CLONE_THREAD | _CLONE_NAMESPACES),
        _instruction(_JUMP_EQUAL, _CLONE_THREAD, skip_if_true=1),
        refuse,
        _instruction(_RETURN, _ALLOW),
    ]


def _instruction(code: int, value: int, *, skip_if_true: int = 0, skip_if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, skip_if_true, skip_if_false, value)
