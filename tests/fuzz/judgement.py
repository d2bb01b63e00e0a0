"""What an answer to an odd request must be: never a 5xx, and in the standard's words."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from tests.fuzz.calls import Answer, Call
from tests.fuzz.endpoints import Words
from tests.fuzz.odd import MARK
from tests.provider import ISSUER, PORTAL

TOKEN_ERRORS = frozenset(
    (
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client"),
        *("unsupported_grant_type", "invalid_scope"),  # RFC 6749 section 5.2
        "unsupported_token_type",  # RFC 7009 section 2.2.1
        *("invalid_dpop_proof", "use_dpop_nonce"),  # RFC 9449 sections 5 and 8
        "invalid_target",  # RFC 8707 section 2
        *("authorization_pending", "slow_down", "access_denied", "expired_token"),  # RFC 8628 3.5
        *("invalid_request_uri", "invalid_request_object", "request_not_supported"),  # OIDC Core
        *("request_uri_not_supported", "registration_not_supported"),
        *(
            "unsupported_response_type",
            "login_required",
            "interaction_required",
        ),  # PAR: RFC 9126 2.3
        *("consent_required", "account_selection_required", "unmet_authentication_requirements"),
    )
)
BEARER_ERRORS = frozenset(("invalid_request", "invalid_token", "insufficient_scope"))
PROFILE_ERRORS = frozenset(("unsupported_media_type", "read_only", "invalid"))
REGISTRATION_ERRORS = frozenset(
    (
        *("invalid_redirect_uri", "invalid_client_metadata"),  # RFC 7591 section 3.2.2
        *("invalid_software_statement", "unapproved_software_statement"),
    )
)
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
"""RFC 6749 sections 4.1.2.1 and 5.2."""


def judge(words: Words, call: Call, answer: Answer) -> None:
    """Fail where the answer is not what a standard lets us give."""
    assert answer.status < 500, (answer.status, answer.body[:300])
    assert MARK.encode() not in answer.body
    assert b"Traceback" not in answer.body
    if call.method == "HEAD" or answer.status in (204, 405):
        return
    if words is Words.BROWSER:
        _browser(call, answer)
    elif answer.status >= 400:
        _error(words, answer)


def _error(words: Words, answer: Answer) -> None:
    assert answer.headers["cache-control"] == "no-store"
    if answer.status == 401:
        assert answer.headers["www-authenticate"].startswith(("Basic ", "Bearer ", "DPoP "))
    assert answer.headers["content-type"].startswith(
        ("application/json", "application/problem+json")
    )
    body = json.loads(answer.body)
    if answer.status == 429:
        assert int(answer.headers["retry-after"]) > 0
        return
    if answer.headers["content-type"].startswith("application/problem+json"):
        assert words is Words.BEARER
        assert answer.status == body["status"]
        return
    if words is not Words.OAUTH and answer.status == 401 and body == {}:
        return  # RFC 6750 section 3.1: no error where no token was given.
    expected = {
        Words.OAUTH: TOKEN_ERRORS,
        Words.BEARER: BEARER_ERRORS | TOKEN_ERRORS,
        Words.REGISTRATION: REGISTRATION_ERRORS | BEARER_ERRORS,
    }[words]
    assert body["error"] in expected, body
    assert DESCRIPTION.fullmatch(body.get("error_description", "")), body


def _browser(call: Call, answer: Answer) -> None:
    location = answer.headers.get("location")
    if location is None:
        return
    assert answer.status in (302, 303, 308), answer.status
    to = urlsplit(location)
    if to.netloc in ("", urlsplit(ISSUER).netloc):
        return
    if call.path.startswith("/sso/"):
        assert to.netloc.startswith("127.0.0.1:") or to.netloc in _KNOWN_HOSTS, location
        return
    assert location.startswith(f"{PORTAL}/"), location
    said = parse_qs(to.query)
    if "error" in said:
        assert DESCRIPTION.fullmatch(said.get("error_description", [""])[0]), location
        assert said["iss"] == [ISSUER]  # RFC 9207 section 2


_KNOWN_HOSTS = ("idp.example.org", urlsplit(PORTAL).netloc)
