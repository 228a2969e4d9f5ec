"""`synth show`: everything about one machine-year."""

import click

from synth_pipeline.cli import console, tables
from synth_pipeline.cli.here import chosen_year, services_here
from synth_pipeline.cli.options import json_option, year_option
from synth_pipeline.cli.rows import show_year
from synth_pipeline.domain.partition import PartitionKey


@click.command()
@click.argument("machine", metavar="USER/MACHINE")
@year_option
@json_option
def show(*, machine: str, year: int | None, as_json: bool) -> None:
    """Show one machine: provenance, signals, anomalies, files.

    Example: synth show ada/plasma-etcher
    """
    key = PartitionKey.parse(machine)
    services = services_here()
    row = services.store.load_machine(key)
    shown = show_year(services, row, chosen_year(services, row, year))
    if as_json:
        console.print_json(shown.as_json())
    else:
        tables.print_shown(shown)
