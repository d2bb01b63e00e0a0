"""How a connection came to be as it is: each version, what changed, and back to an older one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, flash, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation.document import title
from idp.authentication.federation.models import ConnectionVersion
from idp.directory.models import Membership, Person
from idp.errors import Invalid, NotFound
from idp.foundation.database import Transaction
from idp.pages.connection.difference import Change, differences
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance
from idp.pages.connection.reached import reach

_VERSIONS = f"{CONNECTION}/<name>/versions"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A version as the page tells it."""

    number: int
    at: datetime
    by: str
    """A name where it may be shown, else in what capacity."""
    why: str
    is_enabled: bool
    changes: tuple[Change, ...]
    """From the version before."""


class Versions:
    """``/organization/<slug>/connection/<name>/versions``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        app.add_url_rule(_VERSIONS, "connection_versions", self.show)
        app.add_url_rule(
            f"{_VERSIONS}/<int:number>", "connection_restore", self.restore, methods=["POST"]
        )

    def show(self, slug: str, name: str) -> Response:
        """Every version, the newest first."""
        desk = self._entrance.enter(slug)
        with self._database.reading() as tx:
            row = reach(self._entrance, desk, tx, name).row
            found = self._entrance.connections.versions(tx, row)
            told = _told(tx, desk, found)
        steps = [
            (title(row.document), f"{desk.path}/{name}"),
            (gettext("connection.versions.heading"), None),
        ]
        return self._entrance.render(
            desk, "versions", steps=steps, here=f"{desk.path}/{name}", versions=told, name=name
        )

    def restore(self, slug: str, name: str, number: int) -> Response:
        """Make an older version's settings the newest; whether it is on stays as it is."""
        desk = self._entrance.enter(slug)
        connections = self._entrance.connections
        why = gettext("connection.restored.why", number=number)
        try:
            with self._database.transaction() as tx:
                row = reach(self._entrance, desk, tx, name).row
                versions = {each.version: each for each in connections.versions(tx, row)}
                if number not in versions:
                    raise NotFound
                document = versions[number].document
                connections.update(
                    tx, desk.organization.id, name, document, by=desk.by, why=_why(why)
                )
        except Invalid:  # A newer release of ours may refuse what an older one took.
            flash(gettext("connection.restore.refused"), "error")
            return desk.visit.go(f"{desk.path}/{name}/versions")
        connections.changed()
        flash(gettext("connection.restored", number=number), "success")
        return desk.visit.go(f"{desk.path}/{name}/versions")


def _why(general: str) -> str:
    """The reason that was typed, else a general one."""
    return request.form.get("why", "").strip()[:200] or general


def _told(tx: Transaction, desk: Desk, found: Sequence[ConnectionVersion]) -> list[Told]:
    olds: list[Mapping[str, Any]] = [each.document for each in found[1:]]
    before: list[Mapping[str, Any] | None] = [*olds, None]
    return [
        Told(
            number=version.version,
            at=version.changed_at,
            by=_by(tx, desk, version.changed_by),
            why=version.reason,
            is_enabled=version.is_enabled,
            changes=tuple(differences(old, version.document)) if old is not None else (),
        )
        for version, old in zip(found, before, strict=True)
    ]


def _by(tx: Transaction, desk: Desk, changed_by: str) -> str:
    """Who made a change: colleagues by name, to all who may change it too."""
    kind, _, actor_id = changed_by.partition(":")
    if kind == "person" and not actor_id:
        return gettext("connection.by.setup")
    if kind == "person":
        person = tx.session.get(Person, actor_id)
        member = tx.session.get(Membership, (actor_id, desk.organization.id))
        if person and member and desk.is_insider:
            return f"{person.given_name} {person.family_name}"
        return gettext("connection.by.person")
    return gettext("connection.by.operator" if kind == "operator" else "connection.by.system")
