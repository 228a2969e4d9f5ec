"""Command line `synth`: thin commands over the same parts that Dagster runs."""

import datetime as dt
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from synth_pipeline import console, views
from synth_pipeline.cli_options import json_option, request_options, user_option, year_option
from synth_pipeline.domain.errors import NotFoundError, SynthError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.names import require_name
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.record import RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.exporting import export_csv
from synth_pipeline.junit import write_junit
from synth_pipeline.overview import (
    check_rows,
    machine_row,
    machines_of,
    made_rows,
    request_row,
    show_row,
)
from synth_pipeline.refresh import require_cron
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings, project_root


def main() -> None:
    """Run the command line; every expected error is one line on stderr."""
    try:
        code = cli.main(standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "synth"
        code = _complain(f"{' '.join(error.format_message().split())} See: {path} --help", 2)
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = _complain("interrupted", 130)
    except click.ClickException as error:
        code = _complain(error.format_message(), 2)
    except SynthError as error:
        code = _complain(str(error), error.exit_code)
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str, code: int) -> int:
    console.err.print(f"Error: {' '.join(message.split())}", markup=False, style="red")
    return code


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="synth_pipeline")
def cli() -> None:
    """Synthetic machine data: a year of minutes per machine, with labelled anomalies.

    Example: synth generate --industry semiconductor --number 10 --user ada
    """


@cli.command()
@request_options
@click.option(
    "--rewrite", is_flag=True, help="Write new generators even where accepted ones exist."
)
@json_option
def generate(*, rewrite: bool, as_json: bool, **values: Any) -> None:
    """Submit a request and carry it out here and now.

    Example: synth generate --industry semiconductor --number 10 --user ada --year 2024 --seed 7
    """
    from synth_pipeline.defs.running import Workbench, open_instance  # noqa: PLC0415

    request = Request.create(**values)
    services = _services()
    services.check()
    with (
        console.ProgressView() as view,
        open_instance(services.settings.home, Path.cwd()) as instance,
    ):
        Workbench(instance, replace(services, watch=view)).carry_out(request, rewrite=rewrite)
    record = services.registry.get(request.request_id)
    shown = made_rows(services, record)
    if as_json:
        console.print_json({"request": request_row(record), "machines": shown})
    else:
        views.print_generated(request, shown)
    if record.status is not RequestStatus.DONE:
        raise SynthError(
            f"request {record.request_id} {record.status}: {record.error or 'not finished'}. "
            "Run the same command again to retry"
        )
    if not as_json:
        place = services.store.objects.uri(request.user_id)
        views.print_next_steps(place, request.user_id, shown[0]["partition"])


@cli.command()
@request_options
@click.option("--refresh-cron", help="Renew the data at these times (UTC), such as '0 2 * * 1'.")
@json_option
def request(*, refresh_cron: str | None, as_json: bool, **values: Any) -> None:
    """Only submit a request; sensor on_new_request of a running `make dev` picks it up.

    Example: synth request --industry semiconductor --number 3 --user ada --refresh-cron "0 2 * * 1"
    """
    wanted = Request.create(**values)
    cron = require_cron(refresh_cron)
    services = _services()
    services.store.check()
    services.registry.check()
    record = services.registry.submit(wanted, cron)
    if as_json:
        console.print_json(request_row(record))
    else:
        console.out.print(
            f"request {record.request_id} is {record.status}; "
            f"follow it with: synth requests --user {wanted.user_id}",
            markup=False,
        )


@cli.command()
@user_option
@json_option
def requests(*, user_id: str | None, as_json: bool) -> None:
    """Show what was asked for, and where it stands.

    Example: synth requests --user ada
    """
    rows = [request_row(record) for record in _services().registry.list(_user(user_id))]
    if as_json:
        console.print_json(rows)
    else:
        views.print_requests(rows)


@cli.command()
@user_option
@json_option
def machines(*, user_id: str | None, as_json: bool) -> None:
    """Show which machines exist.

    Example: synth machines --user ada
    """
    store = _services().store
    rows = [machine_row(store, machine) for machine in machines_of(store, _user(user_id))]
    if as_json:
        console.print_json([asdict(row) for row in rows])
    else:
        views.print_machines(rows)


