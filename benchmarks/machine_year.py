"""One machine-year of ten signals through sandbox, labels, contract and store, and its checks."""

from pathlib import Path

from benchmarks.workplace import RecordingRunner, machines, make_services
from synth_pipeline.domain.machine import Machine
from synth_pipeline.making.production import Order, produce
from synth_pipeline.making.standing import stored_year
from synth_pipeline.sandbox.select import choose_runner
from synth_pipeline.services import Services


class MachineYear:
    """A machine whose code is accepted: every run makes and publishes its year once more."""

    def __init__(self, folder: Path, *, with_report: bool) -> None:
        self.runner = RecordingRunner(choose_runner("auto"))
        self.services: Services = make_services(folder, with_report=with_report, runner=self.runner)
        self.machine: Machine = machines(self.services, 1)[0]
        produce(self.services, Order(self.machine))

    def make(self) -> None:
        """Run the accepted generator, judge what it left, publish it."""
        made = produce(self.services, Order(self.machine))
        if made.code_is_new:
            raise RuntimeError("the accepted code was not reused")

    def check(self) -> None:
        """Run all five asset checks on what is stored."""
        for verdict in stored_year(self.services, self.machine).judge():
            if not verdict.passed:
                raise RuntimeError(f"{verdict.check}: {verdict.summary}")

    @property
    def file_bytes(self) -> int:
        """Size of the published dataset."""
        return stored_year(self.services, self.machine).size_bytes or 0

    @property
    def peak_memory_bytes(self) -> int:
        """The most that any child took."""
        return max(self.runner.peak_bytes)
