"""One contract for both registries, and what is special to each."""

import dataclasses
import datetime as dt
import http.server
import multiprocessing
import sqlite3
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from synth_pipeline.domain.errors import NotFoundError, RegistryError, UnavailableError
from synth_pipeline.domain.outcome import RequestRecord, RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.dynamodb.registry import (
    DynamoRegistry,
    create_table,
    make_dynamo_client,
)
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline.registries.sqlite.registry import SqliteRegistry
from synth_pipeline_tests.support.servers import Server, free_ports, point_to

KINDS = ("sqlite", pytest.param("dynamodb", marks=pytest.mark.server))
NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


class SteppingClock:
    """Moves on by a second a look."""

    def __init__(self, time: dt.datetime = NOON) -> None:
        self.time = time

    def __call__(self) -> dt.datetime:
        self.time += dt.timedelta(seconds=1)
        return self.time


@pytest.fixture
def aws(aws_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The AWS server, with the environment that leads to it."""
    point_to(aws_server, monkeypatch)
    return aws_server


@pytest.fixture(scope="session")
def client(aws_server: Server) -> Any:
    """One client for the tests that do not look at how it is made: making one takes 0.1 s."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        point_to(aws_server, monkeypatch)
        return make_dynamo_client()


@pytest.fixture
def open_table(client: Any) -> Callable[..., DynamoRegistry]:
    return partial(DynamoRegistry, client=lambda: client)


@pytest.fixture
def table(client: Any) -> str:
    name = f"requests-{uuid.uuid4().hex[:12]}"
    create_table(name, lambda: client)
    return name


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture(params=KINDS)
def open_registry(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SteppingClock
) -> Callable[[], RequestRegistry]:
    """Opens the same registry again and again, as several processes would."""
    if request.param == "sqlite":
        return partial(SqliteRegistry, tmp_path / "home" / "requests.sqlite", clock)
    open_table = request.getfixturevalue("open_table")
    return partial(open_table, request.getfixturevalue("table"), clock)


@pytest.fixture
def registry(open_registry: Callable[[], RequestRegistry]) -> RequestRegistry:
    return open_registry()


def asked(industry: str = "semiconductor", number: int = 3, user_id: str = "ada") -> Request:
    return Request.create(industry=industry, number=number, user_id=user_id, year=2025)


def running(registry: RequestRegistry, *slugs: str, request: Request | None = None) -> str:
    """Submit, claim and list machines; returns the id."""
    request_id = registry.submit(request or asked()).request_id
    assert registry.claim(request_id)
    registry.record_machines(request_id, dict.fromkeys(slugs, "pending"))
    return request_id


class TestEveryRegistry:
    """What callers may rely on, whichever registry is set."""

    def test_a_request_is_filed_as_pending(self, registry: RequestRegistry) -> None:
        record = registry.submit(asked(), refresh_cron="0 2 * * 1")

        assert record == RequestRecord(
            asked(),
            RequestStatus.PENDING,
            refresh_cron="0 2 * * 1",
            created_at="2026-03-01T12:00:01.000000+00:00",
            updated_at="2026-03-01T12:00:01.000000+00:00",
        )
        assert registry.get(record.request_id) == record
        assert list(registry.pending()) == [record]

    def test_a_registry_that_was_never_written_is_empty(self, registry: RequestRegistry) -> None:
        assert list(registry.list()) == []
        assert list(registry.list("ada")) == []
        assert list(registry.pending()) == []

    def test_an_unknown_request_is_not_found(self, registry: RequestRegistry) -> None:
        registry.submit(asked())

        for act in (
            registry.get,
            partial(registry.record_machines, machines={}),
            partial(registry.fail, reason="no"),
            partial(registry.add_usage, usage=Usage(1)),
        ):
            for request_id in ("ada-000000000000", "nobody", ""):
                with pytest.raises(NotFoundError, match="not in the registry; see synth requests"):
                    act(request_id)
        assert registry.claim("ada-000000000000") is False

    def test_a_request_filed_twice_is_one(self, registry: RequestRegistry) -> None:
        first = registry.submit(asked())
        second = registry.submit(asked("SemiConductor"))

        assert second == first
        assert len(registry.list()) == 1

    def test_a_running_request_filed_again_stays_as_it_is(self, registry: RequestRegistry) -> None:
        request_id = running(registry, "etcher")

        record = registry.submit(asked())

        assert record.request_id == request_id
        assert record.status is RequestStatus.RUNNING
        assert record.machines == {"etcher": "pending"}
        assert list(registry.pending()) == []

    def test_a_settled_request_filed_again_is_opened_again(self, registry: RequestRegistry) -> None:
        request_id = running(registry, "etcher")
        registry.report_machine("ada", "etcher", "the sandbox is gone")
        registry.add_usage(request_id, Usage(1, 2, 3, 0.5))

        record = registry.submit(asked())

        assert (record.status, record.attempt, record.error) == (RequestStatus.PENDING, 2, None)
        assert record.machines == {}
        assert record.usage == Usage(1, 2, 3, 0.5)
        assert [r.request_id for r in registry.pending()] == [request_id]
        assert registry.get(request_id) == record

    def test_a_new_schedule_replaces_the_old_and_none_keeps_it(
        self, registry: RequestRegistry
    ) -> None:
        registry.submit(asked(), "0 2 * * 1")

        assert registry.submit(asked()).refresh_cron == "0 2 * * 1"
        assert registry.submit(asked(), "0 3 * * *").refresh_cron == "0 3 * * *"
        assert registry.list()[0].refresh_cron == "0 3 * * *"

    def test_a_request_without_a_year_stays_one_that_rolls(self, registry: RequestRegistry) -> None:
        rolling = Request.create(
            industry="food", number=3, user_id="ada", today=dt.date(2026, 1, 1)
        )
        fixed = Request.create(industry="food", number=3, user_id="ada", year=2025)

        filed = registry.submit(rolling)
        assert filed.request.rolls
        assert registry.get(filed.request_id).request == rolling

        assert registry.submit(fixed).request == fixed
        assert registry.get(filed.request_id).request == fixed
        assert len(registry.list()) == 1

    def test_requests_are_told_apart_by_all_that_is_asked(self, registry: RequestRegistry) -> None:
        requests = [
            asked(),
            asked(number=4),
            asked(user_id="bob"),
            asked("food"),
            Request.create(industry="food", number=3, user_id="ada", year=2024),
            Request.create(industry="food", number=3, user_id="ada", year=2024, seed=2**32 - 1),
        ]
        for request in requests:
            registry.submit(request)

        assert [record.request for record in registry.list()] == requests
        assert [r.request for r in registry.list("bob")] == [requests[2]]
        assert [r.request for r in registry.pending()] == requests
        for request in requests:
            assert registry.get(request.request_id).request == request

    def test_a_request_is_claimed_once(self, registry: RequestRegistry) -> None:
        request_id = registry.submit(asked()).request_id

        assert registry.claim(request_id)
        assert not registry.claim(request_id)
        assert registry.get(request_id).status is RequestStatus.RUNNING
        assert list(registry.pending()) == []

    def test_a_running_request_can_be_taken_over_and_a_settled_one_not(
        self, registry: RequestRegistry
    ) -> None:
        request_id = running(registry, "etcher")

        assert registry.claim(request_id, take_over=True)
        registry.report_machine("ada", "etcher", None)

        assert not registry.claim(request_id, take_over=True)

    def test_a_claim_without_machines_lapses_after_half_an_hour(
        self, registry: RequestRegistry, clock: SteppingClock
    ) -> None:
        request_id = registry.submit(asked()).request_id
        assert registry.claim(request_id)

        clock.time += dt.timedelta(minutes=29)
        assert list(registry.pending()) == []
        clock.time += dt.timedelta(minutes=1)
        (record,) = registry.pending()

        assert (record.request_id, record.attempt) == (request_id, 2)
        assert record.status is RequestStatus.PENDING
        assert registry.get(request_id) == record
        assert registry.claim(request_id)
        assert list(registry.pending()) == []

    def test_a_claim_with_machines_never_lapses(
        self, registry: RequestRegistry, clock: SteppingClock
    ) -> None:
        request_id = running(registry, "etcher")

        clock.time += dt.timedelta(days=1)

        assert list(registry.pending()) == []
        assert registry.get(request_id).status is RequestStatus.RUNNING

    def test_a_request_whose_third_claim_lapses_is_failed_and_may_be_filed_again(
        self, registry: RequestRegistry, clock: SteppingClock
    ) -> None:
        request_id = registry.submit(asked()).request_id
        for _ in range(3):
            assert registry.claim(request_id)
            clock.time += dt.timedelta(hours=1)
            last = list(registry.pending())

        assert last == []
        record = registry.get(request_id)
        assert record.status is RequestStatus.FAILED
        assert "attempt 3 ended without a list of machines" in str(record.error)
        assert registry.submit(asked()).attempt == 4

    def test_a_lapsed_claim_is_opened_again_once_by_many_threads(
        self, open_registry: Callable[[], RequestRegistry], clock: SteppingClock
    ) -> None:
        registries = [open_registry() for _ in range(6)]
        request_id = registries[0].submit(asked()).request_id
        assert registries[0].claim(request_id)
        clock.time += dt.timedelta(hours=1)

        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda registry: list(registry.pending()), registries))

        assert {record.attempt for records in found for record in records} == {2}
        assert registries[0].get(request_id).attempt == 2

    def test_of_many_threads_one_wins_the_claim(
        self, open_registry: Callable[[], RequestRegistry]
    ) -> None:
        request_id = open_registry().submit(asked()).request_id
        registries = [open_registry() for _ in range(6)]

        with ThreadPoolExecutor(6) as pool:
            won = list(pool.map(lambda registry: registry.claim(request_id), registries))

        assert sorted(won) == [False] * 5 + [True]

    def test_the_same_request_filed_by_many_threads_is_one(
        self, open_registry: Callable[[], RequestRegistry]
    ) -> None:
        registries = [open_registry() for _ in range(6)]

        with ThreadPoolExecutor(6) as pool:
            records = list(pool.map(lambda registry: registry.submit(asked()), registries))

        assert len({record.created_at for record in records}) == 1
        assert len(registries[0].list()) == 1

    def test_a_request_is_done_when_its_machines_are(self, registry: RequestRegistry) -> None:
        request_id = running(registry, "etcher", "furnace")

        registry.report_machine("ada", "etcher", None)
        half = registry.get(request_id)
        registry.report_machine("ada", "furnace", None)
        whole = registry.get(request_id)

        assert (half.status, half.machines) == (
            RequestStatus.RUNNING,
            {"etcher": "done", "furnace": "pending"},
        )
        assert whole.status is RequestStatus.DONE
        assert whole.updated_at > half.updated_at > half.created_at

    def test_a_request_whose_machines_are_all_there_is_done_at_once(
        self, registry: RequestRegistry
    ) -> None:
        request_id = running(registry)
        registry.submit(asked())
        registry.claim(request_id)

        registry.record_machines(request_id, {"etcher": "done"})

        assert registry.get(request_id).status is RequestStatus.DONE

    def test_a_failed_machine_fails_the_request_when_all_are_settled(
        self, registry: RequestRegistry
    ) -> None:
        request_id = running(registry, "etcher", "furnace")

        registry.report_machine("ada", "etcher", "no dataset")
        assert registry.get(request_id).status is RequestStatus.RUNNING
        registry.report_machine("ada", "furnace", None)

        record = registry.get(request_id)
        assert record.status is RequestStatus.FAILED
        assert record.error == "1 of 2 machines failed: etcher: no dataset"

    def test_a_failed_machine_that_works_later_mends_the_request(
        self, registry: RequestRegistry
    ) -> None:
        request_id = running(registry, "etcher")
        registry.report_machine("ada", "etcher", "no dataset")

        registry.report_machine("ada", "etcher", None)

        record = registry.get(request_id)
        assert (record.status, record.error) == (RequestStatus.DONE, None)

    def test_a_request_that_failed_for_good_stays_so_while_machines_are_open(
        self, registry: RequestRegistry
    ) -> None:
        request_id = running(registry, "etcher", "furnace")
        registry.fail(request_id, "the author is gone")

        registry.report_machine("ada", "etcher", None)

        record = registry.get(request_id)
        assert (record.status, record.error) == (RequestStatus.FAILED, "the author is gone")
        assert record.machines == {"etcher": "done", "furnace": "pending"}
        assert list(registry.pending()) == []

    def test_an_outcome_reaches_every_request_that_lists_the_machine(
        self, registry: RequestRegistry
    ) -> None:
        one = running(registry, "etcher")
        two = running(registry, "etcher", "furnace", request=asked(number=4))
        other = running(registry, "etcher", request=asked(user_id="bob"))
        waiting = registry.submit(asked("food")).request_id

        registry.report_machine("ada", "etcher", None)

        statuses = [registry.get(i).status for i in (one, two, other, waiting)]
        assert statuses == ["done", "running", "running", "pending"]
        assert registry.get(two).machines["etcher"] == "done"

    def test_a_done_request_is_not_touched_by_a_later_failure(
        self, registry: RequestRegistry
    ) -> None:
        request_id = running(registry, "etcher")
        registry.report_machine("ada", "etcher", None)

        registry.report_machine("ada", "etcher", "the nightly run failed")

        assert registry.get(request_id).status is RequestStatus.DONE
        assert registry.get(request_id).machines == {"etcher": "done"}

    def test_outcomes_reported_at_once_are_all_kept(
        self, open_registry: Callable[[], RequestRegistry]
    ) -> None:
        slugs = [f"machine-{number}" for number in range(12)]
        request_id = running(open_registry(), *slugs)

        def report(number: int) -> None:
            failure = "broken" if number == 5 else None
            open_registry().report_machine("ada", slugs[number], failure)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(report, range(12)))

        record = open_registry().get(request_id)
        assert sorted(record.machines.values()) == ["done"] * 11 + ["failed: broken"]
        assert record.status is RequestStatus.FAILED
        assert record.error == "1 of 12 machines failed: machine-5: broken"

    def test_usage_adds_up_even_from_many_threads(
        self, open_registry: Callable[[], RequestRegistry]
    ) -> None:
        request_id = open_registry().submit(asked()).request_id

        def add(_: int) -> None:
            open_registry().add_usage(request_id, Usage(1, 100, 10, 0.25))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(add, range(8)))

        assert open_registry().get(request_id).usage == Usage(8, 800, 80, 2.0)

    def test_a_removed_machine_is_dropped_and_the_request_settles(
        self, registry: RequestRegistry
    ) -> None:
        request_id = running(registry, "etcher", "furnace")
        done = running(registry, "etcher", request=asked("food"))
        registry.report_machine("ada", "etcher", None)

        registry.forget_machine("ada", "furnace")
        registry.forget_machine("ada", "etcher")
        registry.forget_machine("bob", "never-there")

        assert registry.get(request_id).machines == {}
        assert registry.get(request_id).status is RequestStatus.DONE
        assert registry.get(done).status is RequestStatus.DONE

    def test_a_long_reason_is_cut(self, registry: RequestRegistry) -> None:
        request_id = running(registry, "etcher")

        registry.report_machine("ada", "etcher", "x" * 5000)

        assert len(registry.get(request_id).machines["etcher"]) <= 1010

    def test_the_check_passes_and_changes_nothing(self, registry: RequestRegistry) -> None:
        registry.check()
        registry.submit(asked())
        registry.check()

        assert [record.request for record in registry.list()] == [asked()]


