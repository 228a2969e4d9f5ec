"""Tables that the commands print, built from the rows of `overview`."""

from collections.abc import Mapping, Sequence
from typing import Any

from synth_pipeline.console import megabytes, number, out, print_table, provenance_lines
from synth_pipeline.domain.request import Request
from synth_pipeline.overview import CheckRow, MachineRow

Row = Mapping[str, Any]


def print_generated(request: Request, shown: Sequence[Row]) -> None:
    """What became of each machine of one request."""
    columns = ["Machine", "Slug", "Rows", "Signals", "Anomalies", "Size", "Checks"]
    rows = [
        [
            row["name"],
            row["partition"].partition("/")[2],
            number(row.get("rows")),
            number(row.get("signals")),
            number(row.get("anomalies")),
            megabytes(row.get("size_bytes")),
            _verdict(row),
        ]
        for row in shown
    ]
    title = f"{request.industry} · {request.user_id} · {request.year} · seed {request.seed}"
    print_table(title, columns, rows, right=columns[2:6])


def _verdict(row: Row) -> str:
    checks: Mapping[str, bool] = row.get("checks", {})
    if not checks:
        return f"✗ {row['outcome']}"
    broken = [name for name, passed in checks.items() if not passed]
    return f"! {', '.join(broken)}" if broken else f"✓ {len(checks)} of {len(checks)}"


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


def print_requests(rows: Sequence[Row]) -> None:
    """Requests with status and cost."""
    columns = ["Request", "Industry", "Number", "Year", "Seed", "Status", "Made", "Tokens", "Error"]
    print_table(
        "Requests",
        columns,
        [
            [
                row["request_id"],
                row["industry"],
                str(row["number"]),
                str(row["year"]),
                str(row["seed"]),
                row["status"],
                f"{sum(o == 'done' for o in row['machines'].values())} of {row['number']}",
                f"{row['usage']['input_tokens']:,} + {row['usage']['output_tokens']:,}",
                row["error"] or "",
            ]
            for row in rows
        ],
        right=("Number", "Year", "Seed"),
    )


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


def print_machine(shown: Row) -> None:
    """Everything about one machine-year."""
    for line in filter(None, provenance_lines(shown)):
        out.print(line)
    _print_signals(shown["signals"])
    _print_anomalies(shown["anomalies"])
    for name, place in shown["files"].items():
        out.print(f"{name}: {place or 'none'}", markup=False)


def _print_signals(signals: Sequence[Row]) -> None:
    columns = ["Signal", "Unit", "Min", "Mean", "Max", "Missing", "Description"]
    print_table(
        "Signals",
        columns,
        [
            [
                signal["name"],
                signal["unit"],
                *(number(signal.get(name)) for name in ("minimum", "mean", "maximum")),
                f"{signal.get('missing', 0):.2%}",
                signal["description"],
            ]
            for signal in signals
        ],
        right=columns[2:6],
    )


def _print_anomalies(events: Sequence[Row]) -> None:
    print_table(
        f"{len(events)} anomalies",
        ["Start", "End", "Kind", "Category", "Root cause", "Affected", "Severity"],
        [
            [
                f"{event['start']:%Y-%m-%d %H:%M}",
                f"{event['end']:%Y-%m-%d %H:%M}",
                *(event[name] or "" for name in ("kind", "category", "root_cause")),
                ", ".join(event["affected"] or []),
                event["severity"] or "",
            ]
            for event in events
        ],
    )


def print_checks(rows: Sequence[CheckRow], machines: int) -> None:
    """Every check that is not green, and the sums."""
    broken = [row for row in rows if not row.passed]
    for row in broken:
        mark = "failed " if row.blocking else "warning"
        out.print(f"{mark} {row.partition} {row.check} {row.year}: {row.message}", markup=False)
    failed = sum(row.blocking for row in broken)
    out.print(
        f"{len(rows)} checks of {machines} machines: {len(rows) - len(broken)} passed, "
        f"{failed} failed, {len(broken) - failed} warnings"
    )
