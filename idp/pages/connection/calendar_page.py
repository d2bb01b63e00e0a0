"""The calendar of the organization's connections, and its feed for calendar programs."""

from flask import Flask, flash
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation import calendar, icalendar
from idp.authentication.federation.calendar import Entry, Expiry
from idp.authentication.federation.expiries import expiries
from idp.authentication.federation.passes import Purpose
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.locale import format_datetime, translate
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance

_CALENDAR = f"{CONNECTION}/calendar"
_ALARMS = (30, 7)


class CalendarPage:
    """``/organization/<slug>/connection/calendar`` and ``/calendar/<token>.ics``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database
        self._keyring = entrance.parts.keyring

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        feed = f"{_CALENDAR}/feed"
        app.add_url_rule(_CALENDAR, "connection_calendar", self.show)
        app.add_url_rule(feed, "connection_feed", self.make_feed, methods=["POST"])
        app.add_url_rule(
            f"{feed}/revoke", "connection_feed_revoke", self.revoke_feed, methods=["POST"]
        )
        app.add_url_rule("/calendar/<token>.ics", "calendar_feed", self.feed)

    def show(self, slug: str) -> Response:
        """What expires, what comes first on top."""
        desk = self._entrance.enter(slug)
        with self._database.reading() as tx:
            found = expiries(tx, self._keyring, desk.organization.id)
            living = self._entrance.passes.living(tx, Purpose.CALENDAR, desk.organization.id)
        feed = self._entrance.passes.token(living[0]) if living and desk.is_insider else ""
        return self._entrance.render(
            desk,
            "calendar",
            steps=[(gettext("connection.calendar.heading"), None)],
            entries=calendar.entries(found, utcnow()),
            warn_days=calendar.WARN_DAYS,
            feed=f"{self._entrance.issuer}/calendar/{feed}.ics" if feed else "",
        )

    def make_feed(self, slug: str) -> Response:
        """Make the feed's secret address."""
        desk = self._enter(slug)
        with self._database.transaction() as tx:
            if not self._entrance.passes.living(tx, Purpose.CALENDAR, desk.organization.id):
                self._entrance.passes.issue(tx, Purpose.CALENDAR, desk.organization.id, by=desk.by)
        flash(gettext("connection.calendar.feed_made"), "success")
        return desk.visit.go(f"{desk.path}/calendar")

    def revoke_feed(self, slug: str) -> Response:
        """Let the address lead nowhere from now on."""
        desk = self._enter(slug)
        passes = self._entrance.passes
        with self._database.transaction() as tx:
            for living in passes.living(tx, Purpose.CALENDAR, desk.organization.id):
                passes.revoke(tx, desk.organization.id, living.id, by=desk.by)
        flash(gettext("connection.calendar.feed_revoked"), "success")
        return desk.visit.go(f"{desk.path}/calendar")

    def feed(self, token: str) -> Response:
        """The calendar for a program; NotFound where the address is no living one."""
        with self._database.reading() as tx:
            opened = self._entrance.passes.open(tx, Purpose.CALENDAR, token)
            if opened is None:
                raise NotFound
            organization = opened.organization
            found = expiries(tx, self._keyring, organization.id)
        entries = calendar.entries(found, utcnow())
        text = icalendar.write(
            translate(organization.locale, "connection.ics.name", organization=organization.name),
            [_happening(organization.locale, entry) for entry in entries],
            now=utcnow(),
        )
        return Response(text, mimetype="text/calendar")

    def _enter(self, slug: str) -> Desk:
        """A feed outlives a setup link, so those who came by one make none."""
        desk = self._entrance.enter(slug)
        if not desk.is_insider:
            raise NotFound
        return desk


def _happening(locale: str, entry: Entry) -> icalendar.Happening:
    expiry = entry.expiry
    kind = translate(locale, f"connection.calendar.kind.{expiry.kind}")
    about = "connection.ics.change" if expiry.kind.is_change else "connection.ics"
    return icalendar.Happening(
        uid=_uid(expiry),
        day=expiry.expires_at.date(),
        summary=translate(locale, f"{about}.summary", kind=kind, connection=expiry.title),
        description=translate(
            locale,
            f"{about}.description",
            label=expiry.label,
            at=format_datetime(locale, expiry.expires_at),
            what=translate(locale, f"connection.calendar.mend.{expiry.kind}"),
        ),
        alarms=_ALARMS,
    )


def _uid(expiry: Expiry) -> str:
    return f"{expiry.connection_id}-{expiry.kind}-{expiry.expires_at:%Y%m%d}@laatuportti"
