"""The embedded request registry: one SQLite file, shared by the processes of one machine."""

import contextlib
import dataclasses
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from synth_pipeline.disk import TEMPORARY_PREFIX, prove_writable
from synth_pipeline.domain.errors import RegistryError, UnavailableError
from synth_pipeline.domain.outcome import Outcomes, RequestRecord, RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.clock import Clock, timestamp, utc_now
from synth_pipeline.registries.sqlite.rows import (
    ABANDONED,
    MIGRATIONS,
    SCHEMA,
    SCHEMA_VERSION,
    find,
    find_known,
    insert,
    select,
    that_list,
    unknown,
)
from synth_pipeline.registries.transitions import (
    LISTENING,
    asked_again,
    lease_end,
    outcome_of,
    released,
    resettled,
    with_machines,
)

BUSY_TIMEOUT_S = 30.0


class SqliteRegistry:
    """Each call opens the file anew, so one object may be shared by threads and forks."""

    def __init__(self, path: Path, now: Clock = utc_now) -> None:
        self.path = path.expanduser().absolute()
        self._now = now

    def check(self) -> None:
        """Prove that the registry can be written, without making the file."""
        try:
            prove_writable(self.path.parent)
            if self.path.exists():
                with self._connect() as connection, _transaction(connection):
                    pass
        except (OSError, sqlite3.Error, RegistryError) as error:
            reason = getattr(error, "strerror", None) or str(error).removeprefix(f"{self.path}: ")
            raise UnavailableError(
                f"SYNTH_REGISTRY {self.path}: cannot be used: {reason}; "
                "set SYNTH_REGISTRY to sqlite:///path of a file you can write or dynamodb://table"
            ) from error

    def submit(self, request: Request, refresh_cron: str | None = None) -> RequestRecord:
        """File a request, or open it again; see RequestRegistry."""
        with self._writing() as connection:
            old = find(connection, request.request_id)
            if old is None:
                now = timestamp(self._now)
                record = RequestRecord(
                    request,
                    RequestStatus.PENDING,
                    refresh_cron=refresh_cron,
                    created_at=now,
                    updated_at=now,
                )
                return insert(connection, record)
            return self._save(connection, old, asked_again(old, request, refresh_cron))

    def claim(self, request_id: str, *, take_over: bool = False) -> bool:
        """Turn pending into running by one conditional UPDATE; see RequestRegistry."""
        claimable = ("pending", "running" if take_over else "pending")
        with self._writing() as connection:
            cursor = connection.execute(
                "UPDATE requests SET status = 'running', updated_at = ?"
                " WHERE request_id = ? AND status IN (?, ?)",
                (timestamp(self._now), request_id, *claimable),
            )
            return cursor.rowcount == 1

    def get(self, request_id: str) -> RequestRecord:
        """One record; raises NotFoundError where there is none."""
        with self._reading() as connection:
            record = None if connection is None else find(connection, request_id)
        if record is None:
            raise unknown(request_id)
        return record

    def list(self, user_id: str | None = None) -> Sequence[RequestRecord]:
        """All records, or one user's, oldest first."""
        with self._reading() as connection:
            if user_id is None:
                return select(connection, "TRUE")
            return select(connection, "user_id = ?", user_id)

    def pending(self) -> Sequence[RequestRecord]:
        """Records that wait to be claimed, through a partial index; see RequestRegistry."""
        end = lease_end(self._now)
        with self._reading() as connection:
            found = select(connection, "status = 'pending'")
            if not select(connection, ABANDONED, end):
                return found
        with self._writing() as connection:
            for old in select(connection, ABANDONED, end):
                self._save(connection, old, released(old, end))
            return select(connection, "status = 'pending'")

    def record_machines(self, request_id: str, machines: Outcomes) -> None:
        """Store the machine list, and settle where none is pending."""
        with self._writing() as connection:
            old = find_known(connection, request_id)
            self._save(connection, old, with_machines(old, dict(machines)))

    def report_machine(self, user_id: str, slug: str, failure: str | None) -> None:
        """Store one machine's outcome in every request that waits for it; settle."""
        with self._writing() as connection:
            for old in that_list(connection, user_id, slug):
                if old.status in LISTENING:
                    machines = {**old.machines, slug: outcome_of(failure)}
                    record = resettled(dataclasses.replace(old, machines=machines))
                    self._save(connection, old, record)

    def fail(self, request_id: str, reason: str) -> None:
        """Mark a request as failed for good."""
        with self._writing() as connection:
            old = find_known(connection, request_id)
            failed = dataclasses.replace(old, status=RequestStatus.FAILED, error=reason)
            self._save(connection, old, failed)

    def add_usage(self, request_id: str, usage: Usage) -> None:
        """Add to what the request's model calls took; see RequestRegistry."""
        with self._writing() as connection:
            old = find_known(connection, request_id)
            self._save(connection, old, dataclasses.replace(old, usage=old.usage + usage))

    def forget_machine(self, user_id: str, slug: str) -> None:
        """Drop a removed machine from the records that list it; settle."""
        with self._writing() as connection:
            for old in that_list(connection, user_id, slug):
                machines = {name: o for name, o in old.machines.items() if name != slug}
                record = resettled(dataclasses.replace(old, machines=machines))
                self._save(connection, old, record)

    def _save(
        self, connection: sqlite3.Connection, old: RequestRecord, new: RequestRecord
    ) -> RequestRecord:
        if new == old:
            return old
        new = dataclasses.replace(new, updated_at=timestamp(self._now))
        return insert(connection, new)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Yield a connection, None where nothing was ever written."""
        if not self.path.exists():
            yield None
            return
        with self._failures(), self._connect() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._failures():
            if not self.path.exists():
                self._create()
            with self._connect() as connection, _transaction(connection):
                yield connection

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        with contextlib.closing(connection):
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            if _version_of(connection) != SCHEMA_VERSION:
                self._migrate(connection)
            yield connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring an older file up to date, step by step, in one transaction."""
        with _transaction(connection):
            while (version := _version_of(connection)) != SCHEMA_VERSION:
                if version not in MIGRATIONS:
                    raise RegistryError(
                        f"{self.path}: holds schema version {version}, this program knows "
                        f"{SCHEMA_VERSION}; install the matching synth_pipeline or name another "
                        "file"
                    )
                for statement in MIGRATIONS[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")

    def _create(self) -> None:
        """Make the whole file aside and link it into place: no process sees half a schema."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_name(f"{TEMPORARY_PREFIX}{self.path.name}-{secrets.token_hex(6)}")
        try:
            with contextlib.closing(sqlite3.connect(aside, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(SCHEMA)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            _put_in_place(aside, self.path)
        finally:
            aside.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise RegistryError(f"{self.path}: {error}") from error


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _put_in_place(aside: Path, path: Path) -> None:
    """Give the file its name unless another process was first."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links, such as a folder shared into a VM
        if not path.exists():
            aside.rename(path)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
