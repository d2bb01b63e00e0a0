"""What a verified assertion says, once everything in it holds (saml-profiles 4.1.4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import names, reading
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.reading import Element
from idp.authentication.federation.saml.response import (
    Expected,
    check_issuer,
    check_version,
    verified_assertion,
)

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_KNOWN_CONDITIONS = (
    tag("saml:AudienceRestriction"),
    tag("saml:OneTimeUse"),
    tag("saml:ProxyRestriction"),
)
_VALUES = 2000
_LONGEST = 1000
"""Characters of an ID: longer ones would not be kept, so could not be known again."""


@dataclass(frozen=True, kw_only=True)
class NameId:
    """How the identity provider names a person, whole, so that a logout can say it back."""

    value: str
    format: str = names.UNSPECIFIED
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """One sign-in that an identity provider vouches for."""

    id: str
    until: datetime
    """From when on the assertion is refused anyway: so long its id must be remembered."""
    name_id: NameId | None
    attributes: Mapping[str, tuple[str, ...]] = field(repr=False)
    """By Name. No values: the attribute came empty, which is another thing than its absence."""
    authn_instant: datetime
    authn_context: str
    session_index: str | None
    session_not_on_or_after: datetime | None
    clock_offset: timedelta
    """How far the identity provider's clock seems ahead of ours, less the time on the way."""
    signed_with: str
    """The fingerprint of the certificate whose key signed."""


def read(raw: bytes, expected: Expected) -> Assertion:
    """The assertion of a response, all checked but its novelty; raises FederationRefused.

    The caller must keep ``id`` until ``until`` at least, in the transaction of what it gives, and
    refuse one it has kept (REPLAYED).
    """
    verified = verified_assertion(raw, expected)
    element = verified.element
    check_version(element)
    check_issuer(element, expected.issuer)
    statement = _only_statement(element)
    name_id, confirmed_until = _subject(element, expected)
    until = min(_conditions(element, expected), confirmed_until)
    instant, session_until = _times(statement, expected)
    return Assertion(
        id=_id(element),
        until=until + expected.skew,
        name_id=name_id,
        attributes=_attributes(element),
        authn_instant=instant,
        authn_context=_context(statement),
        session_index=statement.get("SessionIndex"),
        session_not_on_or_after=session_until,
        clock_offset=reading.instant(reading.required(element, "IssueInstant")) - expected.now,
        signed_with=verified.signer.fingerprint,
    )


def name_id(element: Element) -> NameId:
    """A saml:NameID as a value."""
    return NameId(
        value=reading.text(element),
        format=element.get("Format", names.UNSPECIFIED),
        name_qualifier=element.get("NameQualifier"),
        sp_name_qualifier=element.get("SPNameQualifier"),
    )


def check_times(
    not_before: str | None, not_on_or_after: str | None, now: datetime, skew: timedelta
) -> datetime:
    """Refuse what is not valid yet or no more; its end, mandatory and exclusive (core 2.5.1.2)."""
    if not_before is not None and now + skew < (start := reading.instant(not_before)):
        raise FederationRefused(
            Reason.NOT_YET_VALID, expected=f">= {not_before}", received=_stamp(now, start - now)
        )
    if not_on_or_after is None:
        raise FederationRefused(Reason.EXPIRED, expected="NotOnOrAfter", received="none")
    end = reading.instant(not_on_or_after)
    if now - skew >= end:
        raise FederationRefused(
            Reason.EXPIRED, expected=f"< {not_on_or_after}", received=_stamp(now, now - end)
        )
    return end


def _stamp(now: datetime, off: timedelta) -> str:
    return f"{now:%Y-%m-%dT%H:%M:%SZ} ({off.total_seconds():.0f} s)"


def _id(element: Element) -> str:
    value = reading.required(element, "ID")
    if len(value) > _LONGEST:
        raise FederationRefused(Reason.SAML_TOO_LARGE, received="ID")
    return value


def _only_statement(element: Element) -> Element:
    found = element.findall(tag("saml:AuthnStatement"))
    if len(found) != 1:
        raise FederationRefused(
            Reason.SAML_NO_AUTHENTICATION, expected="1", received=str(len(found))
        )
    return found[0]


