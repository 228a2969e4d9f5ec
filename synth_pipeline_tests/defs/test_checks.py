"""Check results as the UI reads them: per partition, and of the current materialization."""

import dataclasses
from collections import Counter
from pathlib import Path
from typing import BinaryIO

import dagster as dg
import pyarrow.parquet as pq
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

from synth_pipeline.cli.workbench import Workbench
from synth_pipeline.definitions import build_defs
from synth_pipeline.defs.partitions import machines
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.request import Request
from synth_pipeline.readings.checks import CHECKS
from synth_pipeline.services import Services
from synth_pipeline.stores.dataset_store import DatasetStore
from synth_pipeline.stores.local import LocalObjects
from synth_pipeline_tests.support.workshop import FAILING_CODE, ScriptedAuthor, make_services

pytestmark = pytest.mark.sandbox


REQUEST = Request.create(industry="tools", number=2, user_id="ada", year=2023, seed=1)


def carry_out(instance: dg.DagsterInstance, services: Services) -> None:
    Workbench(instance, services).carry_out(REQUEST, rewrite=False)


def partitions_tab(instance: dg.DagsterInstance, check: str) -> dict[str, set[str]]:
    """What the tab Partitions of a check shows."""
    key = dg.AssetCheckKey(dg.AssetKey("dataset"), check)
    with partition_loading_context(dynamic_partitions_store=instance):
        state = instance.event_log_storage.get_asset_check_state([(key, machines)])[key]
        shown = {
            status.name: set(subset.subset_value.get_partition_keys())
            for status, subset in state.subsets.items()
        }
    return {status: keys for status, keys in shown.items() if keys}


def damage(store: Path) -> None:
    path = store / "ada/drill/dataset/2023.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)


def test_results_belong_to_the_materialization_of_the_same_run(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    carry_out(instance, make_services(tmp_path, ScriptedAuthor()))

    for check in (check.name for check in CHECKS):
        assert partitions_tab(instance, check) == {"SUCCEEDED": {"ada/lathe", "ada/drill"}}


def test_results_of_the_good_machines_are_shown_where_another_failed(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    author = ScriptedAuthor({"Drill": [FAILING_CODE]})

    carry_out(instance, make_services(tmp_path, author, repair_attempts=0))

    assert partitions_tab(instance, "schema")["SUCCEEDED"] == {"ada/lathe"}


def test_a_run_without_partitions_judges_every_machine(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    carry_out(instance, services)
    damage(tmp_path / "store")
    job = build_defs(services).resolve_job_def("dataset_checks")

    result = job.execute_in_process(instance=instance, raise_on_error=False)

    assert not result.success
    assert partitions_tab(instance, "year_coverage") == {
        "SUCCEEDED": {"ada/lathe"},
        "FAILED": {"ada/drill"},
    }


class CountingObjects(LocalObjects):
    """A folder that counts how often each object is opened."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.opened: Counter[str] = Counter()

    def open(self, key: str) -> BinaryIO:
        self.opened[key] += 1
        return super().open(key)


def counted_services(tmp_path: Path) -> tuple[Services, Counter[str]]:
    services = make_services(tmp_path, ScriptedAuthor())
    objects = CountingObjects(tmp_path / "store")
    counted = Services(services.settings, author=services.author, store=DatasetStore(objects))
    return counted, objects.opened


def test_generating_judges_each_published_file_once(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services, opened = counted_services(tmp_path)

    verdicts = Workbench(instance, services).carry_out(REQUEST, rewrite=False)

    assert opened == {
        f"ada/{machine}/{file}/2023.parquet": 1
        for machine in ("lathe", "drill")
        for file in ("dataset", "anomalies", "patch")
    }
    assert [(str(v.key), v.check) for v in verdicts] == [
        (key, check.name) for key in ("ada/lathe", "ada/drill") for check in CHECKS
    ]


def test_the_same_request_again_reports_what_its_listing_recorded(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services, opened = counted_services(tmp_path)
    first = Workbench(instance, services).carry_out(REQUEST, rewrite=False)
    opened.clear()

    again = Workbench(instance, services).carry_out(REQUEST, rewrite=False)

    assert again == first
    # once to see whose code and seed it is of, once to judge it
    assert {count for key, count in opened.items() if "/dataset/" in key} == {2}
    assert partitions_tab(instance, "schema") == {"SUCCEEDED": {"ada/lathe", "ada/drill"}}


def test_checking_judges_every_stored_year_once_and_reports_what_was_recorded(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services, opened = counted_services(tmp_path)
    bench = Workbench(instance, services)
    bench.carry_out(REQUEST, rewrite=False)
    bench.carry_out(dataclasses.replace(REQUEST, year=2024), rewrite=False)
    opened.clear()

    verdicts = bench.check([m.key for m in services.store.load_machines("ada")])

    datasets = {key: count for key, count in opened.items() if "/dataset/" in key}
    assert datasets == {
        f"ada/{machine}/dataset/{year}.parquet": 1
        for machine in ("lathe", "drill")
        for year in (2023, 2024)
    }
    assert {(str(v.key), v.year) for v in verdicts} == {
        (f"ada/{machine}", year) for machine in ("lathe", "drill") for year in (2023, 2024)
    }
    assert all(verdict.passed for verdict in verdicts)


def test_damage_in_an_older_year_is_red_in_the_command_and_in_the_ui_alike(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    bench = Workbench(instance, services)
    bench.carry_out(REQUEST, rewrite=False)
    bench.carry_out(dataclasses.replace(REQUEST, year=2024), rewrite=False)
    damage(tmp_path / "store")

    verdicts = bench.check([m.key for m in services.store.load_machines("ada")])

    red = [v for v in verdicts if not v.passed]
    assert {(str(v.key), v.year, v.check) for v in red} == {
        ("ada/drill", 2023, "year_coverage"),
        ("ada/drill", 2023, "labels_match_data"),  # each reading stands a row early
    }
    assert partitions_tab(instance, "year_coverage") == {
        "SUCCEEDED": {"ada/lathe"},
        "FAILED": {"ada/drill"},
    }
    key = dg.AssetCheckKey(dg.AssetKey("dataset"), "year_coverage")
    latest = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    (shown,) = [
        record.evaluation.description
        for record in latest[:2]
        if record.evaluation and record.evaluation.partition == "ada/drill"
    ]
    assert shown.startswith("2023: 525,599 rows; expected 525,600 for 2023")


def test_a_machine_of_which_nothing_was_recorded_is_no_success(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    bench = Workbench(instance, services)
    bench.carry_out(REQUEST, rewrite=False)

    with pytest.raises(SynthError, match="no verdict was recorded for ada/gone"):
        bench.check([PartitionKey("ada", "gone"), PartitionKey("ada", "lathe")])
