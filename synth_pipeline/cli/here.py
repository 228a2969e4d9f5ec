"""What a command works on: the parts that the environment and the current folder choose."""

import os
from pathlib import Path

from synth_pipeline.domain.errors import NotFoundError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.names import require_name
from synth_pipeline.making.stored_year import years_of
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings, project_root


def services_here() -> Services:
    """The parts by the environment; from here on the current folder is the project's root."""
    cwd = Path.cwd()
    settings = Settings.from_env(os.environ, cwd)
    os.chdir(project_root(cwd) or cwd)
    return Services(settings)


def valid_user(user_id: str | None) -> str | None:
    """The user's id, if one was given; raises InputError for one that cannot be."""
    return None if user_id is None else require_name(user_id, "user id")


def chosen_year(services: Services, machine: Machine, year: int | None) -> int:
    """The year asked for, else the machine's current one; raises NotFoundError if not stored."""
    years = years_of(services.store, machine.key)
    chosen = machine.year if year is None else year
    if chosen not in years:
        stored = ", ".join(map(str, years)) or "none"
        raise NotFoundError(f"machine {machine.key}: no dataset of {chosen}; stored: {stored}")
    return chosen
