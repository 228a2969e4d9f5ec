"""Publishes a verified machine-year: dataset, labels, picture and, where asked for, clean twin."""

import tempfile
from pathlib import Path

from synth_pipeline.domain.errors import GeneratorError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.provenance import Code
from synth_pipeline.quality import dataset_file
from synth_pipeline.quality.output import Output
from synth_pipeline.quality.statistics import Statistics, measure
from synth_pipeline.services import Services
from synth_pipeline.trial import try_code


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


def machine_tags(machine: Machine) -> dict[str, str]:
    """What objects of a machine are tagged with, in stores that tag."""
    return {"user": machine.user_id, "industry": machine.industry, "machine": machine.slug}


def publish(
    services: Services, machine: Machine, code: Code, output: Output, statistics: Statistics
) -> int:
    """Put one verified year into the store: labels and dataset first, then picture and twin.

    Each file is replaced as a whole; returns the dataset's bytes and raises StoreError where
    the store fails.
    """
    origin = _origin(services, machine, code)
    tags = machine_tags(machine)
    with tempfile.TemporaryDirectory(prefix="synth-") as name:
        dataset, labels = Path(name, "dataset.parquet"), Path(name, "anomalies.parquet")
        dataset_file.write_dataset(output, statistics, origin, dataset)
        if output.labels is not None:
            dataset_file.write_labels(output.labels, origin, labels)
        services.store.publish_dataset(
            machine.key, machine.year, dataset, labels if labels.exists() else None, tags
        )
        size_bytes = dataset.stat().st_size
    _publish_extras(services, machine, code, output)
    return size_bytes


def _publish_extras(services: Services, machine: Machine, code: Code, output: Output) -> None:
    if services.settings.with_report:
        from synth_pipeline.quality.report import draw_report  # noqa: PLC0415

        picture = draw_report(output, f"{machine.name} · {machine.year}")
        services.store.publish_report(machine.key, machine.year, picture, machine_tags(machine))
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
        dataset_file.write_dataset(trial.output, measure(trial.output.table), origin, path)
        services.store.publish_clean(machine.key, machine.year, path, machine_tags(machine))
