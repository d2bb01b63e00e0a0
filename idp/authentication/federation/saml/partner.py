"""Both sides of a connection as values: we as its service provider, and whom we speak to."""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.presets import PRESETS
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import metadata, names, own_keys, pinned
from idp.authentication.federation.saml.metadata import IdentityProvider, IsAllowed
from idp.authentication.federation.saml.service_provider import ServiceProvider
from idp.foundation.clock import utcnow

_MOST_KEPT = 1000


@dataclass(frozen=True, kw_only=True)
class Partner:
    """A connection's two sides."""

    ours: ServiceProvider
    theirs: IdentityProvider


class Partners:
    """The partners of one deployment, each made once from its connection."""

    def __init__(self, issuer: str, allow_private: Collection[str]) -> None:
        self._issuer = issuer
        self._is_allowed = endpoint_rule(allow_private)
        self._cache: dict[str, tuple[Connection, Partner]] = {}

    def of(self, connection: Connection) -> Partner:
        """The connection's partner; FederationRefused while its metadata is not here yet."""
        cached = self._cache.get(connection.id)
        if cached and cached[0] == connection:
            return cached[1]
        partner = Partner(ours=self.ours(connection), theirs=self._theirs(connection))
        if len(self._cache) >= _MOST_KEPT:
            self._cache.clear()
        self._cache[connection.id] = (connection, partner)
        return partner

    def ours(self, connection: Connection) -> ServiceProvider:
        """Our side, which stands before theirs is known."""
        base, kept = f"{self._issuer}{connection.path}", connection.secrets
        coming = kept.get(own_keys.NEXT_SIGNING)
        opening = [kept[name] for name in own_keys.OPENING if name in kept]
        return ServiceProvider(
            entity_id=f"{base}/metadata",
            acs=f"{base}/acs",
            slo=f"{base}/slo",
            signing=own_keys.loaded(kept[own_keys.SIGNING]),
            next_signing=own_keys.loaded(coming).certificate if coming else None,
            encryption=tuple(map(own_keys.loaded, opening)),
            nameid_format=nameid_format(connection),
        )

    def facts(self, connection: Connection) -> dict[str, Any]:
        """What is pinned of the identity provider, to be compared by a person."""
        theirs = self.of(connection).theirs
        return {
            "issuer": theirs.entity_id,
            "keys": [certificate.fingerprint for certificate in theirs.certificates],
            "signs_out": bool(theirs.logout),
        }

    def read(self, connection: Connection, raw: bytes) -> IdentityProvider:
        """The identity provider that metadata describes for this connection."""
        return metadata.read(
            raw,
            now=utcnow(),
            entity_id=connection.document["entity_id"],
            is_allowed=self._is_allowed,
        )

    def kept(self, connection: Connection, text: str) -> IdentityProvider:
        """The same of metadata that was fine when it came: its end is a warning, no refusal."""
        return metadata.read(
            text.encode(),
            now=pinned.ALWAYS,
            entity_id=connection.document["entity_id"],
            is_allowed=self._is_allowed,
        )

    def _theirs(self, connection: Connection) -> IdentityProvider:
        text = pinned.metadata(connection)
        if text is None:
            raise FederationRefused(
                Reason.UPSTREAM_UNREACHABLE, expected=connection.document["metadata_url"]
            )
        return self.kept(connection, text)


def nameid_format(connection: Connection) -> str | None:
    """The format of NameID to ask for: the document's, else its product's."""
    short = connection.document["nameid_format"] or PRESETS[connection.product].nameid_format
    return names.NAMEID_FORMATS[short] if short else None


def endpoint_rule(allow_private: Collection[str]) -> IsAllowed:
    """Where a browser may be sent: to https, and without TLS to hosts that are allowed."""

    def is_allowed(url: str) -> bool:
        if metadata.is_https(url):
            return True
        return metadata.is_web(url) and _is_listed(urlsplit(url).hostname or "", allow_private)

    return is_allowed


def _is_listed(host: str, listed: Collection[str]) -> bool:
    """Whether the host is listed by name, or is an address in a listed network."""
    if host in {entry.lower() for entry in listed}:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(_contains(entry, str(address)) for entry in listed)


def _contains(entry: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(entry, strict=False)
    except ValueError:
        return False
