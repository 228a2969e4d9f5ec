"""What a materialization says of itself in the UI."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import dagster as dg

from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.outcome import RequestRecord
from synth_pipeline.domain.provenance import Provenance
from synth_pipeline.domain.text import clipped
from synth_pipeline.domain.usage import Usage
from synth_pipeline.making.listing import Listing
from synth_pipeline.making.production import Produced
from synth_pipeline.making.publication import Published
from synth_pipeline.making.standing import stored_year
from synth_pipeline.readings.contract import (
    TIMESTAMP,
    TIMESTAMP_TYPE,
    interval_in_words,
    rows_in_year,
)
from synth_pipeline.readings.layout import YearFile
from synth_pipeline.services import Services


def listing_metadata(
    services: Services, listing: Listing, record: RequestRecord
) -> dict[str, dg.MetadataValue]:
    """What a listing found and what the request's model calls have taken so far."""
    usage = record.usage
    names = "\n".join(f"1. {plain(machine.name)}" for machine in listing.machines)
    return {
        "request": dg.MetadataValue.text(record.request_id),
        "machines": dg.MetadataValue.int(len(listing.machines)),
        "to_be_made": dg.MetadataValue.int(len(listing.outdated)),
        "names": dg.MetadataValue.md(names),
        "notes": dg.MetadataValue.json(list(listing.notes)),
        "model_calls": dg.MetadataValue.int(usage.calls),
        "input_tokens": dg.MetadataValue.int(usage.input_tokens),
        "output_tokens": dg.MetadataValue.int(usage.output_tokens),
        **_cost(services, usage),
    }


def usage_metadata(services: Services, record: RequestRecord) -> dict[str, Any]:
    """What the model calls of a request have taken so far."""
    cost = _cost(services, record.usage)
    return {"request": record.request_id, **asdict(record.usage), **cost}


def _cost(services: Services, usage: Usage) -> Mapping[str, dg.MetadataValue]:
    """The cost of model calls where the prices that it needs are set, else nothing."""
    cost = services.settings.prices.shown(usage)
    return {} if cost is None else {"cost": dg.MetadataValue.float(cost)}


def machine_metadata(machine: Machine) -> dict[str, dg.MetadataValue]:
    """One row of the list."""
    return {
        "name": dg.MetadataValue.text(machine.name),
        "industry": dg.MetadataValue.text(machine.industry),
        "description": dg.MetadataValue.text(machine.description),
        "year": dg.MetadataValue.int(machine.year),
        "seed": dg.MetadataValue.int(machine.seed),
    }


def code_metadata(services: Services, produced: Produced) -> dict[str, dg.MetadataValue]:
    """Author, cost and place of accepted code, and what it was accepted on."""
    provenance = produced.code.provenance
    usage = provenance.usage
    return {
        "code": dg.MetadataValue.path(services.store.code_uri(produced.machine.key)),
        "code_sha256": dg.MetadataValue.text(provenance.code_sha256),
        "author": dg.MetadataValue.text(f"{provenance.author} {provenance.author_version}"),
        "reused": dg.MetadataValue.bool(not produced.code_is_new),
        "attempts": dg.MetadataValue.int(provenance.attempts),
        "model_calls": dg.MetadataValue.int(usage.calls),
        "input_tokens": dg.MetadataValue.int(usage.input_tokens),
        "output_tokens": dg.MetadataValue.int(usage.output_tokens),
        "model_latency_s": dg.MetadataValue.float(usage.latency_s),
        **_cost(services, usage),
        **_judgement(provenance),
        "errors_the_model_reported": dg.MetadataValue.json(list(provenance.reported_errors)),
        "errors_we_found": dg.MetadataValue.json(list(provenance.found_errors)),
        "lines": dg.MetadataValue.int(produced.code.source.count("\n")),
        "source": dg.MetadataValue.md(fenced(produced.code.source)),
    }


