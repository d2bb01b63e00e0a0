"""How an answer may travel: in the query, or posted by a form; plain, or in a signed JWT (JARM).

Fragment modes belong to flows that we do not offer and are refused by their name.
"""

from authlib.oauth2.rfc6749 import InvalidRequestError

RESPONSE_MODES = ("query", "form_post", "query.jwt", "form_post.jwt", "jwt")
_DEFAULT = "query"


def response_mode(given: str | None) -> str:
    """The mode asked for, without the short form ``jwt``; InvalidRequestError if not offered."""
    if given is not None and given not in RESPONSE_MODES:
        raise InvalidRequestError(f"response_mode must be one of {' '.join(RESPONSE_MODES)}")
    return "query.jwt" if given == "jwt" else given or _DEFAULT


def mode_for_errors(given: str | None) -> str:
    """The mode asked for where it can be had, for what is wrong with the rest of a request."""
    return response_mode(given) if given in RESPONSE_MODES else _DEFAULT
