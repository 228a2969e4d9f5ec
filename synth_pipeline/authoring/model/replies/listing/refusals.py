"""Whether a reply refuses to answer, in whatever words; to ask once too often costs one call."""

import re

_ACT = (
    r"\b(?:help|assist|provid\w+|comply|fulfil\w*|answer|respond|generat\w+|produc\w+|creat\w+"
    r"|list\w*|nam\w+|continue|support|engage|shar\w+|write|giv\w+|discuss|offer|process"
    r"|proceed|do (?:that|this|so|it))\b"
)
_NOT = (
    r"\b(?:can(?:'t|not| not)|won't|will not|(?:not |un)able to|shouldn't|should not"
    r"|not (?:allowed|permitted|authori[sz]ed|willing|going) to)\b"
)
_LIMIT = (
    r"\b(?:all (?:of|the|machines|possible|types|kinds)|every|more than|exhaustive|full list"
    r"|complete list|exact (?:model|number|figure|name)s?)\b"
)
_SUBJECT = (
    r"(?:\b(?:I|we|an AI|sorry|unfortunately|model|assistant|system|service)\b[^.\n]{0,60}?"
    r"|^[^\w\n]{0,9})"
)
_REFUSAL = re.compile(
    rf"{_SUBJECT}{_NOT}(?![^.\n]{{0,60}}{_LIMIT})[^.\n]{{0,40}}?{_ACT}"
    r"|\bI\b[^.\n]{0,40}\b(?:decline|refuse)\b"
    r"|\bI(?:'d| would)? (?:rather|prefer) not\b|\bI\b[^.\n]{0,20}\bcomfortable\b"
    r"|\bdon't think I (?:can|should)\b|\b(?:prevents?|prohibit\w*|forbid\w*) (?:me )?from\b"
    r"|\b(?:be|is) (?:inappropriate|un(?:safe|ethical)|irresponsible|illegal|harmful|dangerous)\b"
    r"|\bby (?:an? |the |our )?(?:content|safety|guardrail|moderation|polic)"
    r"|\bnot something (?:I|we)\b|\ban AI\b[^.\n]{0,60}\b(?:don't|do not|cannot|can't)\b"
    r"|\bagainst (?:my|our|the|its) [^.\n]{0,40}(?:guideline|polic|principle|programming)"
    r"|\bviolat\w+ [^.\n]{0,60}(?:guideline|polic|terms of)|\b(?:request|access) denied\b"
    r"|\b(?:request|prompt|response|question|message) [^.\n]{0,20}"
    r"\b(?:was|were|is|has been|have been|can't be|cannot be|could not be) [^.\n]{0,30}"
    r"(?:block|filter|denied|refus|declin|reject|flagged|fulfil|complet|process|not allow"
    r"|not permit)"
    r"|\bno puedo\b|\bje ne peux\b|\bich nicht\b|\bnon posso\b|\bnão posso\b|抱歉|无法",
    re.IGNORECASE | re.MULTILINE,
)
_MAX_LENGTH = 20_000  # a longer reply does not refuse


def is_refusal(text: str) -> bool:
    """True where a reply says that it does not do what was asked, before a list or after it."""
    plain = text[:_MAX_LENGTH].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return _REFUSAL.search(plain) is not None
