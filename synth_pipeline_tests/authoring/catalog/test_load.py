import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth_pipeline.authoring.catalog import formula
from synth_pipeline.authoring.catalog.load import (
    KNOWLEDGE,
    faults_of,
    load_industries,
    load_machine,
    parse_machine,
)
from synth_pipeline.authoring.catalog.vary import vary
from synth_pipeline.domain.errors import AuthorError

PUMP = KNOWLEDGE / "general" / "centrifugal_pump.toml"


def pump() -> dict[str, Any]:
    return tomllib.loads(PUMP.read_text())


def test_every_knowledge_file_belongs_to_an_industry() -> None:
    files = {path for path in KNOWLEDGE.rglob("*.toml") if path.name != "industry.toml"}

    assert len(files) == sum(len(industry.machines) for industry in load_industries())


def unknown_mode(table: dict[str, Any]) -> None:
    table["signals"]["shaft_speed_rpm"]["levels"]["turbo"] = 5000.0


def out_of_range(table: dict[str, Any]) -> None:
    table["signals"]["shaft_speed_rpm"]["levels"]["high_load"] = 5000.0


def unknown_signal(table: dict[str, Any]) -> None:
    table["signals"]["motor_power_kw"]["formula"] = "2 * torque_nm"


def loop(table: dict[str, Any]) -> None:
    table["signals"]["discharge_flow_m3h"]["formula"] = "discharge_pressure_bar + 1"


def call(table: dict[str, Any]) -> None:
    table["signals"]["motor_power_kw"]["formula"] = "open('x')"


def generic_name(table: dict[str, Any]) -> None:
    table["signals"]["signal_1"] = dict(table["signals"]["fluid_temperature_degc"])


def unknown_kind(table: dict[str, Any]) -> None:
    table["faults"][0]["kind"] = "gremlin"


def too_many(table: dict[str, Any]) -> None:
    table["faults"][0]["count"] = 400


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (unknown_mode, r"shaft_speed_rpm: unknown modes \['turbo'\]"),
        (out_of_range, r"\['high_load'\] outside of 0.0 to 3200.0"),
        (unknown_signal, r"reads unknown \['torque_nm'\]"),
        (loop, "depends on itself"),
        (call, "is not allowed|expected only calls"),
        (generic_name, "physical name"),
        (unknown_kind, "fault gremlin"),
        (too_many, "more than 5 %"),
    ],
)
def test_knowledge_that_contradicts_itself_is_refused(
    break_it: Callable[[dict[str, Any]], None], message: str
) -> None:
    table = pump()
    break_it(table)

    found = "; ".join(faults_of(parse_machine(table)))

    assert re.search(message, found), found


def test_a_misspelt_key_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "pump.toml"
    path.write_text(PUMP.read_text().replace("lag_minutes = 1.2", "lag_minuts = 1.2"))

    with pytest.raises(AuthorError, match=r"pump\.toml: shaft_speed_rpm: unknown keys"):
        load_machine(path)


def test_a_file_that_is_not_toml_is_an_author_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("kind = ")

    with pytest.raises(AuthorError, match=r"broken\.toml"):
        load_machine(path)


@pytest.mark.parametrize(
    ("text", "names"),
    [("2 * flow_m3h + lag(power_kw, 3)", {"flow_m3h", "power_kw"}), ("-wear ** 2", {"wear"})],
)
def test_a_formula_reads_the_signals_it_names(text: str, names: set[str]) -> None:
    assert formula.names_in(text) == names


def test_a_formula_becomes_an_expression_of_the_class() -> None:
    terms = formula.terms_of("2 * flow_m3h + lag(power_kw, 3)")

    assert terms == ("2 * self.flow_m3h", "+ kit.lag(self.power_kw, 3)")


def test_a_sum_is_split_without_changing_its_value() -> None:
    class Rig:
        a, b, c, d, e = 9, 5, 1, 2, 4

    terms = formula.terms_of("a - (b - c) - d + e")

    assert len(terms) == 4
    assert eval(" ".join(terms), {"self": Rig}) == 7


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.b", "[1]", "lambda: 1", "f(a)", "a if b else c"]
)
def test_anything_but_arithmetic_is_refused_in_a_formula(text: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        formula.names_in(text)


def test_units_stay_within_tolerance_and_inside_their_ranges() -> None:
    spec = load_machine(PUMP)

    other = vary(spec, "Centrifugal Pump 2:2")

    assert faults_of(other) == []
    assert other == vary(spec, "Centrifugal Pump 2:2")
    for before, after in zip(spec.signals, other.signals, strict=True):
        assert after.level == pytest.approx(before.level, rel=0.031)
        assert after.name == before.name
