"""Check results as the UI reads them: per partition, and of the current materialization."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

from synth_pipeline.definitions import build_defs
from synth_pipeline.defs.partitions import machines
from synth_pipeline.cli.workbench import Workbench
from synth_pipeline.domain.request import Request
from synth_pipeline.readings.checks import CHECKS
from synth_pipeline.services import Services
from synth_pipeline_tests.support.workshop import FAILING_CODE, ScriptedAuthor, make_services

pytestmark = pytest.mark.sandbox


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance/dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.local_temp(str(tmp_path / "instance")) as opened:
        yield opened


def carry_out(instance: dg.DagsterInstance, services: Services) -> None:
    request = Request.create(industry="tools", number=2, user_id="ada", year=2023, seed=1)
    Workbench(instance, services).carry_out(request, rewrite=False)


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

    for check in CHECKS:
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
