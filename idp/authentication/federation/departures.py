"""Where a browser goes next: upstream, onward to what it came for, or to why it cannot."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation import provisioning, tries
from idp.authentication.federation.attempts import SIGN_IN, SILENT
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import Departure, ExternalIdentity
from idp.authentication.federation.journey import Journeys
from idp.authentication.federation.provisioning import Arrived
from idp.authentication.federation.reasons import FederationRefused, Reader, Reason, explain
from idp.authentication.federation.tries import Tries
from idp.authentication.interaction import PARAMETER
from idp.authentication.visit import RESUME, Visit
from idp.clients.registry import Clients
from idp.errors import Throttled
from idp.foundation.addresses import network_of
from idp.foundation.clock import utcnow
from idp.foundation.parts import Parts
from idp.foundation.secrets import digest
from idp.foundation.texts import current_locale

_MOST_A_MINUTE = 600
"""Departures of one network, which may be a whole organization behind one address."""
_WOULD_ASK = frozenset((Reason.UPSTREAM_REFUSED, Reason.SAML_STATUS))
_MINUTE = timedelta(minutes=1)


class Departures:
    """Sends browsers on."""

    def __init__(self, parts: Parts, clients: Clients, journeys: Journeys) -> None:
        self._parts = parts
        self._clients = clients
        self._journeys = journeys
        self._cookie = parts.cookies.sso

    def depart(
        self,
        visit: Visit,
        connection: Connection,
        *,
        sealed: str | None,
        is_pressed: bool = False,
        purpose: str = SIGN_IN,
        **wishes: Any,
    ) -> Response:
        """To the upstream; after a failed try to a page with a button first."""
        made = self._tries(visit)
        try:
            if purpose in (SIGN_IN, SILENT):
                provisioning.require_standing(connection)
            if purpose == SILENT and (made.has_failed or made.are_too_many):
                return visit.go(_back(sealed))
            if made.has_failed and not is_pressed:
                return self._ask(visit, connection, sealed)
            if made.are_too_many:
                raise FederationRefused(Reason.TOO_MANY_TRIES)
            self._admit(visit)
            departure = self._journeys.depart(
                connection,
                browser=visit.browser.name,
                purpose=purpose,
                sealed_request=sealed,
                wishes={
                    "locale": current_locale(),
                    "silent": purpose == SILENT,
                    **wishes,
                },
            )
        except FederationRefused as refusal:
            if purpose == SILENT:
                return self._unseen(visit, connection, refusal, None, sealed)
            return self.refuse(visit, connection, None, refusal, sealed=sealed)
        self._keep(visit, made.departing(utcnow()))
        return send(visit, connection, departure)

    def arrived(
        self, visit: Visit, connection: Connection, row: Any, secret: str, arrived: Arrived
    ) -> Response:
        """In: the session's cookie, and onward."""
        visit.begin(secret)
        visit.set_cookie(self._cookie, "", timedelta(0))
        if arrived.locale:
            visit.keep_locale(arrived.locale)
        return self.onward(visit, connection, row.sealed_request)

    def onward(self, visit: Visit, connection: Connection, sealed: str | None) -> Response:
        """To the request that the browser carries, else to the portal, for this organization."""
        interaction = visit.browser.interaction(sealed)
        lifetime = self._parts.settings.lifetimes.interaction
        if interaction and not interaction.is_expired(lifetime):
            return visit.go(interaction.page or _back(sealed))
        portal = visit.portal_address(self._clients, connection.slug)
        return visit.answer(redirect(portal, 303))

    def resume(
        self, visit: Visit, connection: Connection, row: Any, refusal: FederationRefused
    ) -> Response:
        """After a stale answer: onward where this browser is in by now, otherwise once more."""
        sealed = row.sealed_request if row is not None else None
        place = visit.session.place(connection.organization_id) if visit.session else None
        if visit.session and place and visit.session.opens(place):
            return self.onward(visit, connection, sealed)
        if _is_silent(row, refusal):
            return self._unseen(visit, connection, refusal, None, sealed)
        made = self._tries(visit)
        if made.has_failed or made.are_too_many or not made.departed:
            return self.refuse(visit, connection, row, refusal)
        return visit.go(_again(connection, sealed, {}))

    def refuse(
        self,
        visit: Visit,
        connection: Connection,
        row: Any,
        refusal: FederationRefused,
        identity: ExternalIdentity | None = None,
        *,
        sealed: str | None = None,
    ) -> Response:
        """The page that says why not, and how to go on; the client is told where none may be."""
        if _is_silent(row, refusal):
            return self._unseen(visit, connection, refusal, identity, row.sealed_request)
        self._journeys.note_refusal(connection, refusal, identity, by=visit.actor_for(None))
        self._keep(visit, self._tries(visit).failed())
        sealed = row.sealed_request if row is not None else sealed
        return self.page(visit, connection, refusal, sealed)

    def page(
        self, visit: Visit, connection: Connection, refusal: FederationRefused, sealed: str | None
    ) -> Response:
        """The refusal's page alone."""
        page = render_template(
            "authentication/sso_refused.html",
            organization=connection.organization_name,
            text=explain(refusal.reason, Reader.PERSON, current_locale()),
            again=_again(connection, sealed, {"again": "1"}),
            other_account=_again(connection, sealed, {"again": "1", "choose": "1"}),
            portal=visit.portal_address(self._clients),
            reason=refusal.reason.value,
            reference=visit.reference,
            at=utcnow(),
            tried=f"{gettext('sso.tried')} {connection.organization_name}",
        )
        return visit.answer(page, refusal.status)

    def _unseen(
        self,
        visit: Visit,
        connection: Connection,
        refusal: FederationRefused,
        identity: ExternalIdentity | None,
        sealed: str | None,
    ) -> Response:
        """Back without a page: the authorization endpoint tells the client what is missing.

        That the upstream would have to ask the person is no failure of anything, and not kept. No
        cookie is set: a posted answer came without them, and the request is bound to one.
        """
        if refusal.reason not in _WOULD_ASK:
            self._journeys.note_refusal(connection, refusal, identity, by=visit.actor_for(None))
        return redirect(_back(sealed), 303)

    def _ask(self, visit: Visit, connection: Connection, sealed: str | None) -> Response:
        """A failed try behind it, the browser goes upstream again only when somebody says so."""
        page = render_template(
            "authentication/sso_again.html",
            organization=connection.organization_name,
            again=_again(connection, sealed, {"again": "1"}),
            other_account=_again(connection, sealed, {"again": "1", "choose": "1"}),
        )
        return visit.answer(page)

    def _admit(self, visit: Visit) -> None:
        network = digest(network_of(visit.network)).hex()
        if self._parts.ephemeral.increment(f"sso:{network}", _MINUTE) > _MOST_A_MINUTE:
            raise Throttled(_MINUTE)

    def _tries(self, visit: Visit) -> Tries:
        return tries.read(visit.browser_cookie(self._cookie), utcnow())

    def _keep(self, visit: Visit, made: Tries) -> None:
        visit.set_cookie(self._cookie, made.written(), tries.WINDOW)


def send(visit: Visit, connection: Connection, departure: Departure) -> Response:
    """The browser to the upstream: by redirect, or by a page that posts the form."""
    if departure.fields is None:
        return visit.answer(redirect(departure.location, 303))
    page = render_template(
        "authentication/sso_departure.html",
        action=departure.location,
        fields=departure.fields,
        organization=connection.organization_name,
    )
    return visit.answer(page)


def _is_silent(row: Any, refusal: FederationRefused) -> bool:
    """Whether no page may be shown; in a browser that asked for nothing one has to be."""
    is_ours = refusal.reason is not Reason.OTHER_BROWSER
    return row is not None and row.purpose == SILENT and is_ours


def _back(sealed: str | None) -> str:
    return f"{RESUME}?{urlencode({PARAMETER: sealed or ''})}"


def _again(connection: Connection, sealed: str | None, wishes: dict[str, str]) -> str:
    query = urlencode({**({PARAMETER: sealed} if sealed else {}), **wishes})
    return f"{connection.path}?{query}" if query else connection.path
