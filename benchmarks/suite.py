"""Puts the cases together, lets them take turns and sums up."""

import functools
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import foreign, host
from benchmarks.floor import plain_parquet, sensor_parquet, start_interpreter, write_noise
from benchmarks.goals import Measured, judge
from benchmarks.growth import Growth, grow, per_partition_s
from benchmarks.machine_year import MachineYear
from benchmarks.plain import make_plain_year
from benchmarks.results import Report
from benchmarks.sampling import Case, Samples, take_turns, timed
from benchmarks.ten_machines import generate

Watch = Callable[[str], None]


def run_all(repeat: int, sizes: Sequence[int], *, with_foreign: bool, watch: Watch) -> Report:
    """Measure everything in a temporary folder; return what was found."""
    with tempfile.TemporaryDirectory(prefix="synth-bench-") as name:
        folder = Path(name)
        year = MachineYear(folder / "year", with_report=True)
        about = host.describe(year.runner.name)
        cases = list(_own_cases(folder, year))
        skipped: dict[str, str] = {}
        if with_foreign:
            others, skipped = _foreign_cases(folder, watch)
            cases += others
        found = take_turns(cases, repeat, watch=watch)
        growth = list(_growth(sizes, folder, watch))
        return Report(
            host=about,
            samples=list(found.values()),
            goals=list(judge(_measured(year, found, growth))),
            growth=growth,
            facts=_facts(folder, year, with_foreign=with_foreign),
            skipped=skipped,
        )


def _own_cases(folder: Path, year: MachineYear) -> Iterator[Case]:
    bare = MachineYear(folder / "bare", with_report=False)
    noise, rounded = folder / "noise.parquet", folder / "rounded.parquet"
    empty, runner = folder / "empty", year.services.runner
    yield Case(
        "floor", "(a) floor: numpy and Parquet", timed(lambda: write_noise(noise, plain_parquet))
    )
    yield Case("rounded", "(a) floor, rounded", timed(lambda: write_noise(rounded, sensor_parquet)))
    yield Case(
        "start", "start of Python in the sandbox", timed(lambda: start_interpreter(runner, empty))
    )
    yield Case("year", "(b) machine-year", timed(year.make))
    yield Case("bare", "(b) without the picture", timed(bare.make))
    yield Case("checks", "(g) all checks of it", timed(year.check))
    yield Case(
        "plain", "(c) plain pandas and CSV", timed(lambda: make_plain_year(folder / "plain.csv"))
    )
    yield Case("ten", "(e) request of ten machines", timed(lambda: generate(folder / "ten")))


def _foreign_cases(folder: Path, watch: Watch) -> tuple[list[Case], dict[str, str]]:
    cases: list[Case] = []
    skipped: dict[str, str] = {}
    for tool in (foreign.GUTENTAG, foreign.DBLDATAGEN):
        watch(f"(d) {tool.name}: its own environment")
        place = folder / tool.name
        try:
            python = tool.install(foreign.default_cache())
            tool.make_year(python, place)
        except foreign.NotAvailableError as error:
            skipped[tool.name] = str(error)
            continue
        make = functools.partial(tool.make_year, python, place)
        cases.append(Case(tool.name, f"(d) {tool.name}", timed(make)))
    return cases, skipped


def _growth(sizes: Sequence[int], folder: Path, watch: Watch) -> Iterator[Growth]:
    for size in sizes:
        watch(f"(f) {size} machines in one run")
        yield from grow([size], folder)


def _measured(
    year: MachineYear, found: Mapping[str, Samples], growth: Sequence[Growth]
) -> Measured:
    return Measured(
        seconds={name: samples.median for name, samples in found.items()},
        peak_memory_bytes=year.peak_memory_bytes,
        file_bytes=year.file_bytes,
        dagster_s=per_partition_s(growth) if growth else None,
    )


def _facts(folder: Path, year: MachineYear, *, with_foreign: bool) -> Mapping[str, str]:
    sizes = {
        "machine-year, Parquet": year.file_bytes,
        "plain, CSV": (folder / "plain.csv").stat().st_size,
        "floor, Parquet": (folder / "noise.parquet").stat().st_size,
        "floor, rounded, Parquet": (folder / "rounded.parquet").stat().st_size,
    }
    if with_foreign:
        tools = (foreign.GUTENTAG.name, foreign.DBLDATAGEN.name)
        sizes |= {name: foreign.folder_bytes(folder / name) for name in tools}
    shown = {name: f"{size / 1e6:.1f} MB" for name, size in sizes.items() if size}
    return {**shown, "peak memory of a child": f"{year.peak_memory_bytes / 2**20:.0f} MB"}
