import ast
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.authoring.catalog import formula
from synth_pipeline.authoring.catalog.load import (
    KNOWLEDGE,
    faults_of,
    load_industries,
    load_machine,
    parse_machine,
)
from synth_pipeline.authoring.catalog.render import parents_of
from synth_pipeline.domain.errors import AuthorError

PUMP = KNOWLEDGE / "general" / "centrifugal_pump.toml"
CAUSES = {"leak": "seal"}


def pump() -> dict[str, Any]:
    return tomllib.loads(PUMP.read_text())


def test_every_knowledge_file_belongs_to_an_industry() -> None:
    files = {path for path in KNOWLEDGE.rglob("*.toml") if path.name != "industry.toml"}

    assert len(files) == sum(len(industry.machines) for industry in load_industries())


def unknown_mode(table: dict[str, Any]) -> None:
    table["signals"]["speed_setpoint_rpm"]["levels"]["turbo"] = 5000.0


def unknown_mode_in_a_formula(table: dict[str, Any]) -> None:
    table["signals"]["motor_power_kw"]["is"] = "5 * during('turbo')"


def unknown_name(table: dict[str, Any]) -> None:
    table["signals"]["motor_power_kw"]["is"] = "2 * torque_nm"


def unread_levels(table: dict[str, Any]) -> None:
    table["signals"]["speed_setpoint_rpm"]["is"] = "1480 + noise(2)"


def unread_cause(table: dict[str, Any]) -> None:
    table["quantities"]["strainer"]["is"] = "strainer_loss"


def unknown_product(table: dict[str, Any]) -> None:
    table["signals"]["speed_setpoint_rpm"]["products"] = {"beer": 2}


def loop(table: dict[str, Any]) -> None:
    table["quantities"]["head"]["is"] = "0.01 * motor_power_kw + air_entrainment"


def call(table: dict[str, Any]) -> None:
    table["signals"]["motor_power_kw"]["is"] = "open('x')"


def long_lag(table: dict[str, Any]) -> None:
    table["signals"]["motor_power_kw"]["is"] = "lag(true_flow, 2000)"


def generic_name(table: dict[str, Any]) -> None:
    table["signals"]["signal_1"] = dict(table["signals"]["motor_power_kw"])


def named_twice(table: dict[str, Any]) -> None:
    table["coefficients"]["head"] = 3.0


def named_like_a_function(table: dict[str, Any]) -> None:
    table["coefficients"]["noise"] = 3.0


def unknown_kind(table: dict[str, Any]) -> None:
    table["sensor_faults"][0]["kind"] = "gremlin"


def no_size(table: dict[str, Any]) -> None:
    table["sensor_faults"][0]["size"] = 0


def unknown_pattern(table: dict[str, Any]) -> None:
    table["causes"]["coupling"]["pattern"] = "explode"


def too_long(table: dict[str, Any]) -> None:
    table["causes"]["coupling"]["hours"] = [4, 400]


def too_many(table: dict[str, Any]) -> None:
    table["causes"]["coupling"] |= {"per_year": 60, "hours": [1, 30]}


def no_wear(table: dict[str, Any]) -> None:
    del table["wear"]


def few_balances(table: dict[str, Any]) -> None:
    del table["balances"][0:2]


def strange_balance(table: dict[str, Any]) -> None:
    table["balances"][0]["pair"] = ["motor_power_kw", "torque_nm"]


def strange_level(table: dict[str, Any]) -> None:
    table["balances"][0]["level"] = "week"


def strange_role(table: dict[str, Any]) -> None:
    table["signals"]["motor_power_kw"]["role"] = "boss"


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (unknown_mode, r"speed_setpoint_rpm: unknown modes \['turbo'\]"),
        (unknown_mode_in_a_formula, r"motor_power_kw: unknown modes \['turbo'\]"),
        (unknown_name, r"motor_power_kw: reads unknown \['torque_nm'\]"),
        (unread_levels, "has levels, which its formula does not read"),
        (unread_cause, "cause strainer_clogging: no formula reads it"),
        (unknown_product, r"unknown products \['beer'\]"),
        (loop, "depends on itself"),
        (call, "is not allowed|expected only calls"),
        (long_lag, "at most 240 minutes"),
        (generic_name, "physical name"),
        (named_twice, "head: named twice"),
        (named_like_a_function, "noise: named twice, or a word of formulas"),
        (unknown_kind, "gremlin of suction_pressure_bar: unknown kind"),
        (no_size, "expected a size"),
        (unknown_pattern, "coupling: expected a pattern"),
        (too_long, "up to 40 hours"),
        (too_many, "expected at most 3 %"),
        (no_wear, r"reads unknown \['wear'\].*nothing wears"),
        (few_balances, "at least 3 causes and 3 balances"),
        (strange_balance, "expected two signals"),
        (strange_level, "level run, recipe, year"),
        (strange_role, "a role of"),
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
    path.write_text(PUMP.read_text().replace("resolution = 0.1", "resolutoin = 0.1", 1))

    with pytest.raises(AuthorError, match=r"pump\.toml: \w+: unknown keys"):
        load_machine(path)


