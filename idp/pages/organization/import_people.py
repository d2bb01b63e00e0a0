"""Importing many people (M2): a file is checked row by row, then imported as it was checked.

Nothing is kept here between the two: the checked file travels in the page, sealed for this person
and organization. Every row is judged anew when it is imported, in a transaction of few rows.
"""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, flash, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication import recovery
from idp.authentication.links import Links
from idp.directory import access, people_file
from idp.directory.importing import Then, Verdict, import_people
from idp.directory.people_file import Row
from idp.directory.persons import Added
from idp.errors import Invalid
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.sealed import Unopenable
from idp.foundation.web.site import accept_large_posts
from idp.pages.organization.entrance import CONSOLE, Console, Entrance
from idp.pages.organization.forms import FileForm, ImportForm, field_error
from idp.pages.organization.spreadsheet import download, table
from idp.pages.organization.verdicts import SHOWN, as_file, counts, strange_first, tell

MOST_ROWS = 1000
"""Rows of one import here: what a request gets done while its browser waits; commands take more."""
_MOST_CARRIED = 180_000
"""Bytes that travel in a page, packed; sealed they are a third more."""
_MOST_POSTED = people_file.MOST_BYTES + 1024 * 1024
"""Bytes of a form here: the largest file, or what is carried, and what is around it."""
_FILE, _RESULT = "checked people file", "import result"
_IMPORT = f"{CONSOLE}/people/import"


class ImportPeople:
    """``/organization/<slug>/people/import`` and what lies below it."""

    def __init__(self, entrance: Entrance, links: Links) -> None:
        self._entrance = entrance
        self._links = links
        self._database = entrance.parts.database
        self._keyring = entrance.parts.keyring

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        press = ["POST"]
        app.add_url_rule(_IMPORT, "organization_import", self.check, methods=["GET", "POST"])
        app.add_url_rule(f"{_IMPORT}/template.csv", "organization_import_template", self.template)
        app.add_url_rule(f"{_IMPORT}/rows", "organization_import_rows", self.rows, methods=press)
        app.add_url_rule(
            f"{_IMPORT}/result.csv", "organization_import_result", self.result, methods=press
        )
        for name in ("", "_rows", "_result"):
            accept_large_posts(f"organization_import{name}", _MOST_POSTED)

    def check(self, slug: str) -> Response:
        """The form; or what would come of each row of the file that was given."""
        console = self._enter(slug)
        form = FileForm()
        if not form.validate_on_submit():
            return self._form(console, form)
        content = _given(form)
        try:
            rows, packed = _read(content), _pack(content)
        except Invalid as error:
            form.file.errors = _reasons(error)
            return self._form(console, form, error.status)
        verdicts = self._import(console, rows, dry_run=True)
        checked = self._seal(_FILE, packed, console)
        return self._outcome(console, "import_checked", verdicts, checked=checked)

    def rows(self, slug: str) -> Response:
        """Import the file that was checked; what became of each row."""
        console = self._enter(slug)
        form = ImportForm()
        try:
            content = self._unseal(_FILE, request.form.get("checked", ""), console)
        except Unopenable:
            flash(gettext("organization.import.lost"), "warning")
            return console.visit.go(f"{console.path}/people/import")
        then = self._send_link(console) if form.mail.data else None
        verdicts = self._import(console, _read(content), then=then)
        return self._outcome(console, "import_done", verdicts, is_mailed=form.mail.data)

    def template(self, slug: str) -> Response:
        """An empty file with the columns."""
        self._enter(slug)
        columns = people_file.REQUIRED + people_file.OPTIONAL
        return download("laatuportti.csv", table(columns, []))

    def result(self, slug: str) -> Response:
        """The verdicts of all rows as a file; the page that shows them brings them along."""
        console = self._enter(slug)
        content = self._unseal(_RESULT, request.form.get("result", ""), console)
        return console.visit.answer(download(f"{slug}.csv", content.decode()))

    def _enter(self, slug: str) -> Console:
        console = self._entrance.enter(slug)
        access.may_add_people(console.organization).require()
        return console

    def _import(
        self,
        console: Console,
        rows: Sequence[Row],
        *,
        dry_run: bool = False,
        then: Then | None = None,
    ) -> list[Verdict]:
        return list(
            import_people(
                self._database,
                console.organization,
                rows,
                by=console.by,
                dry_run=dry_run,
                then=then,
            )
        )

    def _send_link(self, console: Console) -> Then:
        """What is done with each person added: a new account is mailed its first link."""

        def send(tx: Transaction, added: Added) -> None:
            if added.is_new:
                recovery.send_link(
                    tx,
                    self._links,
                    added.person,
                    requested_at=utcnow(),
                    by=console.by,
                    organization_id=console.organization.id,
                )

        return send

    def _form(self, console: Console, form: FileForm, status: int = 200) -> Response:
        return self._entrance.render(
            console,
            "import",
            steps=[(gettext("organization.import.heading"), None)],
            status=status,
            form=form,
            required=people_file.REQUIRED,
            optional=people_file.OPTIONAL,
            most_rows=MOST_ROWS,
        )

    def _outcome(
        self, console: Console, name: str, verdicts: list[Verdict], **context: Any
    ) -> Response:
        told = tell(verdicts, is_done=name == "import_done")
        return self._entrance.render(
            console,
            name,
            steps=[
                (gettext("organization.import.heading"), f"{console.path}/people/import"),
                (gettext(f"organization.{name}.heading"), None),
            ],
            form=ImportForm(formdata=None),
            counts=counts(verdicts),
            told=strange_first(told),
            more=max(0, len(told) - SHOWN),
            result=self._seal(_RESULT, zlib.compress(as_file(told).encode(), 9), console),
            reference=console.visit.reference,
            **context,
        )

    def _seal(self, purpose: str, packed: bytes, console: Console) -> str:
        return self._keyring.seal(purpose, packed, _bound_to(console))

    def _unseal(self, purpose: str, sealed: str, console: Console) -> bytes:
        return zlib.decompress(self._keyring.unseal(purpose, sealed, _bound_to(console)))


def _bound_to(console: Console) -> str:
    return f"{console.organization.id} {console.visit.session.person_id}"


def _given(form: FileForm) -> bytes:
    """The file, or the text where no file was chosen."""
    content: bytes = form.file.data.read() if form.file.data else b""
    return content or (form.text.data or "").encode()


def _read(content: bytes) -> list[Row]:
    if not content.strip():
        raise Invalid({"file": "file_missing"})
    rows = people_file.read(content)
    if len(rows) > MOST_ROWS:
        raise Invalid({"file": "file_too_many_rows_here"}, most=MOST_ROWS)
    return rows


def _pack(content: bytes) -> bytes:
    """The file as small as it gets; Invalid where that is too large to travel in a page."""
    packed = zlib.compress(content, 9)
    if len(packed) > _MOST_CARRIED:
        raise Invalid({"file": "file_too_large_here"})
    return packed


def _reasons(error: Invalid) -> list[str]:
    """Why the file cannot be read: one reason for the file, or one for each column."""
    detail: Mapping[str, object] = error.detail
    if error.code != "file_columns":
        return [field_error(code, detail) for code in error.fields.values()]
    return [f"{column}: {field_error(code, detail)}" for column, code in error.fields.items()]
