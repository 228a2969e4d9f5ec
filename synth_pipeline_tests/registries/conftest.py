"""Both registries, opened as several processes would open them."""

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from synth_pipeline.registries.dynamodb.registry import (
    DynamoRegistry,
    create_table,
    make_dynamo_client,
)
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline.registries.sqlite.registry import SqliteRegistry
from synth_pipeline_tests.support.registries import SteppingClock
from synth_pipeline_tests.support.servers import Server, point_to

KINDS = ("sqlite", pytest.param("dynamodb", marks=pytest.mark.server))


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
