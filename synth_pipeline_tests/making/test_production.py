import io
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from synth_pipeline.authoring.catalog.author import CatalogAuthor
from synth_pipeline.domain.errors import GeneratorError, SettingsError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.progress import Progress
from synth_pipeline.domain.request import Request
from synth_pipeline.making.listing import list_machines
from synth_pipeline.making.production import (
    Failed,
    Order,
    Produced,
    produce,
    produce_all,
)
from synth_pipeline.making.standing import is_current
from synth_pipeline.making.stored_year import years_of
from synth_pipeline.readings.layout import SIGNALS, YearFile
from synth_pipeline.services import Services
from synth_pipeline_tests.support.workshop import (
    FAILING_CODE,
    GOOD_CODE,
    GOOD_EVENTS,
    SHORT_CODE,
    ScriptedAuthor,
    make_services,
    stored,
)

pytestmark = pytest.mark.sandbox


def listed(services: Services, number: int = 1, year: int = 2023) -> tuple[Machine, ...]:
    request = Request.create(industry="tools", number=number, user_id="ada", year=year, seed=1)
    return list_machines(services, request).machines


def dataset_bytes(services: Services, machine: Machine) -> bytes:
    with stored(services, machine).open() as source:
        return source.read()


def test_good_code_is_published_with_its_origin(tmp_path: Path) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    (machine,) = listed(services)

    made = produce(services, Order(machine))

    footer = pq.read_metadata(io.BytesIO(dataset_bytes(services, machine)))
    assert footer.num_rows == 525_600
    assert footer.metadata[b"machine"] == b"Lathe"
    assert footer.metadata[b"seed"] == b"1"
    assert footer.metadata[b"author"] == b"scripted"
    assert footer.metadata[b"code_sha256"].decode() == made.code.provenance.code_sha256
    assert made.published is not None
    assert made.published.events == GOOD_EVENTS
    assert all(verdict.passed for verdict in stored(services, machine, 2023).judge())


def test_what_a_machine_did_is_taken_from_our_own_code_alone(tmp_path: Path) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    (machine,) = listed(services)
    for file in (YearFile.CONTEXT, YearFile.WORKLOG):  # of an earlier author
        services.store.put(machine.key, file.of(machine.year), b"old")
    services.store.put(machine.key, SIGNALS, b"{}")

    produce(services, Order(machine))

    year = stored(services, machine)
    assert not year.has(YearFile.CONTEXT)
    assert not year.has(YearFile.WORKLOG)
    assert services.store.size(machine.key, SIGNALS) is None
    assert year.has(YearFile.DATASET)


def test_two_users_with_the_default_seed_get_two_machines(tmp_path: Path) -> None:
    readings = []
    for user in ("ada", "bob"):
        services = make_services(tmp_path / user, CatalogAuthor())
        request = Request.create(industry="fab", number=1, user_id=user, year=2023, seed=0)
        (machine,) = list_machines(services, request).machines
        produce(services, Order(machine))
        readings.append(stored(services, machine).table()["turbo_pump_current_a"].to_numpy())

    assert np.mean(readings[0] == readings[1]) < 0.1


def test_the_same_request_in_two_stores_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        services = make_services(tmp_path / name, ScriptedAuthor())
        (machine,) = listed(services)
        produce(services, Order(machine))
        contents.append(dataset_bytes(services, machine))

    assert contents[0] == contents[1]


def test_code_is_mended_until_it_passes_and_every_fault_is_remembered(tmp_path: Path) -> None:
    author = ScriptedAuthor({"Lathe": [FAILING_CODE, SHORT_CODE, GOOD_CODE]})
    services = make_services(tmp_path, author)
    (machine,) = listed(services)

    made = produce(services, Order(machine))

    provenance = made.code.provenance
    assert provenance.attempts == 3
    assert any("NameError: no such pump" in error for error in provenance.found_errors)
    assert any("524,160 rows; expected 525,600" in error for error in provenance.found_errors)


def test_code_that_never_passes_publishes_nothing_and_keeps_the_replies(tmp_path: Path) -> None:
    author = ScriptedAuthor({"Lathe": [FAILING_CODE] * 9})
    services = make_services(tmp_path, author, repair_attempts=2)
    (machine,) = listed(services)

    with pytest.raises(GeneratorError, match=r"3 attempts.*no such pump"):
        produce(services, Order(machine))

    assert services.store.load_code(machine.key) is None
    assert years_of(services.store, machine.key) == ()
    kept = sorted(p.name for p in (tmp_path / "home/rejected/ada/lathe").iterdir())
    assert kept == ["attempt-1.txt", "attempt-2.txt", "attempt-3.txt"]


