"""What a call of Chat Completions raises, put into the project's words: one line each."""

from urllib3 import exceptions as http

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
from synth_pipeline.authoring.openai.replies import ErrorInStreamError
from synth_pipeline.authoring.openai.server_errors import ServerError, read_error
from synth_pipeline.authoring.openai.wire import StatusError
from synth_pipeline.domain.errors import AuthorError, SynthError, UnavailableError

FAULTS = (
    *(StatusError, ErrorInStreamError, OverdueError, ReplyTooLongError),
    *(ReplyEndedError, MalformedReplyError, http.HTTPError, OSError),
)
_NOT_CONNECTED = (http.NewConnectionError, http.ConnectTimeoutError, http.ProxyError)
_NO_ADDRESS = (http.LocationValueError, http.ProxySchemeUnknown, http.SSLError)
_TOO_BUSY = 429
_MODEL_FAULTS = frozenset({408, 424})  # as on Bedrock: it took too long, it failed
_PASSING_STATUS = frozenset({*_MODEL_FAULTS, 409, 425, _TOO_BUSY})
_NO_SUCH_PLACE = frozenset({404, 405, 410, 501})
_NO_MONEY = ("insufficient_quota", "billing", "no credit", "insufficient credit")


def is_passing(error: Exception, site: CallSite) -> bool:
    """True where the same call may succeed a moment later."""
    if isinstance(error, StatusError | ErrorInStreamError):
        told = read_error(error)
        return _is_server_fault(told.status) and not _lacks_money(told)
    if isinstance(error, _NO_ADDRESS):
        return site.has_begun
    return may_pass(error, site)


def translate(error: Exception, site: CallSite, key: str) -> SynthError:
    """Return the project's error for what a call raised; `key` is left out of it."""
    if isinstance(error, StatusError | ErrorInStreamError):
        return _refused(read_error(error), site, key)
    if told := of_every_provider(error, site):
        return told
    if isinstance(error, MalformedReplyError):
        return AuthorError(
            f"{site}: the answer is no chat completion {site.attempts}; check SYNTH_OPENAI_BASE_URL"
        )
    if isinstance(error, http.ReadTimeoutError | TimeoutError):
        return silent(site)
    detail = _detail(error, site, key)
    if site.has_begun or not isinstance(error, (*_NOT_CONNECTED, *_NO_ADDRESS)):
        return broken(site, detail)
    return _unreachable(error, detail, site)


def unusable_proxy() -> SynthError:
    """The error for a proxy whose address cannot be read; it may hold a password."""
    return UnavailableError(
        "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used; expected "
        "http://host:port or https://host:port"
    )


def wait_s(error: Exception) -> float:
    """How long the server wishes to be left alone."""
    return read_error(error).wait_s if isinstance(error, StatusError) else 0.0


def _detail(error: Exception, site: CallSite, key: str) -> str:
    if isinstance(error, http.ConnectTimeoutError):
        return f"no connection within {site.options.connect_timeout_s:g} s"
    # urllib3 gives words and what it met as two arguments, or words alone
    parts = [str(part).rstrip(".") for part in error.args if isinstance(part, str | Exception)]
    return ServerError(0, ": ".join(parts)).detail(key)


def _is_server_fault(status: int) -> bool:
    return status in _PASSING_STATUS or (status >= 500 and status not in _NO_SUCH_PLACE)


def _lacks_money(told: ServerError) -> bool:
    is_about_money = any(words in told.text.lower() for words in _NO_MONEY)
    return told.status == 402 or (told.status == _TOO_BUSY and is_about_money)


def _refused(told: ServerError, site: CallSite, key: str) -> SynthError:
    status, detail = told.status, told.detail(key)
    if _lacks_money(told):
        return UnavailableError(f"{site}: no credit: {detail}; raise the limit of the account")
    if 300 <= status < 400:
        return UnavailableError(
            f"{site}: the server sends elsewhere (status {status}), and the key goes nowhere "
            "else; set SYNTH_OPENAI_BASE_URL to the final address"
        )
    if status == 401:  # the words may quote the key
        does = "refuses the key; check" if key else "asks for a key; set"
        return UnavailableError(f"{site}: the server {does} OPENAI_API_KEY")
    if status in _NO_SUCH_PLACE:
        return _not_there(detail, site)
    if _is_server_fault(status):
        return _server_fault(status, detail, site)
    return _invalid(status, detail, site)


def _server_fault(status: int, detail: str, site: CallSite) -> SynthError:
    if status == _TOO_BUSY:
        return AuthorError(
            f"{site}: throttled {site.attempts}: {detail}; try again later, lower "
            "SYNTH_MODEL_CALLS or ask for a higher limit"
        )
    what = "the model failed" if status in _MODEL_FAULTS else f"server error {status}"
    return AuthorError(f"{site}: {what} {site.attempts}: {detail}; try again later")


def _not_there(detail: str, site: CallSite) -> SynthError:
    if "model" in detail.lower():
        return UnavailableError(
            f"{site}: not available: {detail}; set SYNTH_OPENAI_MODEL to a model of this server "
            "(Ollama: `ollama pull` it first)"
        )
    return UnavailableError(
        f"{site}: no chat completions there: {detail}; set SYNTH_OPENAI_BASE_URL to the address "
        "above /chat/completions, which mostly ends in /v1"
    )


def _invalid(status: int, detail: str, site: CallSite) -> SynthError:
    text = detail.lower()
    if status == 403:
        return UnavailableError(f"{site}: access denied: {detail}; check OPENAI_API_KEY")
    if status == 407:
        return UnavailableError(f"{site}: the proxy denies access; check HTTPS_PROXY, HTTP_PROXY")
    if "max_tokens" in text or "max_completion_tokens" in text:
        return UnavailableError(
            f"{site}: refuses max_tokens={site.options.max_tokens}: {detail}; "
            "set SYNTH_OPENAI_MAX_TOKENS lower"
        )
    is_unknown = any(words in text for words in ("does not exist", "not found", "model_not_found"))
    if "model" in text and is_unknown:
        return _not_there(detail, site)
    return AuthorError(f"{site}: request refused (status {status}): {detail}")


def _unreachable(error: Exception, detail: str, site: CallSite) -> SynthError:
    advice = "check that the server runs, SYNTH_OPENAI_BASE_URL, the network and the proxy"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        advice = "set SSL_CERT_FILE to the certificates of its authority"
    return UnavailableError(f"{site}: cannot be reached: {detail}; {advice}")
