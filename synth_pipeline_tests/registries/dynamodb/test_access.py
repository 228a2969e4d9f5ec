"""A table that cannot be used: which setting, key or service is at fault."""

import http.server
import threading
from collections.abc import Callable
from functools import partial

import pytest

from synth_pipeline.domain.errors import RegistryError, UnavailableError
from synth_pipeline.registries.dynamodb.registry import (
    DynamoRegistry,
    create_table,
)
from synth_pipeline_tests.support.registries import (
    N,
    S,
    asked,
    foreign_table,
    impatient_client,
)
from synth_pipeline_tests.support.servers import Server, free_ports

pytestmark = pytest.mark.server


def test_making_the_table_twice_keeps_it(aws: Server, table: str) -> None:
    DynamoRegistry(table).submit(asked())

    create_table(table)

    assert len(DynamoRegistry(table).list()) == 1


def test_the_check_names_a_table_that_is_not_there(
    open_table: Callable[..., DynamoRegistry], aws: Server
) -> None:
    with pytest.raises(UnavailableError) as error:
        open_table("not-there").check()

    assert str(error.value) == (
        "SYNTH_REGISTRY dynamodb://not-there: there is no such table in this account and "
        "region; make it, set AWS_DEFAULT_REGION or name another in SYNTH_REGISTRY"
    )


def test_the_check_names_a_key_that_cannot_be_used(
    open_table: Callable[..., DynamoRegistry], aws: Server
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
    aws: Server, monkeypatch: pytest.MonkeyPatch, variable: str, expected: str
) -> None:
    monkeypatch.delenv(variable)

    with pytest.raises(UnavailableError, match=expected) as error:
        DynamoRegistry("any").check()

    assert str(error.value).startswith("SYNTH_REGISTRY dynamodb://any: ")


def test_an_endpoint_that_does_not_answer_is_named(
    aws: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{port}")
    registry = DynamoRegistry("any", client=partial(impatient_client, 1))

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
        registry = DynamoRegistry("any", client=partial(impatient_client, 2))

        with pytest.raises(RegistryError) as error:
            registry.pending()
        server.shutdown()

    assert str(error.value) == (
        "dynamodb://any: AWS throttled DescribeTable 2 times "
        "(ProvisionedThroughputExceededException); try again later or raise the capacity"
    )
