"""An organization whose people come through an OpenID provider of its own, for tests."""

from typing import Any

import httpx
from sqlalchemy import func, select

from idp.authentication.federation.models import Arrival, ExternalIdentityRecord
from idp.directory.models import Membership, Organization, Person
from tests.oidc_upstream import Upstream
from tests.provider import ISSUER, OPERATOR, PORTAL, Provider, TestBrowser


class Federated:
    """An organization with one connection, switched on."""

    def __init__(
        self, provider: Provider, upstream: Upstream, slug: str = "kuusela", **changes: Any
    ) -> None:
        self.provider, self.upstream, self.slug = provider, upstream, slug
        self.organization: Organization = provider.organization(slug)
        self.connections = provider.deployment.connections
        with provider.database.transaction() as tx:
            self.row = self.connections.create(
                tx, self.organization, upstream.document(**changes), by=OPERATOR
            )
            self.connections.enable(tx, self.row, by=OPERATOR)
        self.connections.changed()
        self.path = f"/sso/{slug}/{self.row.name}"

    def depart(self, browser: TestBrowser, address: str | None = None) -> str:
        """Where the SSO link sends the browser."""
        answer = browser.open(address or f"/sso/{self.slug}")
        assert answer.status_code == 303, answer.text
        location = answer.headers["Location"]
        assert location.startswith(self.upstream.issuer), location
        return location

    def arrive(self, browser: TestBrowser, address: str | None = None) -> httpx.Response:
        """There and back; where it ends: at the portal, or at a page of ours."""
        return browser.open(self.upstream.sign_in(self.depart(browser, address)))

    def disable(self) -> None:
        """Switch the connection off."""
        with self.provider.database.transaction() as tx:
            row = self.connections.get(tx, self.organization.id, self.row.name)
            self.connections.disable(tx, row, by=OPERATOR)
        self.connections.changed()

    def reason(self) -> str:
        """What became of the latest arrival."""
        with self.provider.database.reading() as tx:
            return (
                tx.session.scalars(
                    select(Arrival.reason)
                    .where(Arrival.connection_id == self.row.id)
                    .order_by(Arrival.at.desc())
                ).first()
                or ""
            )

    def person(self, subject: str = "upstream-maija") -> Person:
        """The person linked to an upstream subject."""
        with self.provider.database.reading() as tx:
            return tx.session.scalars(
                select(Person)
                .join(ExternalIdentityRecord, ExternalIdentityRecord.person_id == Person.id)
                .where(
                    ExternalIdentityRecord.subject == subject,
                    ExternalIdentityRecord.connection_id == self.row.id,
                    ExternalIdentityRecord.closed_at.is_(None),
                )
            ).one()

    def membership(self, person_id: str) -> Membership:
        """What the person is in the organization."""
        with self.provider.database.reading() as tx:
            key = {"person_id": person_id, "organization_id": self.organization.id}
            return tx.session.get_one(Membership, key)

    def count(self, model: Any) -> int:
        """How many rows there are."""
        with self.provider.database.reading() as tx:
            return tx.session.scalar(select(func.count()).select_from(model)) or 0


def is_at_portal(answer: httpx.Response, slug: str) -> bool:
    """Whether the browser was sent to the portal's start for that organization."""
    location = httpx.URL(answer.headers.get("Location", ""))
    return (
        str(location).startswith(f"{PORTAL}/login")
        and location.params.get("organization") == slug
        and location.params.get("iss") == ISSUER
    )
