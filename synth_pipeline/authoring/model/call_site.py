"""The words for a call that failed as calls of every provider fail: silence, breaks, limits.

What a provider's own errors mean lies with the provider.
"""

from dataclasses import dataclass

from synth_pipeline.authoring.model.client import ModelOptions
from synth_pipeline.authoring.model.partial_reply import (
    MAX_REPLY_CHARACTERS,
    OverdueError,
    ReplyEndedError,
    ReplyTooLongError,
)
from synth_pipeline.domain.errors import AuthorError


@dataclass(frozen=True, slots=True)
class CallSite:
    """What an error message needs to know of the call that failed.

    `who` names model and place; the provider's settings begin with `settings`, as SYNTH_BEDROCK.
    """

    who: str
    settings: str
    options: ModelOptions
    endpoint: str = ""
    streams: bool = True
    has_begun: bool = False

    @property
    def attempts(self) -> str:
        """How often it was tried, in words."""
        count = self.options.attempts
        return "in 1 attempt" if count == 1 else f"in all {count} attempts"

    def __str__(self) -> str:
        return self.who


def of_every_provider(error: Exception, site: CallSite) -> AuthorError | None:
    """The project's error for what a PartialReply raises; None for anything else."""
    if isinstance(error, OverdueError):
        return _overdue(site)
    if isinstance(error, ReplyTooLongError):
        return AuthorError(
            f"{site}: the reply is longer than {MAX_REPLY_CHARACTERS:,} characters; "
            f"lower {site.settings}_MAX_TOKENS"
        )
    if isinstance(error, ReplyEndedError):
        return broken(site, "the stream ended before the reply did")
    return None


def may_pass(error: Exception, site: CallSite) -> bool:
    """False where the same call would fail again: a reply too slow or too long costs what it did.

    Only for what a PartialReply raises.
    """
    is_slow = isinstance(error, OverdueError) and site.has_begun
    return not is_slow and not isinstance(error, ReplyTooLongError)


def silent(site: CallSite) -> AuthorError:
    """No byte came for as long as the line may be silent."""
    limit_s = site.options.longest_silence_s(streams=site.streams)
    is_own_limit = limit_s < site.options.read_timeout_s
    setting = "SYNTH_MODEL_SILENCE_S" if is_own_limit else f"{site.settings}_TIMEOUT_S"
    what = "no more of the reply came" if site.has_begun else "no reply"
    return _late(site, what, limit_s, setting)


def broken(site: CallSite, detail: str) -> AuthorError:
    """The connection ended before the reply did."""
    return AuthorError(f"{site}: the connection broke {site.attempts}: {detail}; try again")


def _overdue(site: CallSite) -> AuthorError:
    limit_s, setting = site.options.read_timeout_s, f"{site.settings}_TIMEOUT_S"
    if not site.has_begun:
        return _late(site, "no reply", limit_s, setting)
    return AuthorError(
        f"{site}: the reply was not complete within {limit_s:g} s; raise {setting}, or lower "
        f"{site.settings}_MAX_TOKENS"
    )


def _late(site: CallSite, what: str, limit_s: float, setting: str) -> AuthorError:
    return AuthorError(
        f"{site}: {what} within {limit_s:g} s {site.attempts}; try again later, raise {setting}, "
        "or choose a faster model"
    )
