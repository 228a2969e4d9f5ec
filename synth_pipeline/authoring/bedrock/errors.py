"""What a call of Bedrock raises, put into the project's words: one line each, with what to set."""

import struct
from collections.abc import Callable, Mapping

from botocore.eventstream import ParserError
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, EventStreamError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from synth_pipeline.authoring.model.call_site import (
    CallSite,
    broken,
    may_pass,
    of_every_provider,
    silent,
)
from synth_pipeline.authoring.model.partial_reply import (
    MalformedReplyError,
    OverdueError,
    ReplyEndedError,
    ReplyTooLongError,
)
from synth_pipeline.aws.errors import Fault, code_of, detail_of, explain, fault_of
from synth_pipeline.domain.errors import AuthorError, SynthError, UnavailableError

SERVICE = "bedrock_runtime"
# botocore leaves the reading of a stream to urllib3, and walks into a body of another form, such
# as a JSON list, without looking.
_OF_THE_WIRE = (HTTPError, OSError, ReplyEndedError)
_OF_MALFORMED_BODIES = (
    *(MalformedReplyError, ParserError, ResponseParserError, struct.error),
    *(AttributeError, LookupError, TypeError, ValueError, RecursionError),
)
FAULTS = (
    *(ClientError, BotoCoreError, OverdueError, ReplyTooLongError),
    *(*_OF_THE_WIRE, *_OF_MALFORMED_BODIES),
)
_MODEL_ADVICE = (
    "set SYNTH_BEDROCK_MODEL_ID to a model or inference profile that this region offers "
    "(`aws bedrock list-inference-profiles`)"
)
# what concerns every call, whatever was asked: `aws.errors` says it
_OF_THE_ACCOUNT = frozenset(
    {
        *(Fault.NO_CREDENTIALS, Fault.REFUSED, Fault.EXPIRED, Fault.SIGNED_OUT),
        *(Fault.NO_REGION, Fault.BAD_PROFILE),
    }
)
_PASSING = frozenset({Fault.THROTTLED, Fault.SERVER, Fault.SILENT, Fault.BROKEN})
_PASSING_STATUS = frozenset({408, 424})  # the model took too long, the model failed
_NOT_IMPLEMENTED = 501
_NO_SUCH_OPERATION = frozenset({404, 405, _NOT_IMPLEMENTED})
_STATUS_IN_STREAM = {
    "InternalServerException": 500,
    "ModelStreamErrorException": 424,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}


def said_over_http(error: EventStreamError) -> ClientError:
    """An exception amid a stream, named as Bedrock names it in the status of a response."""
    code = code_of(error)
    code = code[:1].upper() + code[1:]
    return ClientError(
        {
            "Error": {"Code": code, "Message": detail_of(error)},
            "ResponseMetadata": {"HTTPStatusCode": _STATUS_IN_STREAM.get(code, 500)},
        },
        error.operation_name,
    )


def status_of(error: Exception) -> int:
    """The HTTP status of an error response, 0 for an error that is none."""
    if not isinstance(error, ClientError):
        return 0
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_known(error: ClientError) -> bool:
    """True for an error that Bedrock gives, False for one of something else at its address."""
    is_elsewhere = status_of(error) == _NOT_IMPLEMENTED or fault_of(error) is Fault.OTHER
    return not is_elsewhere or code_of(error) in _BY_CODE


def is_passing(error: Exception, site: CallSite) -> bool:
    """True where the same call may succeed a moment later."""
    if isinstance(error, ClientError):
        is_model_fault = status_of(error) in _PASSING_STATUS or _is_model_fault(error)
        return is_model_fault or (fault_of(error) in _PASSING and is_known(error))
    if isinstance(error, BotoCoreError):
        return isinstance(error, ConnectionError) or fault_of(error) in _PASSING
    return may_pass(error, site)


def translate(error: Exception, site: CallSite) -> SynthError:
    """Return the project's error for what a client call raised."""
    if told := of_every_provider(error, site):
        return told
    if isinstance(error, HTTPError | OSError) and not isinstance(error, BotoCoreError):
        is_silent = isinstance(error, ReadTimeoutError | TimeoutError)
        return silent(site) if is_silent else broken(site, detail_of(error))
    is_of_aws = isinstance(error, ClientError | BotoCoreError | ValueError)
    if not is_of_aws or isinstance(error, UnicodeError):
        return _malformed(site)
    return _translate_aws(error, site)


