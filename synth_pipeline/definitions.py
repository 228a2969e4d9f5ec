"""Every asset, check, job, sensor and schedule on one screen."""

import os
from pathlib import Path

import dagster as dg

from synth_pipeline.defs import assets, jobs, schedules, sensors
from synth_pipeline.defs.resources import make_resources, resources_on
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings


def build_defs(services: Services | None = None) -> dg.Definitions:
    """Assemble the code location on the given parts, or on those the environment chooses."""
    if services is None:
        resources = make_resources(Settings.from_env(os.environ, Path.cwd()))
    else:
        resources = resources_on(services)
    return dg.Definitions(
        assets=[assets.machine_list, assets.machine, assets.machine_data],
        jobs=[jobs.submit_request, jobs.dataset_checks],
        sensors=[sensors.on_new_request, sensors.on_new_machines],
        schedules=[schedules.nightly_per_user],
        resources=resources,
        # a process per step costs 17 s for three steps on two cores; machines run in parallel
        # inside a step, as sandboxed children
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location that `dagster dev` loads, on the parts the environment chooses."""
    return build_defs()
