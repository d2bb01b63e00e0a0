"""Records of the audit log as a main user reads them: a sentence, and what there is to add.

Members are called by their names. Whoever is no member any more is called by the username they had
then: what became of them elsewhere is not this organization's business.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select

from idp.audit import AuditRecord, Event
from idp.directory.models import Membership, Organization, Person, UsernamePeriod
from idp.directory.profile import values
from idp.foundation.database import Transaction
from idp.foundation.locale import has_text

_SUBJECTS: Mapping[str, frozenset[str]] = {
    "people": frozenset(("person", "people", "membership")),
    "profiles": frozenset(("profile", "username", "email")),
    "passwords": frozenset(("password", "mail")),
    "sign_ins": frozenset(
        ("session", "sign_in", "grant", "code", "refresh_token", "logout", "device", "consent")
    ),
    "sso": frozenset(("connection", "identity", "arrival", "domain", "break_glass", "pass")),
    "problems": frozenset(("problem",)),
}
KINDS: Mapping[str, tuple[Event, ...]] = {
    kind: tuple(event for event in Event if event.value.partition(".")[0] in subjects)
    for kind, subjects in _SUBJECTS.items()
}
"""Kinds of deeds that a main user may ask for; what concerns the whole system is of none."""

_OLD_AND_NEW = (("old", "new"), ("before", "after"))
_TOLD = ("username", "roles", "reason", "address", "tried", "rows")
"""Details that mean something to a main user; ids of sessions and the like do not."""


_NOTHING = "\u2013"
"""A dash, for what was or is empty."""


@dataclass(frozen=True, kw_only=True)
class Deed:
    """A record in words."""

    id: str
    at: datetime
    event: str
    sentence: str
    remarks: tuple[tuple[str, str], ...]
    """What there is to add: name and value."""
    network: str
    reference: str


class Teller:
    """Puts records into words; knows the names that they need."""

    def __init__(
        self, tx: Transaction, organization: Organization, records: Sequence[AuditRecord]
    ) -> None:
        ids = {each for record in records for each in (record.actor_id, record.target_id) if each}
        self._names = {organization.id: organization.name, **_members(tx, organization.id, ids)}
        self._periods = _periods(tx, ids - self._names.keys())

    def tell(self, record: AuditRecord) -> Deed:
        """The record in the language of the request."""
        return Deed(
            id=record.id,
            at=record.at,
            event=record.event,
            sentence=self._sentence(record),
            remarks=tuple(_remarks(record.detail)),
            network=record.network,
            reference=record.reference,
        )

    def _sentence(self, record: AuditRecord) -> str:
        key = f"audit.event.{record.event}"
        if not has_text(key):
            return record.event
        return gettext(key, actor=self._actor(record), target=self._target(record))

    def _actor(self, record: AuditRecord) -> str:
        if record.actor_kind == "person" and record.actor_id:
            return self._name(record.actor_id, record.at) or gettext("audit.actor.unknown")
        kind = "unknown" if record.actor_kind == "person" else record.actor_kind
        return gettext(f"audit.actor.{kind}")

    def _target(self, record: AuditRecord) -> str:
        name = self._name(record.target_id, record.at) if record.target_id else None
        return name or gettext("audit.target.unknown")

    def _name(self, some_id: str, at: datetime) -> str | None:
        """What a person or the organization was called then; None for what has no name here."""
        if some_id in self._names:
            return self._names[some_id]
        held = (each for each in self._periods if each.person_id == some_id)
        return next((each.username for each in held if each.held_from <= at), None)


def _members(tx: Transaction, organization_id: str, ids: Iterable[str]) -> dict[str, str]:
    rows = tx.session.execute(
        select(Person, Membership)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organization_id == organization_id, Person.id.in_(ids))
    )
    return {
        person.id: "{given_name} {family_name}".format(**values(person, membership))
        for person, membership in rows
    }


def _periods(tx: Transaction, ids: Iterable[str]) -> list[UsernamePeriod]:
    """The usernames of these persons, the latest first."""
    query = select(UsernamePeriod).where(UsernamePeriod.person_id.in_(ids))
    return list(tx.session.scalars(query.order_by(UsernamePeriod.held_from.desc())))


def _remarks(detail: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for old, new in _OLD_AND_NEW:
        if new in detail:
            yield from _changes(detail.get(old), detail[new])
    for name in _TOLD:
        if detail.get(name):
            yield gettext(f"organization.log.detail.{name}"), _plain(detail[name])
    if problem := detail.get("problem"):
        said = _word("error", str(problem), ".title")
        yield gettext("organization.log.detail.problem"), said


def _changes(old: object, new: object) -> Iterator[tuple[str, str]]:
    """What changed from what to what; field by field where it is a whole profile."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for field in new:
            label = _word("organization.label", field)
            yield label, f"{_plain(old.get(field))} → {_plain(new[field])}"
    else:
        yield gettext("organization.log.detail.change"), f"{_plain(old)} → {_plain(new)}"


def _plain(value: object) -> str:
    """A value in words: a list is one of roles, a mapping says how many rows came to what."""
    if isinstance(value, list):
        roles = [_word("organization.role", role) for role in value]
        return ", ".join(roles) or gettext("organization.role.none")
    if isinstance(value, Mapping):
        counted = (f"{_word('organization.import', name)} {each}" for name, each in value.items())
        return ", ".join(counted)
    return _NOTHING if value in (None, "") else str(value)


def _word(family: str, name: str, part: str = "") -> str:
    """The text for a name of ours; what we have no text for stays as it is."""
    key = f"{family}.{name}{part}"
    return gettext(key) if has_text(key) else name