def test_a_failed_rewrite_leaves_the_last_good_dataset_and_code_in_place(tmp_path: Path) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    (machine,) = listed(services)
    produce(services, Order(machine))
    before = dataset_bytes(services, machine)
    broken = make_services(
        tmp_path, ScriptedAuthor({"Lathe": [SHORT_CODE]}, version="2"), repair_attempts=0
    )

    with pytest.raises(GeneratorError):
        produce(broken, Order(machine))

    assert dataset_bytes(services, machine) == before
    assert is_current(services, machine)


def test_accepted_code_is_reused_until_the_author_changes(tmp_path: Path) -> None:
    author = ScriptedAuthor()
    services = make_services(tmp_path, author)
    (machine,) = listed(services)
    produce(services, Order(machine))

    again = produce(services, Order(machine.at_year(2022)))
    kept = produce(
        make_services(tmp_path, ScriptedAuthor(version="2")), Order(machine, keep_code=True)
    )
    rewritten = produce(services, Order(machine, rewrite=True))

    assert not again.code_is_new
    assert not kept.code_is_new
    assert rewritten.code_is_new
    assert author.written == ["Lathe", "Lathe"]
    assert years_of(services.store, machine.key) == (2022, 2023)


def test_one_failing_machine_harms_no_other(tmp_path: Path) -> None:
    author = ScriptedAuthor({"Drill": [FAILING_CODE]})
    services = make_services(tmp_path, author, repair_attempts=0)
    orders = [Order(machine) for machine in listed(services, 3)]

    outcomes = {o.machine.slug: o for o in produce_all(services, orders)}

    assert isinstance(outcomes["lathe"], Produced)
    assert isinstance(outcomes["saw"], Produced)
    failed = outcomes["drill"]
    assert isinstance(failed, Failed)
    assert "no such pump" in failed.reason
    assert "\n" not in failed.reason


def test_an_endless_loop_ends_at_the_time_limit(tmp_path: Path) -> None:
    author = ScriptedAuthor({"Lathe": ["while True: pass\n"]})
    services = make_services(tmp_path, author, repair_attempts=0, script_timeout_s=2.0)
    (machine,) = listed(services)

    with pytest.raises(GeneratorError, match="timed out after 2 s"):
        produce(services, Order(machine))

    assert services.store.load_code(machine.key) is None


def test_the_clean_twin_is_the_same_year_without_the_spike(tmp_path: Path) -> None:
    services = make_services(tmp_path, ScriptedAuthor(), with_clean_twin=True)
    (machine,) = listed(services)

    produce(services, Order(machine))

    clean = pq.read_table(tmp_path / "store/ada/lathe/clean/2023.parquet")
    table = stored(services, machine, 2023).table()
    name = "oil_temperature_degc"
    difference = table[name].to_numpy() - clean[name].to_numpy()
    changed = difference.nonzero()[0].reshape(6, 3)
    assert (np.diff(changed, axis=1) == 1).all()
    assert (np.diff(changed[:, 0]) == 80_000).all()


def test_steps_are_announced_as_they_happen(tmp_path: Path) -> None:
    seen: list[Progress] = []
    services = make_services(tmp_path, ScriptedAuthor(), watch=seen.append)
    (machine,) = listed(services)

    produce(services, Order(machine))

    assert [p.step for p in seen] == ["write", "run", "judge", *["prove"] * 4, "publish", "done"]


def test_a_model_s_code_never_runs_without_a_boundary(tmp_path: Path) -> None:
    services = make_services(tmp_path, ScriptedAuthor(), sandbox="none")

    with pytest.raises(SettingsError, match="SYNTH_SANDBOX 'none' runs catalogue code only"):
        services.check()


def test_without_a_boundary_stored_code_of_another_author_is_never_run(tmp_path: Path) -> None:
    services = make_services(tmp_path, ScriptedAuthor({"Lathe": [GOOD_CODE]}))
    (machine,) = listed(services)
    produce(services, Order(machine))
    trusted = ScriptedAuthor(name="catalog", is_trusted=True)
    unbound = make_services(tmp_path, trusted, sandbox="none")

    made = produce(unbound, Order(machine, keep_code=True))

    assert made.code_is_new
    assert trusted.written == ["Lathe"]


def test_a_damaged_dataset_is_judged_by_name(tmp_path: Path) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    (machine,) = listed(services)
    produce(services, Order(machine))
    path = tmp_path / "store/ada/lathe/dataset/2023.parquet"
    table = pq.read_table(path)
    pq.write_table(table.take([*range(500), *range(501, table.num_rows)]), path)

    verdicts = {v.check: v for v in stored(services, machine, 2023).judge()}

    gap = "1 gap, the first at row 500: 2023-01-01 08:21:00"
    assert verdicts["schema"].passed
    assert gap in verdicts["minute_cadence"].summary


def test_a_missing_dataset_is_judged_as_missing(tmp_path: Path) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    (machine,) = listed(services)

    verdicts = stored(services, machine, 2023).judge()

    assert not any(verdict.passed for verdict in verdicts)
    assert "there is no dataset of 2023" in verdicts[0].summary