@cli.command()
@click.argument("machine", metavar="USER/MACHINE")
@year_option
@json_option
def show(*, machine: str, year: int | None, as_json: bool) -> None:
    """Show one machine: provenance, signals, anomalies, files.

    Example: synth show ada/plasma-etcher
    """
    key = PartitionKey.parse(machine)
    services = _services()
    row = services.store.load_machine(key)
    shown = show_row(services, row, _stored_year(services, row, year))
    if as_json:
        console.print_json(shown)
    else:
        views.print_machine(shown)


@cli.command()
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
    from synth_pipeline.defs.running import Workbench, open_instance  # noqa: PLC0415

    user_id = _user(user_id)
    services = _services()
    found = list(machines_of(services.store, user_id))
    if not found:
        whose = f"user {user_id!r} has" if user_id else "there are"
        raise NotFoundError(f"{whose} no machines in {services.settings.store}")
    with open_instance(services.settings.home, Path.cwd()) as instance:
        Workbench(instance, services).check([machine.key for machine in found])
    rows = [row for machine in found for row in check_rows(services, machine)]
    if junit:
        write_junit(rows, junit)
    if as_json:
        console.print_json([asdict(row) for row in rows])
    else:
        views.print_checks(rows, len(found))
    if any(row.blocking and not row.passed for row in rows):
        raise click.exceptions.Exit(1)


@cli.command()
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
    services = _services()
    row = services.store.load_machine(key)
    for path in export_csv(services.store, key, _stored_year(services, row, year), output):
        console.out.print(str(path), markup=False)


@cli.command()
@click.option("--user", "user_id", required=True, help="Whose machines.")
@click.option("--all", "everything", is_flag=True, help="Also those that are not due.")
def backfill(*, user_id: str, everything: bool) -> None:
    """Launch a backfill of the user's due machines; a running `make dev` carries it out.

    Example: synth backfill --user ada --all
    """
    from synth_pipeline.defs.running import Workbench, open_instance  # noqa: PLC0415

    user_id = require_name(user_id, "user id")
    services = _services()
    if not services.store.load_machines(user_id):
        raise NotFoundError(f"user {user_id!r} has no machines; request some first")
    with open_instance(services.settings.home, Path.cwd()) as instance:
        now = dt.datetime.now(dt.UTC)
        launched = Workbench(instance, services).backfill(user_id, now, everything=everything)
    console.out.print(launched, markup=False)


@cli.command()
@click.argument("target", metavar="USER[/MACHINE]")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(*, target: str, yes: bool) -> None:
    """Delete data and partitions of a machine, or of a user and all machines.

    Example: synth remove ada/plasma-etcher --yes
    """
    from synth_pipeline.defs.running import Workbench, open_instance  # noqa: PLC0415

    user_id, separator, _ = target.partition("/")
    require_name(user_id, "user id")
    services = _services()
    key = PartitionKey.parse(target) if separator else None
    doomed = [services.store.load_machine(key)] if key else services.store.load_machines(user_id)
    if not doomed:
        raise NotFoundError(f"user {user_id!r} has no machines")
    if not yes:
        click.confirm(f"Delete {len(doomed)} machine(s) of {user_id} with all data?", abort=True)
    with open_instance(services.settings.home, Path.cwd()) as instance:
        Workbench(instance, services).remove(user_id, [machine.key for machine in doomed])
    console.out.print(f"removed {', '.join(str(machine.key) for machine in doomed)}", markup=False)


def _services() -> Services:
    """The parts by the environment; from here on the current folder is the project's root."""
    cwd = Path.cwd()
    settings = Settings.from_env(os.environ, cwd)
    os.chdir(project_root(cwd) or cwd)
    return Services(settings)


def _user(user_id: str | None) -> str | None:
    return None if user_id is None else require_name(user_id, "user id")


def _stored_year(services: Services, machine: Machine, year: int | None) -> int:
    years = services.store.years(machine.key)
    chosen = machine.year if year is None else year
    if chosen not in years:
        stored = ", ".join(map(str, years)) or "none"
        raise NotFoundError(f"machine {machine.key}: no dataset of {chosen}; stored: {stored}")
    return chosen