def _subject(element: Element, expected: Expected) -> tuple[NameId | None, datetime]:
    """Who, and until when the bearer may bring it; one confirmation that holds will do (2.4.1)."""
    subject = reading.only(element, "saml:Subject")
    if any(subject.find(tag(name)) is not None for name in ("saml:EncryptedID", "saml:BaseID")):
        raise FederationRefused(
            Reason.SUBJECT_MISSING, expected="NameID", received="EncryptedID or BaseID"
        )
    named = reading.optional(subject, "saml:NameID")
    refusal = FederationRefused(Reason.SAML_CONFIRMATION, expected=names.BEARER, received="none")
    for confirmation in subject.iterfind(tag("saml:SubjectConfirmation")):
        try:
            until = _confirmed_until(confirmation, expected)
        except FederationRefused as error:
            refusal = error
            continue
        return (None if named is None else name_id(named)), until
    raise refusal


def _confirmed_until(confirmation: Element, expected: Expected) -> datetime:
    method = confirmation.get("Method", "")
    if method != names.BEARER:
        raise FederationRefused(Reason.SAML_CONFIRMATION, expected=names.BEARER, received=method)
    data = reading.only(confirmation, "saml:SubjectConfirmationData")
    recipient = data.get("Recipient", "")
    if recipient != expected.acs:
        raise FederationRefused(Reason.SAML_RECIPIENT, expected=expected.acs, received=recipient)
    given = data.get("InResponseTo")
    if given != expected.in_response_to:
        raise FederationRefused(
            Reason.SAML_IN_RESPONSE_TO, expected=expected.in_response_to or "", received=given or ""
        )
    return check_times(data.get("NotBefore"), data.get("NotOnOrAfter"), expected.now, expected.skew)


def _conditions(element: Element, expected: Expected) -> datetime:
    conditions = reading.only(element, "saml:Conditions")
    for condition in conditions:
        if condition.tag not in _KNOWN_CONDITIONS:
            raise FederationRefused(Reason.SAML_CONDITION, received=reading.local(condition))
    restrictions = conditions.findall(tag("saml:AudienceRestriction"))
    for (
        restriction
    ) in restrictions:  # Each must hold; within one, any audience does (core 2.5.1.4).
        audiences = [reading.text(each) for each in reading.each(restriction, "saml:Audience")]
        if expected.audience not in audiences:
            raise _audience(expected, " ".join(audiences))
    if not restrictions:
        raise _audience(expected, "none")
    return check_times(
        reading.required(conditions, "NotBefore"),
        conditions.get("NotOnOrAfter"),
        expected.now,
        expected.skew,
    )


def _audience(expected: Expected, received: str) -> FederationRefused:
    return FederationRefused(
        Reason.AUDIENCE_MISMATCH, expected=expected.audience, received=received
    )


def _times(statement: Element, expected: Expected) -> tuple[datetime, datetime | None]:
    """When the person signed in there, and when that session ends at the latest, if it says."""
    given = reading.required(statement, "AuthnInstant")
    instant = reading.instant(given)
    if instant > expected.now + expected.skew:
        raise FederationRefused(
            Reason.NOT_YET_VALID,
            expected=f">= {given}",
            received=_stamp(expected.now, instant - expected.now),
        )
    since = expected.authenticated_since
    if since is not None and instant < since - expected.skew:
        raise FederationRefused(
            Reason.SIGN_IN_TOO_OLD, expected=f">= {since:%Y-%m-%dT%H:%M:%SZ}", received=given
        )
    end = statement.get("SessionNotOnOrAfter")
    if end is None:
        return instant, None
    if expected.now - expected.skew >= (over := reading.instant(end)):
        raise FederationRefused(
            Reason.SAML_SESSION_OVER,
            expected=f"< {end}",
            received=_stamp(expected.now, expected.now - over),
        )
    return instant, over


def _context(statement: Element) -> str:
    context = reading.only(statement, "saml:AuthnContext")
    stated = reading.optional(context, "saml:AuthnContextClassRef")
    return "" if stated is None else reading.text(stated)


def _attributes(element: Element) -> dict[str, tuple[str, ...]]:
    """Values by Name; those of an attribute that is repeated are joined."""
    found: dict[str, tuple[str, ...]] = {}
    for attribute in reading.each(element, "saml:AttributeStatement", "saml:Attribute"):
        name = reading.required(attribute, "Name")
        values = tuple(
            value
            for each in attribute.iterfind(tag("saml:AttributeValue"))
            if each.get(_NIL) not in ("true", "1") and (value := _value(each))
        )
        found[name] = (*found.get(name, ()), *values)
        if sum(map(len, found.values())) > _VALUES:
            raise FederationRefused(Reason.SAML_TOO_LARGE, expected=f"{_VALUES} values")
    return found


def _value(element: Element) -> str:
    """An attribute's value: eduPersonTargetedID wraps it in a NameID, nothing else wraps it."""
    inner = reading.optional(element, "saml:NameID")
    return reading.text(element if inner is None else inner)
