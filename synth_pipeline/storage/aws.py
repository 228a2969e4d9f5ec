"""Clients of AWS services and what their errors mean in one line, shared by S3 and DynamoDB."""

import re
from collections.abc import Mapping
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

MAX_ATTEMPTS = 5
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 60

AwsError = (BotoCoreError, ClientError)

_SIGN_IN = (
    CredentialRetrievalError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
_REFUSED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_ELSEWHERE = frozenset(
    {
        "301",
        "AuthorizationHeaderMalformed",
        "NoSuchBucket",
        "PermanentRedirect",
        "ResourceNotFoundException",
    }
)
_DENIED = frozenset({"403", "AccessDenied", "AccessDeniedException", "AllAccessDisabled"})
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def make_client(service: str, attempts: int = MAX_ATTEMPTS) -> Any:
    """A client by the standard AWS configuration: region, endpoint, credentials, profile.

    Throttling, timeouts and server errors are tried again, `attempts` calls in all. With an
    endpoint of one's own botocore addresses S3 buckets by path. A client may be shared by threads.
    """
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        user_agent_extra="synth_pipeline",
    )
    return boto3.session.Session().client(service, config=config)


def to_dynamo(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Plain Python values as DynamoDB writes them; fractions must come as Decimal."""
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in attributes.items()}


def from_dynamo(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's values as plain Python ones; numbers come as Decimal."""
    deserializer = TypeDeserializer()
    return {name: deserializer.deserialize(value) for name, value in attributes.items()}


def code_of(error: Exception) -> str:
    """The service's error code, empty for an error that never came from a service."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""


def is_about_settings(error: Exception) -> bool:
    """True where only a change of settings or credentials can help, whatever was asked for."""
    if isinstance(error, ClientError):
        return code_of(error) in _REFUSED | _DENIED | _ELSEWHERE
    return isinstance(
        error, (*_SIGN_IN, NoCredentialsError, PartialCredentialsError, NoRegionError)
    )


def explain(error: Exception, service: str) -> str:
    """Say in one line what an AWS error means and what to set or do about it."""
    if isinstance(error, ClientError):
        return _explain_answer(error, service)
    message = " ".join(str(error).split())
    if isinstance(error, NoRegionError):
        return "no AWS region; set AWS_DEFAULT_REGION or the region of AWS_PROFILE"
    if isinstance(error, PartialCredentialsError | NoCredentialsError):
        return (
            "no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            "or AWS_PROFILE, or run with an IAM role"
        )
    if isinstance(error, _SIGN_IN):
        return f"no AWS credentials ({message}); check AWS_PROFILE or sign in again"
    if isinstance(error, ConnectionError | HTTPClientError):
        return (
            f"cannot be reached ({_without_path(message)}); check the network, "
            f"AWS_DEFAULT_REGION and AWS_ENDPOINT_URL_{service.upper()}"
        )
    return f"{type(error).__name__}: {message}"


def _without_path(message: str) -> str:
    """The message with addresses cut to their server: what was asked for is named elsewhere."""
    return re.sub(r"(https?://[^/\s\"?]+)[^\s\"]*", r"\1", message)


def _explain_answer(error: ClientError, service: str) -> str:
    code, operation = code_of(error), error.operation_name
    message = " ".join(str(error.response["Error"].get("Message", "")).split())
    if code in _REFUSED:
        return (
            f"AWS refuses the credentials ({code}); check AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN or AWS_PROFILE"
        )
    if code in _DENIED:
        return (
            f"AWS denies {service}:{operation} ({message or code}); "
            "let the IAM identity do that, or check the credentials"
        )
    if code in _THROTTLED:
        attempts = 1 + int(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0))
        return (
            f"AWS throttled {operation} {attempts} times ({code}); "
            "try again later or raise the capacity"
        )
    return f"{operation} failed: {code}: {message}"