def _judgement(provenance: Provenance) -> Mapping[str, dg.MetadataValue]:
    """The warnings that code was accepted with, and the runs that speak for it."""
    told = "\n".join(f"1. {_cell(warning)}" for warning in provenance.warnings)
    lines = ["| run | year | seed | seconds | outcome |", "|---|--:|--:|--:|---|"]
    for run in provenance.evidence:
        mark = "✓" if run.holds else "✗"
        figures = f"{run.year} | {run.seed} | {run.seconds:g}"
        lines.append(f"| {_cell(run.run)} | {figures} | {mark} {_cell(run.outcome)} |")
    return {
        "warnings": dg.MetadataValue.md(told or "none"),
        "evidence": dg.MetadataValue.md("\n".join(lines) if provenance.evidence else "none"),
    }


def dataset_metadata(
    services: Services, produced: Produced, published: Published
) -> dict[str, dg.MetadataValue]:
    """Rows, columns with units, size, place, origin and a table of the signals."""
    machine, stored = produced.machine, stored_year(services, produced.machine)
    metadata: dict[str, dg.MetadataValue] = {
        "machine": dg.MetadataValue.text(machine.name),
        "industry": dg.MetadataValue.text(machine.industry),
        "year": dg.MetadataValue.int(machine.year),
        "dagster/row_count": dg.MetadataValue.int(rows_in_year(machine.year)),
        "signals": dg.MetadataValue.md(_signal_table(produced, published)),
        "dagster/column_schema": dg.MetadataValue.table_schema(_column_schema(produced)),
        "dagster/uri": dg.MetadataValue.path(stored.uri()),
        "size_bytes": dg.MetadataValue.int(published.size_bytes),
        "seed": dg.MetadataValue.int(machine.seed),
        "code": dg.MetadataValue.path(services.store.code_uri(machine.key)),
        "code_sha256": dg.MetadataValue.text(produced.code.provenance.code_sha256),
        "seconds": dg.MetadataValue.float(round(produced.seconds, 2)),
    }
    if published.events is not None:
        metadata["anomalies"] = dg.MetadataValue.int(published.events)
        metadata["labels"] = dg.MetadataValue.path(stored.uri(YearFile.LABELS))
    if services.settings.with_report:
        metadata["report"] = dg.MetadataValue.path(stored.uri(YearFile.REPORT))
    return metadata


def _column_schema(produced: Produced) -> dg.TableSchema:
    columns = [dg.TableColumn(TIMESTAMP, str(TIMESTAMP_TYPE), f"{interval_in_words()} of the year")]
    for signal in produced.code.provenance.signals:
        text = f"{signal.description} [{signal.unit}]" if signal.unit else signal.description
        columns.append(dg.TableColumn(signal.name, "double", text.strip() or None))
    return dg.TableSchema(columns)


def _signal_table(produced: Produced, published: Published) -> str:
    lines = ["| signal | unit | min | mean | max | missing |", "|---|---|--:|--:|--:|--:|"]
    for signal in produced.code.provenance.signals:
        row = published.statistics.signals[signal.name]
        values = (row.minimum, row.mean, row.maximum)
        cells = " | ".join("" if value is None else f"{value:g}" for value in values)
        name, unit = plain(signal.name), plain(signal.unit)
        lines.append(f"| {name} | {unit} | {cells} | {row.missing:.2%} |")
    return "\n".join(lines)


def fenced(source: str) -> str:
    """Code as Markdown, in a fence that none of its own lines can close."""
    longest = max(map(len, re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{source}\n{fence}"


def _cell(text: str) -> str:
    """Foreign text as one line of Markdown; `provenance.json` has it whole."""
    return plain(clipped(text))


def plain(text: str) -> str:
    """Foreign text for Markdown, where it could otherwise load pictures from somewhere."""
    return re.sub(r"([^\w\s./%°-])", r"\\\1", text)
