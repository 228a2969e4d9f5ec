"""One machine from its row on the list to published code and dataset: write, run, judge, publish.

Knows neither Dagster nor AWS; `defs` and the CLI call it.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from synth_pipeline import signal_kit
from synth_pipeline.authoring.repair import Trial, write_verified
from synth_pipeline.domain.errors import GeneratorError, NotFoundError, StoreError, SynthError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.provenance import Code, Provenance, sha256_of
from synth_pipeline.quality import dataset_file
from synth_pipeline.quality.checks import Verdict, judge_stored, unreadable
from synth_pipeline.quality.output import Output, found_files, read_output
from synth_pipeline.quality.statistics import Statistics, measure
from synth_pipeline.rejects import Rejects
from synth_pipeline.services import Progress, Services


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
    """What was made of one machine; `statistics` and `events` are None where nothing was published.

    `seconds` is wall time from start to last publication.
    """

    machine: Machine
    code: Code
    code_is_new: bool
    statistics: Statistics | None
    events: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Why nothing was made of one machine; what was stored before still stands."""

    machine: Machine
    reason: str
    seconds: float


def produce_all(services: Services, orders: Sequence[Order]) -> Iterator[Produced | Failed]:
    """Work on the orders in parallel and yield each outcome as it comes; none harms another."""
    if not orders:
        return
    with ThreadPoolExecutor(max_workers=min(services.settings.workers, len(orders))) as pool:
        futures = [pool.submit(_outcome, services, order) for order in orders]
        for future in as_completed(futures):
            yield future.result()


def _outcome(services: Services, order: Order) -> Produced | Failed:
    started = time.monotonic()
    try:
        return produce(services, order)
    except SynthError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001  # one machine's defect must not end the others
        reason = f"unexpected {type(error).__name__}: {error}"
    reason = " ".join(reason.split())
    services.watch(Progress(order.machine.slug, "failed", reason))
    return Failed(order.machine, reason, time.monotonic() - started)


def produce(services: Services, order: Order) -> Produced:
    """Make sure of accepted code and, where asked, publish the dataset of the machine's year.

    Raises GeneratorError where no code passes, other SynthErrors as they come; nothing that
    was published before is touched in that case.
    """
    started = time.monotonic()
    machine = order.machine
    code = None if order.rewrite else reusable_code(services, machine, order.keep_code)
    output: Output | None = None
    is_new = False
    if code is not None and order.publish:
        output = _run_again(services, machine, code)
    if code is None or (order.publish and output is None):
        code, output = _write(services, machine)
        is_new = True
    statistics, events = None, None
    if order.publish and output is not None:
        services.watch(Progress(machine.slug, "publish"))
        statistics = measure(output.table)
        _publish(services, machine, code, output, statistics)
        events = None if output.labels is None else output.labels.num_rows
    services.watch(Progress(machine.slug, "done"))
    return Produced(machine, code, is_new, statistics, events, time.monotonic() - started)


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
    code = reusable_code(services, machine, keep)
    if code is None or not services.store.has_dataset(machine.key, machine.year):
        return False
    with services.store.open_dataset(machine.key, machine.year) as source:
        try:
            origin = dataset_file.StoredDataset(source).origin
        except (pa.ArrowException, OSError):
            return False
    wanted = {"seed": str(machine.seed), "code_sha256": code.provenance.code_sha256}
    return all(origin.get(name) == value for name, value in wanted.items())


def judge_machine(services: Services, machine: Machine, year: int) -> tuple[Verdict, ...]:
    """All checks of one stored machine-year, also where it is missing or damaged."""
    store = services.store
    try:
        code = store.load_code(machine.key)
        expected = code.provenance.signals if code else ()
        try:
            labels = store.load_labels(machine.key, year)
        except pa.ArrowException:
            labels = None
        with store.open_dataset(machine.key, year) as source:
            return judge_stored(source, labels, year, expected)
    except NotFoundError:
        return unreadable(
            f"there is no dataset of {year} at {store.dataset_uri(machine.key, year)}"
        )
    except StoreError as error:
        return unreadable(str(error))


def _run_again(services: Services, machine: Machine, code: Code) -> Output | None:
    """Run accepted code for the machine's year; None where it fails and may be rewritten."""
    trial = _try_code(services, machine, code.source, code.signal_kit)
    if trial.output is None and services.author.is_trusted:
        raise GeneratorError(f"accepted code fails for {machine.year}: {trial.reasons[0]}")
    return trial.output


