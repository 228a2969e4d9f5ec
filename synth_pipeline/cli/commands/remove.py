"""`synth remove`: delete data and partitions."""

from pathlib import Path

import click

from synth_pipeline.cli import console
from synth_pipeline.cli.here import services_here
from synth_pipeline.domain.errors import NotFoundError
from synth_pipeline.domain.names import require_name
from synth_pipeline.domain.partition import PartitionKey


@click.command()
@click.argument("target", metavar="USER[/MACHINE]")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(*, target: str, yes: bool) -> None:
    """Delete data and partitions of a machine, or of a user and all machines.

    Example: synth remove ada/plasma-etcher --yes
    """
    from synth_pipeline.cli.workbench import Workbench, open_instance  # noqa: PLC0415

    user_id, separator, _ = target.partition("/")
    require_name(user_id, "user id")
    services = services_here()
    key = PartitionKey.parse(target) if separator else None
    doomed = [services.store.load_machine(key)] if key else services.store.load_machines(user_id)
    if not doomed:
        raise NotFoundError(f"user {user_id!r} has no machines")
    if not yes:
        click.confirm(f"Delete {len(doomed)} machine(s) of {user_id} with all data?", abort=True)
    with open_instance(services.settings.home, Path.cwd()) as instance:
        Workbench(instance, services).remove(user_id, [machine.key for machine in doomed])
    console.out.print(f"removed {', '.join(str(machine.key) for machine in doomed)}", markup=False)
