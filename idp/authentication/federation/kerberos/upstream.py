"""An organization's Kerberos realm as upstream: the browser has the ticket, we have the key."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import Attempt, Departure, ExternalIdentity
from idp.authentication.federation.kerberos import acceptor, token
from idp.authentication.federation.kerberos.principal import attributes
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.clock import utcnow

_REMEMBERED = timedelta(days=1)
"""How long one use of a ticket is known again; the library takes none older than minutes."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Who it is, and our answer to the browser."""

    identity: ExternalIdentity
    reply: str = field(repr=False)


class KerberosUpstream:
    """Every connection of the kind ``kerberos``."""

    def __init__(self, issuer: str) -> None:
        self._host = urlsplit(issuer).hostname

    def service(self, connection: Connection) -> str:
        """Our service principal in the organization's realm."""
        return self.principal(connection.document["realm"])

    @property
    def name(self) -> str:
        """Our service principal name, as it is registered in every realm."""
        return f"HTTP/{self._host}"

    def principal(self, realm: str) -> str:
        """Our service principal in that realm."""
        return f"{self.name}@{realm}"

    def begin(self, connection: Connection, attempt: Attempt) -> Departure:
        """To our own page that asks for the ticket."""
        if attempt.fresh:  # A ticket tells nothing of a new sign-in.
            raise FederationRefused(Reason.SIGN_IN_TOO_OLD, field="prompt")
        acceptor.check(self.service(connection), keytab_of(connection))
        return Departure(location=f"{attempt.redirect_uri}?{urlencode({'state': attempt.id})}")

    def receive(
        self, connection: Connection, answer: Mapping[str, str], attempt: Attempt | None
    ) -> ExternalIdentity:
        """Never: a ticket comes in a header alone, which `hear` reads."""
        raise FederationRefused(Reason.ANSWER_INCOMPLETE, field="Authorization")

    def hear(self, connection: Connection, given: str | None) -> Heard:
        """Who a ticket proves the person to be; ``given``: what followed ``Negotiate``, or None."""
        if given is None:
            raise FederationRefused(Reason.KERBEROS_NOT_OFFERED)
        service, realm = self.service(connection), connection.document["realm"]
        offer = token.read(_decoded(given))
        if f"{offer.service}@{offer.realm}" != service:
            raise _other_service(offer, service, realm)
        accepted = acceptor.accept(offer, service, keytab_of(connection))
        now = utcnow()
        identity = ExternalIdentity(
            connection_id=connection.id,
            organization_id=connection.organization_id,
            subject=accepted.principal,
            attributes=attributes(accepted.principal, realm),
            auth_time=now,
            session_ends_at=now + accepted.lifetime,
            spends=((offer.use, now + _REMEMBERED),),
        )
        answer = token.reply(offer.mechanism, accepted.answer)
        return Heard(identity=identity, reply=base64.b64encode(answer).decode())


def _other_service(offer: token.Offer, service: str, realm: str) -> FederationRefused:
    reason = Reason.KERBEROS_SERVICE if offer.realm == realm else Reason.KERBEROS_REALM
    return FederationRefused(reason, expected=service, received=f"{offer.service}@{offer.realm}")


def keytab_of(connection: Connection) -> bytes:
    """The connection's keytab; never for showing."""
    return base64.b64decode(connection.secrets["keytab"])


def _decoded(given: str) -> bytes:
    if len(given) > token.LARGEST * 4 // 3:
        raise FederationRefused(Reason.KERBEROS_UNREADABLE, received=f"{len(given)} B")
    try:
        return base64.b64decode(given, validate=True)
    except binascii.Error as error:
        raise FederationRefused(Reason.KERBEROS_UNREADABLE, expected="base64") from error
