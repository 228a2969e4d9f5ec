"""The group of all commands, and what every failure ends with: one line and an exit code."""

import os
import sys

import click

from synth_pipeline.cli import console
from synth_pipeline.cli.commands.backfill import backfill
from synth_pipeline.cli.commands.check import check
from synth_pipeline.cli.commands.export import export
from synth_pipeline.cli.commands.generate import generate
from synth_pipeline.cli.commands.machines import machines
from synth_pipeline.cli.commands.remove import remove
from synth_pipeline.cli.commands.request import request
from synth_pipeline.cli.commands.requests import requests
from synth_pipeline.cli.commands.show import show
from synth_pipeline.domain.errors import SynthError

COMMANDS = (generate, request, requests, machines, show, check, export, backfill, remove)


@click.group(
    commands=list(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="synth_pipeline")
def cli() -> None:
    """Synthetic machine data: a year of minutes per machine, with labelled anomalies.

    Example: synth generate --industry semiconductor --number 10 --user ada
    """


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
