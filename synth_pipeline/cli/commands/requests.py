"""`synth requests`: what was asked for."""

import click

from synth_pipeline.cli import console, tables
from synth_pipeline.cli.here import services_here, valid_user
from synth_pipeline.cli.options import json_option, user_option
from synth_pipeline.cli.rows import request_json


@click.command()
@user_option
@json_option
def requests(*, user_id: str | None, as_json: bool) -> None:
    """Show what was asked for, and where it stands.

    Example: synth requests --user ada
    """
    services = services_here()
    records, prices = services.registry.list(valid_user(user_id)), services.settings.prices
    if as_json:
        console.print_json([request_json(record, prices) for record in records])
    else:
        tables.print_requests(records, prices)
