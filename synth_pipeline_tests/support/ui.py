"""The UI as a user has it: `make dev` on a home of its own, seen in headless Chromium."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from synth_pipeline_tests.support.places import ROOT
from synth_pipeline_tests.support.servers import free_ports

PROJECT = ROOT
READY_WITHIN_S, STOPPED_WITHIN_S = 90.0, 15.0
SHOWN_WITHIN_MS = 90_000  # two busy cores, and Dagster's daemon looks at backfills every 30 s
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _BROWSERS)), None)
_SCRIPTS = Path(sys.executable).parent  # not resolved: the interpreter links out of the venv
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_OURS = ("AWS_", "DAGSTER_", "SYNTH_", "MAKE", "MFLAGS")
_IS_CALM = """() => ![...document.querySelectorAll('[class*=Spinner_], [class*=Toaster_]')].some(
    (each) => each.checkVisibility({opacityProperty: true, visibilityProperty: true}))"""
_TICKS = re.compile(r"(Asset|Sensor)Daemon.*INFO")
_READY = """{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } }
              instance { daemonHealth { allDaemonStatuses { required healthy } } } }"""


@dataclass
class Dev:
    """`make dev`, with its home, store and log in one folder."""

    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """What `make dev` prints to the terminal."""
        return self.folder / "dev.log"

    @property
    def environment(self) -> dict[str, str]:
        """For every program that is to work on the same home and store."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return plain | {
            "DAGSTER_HOME": str(self.folder / "home"),
            "SYNTH_STORE": str(self.folder / "store"),
            "DAGSTER_CLI_DEV_HOST": "127.0.0.1",  # the options of `dagster dev`
            "DAGSTER_CLI_DEV_PORT": str(self.port),
        }

    def start(self) -> None:
        """Start and wait until the definitions are loaded and every daemon runs."""
        home = self.folder / "home"
        home.mkdir(parents=True)
        shutil.copy(PROJECT / "synth_pipeline/defs/instance/dagster.yaml", home)
        # the recipe of `make dev` with the interpreter of this test, which is installed already
        command = ["make", "--assume-old=install", f"BIN={_SCRIPTS}", "dev"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._is_ready, READY_WITHIN_S, "`make dev` to be ready")

    def stop(self) -> None:
        """End the whole process group as Ctrl+C would, at the latest by a kill."""
        if self.process is None:
            return
        group = self.process.pid
        for end in (signal.SIGINT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, end)
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: not self._is_alive(group), STOPPED_WITHIN_S, "the end")
                self.process = None
                return
        raise RuntimeError(f"processes of group {group} outlived a kill")

    def synth(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a `synth` command on the same home and store."""
        return subprocess.Popen(
            [str(_SCRIPTS / "synth"), *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def graphql(self, query: str) -> Any:
        """The data of one GraphQL query."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)["data"]

    def tail(self) -> str:
        """The end of the log, for messages, without what the daemon says every five seconds."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join([line for line in lines if not _TICKS.search(line)][-40:])

    def _is_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"`make dev` ended:\n{self.tail()}")
        try:
            data = self.graphql(_READY)
        except OSError:  # nobody listens yet
            return False
        daemons = data["instance"]["daemonHealth"]["allDaemonStatuses"]
        is_loaded = bool(data["repositoriesOrError"].get("nodes"))
        return is_loaded and all(d["healthy"] for d in daemons if d["required"])

    def _is_alive(self, group: int) -> bool:
        if self.process is not None:
            self.process.poll()  # a dead child stays listed until it is asked for
        return bool(living_processes(group))


def wait_until(condition: Callable[[], bool], within_s: float, what: str) -> None:
    """Ask again and again; raise TimeoutError naming what was waited for."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {within_s:g} s for {what}")
        time.sleep(0.5)


def living_processes(group: int) -> list[int]:
    """The ids of a process group's members, without those that only wait to be reaped."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, member_of, *_ = stat.read_text().rpartition(")")[2].split()
            if int(member_of) == group and state != "Z":
                found.append(int(stat.parent.name))
    return found


@dataclass
class Ui:
    """One browser page on one `make dev`."""

    dev: Dev
    page: Page
    pictures: Path

    def open(self, path: str) -> Page:
        """Go to a page of the UI."""
        self.page.goto(f"http://127.0.0.1:{self.dev.port}{path}")
        return self.page

    def picture(self, name: str) -> Path:
        """Take a picture once nothing turns or pops up any more."""
        self.page.mouse.move(0, 0)
        expect(self.page.get_by_text("Refreshing data")).to_have_count(0)
        self.page.wait_for_function(_IS_CALM)
        path = self.pictures / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        return path

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Add what the page showed and `make dev` printed to whatever goes wrong inside."""
        try:
            yield
        except Exception as error:
            path = self.dev.folder / "failure.png"
            self.page.screenshot(path=path)
            error.add_note(f"page {self.page.url}, picture {path}\n`make dev`:\n{self.dev.tail()}")
            raise


@contextlib.contextmanager
def running_dev(folder: Path) -> Iterator[Dev]:
    """`make dev` for a block; nothing of it is left afterwards."""
    dev = Dev(folder)
    try:
        dev.start()
        yield dev
    except TimeoutError as error:
        error.add_note(f"`make dev`:\n{dev.tail()}")
        raise
    finally:
        dev.stop()


@contextlib.contextmanager
def open_browser(dev: Dev) -> Iterator[Ui]:
    """A fresh profile; pictures go to the folder SYNTH_SCREENSHOTS where that is set."""
    pictures = Path(os.environ.get("SYNTH_SCREENSHOTS") or dev.folder)
    pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900}, timezone_id="UTC")
            page.set_default_timeout(SHOWN_WITHIN_MS)
            yield Ui(dev, page, pictures)
        finally:
            browser.close()
