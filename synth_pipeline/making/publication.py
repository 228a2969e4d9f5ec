"""Publishes a verified machine-year: dataset, labels, patch, picture and, if asked, clean twin."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from synth_pipeline.domain.errors import GeneratorError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.provenance import Code
from synth_pipeline.readings.changes import changes_of_patch, clean_twin
from synth_pipeline.readings.dataset_file import write_dataset, write_labels, write_patch
from synth_pipeline.readings.layout import SIGNALS, YearFile
from synth_pipeline.readings.machine_year import MachineYear, Story
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
    """Put one verified year into the store: labels, patch and dataset, then picture and twin.

    Each file is replaced as a whole; labels, patch and twin of an earlier dataset of the year go
    where there are none now. Raises StoreError where the store fails.
    """
    origin, statistics = _origin(services, machine, code), made.statistics or _measured(made)
    with tempfile.TemporaryDirectory(prefix="synth-") as name:
        folder = Path(name)
        write_dataset(made, statistics, origin, folder / "dataset")
        for file, table in ((YearFile.LABELS, made.labels), (YearFile.PATCH, made.patch)):
            if table is None:
                services.store.withdraw(machine.key, file.of(machine.year))
                continue
            write = write_labels if file is YearFile.LABELS else write_patch
            write(table, origin, folder / file.folder)
            _put(services, machine, file, folder / file.folder)
        _publish_story(services, machine, made.story)
        _put(services, machine, YearFile.DATASET, folder / "dataset")
        size_bytes = (folder / "dataset").stat().st_size
    _publish_extras(services, machine, code, made)
    events = None if made.labels is None else made.labels.num_rows
    return Published(statistics, events, size_bytes)


def _publish_story(services: Services, machine: Machine, story: Story | None) -> None:
    """What the machine did; of code that does not say there is none, from earlier code neither."""
    if story is None:
        for file in (YearFile.CONTEXT, YearFile.WORKLOG):
            services.store.withdraw(machine.key, file.of(machine.year))
        services.store.withdraw(machine.key, SIGNALS)
        return
    _put(services, machine, YearFile.CONTEXT, story.context)
    _put(services, machine, YearFile.WORKLOG, story.worklog)
    services.store.put(machine.key, SIGNALS, story.signals, machine_tags(machine))


def _measured(made: MachineYear) -> Statistics:
    if made.story is None:
        return measure(made.table)
    return measure(made.table, made.story.modes(), made.story.signals)


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
        "signal_kit_sha256": code.provenance.signal_kit_sha256,
    }


def _publish_extras(services: Services, machine: Machine, code: Code, made: MachineYear) -> None:
    if services.settings.with_report:
        from synth_pipeline.readings.report import draw_report  # noqa: PLC0415

        picture = draw_report(made, f"{machine.name} · {machine.year}")
        _put(services, machine, YearFile.REPORT, picture)
    if services.settings.with_clean_twin:
        _publish_clean(services, machine, code, made)
    else:
        services.store.withdraw(machine.key, YearFile.CLEAN.of(machine.year))


def _publish_clean(services: Services, machine: Machine, code: Code, made: MachineYear) -> None:
    """Publish the year without anomalies; a generator without such a switch is an error."""
    if made.patch is None:
        raise GeneratorError(
            "there is no clean twin: this program does not write the same year without its "
            "anomalies; unset SYNTH_CLEAN_TWIN, or have it written anew with --rewrite"
        )
    table = clean_twin(made.table, changes_of_patch(made.patch))
    with tempfile.TemporaryDirectory(prefix="synth-") as name:
        path = Path(name, "clean.parquet")
        origin = {**_origin(services, machine, code), "anomalies": "off"}
        write_dataset(MachineYear(table, None, made.signals), measure(table), origin, path)
        _put(services, machine, YearFile.CLEAN, path)
