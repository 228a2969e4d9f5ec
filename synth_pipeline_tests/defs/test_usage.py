"""Model calls of runs: counted as they are made, in the registry and on the assets, with costs."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import dagster as dg
import pytest

from synth_pipeline.cli.workbench import Workbench
from synth_pipeline.domain.errors import RegistryError, UnavailableError
from synth_pipeline.domain.outcome import PENDING
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.progress import Progress
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline.registries.sqlite.registry import SqliteRegistry
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline_tests.support.scripted_bedrock import fenced
from synth_pipeline_tests.support.scripted_openai import ScriptedOpenAi, fail, say
from synth_pipeline_tests.support.scripted_server import Reply
from synth_pipeline_tests.support.scripted_server import Request as Asked
from synth_pipeline_tests.support.workshop import FAILING_CODE, GOOD_CODE

pytestmark = pytest.mark.sandbox

LIST = say("1. Lathe\n2. Drill", tokens=(10, 20))
BAD, GOOD = say(fenced(FAILING_CODE)), say(fenced(GOOD_CODE), cached=60)
NO_LABELS = GOOD_CODE.replace('pq.write_table(pa.table(event), "anomalies.parquet")', "pass")
PRICES = {
    "SYNTH_PRICE_INPUT": "1000", "SYNTH_PRICE_OUTPUT": "2000", "SYNTH_PRICE_CACHE_READ": "100",
}  # fmt: skip


class Model:
    """A model that lists two machines and writes their code; it asks before each reply."""

    def __init__(self, *replies: Reply, before: Callable[[], object] = lambda: None) -> None:
        self.replies = list(replies)
        self.before = before
        self.seen: list[object] = []

    def __call__(self, _: Asked) -> Reply:
        self.seen.append(self.before())
        return self.replies.pop(0) if self.replies else fail(400, "out of script")


def request_of(number: int = 2, industry: str = "tools") -> Request:
    return Request.create(industry=industry, number=number, user_id="ada", year=2023, seed=1)


def services_on(
    folder: Path, server: ScriptedOpenAi, registry: object = None, **environment: str
) -> Services:
    once = {"SYNTH_WORKERS": "1", "SYNTH_MODEL_CALLS": "1", "SYNTH_REPORT": "off"}
    environment = {**once, **server.environment(), **environment}
    settings = Settings.from_env(environment, folder)
    return Services(settings, registry=registry)  # type: ignore[arg-type]


def carry_out(instance: dg.DagsterInstance, services: Services, number: int = 2) -> Usage:
    request = request_of(number)
    Workbench(instance, services).carry_out(request, rewrite=False)
    return services.registry.get(request.request_id).usage


def metadata_of(instance: dg.DagsterInstance, asset: str) -> dict[str, object]:
    (record, *_) = instance.fetch_materializations(dg.AssetKey(asset), limit=5).records
    materialization = record.asset_materialization
    assert materialization is not None
    return {name: entry.value for name, entry in materialization.metadata.items()}


def observations(instance: dg.DagsterInstance) -> list[dict[str, object]]:
    records = instance.fetch_observations(dg.AssetKey("machine_list"), limit=10).records
    found = [record.asset_observation for record in records]
    return [{n: e.value for n, e in one.metadata.items()} for one in found if one is not None]


def test_every_call_is_counted_before_the_next_one_and_none_twice(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    registry = SqliteRegistry(tmp_path / "requests.db")
    request_id = request_of(1).request_id
    model = Model(LIST, BAD, GOOD, before=lambda: registry.get(request_id).usage.calls)

    with ScriptedOpenAi(model) as server:
        usage = carry_out(instance, services_on(tmp_path, server, registry), number=1)

    assert model.seen == [0, 1, 2]
    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (3, 10 + 100 + 40, 420)
    assert metadata_of(instance, "generator_code")["model_calls"] == 2
    assert metadata_of(instance, "machine_list")["model_calls"] == 1
    assert observations(instance) == [
        {
            "request": request_id, "calls": 3, "input_tokens": 150, "output_tokens": 420,
            "latency_s": usage.latency_s, "cache_read_tokens": 60, "cache_write_tokens": 0,
        }
    ]  # fmt: skip


def test_calls_of_machines_made_at_a_time_are_all_counted(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    with ScriptedOpenAi(Model(LIST, GOOD, GOOD)) as server:
        at_a_time = {"SYNTH_WORKERS": "2", "SYNTH_MODEL_CALLS": "2"}
        usage = carry_out(instance, services_on(tmp_path, server, **at_a_time))

    assert (usage.calls, usage.input_tokens, usage.cache_read_tokens) == (3, 90, 120)


def test_calls_of_a_failed_list_and_of_failed_machines_are_counted(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    with ScriptedOpenAi(Model(*[say("1. Lathe", tokens=(1, 2))] * 2)) as server:
        services = services_on(tmp_path, server)
        with pytest.raises(UnavailableError, match="out of script"):
            carry_out(instance, services)
    usage = services.registry.get(request_of().request_id).usage
    assert (usage.calls, usage.input_tokens) == (2, 2)

    with ScriptedOpenAi(Model(LIST, BAD, BAD, BAD, BAD)) as server:
        usage = carry_out(instance, services_on(tmp_path, server, SYNTH_REPAIR_ATTEMPTS="1"))

    assert (usage.calls, usage.input_tokens) == (2 + 5, 2 + 10 + 400)


def test_a_run_that_makes_only_code_counts_its_calls_too(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    with ScriptedOpenAi(Model(LIST, GOOD)) as server:
        services = services_on(tmp_path, server)
        bench = Workbench(instance, services)
        services.registry.submit(request_of(1))
        assert bench._list_machines(request_of(1)).success
        tags = {"dagster/partition": "ada/lathe"}
        assert bench._run(["generator_code"], config={}, tags=tags).success

    assert services.registry.get(request_of(1).request_id).usage.calls == 2


def filed(registry: RequestRegistry, number: int, *slugs: str) -> str:
    request_id = registry.submit(request_of(number)).request_id
    registry.claim(request_id)
    registry.record_machines(request_id, dict.fromkeys(slugs, PENDING))
    return request_id


@pytest.mark.parametrize(("is_later_settled", "expected"), [(False, (0, 1)), (True, (1, 0))])
def test_calls_are_of_the_latest_request_that_waits_for_the_machine(
    tmp_path: Path,
    instance: dg.DagsterInstance,
    is_later_settled: bool,
    expected: tuple[int, int],
) -> None:
    clock = iter(dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in range(1, 29))
    registry = SqliteRegistry(tmp_path / "requests.db", lambda: next(clock))
    with ScriptedOpenAi(Model(LIST, GOOD)) as server:
        services = services_on(tmp_path, server, registry)
        assert Workbench(instance, services)
        carry_list(instance, services)
        counted = registry.get(request_of(2).request_id).usage.calls
        early, late = request_of(2).request_id, filed(registry, 1, "lathe")
        if is_later_settled:
            registry.fail(late, "given up")
        Workbench(instance, services).make([PartitionKey("ada", "lathe")])

    calls = (registry.get(early).usage.calls - counted, registry.get(late).usage.calls)
    assert calls == expected


def test_a_command_s_calls_are_of_its_own_request(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    with ScriptedOpenAi(Model(LIST, GOOD, GOOD)) as server:
        services = services_on(tmp_path, server)
        own = request_of(1)
        Workbench(instance, services).carry_out(own, rewrite=False)
        other = filed(services.registry, 3, "lathe")
        Workbench(instance, services).carry_out(own, rewrite=True)

    assert services.registry.get(own.request_id).usage.calls == 3
    assert services.registry.get(other).usage.calls == 0


def carry_list(instance: dg.DagsterInstance, services: Services) -> None:
    services.registry.submit(request_of(2))
    assert Workbench(instance, services)._list_machines(request_of(2)).success


def test_with_prices_the_cost_stands_beside_the_tokens(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    with ScriptedOpenAi(Model(LIST, GOOD)) as server:
        carry_out(instance, services_on(tmp_path, server, **PRICES), number=1)

    # of a million: 10 or 40 tokens for 1000, 20 or 200 for 2000 and 60 cached ones for 100
    assert metadata_of(instance, "machine_list")["cost"] == 0.05
    assert metadata_of(instance, "generator_code")["cost"] == 0.446
    assert [one["cost"] for one in observations(instance)] == [0.496]


@pytest.mark.parametrize("prices", [{}, {"SYNTH_PRICE_INPUT": "1"}])
def test_without_every_price_that_it_needs_no_cost_is_named(
    tmp_path: Path, instance: dg.DagsterInstance, prices: dict[str, str]
) -> None:
    with ScriptedOpenAi(Model(LIST, GOOD)) as server:
        carry_out(instance, services_on(tmp_path, server, **prices), number=1)

    for shown in (
        metadata_of(instance, "machine_list"),
        metadata_of(instance, "generator_code"),
        *observations(instance),
    ):
        assert "cost" not in shown


def test_what_code_was_accepted_on_and_with_stands_on_it(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    with ScriptedOpenAi(Model(LIST, say(fenced(NO_LABELS)))) as server:
        services = services_on(tmp_path, server, SYNTH_REPAIR_ATTEMPTS="0")
        carry_out(instance, services, number=1)

    shown = metadata_of(instance, "generator_code")
    provenance = services.store.load_provenance(PartitionKey("ada", "lathe"))
    assert provenance is not None
    head, ruler, first, *others = str(shown["evidence"]).splitlines()
    assert head == "| run | year | seed | seconds | outcome |"
    assert ruler == "|---|--:|--:|--:|---|"
    seconds = provenance.evidence[0].seconds
    assert first == f"| request | 2023 | 1 | {seconds:g} | ✓ as it must be |"
    assert len(others) == len(provenance.evidence) - 1 >= 1
    assert str(shown["warnings"]).startswith("1. it writes no labels\\: expected anomalies.parquet")
    assert str(shown["warnings"]).count("\n") == len(provenance.warnings) - 1


class Forgetful:
    """A registry that cannot add usage."""

    def __init__(self, registry: SqliteRegistry) -> None:
        self._registry = registry

    def add_usage(self, request_id: str, usage: Usage) -> None:
        raise RegistryError("the disk is full")

    def __getattr__(self, name: str) -> object:
        return getattr(self._registry, name)


def warnings_of(instance: dg.DagsterInstance) -> Sequence[str]:
    return [
        entry.user_message
        for run in instance.get_runs()
        for entry in instance.all_logs(run.run_id)
        if entry.level == 30
    ]


def test_a_registry_that_cannot_count_loses_no_reply(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    notes: list[Progress] = []
    registry = Forgetful(SqliteRegistry(tmp_path / "requests.db"))
    with ScriptedOpenAi(Model(LIST, GOOD, GOOD)) as server:
        services = services_on(tmp_path, server, registry).watched_by(notes.append)
        usage = carry_out(instance, services)

    record = services.registry.get(request_of().request_id)
    assert (record.status, record.made, usage) == ("done", 2, Usage())
    reason = "could not be counted yet: the disk is full"
    said = [note.detail for note in notes if reason in note.detail]
    assert len(said) == 2  # once by the run that lists and once by the one that makes
    assert [text for text in warnings_of(instance) if reason in text] == said
    lost = [note.detail for note in notes if "are not counted in the registry" in note.detail]
    assert [text.partition(": ")[2] for text in lost] == [
        "1 model calls of 10 + 20 tokens are not counted in the registry",
        "2 model calls of 80 + 400 tokens are not counted in the registry",
    ]
