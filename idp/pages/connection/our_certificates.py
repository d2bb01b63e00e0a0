"""Our certificates towards a SAML identity provider: which one signs, which one comes next."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from werkzeug.wrappers import Response

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.federation import Federation
from idp.authentication.federation.saml import renewal
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.service_provider import ServiceProvider
from idp.errors import NotFound
from idp.pages.connection.entrance import CONNECTION, Entrance
from idp.pages.connection.reached import reach


@dataclass(frozen=True, kw_only=True)
class Rollover:
    """Where the change of our certificate stands; every moment is told, none is decided here."""

    present: Certificate
    coming: Certificate | None
    """The next one, published in our metadata already; None before that."""
    published_at: datetime
    """When the next one is published, or was due to be."""
    changes_at: datetime
    """When requests begin to be signed with the next one."""


def rollover(ours: ServiceProvider) -> Rollover:
    """Where our side's change stands."""
    present, coming = ours.signing.certificate, ours.next_signing
    ends = present.not_after
    return Rollover(
        present=present,
        coming=coming,
        published_at=ends - renewal.PUBLISHED_BEFORE,
        changes_at=renewal.used_from(ends, coming.not_before)
        if coming
        else ends - renewal.USED_BEFORE,
    )


class OurCertificates:
    """``/organization/<slug>/connection/<name>/certificate/<which>``: each as a file."""

    def __init__(self, entrance: Entrance, federation: Federation) -> None:
        self._entrance = entrance
        self._partners = federation.partners

    def register(self, app: Flask) -> None:
        """Mount the files."""
        path = f"{CONNECTION}/<name>/certificate/<which>.pem"
        app.add_url_rule(path, "connection_certificate", self.download)

    def of(self, connection: Connection) -> Rollover | None:
        """Of a SAML connection; others have none."""
        return rollover(self._partners.ours(connection)) if connection.kind == "saml" else None

    def download(self, slug: str, name: str, which: str) -> Response:
        """``present`` or ``next`` in PEM."""
        desk = self._entrance.enter(slug)
        with self._entrance.parts.database.reading() as tx:
            connection = reach(self._entrance, desk, tx, name).connection
        found = self.of(connection)
        certificates = {"present": found.present, "next": found.coming} if found else {}
        certificate = certificates.get(which)
        if certificate is None:
            raise NotFound
        pem = certificate.x509.public_bytes(Encoding.PEM)
        file = f"laatuportti-{slug}-{name}-{which}.pem"
        answer = Response(pem, mimetype="application/x-pem-file")
        answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
        return answer
