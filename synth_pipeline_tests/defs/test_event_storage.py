"""The pooled event log: what Dagster's own would do, with few files open."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.instance.ref import InstanceRef

from synth_pipeline.defs.event_storage import (
    KEPT_DATABASES,
    PooledEventLogStorage,
    PooledSqliteStorage,
    pooled_storage,
)
from synth_pipeline.settings import project_root

ROOT = project_root(Path(__file__).parent)


@dg.asset
def pump() -> None:
    """An asset to record."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    overrides = {"storage": pooled_storage(str(tmp_path))}
    with dg.DagsterInstance.from_ref(
        InstanceRef.from_dir(str(tmp_path), overrides=overrides)
    ) as made:
        yield made


def storage_of(instance: dg.DagsterInstance) -> PooledEventLogStorage:
    storage = instance.event_log_storage
    assert isinstance(storage, PooledEventLogStorage)
    return storage


def test_events_of_many_runs_are_read_back_with_few_databases_open(
    instance: dg.DagsterInstance,
) -> None:
    runs = [dg.materialize([pump], instance=instance).run_id for _ in range(KEPT_DATABASES + 2)]

    for run_id in runs:
        assert any(e.dagster_event.is_step_materialization for e in instance.all_logs(run_id))
    records = instance.fetch_materializations(pump.key, limit=100).records
    assert {record.run_id for record in records} == set(runs)
    assert len(storage_of(instance)._engines) == KEPT_DATABASES


def test_a_wiped_log_takes_new_events(instance: dg.DagsterInstance) -> None:
    old = dg.materialize([pump], instance=instance).run_id

    storage_of(instance).wipe()
    new = dg.materialize([pump], instance=instance).run_id

    assert not instance.all_logs(old)
    assert instance.all_logs(new)


def test_another_instance_reads_and_writes_the_same_files(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    first = dg.materialize([pump], instance=instance).run_id

    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(tmp_path))) as plain:
        assert not isinstance(plain.event_log_storage, PooledEventLogStorage)
        assert plain.all_logs(first)
        second = dg.materialize([pump], instance=plain).run_id

    assert instance.all_logs(second)


def test_the_projects_dagster_yaml_names_it() -> None:
    assert ROOT is not None
    named = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))["storage"]

    assert named == pooled_storage(".dagster")
    assert named["custom"]["class"] == PooledSqliteStorage.__name__
