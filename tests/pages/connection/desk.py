"""Kuusela's IT person at the pages of single sign-on."""

from typing import Any

import httpx

from tests.pages.organization.desk import Desk
from tests.provider import Provider

SSO = "/organization/kuusela/connection"
TENANT = "11111111-2222-3333-4444-555555555555"
ENTRA = {
    "issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "client_id": "app-1",
    "client_secret": "s3cret-value",
}
"""What an administrator of Entra ID copies to us."""


class ItDesk(Desk):
    """Kuusela with its main user Pirkko and its IT person Ilmari."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider)
        self.ilmari = self.person("ilmari@example.fi", "Ilmari", "Inari", roles=("it_admin",))
        self.it = self.signed_in(self.ilmari)

    def look(self, path: str = "", **query: str) -> httpx.Response:
        """A page of the IT person's."""
        return self.it.follow(self.it.get(f"{SSO}{path}", params=query))

    def connect(self, product: str = "entra_oidc", **values: str) -> httpx.Response:
        """A connection made by the form, or the form with its errors."""
        given = ENTRA if product == "entra_oidc" else {}
        page = self.look(f"/new/{product}")
        return self.it.submit(page, **{**given, **values})

    def document(self, name: str = "entra-oidc") -> dict[str, Any]:
        """The connection's document as it is stored."""
        with self.provider.database.reading() as tx:
            row = self.provider.deployment.connections.get(tx, self.organization_id, name)
            return dict(row.document)
