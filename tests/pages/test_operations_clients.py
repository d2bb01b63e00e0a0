"""The operator's page for clients: listed, shown, switched off and on, a new secret shown once."""

import re

import pytest

from idp.audit import Event, read
from idp.clients.models import ClientRecord
from idp.directory.models import Person
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import Account, Provider
from tests.relying_party import RelyingParty

CLIENTS = "/operations/clients"


@pytest.fixture
def operator(provider: Provider) -> Account:
    """Somebody who runs the whole."""
    provider.organization()
    account = provider.person("olli@example.fi", given_name="Olli", family_name="Operaattori")
    provider.change(Person, account.id, is_operator=True)
    return account


def works(party: RelyingParty, secret: str | None) -> bool:
    """Whether the client authenticates with this secret."""
    answer = party.http.post(
        "/introspect", data={"token": "x"}, auth=(party.client_id, secret or "")
    )
    return answer.status_code == 200


def test_every_client_is_listed_with_whose_it_is(provider: Provider, operator: Account) -> None:
    ours = provider.register(**{"client_name#fi": "Portaali"}).record
    theirs = provider.register(**{"client_name#fi": "Muu palvelu"}).record
    provider.change(ClientRecord, theirs.client_id, is_first_party=False)
    page = signed_in(provider, operator).open(CLIENTS)
    assert look.heading(page) == "Palvelut"
    assert f"Portaali {ours.client_id} Oma" in look.text(page)
    assert f"Muu palvelu {theirs.client_id} Ulkopuolinen" in look.text(page)


def test_without_clients_the_page_says_what_to_do(provider: Provider, operator: Account) -> None:
    page = signed_in(provider, operator).open(CLIENTS)
    assert "idp client register" in look.text(page)


def test_a_client_is_shown_with_what_it_registered(provider: Provider, operator: Account) -> None:
    record = provider.register(contacts=["it@example.fi"]).record
    page = signed_in(provider, operator).open(f"{CLIENTS}/{record.client_id}")
    assert look.heading(page) == "Laatuportti"
    assert "https://portal.example.fi/callback" in look.text(page)
    assert "it@example.fi" in look.text(page)
    assert "id_token_signed_response_alg RS256" in look.text(page)


def test_a_new_secret_is_shown_once_and_the_old_one_works_beside_it(
    provider: Provider, operator: Account
) -> None:
    party = RelyingParty(provider)
    browser = signed_in(provider, operator)
    page = browser.open(f"{CLIENTS}/{party.client_id}/secret")
    assert "7 päivää" in look.text(page)
    shown = browser.submit(page)
    assert shown.headers["Cache-Control"] == "no-store"
    found = re.search(r"client_secret</dt><dd><code[^>]*>([^<]+)<", shown.text)
    assert found
    assert works(party, found[1])
    assert works(party, party.secret)
    again = browser.open(f"{CLIENTS}/{party.client_id}")
    assert found[1] not in again.text
    assert "Edellinen salaisuus toimii" in look.text(again)


def test_a_client_is_switched_off_and_on(provider: Provider, operator: Account) -> None:
    party = RelyingParty(provider)
    browser = signed_in(provider, operator)
    page = browser.submit(browser.open(f"{CLIENTS}/{party.client_id}/disable"))
    assert look.notices(page) == ["Palvelu on poistettu käytöstä: Laatuportti"]
    assert not works(party, party.secret)
    page = browser.submit(page)
    assert look.notices(page) == ["Palvelu on otettu käyttöön: Laatuportti"]
    assert works(party, party.secret)
    with provider.database.reading() as tx:
        deeds = {(deed.event, deed.actor_id) for deed in read(tx, organization_id=None)}
    assert (Event.CLIENT_DISABLED.value, operator.id) in deeds
    assert (Event.CLIENT_ENABLED.value, operator.id) in deeds


@pytest.mark.parametrize("path", ["", "/disable", "/secret"])
def test_a_client_that_is_not_there_is_not_found(
    provider: Provider, operator: Account, path: str
) -> None:
    browser = signed_in(provider, operator)
    assert browser.open(f"{CLIENTS}/nobody{path}").status_code == 404
    client_id = provider.register().record.client_id
    somebody = signed_in(provider, provider.person())
    assert somebody.open(f"{CLIENTS}/{client_id}{path}").status_code == 404


def test_a_client_without_a_secret_offers_no_new_one(provider: Provider, operator: Account) -> None:
    public = provider.register(token_endpoint_auth_method="none").record
    browser = signed_in(provider, operator)
    page = browser.open(f"{CLIENTS}/{public.client_id}")
    assert "Vaihda salaisuus" not in look.text(page)
    assert browser.open(f"{CLIENTS}/{public.client_id}/secret").status_code == 404
