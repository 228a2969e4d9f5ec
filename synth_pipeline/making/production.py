"""One machine from its row on the list to published code and dataset: write, run, judge, publish.

Knows neither Dagster nor AWS; `defs` and the CLI call it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from synth_pipeline.authoring.author import Draft
from synth_pipeline.authoring.inspection import Inspection, inspect_code
from synth_pipeline.authoring.repair import write_verified
from synth_pipeline.domain.errors import GeneratorError, SynthError
from synth_pipeline.domain.evidence import Run, tried
from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.progress import Progress
from synth_pipeline.domain.provenance import Code, Provenance, sha256_of
from synth_pipeline.domain.text import visible
from synth_pipeline.domain.usage import Usage
from synth_pipeline.making.acceptance import accept
from synth_pipeline.making.publication import Published, machine_tags, publish_year
from synth_pipeline.making.rejects import Rejects
from synth_pipeline.making.standing import fingerprint, reusable_code
from synth_pipeline.making.trial import Program
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.sandbox.runner import never
from synth_pipeline.sandbox.surroundings import importable_packages
from synth_pipeline.services import Services


@dataclass(frozen=True, slots=True)
class Order:
    """What to do for a machine.

    `rewrite` asks for new code; `keep_code` takes accepted code even where the author has
    changed since, so that a refresh costs no model call; without `publish` only code is made.
    """

    machine: Machine
    rewrite: bool = False
    keep_code: bool = False
    publish: bool = True


@dataclass(frozen=True, slots=True)
class Produced:
    """What was made of one machine; `published` is None where only code was asked for.

    `seconds` is wall time from start to last publication.
    """

    machine: Machine
    code: Code
    code_is_new: bool
    published: Published | None
    seconds: float

    @property
    def usage(self) -> Usage:
        """What writing the code took just now; nothing where it was reused."""
        return self.code.provenance.usage if self.code_is_new else Usage()


@dataclass(frozen=True, slots=True)
class Failed:
    """Why nothing was made of one machine; what was stored before still stands."""

    machine: Machine
    reason: str
    seconds: float
    usage: Usage = Usage()


def produce_all(services: Services, orders: Sequence[Order]) -> Iterator[Produced | Failed]:
    """Work on the orders in parallel and yield each outcome as it comes; none harms another.

    Where the caller is interrupted or gives up, running code is killed and no further model call
    is made.
    """
    if not orders:
        return
    stopped = threading.Event()
    with ThreadPoolExecutor(max_workers=min(services.settings.workers, len(orders))) as pool:
        futures = [pool.submit(_outcome, services, order, stopped.is_set) for order in orders]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _outcome(services: Services, order: Order, is_stopped: Callable[[], bool]) -> Produced | Failed:
    started = time.monotonic()
    usage = Usage()
    try:
        return produce(services, order, is_stopped)
    except SynthError as error:
        reason, usage = str(error), error.usage
    except Exception as error:  # noqa: BLE001  # one machine's defect must not end the others
        reason = f"unexpected {type(error).__name__}: {error}"
    reason = " ".join(visible(reason).split())
    services.watch(Progress(order.machine.slug, "failed", reason))
    return Failed(order.machine, reason, time.monotonic() - started, usage)


def produce(services: Services, order: Order, is_stopped: Callable[[], bool] = never) -> Produced:
    """Make sure of accepted code and, where asked, publish the dataset of the machine's year.

    Raises GeneratorError where no code passes or `is_stopped` says so, other SynthErrors as
    they come; nothing that was published before is touched in that case.
    """
    started = time.monotonic()
    machine = order.machine
    # without a boundary nothing runs but what the trusted author writes at this moment
    is_anew = order.rewrite or not services.runner.isolates
    code = None if is_anew else reusable_code(services, machine, order.keep_code)
    made: MachineYear | None = None
    is_new = False
    if code is not None and order.publish:
        made = _run_again(services, machine, code, is_stopped)
    if code is None or (order.publish and made is None):
        code, made = _write(services, machine, is_stopped)
        is_new = True
    published = None
    if order.publish and made is not None:
        services.watch(Progress(machine.slug, "publish"))
        published = publish_year(services, machine, code, made)
    services.watch(Progress(machine.slug, "done"))
    return Produced(machine, code, is_new, published, time.monotonic() - started)


def _go_on(is_stopped: Callable[[], bool]) -> None:
    if is_stopped():
        raise GeneratorError("stopped before its code was accepted")


def _run_again(
    services: Services, machine: Machine, code: Code, is_stopped: Callable[[], bool]
) -> MachineYear | None:
    """Run accepted code for the machine's year; None where it fails and may be rewritten.

    Code of a model that has a clean twin is compared with it in each year.
    """
    twin = tried(code.provenance.evidence, Run.CLEAN)
    runs = (Run.CLEAN,) if twin is not None and twin.holds else ()
    program = Program(machine, code.source, code.signal_kit)
    trial = accept(services, program, is_stopped, runs)
    if trial.output is None and services.author.is_trusted:
        raise GeneratorError(f"accepted code fails for {machine.year}: {trial.findings[0]}")
    return trial.output.made if trial.output else None


def _write(
    services: Services, machine: Machine, is_stopped: Callable[[], bool]
) -> tuple[Code, MachineYear]:
    def keep(attempt: int, draft: Draft, findings: Sequence[Finding]) -> None:
        _go_on(is_stopped)  # before the model is asked again
        rejects.keep(attempt, draft, findings)

    _go_on(is_stopped)
    services.watch(Progress(machine.slug, "write"))
    kit = services.kit_source
    rejects = Rejects(services.settings.home, machine.key)
    try:
        verified = write_verified(
            services.author.open_session(machine),
            lambda source: accept(services, Program(machine, source, kit), is_stopped),
            repair_attempts=services.settings.repair_attempts,
            inspect=_inspector(services),
            on_draft=keep,
        )
    except GeneratorError as error:
        told = f"{error}; replies kept in {rejects.folder}"
        raise GeneratorError(told, error.reasons, error.usage) from error
    provenance = Provenance(
        author=services.author.name,
        author_version=services.author.version_of(machine),
        prompt_sha256=verified.prompt_sha256,
        fingerprint=fingerprint(services, machine),
        attempts=verified.attempts,
        usage=verified.usage,
        code_sha256=sha256_of(verified.code),
        signal_kit_sha256=sha256_of(kit),
        verified_year=machine.year,
        verified_seed=machine.seed,
        signals=verified.output.made.signals,
        reported_errors=verified.reported_errors,
        found_errors=verified.found_errors,
        warnings=tuple(map(str, verified.warnings)),
        evidence=verified.output.evidence,
    )
    code = Code(verified.code, kit, provenance)
    services.store.save_code(machine.key, code, machine_tags(machine))
    return code, verified.output.made


def _inspector(services: Services) -> Callable[[str], Inspection]:
    """What this project wrote need not be looked through each time."""
    if services.author.is_trusted:
        return lambda _: Inspection()
    return lambda source: inspect_code(source, importable_packages())
