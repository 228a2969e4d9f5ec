"""What boto3 raises, put into the project's words: one line each, with what to set."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore import exceptions as aws
from botocore.exceptions import BotoCoreError, ClientError

from synth_pipeline.domain.errors import AuthorError, SynthError, UnavailableError
from synth_pipeline.domain.text import visible

CREDENTIALS_ADVICE = (
    "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
)
REGION_ADVICE = "set AWS_DEFAULT_REGION or AWS_REGION to one that offers the model, e.g. us-east-1"
_MODEL_ADVICE = (
    "set SYNTH_BEDROCK_MODEL_ID to a model or inference profile that this region offers "
    "(`aws bedrock list-inference-profiles`)"
)
_MAX_DETAIL_LENGTH = 300


@dataclass(frozen=True, slots=True)
class CallSite:
    """What an error message needs to know of the call that failed."""

    model_id: str
    region: str
    endpoint: str
    max_attempts: int
    read_timeout_s: float
    max_tokens: int

    @property
    def attempts(self) -> str:
        """How often it was tried, in words."""
        return "in 1 attempt" if self.max_attempts == 1 else f"in all {self.max_attempts} attempts"

    def __str__(self) -> str:
        return f"Bedrock model {self.model_id!r} in {self.region}"


def is_temperature_refusal(error: ClientError) -> bool:
    """True where the model takes no temperature, as Claude models from Opus 4.7 on."""
    detail = _detail(error).lower()
    return (
        _code(error) == "ValidationException" and "temperature" in detail and "top_p" not in detail
    )


def quotes_credentials(error: Exception) -> bool:
    """True where the message of AWS may quote the signed request, session token included."""
    return isinstance(error, ClientError) and _BY_CODE.get(_code(error)) is _refused_credentials


def malformed(site: CallSite) -> SynthError:
    """Return the error for a response that is not of Converse's form."""
    return AuthorError(
        f"{site}: the response has no output.message.content; expected a Converse response. "
        f"Check AWS_ENDPOINT_URL_BEDROCK_RUNTIME, the endpoint is {site.endpoint}"
    )


def translate(error: Exception, site: CallSite) -> SynthError:
    """Return the project's error for what a client call raised."""
    if isinstance(error, ClientError):
        return _from_service(error, site)
    if isinstance(error, BotoCoreError):
        return _from_client(error, site)
    if isinstance(error, ValueError) and not isinstance(error, UnicodeError):
        # botocore says so of an endpoint that is no URL
        return _unreachable(site, _one_line(str(error)))
    return malformed(site)


def _from_service(error: ClientError, site: CallSite) -> SynthError:
    code, detail = _code(error), _detail(error)
    if known := _BY_CODE.get(code):
        return known(site, detail)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= 500:
        return _server_fault(site, f"{code} {detail}")
    if status == 429:
        return _throttled(site, detail)
    return AuthorError(f"{site}: {code}: {detail}")


def _from_client(error: BotoCoreError, site: CallSite) -> SynthError:
    for kinds, make in _BY_CLASS:
        if isinstance(error, kinds):
            return make(site, _one_line(str(error)))
    return AuthorError(f"{site}: {type(error).__name__}: {_one_line(str(error))}")


def _no_credentials(_site: CallSite, detail: str) -> SynthError:
    return UnavailableError(f"AWS credentials: {detail}; {CREDENTIALS_ADVICE}")


def _refused_credentials(site: CallSite, _detail: str) -> SynthError:
    return UnavailableError(
        f"AWS credentials: refused by Bedrock in {site.region}; check the key, its secret and the "
        f"clock of this machine, or {CREDENTIALS_ADVICE}"
    )


def _expired(site: CallSite, _detail: str) -> SynthError:
    return UnavailableError(
        f"AWS credentials: the session token is refused by Bedrock in {site.region} as expired; "
        "renew it (`aws sso login`) or set fresh AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
        "AWS_SESSION_TOKEN"
    )


def _signed_out(_site: CallSite, detail: str) -> SynthError:
    return UnavailableError(f"AWS credentials: {detail}; renew them with `aws sso login`")


def _no_access(site: CallSite, detail: str) -> SynthError:
    return UnavailableError(
        f"{site}: access denied: {detail}; allow bedrock:InvokeModel on the model and its "
        "inference profile, and request model access in the Bedrock console"
    )


def _unknown_model(site: CallSite, detail: str) -> SynthError:
    return UnavailableError(f"{site}: not available: {detail}; {_MODEL_ADVICE}")


