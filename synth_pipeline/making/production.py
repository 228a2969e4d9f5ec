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
from synth_pipeline.authoring.meter import Meter, Spent, unnoticed
from synth_pipeline.authoring.repair import Verified, write_verified
from synth_pipeline.domain.errors import GeneratorError, SynthError
from synth_pipeline.domain.evidence import Run, tried
from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.progress import Progress
from synth_pipeline.domain.provenance import Code, Provenance, sha256_of
from synth_pipeline.domain.stop import IsStopped, never
from synth_pipeline.domain.text import visible
from synth_pipeline.making.acceptance import Accepted, accept
from synth_pipeline.making.places import AsideSession, Place
from synth_pipeline.making.publication import Published, machine_tags, publish_year
from synth_pipeline.making.rejects import Rejects
from synth_pipeline.making.standing import fingerprint, reusable_code
from synth_pipeline.making.trial import Program
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.sandbox.surroundings import importable_packages
from synth_pipeline.services import Services


@dataclass(frozen=True, slots=True)
class Order:
    """What to do for a machine.

    `rewrite` asks for new code; `keep_code` takes accepted code even where the author has
    changed since, so that a refresh costs no model call; without `publish` only code is made.
    `spent` hears of each model call as soon as it is over.
    """

    machine: Machine
    rewrite: bool = False
    keep_code: bool = False
    publish: bool = True
    spent: Spent = unnoticed


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


@dataclass(frozen=True, slots=True)
class Failed:
    """Why nothing was made of one machine; what was stored before still stands."""

    machine: Machine
    reason: str
    seconds: float


def produce_all(services: Services, orders: Sequence[Order]) -> Iterator[Produced | Failed]:
    """Work on the orders in parallel and yield each outcome as it comes; none harms another.

    As many machines as there are workers are run, judged and published at a time; beside them
    the model is asked for as many as `model_calls` allows. Where the caller is interrupted or
    gives up, running code is killed and no further model call is made.
    """
    if not orders:
        return
    stopped, settings = threading.Event(), services.settings
    places = threading.Semaphore(settings.workers)
    threads = min(settings.workers + settings.model_calls, len(orders))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        futures = [
            pool.submit(_outcome, services, order, Place(places, stopped.is_set))
            for order in orders
        ]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _outcome(services: Services, order: Order, place: Place) -> Produced | Failed:
    started = time.monotonic()
    try:
        with place.taken():
            return _produce(services, order, place)
    except SynthError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001  # one machine's defect must not end the others
        reason = f"unexpected {type(error).__name__}: {error}"
    reason = " ".join(visible(reason).split())
    services.watch(Progress(order.machine.slug, "failed", reason))
    return Failed(order.machine, reason, time.monotonic() - started)


def produce(services: Services, order: Order, is_stopped: IsStopped = never) -> Produced:
    """Make sure of accepted code and, where asked, publish the dataset of the machine's year.

    Raises GeneratorError where no code passes or `is_stopped` says so, other SynthErrors as
    they come; nothing that was published before is touched in that case.
    """
    place = Place(threading.Semaphore(1), is_stopped)
    with place.taken():
        return _produce(services, order, place)


def _produce(services: Services, order: Order, place: Place) -> Produced:
    started = time.monotonic()
    machine = order.machine
    # without a boundary nothing runs but what the trusted author writes at this moment
    is_anew = order.rewrite or not services.runner.isolates
    code = None if is_anew else reusable_code(services, machine, order.keep_code)
    made: MachineYear | None = None
    is_new = False
    if code is not None and order.publish:
        made = _run_again(services, machine, code, place.is_stopped)
    if code is None or (order.publish and made is None):
        code, made = _write(services, order, place)
        is_new = True
    published = None
    if order.publish and made is not None:
        services.watch(Progress(machine.slug, "publish"))
        published = publish_year(services, machine, code, made)
    services.watch(Progress(machine.slug, "done"))
    return Produced(machine, code, is_new, published, time.monotonic() - started)


def _go_on(is_stopped: IsStopped) -> None:
    if is_stopped():
        raise GeneratorError("stopped before its code was accepted")


def _run_again(
    services: Services, machine: Machine, code: Code, is_stopped: IsStopped
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


def _write(services: Services, order: Order, place: Place) -> tuple[Code, MachineYear]:
    machine, is_stopped = order.machine, place.is_stopped

    def keep(attempt: int, draft: Draft, findings: Sequence[Finding]) -> None:
        _go_on(is_stopped)  # before the model is asked again
        rejects.keep(attempt, draft, findings)

    _go_on(is_stopped)
    services.watch(Progress(machine.slug, "write"))
    kit = services.kit_source
    rejects = Rejects(services.settings.home, machine.key)
    session = services.author.open_session(machine, Meter(order.spent, is_stopped))
    try:
        verified = write_verified(
            AsideSession(session, place),
            lambda source: accept(services, Program(machine, source, kit), is_stopped),
            repair_attempts=services.settings.repair_attempts,
            inspect=_inspector(services),
            on_draft=keep,
        )
    except GeneratorError as error:
        told = f"{error}; replies kept in {rejects.folder}"
        raise GeneratorError(told, error.reasons, error.usage) from error
    _go_on(is_stopped)  # the best draft so far is not the best that there would have been
    code = Code(verified.code, kit, _provenance(services, machine, kit, verified))
    services.store.save_code(machine.key, code, machine_tags(machine))
    return code, verified.output.made


def _provenance(
    services: Services, machine: Machine, kit: str, verified: Verified[Accepted]
) -> Provenance:
    return Provenance(
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


def _inspector(services: Services) -> Callable[[str], Inspection]:
    """What this project wrote need not be looked through each time."""
    if services.author.is_trusted:
        return lambda _: Inspection()
    return lambda source: inspect_code(source, importable_packages())
