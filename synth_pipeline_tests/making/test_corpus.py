"""Programs that break one promise each must not end green, honest ones must.

A part runs with all tests, one or two for each kind of lie; `make corpus` runs them all.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from synth_pipeline.domain.errors import GeneratorError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.making.production import Order, produce
from synth_pipeline_tests.support.honest import EXHAUST_FAN, HONEST, NO_SWITCH, SEED_LITERAL
from synth_pipeline_tests.support.lies import LIES
from synth_pipeline_tests.support.workshop import ScriptedAuthor, make_services, stored

pytestmark = pytest.mark.sandbox

MACHINE = Machine("ada", "lathe", "Lathe", "tools", "", "", 1, 2023, 7)
ALWAYS = frozenset(
    {
        "one_label_names_the_wrong_signal",
        "labels_days_late",
        "labels_end_a_minute_late",
        "labels_change_nothing",
        "minor_events_unlabelled",
        "seed_ignored",
        "generator_without_seed",
        "hash_of_a_text",
        "no_leap_day",
        "the_same_week_all_year",
        "the_half_year_twice",
        "bearing_at_minus_4940",
        "negative_absolute_pressure",
        "flag_of_the_label",
        "label_under_noise",
        "clean_twin_as_a_column",
        "a_signal_twice",
        "white_noise",
        "clock_of_37_minutes",
        "names_differ_in_case",
        "temperature_in_bar",
        "an_event_twice",
        "events_nested",
        "labels_off_the_grid",
        "five_thousand_events",
        "off_is_ignored",
        "events_of_a_billionth",
        "always_2024",
        "kinds_do_not_fit",
        "leap_day_is_copied",
        "a_copy_that_comes_later",
        "the_seed_deals_the_days",
        "drift_and_oscillation_exchanged",
        "ten_days_and_a_digit",
        "furnace_numpy_batches",
        "compressor_kit_continuous",
        "winder_off_at_night",
        "tank_level_csv",
        "hundreds_of_events",
        "reactor_fixed_setpoints",
    }
)
Red = Mapping[str, str]


def params(programs: Mapping[str, object]) -> list[object]:
    return [
        pytest.param(name, marks=() if name in ALWAYS else pytest.mark.corpus) for name in programs
    ]


def outcome(folder: Path, *programs: str) -> tuple[Red, tuple[str, ...]]:
    """The checks that are red in the end, and what the code is accepted with."""
    author = ScriptedAuthor({"Lathe": list(programs)})
    services = make_services(folder, author, repair_attempts=len(programs) - 1)
    services.store.merge_machines("ada", lambda _: (MACHINE,))
    try:
        warnings = produce(services, Order(MACHINE)).code.provenance.warnings
    except GeneratorError as error:
        return {"refused": str(error)}, error.reasons
    verdicts = stored(services, MACHINE).judge()
    return {verdict.check: verdict.summary for verdict in verdicts if not verdict.passed}, warnings


def test_what_always_runs_is_in_the_corpus() -> None:
    assert set(LIES) | set(HONEST) >= ALWAYS


@pytest.mark.parametrize("name", params(LIES))
def test_no_lie_ends_green(tmp_path: Path, name: str) -> None:
    red, _ = outcome(tmp_path, LIES[name].program)

    assert red, LIES[name].about


@pytest.mark.parametrize("name", params(HONEST))
def test_honest_programs_stay_green(tmp_path: Path, name: str) -> None:
    red, warnings = outcome(tmp_path, HONEST[name])

    assert red == {}, warnings


@pytest.mark.parametrize(
    "name", ["labels_days_late", "seed_ignored", "bearing_at_minus_4940", "names_differ_in_case"]
)
def test_a_second_turn_mends(tmp_path: Path, name: str) -> None:
    mended = LIES[name].mended
    assert mended is not None

    red, warnings = outcome(tmp_path, LIES[name].program, mended)

    assert (red, warnings) == ({}, ())


def test_a_plain_program_without_labels_is_accepted_and_claims_nothing(tmp_path: Path) -> None:
    red, warnings = outcome(tmp_path, SEED_LITERAL)

    assert set(red) == {"anomalies_present", "labels_match_data"}
    assert "it writes no labels" in "\n".join(warnings)


def test_without_a_switch_labels_are_not_said_to_match(tmp_path: Path) -> None:
    red, warnings = outcome(tmp_path, NO_SWITCH)

    assert set(red) == {"labels_match_data"}
    assert "with SYNTH_ANOMALIES=off the readings are the same" in "\n".join(warnings)


def test_labels_that_say_no_cause_are_accepted_and_red(tmp_path: Path) -> None:
    red, _ = outcome(tmp_path, EXHAUST_FAN)

    assert set(red) == {"anomalies_present"}
