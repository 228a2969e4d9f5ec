"""What a generator cannot use up or leave behind; every isolating runner."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synth_pipeline.sandbox.runner import MEBIBYTE, Limits, Runner
from synth_pipeline_tests.sandbox.test_runners import happens, run_code, runner, running_with

__all__ = ["runner"]

pytestmark = pytest.mark.sandbox


def test_an_endless_loop_that_ignores_signals_is_killed_with_all_it_started(
    runner: Runner, tmp_path: Path
) -> None:
    marker = f"marker-{os.getpid()}-{runner.name}"

    result = run_code(
        runner,
        tmp_path,
        f"""
        import contextlib, os, signal, sys, threading
        if len(sys.argv) == 1:
            os.execv(sys.executable, [sys.executable, "main.py", {marker!r}])
        for number in signal.valid_signals() - {{signal.SIGKILL, signal.SIGSTOP}}:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                os.setsid()
                os.fork()
        with contextlib.suppress(OSError):
            os.setsid()
        os.closerange(0, 100)
        threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
        while True:
            pass
        """,
        Limits(wall_s=1.0),
    )

    assert result.failure == "timed out after 1 s"
    assert result.exit_code is None
    assert 1.0 <= result.wall_s < 20
    assert running_with(marker) == []


def test_a_run_ends_with_the_process_that_asked_for_it(runner: Runner, tmp_path: Path) -> None:
    marker = f"orphan-{os.getpid()}-{runner.name}"
    (tmp_path / "main.py").write_text(
        "import os, sys\n"
        "if len(sys.argv) == 1:\n"
        f"    os.execv(sys.executable, [sys.executable, 'main.py', {marker!r}])\n"
        "open('running', 'w').close()\n"
        "while True: pass\n",
        encoding="utf-8",
    )
    asking = (
        "from pathlib import Path\n"
        "from synth_pipeline.sandbox.runner import Limits\n"
        "from synth_pipeline.sandbox.select import choose_runner\n"
        f"choose_runner({runner.name!r}).run(Path({str(tmp_path)!r}), {{}}, Limits(wall_s=30.0))\n"
    )

    scratch = {**os.environ, "TMPDIR": str(tmp_path.parent)}  # the killed process leaves its own
    with subprocess.Popen([sys.executable, "-c", asking], env=scratch) as asker:
        assert happens((tmp_path / "running").exists)
        asker.kill()

    assert happens(lambda: not running_with(marker))


def test_processor_time_is_limited_apart_from_the_clock(runner: Runner, tmp_path: Path) -> None:
    result = run_code(runner, tmp_path, "while True: pass", Limits(wall_s=20.0, cpu_s=1))

    assert result.failure == "used more than 1 s of processor time"


@pytest.mark.parametrize(
    "code",
    [
        "x = []\nwhile True: x.append(bytearray(8 << 20))",
        "x = bytearray(1 << 40)",
        "import mmap\nx = mmap.mmap(-1, 700 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1",
    ],
    ids=["gradual", "at once", "shared mapping"],
)
def test_memory_is_limited(runner: Runner, tmp_path: Path, code: str) -> None:
    result = run_code(runner, tmp_path, code, Limits(wall_s=20.0, memory_bytes=256 * MEBIBYTE))

    assert result.failure is not None
    assert result.failure.startswith("used more than 256 MiB of memory")
    assert result.peak_memory_bytes < 1600 * MEBIBYTE


def test_no_process_can_be_started(runner: Runner, tmp_path: Path) -> None:
    marker = f"fork-{os.getpid()}-{runner.name}"

    result = run_code(
        runner,
        tmp_path,
        f"""
        import multiprocessing, os, subprocess, sys
        def attempt(action):
            try:
                action()
                print("STARTED")
            except OSError:
                print("refused")
        python = [sys.executable, "-c", "while True: pass", {marker!r}]
        attempt(os.fork)
        attempt(lambda: subprocess.Popen(python))
        attempt(lambda: os.posix_spawn(python[0], python, {{}}))
        attempt(multiprocessing.get_context("fork").Process(target=print).start)
        os.system(" ".join(python))
        while True:
            os.fork()
        """,
    )

    assert result.output.startswith("refused\n" * 4 + "Traceback")
    assert result.failure == (
        "exited with code 1: PermissionError: [Errno 1] Operation not permitted"
    )
    assert running_with(marker) == []


def test_threads_are_limited(runner: Runner, tmp_path: Path) -> None:
    result = run_code(
        runner,
        tmp_path,
        """
        import threading
        wait = threading.Event().wait
        while True:
            threading.Thread(target=wait).start()
        """,
        Limits(wall_s=20.0, threads=20),
    )

    assert result.failure is not None
    assert result.failure.startswith(("started more than 20 threads", "used more than 3072 MiB"))


def test_one_file_cannot_grow_past_its_limit(runner: Runner, tmp_path: Path) -> None:
    result = run_code(
        runner,
        tmp_path,
        """
        with open("big", "wb") as file:
            while True:
                file.write(bytes(1 << 20))
        """,
        Limits(wall_s=20.0, file_bytes=8 * MEBIBYTE),
    )

    assert result.failure == "wrote more than 8 MiB to one file"
    assert (tmp_path / "big").stat().st_size <= 8 * MEBIBYTE


@pytest.mark.parametrize("removes", [False, True], ids=["kept", "deleted while open"])
def test_the_folder_cannot_grow_past_its_limit(
    runner: Runner, tmp_path: Path, removes: bool
) -> None:
    result = run_code(
        runner,
        tmp_path,
        f"""
        import itertools, os, time
        files = []
        for number in itertools.count():
            files.append(open(f"{{number}}.bin", "wb"))
            if {removes}:
                os.unlink(f"{{number}}.bin")
            files[-1].write(bytes(4 << 20))
            files[-1].flush()
            time.sleep(0.005)
        """,
        Limits(wall_s=20.0, folder_bytes=32 * MEBIBYTE),
    )

    assert result.failure == "wrote more than 32 MiB in all"


def test_the_number_of_files_is_limited(runner: Runner, tmp_path: Path) -> None:
    result = run_code(
        runner,
        tmp_path,
        """
        import itertools, os
        for number in itertools.count():
            os.makedirs(f"folder-{number}/deeper")
        """,
        Limits(wall_s=20.0, files=100),
    )

    assert result.failure == "made more than 100 files"


@pytest.mark.parametrize(
    "code",
    [
        "while True: os.mkdir('x' * 250); os.chdir('x' * 250)",
        "os.mkdir('private', 0o300); time.sleep(20)",
    ],
    ids=["too deep", "not readable"],
)
def test_a_folder_that_hides_its_content_ends_the_run(
    runner: Runner, tmp_path: Path, code: str
) -> None:
    if "private" in code and os.getuid() == 0:
        pytest.skip("root can read every folder")

    result = run_code(
        runner, tmp_path, f"import os, time\n{code}", Limits(wall_s=20.0, files=100_000)
    )

    assert result.failure == "made a folder that cannot be looked into"


def test_a_run_that_breaks_a_limit_and_ends_at_once_still_fails(
    runner: Runner, tmp_path: Path
) -> None:
    result = run_code(
        runner,
        tmp_path,
        "for n in range(50): open(str(n), 'w').close()",
        Limits(wall_s=20.0, files=20),
    )

    assert result.failure == "made more than 20 files"


def test_endless_output_neither_blocks_nor_fills_memory(runner: Runner, tmp_path: Path) -> None:
    result = run_code(
        runner,
        tmp_path,
        "import os\nwhile True: os.write(1, b'noise ' * 1000)",
        Limits(wall_s=1.0),
    )

    assert result.failure == "timed out after 1 s"
    assert len(result.output) <= 16 * 1024
    assert "noise" in result.output
    assert result.wall_s < 20


def test_only_the_tail_of_long_output_is_kept(runner: Runner, tmp_path: Path) -> None:
    result = run_code(runner, tmp_path, "print('x' * 3_000_000)\nprint('the end')")

    assert result.failure is None
    assert len(result.output) == 16 * 1024
    assert result.output.endswith("x\nthe end\n")


def test_limits_cannot_be_raised_from_within(runner: Runner, tmp_path: Path) -> None:
    result = run_code(
        runner,
        tmp_path,
        """
        import resource
        for name in ("AS", "CPU", "FSIZE", "NOFILE", "CORE"):
            kind = getattr(resource, f"RLIMIT_{name}")
            try:
                resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                print("RAISED", name)
            except (OSError, ValueError):
                pass
        """,
    )

    assert result.output == ""


def test_kernel_interfaces_are_refused(runner: Runner, tmp_path: Path) -> None:
    result = run_code(
        runner,
        tmp_path,
        """
        import ctypes, errno, os
        libc = ctypes.CDLL(None, use_errno=True)
        calls = {
            "unshare": (0x10000000,), "setns": (0, 0), "mount": (b"x", b"/", b"tmpfs", 0, 0),
            "umount2": (b"/", 2), "ptrace": (16, os.getppid(), 0, 0), "personality": (0x40000,),
            "chroot": (b"/",), "fork": (), "vfork": (), "memfd_create": (b"x", 0),
            "process_vm_readv": (os.getppid(), 0, 0, 0, 0, 0), "shmget": (0, 4096, 0o1600),
            "reboot": (0,), "sethostname": (b"x", 1), "swapoff": (b"/x",), "acct": (0,),
            "fanotify_init": (0, 0), "clone": (0, 0, 0, 0),
        }
        for name, arguments in calls.items():
            ctypes.set_errno(0)
            returned = getattr(libc, name)(*arguments)
            if returned != -1 or ctypes.get_errno() not in (errno.EPERM, errno.EINVAL):
                print("ALLOWED", name, returned, os.strerror(ctypes.get_errno()))
        for number in (425, 426, 427, 428, 434, 435, 438, 457, 5000):
            ctypes.set_errno(0)
            returned = libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0)
            if returned != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
                print("ALLOWED", number, returned, os.strerror(ctypes.get_errno()))
        print("end")
        """,
    )

    assert result.output == "end\n"
