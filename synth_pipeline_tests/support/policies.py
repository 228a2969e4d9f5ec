"""Users of the S3 server who have exactly the rights that a policy of `deploy/iam` gives."""

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from synth_pipeline_tests.support.places import ROOT
from synth_pipeline_tests.support.servers import REGION, Server

POLICIES = ROOT / "deploy" / "iam"
KNOWN_WITHIN_S = 20.0
_ONCE = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})


@dataclass(frozen=True)
class Identity:
    """An access key of the S3 server."""

    access_key: str
    secret_key: str
    url: str

    def client(self) -> Any:
        """A plain client with this key."""
        session = boto3.session.Session(self.access_key, self.secret_key, region_name=REGION)
        return session.client("s3", endpoint_url=self.url, config=_ONCE)

    def become(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let this process use the key from now on."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", self.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", self.secret_key)


def identity_with(server: Server, policy: str, bucket: str, prefix: str, tag: str = "") -> Identity:
    """Make a user with the S3 part of `deploy/iam/<policy>` and wait until the key is known.

    `tag` stands for the principal's tag `synth-user`, which SeaweedFS' users do not have.
    """
    text = (POLICIES / policy).read_text()
    for placeholder, value in (
        ("CHANGE-ME-bucket", bucket),
        ("CHANGE-ME-prefix", prefix),
        ("${aws:PrincipalTag/synth-user}", tag),
    ):
        text = text.replace(placeholder, value)
    document = json.loads(text)
    document["Statement"] = [s for s in document["Statement"] if "s3:" in json.dumps(s["Action"])]
    iam, name = server.client("iam"), f"user-{uuid.uuid4().hex[:12]}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    identity = Identity(key["AccessKeyId"], key["SecretAccessKey"], server.url)
    _await(identity, bucket, f"{prefix}/{tag}/" if tag else f"{prefix}/")
    return identity


def _await(identity: Identity, bucket: str, prefix: str) -> None:
    client, deadline = identity.client(), time.monotonic() + KNOWN_WITHIN_S
    while True:
        try:
            client.list_objects_v2(Bucket=bucket, Prefix=prefix)
        except ClientError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
