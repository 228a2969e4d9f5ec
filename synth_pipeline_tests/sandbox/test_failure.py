"""How the end of a run is put into one sentence."""

import pytest

from synth_pipeline.domain.finding import Topic
from synth_pipeline.sandbox.failure import breach_of, describe_ending, last_error
from synth_pipeline.sandbox.measure import FolderUse, ProcessUse
from synth_pipeline.sandbox.runner import MEBIBYTE, Limits

TRACEBACK = 'Traceback (most recent call last):\n  File "/work/main.py", line 1\n    x\n'

LIMITS = Limits(wall_s=120.0)


@pytest.mark.parametrize(
    ("elapsed_s", "folder", "processes", "sentence"),
    [
        (1.0, FolderUse(), ProcessUse(), None),
        (120.1, FolderUse(), ProcessUse(), "timed out after 120 s"),
        (1.0, FolderUse(files=1001), ProcessUse(), "made more than 1000 files"),
        (
            1.0,
            FolderUse(is_open=False),
            ProcessUse(),
            "made a folder that cannot be looked into",
        ),
        (
            1.0,
            FolderUse(size_bytes=1000 * MEBIBYTE),
            ProcessUse(deleted_bytes=100 * MEBIBYTE),
            "wrote more than 1024 MiB in all",
        ),
        (
            1.0,
            FolderUse(),
            ProcessUse(resident_bytes=3073 * MEBIBYTE),
            "used more than 3072 MiB of memory",
        ),
        (1.0, FolderUse(), ProcessUse(threads=65), "started more than 64 threads"),
        (1.0, FolderUse(), ProcessUse(cpu_s=122.0), "used more than 120 s of processor time"),
    ],
)
def test_a_broken_limit_is_named(
    elapsed_s: float, folder: FolderUse, processes: ProcessUse, sentence: str | None
) -> None:
    found = breach_of(LIMITS, elapsed_s=elapsed_s, folder=folder, processes=processes)

    assert (found and found.message) == sentence


@pytest.mark.parametrize(
    ("exit_code", "output", "sentence"),
    [
        (0, "", None),
        (0, TRACEBACK + "ValueError: printed, not raised\n", None),
        (2, "", "exited with code 2"),
        (1, TRACEBACK + "NameError: name 'x'\n", "exited with code 1: NameError: name 'x'"),
        (-9, "", "was killed by signal 9 (SIGKILL)"),
        (137, "", "was killed by signal 9 (SIGKILL)"),
        (-11, "", "was killed by signal 11 (SIGSEGV)"),
        (152, "", "used more than 120 s of processor time"),
        (-25, "", "wrote more than 512 MiB to one file"),
        (
            1,
            TRACEBACK + "OSError: [Errno 27] File too large\n",
            "wrote more than 512 MiB to one file",
        ),
        (1, TRACEBACK + "MemoryError\n", "used more than 3072 MiB of memory: MemoryError"),
        (
            134,
            "terminate called\n  what():  std::bad_alloc\n",
            "used more than 3072 MiB of memory: what():  std::bad_alloc",
        ),
        (
            1,
            TRACEBACK + "pyarrow.lib.ArrowMemoryError: malloc of size 64 failed\n",
            "used more than 3072 MiB of memory: "
            "pyarrow.lib.ArrowMemoryError: malloc of size 64 failed",
        ),
    ],
)
def test_an_ending_is_one_sentence(exit_code: int, output: str, sentence: str | None) -> None:
    found = describe_ending(exit_code, output, LIMITS)

    assert (found and found.message) == sentence


def test_a_long_message_is_cut() -> None:
    found = describe_ending(1, TRACEBACK + f"ValueError: {'x' * 9000}\n", LIMITS)

    assert found is not None
    assert len(found.message) == 400
    assert found.message.endswith("...")


@pytest.mark.parametrize(
    ("error", "topic"),
    [
        ("ModuleNotFoundError: No module named 'scipy'", Topic.IMPORTS),
        ("NameError: name 'rows' is not defined", Topic.NAMES),
        ("urllib.error.URLError: <urlopen error [Errno -3]>", Topic.SURROUNDINGS),
        ("ValueError: expected a PermissionError", Topic.CRASH),
        ("RuntimeError: network timed out of memory", Topic.CRASH),
    ],
)
def test_what_an_ending_is_about_is_told_by_the_class_of_the_exception(
    error: str, topic: Topic
) -> None:
    found = describe_ending(1, f"{TRACEBACK}{error}\n", LIMITS)

    assert found is not None
    assert found.topic is topic


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("", ""),
        ("first\nlast\n\n", "last"),
        (TRACEBACK + "KeyError: 'a'\n", "KeyError: 'a'"),
        (TRACEBACK + "ValueError: one\nsecond line of it\n", "ValueError: one"),
        (
            TRACEBACK + "KeyError: 1\n\nDuring handling of it:\n\n" + TRACEBACK + "ZeroError: 2\n",
            "ZeroError: 2",
        ),
        (TRACEBACK + "KeyError: 'a'\nprinted at exit\n", "KeyError: 'a'"),
        (
            '  File "/work/main.py", line 1\n    x = (\n        ^\nSyntaxError: no\n',
            "SyntaxError: no",
        ),
    ],
)
def test_the_last_error_is_found_among_the_output(output: str, line: str) -> None:
    assert last_error(output) == line
