"""`synth generate`: ask and carry out."""

from pathlib import Path
from typing import Any

import click

from synth_pipeline.cli import console, tables
from synth_pipeline.cli.here import services_here
from synth_pipeline.cli.options import json_option, request_options
from synth_pipeline.cli.rows import made_rows, request_json
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.outcome import RequestStatus
from synth_pipeline.domain.request import Request


@click.command()
@request_options
@click.option(
    "--rewrite", is_flag=True, help="Write new generators even where accepted ones exist."
)
@json_option
def generate(*, rewrite: bool, as_json: bool, **values: Any) -> None:
    """Submit a request and carry it out here and now.

    Example: synth generate --industry semiconductor --number 10 --user ada --year 2024 --seed 7
    """
    from synth_pipeline.cli.workbench import Workbench, open_instance  # noqa: PLC0415

    request = Request.create(**values)
    services = services_here()
    services.check()
    with (
        console.ProgressView() as view,
        open_instance(services.settings.home, Path.cwd()) as instance,
    ):
        bench = Workbench(instance, services.watched_by(view))
        verdicts = bench.carry_out(request, rewrite=rewrite)
    record = services.registry.get(request.request_id)
    shown, prices = made_rows(services, record, verdicts), services.settings.prices
    if as_json:
        made = [row.as_json() for row in shown]
        console.print_json({"request": request_json(record, prices), "machines": made})
    else:
        tables.print_generated(request, shown)
        tables.print_cost(record, prices)
    if record.status is not RequestStatus.DONE:
        raise SynthError(
            f"request {record.request_id} {record.status}: {record.error or 'not finished'}. "
            "Run the same command again to retry"
        )
    if not as_json:
        place = services.store.objects.uri(request.user_id)
        tables.print_next_steps(place, request.user_id, str(shown[0].key))
