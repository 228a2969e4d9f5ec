"""Cost per machine in one batch run of 1 to 200 machines, and Dagster's own share of it.

The generator is a stub: the runner hands out one finished year instead of running Python, so
that 200 machines take a minute. All else is as ever: judging, publishing, registry, and one
Dagster run with its materializations, metadata and five checks a partition. What Dagster takes
is the wall time of the run less the time spent in producing and judging, with one worker.
Each size runs in a process of its own, so that its peak memory can be told.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.workplace import machines, make_services
from synth_pipeline.cli.workbench import Workbench, open_instance
from synth_pipeline.defs.partitions import add_partitions
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.progress import Progress
from synth_pipeline.making.standing import stored_year
from synth_pipeline.sandbox.runner import Limits, Runner, RunResult
from synth_pipeline.sandbox.select import choose_runner
from synth_pipeline.services import Services

SIZES = (1, 10, 50, 100, 200)
CODE_FILES = frozenset({"main.py", "signal_kit.py"})


@dataclass(frozen=True, slots=True)
class Growth:
    """What one batch run took."""

    machines: int
    wall_s: float
    producing_s: float
    judging_s: float
    peak_memory_bytes: int
    database_bytes: int

    @property
    def dagster_s(self) -> float:
        """Seconds that are neither producing nor judging."""
        return self.wall_s - self.producing_s - self.judging_s


@dataclass
class ReplayRunner:
    """A runner that leaves what the first run of the real one left."""

    inner: Runner
    year: Path
    name: str = "replay"
    isolates: bool = True

    def run(self, folder: Path, environment: Mapping[str, str], limits: Limits) -> RunResult:
        if not any(self.year.iterdir()):
            self.inner.run(folder, environment, limits)
            for path in folder.iterdir():
                if path.name not in CODE_FILES:
                    shutil.copy(path, self.year / path.name)
        for path in self.year.iterdir():
            shutil.copy(path, folder / path.name)
        return RunResult(None, "", 0, 0.0, 0)


@dataclass
class Stopwatch:
    """Adds up the time from each machine's first step to its last; machines come in turn."""

    total_s: float = 0.0
    _begun: dict[str, float] = field(default_factory=dict)

    def __call__(self, progress: Progress) -> None:
        now = time.perf_counter()
        begun = self._begun.setdefault(progress.machine, now)
        if progress.step in ("done", "failed"):
            self.total_s += now - begun


def grow(sizes: Sequence[int], folder: Path) -> Iterator[Growth]:
    """Measure each size in a process of its own."""
    for size in sizes:
        place = folder / f"growth-{size}"
        place.mkdir(parents=True)
        command = [sys.executable, "-m", "benchmarks.growth", str(size), str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"growth of {size} failed: {done.stderr.strip()[-500:]}")
        yield Growth(**json.loads(done.stdout))
        shutil.rmtree(place)


def per_partition_s(found: Sequence[Growth]) -> float:
    """Dagster's own seconds per partition at the greatest size, the run's start included."""
    last = max(found, key=lambda growth: growth.machines)
    return last.dagster_s / last.machines


def measure(size: int, folder: Path) -> Growth:
    """Make `size` machines in one run in this process."""
    watch = Stopwatch()
    with (
        tempfile.TemporaryDirectory(prefix="synth-replay-") as year,
        open_instance(folder / "home", folder) as instance,
    ):
        runner = ReplayRunner(choose_runner("auto"), Path(year))
        services = make_services(folder, with_report=False, workers=1, runner=runner, watch=watch)
        rows = machines(services, size)
        keys = [row.key for row in rows]
        add_partitions(instance, "users", [rows[0].user_id])
        add_partitions(instance, "machines", [str(key) for key in keys])
        workbench = Workbench(instance, services)
        started = time.perf_counter()
        workbench.make(keys)
        wall_s = time.perf_counter() - started
        started = time.perf_counter()
        for row in rows:
            _require_good(services, row)
        judging_s = time.perf_counter() - started
    return Growth(
        machines=size,
        wall_s=wall_s,
        producing_s=watch.total_s,
        judging_s=judging_s,
        peak_memory_bytes=_peak_memory_bytes(),
        database_bytes=sum(p.stat().st_size for p in (folder / "home").rglob("*.db*")),
    )


def _peak_memory_bytes() -> int:
    """Most memory of this process; `ru_maxrss` would count the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return (
        next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        * 1024
    )


def _require_good(services: Services, row: Machine) -> None:
    for verdict in stored_year(services, row).judge():
        if not verdict.passed:
            raise SynthError(f"{row.key}: {verdict.check}: {verdict.summary}")


if __name__ == "__main__":
    print(json.dumps(asdict(measure(int(sys.argv[1]), Path(sys.argv[2])))))
