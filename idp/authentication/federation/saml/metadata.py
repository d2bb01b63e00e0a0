"""What an identity provider says of itself: its metadata read into a value (saml-metadata 2.4)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import certificates, names, reading, signature
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.reading import Element

_BINDINGS = (names.REDIRECT, names.POST)
_LONGEST_URL = 2000
_LONGEST_ENTITY_ID = 1024
"""saml-core 8.3.6."""
_CERTIFICATES = 10

IsAllowed = Callable[[str], bool]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a message is sent, and where an answer to one goes (metadata 2.2.2)."""

    location: str
    response_location: str


@dataclass(frozen=True, kw_only=True)
class IdentityProvider:
    """An identity provider, as its metadata has it."""

    entity_id: str
    sign_in: Mapping[str, Endpoint]
    """By binding, those we can use; at least one."""
    logout: Mapping[str, Endpoint]
    certificates: tuple[Certificate, ...]
    """What it may sign with: keys strong enough, at least one."""
    wants_signed_requests: bool
    valid_until: datetime | None
    scopes: frozenset[str]
    """The domains its scoped attributes may end in (shibmd:Scope); empty: it does not say."""


def is_https(url: str) -> bool:
    """Whether a URL is https with a host: what endpoints must be where nothing else is allowed."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        return False


def is_web(url: str) -> bool:
    """Whether a URL is https or http with a host; which hosts may do without TLS, others say."""
    return is_https(re.sub("^http:", "https:", url))


def read(
    raw: bytes, *, now: datetime, entity_id: str | None = None, is_allowed: IsAllowed = is_https
) -> IdentityProvider:
    """The identity provider that metadata describes; raises FederationRefused.

    ``entity_id`` picks one where the document holds several; ``is_allowed`` judges endpoints' URLs.
    """
    entity = _entity(_parse(raw), entity_id)
    valid_until = _valid_until(entity)
    if valid_until is not None and now >= valid_until:
        raise FederationRefused(
            Reason.SAML_METADATA_EXPIRED,
            expected=f"> {now:%Y-%m-%dT%H:%M:%SZ}",
            received=f"validUntil {valid_until:%Y-%m-%dT%H:%M:%SZ}",
        )
    role = _role(entity)
    sign_in = _endpoints(role, "md:SingleSignOnService", is_allowed)
    if not sign_in:
        raise _unusable("SingleSignOnService, HTTP-Redirect or HTTP-POST, https", "none")
    return IdentityProvider(
        entity_id=_entity_id(entity),
        sign_in=sign_in,
        logout=_endpoints(role, "md:SingleLogoutService", is_allowed),
        certificates=_certificates(role),
        wants_signed_requests=role.get("WantAuthnRequestsSigned") in ("true", "1"),
        valid_until=valid_until,
        scopes=_scopes(entity, role),
    )


def is_signed_by(raw: bytes, trusted: tuple[Certificate, ...]) -> bool:
    """Whether one of the trusted keys signed the whole document."""
    try:
        signature.verify(_parse(raw), trusted)
    except FederationRefused:
        return False
    return True


def _parse(raw: bytes) -> Element:
    return reading.parse(raw.removeprefix(b"\xef\xbb\xbf"), largest=reading.LARGEST_METADATA)


def _entity(root: Element, entity_id: str | None) -> Element:
    """The one entity with an identity provider's role, or the one named."""
    if root.tag not in (tag("md:EntityDescriptor"), tag("md:EntitiesDescriptor")):
        raise _unusable("md:EntityDescriptor", reading.local(root))
    found = [
        entity
        for entity in root.iter(tag("md:EntityDescriptor"))
        if entity.find(tag("md:IDPSSODescriptor")) is not None
        and entity_id in (None, entity.get("entityID"))
    ]
    if len(found) != 1:
        raise _unusable(f"one IDPSSODescriptor {entity_id or ''}".strip(), str(len(found)))
    return found[0]


def _role(entity: Element) -> Element:
    for role in entity.iterfind(tag("md:IDPSSODescriptor")):
        if names.PROTOCOL in role.get("protocolSupportEnumeration", "").split():
            return role
    raise _unusable(names.PROTOCOL, "protocolSupportEnumeration")


def _entity_id(entity: Element) -> str:
    value = reading.required(entity, "entityID")
    if len(value) > _LONGEST_ENTITY_ID:
        raise _unusable(f"entityID of {_LONGEST_ENTITY_ID} characters", str(len(value)))
    return value


def _valid_until(entity: Element) -> datetime | None:
    """The earliest end that the entity or what surrounds it names."""
    stated = [
        value for each in (entity, *entity.iterancestors()) if (value := each.get("validUntil"))
    ]
    return min(map(reading.instant, stated), default=None)


def _endpoints(role: Element, name: str, is_allowed: IsAllowed) -> dict[str, Endpoint]:
    """The first usable endpoint of each binding we speak."""
    found: dict[str, Endpoint] = {}
    for element in role.iterfind(tag(name)):
        binding, location = element.get("Binding", ""), element.get("Location", "")
        response = element.get("ResponseLocation") or location
        usable = all(len(url) <= _LONGEST_URL and is_allowed(url) for url in (location, response))
        if binding in _BINDINGS and usable:
            found.setdefault(binding, Endpoint(location=location, response_location=response))
    return found


def _certificates(role: Element) -> tuple[Certificate, ...]:
    """What signs, each key once, in the order given; weak keys do not count."""
    stated = [
        certificates.read(reading.text(element))
        for descriptor in role.iterfind(tag("md:KeyDescriptor"))
        if descriptor.get("use", "signing") == "signing"
        for element in reading.each(descriptor, "ds:KeyInfo", "ds:X509Data", "ds:X509Certificate")
    ]
    usable = tuple(dict.fromkeys(each for each in stated if each.key is not None))
    if not usable:
        smallest = certificates.SMALLEST_RSA
        raise FederationRefused(
            Reason.SAML_NO_KEY,
            expected=f"RSA >= {smallest}, P-256/384/521",
            received=str(len(stated)),
        )
    if len(usable) > _CERTIFICATES:
        raise _unusable(f"at most {_CERTIFICATES} signing certificates", str(len(usable)))
    return usable


def _scopes(entity: Element, role: Element) -> frozenset[str]:
    """The scopes stated literally; a regular expression is code from outside, and is not run."""
    return frozenset(
        reading.text(scope).lower()
        for level in (entity, role)
        for scope in reading.each(level, "md:Extensions", "shibmd:Scope")
        if scope.get("regexp", "false") not in ("true", "1")
    )


def _unusable(expected: str, received: str) -> FederationRefused:
    return FederationRefused(Reason.SAML_METADATA, expected=expected, received=received)
