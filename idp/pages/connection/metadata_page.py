"""SAML metadata that waits: what differs from what counts now, and accepting it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, flash
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation.federation import Federation
from idp.authentication.federation.saml import names
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.metadata import Endpoint, IdentityProvider
from idp.authentication.federation.saml.waiting import Waiting
from idp.errors import Invalid
from idp.foundation.clock import utcnow
from idp.foundation.locale import format_datetime
from idp.foundation.texts import current_locale
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance
from idp.pages.connection.forms import AcceptForm, refuse
from idp.pages.connection.reached import reach

_BINDINGS: Mapping[str, str] = {names.REDIRECT: "HTTP-Redirect", names.POST: "HTTP-POST"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A certificate of theirs as people compare it; ``connection.certificate.<fate>``."""

    fingerprint: str
    valid_from: datetime
    valid_until: datetime
    fate: str
    """``new``, ``gone`` or ``stays``."""
    is_expired: bool


@dataclass(frozen=True, kw_only=True)
class Value:
    """Something else that the metadata says, before and after."""

    name: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


class MetadataPage:
    """``/organization/<slug>/connection/<name>/metadata``."""

    def __init__(self, entrance: Entrance, federation: Federation) -> None:
        self._entrance = entrance
        self._refresh = federation.metadata_refresh
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page and its deed."""
        path = f"{CONNECTION}/<name>/metadata"
        app.add_url_rule(path, "connection_metadata", self.show)
        app.add_url_rule(path, "connection_metadata_accept", self.accept, methods=["POST"])

    def show(self, slug: str, name: str) -> Response:
        """What waits, beside what counts; or that nothing waits."""
        return self._page(self._entrance.enter(slug), name, AcceptForm(formdata=None))

    def accept(self, slug: str, name: str) -> Response:
        """Take exactly the document that was shown."""
        desk, form = self._entrance.enter(slug), AcceptForm()
        if not form.validate_on_submit():
            return self._page(desk, name, form)
        try:
            with self._database.transaction() as tx:
                is_taken = self._refresh.accept(
                    tx,
                    reach(self._entrance, desk, tx, name).connection,
                    by=desk.by,
                    why=form.reason(),
                    seen=form.mark.data or "",
                )
        except Invalid as error:
            refuse(form, error)
            return self._page(desk, name, form, status=error.status)
        if not is_taken:
            flash(gettext("connection.metadata.stale"), "warning")
            return desk.visit.go(f"{desk.path}/{name}/metadata")
        self._entrance.connections.changed()
        flash(gettext("connection.metadata.accepted"), "success")
        return desk.visit.go(f"{desk.path}/{name}")

    def _page(self, desk: Desk, name: str, form: AcceptForm, *, status: int = 200) -> Response:
        with self._database.reading() as tx:
            connection = reach(self._entrance, desk, tx, name).connection
            waiting = self._refresh.waiting(tx, connection) if connection.kind == "saml" else None
        here = f"{desk.path}/{name}"
        form.mark.data = waiting.mark if waiting else ""
        return self._entrance.render(
            desk,
            "metadata",
            steps=[(connection.title, here), (gettext("connection.metadata.heading"), None)],
            status=status,
            here=here,
            form=form,
            waiting=waiting,
            address=connection.document.get("metadata_url"),
            certificates=list(_certificates(waiting)) if waiting else [],
            values=list(_values(waiting)) if waiting else [],
        )


def _certificates(waiting: Waiting) -> Iterator[Shown]:
    stay = [each for each in waiting.given.certificates if each not in waiting.added]
    fates = {"new": waiting.added, "stays": stay, "gone": waiting.removed}
    for fate, found in fates.items():
        for each in found:
            yield _shown(each, fate)


def _shown(certificate: Certificate, fate: str) -> Shown:
    return Shown(
        fingerprint=certificate.fingerprint,
        valid_from=certificate.not_before,
        valid_until=certificate.not_after,
        fate=fate,
        is_expired=certificate.not_after <= utcnow(),
    )


def _values(waiting: Waiting) -> Iterator[Value]:
    """Everything else that is read of the metadata, what differs first."""
    before, after = _told(waiting.pinned), _told(waiting.given)
    found = [
        Value(name=name, before=before.get(name, ""), after=after.get(name, ""))
        for name in dict.fromkeys([*before, *after])
    ]
    told = [each for each in found if each.before or each.after]
    yield from sorted(told, key=lambda each: not each.differs)


def _told(provider: IdentityProvider) -> dict[str, str]:
    until = provider.valid_until
    return {
        "entityID": provider.entity_id,
        **_places("SingleSignOnService", provider.sign_in),
        **_places("SingleLogoutService", provider.logout),
        "validUntil": format_datetime(current_locale(), until) if until else "",
        "Scope": ", ".join(sorted(provider.scopes)),
    }


def _places(service: str, endpoints: Mapping[str, Endpoint]) -> dict[str, str]:
    return {f"{service} {_BINDINGS[each]}": endpoints[each].location for each in endpoints}
