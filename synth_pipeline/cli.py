"""Command line `synth`: thin commands over the same parts that Dagster runs."""

import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from synth_pipeline import console
from synth_pipeline.domain.errors import NotFoundError, SynthError, UnavailableError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.names import require_name
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.record import RequestStatus
from synth_pipeline.domain.request import DEFAULT_NUMBER, DEFAULT_SEED, Request
from synth_pipeline.exporting import export_csv
from synth_pipeline.junit import write_junit
from synth_pipeline.overview import (
    check_rows,
    machine_row,
    machines_of,
    request_row,
    show_row,
)
from synth_pipeline.refresh import require_cron
from synth_pipeline.services import Progress, Services
from synth_pipeline.settings import Settings, project_root

Command = Callable[..., Any]


def main() -> None:
    """Run the command line; every expected error is one line on stderr."""
    try:
        code = cli.main(standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "synth"
        code = _complain(f"{' '.join(error.format_message().split())} See: {path} --help", 2)
    except click.exceptions.Abort:
        code = _complain("interrupted", 130)
    except click.ClickException as error:
        code = _complain(error.format_message(), 2)
    except SynthError as error:
        code = _complain(" ".join(str(error).split()), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str, code: int) -> int:
    console.err.print(f"Error: {message}", markup=False, style="red")
    return code


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="synth_pipeline")
def cli() -> None:
    """Synthetic machine data: a year of minutes per machine, with labelled anomalies.

    Example: synth generate --industry semiconductor --number 10 --user ada
    """