class TestSqliteRegistry:
    def test_neither_a_check_nor_a_look_makes_the_file(self, tmp_path: Path) -> None:
        registry = SqliteRegistry(tmp_path / "requests.sqlite")

        registry.check()
        registry.list()
        registry.pending()

        assert list(tmp_path.iterdir()) == []

    def test_a_path_that_cannot_be_written_is_named_and_nothing_is_made(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("in the way")

        with pytest.raises(UnavailableError, match=r"^SYNTH_REGISTRY /.*/file/r\.sqlite: cannot"):
            SqliteRegistry(tmp_path / "file" / "r.sqlite").check()

        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_a_file_that_is_no_database_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "r.sqlite").write_text("no database at all, but a text of some length" * 30)
        registry = SqliteRegistry(tmp_path / "r.sqlite")

        with pytest.raises(UnavailableError, match="file is not a database; set SYNTH_REGISTRY"):
            registry.check()
        with pytest.raises(RegistryError, match=r"r\.sqlite: file is not a database"):
            registry.list()

    def test_a_file_of_another_version_is_refused(self, tmp_path: Path) -> None:
        registry = SqliteRegistry(tmp_path / "r.sqlite")
        registry.submit(asked())
        with sqlite3.connect(tmp_path / "r.sqlite") as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()

        with pytest.raises(RegistryError, match="holds schema version 99, this program knows"):
            registry.list()

    def test_of_several_processes_one_wins_each_claim(self, tmp_path: Path) -> None:
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

    def test_the_file_is_in_wal_mode(self, tmp_path: Path) -> None:
        SqliteRegistry(tmp_path / "r.sqlite").submit(asked())

        with sqlite3.connect(tmp_path / "r.sqlite") as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()
        assert [path.name for path in tmp_path.iterdir()] == ["r.sqlite"]


