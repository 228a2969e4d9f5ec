"""Runs a generator in a fresh folder behind the sandbox and judges what it leaves there."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from synth_pipeline.authoring.repair import Trial
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.progress import Progress
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.output import found_files, read_output
from synth_pipeline.sandbox.runner import Limits, never
from synth_pipeline.services import Services


def try_code(
    services: Services,
    machine: Machine,
    source: str,
    kit: str,
    *,
    anomalies: str = "on",
    is_stopped: Callable[[], bool] = never,
) -> Trial[MachineYear]:
    """Run a generator for the machine's year and seed; return its output or the reasons against it.

    With `anomalies` "off" it is asked for the clean twin, and labels are not read. The run ends
    early where `is_stopped` says so.
    """
    limits = replace(services.limits, is_stopped=is_stopped)
    with tempfile.TemporaryDirectory(prefix="synth-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "main.py").write_text(source, encoding="utf-8")
        (folder / "signal_kit.py").write_text(kit, encoding="utf-8")
        services.watch(Progress(machine.slug, "run"))
        reasons = _run(services, folder, _environment(machine, anomalies), limits)
        if reasons:
            return Trial(None, reasons)
        services.watch(Progress(machine.slug, "judge"))
        found = read_output(folder, machine.year, with_labels=anomalies == "on")
    if isinstance(found, MachineYear):
        return Trial(found)
    return Trial(None, tuple(str(violation) for violation in found))


def _environment(machine: Machine, anomalies: str) -> dict[str, str]:
    return {
        "SYNTH_YEAR": str(machine.year),
        "SYNTH_SEED": str(machine.seed),
        "SYNTH_ANOMALIES": anomalies,
    }


def _run(
    services: Services, folder: Path, environment: Mapping[str, str], limits: Limits
) -> tuple[str, ...]:
    result = services.runner.run(folder, environment, limits)
    folder.chmod(0o700)  # the code may have closed it to its owner, who is not always root
    if result.failure is None:
        return ()
    reasons = [f"the script {result.failure}"]
    if result.output.strip():
        reasons.append(f"its output ended with:\n{result.output.strip()}")
    if files := found_files(folder):
        reasons.append(f"files it left: {', '.join(files[:10])}")
    return tuple(reasons)
