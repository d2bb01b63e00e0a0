"""The organizations as the operator sees them: listed, founded, suspended and resumed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import Flask, flash, request
from flask_babel import gettext
from sqlalchemy import case, func, select
from werkzeug.wrappers import Response

from idp.audit import Actor
from idp.authentication import credentials, recovery
from idp.authentication.links import Links
from idp.authentication.visit import Visit
from idp.directory import organizations, people, persons
from idp.directory.models import Membership, Organization
from idp.directory.persons import Added, NewPerson
from idp.errors import Invalid
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.pages.menu import OPERATIONS
from idp.pages.operations.forms import FoundForm
from idp.pages.shell import Shell, SignedInVisit

FOUND = "/operations/new-organization"
_ONE = "/operations/organizations/<slug>"
_MOST_MAIN_USERS = 20

_COUNTED = select(
    Membership.organization_id,
    func.count().label("people"),
    func.count(case((Membership.is_main_user, 1))).label("main_users"),
).group_by(Membership.organization_id)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An organization in the list."""

    organization: Organization
    people: int
    main_users: int


class Organizations:
    """``/operations`` and what lies below it about organizations."""

    def __init__(self, shell: Shell, links: Links) -> None:
        self._shell = shell
        self._links = links
        self._parts = shell.visits.parts
        self._database = shell.visits.parts.database

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        both = ["GET", "POST"]
        app.add_url_rule(OPERATIONS, "operations_organizations", self.show_all)
        app.add_url_rule(FOUND, "operations_found", self.found, methods=both)
        app.add_url_rule(_ONE, "operations_organization", self.show_one, methods=both)
        app.add_url_rule(f"{_ONE}/suspend", "operations_suspend", self.suspend, methods=both)

    def show_all(self) -> Response:
        """All of them with how many people they have."""
        visit = self._shell.operator()
        with self._database.reading() as tx:
            listed = _listed(tx)
        return self._shell.render(
            visit,
            "pages/operations/organizations.html",
            current=OPERATIONS,
            breadcrumb=[(gettext("menu.operations"), None)],
            listed=listed,
            found=FOUND,
        )

    def found(self) -> Response:
        """Found one, its first main user with it, in one step (M1)."""
        visit = self._shell.operator()
        form = FoundForm(data={"locale": self._parts.settings.default_locale})
        if form.validate_on_submit():
            try:
                return self._found(visit, form)
            except Invalid as error:
                for name, code in error.fields.items():
                    form[name].errors = [gettext(f"field_error.{code}", **error.detail)]
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        steps: list[tuple[str, str | None]] = [(gettext("operations.found"), None)]
        return self._render(visit, "found", steps, status, form=form)

    def _found(self, visit: SignedInVisit, form: FoundForm) -> Response:
        by = _as_operator(visit)
        new = NewPerson(
            username=form.username.data or "",
            given_name=form.given_name.data or "",
            family_name=form.family_name.data or "",
            email=form.email.data or None,
            roles=("main_user",),
        )
        with self._database.transaction() as tx:
            founded = organizations.create(
                tx, form.slug.data or "", form.name.data or "", by=by, locale=form.locale.data
            )
            added = persons.add(tx, new, founded, by=by)
            is_mailed = self._invite(tx, added, founded, by)
        flash(gettext("operations.founded", organization=founded.name), "success")
        said = "operations.invited" if is_mailed else "operations.not_invited"
        flash(gettext(said, username=added.person.username), "info")
        return visit.go(_address(founded))

    def _invite(self, tx: Transaction, added: Added, founded: Organization, by: Actor) -> bool:
        """Mail the first link to who has no password yet; whether a mail goes out."""
        if credentials.has_password(tx, added.person.id):
            return False
        sent = recovery.send_link(
            tx,
            self._links,
            added.person,
            requested_at=utcnow(),
            by=by,
            organization_id=founded.id,
        )
        return sent is not None

    def show_one(self, slug: str) -> Response:
        """One organization; the button on it resumes a suspended one."""
        visit = self._shell.operator()
        if request.method == "POST":
            return self._resume(visit, slug)
        with self._database.reading() as tx:
            organization = organizations.by_slug(tx, slug)
            counts = people.counts(tx, organization.id)
            main_users = people.page(
                tx, organization.id, role="main_user", size=_MOST_MAIN_USERS
            ).people
        return self._render(
            visit,
            "organization",
            [(organization.name, None)],
            organization=organization,
            counts=counts,
            main_users=main_users,
            address=_address(organization),
        )

    def _resume(self, visit: SignedInVisit, slug: str) -> Response:
        with self._database.transaction() as tx:
            organization = organizations.by_slug(tx, slug)
            organizations.resume(tx, organization.id, by=_as_operator(visit))
        flash(gettext("operations.resumed", organization=organization.name), "success")
        return visit.go(_address(organization))

    def suspend(self, slug: str) -> Response:
        """Ask once more, then shut the organization's people out at once."""
        visit = self._shell.operator()
        with self._database.reading() as tx:
            organization = organizations.by_slug(tx, slug)
            counts = people.counts(tx, organization.id)
        if request.method == "POST":
            with self._database.transaction() as tx:
                organizations.suspend(tx, organization.id, by=_as_operator(visit))
            flash(gettext("operations.suspended", organization=organization.name), "success")
            return visit.go(_address(organization))
        steps = [
            (organization.name, _address(organization)),
            (gettext("operations.suspend"), None),
        ]
        return self._render(visit, "suspend", steps, organization=organization, counts=counts)

    def _render(
        self,
        visit: SignedInVisit,
        name: str,
        steps: list[tuple[str, str | None]],
        status: int = 200,
        **context: object,
    ) -> Response:
        return self._shell.render(
            visit,
            f"pages/operations/{name}.html",
            current=OPERATIONS,
            breadcrumb=[(gettext("menu.operations"), OPERATIONS), *steps],
            status=status,
            **context,
        )


def _as_operator(visit: Visit) -> Actor:
    """The person, acting for the whole system."""
    return replace(visit.actor, kind="operator")


def _address(organization: Organization) -> str:
    return _ONE.replace("<slug>", organization.slug)


def _listed(tx: Transaction) -> "list[Listed]":
    counted: Mapping[str, tuple[int, int]] = {
        row.organization_id: (row.people, row.main_users) for row in tx.session.execute(_COUNTED)
    }
    return [
        Listed(organization=each, people=number, main_users=main_users)
        for each in organizations.all(tx)
        for number, main_users in [counted.get(each.id, (0, 0))]
    ]