S, N = "S", "N"
FOREIGN_KEYS = {
    "user": {"user_id": S},
    "user and industry": {"user_id": S, "industry": S},
    "user and request": {"user_id": S, "request_id": S},
    "request": {"request_id": S},
}
FOREIGN_ITEM = {
    "industry": {"S": "semiconductor"},
    "number": {"N": "3"},
    "user_id": {"S": "ada"},
    "active": {"BOOL": True},
}


def foreign_table(server: Server, key: dict[str, str], index: str | None = None) -> str:
    """A table as another program might make it, perhaps with an index on `active`."""
    name = f"foreign-{uuid.uuid4().hex[:12]}"
    types = key | ({"active": index} if index else {})
    schema = [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(key, ("HASH", "RANGE"), strict=False)
    ]
    indexes = {
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-active",
                "KeySchema": [{"AttributeName": "active", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    }
    server.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in types.items()
        ],
        KeySchema=schema,
        **(indexes if index else {}),
    )
    return name


def put(server: Server, table: str, **changes: Any) -> None:
    item = {name: value for name, value in {**FOREIGN_ITEM, **changes}.items() if value}
    server.client("dynamodb").put_item(TableName=table, Item=item)


def items(server: Server, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client("dynamodb").scan(TableName=table)["Items"]
    return found


def settled_by(registry: DynamoRegistry) -> RequestRecord:
    """Carry the one pending request to its end."""
    (record,) = registry.pending()
    assert registry.claim(record.request_id)
    registry.record_machines(record.request_id, {"etcher": "pending"})
    registry.report_machine(record.request.user_id, "etcher", None)
    return registry.get(record.request_id)


@pytest.mark.server
class TestDynamoRegistry:
    @pytest.mark.parametrize("key", FOREIGN_KEYS.values(), ids=FOREIGN_KEYS)
    def test_an_item_of_four_attributes_is_carried_to_its_end(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, key: dict[str, str]
    ) -> None:
        table = foreign_table(aws, key)
        own_id = {"request_id": {"S": "their-id"}} if "request_id" in key else {}
        put(aws, table, **own_id)
        registry = open_table(table, lambda: NOON)
        registry.check()

        record = settled_by(registry)

        assert record.request == dataclasses.replace(asked(), rolls=True)
        assert (record.status, record.attempt) == (RequestStatus.DONE, 1)
        (item,) = items(aws, table)
        assert item["status"] == {"S": "done"}
        assert item["machines"] == {"M": {"etcher": {"S": "done"}}}
        assert (item["year"], item["seed"]) == ({"N": "2025"}, {"N": "0"})
        assert {"active", "active_since", "active_queue"}.isdisjoint(item)
        assert list(registry.pending()) == []

    @pytest.mark.parametrize("key", FOREIGN_KEYS.values(), ids=FOREIGN_KEYS)
    def test_our_own_requests_fit_in_any_such_table(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, key: dict[str, str]
    ) -> None:
        registry = open_table(foreign_table(aws, key))
        registry.submit(asked())

        assert settled_by(registry).status is RequestStatus.DONE
        assert registry.submit(asked()).attempt == 2
        assert settled_by(registry).status is RequestStatus.DONE

    @pytest.mark.parametrize(
        "active", [{"BOOL": True}, {"S": "true"}, {"S": "True"}, {"N": "1"}], ids=str
    )
    def test_active_may_be_written_in_any_way(
        self,
        open_table: Callable[..., DynamoRegistry],
        aws: Server,
        table: str,
        active: dict[str, Any],
    ) -> None:
        put(aws, table, active=active)

        assert [record.request.number for record in open_table(table).pending()] == [3]

    @pytest.mark.parametrize("active", [{"BOOL": False}, {"S": "false"}, {"N": "0"}, None], ids=str)
    def test_what_is_not_active_is_left_alone(
        self,
        open_table: Callable[..., DynamoRegistry],
        aws: Server,
        table: str,
        active: dict[str, Any] | None,
    ) -> None:
        put(aws, table, active=active)
        before = items(aws, table)

        assert list(open_table(table).pending()) == []
        assert items(aws, table) == before

    @pytest.mark.parametrize(("kind", "value"), [(S, {"S": "true"}), (N, {"N": "1"})])
    def test_an_index_on_active_is_used_and_kept_usable(
        self,
        open_table: Callable[..., DynamoRegistry],
        aws: Server,
        kind: str,
        value: dict[str, str],
    ) -> None:
        table = foreign_table(aws, FOREIGN_KEYS["user and industry"], index=kind)
        put(aws, table, active=value)
        registry = open_table(table)
        registry.submit(asked("food"))

        assert {record.request.industry for record in registry.pending()} == {
            "semiconductor",
            "food",
        }

    def test_an_item_is_completed_in_place_and_once(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        put(aws, table, note={"S": "theirs"}, refresh_cron={"S": "0 2 * * 1"})
        registries = [open_table(table, SteppingClock()) for _ in range(4)]

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda registry: list(registry.pending()), registries))

        assert found == [found[0]] * 4
        (item,) = items(aws, table)
        assert item["note"] == {"S": "theirs"}
        assert item["request_id"] == {"S": asked().request_id}
        assert found[0][0].refresh_cron == "0 2 * * 1"

    def test_an_item_is_seen_before_it_is_adopted(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        put(aws, table, year={"N": "2025"})
        registry = open_table(table)

        assert [record.status for record in registry.list("ada")] == ["pending"]
        assert registry.submit(asked()).attempt == 1
        assert registry.claim(asked().request_id)
        assert len(items(aws, table)) == 1

    def test_active_set_again_on_a_settled_item_asks_once_more(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        registry = open_table(table)
        put(aws, table)
        request_id = settled_by(registry).request_id
        aws.client("dynamodb").update_item(
            TableName=table,
            Key={name: FOREIGN_ITEM[name] for name in ("user_id", "industry")},
            UpdateExpression="SET active = :t",
            ExpressionAttributeValues={":t": {"BOOL": True}},
        )

        (record,) = registry.pending()

        assert (record.request_id, record.attempt) == (request_id, 2)

    def test_an_item_put_over_a_settled_one_asks_anew(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        registry = open_table(table)
        put(aws, table)
        settled_by(registry)

        put(aws, table, number={"N": "5"})

        (record,) = registry.pending()
        assert (record.request.number, record.attempt, record.machines) == (5, 1, {})

    def test_items_that_ask_for_the_same_are_one_request(
        self, open_table: Callable[..., DynamoRegistry], aws: Server
    ) -> None:
        table = foreign_table(aws, FOREIGN_KEYS["request"])
        for name in ("a", "b"):
            put(aws, table, request_id={"S": name})
        registry = open_table(table)

        assert len(registry.pending()) == 1
        assert len(registry.pending()) == 1

        statuses = sorted(item["status"]["S"] for item in items(aws, table))
        assert statuses == ["merged", "pending"]

    def test_malformed_items_are_failed_and_stop_no_other(
        self, open_table: Callable[..., DynamoRegistry], aws: Server
    ) -> None:
        table = foreign_table(aws, FOREIGN_KEYS["request"])
        put(aws, table, request_id={"S": "bad-number"}, number={"S": "ten"})
        put(aws, table, request_id={"S": "no-user"}, user_id=None)
        put(aws, table, request_id={"S": "bad-user"}, user_id={"S": "../etc"})
        put(aws, table, request_id={"S": "list"}, industry={"L": [{"S": "x"}]}, number=None)
        put(aws, table, request_id={"S": "good"})
        registry = open_table(table)

        assert [record.request.number for record in registry.pending()] == [3]
        assert len(registry.list()) == 1

        found = {item["request_id"]["S"]: item for item in items(aws, table)}
        failed = {name: i for name, i in found.items() if i["status"]["S"] == "failed"}
        assert set(failed) == {"bad-number", "no-user", "bad-user", "list"}
        assert all("active" not in item for item in failed.values())
        assert failed["bad-number"]["error"] == {
            "S": "malformed request: number 'ten': expected a whole number from 1 to 100"
        }
        assert "user id None" in failed["no-user"]["error"]["S"]
        assert "industry ['x']" in failed["list"]["error"]["S"]

    def test_a_table_of_one_item_a_user_refuses_a_second_active_request(
        self, open_table: Callable[..., DynamoRegistry], aws: Server
    ) -> None:
        registry = open_table(foreign_table(aws, FOREIGN_KEYS["user"]))
        registry.submit(asked())

        with pytest.raises(RegistryError, match="user ada: has an active request") as error:
            registry.submit(asked("food"))
        assert "use a table with the key user_id and industry" in str(error.value)

        settled_by(registry)
        assert registry.submit(asked("food")).status is RequestStatus.PENDING
        assert [record.request.industry for record in registry.list()] == ["food"]

    def test_an_item_of_ours_is_plain_and_has_what_the_index_needs(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        open_table(table, lambda: NOON).submit(asked())

        (item,) = items(aws, table)
        assert item["industry"] == {"S": "semiconductor"}
        assert item["number"] == {"N": "3"}
        assert item["active"] == {"BOOL": True}
        assert item["active_since"] == {"S": "2026-03-01T12:00:00.000000+00:00"}
        index = aws.client("dynamodb").query(
            TableName=table,
            IndexName="active-requests",
            KeyConditionExpression="active_queue = :q",
            ExpressionAttributeValues={":q": {"S": "active"}},
        )
        assert index["Items"] == [item]

    def test_settled_requests_leave_the_index(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        registry = open_table(table)
        registry.submit(asked())
        settled_by(registry)

        index = aws.client("dynamodb").scan(TableName=table, IndexName="active-requests")

        assert index["Items"] == []

    def test_more_than_a_page_of_items_is_read(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        client = aws.client("dynamodb")
        for number in range(3):
            client.put_item(
                TableName=table,
                Item={
                    "user_id": {"S": f"user{number}"},
                    "industry": {"S": "x"},
                    "ballast": {"S": "b" * 390_000},
                    "active": {"BOOL": True},
                    "number": {"N": "1"},
                },
            )
        registry = open_table(table)

        assert len(registry.pending()) == 3
        assert len(registry.list()) == 3

    def test_a_table_of_one_page_is_looked_through_every_time(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        registry = open_table(table, lambda: NOON)
        assert list(registry.pending()) == []

        put(aws, table)

        assert len(registry.pending()) == 1

    def test_a_large_table_is_rested_from_between_two_looks(
        self, open_table: Callable[..., DynamoRegistry], aws: Server, table: str
    ) -> None:
        clock = SteppingClock()
        registry = open_table(table, clock)
        for number in range(4):
            put(aws, table, user_id={"S": f"user{number}"}, active=None, text={"S": "b" * 390_000})
        assert list(registry.pending()) == []

        put(aws, table)
        registry.submit(asked("food"))
        during = [record.request.industry for record in registry.pending()]
        clock.time += dt.timedelta(seconds=60)
        after = [record.request.industry for record in registry.pending()]

        assert during == ["food"]
        assert sorted(after) == ["food", "semiconductor"]

    def test_making_the_table_twice_keeps_it(self, aws: Server, table: str) -> None:
        DynamoRegistry(table).submit(asked())

        create_table(table)

        assert len(DynamoRegistry(table).list()) == 1

    def test_the_check_names_a_table_that_is_not_there(
        self, open_table: Callable[..., DynamoRegistry], aws: Server
    ) -> None:
        with pytest.raises(UnavailableError) as error:
            open_table("not-there").check()

        assert str(error.value) == (
            "SYNTH_REGISTRY dynamodb://not-there: there is no such table in this account and "
            "region; make it, set AWS_DEFAULT_REGION or name another in SYNTH_REGISTRY"
        )

    def test_the_check_names_a_key_that_cannot_be_used(
        self, open_table: Callable[..., DynamoRegistry], aws: Server
    ) -> None:
        table = foreign_table(aws, {"id": S, "number": N})

        with pytest.raises(UnavailableError, match=r"its key \(id S, number N\) cannot be used"):
            open_table(table).check()

    @pytest.mark.parametrize(
        ("variable", "expected"),
        [
            ("AWS_DEFAULT_REGION", "no AWS region; set AWS_DEFAULT_REGION"),
            ("AWS_ACCESS_KEY_ID", "no AWS credentials"),
        ],
    )
    def test_the_check_names_the_setting_that_is_missing(
        self, aws: Server, monkeypatch: pytest.MonkeyPatch, variable: str, expected: str
    ) -> None:
        monkeypatch.delenv(variable)

        with pytest.raises(UnavailableError, match=expected) as error:
            DynamoRegistry("any").check()

        assert str(error.value).startswith("SYNTH_REGISTRY dynamodb://any: ")

    def test_an_endpoint_that_does_not_answer_is_named(
        self, aws: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (port,) = free_ports(1)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{port}")
        registry = DynamoRegistry("any", client=partial(make_dynamo_client, 1))

        with pytest.raises(RegistryError, match=f":{port}.*AWS_ENDPOINT_URL_DYNAMODB$"):
            registry.pending()


class Throttle(http.server.BaseHTTPRequestHandler):
    """A DynamoDB that is out of capacity."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        content = b'{"__type": "x#ProvisionedThroughputExceededException", "message": "slow down"}'
        self.send_response(400)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the test's output quiet."""


def test_throttling_is_tried_again_and_then_named(
    aws: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Throttle) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{server.server_port}")
        registry = DynamoRegistry("any", client=partial(make_dynamo_client, 2))

        with pytest.raises(RegistryError) as error:
            registry.pending()
        server.shutdown()

    assert str(error.value) == (
        "dynamodb://any: AWS throttled DescribeTable 2 times "
        "(ProvisionedThroughputExceededException); try again later or raise the capacity"
    )


def claim_all(path: Path, results: Any) -> None:
    """File the same ten requests as the other processes do, and claim what can be had."""
    registry = SqliteRegistry(path)
    ids = [registry.submit(asked(number=number)).request_id for number in range(1, 11)]
    results.put([request_id for request_id in ids if registry.claim(request_id)])
