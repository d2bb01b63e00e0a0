"""The page of one person: what the organization knows of them, what can be done, and why not."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, flash
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.links import MOST_LIVE, pending_address
from idp.authentication.models import Link
from idp.authentication.people_state import PasswordState, password_states
from idp.directory import access, main_users, profile, usernames
from idp.directory.access import Asker, FieldAccess, Permission
from idp.directory.main_users import Reached
from idp.directory.usernames import Period
from idp.errors import Refused
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.texts import current_locale
from idp.pages.organization.entrance import CONSOLE, Console, Entrance
from idp.pages.organization.standing import Standing, standing

PERSON = f"{CONSOLE}/people/<person_id>"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A username and the time it was held; ``reason`` is empty where it is not to be told."""

    username: str
    held_from: datetime
    held_until: datetime | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """A person of the organization as their page shows them."""

    reached: Reached
    state: PasswordState
    pending_email: str | None
    """The address that this organization gave and that waits to be confirmed."""
    usernames: tuple[Held, ...]
    sessions: int | None
    """How many are live; None where that is no business of this organization alone."""

    @property
    def name(self) -> str:
        """Given and family name in this organization."""
        return full_name(self.reached)

    @property
    def values(self) -> dict[str, str | None]:
        """The profile in this organization."""
        return profile.values(self.reached.person, self.reached.membership)

    @property
    def standing(self) -> Standing:
        """How they stand."""
        target = self.reached.target
        return standing(
            is_person_locked=target.is_locked,
            is_locked=target.is_member_locked,
            is_managed=target.managed_by is not None,
            has_password=self.state.password_set_at is not None,
        )


class PersonPage:
    """``/organization/<slug>/people/<id>``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(PERSON, "organization_person", self.person)

    def person(self, slug: str, person_id: str) -> Response:
        """The page."""
        return self.show(self._entrance.enter(slug), person_id)

    def refuse(self, console: Console, person_id: str, error: Refused) -> Response:
        """The page once more, with word of why what was tried cannot be done."""
        flash(gettext(f"error.{error.code}.text", **error.detail), "error")
        return self.show(console, person_id, error.status)

    def show(self, console: Console, person_id: str, status: int = 200) -> Response:
        """The page with this status; NotFound for whoever is not in the organization."""
        with self._database.reading() as tx:
            known = self._know(tx, console, person_id)
        reached = known.reached
        return self._entrance.render(
            console,
            "person",
            steps=[(known.name, None)],
            status=status,
            known=known,
            member=reached.membership,
            here=console.path_to(person_id),
            is_own=console.is_own(person_id),
            why_not=why_not(console, reached),
            managed_by=reached.target.managed_by,
        )

    def _know(self, tx: Transaction, console: Console, person_id: str) -> Known:
        organization_id = console.organization.id
        reached = main_users.reach(tx, organization_id, person_id)
        states = password_states(tx, organization_id, [person_id], most=MOST_LIVE)
        may_see_sessions = access.may_end_sessions(console.asker, reached.target).is_given
        live = self._entrance.sessions.of_person(tx, person_id) if may_see_sessions else None
        is_shared = console.asker is Asker.MAIN_USER and reached.target.belongs_elsewhere
        return Known(
            reached=reached,
            state=states[person_id],
            pending_email=tx.session.scalar(
                pending_address(person_id, utcnow()).where(Link.organization_id == organization_id)
            ),
            usernames=tuple(
                _held(period, is_shared=is_shared) for period in usernames.history(tx, person_id)
            ),
            sessions=None if live is None else len(live),
        )


def full_name(reached: Reached) -> str:
    """Given and family name in this organization."""
    values = profile.values(reached.person, reached.membership)
    return f"{values['given_name']} {values['family_name']}"


def why_not(console: Console, reached: Reached) -> dict[str, str]:
    """For each deed and each field why it cannot be done or changed; empty where it can."""
    target = reached.target
    refusals: dict[str, FieldAccess | Permission] = {
        **access.fields_access(target, asker=console.asker),
        "link": access.may_send_password_link(target),
        "username": access.may_rename_username(console.asker, target),
        "sessions": access.may_end_sessions(console.asker, target),
    }
    locale = current_locale()
    return {name: access.explain(refusal, locale) for name, refusal in refusals.items()}


def _held(period: Period, *, is_shared: bool) -> Held:
    """What is told of a username: not what another organization may have written about it."""
    is_first = period.reason == "person.added"
    return Held(
        username=period.username,
        held_from=period.held_from,
        held_until=period.held_until,
        reason="" if is_shared or is_first else period.reason,
    )
