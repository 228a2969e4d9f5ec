"""What a call of Bedrock raises, put into the project's words: one line each, with what to set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from synth_pipeline.authoring.model.client import ModelOptions
from synth_pipeline.aws.errors import Fault, code_of, detail_of, explain, fault_of
from synth_pipeline.domain.errors import AuthorError, SynthError, UnavailableError

SERVICE = "bedrock_runtime"
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


@dataclass(frozen=True, slots=True)
class CallSite:
    """What an error message needs to know of the call that failed."""

    options: ModelOptions
    region: str
    endpoint: str

    @property
    def attempts(self) -> str:
        """How often it was tried, in words."""
        count = self.options.attempts
        return "in 1 attempt" if count == 1 else f"in all {count} attempts"

    def __str__(self) -> str:
        place = f" in {self.region}" if self.region else ""
        return f"Bedrock model {self.options.model_id!r}{place}"


def is_temperature_refusal(error: ClientError) -> bool:
    """True where the model takes no temperature, as Claude models from Opus 4.7 on."""
    detail, code = detail_of(error).lower(), code_of(error)
    return code == "ValidationException" and "temperature" in detail and "top_p" not in detail


def malformed(site: CallSite) -> SynthError:
    """Return the error for a response that is not of Converse's form."""
    return AuthorError(
        f"{site}: the response has no output.message.content; expected a Converse response. "
        f"Check AWS_ENDPOINT_URL_BEDROCK_RUNTIME, the endpoint is {site.endpoint}"
    )


def translate(error: Exception, site: CallSite) -> SynthError:
    """Return the project's error for what a client call raised."""
    is_of_aws = isinstance(error, ClientError | BotoCoreError | ValueError)
    if not is_of_aws or isinstance(error, UnicodeError):
        return malformed(site)
    code, fault, detail = code_of(error), fault_of(error), detail_of(error) or "no details given"
    if fault in _OF_THE_ACCOUNT:
        return UnavailableError(f"{site}: {explain(error, SERVICE)}")
    if known := _BY_CODE.get(code) or _BY_FAULT.get(fault):
        return known(site, detail)
    return AuthorError(f"{site}: {code or type(error).__name__}: {detail}")


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
            f"{site}: refuses max_tokens={site.options.max_tokens}: {detail}; "
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


def _unreachable(site: CallSite, detail: str) -> SynthError:
    return UnavailableError(
        f"{site}: endpoint {site.endpoint} cannot be reached: {detail}; check the network, "
        "AWS_DEFAULT_REGION and AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
    )


def _silent(site: CallSite, _detail: str) -> SynthError:
    return AuthorError(
        f"{site}: no reply within {site.options.read_timeout_s:g} s {site.attempts}; try "
        "again later, or set SYNTH_BEDROCK_MODEL_ID to a faster model"
    )


def _broken(site: CallSite, detail: str) -> SynthError:
    return AuthorError(f"{site}: the connection broke {site.attempts}: {detail}; try again")


_Translator = Callable[[CallSite, str], SynthError]
_BY_CODE: Mapping[str, _Translator] = {
    "ValidationException": _invalid,
    "ModelTimeoutException": _model_fault,
    "ModelErrorException": _model_fault,
}
_BY_FAULT: Mapping[Fault, _Translator] = {
    Fault.DENIED: _no_access,
    Fault.ELSEWHERE: _unknown_model,
    Fault.THROTTLED: _throttled,
    Fault.QUOTA: _quota,
    Fault.SERVER: _server_fault,
    Fault.SILENT: _silent,
    Fault.BROKEN: _broken,
    Fault.UNREACHABLE: _unreachable,
}
