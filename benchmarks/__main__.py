"""`python -m benchmarks`: measure, show the tables, write results.md."""

from pathlib import Path

import click
from rich.console import Console

DEFAULT_SIZES = "1,10,50,100,200"
QUICK_SIZES = "1,10"
RESULTS = Path(__file__).with_name("results.md")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--repeat", type=click.IntRange(1), default=5, show_default=True, help="Runs a case.")
@click.option("--quick", is_flag=True, help="One run a case, and growth to ten machines only.")
@click.option("--foreign/--no-foreign", default=True, help="GutenTAG and dbldatagen.")
@click.option("--sizes", help=f"Machines a growth run.  [default: {DEFAULT_SIZES}]")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=RESULTS,
    help="Markdown file to write.  [default: benchmarks/results.md]",
)
def main(*, repeat: int, quick: bool, foreign: bool, sizes: str | None, output: Path) -> None:
    """Measure a machine-year against the floor and against others, side by side.

    Example: python -m benchmarks --repeat 9 --no-foreign
    """
    from benchmarks.results import print_report, to_markdown  # noqa: PLC0415  # after --help
    from benchmarks.suite import run_all  # noqa: PLC0415

    chosen = sizes or (QUICK_SIZES if quick else DEFAULT_SIZES)
    err = Console(stderr=True, highlight=False)
    report = run_all(
        1 if quick else repeat,
        [int(size) for size in chosen.split(",")],
        with_foreign=foreign,
        watch=lambda text: err.print(f"[dim]{text}[/]"),
    )
    output.write_text(to_markdown(report), encoding="utf-8")
    print_report(report, Console(highlight=False))


if __name__ == "__main__":
    main()
