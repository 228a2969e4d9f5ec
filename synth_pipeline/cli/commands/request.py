"""`synth request`: ask, for others to carry out."""

from typing import Any

import click

from synth_pipeline.cli import console
from synth_pipeline.cli.here import services_here
from synth_pipeline.cli.options import json_option, request_options
from synth_pipeline.cli.rows import request_json
from synth_pipeline.domain.request import Request
from synth_pipeline.making.cron import require_cron


@click.command()
@request_options
@click.option("--refresh-cron", help="Renew the data at these times (UTC), such as '0 2 * * 1'.")
@json_option
def request(*, refresh_cron: str | None, as_json: bool, **values: Any) -> None:
    """Only submit a request; sensor on_new_request of a running `make dev` picks it up.

    Example: synth request --industry semiconductor --number 3 --user ada --refresh-cron "0 2 * * 1"
    """
    wanted = Request.create(**values)
    cron = require_cron(refresh_cron)
    services = services_here()
    services.store.check()
    services.registry.check()
    record = services.registry.submit(wanted, cron)
    if as_json:
        console.print_json(request_json(record, services.settings.prices))
    else:
        console.out.print(
            f"request {record.request_id} is {record.status}; "
            f"follow it with: synth requests --user {wanted.user_id}",
            markup=False,
        )
