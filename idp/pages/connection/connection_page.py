"""One connection: how far it is, what comes next, both sides' values."""

from flask import Flask
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.federation import Federation
from idp.authentication.federation.kerberos.upstream import keytab_of
from idp.pages.connection import keytabs
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance
from idp.pages.connection.our_certificates import OurCertificates
from idp.pages.connection.products import product
from idp.pages.connection.reached import reach
from idp.pages.connection.values import Values, ours

_SHOWN = ("issuer", "client_id", "hosted_domain", "client_secret_expires", "metadata_url", "realm")
"""Members of the document that are shown; ``connection.field.<name>`` is their name."""


_WAYS = ("test", "mapping", "policy", "switch", "versions")
"""What can be done with a connection, in the order in which it is done."""


class ConnectionPage:
    """``/organization/<slug>/connection/<name>``."""

    def __init__(
        self, entrance: Entrance, federation: Federation, certificates: OurCertificates
    ) -> None:
        self._entrance = entrance
        self._refresh = federation.metadata_refresh
        self._certificates = certificates
        self._kerberos = federation.kerberos

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(f"{CONNECTION}/<name>", "connection", self.show)

    def show(self, slug: str, name: str) -> Response:
        """The connection."""
        desk = self._entrance.enter(slug)
        with self._entrance.parts.database.reading() as tx:
            reached = reach(self._entrance, desk, tx, name)
            connection = reached.connection
            waits = connection.kind == "saml" and self._refresh.waiting(tx, connection) is not None
        known = product(connection.product)
        return self._entrance.render(
            desk,
            "connection",
            steps=[(connection.title, None)],
            here=f"{desk.path}/{name}",
            row=reached.row,
            title=connection.title,
            state=reached.state,
            product=known.id if known else connection.kind,
            is_editable=known is not None,
            ways=_ways(desk, name),
            ours=self._ours(desk, connection),
            theirs=_theirs(connection),
            waits=waits,
            rollover=self._certificates.of(connection),
            keys=self._keys(connection),
        )

    def _keys(self, connection: Connection) -> tuple[str, str] | None:
        """Of a Kerberos connection our principal, and the types of its keys that count."""
        if connection.kind != "kerberos":
            return None
        service = self._kerberos.service(connection)
        return service, ", ".join(keytabs.counted(keytab_of(connection), service))

    def _ours(self, desk: Desk, connection: Connection) -> Values:
        issuer, slug = self._entrance.issuer, desk.organization.slug
        return ours(issuer, slug, connection.name, connection.kind)


def _ways(desk: Desk, name: str) -> list[tuple[str, str, str]]:
    """What can be done next, in the order in which it is done."""
    here = f"{desk.path}/{name}"
    return [
        (gettext(f"connection.{way}.heading"), gettext(f"connection.{way}.text"), f"{here}/{way}")
        for way in _WAYS
    ]


def _theirs(connection: Connection) -> list[tuple[str, str]]:
    document = connection.document
    return [(name, str(document[name])) for name in _SHOWN if document.get(name)]
