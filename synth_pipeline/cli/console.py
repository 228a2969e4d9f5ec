"""What the CLI shows: progress on stderr, tables and JSON on stdout."""

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table

from synth_pipeline.domain.progress import NOTE, Progress
from synth_pipeline.domain.text import visible

STEPS = {
    "list": "listing machines",
    "write": "writing its generator",
    "run": "running the generator",
    "prove": "running it again, to compare",
    "judge": "judging the year",
    "publish": "publishing",
}

PIPED_WIDTH = 160


class TextConsole(Console):
    """Prints texts without the control characters they may hold; colours are its own."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as `Console` does; machine names and reasons are foreign text."""
        shown = [_shown(o) if isinstance(o, str) else o for o in objects]
        super().print(*shown, **options)


def _shown(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))


out = TextConsole(highlight=False, soft_wrap=True)
err = TextConsole(stderr=True, highlight=False, soft_wrap=True)


class ProgressView:
    """Which machine is at which step for how long; one line per finished machine."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[str, float, float]] = {}
        self._live = Live(console=err, get_renderable=self._render, transient=True)

    def __enter__(self) -> Self:
        if err.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Take note of a step; called from several threads."""
        now = time.monotonic()
        _, begun, _ = self._running.get(progress.machine, ("", now, now))
        if progress.step == NOTE:
            err.print(f"[yellow]![/] {escape(progress.detail)}")
        elif progress.step in ("done", "failed"):
            self._running.pop(progress.machine, None)
            mark = "[green]✓[/]" if progress.step == "done" else "[red]✗[/]"
            text = f" {escape(progress.detail)}" if progress.detail else ""
            err.print(f"{mark} {escape(progress.machine)}{text} [dim]{now - begun:.1f} s[/]")
        else:
            self._running[progress.machine] = (progress.step, begun, now)

    def _render(self) -> Table:
        now = time.monotonic()
        table = Table.grid(padding=(0, 1))
        for machine, (step, _, since) in sorted(self._running.items()):
            table.add_row(
                Spinner("dots"),
                escape(machine),
                f"[dim]{STEPS.get(step, step)}, {now - since:.0f} s[/]",
            )
        return table


def print_json(value: object) -> None:
    """Data for programs; what no terminal should get is escaped, so nothing is lost."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    escaped = (c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)
    out.print("".join(escaped), markup=False)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[str] = ()
) -> None:
    """A table for people; columns named in `right` are aligned to the right."""
    table = Table(title=escape(visible(title)), title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(
            column, justify="right" if column in set(right) else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(escape(visible(cell)) for cell in row))
    if not out.is_terminal:
        out.width = PIPED_WIDTH
    out.print(table)


def number(value: float | None) -> str:
    """A figure for a cell, empty where there is none."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def money(value: float | None) -> str:
    """A cost in the currency of the prices, empty where it is not known."""
    return "" if value is None else f"{value:,.4f}"


def megabytes(value: int | None) -> str:
    """Bytes as MB with one decimal."""
    return "" if value is None else f"{value / 1e6:.1f} MB"
