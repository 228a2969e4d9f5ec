"""The tables of one run: on the terminal and as results.md."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.goals import Goal
from benchmarks.growth import Growth
from benchmarks.sampling import Samples

NOTES = """\
- All cases take turns (a b c … a b c …) in one run, after a round that does not count; the
  medians are compared. Wall time.
- **floor**: `numpy.random.default_rng`, a five-minute moving average and
  `pyarrow.parquet.write_table(compression="zstd")`, in process, nothing else.
  **floor, rounded** is the same rounded to two decimals and encoded as the project publishes.
- **machine-year**: accepted catalogue code of the plasma etcher (ten signals, 2024) run in the
  sandbox, its output read, judged and measured, encoded anew and published with its labels; with
  the report picture, as by default, and without it. The goals use the one with the picture.
- **plain**: `benchmarks/scripts/plain_year.py`; GutenTAG and dbldatagen run in environments of
  their own and write their own formats (CSV with ten channels; Parquet by local Spark).
- **ten machines**: `synth generate --number 10` in a new process on a new home and store: the
  catalogue writes the code, it is run and judged once, and published.
- **growth**: one Dagster run per size with one worker. Its runner hands out one finished year
  instead of running Python, so that Dagster's share shows; judging, publishing, registry,
  metadata and checks are as ever. Dagster's own is the wall time less producing and judging.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run found."""

    host: Mapping[str, str]
    samples: Sequence[Samples]
    goals: Sequence[Goal]
    growth: Sequence[Growth]
    facts: Mapping[str, str]
    skipped: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table before it is drawn: text cells, all columns but the first to the right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def grids(report: Report) -> Iterable[Grid]:
    """The tables in the order to show them."""
    yield Grid("Goals", ("goal", "measured", "limit", ""), [_goal_row(g) for g in report.goals])
    yield _timings(report.samples)
    if report.growth:
        columns = ("machines", "s", "s a machine", "Dagster's own, s a machine",
                   "peak memory, MB", "database, MB")  # fmt: skip
        yield Grid("Growth in one run", columns, [_growth_row(g) for g in report.growth])
    yield Grid("Sizes", ("what", ""), list(report.facts.items()))


def print_report(report: Report, console: Console) -> None:
    """Draw the tables on the terminal."""
    for grid in grids(report):
        table = Table(title=grid.title, title_justify="left", title_style="bold")
        for i, column in enumerate(grid.columns):
            table.add_column(column, justify="right" if i else "left")
        for row in grid.rows:
            table.add_row(*row)
        console.print(table)
    for name, reason in report.skipped.items():
        console.print(f"{name} skipped: {reason}", markup=False)


def to_markdown(report: Report) -> str:
    """The same tables as Markdown, with what they were measured on and how."""
    host = "\n".join(f"- {name}: {value}" for name, value in report.host.items())
    tables = "\n\n".join(_markdown(grid) for grid in grids(report))
    skipped = "".join(f"- {name} skipped: {why}\n" for name, why in report.skipped.items())
    return f"# Benchmarks\n\nWritten by `make bench`.\n\n{host}\n\n{tables}\n\n{skipped}{NOTES}"


def _timings(samples: Sequence[Samples]) -> Grid:
    floor = next(found.median for found in samples if found.case.name == "floor")
    rows = [
        (
            found.case.title,
            *(f"{value:.3f}" for value in (found.median, found.best, found.worst)),
            f"{found.median / floor:.2f}",
            str(len(found.seconds)),
        )
        for found in samples
    ]
    return Grid("Timings", ("what", "median s", "best s", "worst s", "÷ (a)", "runs"), rows)


def _goal_row(goal: Goal) -> tuple[str, ...]:
    sign = "≥" if goal.at_least else "≤"
    value = "" if goal.value is None else f"{goal.value:.3g} {goal.unit}"
    return goal.text, value, f"{sign} {goal.limit:.3g} {goal.unit}", goal.verdict


def _growth_row(growth: Growth) -> tuple[str, ...]:
    return (
        str(growth.machines),
        f"{growth.wall_s:.1f}",
        f"{growth.wall_s / growth.machines:.3f}",
        f"{growth.dagster_s / growth.machines:.3f}",
        f"{growth.peak_memory_bytes / 2**20:.0f}",
        f"{growth.database_bytes / 1e6:.1f}",
    )


def _markdown(grid: Grid) -> str:
    rule = "|".join(["---", *["--:"] * (len(grid.columns) - 1)])
    lines = [f"| {' | '.join(cells)} |" for cells in [grid.columns, *grid.rows]]
    lines.insert(1, f"|{rule}|")
    return f"## {grid.title}\n\n" + "\n".join(lines)
