"""What boto3 raises, sorted by what is wrong and said in one line.

What one service alone can say of its errors (no such bucket, no such model) lies with the part
that calls it.
"""

import re
from enum import Enum, auto
from typing import Final

from botocore import exceptions as aws
from botocore.exceptions import BotoCoreError, ClientError

from synth_pipeline.domain.text import visible

AwsError = (BotoCoreError, ClientError)
MAX_DETAIL_LENGTH = 300


class Fault(Enum):
    """What is wrong when a call of AWS fails."""

    NO_CREDENTIALS = auto()
    REFUSED = auto()  # the credentials
    EXPIRED = auto()  # the session token
    SIGNED_OUT = auto()
    NO_REGION = auto()
    BAD_PROFILE = auto()
    DENIED = auto()
    ELSEWHERE = auto()  # the thing named is not there, or not in this region
    THROTTLED = auto()
    QUOTA = auto()
    SILENT = auto()  # no answer within the time-out
    BROKEN = auto()  # the connection, amid an answer
    UNREACHABLE = auto()
    SERVER = auto()
    OTHER = auto()


_CODES: Final[dict[Fault, tuple[str, ...]]] = {
    Fault.REFUSED: (
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ),
    Fault.EXPIRED: ("ExpiredToken", "ExpiredTokenException", "RequestExpired"),
    Fault.DENIED: ("403", "AccessDenied", "AccessDeniedException", "AllAccessDisabled"),
    Fault.ELSEWHERE: (
        "301",
        "AuthorizationHeaderMalformed",
        "NoSuchBucket",
        "PermanentRedirect",
        "ResourceNotFoundException",
    ),
    Fault.THROTTLED: (
        "LimitExceededException",
        "ModelNotReadyException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ),
    Fault.QUOTA: ("ServiceQuotaExceededException",),
    Fault.SERVER: ("InternalError", "InternalServerException", "ServiceUnavailableException"),
}
_BY_CODE = {code: fault for fault, codes in _CODES.items() for code in codes}

# Order matters: several of these classes derive from one another.
_BY_CLASS: Final[tuple[tuple[Fault, tuple[type[Exception], ...]], ...]] = (
    (Fault.SIGNED_OUT, (aws.UnauthorizedSSOTokenError, aws.SSOTokenLoadError, aws.LoginError)),
    (
        Fault.NO_CREDENTIALS,
        (
            aws.NoCredentialsError,
            aws.PartialCredentialsError,
            aws.CredentialRetrievalError,
            aws.NoAuthTokenError,
            aws.TokenRetrievalError,
            aws.SSOError,
            aws.InvalidConfigError,
            aws.MetadataRetrievalError,
            aws.UnknownCredentialError,
        ),
    ),
    (Fault.BAD_PROFILE, (aws.ProfileNotFound, aws.ConfigParseError, aws.ConfigNotFound)),
    (Fault.NO_REGION, (aws.NoRegionError, aws.InvalidRegionError, aws.UnknownRegionError)),
    (Fault.SILENT, (aws.ReadTimeoutError,)),
    (
        Fault.BROKEN,
        (aws.ConnectionClosedError, aws.ResponseStreamingError, aws.IncompleteReadError),
    ),
    (
        Fault.UNREACHABLE,
        (
            aws.ConnectionError,
            aws.BaseEndpointResolverError,
            aws.EndpointProviderError,
            aws.InvalidEndpointConfigurationError,
            ValueError,  # so botocore says that an endpoint is no URL
        ),
    ),
    (Fault.BROKEN, (aws.HTTPClientError,)),
)
_ABOUT_SETTINGS = frozenset(
    {
        *(Fault.NO_CREDENTIALS, Fault.REFUSED, Fault.EXPIRED, Fault.SIGNED_OUT, Fault.NO_REGION),
        *(Fault.BAD_PROFILE, Fault.DENIED, Fault.ELSEWHERE),
    }
)


def fault_of(error: Exception) -> Fault:
    """What is wrong, by the service's code or by the class of what botocore raised itself."""
    if not isinstance(error, ClientError):
        return next((f for f, kinds in _BY_CLASS if isinstance(error, kinds)), Fault.OTHER)
    if fault := _BY_CODE.get(code_of(error)):
        return fault
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status == 429:
        return Fault.THROTTLED
    return Fault.SERVER if status >= 500 else Fault.OTHER


def code_of(error: Exception) -> str:
    """The service's error code, empty for an error that never came from a service."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""


def detail_of(error: Exception) -> str:
    """What AWS or botocore says, as one harmless line; empty for what may quote credentials."""
    if quotes_credentials(error):
        return ""
    text = str(error)
    if isinstance(error, ClientError):
        text = str(error.response["Error"].get("Message", ""))
    line = " ".join(visible(_without_path(text)).split()).rstrip(".;")
    return line if len(line) <= MAX_DETAIL_LENGTH else f"{line[:MAX_DETAIL_LENGTH]}…"


def quotes_credentials(error: Exception) -> bool:
    """True where the message of AWS may quote the signed request, session token included."""
    return isinstance(error, ClientError) and fault_of(error) is Fault.REFUSED


def is_about_settings(error: Exception) -> bool:
    """True where only a change of settings or credentials can help, whatever was asked for."""
    return fault_of(error) in _ABOUT_SETTINGS


def explain(error: Exception, service: str) -> str:
    """Say in one line what an AWS error means and what to set or do about it."""
    fault, detail = fault_of(error), detail_of(error)
    if account := _about_the_account(fault, error, detail):
        return account
    if fault in (Fault.UNREACHABLE, Fault.SILENT, Fault.BROKEN):
        return (
            f"cannot be reached ({detail}); check the network, AWS_DEFAULT_REGION and "
            f"AWS_ENDPOINT_URL_{service.upper()}"
        )
    if not isinstance(error, ClientError):
        return f"{type(error).__name__}: {detail}"
    operation, code = error.operation_name, code_of(error)
    if fault is Fault.DENIED:
        return (
            f"AWS denies {service}:{operation} ({detail or code}); "
            "let the IAM identity do that, or check the credentials"
        )
    if fault is Fault.THROTTLED:
        attempts = 1 + int(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0))
        return (
            f"AWS throttled {operation} {attempts} times ({code}); "
            "try again later or raise the capacity"
        )
    return f"{operation} failed: {code}: {detail}"


def _about_the_account(fault: Fault, error: Exception, detail: str) -> str | None:
    """What is wrong with credentials, region or profile, and what to set; the same everywhere."""
    code = code_of(error)
    keys = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    sentences = {
        Fault.NO_CREDENTIALS: f"no AWS credentials; set {keys}, or AWS_PROFILE, or run with an "
        f"IAM role ({detail})",
        Fault.REFUSED: f"AWS refuses the credentials ({code}); check AWS_ACCESS_KEY_ID, "
        "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN or AWS_PROFILE, and the clock of this machine",
        Fault.EXPIRED: f"AWS refuses the credentials as expired ({code}); renew them with "
        f"`aws sso login`, or set fresh {keys} with AWS_SESSION_TOKEN",
        Fault.SIGNED_OUT: f"no AWS credentials ({detail}); renew them with `aws sso login`",
        Fault.NO_REGION: "no AWS region; set AWS_DEFAULT_REGION or AWS_REGION, or the region of "
        f"AWS_PROFILE ({detail})",
        Fault.BAD_PROFILE: f"no AWS credentials ({detail}); set AWS_PROFILE to a profile of "
        "~/.aws/config",
    }
    return sentences.get(fault)


def _without_path(message: str) -> str:
    """The message with addresses cut to their server: what was asked for is named elsewhere."""
    return re.sub(r"(https?://[^/\s\"?]+)[^\s\"]*", r"\1", message)
