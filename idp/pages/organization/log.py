"""The organization's event log: by reference, person or kind of deed, and as a file."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.audit import AuditRecord, Event, record
from idp.directory import access, main_users, usernames
from idp.errors import NotFound
from idp.foundation.database import Transaction
from idp.foundation.locale import format_datetime
from idp.foundation.texts import current_locale
from idp.pages.organization.deeds import KINDS, Deed, Teller
from idp.pages.organization.entrance import CONSOLE, Console, Entrance
from idp.pages.organization.records import Question, find
from idp.pages.organization.spreadsheet import download, table

PAGE_SIZE = 50
MOST_IN_FILE = 5000
_LONGEST = 254
_NOBODY = "-"
"""The id of whoever was asked for and does not exist."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for, as it was typed."""

    reference: str
    person: str
    kind: str
    before: str

    @classmethod
    def read(cls) -> "Asked":
        """The question of the request at hand."""
        kind = _typed("kind")
        return cls(
            reference=_typed("reference"),
            person=_typed("person"),
            kind=kind if kind in KINDS else "",
            before=_typed("before"),
        )

    @property
    def is_anything(self) -> bool:
        """Whether it narrows the log at all."""
        return bool(self.reference or self.person or self.kind)

    def query(self, before: str = "") -> str:
        """The same question; ``before``: only what is older than this record."""
        asked = {
            "reference": self.reference,
            "person": self.person,
            "kind": self.kind,
            "before": before,
        }
        kept = {name: value for name, value in asked.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


class Log:
    """``/organization/<slug>/log`` and ``log.csv``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        app.add_url_rule(f"{CONSOLE}/log", "organization_log", self.log)
        app.add_url_rule(f"{CONSOLE}/log.csv", "organization_log_file", self.file)

    def log(self, slug: str) -> Response:
        """A page of the log."""
        console = self._entrance.enter(slug)
        asked = Asked.read()
        with self._database.reading() as tx:
            found = self._find(tx, console, asked, PAGE_SIZE + 1)
            teller = Teller(tx, console.organization, found)
        deeds = [teller.tell(each) for each in found[:PAGE_SIZE]]
        path = f"{console.path}/log"
        return self._entrance.render(
            console,
            "log",
            steps=[(gettext("organization.log.heading"), None)],
            asked=asked,
            kinds=tuple(KINDS),
            deeds=deeds,
            older=path + asked.query(deeds[-1].id) if len(found) > PAGE_SIZE else None,
            newest=path + asked.query() if asked.before else None,
            file=f"{path}.csv{asked.query()}",
        )

    def file(self, slug: str) -> Response:
        """The newest deeds that were asked for, as a file; that it was taken is a deed as well."""
        console = self._entrance.enter(slug)
        with self._database.transaction() as tx:
            found = self._find(tx, console, Asked.read(), MOST_IN_FILE)
            teller = Teller(tx, console.organization, found)
            record(
                tx,
                Event.AUDIT_EXPORTED,
                by=console.by,
                organization_id=console.organization.id,
                rows=len(found),
            )
        content = _file([teller.tell(each) for each in found])
        return console.visit.answer(download(f"{slug}-log.csv", content))

    def _find(
        self, tx: Transaction, console: Console, asked: Asked, limit: int
    ) -> list[AuditRecord]:
        person_id, is_account_ours = self._person(tx, console, asked.person)
        question = Question(
            reference=asked.reference or None,
            person_id=person_id,
            is_account_ours=is_account_ours,
            events=KINDS.get(asked.kind, ()),
            before=asked.before or None,
        )
        return find(tx, console.organization.id, question, limit=limit)

    def _person(self, tx: Transaction, console: Console, username: str) -> tuple[str | None, bool]:
        """Who holds this username or ever did, and whether their account is within reach here."""
        if not username:
            return None, False
        person_id = usernames.owner(tx, username) or _NOBODY
        try:
            reached = main_users.reach(tx, console.organization.id, person_id)
        except NotFound:
            return person_id, False
        return person_id, access.may_end_sessions(console.asker, reached.target).is_given


def _typed(name: str) -> str:
    """A parameter as a store takes it: no store takes every character."""
    text = request.args.get(name, "")[:_LONGEST]
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _file(deeds: list[Deed]) -> str:
    names = ("at", "event", "sentence", "remarks", "network", "reference")
    heading = [gettext(f"organization.log.column.{name}") for name in names]
    rows = [
        (
            format_datetime(current_locale(), deed.at),
            deed.event,
            deed.sentence,
            "; ".join(f"{name}: {value}" for name, value in deed.remarks),
            deed.network,
            deed.reference,
        )
        for deed in deeds
    ]
    return table(heading, rows)
