"""Issue 4.5: the IT person chooses a product, copies our values, gives theirs; each change kept."""

import pytest
from sqlalchemy import select

from idp.audit import AuditRecord, Event
from idp.pages.connection import products
from idp.pages.connection.products import PRODUCTS
from tests.pages import look
from tests.pages.connection.desk import ENTRA, SSO, ItDesk
from tests.saml.ours import idp_metadata


def test_the_way_from_nothing_to_a_draft(desk: ItDesk) -> None:
    assert "Yhteyttä ei ole vielä" in look.text(desk.look())
    assert f"{SSO}/new/entra_oidc" in look.links(desk.look("/new"))
    made = desk.connect()
    assert made.url.path == f"{SSO}/entra-oidc"
    assert "Luonnos" in look.text(made)
    assert "entra-oidc" in look.text(desk.look())
    with desk.provider.database.reading() as tx:
        row = desk.provider.deployment.connections.get(tx, desk.organization_id, "entra-oidc")
        assert row.enabled_at is None
        assert row.document["product"] == "entra_oidc"
        secrets = desk.provider.deployment.connections.secrets(row)
        assert secrets["client_secret"] == ENTRA["client_secret"]


@pytest.mark.parametrize("product", [each.id for each in products.offered()])
def test_every_product_has_its_guide_with_our_values(desk: ItDesk, product: str) -> None:
    page = desk.look(f"/new/{product}")
    name = product.replace("_", "-")
    kind = PRODUCTS[product].kind
    ours = {"oidc": ["callback"], "saml": ["metadata", "acs"], "kerberos": []}[kind]
    for path in ours:
        assert f'value="https://id.example.fi/sso/kuusela/{name}/{path}"' in page.text
    assert page.text.count("<li>", page.text.index('<ol class="guide">')) >= 2


def test_every_error_is_told_at_its_field(desk: ItDesk) -> None:
    page = desk.connect(issuer="https://login.microsoftonline.com/common/v2.0", client_id="")
    assert page.status_code == 422
    assert set(look.errors(page)) == {"client_id"}
    page = desk.connect(issuer="https://login.microsoftonline.com/common/v2.0")
    assert set(look.errors(page)) == {"issuer"}
    page = desk.connect(client_secret_expires="joskus")
    assert set(look.errors(page)) == {"client_secret_expires"}
    page = desk.connect("saml")
    assert set(look.errors(page)) == {"metadata"}
    page = desk.connect("google", issuer="https://accounts.google.com", **_client())
    assert set(look.errors(page)) == {"hosted_domain"}


def _client() -> dict[str, str]:
    return {"client_id": "x", "client_secret": "y"}


def test_a_second_connection_to_the_same_product_gets_a_name_of_its_own(desk: ItDesk) -> None:
    desk.connect()
    assert desk.connect().url.path == f"{SSO}/entra-oidc-2"


def test_a_secret_is_never_shown_again_and_stays_where_it_is_left_empty(desk: ItDesk) -> None:
    desk.connect()
    for path in ("/entra-oidc", "/entra-oidc/edit", "/entra-oidc/versions"):
        assert ENTRA["client_secret"] not in desk.look(path).text
    desk.it.submit(desk.look("/entra-oidc/edit"), client_id="app-2", why="uusi sovellus")
    with desk.provider.database.reading() as tx:
        row = desk.provider.deployment.connections.get(tx, desk.organization_id, "entra-oidc")
        assert row.document["client_id"] == "app-2"
        secrets = desk.provider.deployment.connections.secrets(row)
        assert secrets["client_secret"] == ENTRA["client_secret"]


def test_every_change_is_a_version_with_who_and_why_and_an_older_one_comes_back(
    desk: ItDesk,
) -> None:
    desk.connect(client_secret_expires="31.5.2027")
    desk.it.submit(desk.look("/entra-oidc/edit"), client_id="app-2", why="uusi sovellus")
    text = look.text(desk.look("/entra-oidc/versions"))
    assert "Ilmari Inari" in text
    assert "uusi sovellus" in text
    assert "client_id app-1 app-2" in text
    page = desk.it.submit(desk.look("/entra-oidc/versions"))
    assert "Version 1 asetukset ovat nyt voimassa" in look.text(page)
    assert desk.document()["client_id"] == "app-1"
    assert desk.document()["client_secret_expires"] == "2027-05-31"
    with desk.provider.database.reading() as tx:
        query = select(AuditRecord).where(AuditRecord.event == Event.CONNECTION_CHANGED.value)
        assert len(tx.session.scalars(query).all()) == 2


def test_metadata_by_file_takes_the_place_of_the_address_that_stood_there(desk: ItDesk) -> None:
    desk.connect("saml", metadata_url="https://idp.kuusela.example/metadata")
    page = desk.look("/saml/edit")
    desk.it.submit(page, why="ei muutosta")
    assert desk.document("saml")["metadata_url"] == "https://idp.kuusela.example/metadata"
    refused = desk.it.submit(page, metadata="<EntityDescriptor/>")
    assert set(look.errors(refused)) == {"metadata"}
    desk.it.submit(page, metadata=idp_metadata())
    assert desk.document("saml")["metadata_url"] is None
    assert "IDPSSODescriptor" in desk.document("saml")["metadata"]
