"""A logout request as a relying party sends it: checked, and judged against who is signed in.

RP-Initiated Logout 1.0 sections 2 and 3: nothing redirects but to an address that the client, named
by its ID token or its ``client_id``, registered exactly so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from idp.authentication.session import Session
from idp.authorization.hint import Hint, read_hint
from idp.authorization.request import Unanswerable
from idp.clients.client import Client
from idp.clients.registry import Clients
from idp.signing.jwt import InvalidJWT
from idp.signing.ring import SigningKeys

PARAMETERS = (
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
)
"""What the standard knows (section 2); all else is ignored."""


@dataclass(frozen=True, kw_only=True)
class LogoutRequest:
    """Who asks, about whom, and where the browser may go afterwards."""

    parameters: Mapping[str, str]
    hint: Hint | None
    client: Client | None
    onward: str | None
    """The registered address with the client's ``state``; None without one."""

    def is_about(self, session: Session) -> bool:
        """Whether a client's ID token proves that its person, this session's, signed out there.

        It does not where ``logout_hint`` names somebody else.
        """
        subject = self.client.subject(session.person_id) if self.client else session.person_id
        named = self.parameters.get("logout_hint")
        if named not in (None, session.id, subject, session.username, session.email):
            return False
        return self.hint is not None and (self.hint.sid == session.id or self.hint.sub == subject)


def read(
    parameters: Mapping[str, str], clients: Clients, signing_keys: SigningKeys, issuer: str
) -> LogoutRequest:
    """Check a request; Unanswerable where client, hint and address do not fit together."""
    named = parameters.get("client_id")
    hint = _hint(parameters.get("id_token_hint"), named, signing_keys, issuer)
    client_id = named or (hint.client_id if hint else None)
    client = clients.find(client_id) if client_id else None
    address = parameters.get("post_logout_redirect_uri")
    if address is not None and not _is_registered(address, client):
        raise Unanswerable("wrong_post_logout_redirect_uri")
    return LogoutRequest(
        parameters=parameters,
        hint=hint,
        client=client,
        onward=None if address is None else _with_state(address, parameters.get("state")),
    )


def _hint(
    token: str | None, client_id: str | None, signing_keys: SigningKeys, issuer: str
) -> Hint | None:
    if token is None:
        return None
    try:
        return read_hint(token, signing_keys, issuer, client_id)
    except InvalidJWT as error:
        raise Unanswerable("wrong_hint") from error


def _is_registered(address: str, client: Client | None) -> bool:
    return client is not None and address in client.metadata["post_logout_redirect_uris"]


def _with_state(address: str, state: str | None) -> str:
    if state is None:
        return address
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode({"state": state}))))
    return urlunsplit(parts._replace(query=query))
