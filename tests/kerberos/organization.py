"""An organization whose people come with tickets of its own Kerberos realm, for tests over HTTP."""

from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from idp.authentication.federation.models import Arrival, ExternalIdentityRecord
from idp.directory.models import Person
from tests.kerberos.kdc import Kdc, encoded
from tests.provider import OPERATOR, Provider, TestBrowser

SERVICE = "HTTP/id.example.fi"
NAMES = {
    "given_name": {"split": "name", "at": ".", "part": 0},
    "family_name": {"split": "name", "at": ".", "part": 1},
}
"""Names as an organization can have them whose accounts are called first.last."""


class Kerberized:
    """An organization with one connection, switched on, and ``aino.kuusela`` in its realm."""

    def __init__(
        self, provider: Provider, kdc: Kdc, slug: str = "kuusela", **document: Any
    ) -> None:
        self.provider, self.kdc, self.slug = provider, kdc, slug
        self.organization = provider.organization(slug)
        for name in (SERVICE, "HTTP/muu.example.fi"):
            kdc.principal(name, "-randkey")
        kdc.principal("aino.kuusela")
        given = {
            "kind": "kerberos",
            "name": "verkko",
            "realm": kdc.realm,
            "keytab": encoded(kdc.keytab(SERVICE)),
            "mapping": NAMES,
            **document,
        }
        self.connections = provider.deployment.connections
        with provider.database.transaction() as tx:
            self.row = self.connections.create(tx, self.organization, given, by=OPERATOR)
            self.connections.enable(tx, self.row, by=OPERATOR)
        self.connections.changed()
        self.path = f"/sso/{slug}/{self.row.name}"
        self.ticket: Path = kdc.sign_in("aino.kuusela")

    def asked(self, browser: TestBrowser, address: str | None = None) -> httpx.Response:
        """The question that the SSO link leads to."""
        page = browser.open(address or f"/sso/{self.slug}")
        assert page.status_code == 401, page.text
        return page

    def token(self, service: str = SERVICE) -> bytes:
        """What a browser of Aino's computer sends."""
        return self.kdc.token(service, self.ticket)

    def answer(
        self, browser: TestBrowser, page: httpx.Response, token: bytes | None = None
    ) -> httpx.Response:
        """Answer the question as the browser does by itself."""
        given = encoded(self.token() if token is None else token)
        return browser.get(str(page.url), headers={"Authorization": f"Negotiate {given}"})

    def arrive(self, browser: TestBrowser, token: bytes | None = None) -> httpx.Response:
        """There and back."""
        return self.answer(browser, self.asked(browser), token)

    def latest(self) -> Arrival:
        """What became of the latest arrival."""
        with self.provider.database.reading() as tx:
            return tx.session.scalars(select(Arrival).order_by(Arrival.at.desc()).limit(1)).one()

    def reason(self) -> str:
        """Why, or ``ok``."""
        with self.provider.database.reading() as tx:
            return (
                tx.session.scalars(select(Arrival.reason).order_by(Arrival.at.desc())).first() or ""
            )

    def people(self) -> list[tuple[str, str]]:
        """Everybody linked: subject and username."""
        with self.provider.database.reading() as tx:
            rows = tx.session.execute(
                select(ExternalIdentityRecord.subject, Person.username).join(
                    Person, Person.id == ExternalIdentityRecord.person_id
                )
            )
            return [(subject, username) for subject, username in rows]
