"""'Käyttäjäprofiili', the tab 'Tiedot': name, e-mail, title, unit and language (M11, M13).

What may be edited in the organization acted in, and why not, is `directory.access`'s to say (M12).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from flask import Flask, flash, request
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from idp.authentication.email_change import order_confirmation
from idp.authentication.links import Links, pending_address
from idp.authentication.session import Session
from idp.directory import fields, memberships, organizations, persons, profile
from idp.directory.access import FieldAccess, Permission, Reason, explain, profile_access
from idp.directory.models import Membership, Organization, Person
from idp.errors import Invalid, Throttled
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.sealed import Unopenable
from idp.foundation.texts import current_locale
from idp.foundation.throttle import Throttle
from idp.foundation.web.site import LOCALE_KEPT
from idp.pages.account.forms import ProfileForm
from idp.pages.account.tabs import profile_tabs
from idp.pages.fresh import require_fresh
from idp.pages.menu import PROFILE
from idp.pages.places import chosen_place, open_places
from idp.pages.shell import Shell, SignedInVisit

_DRAFT = "profile draft"
_LONGEST_DRAFT = 2000


@dataclass(frozen=True, kw_only=True)
class Known:
    """A person as the organization acted in knows them; without one, as they say themselves."""

    person: Person
    membership: Membership | None
    organization: Organization | None

    @classmethod
    def read(cls, tx: Transaction, session: Session) -> "Known":
        """The signed-in person in the organization they act in."""
        place = chosen_place(session)
        organization_id = place.organization_id if place else None
        return cls(
            person=persons.get(tx, session.person_id),
            membership=memberships.get(tx, organization_id, session.person_id)
            if organization_id
            else None,
            organization=organizations.get(tx, organization_id) if organization_id else None,
        )

    @property
    def values(self) -> dict[str, str | None]:
        """The profile as it stands."""
        return profile.values(self.person, self.membership)

    @property
    def access(self) -> dict[str, FieldAccess]:
        """What of it the person may edit here."""
        return profile_access(self.person, self.membership, self.organization)


class Profile:
    """``/account/profile``."""

    def __init__(self, shell: Shell, links: Links, throttle: Throttle) -> None:
        self._shell = shell
        self._links = links
        self._throttle = throttle
        self._parts = shell.visits.parts

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(PROFILE, "account_profile", self.profile, methods=["GET", "POST"])

    def profile(self) -> Response:
        """The form, or what saving it came to: all of it is kept, or nothing."""
        visit = self._shell.signed_in()
        with self._parts.database.reading() as tx:
            known = Known.read(tx, visit.session)
            pending = tx.session.scalar(pending_address(known.person.id, utcnow()))
        draft = self._draft(visit)
        form = ProfileForm(data=known.values | draft)
        if not form.validate_on_submit():
            return self._page(visit, known, pending, form, 422 if form.errors else 200, bool(draft))
        try:
            return self._save(visit, _changes(form, known))
        except profile.ReadOnly as error:
            _refuse(form, {name: _why(access) for name, access in error.fields.items()})
            return self._page(visit, known, pending, form, error.status)
        except Invalid as error:
            _refuse(form, _descriptions(error))
            return self._page(visit, known, pending, form, error.status)
        except Throttled as error:
            _refuse(form, {"email": gettext("profile.email.throttled")})
            return self._page(visit, known, pending, form, error.status)

    def _save(self, visit: SignedInVisit, changes: Mapping[str, object]) -> Response:
        with self._parts.database.transaction() as tx:
            known = Known.read(tx, visit.session)
            outcome = profile.change(
                tx, known.person, known.membership, known.organization, changes, by=visit.actor
            )
            if outcome.pending_email:
                self._order(tx, visit, known.person, changes, outcome.pending_email)
        if "locale" in outcome.changed:
            self._keep_locale(visit, known.person.locale)
        with force_locale(known.person.locale or current_locale()):
            flash(gettext("profile.saved"), "success")
            if outcome.pending_email:
                flash(gettext("profile.email.ordered", address=outcome.pending_email), "info")
        return visit.go(PROFILE)

    def _order(
        self,
        tx: Transaction,
        visit: SignedInVisit,
        person: Person,
        changes: Mapping[str, object],
        address: str,
    ) -> None:
        """Order the confirming link; first a new sign-in where the last one was long ago."""
        require_fresh(visit.session, self._draft_page(person, changes))
        self._throttle.admit_order(person.id, visit.network)
        order_confirmation(tx, self._links, person, address)

    def _draft_page(self, person: Person, changes: Mapping[str, object]) -> str:
        """This page with what was typed, sealed, so that nobody types it twice."""
        sealed = self._parts.keyring.seal_json(_DRAFT, dict(changes), context=person.id)
        page = f"{PROFILE}?{urlencode({'draft': sealed})}"
        return page if len(page) <= _LONGEST_DRAFT else PROFILE

    def _draft(self, visit: SignedInVisit) -> dict[str, str | None]:
        """What the person had typed before they were asked to sign in again."""
        try:
            sealed = request.args.get("draft", "")
            return self._parts.keyring.unseal_json(_DRAFT, sealed, visit.session.person_id)
        except Unopenable:
            return {}

    def _keep_locale(self, visit: SignedInVisit, locale: str | None) -> None:
        """Let this browser keep to the language chosen, or to none."""
        cookie = self._parts.cookies.locale
        visit.set_cookie(cookie, locale or "", LOCALE_KEPT if locale else timedelta(0))

    def _page(
        self,
        visit: SignedInVisit,
        known: Known,
        pending: str | None,
        form: ProfileForm,
        status: int,
        is_draft: bool = False,
    ) -> Response:
        access = known.access
        managed_by = next((may.source for may in access.values() if may.source), None)
        return self._shell.render(
            visit,
            "pages/account/profile.html",
            current=PROFILE,
            breadcrumb=[(gettext("menu.profile"), None)],
            status=status,
            tab_items=profile_tabs(PROFILE),
            form=form,
            username=known.person.username,
            username_reason=_why(_username(managed_by)),
            locked={name: _beside(may) for name, may in access.items() if not may.editable},
            managed_by=managed_by,
            organization=known.organization,
            can_choose=len(open_places(visit.session)) > 1,
            pending=pending,
            is_draft=is_draft,
        )


def _changes(form: ProfileForm, known: Known) -> dict[str, object]:
    """What was typed anew; what another tab changed meanwhile is not put back."""
    values = known.values
    return {
        name: form[name].data for name in fields.PROFILE if form[name].data != (values[name] or "")
    }


def _username(managed_by: str | None) -> Permission:
    """Why nobody changes their own username (M17), and who does instead (M18)."""
    if managed_by is None:
        return Permission(reason=Reason.USERNAME)
    return Permission(reason=Reason.USERNAME_WITH_SSO, source=managed_by)


def _why(refused: FieldAccess | Permission) -> str:
    return explain(refused, current_locale())


def _beside(refused: FieldAccess) -> str:
    """Why not, beside a field; what all of them have in common is said once, above them."""
    if refused.reason == Reason.MANAGED:
        return gettext("profile.managed.field")
    return _why(refused)


def _descriptions(error: Invalid) -> dict[str, str]:
    """The reasons; what has to be given says so in words of its own."""
    keys = {
        name: f"profile.{name}.required" if code == "required" else f"field_error.{code}"
        for name, code in error.fields.items()
    }
    return {name: gettext(key, **error.detail) for name, key in keys.items()}


def _refuse(form: ProfileForm, reasons: Mapping[str, str]) -> None:
    for name, reason in reasons.items():
        form[name].errors = [reason]
