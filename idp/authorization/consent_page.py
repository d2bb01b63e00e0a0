"""The page on which a person allows a client that is not our own what it asks for, or does not.

The answer is remembered (`consents`); the way on is the same request again, judged anew.
"""

from contextlib import suppress
from urllib.parse import urlencode

from flask import Flask, render_template, request
from werkzeug.wrappers import Response

from idp.authentication.forms import PressForm
from idp.authentication.interaction import PARAMETER
from idp.authentication.session import Session
from idp.authentication.visit import Visit, Visits
from idp.authorization import consents
from idp.authorization.endpoint import Authorization
from idp.authorization.paths import AUTHORIZE_CONSENT, AUTHORIZE_RESUME
from idp.authorization.request import AuthorizationRequest, Unanswerable
from idp.authorization.scopes import in_words
from idp.foundation.database import Conflict
from idp.foundation.texts import current_locale


class ConsentPage:
    """``/authorize/consent``."""

    def __init__(self, visits: Visits, authorization: Authorization) -> None:
        self._visits = visits
        self._authorization = authorization

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(AUTHORIZE_CONSENT, "consent", self.consent, methods=["GET", "POST"])

    def consent(self) -> Response:
        """The question, or what follows its answer."""
        visit = self._visits.current()
        interaction = visit.interaction()
        if interaction is None:
            raise Unanswerable("interaction_lost")
        asked = self._authorization.asked(interaction)
        if visit.session is None or not asked.consent_scope:
            return self._go_on(visit)
        is_answered = PressForm().validate_on_submit()
        if not is_answered or request.form.get("person") != visit.session.person_id:
            # Somebody else signed in in another tab since: they are asked themselves.
            return self._page(visit, visit.session, asked)
        if "allow" in request.form:
            return self._allow(visit, visit.session, asked)
        return self._refuse(visit, visit.session, asked)

    def _page(self, visit: Visit, session: Session, asked: AuthorizationRequest) -> Response:
        metadata = asked.client.metadata
        page = render_template(
            "authorization/consent.html",
            form=PressForm(),
            client=asked.client,
            session=session,
            wanted=in_words(asked.consent_scope, current_locale()),
            addresses={name: metadata[name] for name in _ADDRESSES if metadata.get(name)},
        )
        return visit.answer(page)

    def _allow(self, visit: Visit, session: Session, asked: AuthorizationRequest) -> Response:
        # Two presses at once: the other one has remembered it; if not, the question comes again.
        with suppress(Conflict), self._visits.parts.database.transaction() as tx:
            consents.allow(
                tx,
                session.person_id,
                asked.client.client_id,
                asked.consent_scope,
                by=visit.actor,
            )
        return self._go_on(visit)

    def _refuse(self, visit: Visit, session: Session, asked: AuthorizationRequest) -> Response:
        with self._visits.parts.database.transaction() as tx:
            consents.refuse(tx, session.person_id, asked.client.client_id, by=visit.actor)
        answer = self._authorization.denied(asked, current_locale())
        return visit.answer(Response(answer.body, answer.status, answer.headers))

    def _go_on(self, visit: Visit) -> Response:
        return visit.go(f"{AUTHORIZE_RESUME}?{urlencode({PARAMETER: visit.sealed})}")


_ADDRESSES = ("client_uri", "policy_uri", "tos_uri", "logo_uri")
"""What a client says of itself; shown as text, because what lies there is none of ours."""