def _translate_aws(error: Exception, site: CallSite) -> SynthError:
    code, fault, detail = code_of(error), fault_of(error), detail_of(error) or "no details given"
    if fault in _OF_THE_ACCOUNT:
        return UnavailableError(f"{site}: {explain(error, SERVICE)}")
    if isinstance(error, ClientError) and not is_known(error):
        if status_of(error) in _NO_SUCH_OPERATION:
            return _no_bedrock(site, detail)
        if status_of(error) in _PASSING_STATUS:
            return _model_fault(site, detail)
    if known := _BY_CODE.get(code) or _BY_FAULT.get(fault):
        return known(site, detail)
    return AuthorError(f"{site}: {code or type(error).__name__}: {detail}")


def _is_model_fault(error: ClientError) -> bool:
    return _BY_CODE.get(code_of(error)) is _model_fault


def _malformed(site: CallSite) -> SynthError:
    return AuthorError(
        f"{site}: the response has no output.message.content; expected a Converse response. "
        f"Check AWS_ENDPOINT_URL_BEDROCK_RUNTIME, the endpoint is {site.endpoint}"
    )


def _no_bedrock(site: CallSite, detail: str) -> SynthError:
    return UnavailableError(
        f"{site}: endpoint {site.endpoint} does not know Converse: {detail}; "
        "check AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
    )


def _no_access(site: CallSite, detail: str) -> SynthError:
    return UnavailableError(
        f"{site}: access denied: {detail}; allow bedrock:InvokeModel and "
        "bedrock:InvokeModelWithResponseStream on the model and its inference profile, and request "
        "model access in the Bedrock console"
    )


def _unknown_model(site: CallSite, detail: str) -> SynthError:
    return UnavailableError(f"{site}: not available: {detail}; {_MODEL_ADVICE}")


def _invalid(site: CallSite, detail: str) -> SynthError:
    text = detail.lower()
    if "max_tokens" in text or "maximum tokens" in text or "maxtokens" in text:
        return UnavailableError(
            f"{site}: refuses max_tokens={site.options.max_tokens}: {detail}; "
            "set SYNTH_BEDROCK_MAX_TOKENS lower"
        )
    if any(word in text for word in ("model identifier", "on-demand throughput", "model id")):
        return _unknown_model(site, detail)
    return AuthorError(f"{site}: request refused: {detail}")


def _throttled(site: CallSite, detail: str) -> SynthError:
    return AuthorError(
        f"{site}: throttled {site.attempts}: {detail}; try again later, lower "
        "SYNTH_MODEL_CALLS or ask for a higher quota"
    )


def _quota(site: CallSite, detail: str) -> SynthError:
    return AuthorError(f"{site}: quota exceeded: {detail}; ask for a higher quota")


def _server_fault(site: CallSite, detail: str) -> SynthError:
    return AuthorError(f"{site}: server error {site.attempts}: {detail}; try again later")


def _model_fault(site: CallSite, detail: str) -> SynthError:
    return AuthorError(f"{site}: the model failed {site.attempts}: {detail}; try again later")


def _unreachable(site: CallSite, detail: str) -> SynthError:
    return UnavailableError(
        f"{site}: endpoint {site.endpoint} cannot be reached: {detail}; check the network, "
        "AWS_DEFAULT_REGION and AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
    )


_Translator = Callable[[CallSite, str], SynthError]
_BY_CODE: Mapping[str, _Translator] = {
    "ValidationException": _invalid,
    "ModelTimeoutException": _model_fault,
    "ModelErrorException": _model_fault,
    "ModelStreamErrorException": _model_fault,
}
_BY_FAULT: Mapping[Fault, _Translator] = {
    Fault.DENIED: _no_access,
    Fault.ELSEWHERE: _unknown_model,
    Fault.THROTTLED: _throttled,
    Fault.QUOTA: _quota,
    Fault.SERVER: _server_fault,
    Fault.SILENT: lambda site, _: silent(site),
    Fault.BROKEN: broken,
    Fault.UNREACHABLE: _unreachable,
}
