"""Adding one person (M2, M3, M6)."""

from flask import Flask, flash
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication import credentials, recovery
from idp.authentication.links import Links
from idp.authentication.models import Link
from idp.directory import access, main_users, persons
from idp.directory.models import Organization
from idp.directory.persons import Added, NewPerson
from idp.errors import Invalid
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.pages.organization.entrance import CONSOLE, Console, Entrance
from idp.pages.organization.forms import AddForm, refuse


class AddPerson:
    """``/organization/<slug>/people/new``."""

    def __init__(self, entrance: Entrance, links: Links) -> None:
        self._entrance = entrance
        self._links = links
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        path = f"{CONSOLE}/people/new"
        app.add_url_rule(path, "organization_add", self.add, methods=["GET", "POST"])

    def add(self, slug: str) -> Response:
        """The form, or the person it added."""
        console = self._entrance.enter(slug)
        access.may_add_people(console.organization).require()
        form = AddForm()
        if not form.validate_on_submit():
            return self._page(console, form)
        try:
            with self._database.transaction() as tx:
                added = persons.add(tx, _described(form), console.organization, by=console.by)
                link = self._send_link(tx, console, added) if form.mail.data else None
        except Invalid as error:
            refuse(form, _at_its_field(form, error))
            return self._page(console, form, error.status)
        _tell(console.organization, added, link)
        return console.visit.go(console.path_to(added.person.id))

    def _send_link(self, tx: Transaction, console: Console, added: Added) -> Link | None:
        """Mail a link to who has no password yet; None where none goes out."""
        if credentials.has_password(tx, added.person.id):
            return None
        reached = main_users.reach(tx, console.organization.id, added.person.id)
        if not access.may_send_password_link(reached.target).is_given:
            return None
        return recovery.send_link(
            tx,
            self._links,
            added.person,
            requested_at=utcnow(),
            by=console.by,
            organization_id=console.organization.id,
        )

    def _page(self, console: Console, form: AddForm, status: int = 200) -> Response:
        steps = [(gettext("organization.add.heading"), None)]
        return self._entrance.render(console, "add", steps=steps, status=status, form=form)


def _described(form: AddForm) -> NewPerson:
    """Who is to be added: the e-mail address is the username where no other was given (M3)."""
    email = (form.email.data or "").strip()
    return NewPerson(
        username=(form.username.data or "").strip() or email,
        given_name=form.given_name.data or "",
        family_name=form.family_name.data or "",
        email=email or None,
        title=form.title.data or "",
        unit=form.unit.data or "",
        roles=form.roles,
    )


def _at_its_field(form: AddForm, error: Invalid) -> Invalid:
    """The refusal of a username at the field where it was typed: perhaps the e-mail address."""
    if (form.username.data or "").strip() or "username" not in error.fields:
        return error
    reasons = dict(error.fields)
    reason = reasons.pop("username")
    return Invalid({"email": reason, **reasons})


def _tell(organization: Organization, added: Added, link: Link | None) -> None:
    """Say what came of it, and nothing of where else a known account belongs (M6)."""
    name = f"{added.person.given_name} {added.person.family_name}"
    said = "organization.added.new" if added.is_new else "organization.added.known"
    flash(gettext(said, name=name, username=added.person.username), "success")
    if link is not None:
        flash(gettext("organization.link.sent", address=link.address), "info")
    elif not added.person.email:
        flash(gettext("organization.added.no_email"), "warning")
    elif added.is_new:
        flash(gettext("organization.added.not_sent"), "info")
    elif added.person.created_in != organization.id:
        flash(gettext("organization.added.told", address=added.person.email), "info")
    if added.differs:
        fields = ", ".join(gettext(f"organization.label.{name}") for name in added.differs)
        flash(gettext("organization.added.differs", fields=fields), "warning")
