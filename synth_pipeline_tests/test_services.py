"""The parts: chosen by settings, made on first use, each swapped by giving another."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from synth_pipeline.authoring.model.author import ModelAuthor
from synth_pipeline.domain.errors import SettingsError
from synth_pipeline.domain.progress import Progress
from synth_pipeline.registries.sqlite.registry import SqliteRegistry
from synth_pipeline.sandbox.unconfined import UnconfinedRunner
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline.stores.dataset_store import DatasetStore
from synth_pipeline.stores.local import LocalObjects
from synth_pipeline_tests.support.scripted_openai import MODEL, ScriptedOpenAi, say
from synth_pipeline_tests.support.scripted_server import Reply, Request
from synth_pipeline_tests.support.workshop import ScriptedAuthor


def settings(tmp_path: Path, **environment: str) -> Settings:
    return Settings.from_env(environment, tmp_path)


def test_making_services_makes_no_part(tmp_path: Path) -> None:
    Services(settings(tmp_path, SYNTH_AUTHOR="bedrock", SYNTH_STORE="s3://bucket/prefix"))

    assert list(tmp_path.iterdir()) == []


def test_each_given_part_is_taken_and_the_others_are_those_of_the_settings(tmp_path: Path) -> None:
    author, runner = ScriptedAuthor(is_trusted=True), UnconfinedRunner()
    store = DatasetStore(LocalObjects(tmp_path / "elsewhere"))
    registry = SqliteRegistry(tmp_path / "other.db")

    assert Services(settings(tmp_path), author=author).author is author
    assert Services(settings(tmp_path), runner=runner).runner is runner
    assert Services(settings(tmp_path), store=store).store is store
    assert Services(settings(tmp_path), registry=registry).registry is registry
    plain = Services(settings(tmp_path), author=author)
    assert plain.store.objects.uri("x") == str(tmp_path / "data" / "x")
    assert plain.author is plain.author


def test_the_same_parts_can_be_watched(tmp_path: Path) -> None:
    seen: list[Progress] = []
    services = Services(settings(tmp_path), author=ScriptedAuthor())

    watched = services.watched_by(seen.append)
    watched.watch(Progress("pump", "run"))

    assert seen == [Progress("pump", "run")]
    assert watched.author is services.author
    assert watched.store is services.store
    assert watched.registry is services.registry


def test_a_given_runner_without_a_boundary_runs_no_model_s_code(tmp_path: Path) -> None:
    services = Services(settings(tmp_path), author=ScriptedAuthor(), runner=UnconfinedRunner())

    with pytest.raises(SettingsError, match="SYNTH_SANDBOX 'none' runs catalogue code only"):
        _ = services.runner


def test_the_settings_choose_the_author(tmp_path: Path) -> None:
    assert Services(settings(tmp_path)).author.name == "catalog"
    asked = Services(settings(tmp_path, SYNTH_AUTHOR="bedrock", SYNTH_BEDROCK_MODEL_ID="m-1"))
    assert isinstance(asked.author, ModelAuthor)
    assert asked.author.name == "bedrock"


def test_a_model_of_any_server_is_an_author_too(tmp_path: Path) -> None:
    with ScriptedOpenAi([say("1. Lathe\n2. Drill")]) as server:
        services = Services(settings(tmp_path, **server.environment()))
        answer = services.author.list_machines("tools", 2)

    assert [idea.name for idea in answer.ideas] == ["Lathe", "Drill"]
    assert services.author.name == "openai"
    assert server.requests[0].model_id == MODEL


def test_no_more_calls_are_made_at_a_time_than_the_settings_allow(tmp_path: Path) -> None:
    at_once = threading.Barrier(2, timeout=0.3)

    def answer(_: Request) -> Reply:
        try:
            at_once.wait()
        except threading.BrokenBarrierError:
            return say("1. Lathe")
        return say("two calls at a time")

    with ScriptedOpenAi(answer) as server:
        author = Services(settings(tmp_path, **server.environment(), SYNTH_MODEL_CALLS="1")).author
        with ThreadPoolExecutor(2) as pool:
            lists = list(pool.map(lambda _: author.list_machines("tools", 1), range(2)))

    assert [answer.ideas[0].name for answer in lists] == ["Lathe", "Lathe"]


def test_the_sandboxes_of_the_settings_are_those_there_are(tmp_path: Path) -> None:
    from synth_pipeline.sandbox.select import ISOLATING  # noqa: PLC0415
    from synth_pipeline.settings import SANDBOXES  # noqa: PLC0415

    names = ("auto", *(kind.name for kind in ISOLATING), UnconfinedRunner.name)
    assert names == SANDBOXES
