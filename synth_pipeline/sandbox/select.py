"""Picks the runner that `SYNTH_SANDBOX` names, and proves that it works on this machine."""

import sys

from synth_pipeline.domain.errors import SandboxError, SettingsError
from synth_pipeline.sandbox.bubblewrap import BubblewrapRunner
from synth_pipeline.sandbox.runner import Runner
from synth_pipeline.sandbox.sandlock import SandlockRunner
from synth_pipeline.sandbox.unconfined import UnconfinedRunner

CHOICES = ("auto", "bubblewrap", "sandlock", "none")


def choose_runner(name: str) -> Runner:
    """Return a runner that was seen to start here.

    `auto` means the first of bubblewrap and sandlock that does, and never `none`. Raises
    SettingsError for an unknown name, SandboxError where no sandbox starts.
    """
    if name not in CHOICES:
        raise SettingsError(f"SYNTH_SANDBOX {name!r}: expected one of {', '.join(CHOICES)}")
    if sys.platform != "linux":
        raise SandboxError(
            f"generators run on Linux only and this is {sys.platform}; "
            "use a Linux machine, container or virtual machine"
        )
    if name == "none":
        return UnconfinedRunner()
    refusals: list[str] = []
    for runner in (BubblewrapRunner(), SandlockRunner()):
        if name not in {"auto", runner.name}:
            continue
        try:
            runner.probe()
        except SandboxError as refusal:
            refusals.append(str(refusal))
        else:
            return runner
    raise SandboxError(" | ".join(refusals))
