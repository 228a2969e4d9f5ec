"""`synth machines`: what exists."""

import click

from synth_pipeline.cli import console, tables
from synth_pipeline.cli.here import services_here, valid_user
from synth_pipeline.cli.options import json_option, user_option
from synth_pipeline.cli.rows import machine_row, machines_of


@click.command()
@user_option
@json_option
def machines(*, user_id: str | None, as_json: bool) -> None:
    """Show which machines exist.

    Example: synth machines --user ada
    """
    services = services_here()
    found = machines_of(services.store, valid_user(user_id))
    rows = [machine_row(services, machine) for machine in found]
    if as_json:
        console.print_json([row.as_json() for row in rows])
    else:
        tables.print_machines(rows)
