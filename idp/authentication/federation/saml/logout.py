"""Single logout: an identity provider's requests, and its answers to ours (saml-profiles 4.4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import assertion, names, reading, signature
from idp.authentication.federation.saml.assertion import NameId
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.reading import Element
from idp.authentication.federation.saml.response import SKEW, check_envelope, check_status

_REQUEST_LASTS = timedelta(minutes=5)
"""How long after its IssueInstant a request counts that names no end itself."""
_INDEXES = 20


@dataclass(frozen=True, kw_only=True)
class LogoutExpected:
    """What a logout message must be equal to."""

    issuer: str
    slo: str
    """Our logout URL: Destination."""
    now: datetime
    skew: timedelta = SKEW


@dataclass(frozen=True, kw_only=True)
class LogoutRequest:
    """Whose sessions are to end: those named, or all of the person's where none is."""

    id: str
    name_id: NameId
    session_indexes: tuple[str, ...]
    until: datetime
    """From when on the request is refused anyway: so long its id must be remembered."""


def signed_message(raw: bytes, trusted: tuple[Certificate, ...]) -> Element:
    """A logout message that came in a form, as a trusted key signed it; or FederationRefused."""
    root = reading.parse(raw)
    if any(found.getparent() is not root for found in root.iter(tag("ds:Signature"))):
        raise reading.shape("ds:Signature in the message", "elsewhere")
    return signature.verify(root, trusted).element


def read_request(message: Element, expected: LogoutExpected) -> LogoutRequest:
    """A verified LogoutRequest; raises FederationRefused."""
    check_envelope(message, "samlp:LogoutRequest", expected.issuer, expected.slo)
    issued = reading.instant(reading.required(message, "IssueInstant"))
    until = message.get("NotOnOrAfter")
    if until is None:
        until = f"{issued + _REQUEST_LASTS:%Y-%m-%dT%H:%M:%SZ}"
    end = assertion.check_times(message.get("IssueInstant"), until, expected.now, expected.skew)
    if message.find(tag("saml:EncryptedID")) is not None:
        raise FederationRefused(Reason.SUBJECT_MISSING, expected="NameID", received="EncryptedID")
    indexes = tuple(map(reading.text, message.iterfind(tag("samlp:SessionIndex"))))
    if len(indexes) > _INDEXES:
        raise FederationRefused(Reason.SAML_TOO_LARGE, expected=f"{_INDEXES} SessionIndex")
    return LogoutRequest(
        id=reading.required(message, "ID"),
        name_id=assertion.name_id(reading.only(message, "saml:NameID")),
        session_indexes=indexes,
        until=end + expected.skew,
    )


def read_response(message: Element, expected: LogoutExpected, in_response_to: str) -> bool:
    """Whether every session there ended; FederationRefused where this is no answer to ours."""
    check_envelope(message, "samlp:LogoutResponse", expected.issuer, expected.slo)
    given = message.get("InResponseTo", "")
    if given != in_response_to:
        raise FederationRefused(Reason.SAML_IN_RESPONSE_TO, expected=in_response_to, received=given)
    try:
        check_status(message)
    except FederationRefused as refusal:
        if refusal.reason is not Reason.SAML_STATUS:
            raise
        return False
    status = reading.only(reading.only(message, "samlp:Status"), "samlp:StatusCode")
    inner = reading.optional(status, "samlp:StatusCode")
    return inner is None or inner.get("Value") != names.PARTIAL_LOGOUT
