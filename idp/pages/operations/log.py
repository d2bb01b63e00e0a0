"""The event log of the whole system: the newest deeds, or all that bear one reference (M16)."""

from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.audit import read
from idp.foundation.texts import current_locale
from idp.pages.log_entries import entries
from idp.pages.menu import LOG, OPERATIONS
from idp.pages.shell import Shell

_PAGE = 50
_LONGEST = 100


class Log:
    """``/operations/log``."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._database = shell.visits.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(LOG, "operations_log", self.log)

    def log(self) -> Response:
        """A page of deeds, newest first; ``before`` is the last one of the page before."""
        visit = self._shell.operator()
        reference = _asked("reference")
        with self._database.reading() as tx:
            records = read(
                tx,
                organization_id=None,
                reference=reference or None,
                before=_asked("before") or None,
                limit=_PAGE,
            )
            shown = entries(tx, records, current_locale())
        return self._shell.render(
            visit,
            "pages/operations/log.html",
            current=LOG,
            breadcrumb=[(gettext("menu.operations"), OPERATIONS), (gettext("menu.log"), None)],
            entries=shown,
            reference=reference,
            older=_older(shown[-1].record_id, reference) if len(shown) == _PAGE else None,
        )


def _asked(name: str) -> str:
    """A parameter as a store takes it: no store takes every character."""
    text = request.args.get(name, "")[:_LONGEST]
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _older(before: str, reference: str) -> str:
    asked = {"reference": reference, "before": before}
    return f"{LOG}?{urlencode({name: value for name, value in asked.items() if value})}"