def test_a_file_is_named_for_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "pump.toml"
    path.write_text(PUMP.read_text())

    with pytest.raises(AuthorError, match=r"belongs into centrifugal_pump\.toml"):
        load_machine(path)


def test_a_file_that_is_not_toml_is_an_author_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("kind = ")

    with pytest.raises(AuthorError, match=r"broken\.toml"):
        load_machine(path)


def test_equipment_is_shared_with_the_parameters_of_the_industry(tmp_path: Path) -> None:
    path = tmp_path / "boiler_feed_pump.toml"
    path.write_text(
        'based_on = "general/centrifugal_pump"\nkind = "Boiler Feed Pump"\n'
        "[coefficients]\nhead_at_nominal = [45.0, 0.1]\n"
        "[signals.discharge_pressure_bar]\nrange = [-1, 90]\n"
    )

    pump, own = load_machine(PUMP), load_machine(path)

    assert own.kind == "Boiler Feed Pump"
    assert own.coefficients["head_at_nominal"] == (45.0, 0.1)
    assert own.coefficients["friction"] == pump.coefficients["friction"]
    assert own.sensors["discharge_pressure_bar"].high == 90
    assert [q.name for q in own.quantities] == [q.name for q in pump.quantities]
    assert own.file_sha256 != pump.file_sha256


def test_what_a_file_is_based_on_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('based_on = "general/perpetuum_mobile"\nkind = "X"\n')

    with pytest.raises(AuthorError, match=r"perpetuum_mobile\.toml"):
        load_machine(path)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2 * flow_m3h + lag(power_kw, 3)", {"flow_m3h", "power_kw"}),
        ("-wear ** 2", {"wear"}),
        ("during('on') * setpoint + noise(0.2, 5)", {"setpoint"}),
    ],
)
def test_a_formula_reads_what_it_names(text: str, names: set[str]) -> None:
    assert formula.names_in(text) == names


def test_a_formula_becomes_an_expression_of_the_class() -> None:
    text = "2 * flow + lag(wear, 3) * leak + noise(1) + noise(2, 5) + per_lot(0.1) - setpoint"

    assert formula.code_of(text, "level_m", CAUSES) == (
        '2 * self.flow\n+ sim.lag(plan.wear, 3) * plan.cause("seal")\n'
        '+ sim.noise("level_m", 1)\n+ sim.noise("level_m 2", 2, 5)\n'
        '+ plan.spread("level_m 3", lot=0.1)\n- setpoint'
    )


NUMBERS = st.sampled_from(["flow_m3_per_hour_of_the_pump", "power_of_the_motor_kw", "2", "0.25"])
TEXTS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        inner.map(lambda text: f"sqrt({text})"),
        inner.map(lambda text: f"-({text})"),
        st.tuples(inner, inner).map(lambda parts: f"maximum({parts[0]}, {parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]} > {parts[1]})"),
    ),
    max_leaves=30,
)


@settings(deadline=None, max_examples=150)
@given(text=TEXTS)
def test_lines_are_broken_without_changing_what_is_said(text: str) -> None:
    code = formula.code_of(text, "x", {})

    plain = re.sub(r"(?<![\w.])([a-z_0-9]*_[a-z_]+)", r"self.\1", text)
    plain = plain.replace("sqrt(", "np.sqrt(").replace("maximum(", "np.maximum(")
    assert ast.dump(ast.parse(f"({code})")) == ast.dump(ast.parse(f"({plain})"))


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.b", "[1]", "lambda: 1", "f(a)", "a if b else c", "'x' + a"]
)
def test_anything_but_arithmetic_is_refused_in_a_formula(text: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        formula.names_in(text)


def test_parents_are_found_through_what_is_not_shown() -> None:
    spec = load_machine(PUMP)
    signals = {signal.name: signal for signal in spec.signals}

    assert parents_of(signals["discharge_flow_m3_h"], spec) == ("shaft_speed_rpm",)
    assert parents_of(signals["seal_flush_flow_l_min"], spec) == ()
