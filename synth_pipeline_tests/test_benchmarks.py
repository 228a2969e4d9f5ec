"""The benchmarks' arithmetic and tables; nothing is timed here."""

import io
import subprocess
import sys
from itertools import count

import pytest
from rich.console import Console

from benchmarks.goals import Goal, Measured, judge
from benchmarks.growth import Growth, per_partition_s
from benchmarks.results import Report, print_report, to_markdown
from benchmarks.sampling import Case, Samples, take_turns
from synth_pipeline_tests.support.places import ROOT


def samples(name: str, *seconds: float) -> Samples:
    return Samples(Case(name, name.upper(), lambda: 0.0), list(seconds))


def report() -> Report:
    found = [samples("floor", 0.4, 0.5, 9.0), samples("year", 1.0, 1.0, 1.0)]
    return Report(
        host={"cores": "2"},
        samples=found,
        goals=[Goal("fast enough", 1.0, 1.75, "s")],
        growth=[Growth(10, 5.0, 3.0, 1.0, 2**20 * 300, 4_000_000)],
        facts={"machine-year, Parquet": "4.3 MB"},
        skipped={"dbldatagen": "needs java"},
    )


def test_cases_take_turns_after_one_round_that_does_not_count() -> None:
    order: list[str] = []
    clock = count(1)

    def case(name: str) -> Case:
        return Case(name, name, lambda: (order.append(name), float(next(clock)))[1])

    found = take_turns([case("a"), case("b")], 3)

    assert order == ["a", "b"] * 4
    assert found["a"].seconds == [3.0, 5.0, 7.0]
    assert (found["a"].median, found["a"].best, found["a"].worst) == (5.0, 3.0, 7.0)


def test_goals_compare_medians_of_one_run() -> None:
    seconds = {"floor": 0.4, "start": 0.3, "year": 1.0, "plain": 5.0, "ten": 11.0, "checks": 0.3}
    goals = {
        goal.text: goal for goal in judge(Measured(seconds, 180 * 2**20, 4_300_000, dagster_s=0.05))
    }

    verdicts = {text: goal.verdict for text, goal in goals.items()}
    assert verdicts.pop("(b) against GutenTAG") == "not measured"
    assert verdicts.pop("(g) ≤ 0.2 × (b)") == "missed"
    assert set(verdicts.values()) == {"met"}
    assert goals["(b) ≤ 3 × (a) + start"].limit == pytest.approx(1.5)
    assert goals["(b) against (c)"].value == pytest.approx(5)


def test_dagsters_own_time_is_taken_of_the_largest_run() -> None:
    small, large = Growth(1, 3.0, 1.0, 0.5, 0, 0), Growth(200, 50.0, 30.0, 10.0, 0, 0)

    assert per_partition_s([large, small]) == pytest.approx(0.05)


def test_results_hold_every_table_as_markdown() -> None:
    text = to_markdown(report())

    assert "- cores: 2\n" in text
    assert "| fast enough | 1 s | ≤ 1.75 s | met |" in text
    assert "| FLOOR | 0.500 | 0.400 | 9.000 | 1.00 | 3 |" in text
    assert "| YEAR | 1.000 | 1.000 | 1.000 | 2.00 | 3 |" in text
    assert "| 10 | 5.0 | 0.500 | 0.100 | 300 | 4.0 |" in text
    assert "- dbldatagen skipped: needs java" in text


def test_results_are_drawn_on_the_terminal() -> None:
    written = io.StringIO()

    print_report(report(), Console(width=200, file=written))

    text = written.getvalue()
    assert "fast enough" in text
    assert "dbldatagen skipped: needs java" in text


def test_the_command_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )

    assert "--quick" in done.stdout
