import os
import shutil
import subprocess
import sys
import tomllib
import types
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline import signal_kit
from synth_pipeline.authoring.author import Author
from synth_pipeline.authoring.catalog.author import CatalogAuthor
from synth_pipeline.authoring.catalog.load import (
    KNOWLEDGE,
    WRITER,
    digest_of_writer,
    load_industries,
)
from synth_pipeline.domain.errors import AuthorError
from synth_pipeline.domain.machine import Machine, MachineIdea
from synth_pipeline.domain.names import is_generic_name, slugify
from synth_pipeline.readings.contract import LABEL_SCHEMA, MAX_ANOMALOUS_SHARE, rows_in_year
from synth_pipeline.readings.declared import ABSENT, declared_couplings
from synth_pipeline.readings.fields import signals_of
from synth_pipeline.readings.realism import realism_findings
from synth_pipeline.readings.statistics import measure

YEAR = 2023
AUTHOR = CatalogAuthor()
SPECS = {spec.kind: spec for industry in AUTHOR.industries for spec in industry.machines}


def machine(kind: str = "", name: str = "", unit: int = 1, description: str = "") -> Machine:
    return Machine("ada", "m", name or kind, "any", description, kind, unit, YEAR, 3)


def code_of(wanted: Machine) -> str:
    code = AUTHOR.open_session(wanted).write().code
    assert code is not None
    return code


