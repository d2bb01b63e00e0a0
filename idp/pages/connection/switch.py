"""The cut-over: what switching on would mean, the pilot, on, and off again within 14 days.

Everybody who may enter sees the counts. Only main users and the operator see whom they are about,
and only they let people in: what IT has set up and tested, the organization itself takes into use.
"""

from collections.abc import Sequence

from flask import Flask, flash, request
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from idp.authentication.federation import arrivals, break_glass, sources
from idp.authentication.federation import document as documents
from idp.authentication.federation.cutover import CONFLICTS, UNDO, Fate, Member, Preview, preview
from idp.authentication.federation.cutover_facts import members
from idp.authentication.federation.models import ConnectionRecord
from idp.directory import usernames
from idp.directory.models import Membership, Person
from idp.errors import Invalid, NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance
from idp.pages.connection.forms import WhyForm
from idp.pages.connection.reached import State, reach

_MOST_SHOWN = 200
_MOST_NAMES = 5000
_MOST_PILOTS = 200


class Switch:
    """``/organization/<slug>/connection/<name>/switch`` and what it leads to."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._connections = entrance.connections
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page and its deeds."""
        path, press = f"{CONNECTION}/<name>", ["POST"]
        app.add_url_rule(f"{path}/switch", "connection_switch", self.show, methods=["GET", "POST"])
        app.add_url_rule(f"{path}/pilot", "connection_pilot", self.pilot, methods=press)
        app.add_url_rule(f"{path}/on", "connection_on", self.switch_on, methods=press)
        app.add_url_rule(f"{path}/off", "connection_off", self.switch_off, methods=press)

    def show(self, slug: str, name: str) -> Response:
        """The counts, against a list of the upstream's usernames if one is given."""
        desk = self._entrance.enter(slug)
        typed = request.form.get("expected", "")[:200_000]
        return self._page(desk, name, typed=typed)

    def pilot(self, slug: str, name: str) -> Response:
        """Let these usernames come in first; none ends the pilot."""
        desk = self._enter(slug)
        names = _names(request.form.get("pilot", ""))[:_MOST_PILOTS]
        with self._database.transaction() as tx:
            row = reach(self._entrance, desk, tx, name).row
            self._connections.pilot(tx, row, names, by=desk.by)
        self._connections.changed()
        flash(gettext("connection.pilot.begun" if names else "connection.pilot.ended"), "success")
        return desk.visit.go(f"{desk.path}/{name}/switch")

    def switch_on(self, slug: str, name: str) -> Response:
        """Let everybody come in this way; passwords are suspended."""
        desk = self._enter(slug)
        try:
            with self._database.transaction() as tx:
                row = reach(self._entrance, desk, tx, name).row
                if not _is_tested(tx, row):
                    raise Invalid({"test": "connection_not_tested"})
                break_glass.choose(
                    tx, desk.organization.id, request.form.get("keeper") or None, by=desk.by
                )
                self._connections.enable(tx, row, by=desk.by, why=_why())
        except Invalid as error:
            problems = {key: gettext(f"field_error.{code}") for key, code in error.fields.items()}
            return self._page(desk, name, problems=problems, status=error.status)
        self._connections.changed()
        flash(gettext("connection.switched_on"), "success")
        return desk.visit.go(f"{desk.path}/{name}")

    def switch_off(self, slug: str, name: str) -> Response:
        """Back to passwords: those that were suspended work again at once."""
        desk = self._enter(slug)
        with self._database.transaction() as tx:
            row = reach(self._entrance, desk, tx, name).row
            self._connections.disable(tx, row, by=desk.by, why=_why())
            sources.release(tx, row, documents.title(row.document))
        self._connections.changed()
        flash(gettext("connection.switched_off"), "success")
        return desk.visit.go(f"{desk.path}/{name}")

    def _page(
        self,
        desk: Desk,
        name: str,
        *,
        typed: str = "",
        problems: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        expected = [usernames.key(each) for each in _names(typed)] if typed.strip() else None
        with self._database.reading() as tx:
            reached = reach(self._entrance, desk, tx, name)
            row = reached.row
            pilots = row.document["policy"].get("pilot", ())
            found = preview(members(tx, desk.organization.id, row.id), expected)
            people = _people(tx, found) if desk.sees_people else []
            main_users = _main_users(tx, desk) if desk.sees_people else []
            keeper = break_glass.keeper(tx, desk.organization.id)
            is_tested = _is_tested(tx, row)
        here = f"{desk.path}/{name}"
        return self._entrance.render(
            desk,
            "switch",
            steps=[(reached.title, here), (gettext("connection.switch.heading"), None)],
            status=status,
            here=here,
            state=reached.state,
            found=found,
            people=people,
            main_users=main_users,
            keeper=keeper,
            is_tested=is_tested,
            pilot="\n".join(pilots),
            piloted=len(pilots),
            arrived=_arrived(found, pilots),
            typed=typed,
            undo_until=row.enabled_at + UNDO if row.enabled_at else None,
            is_on=reached.state is State.ON,
            may_undo=row.enabled_at is not None and utcnow() < row.enabled_at + UNDO,
            problems=problems or {},
            form=WhyForm(formdata=None),
        )

    def _enter(self, slug: str) -> Desk:
        desk = self._entrance.enter(slug)
        if not desk.sees_people:
            raise NotFound
        return desk


def _names(text: str) -> list[str]:
    """The usernames of a list: one a line, or the first column of a table."""
    lines = (line.replace(";", ",").split(",")[0].strip().strip('"') for line in text.splitlines())
    return [line for line in lines if line][:_MOST_NAMES]


def _arrived(found: Preview, pilots: Sequence[str]) -> int:
    """How many of the pilot group have come in already."""
    wanted = {usernames.key(each) for each in pilots}
    return sum(each.username_key in wanted for each in found.of(Fate.LINKED))


def _why() -> str:
    return request.form.get("why", "").strip()[:200]


def _is_tested(tx: Transaction, row: ConnectionRecord) -> bool:
    """Whether a sign-in, a test or the pilot's, has succeeded since the connection was made."""
    return any(each.reason == arrivals.OK for each in arrivals.latest(tx, row.id))


def _people(tx: Transaction, found: Preview) -> list[tuple[str, str, str, str]]:
    """Who needs a main user's look: id, name, username and what becomes of them."""
    wanted: dict[str, Member] = {each.person_id: each for each in found.of(*CONFLICTS)}
    shown = dict(list(wanted.items())[:_MOST_SHOWN])
    persons = tx.session.scalars(
        select(Person).where(Person.id.in_(shown)).order_by(Person.sort_name)
    )
    fates = {member.person_id: what for member, what in found.fates}
    return [
        (each.id, f"{each.given_name} {each.family_name}", each.username, fates[each.id].value)
        for each in persons
    ]


def _main_users(tx: Transaction, desk: Desk) -> list[tuple[str, str]]:
    rows = tx.session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organization_id == desk.organization.id,
            Membership.is_main_user,
            Membership.locked_at.is_(None),
        )
        .order_by(Person.sort_name)
    )
    return [(each.id, f"{each.given_name} {each.family_name}") for each in rows]
