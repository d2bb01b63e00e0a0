"""An upstream's metadata (OpenID Connect Discovery 1.0): where its endpoints are, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from idp.authentication.federation.caller import Caller, json_object
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.shelf import Shelf
from idp.foundation.fetch.deadline import Deadline

FRESH_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What we go by."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    names_itself: bool
    """Whether its answers say who it is (RFC 9207)."""


class MetadataShelf:
    """The metadata of every connection's upstream."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._shelf: Shelf[Metadata] = Shelf(FRESH_FOR)

    def of(self, connection: Connection, deadline: Deadline) -> Metadata:
        """The upstream's metadata; FederationRefused where it cannot be had or does not hold."""
        key = f"{connection.id} {connection.version}"
        return self._shelf.get(key, lambda: self.fetch(connection, deadline))

    def fetch(self, connection: Connection, deadline: Deadline) -> Metadata:
        """The metadata as it is now."""
        issuer: str = connection.document["issuer"]
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        return read(json_object(self._caller.get(connection, address, deadline)), issuer)


def read(document: Mapping[str, Any], issuer: str) -> Metadata:
    """The metadata of a document whose issuer is exactly the configured one (section 4.3)."""
    said = document.get("issuer")
    if said != issuer:
        raise FederationRefused(
            Reason.METADATA_ISSUER_MISMATCH, expected=issuer, received=str(said)[:300]
        )
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_address(document, "authorization_endpoint", issuer),
        token_endpoint=_address(document, "token_endpoint", issuer),
        jwks_uri=_address(document, "jwks_uri", issuer),
        userinfo_endpoint=_optional(document, "userinfo_endpoint", issuer),
        end_session_endpoint=_optional(document, "end_session_endpoint", issuer),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _optional(document: Mapping[str, Any], name: str, issuer: str) -> str | None:
    return _address(document, name, issuer) if document.get(name) else None


def _address(document: Mapping[str, Any], name: str, issuer: str) -> str:
    """An address of the document; over TLS wherever the issuer itself is."""
    value = document.get(name)
    if not isinstance(value, str) or not _is_address(value, issuer):
        raise FederationRefused(
            Reason.METADATA_INCOMPLETE, field=name, expected="https://…", received=str(value)[:100]
        )
    return value


def _is_address(value: str, issuer: str) -> bool:
    if len(value) > 2000 or not value.isascii() or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    schemes = ("https",) if issuer.startswith("https:") else ("https", "http")
    is_plain = "@" not in parts.netloc and "\\" not in value and not parts.fragment
    return parts.scheme in schemes and bool(parts.hostname) and is_plain