def run(code: str, folder: Path) -> None:
    """Run a generator in this process, as `python main.py` beside its kit would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "signal_kit", signal_kit)
        patch.setenv("SYNTH_YEAR", str(YEAR))
        patch.setenv("SYNTH_SEED", "3")
        patch.delenv("SYNTH_ANOMALIES", raising=False)
        patch.chdir(folder)
        module = types.ModuleType("__main__")
        exec(compile(code, "main.py", "exec"), module.__dict__)


# --- listing ---------------------------------------------------------------------------------


def test_the_catalogue_is_an_author_that_needs_nothing() -> None:
    author: Author = AUTHOR

    author.check()

    assert (author.name, author.is_trusted) == ("catalog", True)


def test_a_machine_s_version_is_of_its_own_file_and_of_the_writer() -> None:
    kinds = ("Centrifugal Pump", "Plasma Etcher")

    pump, etcher = (AUTHOR.version_of(machine(kind)) for kind in kinds)

    assert pump.partition("-")[0] == etcher.partition("-")[0] == AUTHOR.writer_version
    assert pump != etcher
    assert pump == AUTHOR.version_of(machine("Centrifugal Pump", "Another Pump", unit=2))


def test_another_industry_makes_no_machine_stale(tmp_path: Path) -> None:
    knowledge = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, knowledge)
    before = CatalogAuthor(load_industries(knowledge))
    (knowledge / "dairy").mkdir()
    pump = (knowledge / "general" / "centrifugal_pump.toml").read_text(encoding="utf-8")
    (knowledge / "dairy" / "milk_pump.toml").write_text(
        pump.replace('kind = "Centrifugal Pump"', 'kind = "Milk Pump"'), encoding="utf-8"
    )
    (knowledge / "dairy" / "industry.toml").write_text(
        'name = "dairy"\nsynonyms = []\nmachines = ["milk_pump"]\n', encoding="utf-8"
    )
    load_industries.cache_clear()

    after = CatalogAuthor(load_industries(knowledge))

    assert [i.name for i in after.industries if i.name == "dairy"]
    for kind in SPECS:
        assert after.version_of(machine(kind)) == before.version_of(machine(kind))


def test_a_changed_knowledge_file_makes_its_own_machines_stale(tmp_path: Path) -> None:
    knowledge = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, knowledge)
    path = knowledge / "general" / "centrifugal_pump.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")

    changed = CatalogAuthor(load_industries(knowledge))

    stale = {k for k in SPECS if changed.version_of(machine(k)) != AUTHOR.version_of(machine(k))}
    tables = [tomllib.loads(each.read_text(encoding="utf-8")) for each in KNOWLEDGE.rglob("*.toml")]
    base = "general/centrifugal_pump"
    based = {table["kind"] for table in tables if table.get("based_on") == base}
    assert stale == {"Centrifugal Pump", *based}


@pytest.mark.parametrize("file", WRITER)
def test_a_changed_writer_makes_every_machine_stale(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "catalog"
    shutil.copytree(KNOWLEDGE.parent, folder, ignore=shutil.ignore_patterns("knowledge"))
    assert digest_of_writer(folder) == AUTHOR.writer_version

    with (folder / file).open("a", encoding="utf-8") as source:
        source.write("# changed\n")

    assert digest_of_writer(folder) != AUTHOR.writer_version


@pytest.mark.parametrize(
    "industry", ["semiconductor", "Semiconductors", "  SEMICONDUCTOR  manufacturing ", "wafer-fab"]
)
def test_semiconductor_is_known_under_its_other_names(industry: str) -> None:
    listed = AUTHOR.list_machines(industry, 10)

    assert listed.notes == ()
    assert listed.ideas[0] == MachineIdea(
        "Plasma Etcher", SPECS["Plasma Etcher"].description, "Plasma Etcher", 1
    )


@pytest.mark.parametrize(
    "industry",
    ["fabs", "Semiconducter industry", "a wafer fabrication plant", "microchip factory"],
)
def test_an_industry_is_taken_by_the_meaning_of_its_words_and_said(industry: str) -> None:
    listed = AUTHOR.list_machines(industry, 1)

    assert listed.ideas[0].kind == "Plasma Etcher"
    assert listed.notes == (f"The industry {industry!r} is taken as semiconductor.",)


@pytest.mark.parametrize(
    ("industry", "meant"),
    [
        ("wind energy", "energy"),
        ("dairy plant", "food and beverage"),
        ("a brewery", "food and beverage"),
        ("cement works", "mining and cement"),
        ("car factory", "automotive"),
        ("paper mill", "pulp and paper"),
        ("oil refinery", "chemicals and refining"),
        ("battery gigafactory", "electronics and batteries"),
        ("sewage treatment plant", "water and wastewater"),
        ("data center", "data centres and buildings"),
        ("vaccine production", "pharmaceutical"),
        ("alumnium smelter", "steel and metals"),
    ],
)
def test_what_people_type_is_taken_for_an_industry(industry: str, meant: str) -> None:
    machines = next(i.machines for i in AUTHOR.industries if i.name == meant)

    listed = AUTHOR.list_machines(industry, 1)

    assert listed.ideas[0].kind == machines[0].kind


@pytest.mark.parametrize(
    "industry", ["fabric", "the manufacturing industry", "goat yoga", "semiconductor poetry"]
)
def test_one_strange_word_is_enough_for_another_industry(industry: str) -> None:
    listed = AUTHOR.list_machines(industry, 1)

    assert listed.ideas[0].kind == "Centrifugal Pump"
    assert "general industrial equipment" in listed.notes[0]


def test_an_unknown_industry_gets_general_equipment_and_is_told_so() -> None:
    listed = AUTHOR.list_machines("goat yoga", 5)

    assert [idea.kind for idea in listed.ideas][:2] == ["Centrifugal Pump", "Screw Compressor"]
    assert len(listed.notes) == 1
    assert "'goat yoga'" in listed.notes[0]


@pytest.mark.parametrize("industry", ["semiconductor", "goat yoga"])
def test_a_longer_list_begins_with_the_shorter_one_and_names_are_unique(industry: str) -> None:
    hundred = AUTHOR.list_machines(industry, 100).ideas

    for number in (1, 10, 12, 40):
        assert AUTHOR.list_machines(industry, number).ideas == hundred[:number]
    assert len({slugify(idea.name) for idea in hundred}) == 100


def test_known_machines_are_skipped() -> None:
    known = AUTHOR.list_machines("semiconductor", 3).ideas
    stranger = MachineIdea("LITHOGRAPHY scanner", kind="")

    listed = AUTHOR.list_machines("semiconductor", 100, [*known, stranger]).ideas

    names = {idea.name for idea in listed}
    assert len(names) == 100
    assert not names & {"Plasma Etcher", "CVD Reactor", "Lithography Scanner"}
    assert "Plasma Etcher 2" in names


def test_twelve_industries_and_more_have_ten_machines_of_their_own_each() -> None:
    own = {i.name: len(i.files) for i in AUTHOR.industries if i.name != "general"}
    kinds = [machine.kind for industry in AUTHOR.industries for machine in industry.machines]

    assert len(own) >= 12
    assert min(own.values()) >= 10, own
    assert len(set(kinds)) == len(kinds)


# --- the code ----------------------------------------------------------------------------------


def test_the_same_machine_gets_the_same_code() -> None:
    assert code_of(machine("CMP Polisher")) == code_of(machine("CMP Polisher"))


def test_further_units_have_the_same_equations_under_their_own_name() -> None:
    first, second = (
        code_of(machine("Steam Boiler", name, unit))
        for name, unit in (("Steam Boiler", 1), ("Steam Boiler 2", 2))
    )

    assert first != second
    assert first.replace("Steam Boiler", "X") == second.replace("Steam Boiler 2", "X").replace(
        "Steam Boiler", "X"
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Vacuum Pump P-101", "Centrifugal Pump"),
        ("Spot welding robot", "Six-Axis Robot"),
        ("Rotary kiln dryer", "Rotary Dryer"),
        ("Quantum flux capacitor", "Process Skid"),
        ("機械", "Process Skid"),
    ],
)
def test_an_unknown_kind_becomes_the_closest_general_one(name: str, kind: str) -> None:
    session = AUTHOR.open_session(machine("Something Else Entirely", name=name))

    assert session.spec.kind == kind


@settings(deadline=None, max_examples=80)
@given(name=st.text(max_size=90), description=st.text(max_size=200))
def test_any_name_and_description_can_stand_in_the_code(name: str, description: str) -> None:
    wanted = Machine("ada", "m", name, "any", description, "Plasma Etcher", 1, YEAR, 3)

    code = code_of(wanted)

    assert name in compile(code, "main.py", "exec").co_consts


def test_quotes_and_escapes_in_a_name_stay_a_name() -> None:
    name = 'a"""\nimport os; os.abort()\\\'\t"'

    code = code_of(machine("Wet Bench", name=name, description=name))

    scope: dict[str, object] = {"__name__": "loaded"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "signal_kit", signal_kit)
        exec(compile(code, "main.py", "exec"), scope)
    assert scope["MACHINE"] == name


