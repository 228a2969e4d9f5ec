"""The Lambda intake against a real table, in process and as a real Lambda function."""

import base64
import datetime as dt
import json
import logging
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from synth_pipeline import intake
from synth_pipeline.registries.dynamodb.registry import create_table
from synth_pipeline_tests.support.places import ROOT
from synth_pipeline_tests.support.servers import Server, point_to

ASKED = {"industry": "semiconductor", "number": 3, "user_id": "ada"}
LAST_FULL_YEAR = dt.datetime.now(dt.UTC).year - 1


class Context:
    """The part of Lambda's context that is used."""

    aws_request_id = "c0ffee"


@pytest.fixture
def table(aws_server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    point_to(aws_server, monkeypatch)
    name = f"intake-{uuid.uuid4().hex[:12]}"
    create_table(name)
    monkeypatch.setenv("SYNTH_REGISTRY", f"dynamodb://{name}")
    return name


def packed(path: Path) -> Path:
    """The function's zip, as `make lambda` writes it."""
    script = ROOT / "deploy" / "intake_zip.py"
    subprocess.run([sys.executable, script, path], check=True, capture_output=True)
    return path


def invoke(event: object) -> tuple[int, dict[str, Any]]:
    answer = intake.handler(event, Context())
    assert answer["headers"] == {"content-type": "application/json"}
    return answer["statusCode"], json.loads(answer["body"])


def items(server: Server, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client("dynamodb").scan(TableName=table)["Items"]
    return found


def in_base64(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.server
@pytest.mark.parametrize(
    "event",
    [
        pytest.param(ASKED, id="direct"),
        pytest.param({**ASKED, "active": True}, id="direct with active"),
        pytest.param(
            {"httpMethod": "POST", "requestContext": {}, "body": json.dumps(ASKED)}, id="api v1"
        ),
        pytest.param(
            {
                "version": "2.0",
                "requestContext": {"http": {"method": "POST"}},
                "isBase64Encoded": False,
                "body": json.dumps({**ASKED, "number": "3"}),
            },
            id="api v2",
        ),
        pytest.param(
            {
                "version": "2.0",
                "requestContext": {"domainName": "x.lambda-url.eu-central-1.on.aws"},
                "isBase64Encoded": True,
                "body": in_base64(ASKED),
            },
            id="function url",
        ),
    ],
)
def test_a_request_becomes_an_active_item(
    aws_server: Server, table: str, event: dict[str, Any]
) -> None:
    status, answer = invoke(event)

    assert status == 200
    assert answer.pop("request_id").startswith("ada-")
    assert answer == {**ASKED, "year": LAST_FULL_YEAR, "seed": 0, "status": "pending"}
    (item,) = items(aws_server, table)
    assert item["active"] == {"BOOL": True}
    assert item["industry"] == {"S": "semiconductor"}
    assert item["number"] == {"N": "3"}


@pytest.mark.server
def test_number_is_ten_unless_asked_otherwise_and_year_and_seed_are_taken(table: str) -> None:
    status, answer = invoke({"industry": "food", "user_id": "bob", "year": 2024, "seed": 9})

    assert (status, answer["number"], answer["year"], answer["seed"]) == (200, 10, 2024, 9)


@pytest.mark.server
def test_the_same_request_sent_twice_is_one(aws_server: Server, table: str) -> None:
    assert invoke(ASKED) == invoke(ASKED)
    assert len(items(aws_server, table)) == 1


@pytest.mark.server
@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({}, "industry None: expected text; user id None: expected text"),
        ({**ASKED, "number": 0}, "number 0: expected a whole number from 1 to 100"),
        ({**ASKED, "number": None}, "number None: expected a whole number from 1 to 100"),
        ({**ASKED, "user_id": "../x"}, "user id '../x'"),
        ({**ASKED, "yaer": 2024}, "unknown fields yaer: expected industry, number, seed"),
        ({"requestContext": {}, "body": None}, "no JSON object"),
        ({"requestContext": {}, "body": ""}, "no JSON object"),
        ({"requestContext": {}, "body": "[1]"}, "no JSON object"),
        ({"requestContext": {}, "body": "{"}, "the body is no JSON"),
        ({"requestContext": {}, "body": "not64!", "isBase64Encoded": True}, "no JSON"),
        ("text", "no JSON object"),
        (None, "no JSON object"),
    ],
)
def test_bad_input_is_refused_with_the_reason(
    aws_server: Server, table: str, event: object, reason: str
) -> None:
    status, answer = invoke(event)

    assert status == 400
    assert reason in answer["error"]
    assert items(aws_server, table) == []


@pytest.mark.server
@pytest.mark.parametrize("setting", ["", "sqlite:///x", "dynamodb://not-there"])
def test_a_fault_of_ours_is_logged_and_not_told(
    table: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, setting: str
) -> None:
    monkeypatch.setenv("SYNTH_REGISTRY", setting)

    with caplog.at_level(logging.ERROR):
        status, answer = invoke(ASKED)

    assert status == 500
    assert answer == {
        "error": "the request could not be filed; try again later",
        "reference": "c0ffee",
    }
    assert "Traceback" in caplog.text


def test_the_zip_is_the_same_bytes_each_time_and_holds_exactly_what_is_imported(
    tmp_path: Path,
) -> None:
    first, second = packed(tmp_path / "dist" / "1.zip"), packed(tmp_path / "dist" / "2.zip")
    command = (
        "import sys, synth_pipeline.intake;"
        "print(*[m.__file__ for n, m in sys.modules.items() if n.startswith('synth_pipeline')])"
    )

    found = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )

    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        names = archive.namelist()
        rights = {entry.external_attr >> 16 for entry in archive.infolist()}
    assert {str(ROOT / name) for name in names} == set(found.stdout.split())
    assert names == sorted(names)
    assert rights == {0o100644}


@pytest.mark.server
def test_the_zip_runs_as_a_lambda_function(aws_server: Server, table: str, tmp_path: Path) -> None:
    client = aws_server.client("lambda")
    client.create_function(
        FunctionName=table,
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/intake",
        Handler="synth_pipeline.intake.handler",
        Code={"ZipFile": packed(tmp_path / "intake.zip").read_bytes()},
        Environment={
            "Variables": {
                "SYNTH_REGISTRY": f"dynamodb://{table}",
                "AWS_ENDPOINT_URL_DYNAMODB": aws_server.url,
            }
        },
    )

    answer = client.invoke(FunctionName=table, Payload=json.dumps(ASKED).encode())
    result = json.loads(answer["Payload"].read())

    assert result.get("statusCode") == 200, result
    (item,) = items(aws_server, table)
    assert item["request_id"]["S"] == json.loads(result["body"])["request_id"]
