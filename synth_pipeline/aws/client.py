"""Clients of AWS services by the standard configuration: region, endpoint, credentials, profile.

The one place that knows where a region comes from and how calls are tried again.
"""

import os
from dataclasses import dataclass
from typing import Any, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import NoCredentialsError, NoRegionError

MAX_ATTEMPTS = 5
# API keys that stand in for credentials
BEARER_TOKENS = {"bedrock-runtime": "AWS_BEARER_TOKEN_BEDROCK"}


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How calls are made: `attempts` counts the first, and is all the retrying there is.

    Tried again are throttling, timeouts, broken connections and server errors. Retry mode
    `adaptive` also slows down after throttling.
    """

    attempts: int = MAX_ATTEMPTS
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    retry_mode: Literal["standard", "adaptive"] = "standard"
    connections: int = 32


def make_client(
    service: str,
    options: CallOptions = CallOptions(),
    *,
    profile_name: str | None = None,
    **overrides: Any,
) -> Any:
    """A client that threads may share; `overrides` are boto3's, such as `endpoint_url`.

    Raises NoRegionError and NoCredentialsError here and now where the standard configuration
    holds none, without a call; with an endpoint of one's own botocore addresses S3 buckets by path.
    """
    session = boto3.session.Session(profile_name=profile_name)
    # boto3 does not read AWS_REGION, which Lambda, ECS and the other AWS SDKs use
    region = (
        overrides.pop("region_name", None) or session.region_name or os.environ.get("AWS_REGION")
    )
    if not region:
        raise NoRegionError
    is_signed = not {"use_unsigned_session", "aws_access_key_id"} & overrides.keys()
    token = os.environ.get(BEARER_TOKENS.get(service, ""), "")
    if is_signed and not token and session.get_credentials() is None:
        raise NoCredentialsError
    config = Config(
        retries={"mode": options.retry_mode, "total_max_attempts": options.attempts},
        connect_timeout=options.connect_timeout_s,
        read_timeout=options.read_timeout_s,
        max_pool_connections=options.connections,
        tcp_keepalive=True,  # a model's reply may take minutes without a byte on the line
        user_agent_extra="synth_pipeline",
    )
    return session.client(service, region_name=region, config=config, **overrides)