def test_catalogue_code_cannot_be_mended() -> None:
    session = AUTHOR.open_session(machine("Wire Bonder"))

    with pytest.raises(AuthorError, match="report this as a defect of the catalogue"):
        session.mend(["row 3 is missing"])


def test_every_generator_is_documented_and_free_of_lint(tmp_path: Path) -> None:
    for kind in SPECS:
        (tmp_path / f"{slugify(kind).replace('-', '_')}.py").write_text(code_of(machine(kind)))

    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "E,F,D",
         "--ignore", "D203,D213,D403,E501", "."],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-2000:]


# --- the data ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SPECS)
def test_every_kind_makes_a_year_within_the_contract_as_real_machines_are(
    kind: str, tmp_path: Path
) -> None:
    spec = SPECS[kind]

    run(code_of(machine(kind)), tmp_path)

    table = pq.read_table(tmp_path / "dataset.parquet")
    labels = pq.read_table(tmp_path / "anomalies.parquet")
    assert table.num_rows == rows_in_year(YEAR)
    assert table.column_names == ["Timestamp", *(signal.name for signal in spec.signals)]
    assert labels.schema.equals(LABEL_SCHEMA)
    assert labels.num_rows >= 8
    minutes = (labels["end"].to_numpy() - labels["start"].to_numpy()) / np.timedelta64(1, "m") + 1
    assert 0.001 < minutes.sum() / table.num_rows < MAX_ANOMALOUS_SHARE
    for signal in spec.signals:
        field, values = table.schema.field(signal.name), table[signal.name].to_numpy()
        shown = values[np.isfinite(values)]
        assert field.metadata[b"unit"].decode() == signal.unit
        assert field.metadata[b"description"].decode() == signal.description
        sensor = spec.sensors[signal.name]
        assert sensor.low <= shown.min() < shown.max() <= sensor.high
        assert np.unique(shown, return_counts=True)[1].max() < 0.9 * shown.size, signal.name
    assert [str(each) for each in realism_findings(measure(table), signals_of(table.schema))] == []
    modes = pq.read_table(tmp_path / "context.parquet")["mode"].combine_chunks()
    declared = declared_couplings(table, modes, (tmp_path / "signals.json").read_bytes())
    assert len(declared) >= 3
    assert [str(each) for each in declared if each.r < ABSENT] == []


