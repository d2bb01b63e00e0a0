"""The page that asks which organization to act in, or says why the one asked for stays shut."""

from urllib.parse import urlencode

from flask import Flask, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.interaction import PARAMETER, Interaction
from idp.authentication.session import Place, Session
from idp.authentication.visit import RESUME, Visit, Visits
from idp.clients.registry import Clients


class OrganizationChoice:
    """The page ``/login/organization``."""

    def __init__(self, visits: Visits, clients: Clients) -> None:
        self._visits = visits
        self._clients = clients

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(
            "/login/organization", "organization_choice", self.choose, methods=["GET", "POST"]
        )

    def choose(self) -> Response:
        """The organizations that this sign-in opens; a choice is carried on, sealed."""
        visit = self._visits.current()
        interaction = visit.interaction()
        if visit.session is None or interaction is None:
            return visit.go_on(self._clients)
        if request.method == "GET":
            return self._page(visit, visit.session, interaction)
        if request.form.get("other_person"):
            return visit.go(f"/login?{urlencode({PARAMETER: visit.sealed})}")
        place = visit.session.place(request.form.get("organization"))
        if place is None or not (visit.session.opens(place) or place.uses_sso):
            return self._page(visit, visit.session, interaction)
        return self._carry_on(visit, interaction, place)

    def _carry_on(self, visit: Visit, interaction: Interaction, place: Place) -> Response:
        """The same request with the choice in it, which also replaces an organization asked for."""
        parameters = dict(interaction.parameters)
        if "organization" in parameters:
            parameters["organization"] = place.slug
        chosen = Interaction(
            parameters=parameters,
            begun_at=interaction.begun_at,
            chosen=place.organization_id,
        )
        sealed = chosen.seal(self._visits.parts.keyring, visit.browser.name)
        return visit.go(f"{RESUME}?{urlencode({PARAMETER: sealed})}")

    def _page(self, visit: Visit, session: Session, interaction: Interaction) -> Response:
        address = f"/login/organization?{urlencode({PARAMETER: visit.sealed})}"
        wanted = interaction.parameters.get("organization")
        # One that uses single sign-on is entered through its own way in, which the policy knows.
        opened = [place for place in session.places if session.opens(place) or place.uses_sso]
        last = session.organization_id or session.last_organization_id
        opened.sort(key=lambda place: place.organization_id != last)
        shut = wanted if wanted and all(place.slug != wanted for place in opened) else None
        page = render_template(
            "authentication/organization.html",
            choices=[(place.name, _roles(place), place.organization_id) for place in opened],
            action=address,
            switch_action=address,
            refused=shut,
            name=session.given_name,
        )
        return visit.answer(page)


def _roles(place: Place) -> str:
    return gettext("organization_choice.main_user") if place.is_main_user else ""
