"""Options that several commands of `synth` share."""

from collections.abc import Callable
from typing import Any

import click

from synth_pipeline.domain.request import DEFAULT_NUMBER, DEFAULT_SEED

Command = Callable[..., Any]


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


user_option = click.option("--user", "user_id", help="Only this user's.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
year_option = click.option(
    "--year", type=int, help="A stored year.  [default: the machine's current year]"
)
