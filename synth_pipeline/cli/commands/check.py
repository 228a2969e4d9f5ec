"""`synth check`: judge what is stored."""

from pathlib import Path

import click

from synth_pipeline.cli import console, tables
from synth_pipeline.cli.here import services_here, valid_user
from synth_pipeline.cli.junit import write_junit
from synth_pipeline.cli.options import json_option, user_option
from synth_pipeline.cli.rows import machines_of, verdict_json
from synth_pipeline.domain.errors import NotFoundError


@click.command()
@user_option
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, resolve_path=True, path_type=Path),
    help="Also write JUnit XML, one case per machine and check.",
)
@json_option
def check(*, user_id: str | None, junit: Path | None, as_json: bool) -> None:
    """Run all asset checks on what is stored; exit 1 when one fails.

    Example: synth check --user ada --junit checks.xml
    """
    from synth_pipeline.cli.workbench import Workbench, open_instance  # noqa: PLC0415

    user_id = valid_user(user_id)
    services = services_here()
    found = list(machines_of(services.store, user_id))
    if not found:
        whose = f"user {user_id!r} has" if user_id else "there are"
        raise NotFoundError(f"{whose} no machines in {services.settings.store}")
    with open_instance(services.settings.home, Path.cwd()) as instance:
        verdicts = Workbench(instance, services).check([machine.key for machine in found])
    if junit:
        write_junit(verdicts, junit)
    if as_json:
        console.print_json([verdict_json(verdict) for verdict in verdicts])
    else:
        tables.print_checks(verdicts)
    if any(verdict.is_blocking and not verdict.passed for verdict in verdicts):
        raise click.exceptions.Exit(1)
