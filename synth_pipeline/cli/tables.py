"""Tables and lines that the commands print, built from the values of `rows`."""

from collections.abc import Iterator, Sequence

from rich.markup import escape

from synth_pipeline.cli.console import megabytes, money, number, out, print_table
from synth_pipeline.cli.rows import MachineRow, MadeRow, ShownYear, SignalRow
from synth_pipeline.domain.check import RecordedVerdict
from synth_pipeline.domain.evidence import Tried
from synth_pipeline.domain.outcome import RequestRecord
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.text import clipped
from synth_pipeline.domain.usage import Prices, Usage
from synth_pipeline.readings.labels import Event


def print_generated(request: Request, shown: Sequence[MadeRow]) -> None:
    """What became of each machine of one request."""
    columns = ["Machine", "Slug", "Rows", "Signals", "Anomalies", "Size", "Checks"]
    rows = []
    for row in shown:
        stored = row.stored
        figures = (stored.rows, stored.signals, stored.anomalies) if stored else (None,) * 3
        size = megabytes(stored.size_bytes if stored else None)
        rows.append([row.name, row.key.machine, *map(number, figures), size, _verdict(row)])
    title = f"{request.industry} · {request.user_id} · {request.year} · seed {request.seed}"
    print_table(title, columns, rows, right=columns[2:6])


def _verdict(row: MadeRow) -> str:
    if not row.checks:
        return f"✗ {row.outcome}"
    broken = [name for name, passed in row.checks.items() if not passed]
    return f"! {', '.join(broken)}" if broken else f"✓ {len(row.checks)} of {len(row.checks)}"


def print_next_steps(place: str, user_id: str, partition: str) -> None:
    """What to do with fresh data."""
    steps = {
        f"synth show {partition}": "signals, anomalies, provenance",
        f"synth export {partition} --output csv": "the same as CSV",
        f"synth check --user {user_id}": "judge everything stored again",
        "make dev": "the same in the Dagster UI, http://127.0.0.1:3000",
    }
    width = max(map(len, steps)) + 3
    out.print(f"\nThe data lies in {place}. What next (commands in .venv/bin):", markup=False)
    for command, purpose in steps.items():
        out.print(f"  {command:<{width}}{purpose}", markup=False)


def print_cost(record: RequestRecord, prices: Prices) -> None:
    """What the model calls of a request cost so far, where prices are set."""
    cost, usage = prices.shown(record.usage), record.usage
    if cost is not None:
        out.print(
            f"Model calls of this request so far: {usage.calls}, {_tokens(usage)} tokens, "
            f"cost {money(cost)}"
        )


def print_requests(records: Sequence[RequestRecord], prices: Prices) -> None:
    """Requests with status and tokens and, where prices are set, their cost."""
    columns = ["Request", "Industry", "Number", "Year", "Seed", "Status", "Made", "Tokens"]
    costs = ["Cost"] if prices.are_set else []
    print_table(
        "Requests",
        [*columns, *costs, "Error"],
        [
            [
                record.request_id,
                record.request.industry,
                str(record.request.number),
                str(record.request.year),
                str(record.request.seed),
                str(record.status),
                f"{record.made} of {record.request.number}",
                _tokens(record.usage),
                *(money(prices.shown(record.usage)) for _ in costs),
                record.error or "",
            ]
            for record in records
        ],
        right=("Number", "Year", "Seed", "Cost"),
    )


def _tokens(usage: Usage) -> str:
    return f"{usage.input_tokens:,} + {usage.output_tokens:,}"


def print_machines(rows: Sequence[MachineRow]) -> None:
    """Machines with their current year."""
    columns = ["Machine", "Name", "Industry", "Year", "Rows", "Signals", "Anomalies", "Size"]
    print_table(
        "Machines",
        columns,
        [
            [
                row.partition,
                row.name,
                row.industry,
                str(row.year),
                number(row.rows) or "no dataset",
                number(row.signals),
                number(row.anomalies),
                megabytes(row.size_bytes),
            ]
            for row in rows
        ],
        right=columns[3:],
    )


def print_shown(shown: ShownYear) -> None:
    """Everything about one machine-year."""
    for line in filter(None, _provenance_lines(shown)):
        out.print(line)
    if shown.provenance:
        _print_evidence(shown.provenance.evidence)
        for warning in shown.provenance.warnings:
            out.print(f"warning: {clipped(warning)}", markup=False)
    _print_signals(shown.signals)
    _print_events(shown.events)
    for name, place in shown.files.items():
        out.print(f"{name}: {place or 'none'}", markup=False)


def _provenance_lines(shown: ShownYear) -> Iterator[str]:
    """Where a dataset came from, line by line."""
    machine, provenance = shown.machine, shown.provenance
    yield f"[bold]{escape(machine.name)}[/] ({escape(machine.industry)})"
    yield escape(machine.description)
    yield f"year {shown.year}, seed {machine.seed}, {shown.rows:,} rows"
    if provenance:
        usage = provenance.usage
        yield (
            f"author {provenance.author} {escape(provenance.author_version)}, "
            f"{provenance.attempts} attempt(s), {usage.calls} model calls, "
            f"{usage.input_tokens} + {usage.output_tokens} tokens"
            f"{'' if shown.cost is None else f', cost {money(shown.cost)}'}"
        )
        yield f"code sha256 {provenance.code_sha256}"


def _print_evidence(evidence: Sequence[Tried]) -> None:
    """The runs that the code was accepted on."""
    columns = ["Run", "Year", "Seed", "Seconds", "Outcome"]
    rows = [
        [
            each.run,
            str(each.year),
            str(each.seed),
            number(each.seconds),
            f"{'✓' if each.holds else '✗'} {each.outcome}",
        ]
        for each in evidence
    ]
    if rows:
        print_table("Evidence", columns, rows, right=columns[1:4])


def _print_signals(signals: Sequence[SignalRow]) -> None:
    columns = ["Signal", "Unit", "Min", "Mean", "Max", "Missing", "Description"]
    rows = []
    for signal in signals:
        figures = signal.figures
        span = (figures.minimum, figures.mean, figures.maximum) if figures else (None,) * 3
        missing = f"{figures.missing if figures else 0:.2%}"
        column = signal.column
        rows.append([column.name, column.unit, *map(number, span), missing, column.description])
    print_table("Signals", columns, rows, right=columns[2:6])


def _print_events(events: Sequence[Event]) -> None:
    print_table(
        f"{len(events)} anomalies",
        ["Start", "End", "Kind", "Category", "Root cause", "Affected", "Severity", "SNR"],
        [
            [
                f"{event.start:%Y-%m-%d %H:%M}",
                f"{event.end:%Y-%m-%d %H:%M}",
                event.kind,
                event.category or "",
                event.root_cause or "",
                ", ".join(event.affected or []),
                event.severity or "",
                "" if event.snr is None else f"{event.snr:.1f}",
            ]
            for event in events
        ],
    )


def print_checks(verdicts: Sequence[RecordedVerdict]) -> None:
    """Every check that is not green, and the sums."""
    broken = [verdict for verdict in verdicts if not verdict.passed]
    for verdict in broken:
        mark = "failed " if verdict.is_blocking else "warning"
        what = f"{verdict.key} {verdict.check} {verdict.year}"
        out.print(f"{mark} {what}: {verdict.message}", markup=False)
    failed = sum(verdict.is_blocking for verdict in broken)
    machines = len({verdict.key for verdict in verdicts})
    out.print(
        f"{len(verdicts)} checks of {machines} machines: {len(verdicts) - len(broken)} passed, "
        f"{failed} failed, {len(broken) - failed} warnings"
    )
