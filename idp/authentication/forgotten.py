"""'Unohditko salasanasi?': one field, and the same answer for everybody (M4, M8)."""

from flask import Flask, render_template
from werkzeug.wrappers import Response

from idp.authentication import recovery
from idp.authentication.forms import ForgottenForm
from idp.authentication.interaction import Interaction
from idp.authentication.visit import Visit, Visits
from idp.directory import usernames
from idp.foundation.clock import utcnow
from idp.foundation.texts import current_locale
from idp.foundation.throttle import Throttle


class Forgotten:
    """The page ``/password/forgotten``."""

    def __init__(self, visits: Visits, throttle: Throttle) -> None:
        self._visits = visits
        self._throttle = throttle

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(
            "/password/forgotten", "forgotten", self.forgotten, methods=["GET", "POST"]
        )

    def forgotten(self) -> Response:
        """The form; or, whatever was typed, word that a mail is on its way if there is somebody."""
        visit = self._visits.current()
        form = ForgottenForm()
        if form.validate_on_submit():
            self._order(visit, form.username.data)
            return visit.answer(
                render_template("authentication/mail_sent.html", sealed=visit.sealed)
            )
        page = render_template(
            "authentication/forgotten.html",
            form=form,
            sealed=visit.sealed,
            is_first=_is_first(visit.interaction()),
        )
        return visit.answer(page, 422 if form.errors else 200)

    def _order(self, visit: Visit, login: str) -> None:
        """Note the order; orders are limited for each name and network, known or not."""
        self._throttle.admit_order(usernames.key(login), visit.network)
        with self._visits.parts.database.transaction() as tx:
            recovery.order(
                tx,
                recovery.Order(
                    login=login,
                    requested_at=utcnow(),
                    reference=visit.reference,
                    network=visit.network,
                    locale=current_locale(),
                ),
            )


def _is_first(interaction: Interaction | None) -> bool:
    """Whether a client sent somebody who has no password yet (``prompt=create``)."""
    return interaction is not None and "create" in interaction.parameters.get("prompt", "").split()
