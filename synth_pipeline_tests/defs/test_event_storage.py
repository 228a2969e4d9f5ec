"""The pooled event log: what Dagster's own would do, with few files open."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from synth_pipeline.defs.dagster_internals import InstanceRef
from synth_pipeline.defs.event_storage import (
    KEPT_DATABASES,
    PooledEventLogStorage,
    PooledSqliteStorage,
    difference,
    pooled_storage,
)
from synth_pipeline_tests.support.places import ROOT


@dg.asset
def pump() -> None:
    """An asset to record."""


@pytest.fixture
def pooled(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
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
    pooled: dg.DagsterInstance,
) -> None:
    runs = [dg.materialize([pump], instance=pooled).run_id for _ in range(KEPT_DATABASES + 2)]

    for run_id in runs:
        assert any(e.dagster_event.is_step_materialization for e in pooled.all_logs(run_id))
    records = pooled.fetch_materializations(pump.key, limit=100).records
    assert {record.run_id for record in records} == set(runs)
    assert len(storage_of(pooled)._engines) == KEPT_DATABASES


def test_a_wiped_log_takes_new_events(pooled: dg.DagsterInstance) -> None:
    old = dg.materialize([pump], instance=pooled).run_id

    storage_of(pooled).wipe()
    new = dg.materialize([pump], instance=pooled).run_id

    assert not pooled.all_logs(old)
    assert pooled.all_logs(new)


def test_another_instance_reads_and_writes_the_same_files(
    pooled: dg.DagsterInstance, tmp_path: Path
) -> None:
    first = dg.materialize([pump], instance=pooled).run_id

    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(tmp_path))) as plain:
        assert not isinstance(plain.event_log_storage, PooledEventLogStorage)
        assert plain.all_logs(first)
        second = dg.materialize([pump], instance=plain).run_id

    assert pooled.all_logs(second)


def test_the_projects_dagster_yaml_names_it() -> None:
    assert ROOT is not None
    named = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))["storage"]

    assert named == pooled_storage(".dagster")
    assert named["custom"]["class"] == PooledSqliteStorage.__name__


# what another Dagster might call things, everywhere in its own module
RENAMED = {
    "a method": ("_initdb", "_make_db"),
    "the method that is overridden": ("_connect(", "_open_shard("),
    "an attribute": ("_db_lock", "_lock"),
    "a parameter more": (
        "def _connect(self, shard: str)",
        "def _connect(self, shard: str, mode=0)",
    ),
}
PROGRAM = """
import inspect, sys, warnings
import dagster as dg
import dagster._core.storage.event_log as event_log
import dagster._core.storage.sqlite_storage as sqlite_storage
from dagster._core.storage.event_log.sqlite import sqlite_event_log as module

source = inspect.getsource(module)
assert sys.argv[2] in source
exec(compile(source.replace(*sys.argv[2:]), module.__file__, "exec"), module.__dict__)
event_log.SqliteEventLogStorage = module.SqliteEventLogStorage
sqlite_storage.SqliteEventLogStorage = module.SqliteEventLogStorage

from synth_pipeline.defs.dagster_internals import InstanceRef
from synth_pipeline.defs.event_storage import PooledEventLogStorage, pooled_storage

@dg.asset
def pump(): ...

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    overrides = {"storage": pooled_storage(sys.argv[1])}
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(sys.argv[1], overrides=overrides)) as own:
        pooled = isinstance(own.event_log_storage, PooledEventLogStorage)
        works = dg.materialize([pump], instance=own).success
said = [str(w.message) for w in caught if "keeps no connections" in str(w.message)]
print(pooled, works, len(said))
"""


@pytest.mark.parametrize("change", RENAMED.values(), ids=RENAMED)
def test_where_dagsters_event_log_is_built_otherwise_it_is_taken_as_it_is_with_one_warning(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), *change],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert result.stdout.split() == ["False", "True", "1"], result.stderr[-2000:]


def test_this_dagster_has_the_event_log_that_the_pooled_one_builds_on(
    pooled: dg.DagsterInstance,
) -> None:
    assert difference(pooled.event_log_storage) is None