@pytest.mark.parametrize("kind", ["Plasma Etcher", "Screw Compressor"])
def test_a_generator_works_alone_and_its_clean_twin_differs_only_in_its_events(
    kind: str, tmp_path: Path
) -> None:
    tables = {}
    for anomalies in ("on", "off"):
        folder = tmp_path / anomalies
        folder.mkdir()
        (folder / "main.py").write_text(code_of(machine(kind, unit=2)))
        shutil.copy(signal_kit.__file__, folder)
        env = os.environ | {"SYNTH_YEAR": "2024", "SYNTH_SEED": "5", "SYNTH_ANOMALIES": anomalies}
        subprocess.run([sys.executable, "main.py"], cwd=folder, env=env, check=True)
        tables[anomalies] = pq.read_table(folder / "dataset.parquet")
    labels = pq.read_table(tmp_path / "on" / "anomalies.parquet").to_pylist()
    timestamps = tables["on"]["Timestamp"].to_numpy()
    outside = np.ones(timestamps.size, dtype=bool)

    for label in labels:
        start, end = np.searchsorted(
            timestamps, [np.datetime64(label[k]) for k in ("start", "end")]
        )
        outside[start : end + 1] = False
        for name in label["affected"]:
            seen, clean = (tables[k][name].to_numpy()[start : end + 1] for k in ("on", "off"))
            assert not np.array_equal(seen, clean, equal_nan=True), label

    for name in tables["on"].column_names:
        seen, clean = (tables[k][name].to_numpy()[outside] for k in ("on", "off"))
        is_same = (
            (seen == clean) | (np.isnan(seen) & np.isnan(clean))
            if name != "Timestamp"
            else (seen == clean)
        )
        assert is_same.all(), name


# --- the knowledge -----------------------------------------------------------------------------


def test_signals_have_physical_names_units_and_words() -> None:
    for spec in SPECS.values():
        assert 8 <= len(spec.signals) <= 16, spec.kind
        for signal in spec.signals:
            assert not is_generic_name(signal.name)
            assert signal.unit, signal.name
            assert len(signal.description) > 5, signal.name


def test_every_machine_has_causes_and_sensor_faults_of_several_kinds() -> None:
    for spec in SPECS.values():
        patterns = {signal_kit.PATTERNS[each.cause.pattern] for each in spec.causes}
        kinds = {fault.kind for fault in spec.sensor_faults}
        assert len(patterns) >= 2, spec.kind
        assert len(patterns | kinds) >= 4, spec.kind
        assert any(each.cause.ends == "repair" for each in spec.causes), spec.kind
        assert all(each.why for each in (*spec.causes, *spec.sensor_faults)), spec.kind
    everything = chain.from_iterable(spec.sensor_faults for spec in SPECS.values())
    assert {fault.kind for fault in everything} >= {"stuck", "dropout", "drift", "noise_burst"}
