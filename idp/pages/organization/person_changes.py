"""Changing a person: what they are here, their e-mail address, their username (M12, M18)."""

from collections.abc import Mapping

from flask import Flask, flash
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from idp.authentication import credentials, email_change, recovery
from idp.authentication.links import Links, Purpose
from idp.directory import access, main_users, memberships, profile, usernames
from idp.directory.access import FieldAccess, Permission, Reason
from idp.directory.main_users import Reached
from idp.directory.models import Person
from idp.errors import Invalid, NotAllowed
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.texts import current_locale
from idp.pages.fresh import require_fresh
from idp.pages.menu import HOME
from idp.pages.organization.entrance import Console, Entrance
from idp.pages.organization.forms import EditForm, EmailForm, UsernameForm, refuse, show
from idp.pages.organization.person_page import PERSON, full_name, why_not

_EDITED = ("given_name", "family_name", "title", "unit")


class PersonChanges:
    """What lies below the page of a person: edit, email, username."""

    def __init__(self, entrance: Entrance, links: Links) -> None:
        self._entrance = entrance
        self._links = links
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        both = ["GET", "POST"]
        app.add_url_rule(f"{PERSON}/edit", "organization_edit", self.edit, methods=both)
        app.add_url_rule(f"{PERSON}/email", "organization_email", self.email, methods=both)
        app.add_url_rule(f"{PERSON}/username", "organization_username", self.username, methods=both)

    def edit(self, slug: str, person_id: str) -> Response:
        """Name, title, unit and roles: all of it is kept, or nothing."""
        console = self._entrance.enter(slug)
        with self._database.reading() as tx:
            reached = main_users.reach(tx, console.organization.id, person_id)
        form = EditForm(data=_as_it_is(reached))
        if not form.validate_on_submit():
            return self._page(console, reached, "edit", form)
        try:
            self._save(console, person_id, form)
        except profile.ReadOnly as error:
            show(form, {name: _why(why) for name, why in error.fields.items()})
            return self._page(console, reached, "edit", form, error.status)
        except Invalid as error:
            refuse(form, error)
            return self._page(console, reached, "edit", form, error.status)
        except NotAllowed as error:
            show(form, {"main_user": gettext(f"error.{error.code}.text", **error.detail)})
            return self._page(console, reached, "edit", form, error.status)
        flash(gettext("organization.edited"), "success")
        has_left = console.is_own(person_id) and not form.main_user.data
        return console.visit.go(HOME if has_left else console.path_to(person_id))

    def _save(self, console: Console, person_id: str, form: EditForm) -> None:
        changes = {name: form[name].data or "" for name in _EDITED}
        where = console.organization.id
        with self._database.transaction() as tx:
            main_users.change_profile(
                tx, where, person_id, changes, by=console.by, asker=console.asker
            )
            memberships.change_roles(tx, where, person_id, form.roles, by=console.by)

    def email(self, slug: str, person_id: str) -> Response:
        """Another address: at once where none was ever confirmed, else by its mailed link."""
        console = self._entrance.enter(slug)
        with self._database.reading() as tx:
            reached = main_users.reach(tx, console.organization.id, person_id)
        _require(access.fields_access(reached.target, asker=console.asker)["email"])
        require_fresh(console.visit.session, f"{console.path_to(person_id)}/email")
        form = EmailForm(data={"email": reached.person.email or ""})
        if not form.validate_on_submit():
            return self._page(console, reached, "email", form)
        try:
            with self._database.transaction() as tx:
                said = self._change_email(tx, console, person_id, form.email.data or "")
        except Invalid as error:
            refuse(form, error)
            return self._page(console, reached, "email", form, error.status)
        flash(said, "success")
        return console.visit.go(console.path_to(person_id))

    def _change_email(self, tx: Transaction, console: Console, person_id: str, address: str) -> str:
        """Change it or order its confirmation; what the main user is told."""
        where = console.organization.id
        change = main_users.change_profile(
            tx, where, person_id, {"email": address}, by=console.by, asker=console.asker
        )
        person = main_users.reach(tx, where, person_id).person
        if pending := change.pending_email:
            email_change.order_confirmation(tx, self._links, person, pending, organization_id=where)
            return gettext("organization.email.pending", address=pending)
        if "email" not in change.changed:
            return gettext("organization.email.same")
        return self._send_anew(tx, console, person)

    def _send_anew(self, tx: Transaction, console: Console, person: Person) -> str:
        """What was sent to the wrong address opens nothing any more; the right one gets a link."""
        self._links.void(tx, person.id, Purpose.PASSWORD)
        reached = main_users.reach(tx, console.organization.id, person.id)
        may_send = access.may_send_password_link(reached.target).is_given
        if not may_send or credentials.has_password(tx, person.id):
            return gettext("organization.email.changed")
        recovery.send_link(
            tx,
            self._links,
            person,
            requested_at=utcnow(),
            by=console.by,
            organization_id=console.organization.id,
        )
        return gettext("organization.email.changed_and_sent", address=person.email)

    def username(self, slug: str, person_id: str) -> Response:
        """Another username, with the reason; ``sub``, password and history stay (M18)."""
        console = self._entrance.enter(slug)
        where = console.organization.id
        with self._database.reading() as tx:
            reached = main_users.reach(tx, where, person_id)
            held = usernames.history(tx, person_id)
        access.may_rename_username(console.asker, reached.target).require()
        require_fresh(console.visit.session, f"{console.path_to(person_id)}/username")
        form = UsernameForm()
        if not form.validate_on_submit():
            return self._page(console, reached, "username", form, held=held)
        new, reason = form.username.data or "", form.reason.data or ""
        try:
            with self._database.transaction() as tx:
                old = main_users.rename_username(
                    tx, where, person_id, new, by=console.by, reason=reason, asker=console.asker
                )
        except Invalid as error:
            refuse(form, error)
            return self._page(console, reached, "username", form, error.status, held=held)
        flash(gettext("organization.renamed", old=old, new=new.strip()), "success")
        return console.visit.go(console.path_to(person_id))

    def _page(
        self,
        console: Console,
        reached: Reached,
        name: str,
        form: FlaskForm,
        status: int = 200,
        **context: object,
    ) -> Response:
        here = console.path_to(reached.person.id)
        called = full_name(reached)
        return self._entrance.render(
            console,
            name,
            steps=[(called, here), (gettext(f"organization.{name}.heading"), None)],
            status=422 if form.errors and status == 200 else status,
            form=form,
            name=called,
            here=here,
            account=reached.person,
            why_not=why_not(console, reached),
            is_own=console.is_own(reached.person.id),
            **context,
        )


def _as_it_is(reached: Reached) -> Mapping[str, object]:
    """What the form of editing shows first."""
    values = profile.values(reached.person, reached.membership)
    return {**values, **dict.fromkeys(reached.membership.roles, True)}


def _why(refused: FieldAccess) -> str:
    return access.explain(refused, current_locale())


def _require(field: FieldAccess) -> None:
    """Go on where the field may be changed; NotAllowed with the reason where not."""
    if field.reason is not None:
        Permission(reason=Reason(field.reason), source=field.source).require()
