"""The code location itself: what is in it, and its assets run in process."""

import datetime as dt
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline.cli.workbench import Workbench
from synth_pipeline.definitions import build_defs
from synth_pipeline.defs.backfills import users_in_backfill
from synth_pipeline.defs.partitions import RANGE_END, RANGE_START, machines, users
from synth_pipeline.defs.schedules import nightly_per_user
from synth_pipeline.defs.sensors import on_new_request
from synth_pipeline.domain.errors import UnavailableError
from synth_pipeline.domain.request import Request
from synth_pipeline.readings.checks import CHECKS
from synth_pipeline.services import Services
from synth_pipeline_tests.support.places import ROOT
from synth_pipeline_tests.support.workshop import FAILING_CODE, ScriptedAuthor, make_services

DATASET = dg.AssetKey("dataset")


def request_of(user_id: str = "ada", number: int = 3, **values: object) -> Request:
    fixed = {"industry": "tools", "year": 2023, "seed": 1, **values}
    return Request.create(user_id=user_id, number=number, **fixed)  # type: ignore[arg-type]


def carry_out(instance: dg.DagsterInstance, services: Services, request: Request) -> None:
    Workbench(instance, services).carry_out(request, rewrite=False)


def statuses(instance: dg.DagsterInstance, asset: str) -> dict[str, str]:
    keys = instance.get_dynamic_partitions("machines")
    found = instance.get_status_by_partition(dg.AssetKey(asset), keys, machines)
    return {
        key: "MISSING" if value is None else value.value for key, value in (found or {}).items()
    }


def evaluations(instance: dg.DagsterInstance, check: str) -> dict[str | None, bool]:
    key = dg.AssetCheckKey(DATASET, check)
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=100)
    found: dict[str | None, bool] = {}
    for record in reversed(records):
        event = record.event.dagster_event  # type: ignore[union-attr]
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            evaluation = event.asset_check_evaluation_data
            found[evaluation.partition] = evaluation.passed
    return found


def test_the_public_names_are_all_there(tmp_path: Path) -> None:
    repository = build_defs(make_services(tmp_path)).get_repository_def()

    graph = repository.asset_graph
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == {
        "machine_list",
        "machine",
        "generator_code",
        "dataset",
    }
    assert {key.name for key in graph.asset_check_keys} == {check.name for check in CHECKS}
    assert {"submit_request", "dataset_checks"} <= set(repository.job_names)
    assert {"on_new_request", "on_new_machines"} == {s.name for s in repository.sensor_defs}
    assert [s.name for s in repository.schedule_defs] == ["nightly_per_user"]
    assert graph.get(DATASET).partitions_def == machines
    assert graph.get(dg.AssetKey("machine_list")).partitions_def == users


def test_loading_the_definitions_touches_nothing(tmp_path: Path) -> None:
    build_defs(make_services(tmp_path)).get_repository_def()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.sandbox
def test_a_request_becomes_materialized_and_checked_partitions(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())

    carry_out(instance, services, request_of())

    assert statuses(instance, "dataset") == dict.fromkeys(
        ["ada/lathe", "ada/drill", "ada/saw"], "MATERIALIZED"
    )
    for check in (check.name for check in CHECKS):
        assert evaluations(instance, check) == dict.fromkeys(statuses(instance, "dataset"), True)
    assert services.registry.get(request_of().request_id).status == "done"


@pytest.mark.sandbox
def test_every_materialization_says_what_it_is(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())

    carry_out(instance, services, request_of(number=1))

    (record,) = instance.fetch_materializations(DATASET, limit=5).records
    metadata = record.asset_materialization.metadata  # type: ignore[union-attr]
    assert record.partition_key == "ada/lathe"
    assert metadata["dagster/row_count"].value == 525_600
    columns = metadata["dagster/column_schema"].schema.columns  # type: ignore[union-attr]
    assert [c.name for c in columns][:2] == ["Timestamp", "oil_temperature_degc"]
    assert "°C" in (columns[1].description or "")
    assert Path(str(metadata["dagster/uri"].value)).stat().st_size == metadata["size_bytes"].value
    assert "| oil_temperature_degc | °C |" in str(metadata["signals"].value)


