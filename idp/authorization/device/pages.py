"""The pages on which a person lets a device in, or keeps it out (RFC 8628 section 3.3).

What the person sees before answering is meant to stop whoever lured them here: who asks, from
where, since when, and the code that must be on the device in front of them (section 5.4).
"""

from urllib.parse import urlencode

from flask import Flask, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from idp.authentication.federation.connections import Connections
from idp.authentication.federation.homes import way
from idp.authentication.interaction import PARAMETER, Interaction
from idp.authentication.session import Place, Session
from idp.authentication.visit import Visit, Visits
from idp.authorization.device import requests
from idp.authorization.device.ticket import Ticket, open_ticket
from idp.authorization.device.user_codes import normalized
from idp.authorization.paths import DEVICE
from idp.authorization.scopes import in_words
from idp.clients.client import Client
from idp.clients.registry import Clients
from idp.foundation.clock import utcnow
from idp.foundation.texts import current_locale
from idp.foundation.throttle import Throttle

_CONFIRM = f"{DEVICE}/confirm"
_ENDS = ("approved", "refused", "gone")
_LONGEST = 40


class CodeForm(FlaskForm):
    """The code on the device's screen."""

    user_code = StringField(
        lazy_gettext("device.code"),
        [
            InputRequired(lazy_gettext("device.code.required")),
            Length(max=_LONGEST, message=lazy_gettext("device.code.wrong")),
        ],
    )


class AnswerForm(FlaskForm):
    """The answer, and for which organization."""

    organization = RadioField(
        lazy_gettext("device.organization"),
        [InputRequired(lazy_gettext("device.organization.required"))],
    )


class DevicePages:
    """``/device`` and what follows it."""

    def __init__(
        self, visits: Visits, clients: Clients, throttle: Throttle, connections: Connections
    ) -> None:
        self._visits = visits
        self._database = visits.parts.database
        self._keyring = visits.parts.keyring
        self._clients = clients
        self._throttle = throttle
        self._connections = connections

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        app.add_url_rule(DEVICE, "device", self.enter, methods=["GET", "POST"])
        app.add_url_rule(_CONFIRM, "device_confirm", self.confirm, methods=["GET", "POST"])
        for end in _ENDS:
            app.add_url_rule(f"{DEVICE}/{end}", f"device_{end}", self.end, defaults={"end": end})

    def enter(self) -> Response:
        """Ask for the code; one that came in the address is only filled in, never taken."""
        visit, form = self._visits.current(), CodeForm()
        if form.validate_on_submit():
            self._throttle.admit_user_code(visit.network)
            if ticket := self._ticket(form.user_code.data or ""):
                return self._to_confirm(visit, ticket)
            self._throttle.wrong_user_code(visit.network)
            form.user_code.errors = [gettext("device.code.wrong")]
        elif request.method == "GET":
            form.user_code.data = normalized(request.args.get("user_code", "")[:_LONGEST])
        page = render_template("authorization/device_code.html", form=form)
        return visit.answer(page)

    def confirm(self) -> Response:
        """Show who asks; take the answer of the person who is signed in."""
        visit = self._visits.current()
        ticket = open_ticket(self._keyring, request.args.get("device"), visit.browser.name)
        if ticket is None:
            return visit.go(DEVICE)
        with self._database.reading() as tx:
            waiting = requests.waiting(tx, ticket.request_id)
        client = self._clients.find(waiting.client_id) if waiting else None
        if client is None:
            return visit.go(f"{DEVICE}/gone")
        places = _places(visit.session, waiting.scope) if visit.session else []
        sso = None if places else self._sso_asked_for(waiting.scope)
        if visit.session is None or sso:
            return self._to_sign_in(visit, ticket, sso)
        form = AnswerForm()
        form.organization.choices = [(place.organization_id, place.name) for place in places]
        # Somebody else signed in in another tab since: they are asked themselves.
        is_theirs = request.form.get("person") == visit.session.person_id
        if request.method == "POST" and is_theirs and "refuse" in request.form:
            return self._refuse(visit, visit.session, ticket)
        if form.validate_on_submit() and is_theirs and "allow" in request.form:
            place = visit.session.place(form.organization.data)
            if place in places:
                return self._approve(visit, visit.session, ticket, place, client)
        page = render_template(
            "authorization/device_confirm.html",
            form=form,
            session=visit.session,
            places=places,
            client=client,
            code=ticket.user_code,
            waiting=waiting,
            wanted=in_words(waiting.scope.split(), current_locale()),
        )
        return visit.answer(page)

    def end(self, end: str) -> Response:
        """How it ended."""
        page = render_template("authorization/device_end.html", end=end)
        return self._visits.current().answer(page)

    def _ticket(self, typed: str) -> Ticket | None:
        code = normalized(typed)
        if code is None:
            return None
        with self._database.reading() as tx:
            waiting = requests.waiting_for(tx, self._keyring, code)
        return Ticket(request_id=waiting.id, user_code=code) if waiting else None

    def _to_confirm(self, visit: Visit, ticket: Ticket) -> Response:
        return visit.go(self._address(visit, ticket))

    def _sso_asked_for(self, scope: str) -> str | None:
        """The only organization that the device asks for, if people come there by its own way."""
        wanted = _wanted(scope)
        return wanted[0] if len(wanted) == 1 and self._connections.uses_sso(wanted[0]) else None

    def _to_sign_in(self, visit: Visit, ticket: Ticket, sso: str | None) -> Response:
        """The sign-in page, or the organization's own way in, and from there to the question."""
        interaction = Interaction(
            parameters={}, begun_at=utcnow(), page=self._address(visit, ticket)
        )
        sealed = interaction.seal(self._keyring, visit.browser.name)
        return visit.go(way(sso, sealed) if sso else f"/login?{urlencode({PARAMETER: sealed})}")

    def _address(self, visit: Visit, ticket: Ticket) -> str:
        sealed = ticket.seal(self._keyring, visit.browser.name)
        return f"{_CONFIRM}?{urlencode({'device': sealed})}"

    def _approve(
        self, visit: Visit, session: Session, ticket: Ticket, place: Place, client: Client
    ) -> Response:
        with self._database.transaction() as tx:
            was_open = requests.approve(
                tx,
                ticket.request_id,
                session,
                place,
                acr_values=client.default_acr_values,
                by=visit.actor,
            )
        return visit.go(f"{DEVICE}/{'approved' if was_open else 'gone'}")

    def _refuse(self, visit: Visit, session: Session, ticket: Ticket) -> Response:
        with self._database.transaction() as tx:
            was_open = requests.refuse(tx, ticket.request_id, session, by=visit.actor)
        return visit.go(f"{DEVICE}/{'refused' if was_open else 'gone'}")


def _wanted(scope: str) -> list[str]:
    """The organizations that the device asks for; empty where any will do."""
    return [name.partition(":")[2] for name in scope.split() if name.startswith("organization:")]


def _places(session: Session, scope: str) -> list[Place]:
    """Where the person may let the device in: what this sign-in opens, of what the device asks."""
    wanted = _wanted(scope)
    return [
        place
        for place in session.places
        if session.opens(place) and (not wanted or place.slug in wanted)
    ]
