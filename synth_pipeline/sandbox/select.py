"""Picks the runner that `SYNTH_SANDBOX` names, and proves that it works on this machine."""

import sys

from synth_pipeline.domain.errors import SandboxError, SettingsError
from synth_pipeline.sandbox.bubblewrap import BubblewrapRunner
from synth_pipeline.sandbox.runner import Runner
from synth_pipeline.sandbox.sandlock import SandlockRunner
from synth_pipeline.sandbox.unconfined import UnconfinedRunner

ISOLATING: tuple[type[BubblewrapRunner | SandlockRunner], ...] = (BubblewrapRunner, SandlockRunner)


def choose_runner(name: str) -> Runner:
    """Return a runner that was seen to start here.

    `auto` means the first of `ISOLATING` that does, and never `none`. Raises SettingsError for
    an unknown name, SandboxError where no sandbox starts.
    """
    if sys.platform != "linux":
        raise SandboxError(
            f"generators run on Linux only and this is {sys.platform}; "
            "use a Linux machine, container or virtual machine"
        )
    if name == UnconfinedRunner.name:
        return UnconfinedRunner()
    refusals: list[str] = []
    wanted = [kind() for kind in ISOLATING if name in {"auto", kind.name}]
    if not wanted:
        known = ", ".join(["auto", *(kind.name for kind in ISOLATING), UnconfinedRunner.name])
        raise SettingsError(f"SYNTH_SANDBOX {name!r}: expected one of {known}")
    for runner in wanted:
        try:
            runner.probe()
        except SandboxError as refusal:
            refusals.append(str(refusal))
        else:
            return runner
    raise SandboxError(" | ".join(refusals))
