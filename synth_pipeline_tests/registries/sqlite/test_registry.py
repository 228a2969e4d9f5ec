"""What is special to the SQLite registry: its file."""

import multiprocessing
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from synth_pipeline.domain.errors import RegistryError, UnavailableError
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.sqlite.registry import SqliteRegistry
from synth_pipeline_tests.support.registries import (
    asked,
)


def test_neither_a_check_nor_a_look_makes_the_file(tmp_path: Path) -> None:
    registry = SqliteRegistry(tmp_path / "requests.sqlite")

    registry.check()
    registry.list()
    registry.pending()

    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(UnavailableError, match=r"^SYNTH_REGISTRY /.*/file/r\.sqlite: cannot"):
        SqliteRegistry(tmp_path / "file" / "r.sqlite").check()

    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.sqlite").write_text("no database at all, but a text of some length" * 30)
    registry = SqliteRegistry(tmp_path / "r.sqlite")

    with pytest.raises(UnavailableError, match="file is not a database; set SYNTH_REGISTRY"):
        registry.check()
    with pytest.raises(RegistryError, match=r"r\.sqlite: file is not a database"):
        registry.list()


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    registry = SqliteRegistry(tmp_path / "r.sqlite")
    registry.submit(asked())
    with sqlite3.connect(tmp_path / "r.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(RegistryError, match="holds schema version 99, this program knows"):
        registry.list()


def test_a_file_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    registry = SqliteRegistry(tmp_path / "r.sqlite")
    record = registry.submit(asked())
    registry.add_usage(record.request_id, Usage(1, 20, 30, 0.5))
    with sqlite3.connect(tmp_path / "r.sqlite") as connection:
        for column in ("cache_read_tokens", "cache_write_tokens"):
            connection.execute(f"ALTER TABLE requests DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 2")
    connection.close()

    assert registry.get(record.request_id).usage == Usage(1, 20, 30, 0.5)
    registry.add_usage(record.request_id, Usage(1, 0, 0, 0.0, 7, 8))
    assert registry.get(record.request_id).usage == Usage(2, 20, 30, 0.5, 7, 8)


def test_of_several_processes_one_wins_each_claim(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    workers = [context.Process(target=claim_all, args=(path, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    won = [request_id for _ in workers for request_id in results.get(timeout=60)]
    for worker in workers:
        worker.join(60)

    assert sorted(won) == sorted(record.request_id for record in SqliteRegistry(path).list())
    assert len(won) == 10


def test_the_file_is_in_wal_mode(tmp_path: Path) -> None:
    SqliteRegistry(tmp_path / "r.sqlite").submit(asked())

    with sqlite3.connect(tmp_path / "r.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert [path.name for path in tmp_path.iterdir()] == ["r.sqlite"]


def claim_all(path: Path, results: Any) -> None:
    """File the same ten requests as the other processes do, and claim what can be had."""
    registry = SqliteRegistry(path)
    ids = [registry.submit(asked(number=number)).request_id for number in range(1, 11)]
    results.put([request_id for request_id in ids if registry.claim(request_id)])
