"""Runs a generator in a fresh folder behind the sandbox and judges what it leaves there."""

import py_compile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import cache_from_source
from pathlib import Path

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.progress import Progress
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.output import found_files, read_output
from synth_pipeline.sandbox.runner import RunResult, never
from synth_pipeline.services import Services

KIT_CACHE = cache_from_source("signal_kit.py")
SHOWN_OUTPUT = 2000  # characters of a run that ended well


@dataclass(frozen=True, slots=True)
class Asked:
    """What one run is asked for; without `anomalies` it is the clean twin, which has no labels.

    `hash_seed` is that of Python's sets and `hash()`; `wall_factor` lengthens the time limit of
    runs that share the cores with others; `step` is what whoever watches is told. Machines of
    one `site` have one weather.
    """

    year: int
    seed: int
    site: str = ""
    anomalies: bool = True
    hash_seed: int = 0
    wall_factor: float = 1.0
    step: str = "run"

    @classmethod
    def by(cls, machine: Machine) -> "Asked":
        """The year and seed of the machine's row; its user is the site."""
        return cls(machine.year, machine.seed, machine.user_id)

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that a generator reads."""
        return {
            "SYNTH_YEAR": str(self.year),
            "SYNTH_SEED": str(self.seed),
            "SYNTH_SITE": self.site,
            "SYNTH_ANOMALIES": "on" if self.anomalies else "off",
            "PYTHONHASHSEED": str(self.hash_seed),
        }


@dataclass(frozen=True, slots=True)
class Program:
    """A generator and the kit beside it, tried for one machine."""

    machine: Machine
    source: str
    kit: str


@dataclass(frozen=True, slots=True)
class Tryout:
    """What one run gave, None where a finding is fatal; `seconds` is its wall time."""

    made: MachineYear | None
    findings: tuple[Finding, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Ran:
    """One run that has ended; what it left lies in `folder`."""

    services: Services
    program: Program
    asked: Asked
    result: RunResult
    folder: Path

    def read(self) -> Tryout:
        """Read and judge what was left."""
        seconds = self.result.wall_s
        if self.result.finding is not None:
            return Tryout(None, tuple(_of_failure(self.result, self.folder)), seconds)
        if self.asked.step == "run":
            self.services.watch(Progress(self.program.machine.slug, "judge"))
        output = read_output(
            self.folder,
            self.asked.year,
            with_labels=self.asked.anomalies,
            is_trusted=self.services.author.is_trusted,
        )
        said = () if output.made is not None else _of_output(self.result)
        return Tryout(output.made, (*output.findings, *said), seconds)


@lru_cache(maxsize=8)
def _compiled(kit: str) -> bytes:
    """The kit's bytecode, so that no run has to compile it again: a twentieth of a second."""
    with tempfile.TemporaryDirectory(prefix="synth-") as name:
        source, compiled = Path(name, "signal_kit.py"), Path(name, "signal_kit.pyc")
        source.write_text(kit, encoding="utf-8")
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH  # whatever the time of the copy
        py_compile.compile(
            str(source), str(compiled), dfile=source.name, doraise=True, invalidation_mode=mode
        )
        return compiled.read_bytes()


@contextmanager
def ran(
    services: Services,
    program: Program,
    asked: Asked,
    *,
    begins: Callable[[], bool] = lambda: True,
    is_stopped: Callable[[], bool] = never,
) -> Iterator[Ran | None]:
    """Run a generator once, when one of the places of `services.run_slots` is free.

    None where `begins` then says no. The run ends early where `is_stopped` says so.
    """
    wall_s = services.limits.wall_s * asked.wall_factor
    limits = replace(services.limits, wall_s=wall_s, is_stopped=is_stopped)
    with tempfile.TemporaryDirectory(prefix="synth-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "main.py").write_text(program.source, encoding="utf-8")
        (folder / "signal_kit.py").write_text(program.kit, encoding="utf-8")
        (folder / "__pycache__").mkdir()
        (folder / KIT_CACHE).write_bytes(_compiled(program.kit))
        result: RunResult | None = None
        with services.run_slots:
            if begins():
                services.watch(Progress(program.machine.slug, asked.step))
                result = services.runner.run(folder, asked.environment, limits)
        folder.chmod(0o700)  # the code may have closed it to its owner, who is not always root
        yield None if result is None else Ran(services, program, asked, result, folder)


def try_code(
    services: Services,
    program: Program,
    asked: Asked,
    *,
    is_stopped: Callable[[], bool] = never,
) -> Tryout:
    """Run a generator once and read what it left."""
    with ran(services, program, asked, is_stopped=is_stopped) as run:
        assert run is not None  # noqa: S101  # it always begins
        return run.read()


def _of_failure(result: RunResult, folder: Path) -> Iterator[Finding]:
    assert result.finding is not None  # noqa: S101  # the caller has looked
    topic = result.finding.topic
    yield Finding(topic, f"the script {result.finding.message}")
    if result.output.strip():
        yield Finding(topic, f"its output ended with:\n{result.output.strip()}")
    if files := found_files(folder):
        yield Finding(topic, f"files it left: {', '.join(files[:10])}")
    yield from _elsewhere(result)


def _of_output(result: RunResult) -> Iterator[Finding]:
    """What helps to see why a run that ended well left nothing to accept."""
    yield from _elsewhere(result)
    if result.output.strip():
        tail = result.output.strip()[-SHOWN_OUTPUT:]
        yield Finding(Topic.FILES, f"its output ended with:\n{tail}", is_fatal=False)


def _elsewhere(result: RunResult) -> Iterator[Finding]:
    if result.elsewhere:
        names = ", ".join(result.elsewhere)
        message = f"it wrote to {names}; only what lies in the working folder is kept"
        yield Finding(Topic.FILES, message, is_fatal=False)
