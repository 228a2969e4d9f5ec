"""`synth export`: a machine-year for other programs."""

from pathlib import Path

import click

from synth_pipeline.cli import console
from synth_pipeline.cli.here import chosen_year, services_here
from synth_pipeline.cli.options import year_option
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.making.stored_year import StoredYear
from synth_pipeline.readings.export import export_csv


@click.command()
@click.argument("machine", metavar="USER/MACHINE")
@click.option("--format", "kind", type=click.Choice(["csv"]), default="csv", show_default=True)
@click.option(
    "--output",
    required=True,
    type=click.Path(resolve_path=True, path_type=Path),
    help="Folder to write to.",
)
@year_option
def export(*, machine: str, kind: str, output: Path, year: int | None) -> None:  # noqa: ARG001
    """Write a machine's year and its labels as CSV.

    Example: synth export ada/plasma-etcher --format csv --output exported
    """
    key = PartitionKey.parse(machine)
    services = services_here()
    row = services.store.load_machine(key)
    stored = StoredYear(services.store, key, chosen_year(services, row, year))
    stem = f"{key.machine}-{stored.year}"
    for path in export_csv(stored.table(), stored.labels(), output, stem):
        console.out.print(str(path), markup=False)
