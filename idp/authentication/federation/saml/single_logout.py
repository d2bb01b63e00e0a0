"""Single logout of a connection, both ways: asking the upstream, and being asked (profiles 4.4)."""

from dataclasses import dataclass
from datetime import timedelta

from idp.audit import Actor
from idp.authentication.federation import attempts, upstream_sessions
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import Departure
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import bindings, logout, messages, names
from idp.authentication.federation.saml import sessions as ended
from idp.authentication.federation.saml.bindings import Parameter
from idp.authentication.federation.saml.logout import LogoutExpected
from idp.authentication.federation.saml.partner import Partner, Partners
from idp.authentication.federation.saml.reading import Element
from idp.authentication.sessions import Sessions
from idp.foundation.clock import utcnow
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_id

PURPOSE = "saml_logout"
"""What an attempt is for that goes out to end a session."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A logout message as it came: in a query as it was sent, or in a form."""

    parameter: Parameter
    query: str | None
    form: str | None
    relay_state: str


class SingleLogout:
    """Single logout in one deployment."""

    def __init__(self, parts: Parts, sessions: Sessions, partners: Partners) -> None:
        self._parts = parts
        self._sessions = sessions
        self._partners = partners

    def depart(
        self, connection: Connection, session_id: str, *, browser: str, onward: str
    ) -> Departure | None:
        """Where to send the browser to end the session there; None where nothing can be ended."""
        partner = self._partners.of(connection)
        place = _place(partner)
        with self._parts.database.transaction() as tx:
            owed = ended.leaving(tx, self._parts.keyring, session_id, connection.id)
            if place is None or owed is None:
                return None
            request = messages.logout_request(
                issuer=partner.ours.entity_id,
                destination=place[1],
                now=utcnow(),
                name_id=owed[0],
                session_index=owed[1],
            )
            attempt_id = random_id()
            attempts.begin(
                tx,
                self._parts.keyring,
                attempt_id=attempt_id,
                connection_id=connection.id,
                browser=browser,
                purpose=PURPOSE,
                sealed_request=None,
                kept={
                    "request": request.get("ID", ""),
                    "session": session_id,
                    "onward": onward,
                },
            )
        return _sent(request, place, "SAMLRequest", attempt_id, partner)

    def answered(self, connection: Connection, message: Message) -> tuple[str, bool]:
        """The upstream's answer to ours: where to go on, and whether all ended there."""
        partner = self._partners.of(connection)
        element = _verified(message, partner)
        with self._parts.database.transaction() as tx:
            row = attempts.find(tx, message.relay_state)
            attempts.require_open(row, connection.id)
            if row.purpose != PURPOSE:
                raise FederationRefused(Reason.ATTEMPT_UNKNOWN)
            kept = attempts.kept(self._parts.keyring, row)
            expected = _expected(connection, partner)
            is_whole = logout.read_response(element, expected, kept["request"])
            attempts.spend(tx, row)
            if is_whole:
                upstream_sessions.left(tx, kept["session"], connection.id)
        return kept["onward"], is_whole

    def asked(self, connection: Connection, message: Message, *, by: Actor) -> Departure:
        """The upstream's request: its sessions end, and it is answered, signed."""
        partner = self._partners.of(connection)
        request = logout.read_request(_verified(message, partner), _expected(connection, partner))
        with self._parts.database.transaction() as tx:
            ended.spend(tx, connection.id, request)
            rows = ended.named(tx, self._parts.keyring, connection.id, request)
            upstream_sessions.end(tx, self._sessions, rows, by=by)
        place = _place(partner)
        if place is None:
            raise FederationRefused(Reason.SAML_METADATA, expected="SingleLogoutService")
        binding, _, answer_at = place
        answer = messages.logout_response(
            issuer=partner.ours.entity_id,
            destination=answer_at,
            now=utcnow(),
            in_response_to=request.id,
            status=names.SUCCESS,
        )
        place = (binding, answer_at, answer_at)
        return _sent(answer, place, "SAMLResponse", message.relay_state, partner)


Place = tuple[str, str, str]
"""A binding, where requests go and where answers do."""


def _place(partner: Partner) -> Place | None:
    for binding in (names.REDIRECT, names.POST):
        if endpoint := partner.theirs.logout.get(binding):
            return binding, endpoint.location, endpoint.response_location
    return None


def _sent(
    message: Element, place: Place, parameter: Parameter, relay_state: str, partner: Partner
) -> Departure:
    binding, location, _ = place
    key = partner.ours.signing
    if binding == names.REDIRECT:
        url = bindings.redirect(message, location, parameter, relay_state, key)
        return Departure(location=url)
    form = bindings.form(message, location, parameter, relay_state, key)
    return Departure(location=form.action, fields=form.fields)


def _verified(message: Message, partner: Partner) -> Element:
    """The message as a pinned key signed it; unsigned ones end nobody's session."""
    trusted = partner.theirs.certificates
    if message.query is not None:
        return bindings.queried(message.query, message.parameter, trusted)
    return logout.signed_message(bindings.posted(message.form or ""), trusted)


def _expected(connection: Connection, partner: Partner) -> LogoutExpected:
    return LogoutExpected(
        issuer=partner.theirs.entity_id,
        slo=partner.ours.slo,
        now=utcnow(),
        skew=timedelta(seconds=connection.document["clock_skew_seconds"]),
    )
