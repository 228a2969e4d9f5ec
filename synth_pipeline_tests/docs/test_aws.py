"""What docs/aws.md says to paste is what the program and the example policies say."""

import json
import re
import uuid
from typing import Any

import pytest

from synth_pipeline.registries.dynamodb.table import recommended_table
from synth_pipeline_tests.support.places import ROOT
from synth_pipeline_tests.support.policies import POLICIES
from synth_pipeline_tests.support.servers import Server

PAGE = ROOT / "docs" / "aws.md"


def block(name: str) -> Any:
    found = re.search(rf"^```json {name}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return json.loads(found[1])


def test_the_table_is_the_recommended_one() -> None:
    assert block("table") == recommended_table("synth-requests")


def test_the_policy_is_the_one_that_is_tested() -> None:
    assert block("policy") == json.loads((POLICIES / "user-policy.json").read_text())


@pytest.mark.server
def test_a_server_takes_the_lifecycle_rule(s3_server: Server) -> None:
    client, bucket = s3_server.client("s3"), f"lifecycle-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket)

    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration=block("lifecycle")
    )

    (rule,) = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
