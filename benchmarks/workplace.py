"""A fresh store, home and services to measure in, and the machine that is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.progress import Watch, unwatched
from synth_pipeline.sandbox.runner import Limits, Runner, RunResult
from synth_pipeline.services import Services
from synth_pipeline.settings import FolderLocation, Settings, SqliteLocation

INDUSTRY, USER, YEAR, SEED = "semiconductor", "bench", 2024, 7
SIGNALS, ROWS = 10, 527_040  # of the catalogue's plasma etcher, in a leap year


def make_services(
    folder: Path,
    *,
    with_report: bool = True,
    workers: int = 2,
    runner: Runner | None = None,
    watch: Watch = unwatched,
) -> Services:
    """Embedded services on a store and a home below `folder`."""
    home = folder / "home"
    settings = Settings(
        home=home,
        store=FolderLocation(folder / "store"),
        registry=SqliteLocation(home / "requests.db"),
        workers=workers,
        with_report=with_report,
    )
    return Services(settings, runner=runner, watch=watch)


def machines(services: Services, count: int) -> tuple[Machine, ...]:
    """Put the first `count` machines of the industry on the user's list."""
    ideas = services.author.list_machines(INDUSTRY, count).ideas
    rows = tuple(
        Machine(
            user_id=USER,
            slug=f"machine-{number:03d}",
            name=idea.name,
            industry=INDUSTRY,
            description=idea.description,
            kind=idea.kind,
            unit=idea.unit,
            year=YEAR,
            seed=SEED,
        )
        for number, idea in enumerate(ideas, 1)
    )
    services.store.merge_machines(USER, lambda _: rows)
    return rows


@dataclass
class RecordingRunner:
    """The real runner, with each run's peak memory kept."""

    inner: Runner
    peak_bytes: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def isolates(self) -> bool:
        return self.inner.isolates

    def run(self, folder: Path, environment: Mapping[str, str], limits: Limits) -> RunResult:
        result = self.inner.run(folder, environment, limits)
        self.peak_bytes.append(result.peak_memory_bytes)
        return result
