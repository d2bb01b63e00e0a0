"""'Istunnot ja laitteet': the browsers one is signed in at, and ending them from here."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, flash, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from idp.pages.account.devices import describe
from idp.pages.menu import SESSIONS
from idp.pages.shell import Shell, SignedInVisit


@dataclass(frozen=True, kw_only=True)
class Device:
    """A session as its person recognises it."""

    session_id: str
    name: str
    network: str
    since: datetime
    seen_at: datetime
    is_this: bool


class OwnSessions:
    """``/account/sessions``."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._sessions = shell.visits.sessions
        self._database = shell.visits.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(SESSIONS, "account_sessions", self.sessions, methods=["GET", "POST"])

    def sessions(self) -> Response:
        """The list, this browser first; or the end of one of the others, or of all of them."""
        visit = self._shell.signed_in()
        devices = self._devices(visit)
        if request.method == "POST":
            return self._end(visit, devices)
        return self._shell.render(
            visit,
            "pages/account/sessions.html",
            current=SESSIONS,
            breadcrumb=[(gettext("menu.sessions"), None)],
            devices=sorted(devices, key=lambda device: not device.is_this),
        )

    def _end(self, visit: SignedInVisit, devices: list[Device]) -> Response:
        """End what is in the person's own list; this browser's own ends by signing out."""
        wanted, all_others = request.form.get("session"), "others" in request.form
        doomed = [
            device.session_id
            for device in devices
            if not device.is_this and (all_others or device.session_id == wanted)
        ]
        with self._database.transaction() as tx:
            for session_id in doomed:
                self._sessions.end(tx, session_id, by=visit.actor, why="ended_by_person")
        ended = ngettext("sessions.ended", "sessions.ended", len(doomed))
        flash(ended if doomed else gettext("sessions.none_ended"), "success" if doomed else "info")
        return visit.go(SESSIONS)

    def _devices(self, visit: SignedInVisit) -> list[Device]:
        with self._database.reading() as tx:
            found = self._sessions.of_person(tx, visit.session.person_id)
        return [
            Device(
                session_id=each.id,
                name=describe(each.user_agent) or gettext("sessions.unknown_device"),
                network=each.network,
                since=each.created_at,
                seen_at=each.seen_at,
                is_this=each.id == visit.session.id,
            )
            for each in found
        ]