def _write(services: Services, machine: Machine) -> tuple[Code, Output]:
    services.watch(Progress(machine.slug, "write"))
    kit = Path(signal_kit.__file__).read_text(encoding="utf-8")
    rejects = Rejects(services.settings.home, machine.key)
    verified = write_verified(
        services.author.open_session(machine),
        lambda source: _try_code(services, machine, source, kit),
        repair_attempts=services.settings.repair_attempts,
        on_draft=rejects.keep,
    )
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
    services.store.save_code(machine.key, code)
    return code, verified.output


def _try_code(services: Services, machine: Machine, source: str, kit: str) -> Trial[Output]:
    """Run a generator in a fresh folder and judge what it leaves there."""
    with tempfile.TemporaryDirectory(prefix="synth-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        reasons = _run(services, machine, source, kit, folder)
        if reasons:
            return Trial(None, reasons)
        services.watch(Progress(machine.slug, "judge"))
        output = read_output(folder, machine.year)
    if isinstance(output, Output):
        return Trial(output)
    return Trial(None, tuple(str(violation) for violation in output))


def _run(
    services: Services,
    machine: Machine,
    source: str,
    kit: str,
    folder: Path,
    *,
    anomalies: str = "on",
) -> tuple[str, ...]:
    services.watch(Progress(machine.slug, "run"))
    (folder / "main.py").write_text(source, encoding="utf-8")
    (folder / "signal_kit.py").write_text(kit, encoding="utf-8")
    environment = {
        "SYNTH_YEAR": str(machine.year),
        "SYNTH_SEED": str(machine.seed),
        "SYNTH_ANOMALIES": anomalies,
    }
    result = services.runner.run(folder, environment, services.limits)
    if result.failure is None:
        return ()
    reasons = [f"the script {result.failure}"]
    if result.output.strip():
        reasons.append(f"its output ended with:\n{result.output.strip()}")
    if files := found_files(folder):
        reasons.append(f"files it left: {', '.join(files[:10])}")
    return tuple(reasons)


def _origin(services: Services, machine: Machine, code: Code) -> dict[str, str]:
    return {
        "industry": machine.industry,
        "machine": machine.name,
        "user_id": machine.user_id,
        "partition": str(machine.key),
        "year": str(machine.year),
        "seed": str(machine.seed),
        "author": services.author.name,
        "author_version": code.provenance.author_version,
        "code_sha256": code.provenance.code_sha256,
    }


def _publish(
    services: Services, machine: Machine, code: Code, output: Output, statistics: Statistics
) -> None:
    origin = _origin(services, machine, code)
    tags = {"user": machine.user_id, "industry": machine.industry, "machine": machine.slug}
    with tempfile.TemporaryDirectory(prefix="synth-") as name:
        dataset, labels = Path(name, "dataset.parquet"), Path(name, "anomalies.parquet")
        dataset_file.write_dataset(output, statistics, origin, dataset)
        if output.labels is not None:
            dataset_file.write_labels(output.labels, origin, labels)
        services.store.publish_dataset(
            machine.key, machine.year, dataset, labels if labels.exists() else None, tags
        )
    _publish_extras(services, machine, code, output)


def _publish_extras(services: Services, machine: Machine, code: Code, output: Output) -> None:
    if services.settings.with_report:
        from synth_pipeline.quality.report import draw_report  # noqa: PLC0415

        picture = draw_report(output, f"{machine.name} · {machine.year}")
        services.store.publish_report(machine.key, machine.year, picture)
    if services.settings.with_clean_twin:
        _publish_clean(services, machine, code)


def _publish_clean(services: Services, machine: Machine, code: Code) -> None:
    """Publish the year without anomalies; a generator that has no such switch is an error."""
    with tempfile.TemporaryDirectory(prefix="synth-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        reasons = _run(services, machine, code.source, code.signal_kit, folder, anomalies="off")
        output = [] if reasons else read_output(folder, machine.year, with_labels=False)
    if not isinstance(output, Output):
        why = reasons[0] if reasons else str(output[0])
        raise GeneratorError(f"the clean twin fails: {why}")
    with tempfile.TemporaryDirectory(prefix="synth-") as name:
        path = Path(name, "clean.parquet")
        origin = {**_origin(services, machine, code), "anomalies": "off"}
        dataset_file.write_dataset(output, measure(output.table), origin, path)
        services.store.publish_clean(machine.key, machine.year, path)
