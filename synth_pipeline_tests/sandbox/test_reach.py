"""What of the host a generator cannot see, change or talk to; every isolating runner."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from synth_pipeline.sandbox.runner import Runner
from synth_pipeline_tests.sandbox.test_runners import run_code, runner
from synth_pipeline_tests.support.places import ROOT

__all__ = ["runner"]

pytestmark = pytest.mark.sandbox

PROJECT = ROOT


@pytest.fixture
def canary() -> Iterator[Path]:
    """A host file that no sandbox may read, change or remove."""
    descriptor, name = tempfile.mkstemp(prefix="synth-canary-", dir="/tmp")
    os.write(descriptor, b"canary-content")
    os.close(descriptor)
    yield Path(name)
    Path(name).unlink()


def test_the_host_environment_is_not_visible(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret")

    result = run_code(
        runner,
        tmp_path,
        """
        import glob, os
        print(dict(os.environ))
        for path in [*glob.glob("/proc/*/environ"), f"/proc/{os.getppid()}/environ"]:
            try:
                print(path, open(path).read())
            except OSError as error:
                print(error)
        """,
    )

    assert result.failure is None
    assert "SYNTH_YEAR" in result.output
    assert "canary-secret" not in result.output
    assert "AWS_" not in result.output


def test_host_files_cannot_be_read(runner: Runner, tmp_path: Path, canary: Path) -> None:
    targets = [str(canary), "/etc/passwd", "/etc/group", "/root", "/home", "/var", "/sys"]
    targets += [
        str(PROJECT / "pyproject.toml"),
        str(PROJECT),
        str(tmp_path.parent),
    ]
    targets += [str(Path(pytest.__file__).parent), "/proc/1/root/etc/passwd", "/proc/kcore"]

    result = run_code(
        runner,
        tmp_path,
        f"""
        import os, importlib.util
        for number, path in enumerate({targets!r}):
            os.symlink(path, f"link-{{number}}")
            for way in (path, f"link-{{number}}"):
                try:
                    found = os.listdir(way) if os.path.isdir(way) else open(way, "rb").read(100)
                    print("READ", path, found)
                except OSError:
                    pass
        for name in ("boto3", "dagster", "pytest", "synth_pipeline"):
            if importlib.util.find_spec(name):
                print("IMPORT", name)
        print("end")
        """,
    )

    assert result.failure is None
    assert result.output == "end\n"


def test_nothing_appears_or_changes_outside_the_folder(
    runner: Runner, tmp_path: Path, canary: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    name = canary.name.replace("canary", "intruder")
    places = ["/", "/tmp", "/dev", "/dev/shm", "/usr", "/usr/lib", "/var/tmp", "/root", "/run"]
    places += [str(PROJECT), str(tmp_path), "..", str(Path(sys.prefix))]
    before = canary.stat()

    result = run_code(
        runner,
        folder,
        f"""
        import os
        def attempt(action, *arguments):
            try:
                action(*arguments)
            except OSError:
                pass
        for number, place in enumerate({places!r}):
            attempt(os.symlink, place, f"link-{{number}}")
            for way in (place, f"link-{{number}}"):
                attempt(open, f"{{way}}/{name}", "w")
                attempt(os.mkdir, f"{{way}}/{name}")
        canary = {str(canary)!r}
        attempt(os.chmod, canary, 0o777)
        attempt(os.utime, canary, (1, 1))
        attempt(os.chown, canary, 1, 1)
        attempt(os.truncate, canary, 0)
        attempt(os.rename, canary, "stolen")
        attempt(os.link, canary, "linked")
        attempt(os.unlink, canary)
        print("end")
        """,
    )

    assert result.output == "end\n"
    assert [place for place in places if os.access(folder / place / name, os.F_OK)] == []
    after = canary.stat()
    assert canary.read_bytes() == b"canary-content"
    assert (after.st_mode, after.st_uid, after.st_mtime) == (
        before.st_mode,
        before.st_uid,
        before.st_mtime,
    )
    assert not (folder / "stolen").exists()
    assert not (folder / "linked").exists()


def test_kernel_settings_cannot_be_opened_for_writing(runner: Runner, tmp_path: Path) -> None:
    result = run_code(
        runner,
        tmp_path,
        """
        import os
        for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname",
                     "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger", "/proc/self/uid_map"):
            try:
                os.close(os.open(path, os.O_WRONLY))
                print("OPEN", path)
            except OSError:
                pass
        print("end")
        """,
    )

    assert result.output == "end\n"


def test_no_socket_reaches_the_host(runner: Runner, tmp_path: Path) -> None:
    abstract = f"\0synth-{os.getpid()}-{runner.name}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as local,
    ):
        udp.bind(("127.0.0.1", 0))
        local.bind(abstract)
        local.listen()
        for listener in (tcp, udp, local):
            listener.setblocking(False)

        result = run_code(
            runner,
            tmp_path,
            f"""
            import socket
            def attempt(what, action):
                try:
                    action()
                    print("REACHED", what)
                except OSError:
                    pass
            def dial(family, kind, address):
                with socket.socket(family, kind) as dialled:
                    dialled.settimeout(2)
                    dialled.connect(address)
                    dialled.send(b"hello")
            tcp, udp = {tcp.getsockname()!r}, {udp.getsockname()!r}
            attempt("tcp", lambda: dial(socket.AF_INET, socket.SOCK_STREAM, tcp))
            attempt("udp", lambda: dial(socket.AF_INET, socket.SOCK_DGRAM, udp))
            attempt("unix", lambda: dial(socket.AF_UNIX, socket.SOCK_STREAM, {abstract!r}))
            metadata = ("169.254.169.254", 80)
            attempt("metadata", lambda: dial(socket.AF_INET, socket.SOCK_STREAM, metadata))
            attempt("names", lambda: socket.getaddrinfo("example.com", 80))
            attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
            attempt("vsock", lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
            attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
            print("end")
            """,
        )

        assert result.output == "end\n"
        for listener in (tcp, local):
            with pytest.raises(BlockingIOError):
                listener.accept()
        with pytest.raises(BlockingIOError):
            udp.recv(1)


def test_signals_do_not_reach_other_processes(runner: Runner, tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        result = run_code(
            runner,
            tmp_path,
            f"""
            import os, signal
            # a signal that is ignored by default, as the broadcast would meet everyone
            for pid, number in ((-1, signal.SIGWINCH), ({bystander.pid}, signal.SIGKILL),
                                ({os.getpid()}, signal.SIGWINCH)):
                try:
                    os.kill(pid, number)
                    print("SENT", pid)
                except OSError:
                    pass
            for pid in (1, os.getppid()):
                try:
                    os.kill(pid, signal.SIGTERM)
                except OSError:
                    pass
            print("end")
            """,
        )
        survived = bystander.poll() is None
        bystander.kill()

    assert survived
    assert result.output == "end\n"
    assert result.failure is None