@pytest.mark.sandbox
def test_one_bad_machine_fails_its_own_partition_only(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    author = ScriptedAuthor({"Drill": [FAILING_CODE]})
    services = make_services(tmp_path, author, repair_attempts=0)

    carry_out(instance, services, request_of())

    assert statuses(instance, "dataset") == {
        "ada/lathe": "MATERIALIZED",
        "ada/drill": "FAILED",
        "ada/saw": "MATERIALIZED",
    }
    assert evaluations(instance, "schema") == {"ada/lathe": True, "ada/saw": True}
    record = services.registry.get(request_of().request_id)
    assert record.status == "failed"
    assert "1 of 3 machines failed: drill: " in str(record.error)
    assert "no such pump" in str(record.error)
    run = instance.get_runs(filters=dg.RunsFilter(tags={RANGE_START: "ada/lathe"}))[0]
    assert run.status is dg.DagsterRunStatus.FAILURE


@pytest.mark.sandbox
def test_the_same_request_again_retries_only_what_failed(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    author = ScriptedAuthor({"Drill": [FAILING_CODE]})
    services = make_services(tmp_path, author, repair_attempts=0)
    carry_out(instance, services, request_of())
    author.programs = {}
    author.written.clear()

    carry_out(instance, services, request_of())

    assert author.written == ["Drill"]
    assert set(statuses(instance, "dataset").values()) == {"MATERIALIZED"}
    assert services.registry.get(request_of().request_id).status == "done"


@pytest.mark.sandbox
def test_users_whose_partitions_interleave_are_kept_apart(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    for user_id, number in (("ada", 1), ("bob", 1), ("ada", 2)):
        carry_out(instance, services, request_of(user_id, number))

    Workbench(instance, services).check([m.key for m in services.store.load_machines("ada")])

    order = ["ada/lathe", "bob/lathe", "ada/drill"]
    assert instance.get_dynamic_partitions("machines") == order
    runs = instance.get_runs(filters=dg.RunsFilter(job_name="dataset_checks"))
    ranges = {(run.tags[RANGE_START], run.tags[RANGE_END]) for run in runs}
    assert ranges == {("ada/lathe", "ada/lathe"), ("ada/drill", "ada/drill")}


@pytest.mark.sandbox
def test_a_check_run_fails_where_a_stored_dataset_was_damaged(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    carry_out(instance, services, request_of(number=2))
    path = tmp_path / "store/ada/drill/dataset/2023.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)

    Workbench(instance, services).check([m.key for m in services.store.load_machines("ada")])

    run = instance.get_runs(filters=dg.RunsFilter(job_name="dataset_checks"))[0]
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert evaluations(instance, "year_coverage") == {"ada/lathe": True, "ada/drill": False}
    assert set(statuses(instance, "dataset").values()) == {"MATERIALIZED"}


def test_an_author_that_cannot_list_machines_fails_the_request_with_its_words(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    request = request_of(industry="unlistable")
    services.registry.submit(request)

    with pytest.raises(UnavailableError, match=r"^no machines come to mind$"):
        carry_out(instance, services, request)

    record = services.registry.get(request.request_id)
    assert (record.status, record.error) == ("failed", "no machines come to mind")
    assert services.store.load_machines("ada") == ()


@pytest.mark.sandbox
def test_a_downstream_asset_of_another_module_gets_a_dataframe_or_a_table(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    carry_out(instance, services, request_of(number=2))
    loaded: dict[str, object] = {}

    @dg.asset(partitions_def=machines)
    def features(context: dg.AssetExecutionContext, dataset: pd.DataFrame) -> None:
        loaded[f"frame {context.partition_key}"] = dataset

    @dg.asset(partitions_def=machines)
    def arrow_features(dataset: pa.Table) -> None:
        loaded["table"] = dataset

    @dg.asset(partitions_def=machines)
    def fleet(dataset: dict[str, pd.DataFrame]) -> None:
        loaded["fleet"] = dataset

    memory = dg.Definitions(
        assets=[features, arrow_features, fleet], resources={"io_manager": dg.mem_io_manager}
    )
    job = dg.Definitions.merge(build_defs(services), memory).resolve_implicit_global_asset_job_def()

    one = {"dagster/partition": "ada/drill"}
    for asset, tags in (
        (features, one),
        (arrow_features, one),
        (fleet, {RANGE_START: "ada/lathe", RANGE_END: "ada/drill"}),
    ):
        result = job.execute_in_process(instance=instance, asset_selection=[asset.key], tags=tags)
        assert result.success

    frame = loaded["frame ada/drill"]
    assert isinstance(frame, pd.DataFrame)
    assert frame.shape == (525_600, 4)
    assert str(frame["Timestamp"].dtype) == "datetime64[ms]"
    assert isinstance(loaded["table"], pa.Table)
    assert set(loaded["fleet"]) == {"ada/lathe", "ada/drill"}  # type: ignore[call-overload]


def test_the_downstream_asset_of_the_readme_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = ROOT / "README.md"
    (code,) = [
        block.partition("```")[0]
        for block in readme.read_text(encoding="utf-8").split("```python\n")[1:]
        if "def features" in block
    ]
    monkeypatch.chdir(tmp_path)
    module: dict[str, object] = {"__name__": "features"}

    exec(compile(code, "features.py", "exec"), module)

    defs = module["defs"]
    assert callable(defs)
    keys = defs().get_repository_def().asset_graph.get_all_asset_keys()
    assert {dg.AssetKey("features"), DATASET} <= set(keys)


def test_job_submit_request_files_a_request(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    job = build_defs(services).resolve_job_def("submit_request")
    config = {"industry": "tools", "number": 2, "user_id": "ada"}

    result = job.execute_in_process(
        instance=instance, run_config={"ops": {"file_request": {"config": config}}}
    )

    assert result.success
    (record,) = services.registry.pending()
    assert record.request.rolls
    assert (record.request.industry, record.request.number) == ("tools", 2)


def test_job_submit_request_refuses_bad_input_and_files_nothing(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    job = build_defs(services).resolve_job_def("submit_request")
    config = {"industry": "tools", "number": 0, "user_id": "../u"}

    result = job.execute_in_process(
        instance=instance,
        run_config={"ops": {"file_request": {"config": config}}},
        raise_on_error=False,
    )

    assert not result.success
    assert list(services.registry.list()) == []


def test_the_sensor_turns_each_pending_request_into_one_run(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    for user_id in ("ada", "bob"):
        services.registry.submit(request_of(user_id))
    context = dg.build_sensor_context(instance, resources={"services": services})

    result = on_new_request(context)

    assert isinstance(result, dg.SensorResult)
    assert [r.partition_key for r in result.run_requests or []] == ["ada", "bob"]
    assert [r.tags["synth/user"] for r in result.run_requests or []] == ["ada", "bob"]
    (addition,) = result.dynamic_partitions_requests or []
    assert list(addition.partition_keys) == ["ada", "bob"]


def test_the_sensor_says_why_it_does_nothing(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    context = dg.build_sensor_context(
        instance, resources={"services": make_services(tmp_path, ScriptedAuthor())}
    )

    result = on_new_request(context)

    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "no request is pending"


def tick(instance: dg.DagsterInstance, services: Services) -> str:
    context = dg.build_schedule_context(
        instance,
        resources={"services": services},
        repository_def=build_defs(services).get_repository_def(),
        scheduled_execution_time=dt.datetime.now(dt.UTC),
    )
    result = nightly_per_user(context)
    assert isinstance(result, dg.SkipReason)
    return str(result.skip_message)


@pytest.mark.sandbox
def test_a_nightly_tick_launches_one_titled_backfill_per_user_that_is_due(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    author = ScriptedAuthor({"Drill": [FAILING_CODE]})
    services = make_services(tmp_path, author, repair_attempts=0)
    for user_id in ("ada", "bob", "eve"):
        carry_out(instance, services, request_of(user_id, number=1 if user_id == "eve" else 2))
    (tmp_path / "store/bob/lathe/dataset/2023.parquet").unlink()

    message = tick(instance, services)

    backfills = {b.title: b for b in instance.get_backfills()}
    assert set(backfills) == {"ada: 1 machine", "bob: 2 machines"}
    assert backfills["bob: 2 machines"].tags["synth/user"] == "bob"
    assert "ada: backfill " in message
    assert "eve" not in message
    assert users_in_backfill(instance) == {"ada", "bob"}


@pytest.mark.sandbox
def test_a_tick_with_nothing_due_launches_nothing(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    carry_out(instance, services, request_of(number=1))

    assert tick(instance, services) == "nothing is due"
    assert list(instance.get_backfills()) == []


@pytest.mark.sandbox
def test_a_user_whose_list_is_damaged_stops_no_other(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    for user_id in ("ada", "bob"):
        carry_out(instance, services, request_of(user_id, number=1))
    (tmp_path / "store/ada/machines.json").write_text("{broken")
    (tmp_path / "store/bob/lathe/dataset/2023.parquet").unlink()

    message = tick(instance, services)

    assert "ada: failed, " in message
    assert [b.title for b in instance.get_backfills()] == ["bob: 1 machine"]


@pytest.mark.sandbox
def test_a_removed_machine_is_gone_from_store_registry_and_instance(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    services = make_services(tmp_path, ScriptedAuthor())
    carry_out(instance, services, request_of(number=2))
    doomed = services.store.load_machines("ada")[0].key

    Workbench(instance, services).remove("ada", [doomed])

    assert [m.slug for m in services.store.load_machines("ada")] == ["drill"]
    assert not (tmp_path / "store/ada/lathe").exists()
    assert instance.get_dynamic_partitions("machines") == ["ada/drill"]
    assert set(services.registry.get(request_of(number=2).request_id).machines) == {"drill"}