def _invalid(site: CallSite, detail: str) -> SynthError:
    text = detail.lower()
    if "max_tokens" in text or "maximum tokens" in text or "maxtokens" in text:
        return UnavailableError(
            f"{site}: refuses max_tokens={site.max_tokens}: {detail}; "
            "set SYNTH_BEDROCK_MAX_TOKENS lower"
        )
    if any(word in text for word in ("model identifier", "on-demand throughput", "model id")):
        return _unknown_model(site, detail)
    return AuthorError(f"{site}: request refused: {detail}")


def _throttled(site: CallSite, detail: str) -> SynthError:
    return AuthorError(
        f"{site}: throttled {site.attempts}: {detail}; try again later, lower "
        "SYNTH_WORKERS or ask for a higher quota"
    )


def _quota(site: CallSite, detail: str) -> SynthError:
    return AuthorError(f"{site}: quota exceeded: {detail}; ask for a higher quota")


def _server_fault(site: CallSite, detail: str) -> SynthError:
    return AuthorError(f"{site}: server error {site.attempts}: {detail}; try again later")


def _model_fault(site: CallSite, detail: str) -> SynthError:
    return AuthorError(f"{site}: the model failed: {detail}; try again later")


def _no_region(_site: CallSite, detail: str) -> SynthError:
    return UnavailableError(f"AWS region: {detail}; {REGION_ADVICE}")


def _bad_profile(_site: CallSite, detail: str) -> SynthError:
    return UnavailableError(
        f"AWS configuration: {detail}; set AWS_PROFILE to a profile of ~/.aws/config"
    )


def _unreachable(site: CallSite, detail: str) -> SynthError:
    return UnavailableError(
        f"{site}: endpoint {site.endpoint} cannot be reached: {detail}; check the network, "
        "AWS_DEFAULT_REGION and AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
    )


def _read_timeout(site: CallSite, _detail: str) -> SynthError:
    return AuthorError(
        f"{site}: no reply within {site.read_timeout_s:g} s {site.attempts}; try "
        "again later, or set SYNTH_BEDROCK_MODEL_ID to a faster model"
    )


def _dropped(site: CallSite, detail: str) -> SynthError:
    return AuthorError(f"{site}: the connection broke {site.attempts}: {detail}; try again")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown error"))


def _detail(error: ClientError) -> str:
    return _one_line(str(error.response.get("Error", {}).get("Message", ""))) or "no details given"


def _one_line(text: str) -> str:
    line = " ".join(visible(text).split()).rstrip(".;")
    return line if len(line) <= _MAX_DETAIL_LENGTH else f"{line[:_MAX_DETAIL_LENGTH]}…"


_Translator = Callable[[CallSite, str], SynthError]

_BY_CODE: dict[str, _Translator] = {
    "UnrecognizedClientException": _refused_credentials,
    "InvalidClientTokenId": _refused_credentials,
    "InvalidSignatureException": _refused_credentials,
    "SignatureDoesNotMatch": _refused_credentials,
    "IncompleteSignature": _refused_credentials,
    "IncompleteSignatureException": _refused_credentials,
    "MissingAuthenticationToken": _refused_credentials,
    "MissingAuthenticationTokenException": _refused_credentials,
    "ExpiredToken": _expired,
    "ExpiredTokenException": _expired,
    "RequestExpired": _expired,
    "AccessDenied": _no_access,
    "AccessDeniedException": _no_access,
    "ResourceNotFoundException": _unknown_model,
    "ValidationException": _invalid,
    "ThrottlingException": _throttled,
    "TooManyRequestsException": _throttled,
    "ModelNotReadyException": _throttled,
    "ServiceQuotaExceededException": _quota,
    "InternalServerException": _server_fault,
    "ServiceUnavailableException": _server_fault,
    "ModelTimeoutException": _model_fault,
    "ModelErrorException": _model_fault,
}

# Order matters: several of these classes derive from one another.
_BY_CLASS: tuple[tuple[tuple[type[Exception], ...], _Translator], ...] = (
    ((aws.UnauthorizedSSOTokenError, aws.SSOTokenLoadError, aws.LoginError), _signed_out),
    (
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
        _no_credentials,
    ),
    ((aws.ProfileNotFound, aws.ConfigParseError, aws.ConfigNotFound), _bad_profile),
    ((aws.NoRegionError, aws.InvalidRegionError, aws.UnknownRegionError), _no_region),
    ((aws.ReadTimeoutError,), _read_timeout),
    ((aws.ConnectionClosedError, aws.ResponseStreamingError, aws.IncompleteReadError), _dropped),
    ((aws.ConnectionError, aws.BaseEndpointResolverError), _unreachable),
    ((aws.EndpointProviderError, aws.InvalidEndpointConfigurationError), _unreachable),
    ((aws.HTTPClientError,), _dropped),
)
