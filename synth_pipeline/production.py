"""One machine from its row on the list to published code and dataset: write, run, judge, publish.

Knows neither Dagster nor AWS; `defs` and the CLI call it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from synth_pipeline import signal_kit
from synth_pipeline.authoring.author import Draft
from synth_pipeline.authoring.repair import write_verified
from synth_pipeline.domain.errors import (
    ChangedCodeError,
    GeneratorError,
    NotFoundError,
    StoreError,
    SynthError,
)
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.provenance import Code, Provenance, sha256_of
from synth_pipeline.domain.text import visible
from synth_pipeline.domain.usage import Usage
from synth_pipeline.publication import machine_tags, publish
from synth_pipeline.quality import dataset_file
from synth_pipeline.quality.checks import Verdict, judge_stored, unreadable
from synth_pipeline.quality.output import Output
from synth_pipeline.quality.statistics import Statistics, measure
from synth_pipeline.rejects import Rejects
from synth_pipeline.sandbox.runner import never
from synth_pipeline.services import Progress, Services
from synth_pipeline.trial import try_code


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
    """What was made of one machine; statistics, events and size are None if it was not published.

    `seconds` is wall time from start to last publication.
    """

    machine: Machine
    code: Code
    code_is_new: bool
    statistics: Statistics | None
    events: int | None
    size_bytes: int | None
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
    output: Output | None = None
    is_new = False
    if code is not None and order.publish:
        output = _run_again(services, machine, code, is_stopped)
    if code is None or (order.publish and output is None):
        code, output = _write(services, machine, is_stopped)
        is_new = True
    statistics, events, size_bytes = None, None, None
    if order.publish and output is not None:
        services.watch(Progress(machine.slug, "publish"))
        statistics = measure(output.table)
        size_bytes = publish(services, machine, code, output, statistics)
        events = None if output.labels is None else output.labels.num_rows
    services.watch(Progress(machine.slug, "done"))
    seconds = time.monotonic() - started
    return Produced(machine, code, is_new, statistics, events, size_bytes, seconds)


def fingerprint(services: Services, machine: Machine) -> str:
    """What accepted code depends on: machine, author and the author's version."""
    author = services.author
    return sha256_of(f"{machine.identity}\n{author.name}\n{author.version}")


def reusable_code(services: Services, machine: Machine, keep: bool = False) -> Code | None:
    """The accepted code, if what it was written from still holds or `keep` asks for it anyway."""
    code = services.store.load_code(machine.key)
    if code is None or keep or code.provenance.fingerprint == fingerprint(services, machine):
        return code
    return None


def is_current(services: Services, machine: Machine, keep: bool = False) -> bool:
    """True where the stored dataset is of the machine's year and seed and of reusable code."""
    try:
        code = reusable_code(services, machine, keep)
    except ChangedCodeError:
        return False
    if code is None or not services.store.has_dataset(machine.key, machine.year):
        return False
    with services.store.open_dataset(machine.key, machine.year) as source:
        try:
            origin = dataset_file.StoredDataset(source).origin
        except (pa.ArrowException, OSError):
            return False
    wanted = {"seed": str(machine.seed), "code_sha256": code.provenance.code_sha256}
    return all(origin.get(name) == value for name, value in wanted.items())


def is_sound(services: Services, machine: Machine) -> bool:
    """True where the stored dataset of the machine's year passes the checks that block."""
    verdicts = judge_machine(services, machine, machine.year)
    return all(verdict.passed for verdict in verdicts if verdict.is_blocking)


def judge_machine(services: Services, machine: Machine, year: int) -> tuple[Verdict, ...]:
    """All checks of one stored machine-year, also where it is missing or damaged."""
    store = services.store
    try:
        provenance = store.load_provenance(machine.key)
        expected = provenance.signals if provenance else ()
        try:
            labels = store.load_labels(machine.key, year)
        except (pa.ArrowException, StoreError):  # damaged labels fail their own check alone
            labels = None
        with store.open_dataset(machine.key, year) as source:
            return judge_stored(source, labels, year, expected)
    except NotFoundError:
        return unreadable(
            f"there is no dataset of {year} at {store.dataset_uri(machine.key, year)}"
        )
    except StoreError as error:
        return unreadable(str(error))


def _go_on(is_stopped: Callable[[], bool]) -> None:
    if is_stopped():
        raise GeneratorError("stopped before its code was accepted")


def _run_again(
    services: Services, machine: Machine, code: Code, is_stopped: Callable[[], bool]
) -> Output | None:
    """Run accepted code for the machine's year; None where it fails and may be rewritten."""
    trial = try_code(services, machine, code.source, code.signal_kit, is_stopped=is_stopped)
    if trial.output is None and services.author.is_trusted:
        raise GeneratorError(f"accepted code fails for {machine.year}: {trial.reasons[0]}")
    return trial.output


def _write(
    services: Services, machine: Machine, is_stopped: Callable[[], bool]
) -> tuple[Code, Output]:
    def keep(attempt: int, draft: Draft, reasons: Sequence[str]) -> None:
        _go_on(is_stopped)  # before the model is asked again
        rejects.keep(attempt, draft, reasons)

    _go_on(is_stopped)
    services.watch(Progress(machine.slug, "write"))
    kit = Path(signal_kit.__file__).read_text(encoding="utf-8")
    rejects = Rejects(services.settings.home, machine.key)
    try:
        verified = write_verified(
            services.author.open_session(machine),
            lambda source: try_code(services, machine, source, kit, is_stopped=is_stopped),
            repair_attempts=services.settings.repair_attempts,
            on_draft=keep,
        )
    except GeneratorError as error:
        told = f"{error}; replies kept in {rejects.folder}"
        raise GeneratorError(told, error.reasons, error.usage) from error
    provenance = Provenance(
        author=services.author.name,
        author_version=services.author.version,
        prompt_sha256=verified.prompt_sha256,
        fingerprint=fingerprint(services, machine),
        attempts=verified.attempts,
        usage=verified.usage,
        code_sha256=sha256_of(verified.code),
        signal_kit_sha256=sha256_of(kit),
        verified_year=machine.year,
        verified_seed=machine.seed,
        signals=verified.output.signals,
        reported_errors=verified.reported_errors,
        found_errors=verified.found_errors,
    )
    code = Code(verified.code, kit, provenance)
    services.store.save_code(machine.key, code, machine_tags(machine))
    return code, verified.output
