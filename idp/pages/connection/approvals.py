"""The main user's side: links that wait for their leave, and people who have not come for long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, flash
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from idp.authentication.federation import approvals
from idp.authentication.federation.models import ConnectionRecord, ExternalIdentityRecord
from idp.authentication.federation.policy import Policy
from idp.directory.models import Membership, Person
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.locale import format_datetime
from idp.foundation.texts import current_locale
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance

_APPROVALS = f"{CONNECTION}/people"
_MOST_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An arrival that asks to be linked to a person."""

    id: str
    name: str
    username: str
    text: str
    reference: str
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Dormant:
    """Somebody whom the connection has not asserted for long."""

    person_id: str
    name: str
    username: str
    last_seen: datetime

    @property
    def text(self) -> str:
        """By which username, and when they came last."""
        at = format_datetime(current_locale(), self.last_seen)
        return f"{self.username} · {gettext('connection.people.last', at=at)}"


class Approvals:
    """``/organization/<slug>/connection/people``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page and its deed."""
        app.add_url_rule(_APPROVALS, "connection_people", self.show)
        app.add_url_rule(
            f"{_APPROVALS}/<approval_id>", "connection_approve", self.approve, methods=["POST"]
        )

    def show(self, slug: str) -> Response:
        """Both lists."""
        desk = self._enter(slug)
        with self._database.reading() as tx:
            waiting, dormant = _waiting(tx, desk), _dormant(tx, desk)
        steps = [(gettext("connection.people.heading"), None)]
        people = f"/organization/{slug}/people"
        return self._entrance.render(
            desk,
            "people",
            steps=steps,
            waiting=waiting,
            dormant=[(each.name, each.text, f"{people}/{each.person_id}") for each in dormant],
        )

    def approve(self, slug: str, approval_id: str) -> Response:
        """Let the next arrival of exactly that identity be linked to exactly that person."""
        desk = self._enter(slug)
        with self._database.transaction() as tx:
            approvals.approve(tx, desk.organization.id, approval_id, by=desk.by)
        flash(gettext("connection.people.approved"), "success")
        return desk.visit.go(f"{desk.path}/people")

    def _enter(self, slug: str) -> Desk:
        desk = self._entrance.enter(slug)
        if not desk.sees_people:
            raise NotFound
        return desk


def _waiting(tx: Transaction, desk: Desk) -> list[Waiting]:
    """Members are named; of whoever is no member only that an account has the username."""
    found = []
    for row in approvals.waiting(tx, desk.organization.id):
        person = tx.session.get_one(Person, row.person_id)
        member = tx.session.get(Membership, (row.person_id, desk.organization.id))
        known = f"{person.given_name} {person.family_name}"
        found.append(
            Waiting(
                id=row.id,
                name=known if member else gettext("connection.people.no_member"),
                username=person.username,
                text=gettext(f"connection.people.reason.{row.reason}"),
                reference=row.reference,
                asked_at=row.requested_at,
            )
        )
    return found


def _dormant(tx: Transaction, desk: Desk) -> list[Dormant]:
    rows = tx.session.execute(
        select(ExternalIdentityRecord, ConnectionRecord, Person)
        .join(ConnectionRecord, ConnectionRecord.id == ExternalIdentityRecord.connection_id)
        .join(Person, Person.id == ExternalIdentityRecord.person_id)
        .join(
            Membership,
            (Membership.person_id == Person.id)
            & (Membership.organization_id == ConnectionRecord.organization_id),
        )
        .where(
            ConnectionRecord.organization_id == desk.organization.id,
            ConnectionRecord.enabled_at.is_not(None),
            ExternalIdentityRecord.closed_at.is_(None),
            Membership.locked_at.is_(None),
        )
        .order_by(ExternalIdentityRecord.last_asserted_at)
    )
    return [
        Dormant(
            person_id=person.id,
            name=f"{person.given_name} {person.family_name}",
            username=person.username,
            last_seen=identity.last_asserted_at,
        )
        for identity, row, person in rows
        if identity.last_asserted_at < utcnow() - _patience(row)
    ][:_MOST_SHOWN]


def _patience(row: ConnectionRecord) -> timedelta:
    policy = Policy.model_validate(row.document["policy"])
    return timedelta(days=policy.dormant_after_days)
