"""Request records as rows of SQLite: the schema, and reading and writing within a connection."""

import dataclasses
import sqlite3
from collections.abc import Mapping, Sequence

from synth_pipeline.domain.errors import NotFoundError
from synth_pipeline.domain.outcome import Outcome, Outcomes, RequestRecord, RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage

SCHEMA_VERSION = 3
USAGE = tuple(field.name for field in dataclasses.fields(Usage))
SCHEMA = """
CREATE TABLE requests (
    request_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    industry TEXT NOT NULL,
    number INTEGER NOT NULL,
    year INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    rolls INTEGER NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    refresh_cron TEXT,
    attempt INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    latency_s REAL NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    cache_read_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_tokens INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX requests_of_user ON requests (user_id, created_at);
CREATE INDEX pending_requests ON requests (created_at) WHERE status = 'pending';
CREATE TABLE machines (
    request_id TEXT NOT NULL REFERENCES requests ON DELETE CASCADE,
    slug TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (request_id, slug)
);
"""
# What makes a file of one version the next; a file made anew has SCHEMA at once.
MIGRATIONS: Mapping[int, tuple[str, ...]] = {
    2: (
        "ALTER TABLE requests ADD COLUMN cache_read_tokens INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE requests ADD COLUMN cache_write_tokens INTEGER NOT NULL DEFAULT 0",
    ),
}
ABANDONED = (
    "status = 'running' AND updated_at < ?"
    " AND NOT EXISTS (SELECT 1 FROM machines WHERE machines.request_id = requests.request_id)"
)


def unknown(request_id: str) -> NotFoundError:
    """The error for an id that is not there."""
    return NotFoundError(f"request {request_id!r}: not in the registry; see synth requests")


def find(connection: sqlite3.Connection, request_id: str) -> RequestRecord | None:
    """One record, None where there is none."""
    return next(iter(select(connection, "request_id = ?", request_id)), None)


def find_known(connection: sqlite3.Connection, request_id: str) -> RequestRecord:
    """One record; raises NotFoundError where there is none."""
    record = find(connection, request_id)
    if record is None:
        raise unknown(request_id)
    return record


def that_list(connection: sqlite3.Connection, user_id: str, slug: str) -> Sequence[RequestRecord]:
    """A user's records whose machine list has the slug."""
    listed = "user_id = ? AND request_id IN (SELECT request_id FROM machines WHERE slug = ?)"
    return select(connection, listed, user_id, slug)


def select(
    connection: sqlite3.Connection | None, where: str, *values: str
) -> Sequence[RequestRecord]:
    """Records by a condition of our own wording, oldest first; none without a connection."""
    if connection is None:
        return ()
    found = f"FROM requests WHERE {where}"
    outcomes: dict[str, dict[str, Outcome]] = {}
    for request_id, slug, outcome in connection.execute(
        f"SELECT request_id, slug, outcome FROM machines"  # noqa: S608 - `where` is our own text
        f" WHERE request_id IN (SELECT request_id {found}) ORDER BY rowid",
        values,
    ):
        outcomes.setdefault(request_id, {})[slug] = Outcome.parse(outcome)
    rows = connection.execute(f"SELECT * {found} ORDER BY created_at, request_id", values)
    return [_record(row, outcomes.get(row["request_id"], {})) for row in rows]


def _record(row: sqlite3.Row, machines: Outcomes) -> RequestRecord:
    return RequestRecord(
        Request(
            industry=row["industry"],
            number=row["number"],
            user_id=row["user_id"],
            year=row["year"],
            seed=row["seed"],
            rolls=bool(row["rolls"]),
        ),
        RequestStatus(row["status"]),
        machines=machines,
        error=row["error"],
        refresh_cron=row["refresh_cron"],
        attempt=row["attempt"],
        usage=Usage(**{name: row[name] for name in USAGE}),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def insert(connection: sqlite3.Connection, record: RequestRecord) -> RequestRecord:
    """Write the record and its machines over what is there under its id."""
    asked, usage = record.request, record.usage
    row = (
        *(record.request_id, asked.user_id, asked.industry, asked.number),
        *(asked.year, asked.seed, asked.rolls),
        *(record.status.value, record.error, record.refresh_cron, record.attempt),
        *(usage.calls, usage.input_tokens, usage.output_tokens, usage.latency_s),
        *(record.created_at, record.updated_at),
        *(usage.cache_read_tokens, usage.cache_write_tokens),
    )
    marks = ", ".join("?" * len(row))
    connection.execute("DELETE FROM requests WHERE request_id = ?", (record.request_id,))
    connection.execute(f"INSERT INTO requests VALUES ({marks})", row)  # noqa: S608
    connection.executemany(
        "INSERT INTO machines VALUES (?, ?, ?)",
        [(record.request_id, slug, str(outcome)) for slug, outcome in record.machines.items()],
    )
    return record
