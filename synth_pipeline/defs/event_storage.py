"""Dagster's SQLite storage with its connections kept: named in dagster.yaml.

Dagster opens a new connection for every statement and compiles the statement anew, which is two
thirds of what an event costs: a partition records eleven. Same files, same tables, same locks.
Where a Dagster's own event log is not built as this one expects, it is taken as it is.
"""

import inspect
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import dagster
from sqlalchemy import Connection, Engine, create_engine

from synth_pipeline.defs.dagster_internals import (
    ConfigurableClassData,
    DagsterSqliteStorage,
    SqliteEventLogStorage,
)

BUSY_TIMEOUT_S = 60  # Dagster's own
KEPT_DATABASES = 4  # the index and the latest runs'; each is an open file
_BUILT_ON = (
    "_base_dir", "_connect", "_db_lock", "_initdb", "_initialized_dbs", "conn_string_for_shard",
)  # fmt: skip


class PooledEventLogStorage(SqliteEventLogStorage):
    """The event log, one database a run and an index, with an engine kept for each."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        """The shard's engine; the one that was used least recently gives way to a new one."""
        if shard not in self._engines:
            self._engines[shard] = create_engine(
                self.conn_string_for_shard(shard),
                connect_args={"timeout": BUSY_TIMEOUT_S},
                pool_size=1,
            )
        self._engines.move_to_end(shard)
        while len(self._engines) > KEPT_DATABASES:
            _, oldest = self._engines.popitem(last=False)
            oldest.dispose()
        return self._engines[shard]

    def has_table(self, table_name: str) -> bool:
        """True where the index has the table; one that is there stays there."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def wipe(self) -> None:
        """Forget everything; the files of the runs are deleted."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close what is open."""
        self._close()
        super().dispose()

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


class PooledSqliteStorage(DagsterSqliteStorage):
    """Dagster's default storage with `PooledEventLogStorage` in place of its event log."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        unexpected = difference(getattr(self, "_event_log_storage", None))
        if unexpected:
            warnings.warn(
                f"dagster {dagster.__version__}: {unexpected}, so its event log keeps no "
                "connections; everything works, recording takes three times as long",
                stacklevel=2,
            )
        else:
            self._event_log_storage = PooledEventLogStorage(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> Self:
        """Make the storage of `base_dir`, as dagster.yaml says."""
        return cls.from_local(inst_data=inst_data, **config_value)


def difference(event_log: object) -> str | None:
    """How Dagster's event log differs from what the pooled one builds on; None if it does not."""
    if not isinstance(event_log, SqliteEventLogStorage):
        return f"the event log is {type(event_log).__name__}"
    missing = [name for name in _BUILT_ON if not hasattr(event_log, name)]
    if missing:
        return f"{type(event_log).__name__} has no {', '.join(missing)}"
    taken = tuple(inspect.signature(SqliteEventLogStorage._connect).parameters)
    return None if taken == ("self", "shard") else f"_connect takes {', '.join(taken)}"


def pooled_storage(base_dir: str) -> dict[str, Any]:
    """What dagster.yaml says under `storage` to get it."""
    place = {"module": __name__, "class": PooledSqliteStorage.__name__}
    return {"custom": {**place, "config": {"base_dir": base_dir}}}
