"""Publishes a verified machine-year: dataset, labels, picture and, where asked for, clean twin."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from synth_pipeline.domain.errors import GeneratorError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.provenance import Code
from synth_pipeline.making.trial import try_code
from synth_pipeline.readings.dataset_file import write_dataset, write_labels
from synth_pipeline.readings.layout import YearFile
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.statistics import Statistics, measure
from synth_pipeline.services import Services


def machine_tags(machine: Machine) -> dict[str, str]:
    """What objects of a machine are tagged with, in stores that tag."""
    return {"user": machine.user_id, "industry": machine.industry, "machine": machine.slug}


@dataclass(frozen=True, slots=True)
class Published:
    """What was put into the store: the figures of its signals, its events (None: no labels)."""

    statistics: Statistics
    events: int | None
    size_bytes: int


def publish_year(services: Services, machine: Machine, code: Code, made: MachineYear) -> Published:
    """Put one verified year into the store: labels and dataset first, then picture and twin.

    Each file is replaced as a whole; labels of an earlier dataset of the year go where there are
    none now. Raises StoreError where the store fails.
    """
    origin, statistics = _origin(services, machine, code), measure(made.table)
    with tempfile.TemporaryDirectory(prefix="synth-") as name:
        dataset, labels = Path(name, "dataset.parquet"), Path(name, "anomalies.parquet")
        write_dataset(made, statistics, origin, dataset)
        if made.labels is None:
            services.store.withdraw(machine.key, YearFile.LABELS.of(machine.year))
        else:
            write_labels(made.labels, origin, labels)
            _put(services, machine, YearFile.LABELS, labels)
        _put(services, machine, YearFile.DATASET, dataset)
        size_bytes = dataset.stat().st_size
    _publish_extras(services, machine, code, made)
    events = None if made.labels is None else made.labels.num_rows
    return Published(statistics, events, size_bytes)


def _put(services: Services, machine: Machine, file: YearFile, content: bytes | Path) -> None:
    services.store.put(machine.key, file.of(machine.year), content, machine_tags(machine))


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


def _publish_extras(services: Services, machine: Machine, code: Code, made: MachineYear) -> None:
    if services.settings.with_report:
        from synth_pipeline.readings.report import draw_report  # noqa: PLC0415

        picture = draw_report(made, f"{machine.name} · {machine.year}")
        _put(services, machine, YearFile.REPORT, picture)
    if services.settings.with_clean_twin:
        _publish_clean(services, machine, code)


def _publish_clean(services: Services, machine: Machine, code: Code) -> None:
    """Publish the year without anomalies; a generator that has no such switch is an error."""
    trial = try_code(services, machine, code.source, code.signal_kit, anomalies="off")
    if trial.output is None:
        raise GeneratorError(f"the clean twin fails: {trial.reasons[0]}")
    with tempfile.TemporaryDirectory(prefix="synth-") as name:
        path = Path(name, "clean.parquet")
        origin = {**_origin(services, machine, code), "anomalies": "off"}
        write_dataset(trial.output, measure(trial.output.table), origin, path)
        _put(services, machine, YearFile.CLEAN, path)
