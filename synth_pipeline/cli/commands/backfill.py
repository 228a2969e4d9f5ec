"""`synth backfill`: make a user's data again."""

import datetime as dt
from pathlib import Path

import click

from synth_pipeline.cli import console
from synth_pipeline.cli.here import services_here
from synth_pipeline.domain.errors import NotFoundError
from synth_pipeline.domain.names import require_name


@click.command()
@click.option("--user", "user_id", required=True, help="Whose machines.")
@click.option("--all", "everything", is_flag=True, help="Also those that are not due.")
def backfill(*, user_id: str, everything: bool) -> None:
    """Launch a backfill of the user's due machines; a running `make dev` carries it out.

    Example: synth backfill --user ada --all
    """
    from synth_pipeline.cli.workbench import Workbench, open_instance  # noqa: PLC0415

    user_id = require_name(user_id, "user id")
    services = services_here()
    if not services.store.load_machines(user_id):
        raise NotFoundError(f"user {user_id!r} has no machines; request some first")
    with open_instance(services.settings.home, Path.cwd()) as instance:
        now = dt.datetime.now(dt.UTC)
        launched = Workbench(instance, services).backfill(user_id, now, everything=everything)
    console.out.print(launched, markup=False)
