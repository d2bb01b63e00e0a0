"""An organization whose people come through a SAML identity provider, for tests over HTTP."""

from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from idp.authentication.federation.identity import Departure
from idp.authentication.federation.models import Arrival, UpstreamSession
from tests.provider import OPERATOR, Provider, TestBrowser, forms
from tests.saml.answers import IDP
from tests.saml.ours import idp_metadata
from tests.saml.pysaml2_idp import Pysaml2


class SamlOrganization:
    """An organization with one SAML connection, switched on, and pysaml2 as its provider."""

    def __init__(
        self, provider: Provider, folder: Path, slug: str = "kuusela", **document: Any
    ) -> None:
        self.provider, self.slug = provider, slug
        self.organization = provider.organization(slug)
        given = {"kind": "saml", "name": "saml", "metadata": idp_metadata(), **document}
        if "metadata_url" in document:
            del given["metadata"]
        connections = provider.deployment.connections
        with provider.database.transaction() as tx:
            self.row = connections.create(tx, self.organization, given, by=OPERATOR)
            connections.enable(tx, self.row, by=OPERATOR)
        connections.changed()
        self.path = f"/sso/{slug}/saml"
        self.metadata = provider.browser().get(f"{self.path}/metadata").content
        self.upstream = Pysaml2(folder, self.metadata)

    def depart(self, browser: TestBrowser, address: str | None = None) -> Departure:
        """Where the SSO link sends the browser."""
        answer = browser.open(address or f"/sso/{self.slug}")
        if answer.status_code == 200:
            form = forms(answer)[0]
            return Departure(location=form.action, fields=form.fields)
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"].startswith(IDP)
        return Departure(location=answer.headers["Location"])

    def post(self, browser: TestBrowser, answer: dict[str, str]) -> httpx.Response:
        """Let the browser post the answer as the upstream's page makes it: without our cookies.

        Where it was refused, the page that says so.
        """
        stranger = self.provider.browser(Origin="https://idp.example.org")
        posted = stranger.post(f"{self.path}/acs", data=answer)
        assert "Set-Cookie" not in posted.headers
        location = posted.headers.get("Location", "")
        return browser.open(location) if "/continue?refused=" in location else posted

    def arrive(
        self, browser: TestBrowser, address: str | None = None, **how: Any
    ) -> httpx.Response:
        """There and back; where it ends: at the portal, or at a page of ours."""
        answer = self.upstream.answer(self.depart(browser, address), **how)
        posted = self.post(browser, answer)
        assert posted.status_code == 303, posted.text
        return browser.open(posted.headers["Location"])

    def reason(self) -> str:
        """What became of the latest arrival."""
        with self.provider.database.reading() as tx:
            newest = select(Arrival.reason).order_by(Arrival.at.desc())
            return tx.session.scalars(newest).first() or ""

    def live(self) -> int:
        """How many sessions the connection holds open."""
        with self.provider.database.reading() as tx:
            open_ones = select(func.count()).select_from(UpstreamSession)
            return tx.session.scalar(open_ones.where(UpstreamSession.ended_at.is_(None))) or 0
