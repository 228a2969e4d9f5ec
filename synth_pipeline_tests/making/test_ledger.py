"""What model calls took: in the registry when each is over, once, and at no reply's cost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from synth_pipeline.domain.errors import RegistryError
from synth_pipeline.domain.progress import NOTE, Progress
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage
from synth_pipeline.making.ledger import Ledger
from synth_pipeline.making.listing import list_machines
from synth_pipeline.registries.sqlite.registry import SqliteRegistry
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline_tests.support.scripted_openai import ScriptedOpenAi, say
from synth_pipeline_tests.support.scripted_server import Reply
from synth_pipeline_tests.support.scripted_server import Request as Asked

ONE = Usage(1, 20, 30, 0.5, 4, 5)
REQUEST = Request.create(industry="tools", number=2, user_id="ada", year=2023)


class Failing:
    """A registry that counts nothing while it is down; anything else it does."""

    def __init__(self, registry: SqliteRegistry, error: Exception) -> None:
        self._registry = registry
        self._error = error
        self.is_down = True
        self.writes = 0

    def add_usage(self, request_id: str, usage: Usage) -> None:
        self.writes += 1
        if self.is_down:
            raise self._error
        self._registry.add_usage(request_id, usage)

    def __getattr__(self, name: str) -> object:
        return getattr(self._registry, name)


class Bookkeeping:
    """A ledger on a registry with one request, and what whoever watches is told."""

    def __init__(self, folder: Path, error: Exception | None = None) -> None:
        self.notes: list[Progress] = []
        self.sqlite = SqliteRegistry(folder / "requests.db")
        self.registry = Failing(self.sqlite, error or RegistryError("no space left"))
        self.registry.is_down = error is not None
        self.services = Services(
            Settings.from_env({}, folder),
            registry=self.registry,  # type: ignore[arg-type]
            watch=self.notes.append,
        )
        self.request_id = self.sqlite.submit(REQUEST).request_id
        self.ledger = Ledger(self.services)

    @property
    def counted(self) -> Usage:
        return self.sqlite.get(self.request_id).usage


def test_a_call_is_in_the_registry_when_it_was_told_of(tmp_path: Path) -> None:
    books = Bookkeeping(tmp_path)
    spent = books.ledger.spent_on(books.request_id)

    spent(ONE)
    assert books.counted == ONE
    spent(ONE)
    assert books.counted == ONE + ONE
    books.ledger.settle()

    assert books.counted == ONE + ONE
    assert books.ledger.requests == (books.request_id,)
    assert (books.ledger.warnings, books.notes) == ((), [])


def test_calls_for_no_request_are_counted_for_none(tmp_path: Path) -> None:
    books = Bookkeeping(tmp_path)

    books.ledger.spent_on(None)(ONE)
    books.ledger.settle()

    assert (books.registry.writes, books.ledger.requests) == (0, ())


@pytest.mark.parametrize("error", [RegistryError("no space left"), ZeroDivisionError("a defect")])
def test_a_registry_that_fails_is_said_once_and_made_up_for_with_the_next_call(
    tmp_path: Path, error: Exception
) -> None:
    books = Bookkeeping(tmp_path, error)
    spent = books.ledger.spent_on(books.request_id)

    spent(ONE)
    spent(ONE)
    said = f"what a model call took could not be counted yet: {error}"
    assert books.counted == Usage()
    assert books.ledger.warnings == (said,)
    assert books.notes == [Progress("model calls", NOTE, said)]
    books.registry.is_down = False
    spent(ONE)
    assert books.counted == ONE + ONE + ONE
    books.ledger.settle()

    assert books.counted == ONE + ONE + ONE
    assert books.ledger.warnings == (said,)


def test_what_is_owed_at_the_end_is_added_by_settling(tmp_path: Path) -> None:
    books = Bookkeeping(tmp_path, RegistryError("no space left"))
    books.ledger.spent_on(books.request_id)(ONE)
    books.registry.is_down = False

    books.ledger.settle()
    books.ledger.settle()

    assert books.counted == ONE
    assert len(books.ledger.warnings) == 1


def test_what_stays_uncounted_is_said_with_its_amount(tmp_path: Path) -> None:
    books = Bookkeeping(tmp_path, RegistryError("no space left"))
    spent = books.ledger.spent_on(books.request_id)
    spent(ONE)
    spent(ONE)

    books.ledger.settle()

    assert books.ledger.warnings[1:] == (
        f"request {books.request_id}: 2 model calls of 40 + 60 tokens are not counted in the "
        "registry",
    )
    assert [note.detail for note in books.notes] == list(books.ledger.warnings)


def test_many_threads_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    books = Bookkeeping(tmp_path, RegistryError("locked"))
    spent, begun = books.ledger.spent_on(books.request_id), threading.Barrier(8)

    def call(number: int) -> None:
        begun.wait()
        books.registry.is_down = number % 2 == 0
        spent(ONE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(8)))
    books.registry.is_down = False
    books.ledger.settle()

    assert books.counted == Usage(8, 160, 240, 4.0, 32, 40)


def test_a_list_is_not_lost_where_its_call_cannot_be_counted(tmp_path: Path) -> None:
    books = Bookkeeping(tmp_path, RegistryError("no space left"))
    spent = books.ledger.spent_on(books.request_id)

    with ScriptedOpenAi([say("1. Lathe\n2. Drill")]) as server:
        settings = Settings.from_env(server.environment(), tmp_path)
        listing = list_machines(Services(settings), REQUEST, spent)

    assert [machine.name for machine in listing.machines] == ["Lathe", "Drill"]
    assert len(books.ledger.warnings) == 1


def test_each_call_of_a_list_is_counted_before_the_next_is_made(tmp_path: Path) -> None:
    books, seen = Bookkeeping(tmp_path), []
    replies = iter([say("1. Lathe", tokens=(10, 20)), say("1. Drill", tokens=(1, 2))])

    def answer(_: Asked) -> Reply:
        seen.append((books.counted.calls, books.counted.input_tokens))
        return next(replies)

    with ScriptedOpenAi(answer) as server:
        settings = Settings.from_env(server.environment(), tmp_path)
        list_machines(Services(settings), REQUEST, books.ledger.spent_on(books.request_id))

    assert seen == [(0, 0), (1, 10)]
    assert (books.counted.calls, books.counted.input_tokens) == (2, 11)