def request_options(command: Command) -> Command:
    """The options that make a request; values are judged by `Request.create`."""
    options = [
        click.option("--industry", required=True, help="Industry, such as semiconductor."),
        click.option(
            "--number", default=str(DEFAULT_NUMBER), help="Machines, 1 to 100.", show_default=True
        ),
        click.option("--user", "user_id", required=True, help="User id: a-z 0-9 - _ ."),
        click.option("--year", help="Calendar year.  [default: the last full year]"),
        click.option(
            "--seed", default=str(DEFAULT_SEED), help="Seed of all randomness.", show_default=True
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


as_json = click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")


@cli.command()
@request_options
@click.option(
    "--rewrite", is_flag=True, help="Write generators anew, even where accepted ones exist."
)
@as_json
def generate(*, rewrite: bool, wants_json: bool, **values: str) -> None:
    """Submit a request and carry it out here and now.

    Example: synth generate --industry semiconductor --number 10 --user ada --year 2024 --seed 7
    """
    request = Request.create(**values)
    services = _services()
    services.check()
    view = console.ProgressView()
    services = replace(services, watch=view)
    with view:
        _carry_out(services, request, rewrite=rewrite)
    record = services.registry.get(request.request_id)
    rows = {m.slug: m for m in services.store.load_machines(request.user_id)}
    shown = [
        _generated_row(services, rows[slug], outcome)
        for slug, outcome in record.machines.items()
        if slug in rows
    ]
    if wants_json:
        console.print_json({"request": request_row(record), "machines": shown})
    else:
        _print_generated(request, shown)
    if record.status is not RequestStatus.DONE:
        raise SynthError(
            f"request {record.request_id} {record.status}: {record.error or 'not finished'}. "
            "Run the same command again to retry"
        )
    if not wants_json:
        _print_next_steps(services, record.request.user_id, shown)


def _carry_out(services: Services, request: Request, *, rewrite: bool) -> None:
    from synth_pipeline.defs.running import Workbench, open_instance  # noqa: PLC0415

    with open_instance(services.settings.home, Path.cwd()) as instance:
        workbench = Workbench(instance, services)
        services.watch(Progress("machine list", "list"))
        services.registry.submit(request)
        failure = workbench.list_machines(request)
        if failure is not None:
            services.registry.fail(request.request_id, failure)
            raise UnavailableError(failure)
        record = services.registry.get(request.request_id)
        services.watch(Progress("machine list", "done", f"{len(record.machines)} machines"))
        slugs = [s for s, outcome in record.machines.items() if rewrite or outcome == "pending"]
        workbench.make([PartitionKey(request.user_id, slug) for slug in slugs], rewrite=rewrite)


def _generated_row(services: Services, machine: Machine, outcome: str) -> dict[str, Any]:
    if outcome != "done":
        return {"partition": str(machine.key), "name": machine.name, "outcome": outcome}
    checks = {
        row.check: row.passed for row in check_rows(services, machine) if row.year == machine.year
    }
    return {**asdict(machine_row(services.store, machine)), "outcome": outcome, "checks": checks}


def _print_generated(request: Request, shown: list[dict[str, Any]]) -> None:
    rows = []
    for row in shown:
        checks = row.get("checks", {})
        verdict = f"[green]✓ {sum(checks.values())} of {len(checks)}[/]"
        if not checks:
            verdict = f"[red]✗ {row['outcome']}[/]"
        elif not all(checks.values()):
            verdict = f"[yellow]{', '.join(c for c, passed in checks.items() if not passed)}[/]"
        rows.append(
            [
                row["name"],
                row["partition"].partition("/")[2],
                console.number(row.get("rows")),
                console.number(row.get("signals")),
                console.number(row.get("anomalies")),
                console.megabytes(row.get("size_bytes")),
                verdict,
            ]
        )
    columns = ["Machine", "Slug", "Rows", "Signals", "Anomalies", "Size", "Checks"]
    title = f"{request.industry} · {request.user_id} · {request.year} · seed {request.seed}"
    console.print_table(title, columns, rows, right=columns[2:6])


def _print_next_steps(services: Services, user_id: str, shown: list[dict[str, Any]]) -> None:
    first = shown[0]["partition"]
    console.out.print(
        f"\nThe data lies in {services.store.objects.uri(user_id)}. What next:\n"
        f"  synth show {first}          signals, anomalies, provenance\n"
        f"  synth export {first} --format csv --output csv\n"
        f"  synth check --user {user_id}          judge everything stored again\n"
        "  make dev          the same in the Dagster UI, http://127.0.0.1:3000\n",
        markup=False,
    )


@cli.command()
@request_options
@click.option("--refresh-cron", help="Renew the data at these times (UTC), such as '0 2 * * 1'.")
@as_json
def request(*, refresh_cron: str | None, wants_json: bool, **values: str) -> None:
    """Only submit a request; sensor on_new_request of a running `make dev` picks it up.

    Example: synth request --industry semiconductor --number 3 --user ada --refresh-cron "0 2 * * 1"
    """
    wanted = Request.create(**values)
    cron = require_cron(refresh_cron)
    services = _services()
    services.store.check()
    services.registry.check()
    record = services.registry.submit(wanted, cron)
    if wants_json:
        console.print_json(request_row(record))
    else:
        console.out.print(
            f"request {record.request_id} is {record.status}; see it with "
            f"synth requests --user {wanted.user_id}",
            markup=False,
        )


@cli.command()
@click.option("--user", "user_id", help="Only this user's.")
@as_json
def requests(*, user_id: str | None, wants_json: bool) -> None:
    """Show what was asked for, and where it stands.

    Example: synth requests --user ada
    """
    records = _services().registry.list(_user(user_id))
    rows = [request_row(record) for record in records]
    if wants_json:
        console.print_json(rows)
        return
    columns = ["Request", "Industry", "Number", "Year", "Seed", "Status", "Made", "Tokens", "Error"]
    console.print_table(
        "Requests",
        columns,
        [
            [
                row["request_id"],
                row["industry"],
                str(row["number"]),
                str(row["year"]),
                str(row["seed"]),
                row["status"],
                f"{sum(o == 'done' for o in row['machines'].values())} of {len(row['machines'])}",
                f"{row['usage']['input_tokens']:,} + {row['usage']['output_tokens']:,}",
                row["error"] or "",
            ]
            for row in rows
        ],
        right=("Number", "Year", "Seed"),
    )


@cli.command()
@click.option("--user", "user_id", help="Only this user's.")
@as_json
def machines(*, user_id: str | None, wants_json: bool) -> None:
    """Show which machines exist.

    Example: synth machines --user ada
    """
    store = _services().store
    rows = [machine_row(store, machine) for machine in machines_of(store, _user(user_id))]
    if wants_json:
        console.print_json([asdict(row) for row in rows])
        return
    columns = ["Machine", "Name", "Industry", "Year", "Rows", "Signals", "Anomalies", "Size"]
    console.print_table(
        "Machines",
        columns,
        [
            [
                row.partition,
                row.name,
                row.industry,
                str(row.year),
                console.number(row.rows) or "no dataset",
                console.number(row.signals),
                console.number(row.anomalies),
                console.megabytes(row.size_bytes),
            ]
            for row in rows
        ],
        right=columns[3:],
    )


@cli.command()
@click.argument("machine", metavar="USER/MACHINE")
@click.option("--year", type=int, help="A stored year.  [default: the machine's current year]")
@as_json
def show(*, machine: str, year: int | None, wants_json: bool) -> None:
    """Show one machine: provenance, signals, anomalies, files.

    Example: synth show ada/plasma-etcher
    """
    services = _services()
    row = services.store.load_machine(PartitionKey.parse(machine))
    shown = show_row(services, row, _stored_year(services, row, year))
    if wants_json:
        console.print_json(shown)
        return
    for line in filter(None, console.provenance_lines(shown)):
        console.out.print(line)
    columns = ["Signal", "Unit", "Min", "Mean", "Max", "Missing", "Description"]
    console.print_table(
        "Signals",
        columns,
        [
            [
                signal["name"],
                signal["unit"],
                *(console.number(signal.get(n)) for n in ("minimum", "mean", "maximum")),
                f"{signal.get('missing', 0):.2%}",
                signal["description"],
            ]
            for signal in shown["signals"]
        ],
        right=columns[2:6],
    )
    console.print_table(
        f"{len(shown['anomalies'])} anomalies",
        ["Start", "End", "Kind", "Category", "Root cause", "Affected", "Severity"],
        [
            [
                f"{event['start']:%Y-%m-%d %H:%M}",
                f"{event['end']:%Y-%m-%d %H:%M}",
                *(event[name] or "" for name in ("kind", "category", "root_cause")),
                ", ".join(event["affected"] or []),
                event["severity"] or "",
            ]
            for event in shown["anomalies"]
        ],
    )
    for name, place in shown["files"].items():
        console.out.print(f"{name}: {place or 'none'}", markup=False)


@cli.command()
@click.option("--user", "user_id", help="Only this user's.")
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, resolve_path=True, path_type=Path),
    help="Also write JUnit XML.",
)
@as_json
def check(*, user_id: str | None, junit: Path | None, wants_json: bool) -> None:
    """Run all asset checks on what is stored; exit 1 when one fails.

    Example: synth check --user ada --junit checks.xml
    """
    from synth_pipeline.defs.running import Workbench, open_instance  # noqa: PLC0415

    services = _services()
    found = list(machines_of(services.store, _user(user_id)))
    if not found:
        whose = f"user {user_id!r} has" if user_id else "there are"
        raise NotFoundError(
            f"{whose} no machines in {services.store.objects.uri('')}; expected some"
        )
    with open_instance(services.settings.home, Path.cwd()) as instance:
        Workbench(instance, services).check([machine.key for machine in found])
    rows = [row for machine in found for row in check_rows(services, machine)]
    if junit:
        write_junit(rows, junit)
    broken = [row for row in rows if not row.passed]
    failed = [row for row in broken if row.blocking]
    if wants_json:
        console.print_json([asdict(row) for row in rows])
    else:
        for row in broken:
            mark = "[red]failed[/] " if row.blocking else "[yellow]warning[/] "
            console.out.print(f"{mark}{row.partition} {row.check} {row.year}: ", end="")
            console.out.print(row.message, markup=False)
        console.out.print(
            f"{len(rows)} checks of {len(found)} machines: {len(rows) - len(broken)} passed, "
            f"{len(failed)} failed, {len(broken) - len(failed)} warnings"
        )
    if failed:
        raise click.exceptions.Exit(1)


@cli.command()
@click.argument("machine", metavar="USER/MACHINE")
@click.option("--format", "kind", type=click.Choice(["csv"]), default="csv", show_default=True)
@click.option(
    "--output",
    required=True,
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    help="Folder to write to.",
)
@click.option("--year", type=int, help="A stored year.  [default: the machine's current year]")
def export(*, machine: str, kind: str, output: Path, year: int | None) -> None:  # noqa: ARG001
    """Write a machine's year and its labels as CSV.

    Example: synth export ada/plasma-etcher --format csv --output exported
    """
    services = _services()
    row = services.store.load_machine(PartitionKey.parse(machine))
    chosen = _stored_year(services, row, year)
    for path in export_csv(services.store, row.key, chosen, output):
        console.out.print(str(path), markup=False)


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
        raise NotFoundError(
            f"machine {machine.key}: no dataset of {chosen}; stored years: {stored}"
        )
    return chosen
