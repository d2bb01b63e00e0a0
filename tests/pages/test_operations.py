"""The operator's console: organizations (M1), the state of the service, the event log (M16)."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from idp.audit import Event, read
from idp.authentication.models import SessionRecord
from idp.directory import organizations
from idp.directory.models import Organization, Person
from idp.errors import NotFound
from idp.foundation.outbox import put
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import OPERATOR, PASSWORD, Account, Provider

PAGES = (
    "/operations",
    "/operations/new-organization",
    "/operations/organizations/kuusela",
    "/operations/organizations/kuusela/suspend",
    "/operations/clients",
    "/operations/state",
    "/operations/log",
)
NEW = {
    "name": "Pohjolan hyvinvointialue",
    "slug": "pohjola",
    "locale": "fi",
    "username": "aino@pohjola.example",
    "given_name": "Aino",
    "family_name": "Virtanen",
}


@pytest.fixture
def operator(provider: Provider) -> Account:
    provider.organization()
    account = provider.person("olli@example.fi", given_name="Olli", family_name="Operaattori")
    provider.change(Person, account.id, is_operator=True)
    return account


@pytest.mark.parametrize("path", PAGES)
def test_the_console_is_there_for_operators(
    provider: Provider, operator: Account, path: str
) -> None:
    page = signed_in(provider, operator).open(path)

    assert page.status_code == 200
    assert look.breadcrumb(page)[:2] == ["Etusivu", "Ylläpito"]


@pytest.mark.parametrize("path", PAGES)
def test_to_everybody_else_it_is_not_there(
    provider: Provider, operator: Account, path: str
) -> None:
    browser = signed_in(provider, provider.person(roles=("main_user",)))
    token = look.value(browser.open("/account/sessions"), "csrf_token")

    assert browser.open(path).status_code == 404
    answer = browser.post(path, data={**NEW, "csrf_token": token})
    assert answer.status_code in (404, 405)
    assert "/operations" not in [href for _, href in look.menu(browser.open("/account"))]


def test_what_an_organization_vouches_for_opens_no_operators_console(
    provider: Provider, operator: Account
) -> None:
    browser = signed_in(provider, operator)
    with provider.database.transaction() as tx:
        organization = organizations.by_slug(tx, "kuusela")
        for session in tx.session.scalars(select(SessionRecord)):
            proof = {**session.authentications[0], "organization": organization.id}
            session.authentications = [proof]

    assert browser.open("/operations").status_code == 404
    assert "/operations" not in [href for _, href in look.menu(browser.open("/account"))]


def test_every_organization_is_listed_with_its_people_and_its_state(
    provider: Provider, operator: Account
) -> None:
    lehtola = provider.organization("lehtola")
    provider.change(Organization, lehtola.id, suspended_at=lehtola.created_at, uses_sso=True)
    provider.person(roles=("main_user",))

    page = signed_in(provider, operator).open("/operations")

    rows = [look.plain(row) for row in page.text.split("<tr>")[2:]]
    assert rows[0].startswith("Kuusela kuusela Salasana 2 1 Käytössä")
    assert rows[1].startswith("Lehtola lehtola Kertakirjautuminen 0 0 Keskeytetty")


def test_m1_an_organization_is_founded_with_its_first_main_user_who_gets_a_mail(
    provider: Provider, operator: Account
) -> None:
    browser = signed_in(provider, operator)

    page = browser.submit(browser.open("/operations/new-organization"), **NEW)

    assert urlsplit(str(page.url)).path == "/operations/organizations/pohjola"
    assert look.heading(page) == "Pohjolan hyvinvointialue"
    assert "Aino Virtanen" in look.text(page)
    assert "aino@pohjola.example lähtee linkki" in look.notices(page)[1]
    aino = provider.browser()
    aino.submit(aino.open(provider.mailed_link("aino@pohjola.example")), password=PASSWORD)
    assert "/organization/pohjola" in look.links(aino.open("/account"))
    with provider.database.reading() as tx:
        (deed, *_) = read(tx, organization_id=None, events=[Event.ORGANIZATION_CREATED])
    assert (deed.actor_kind, deed.actor_id) == ("operator", operator.id)


def test_m6_a_main_user_who_has_a_password_already_keeps_it_and_gets_no_link(
    provider: Provider, operator: Account
) -> None:
    maija = provider.person()
    browser = signed_in(provider, operator)

    page = browser.submit(
        browser.open("/operations/new-organization"), **NEW | {"username": maija.username}
    )

    assert "ei lähetetty linkkiä" in look.notices(page)[1]
    assert "/organization/pohjola" in look.links(signed_in(provider, maija).open("/account"))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": ""}, "Kirjoita organisaation nimi."),
        ({"slug": "Pohjola!"}, "Osoitteessa käytettävässä nimessä saa olla"),
        ({"slug": "kuusela"}, "Toinen organisaatio käyttää jo tätä nimeä"),
        ({"locale": "de"}, "Valitse kieleksi suomi, ruotsi tai englanti."),
        ({"username": "a"}, "Käyttäjätunnuksessa on vähintään kolme merkkiä."),
        ({"given_name": ""}, "Kirjoita pääkäyttäjän etunimi."),
        ({"email": "aino"}, "Tarkista sähköpostiosoite."),
    ],
)
def test_nothing_is_founded_where_something_does_not_hold(
    provider: Provider, operator: Account, wrong: dict[str, str], reason: str
) -> None:
    browser = signed_in(provider, operator)

    page = browser.submit(browser.open("/operations/new-organization"), **NEW | wrong)

    assert page.status_code == 422
    (field,) = wrong
    assert look.errors(page)[field].startswith(reason)
    with provider.database.reading() as tx, pytest.raises(NotFound):
        organizations.by_slug(tx, "pohjola")


def test_everything_left_out_is_said_at_once(provider: Provider, operator: Account) -> None:
    browser = signed_in(provider, operator)

    page = browser.submit(browser.open("/operations/new-organization"))

    assert set(look.errors(page)) == {"name", "slug", "username", "given_name", "family_name"}


def test_a_suspended_organization_shuts_its_people_out_until_it_is_resumed(
    provider: Provider, operator: Account
) -> None:
    provider.organization("lehtola")
    maija = provider.person(slug="lehtola", roles=("main_user",))
    theirs = signed_in(provider, maija)
    browser = signed_in(provider, operator)
    assert "Lehtola" in look.text(theirs.open("/account"))

    page = browser.submit(browser.open("/operations/organizations/lehtola/suspend"))
    assert look.notices(page) == ["Lehtola on keskeytetty."]
    assert "Lehtola" not in look.text(theirs.open("/account"))

    page = browser.submit(page)
    assert look.notices(page) == ["Lehtola on taas käytössä."]
    assert "Lehtola" in look.text(theirs.open("/account"))
    with provider.database.reading() as tx:
        deeds = [Event.ORGANIZATION_SUSPENDED, Event.ORGANIZATION_RESUMED]
        done = read(tx, organization_id=None, events=deeds)
    assert [(each.actor_kind, each.actor_id) for each in done] == [("operator", operator.id)] * 2


def test_an_organization_that_does_not_exist_is_not_found(
    provider: Provider, operator: Account
) -> None:
    browser = signed_in(provider, operator)

    assert browser.open("/operations/organizations/none").status_code == 404
    assert browser.open("/operations/organizations/none/suspend").status_code == 404


def test_the_state_shows_the_keys_the_clients_and_what_is_wrong_with_its_cure(
    provider: Provider, operator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = provider.register().record
    gone = provider.register(client_name="Vanha").record
    provider.change(type(gone), gone.client_id, disabled_at=gone.created_at)
    with provider.database.transaction() as tx:
        put(tx, "anything", {})
    kind = type(provider.deployment.parts.ephemeral)
    monkeypatch.setattr(kind, "is_degraded", property(lambda _: True))

    page = signed_in(provider, operator).open("/operations/state")

    assert "Toimii rajoitetusti" in look.text(page)
    assert "Tarkista Redis-palvelin ja asetus redis.url." in look.text(page)
    assert portal.client_id in page.text
    assert "Pois käytöstä" in look.text(page)
    for key in provider.deployment.signing_keys.ring().keys:
        assert key.kid in page.text
    assert "BEGIN" not in page.text
    assert '"d"' not in page.text


def test_the_state_shows_the_key_that_is_to_come(provider: Provider, operator: Account) -> None:
    kid = provider.deployment.signing_keys.rotate("RS256", by=OPERATOR)

    page = signed_in(provider, operator).open("/operations/state")
    provider.reset()
    provider.deployment.parts.ephemeral.bump("signing")

    row = look.plain(page.text.partition(kid)[2].partition("</tr>")[0])
    assert row.startswith("RS256 Seuraava")


def test_the_log_tells_deeds_in_sentences_with_names(provider: Provider, operator: Account) -> None:
    page = signed_in(provider, operator).open("/operations/log")

    assert "Olli Operaattori kirjautui sisään" in look.text(page)
    assert "Ylläpitäjä (test) perusti organisaation: Kuusela" in look.text(page)


def test_the_log_tells_what_was_before_and_what_is_now(
    provider: Provider, operator: Account
) -> None:
    browser = signed_in(provider, operator)
    browser.submit(browser.open("/account/profile"), given_name="Oskari")

    page = browser.open("/operations/log")

    assert "before: given_name Olli; after: given_name Oskari" in look.text(page)


def test_m16_the_operator_finds_what_happened_by_the_reference(
    provider: Provider, operator: Account
) -> None:
    maija = provider.person()
    problem = signed_in(provider, maija).get("/no/such/page")
    reference = look.reference(problem)

    page = signed_in(provider, operator).open(f"/operations/log?reference=+{reference.lower()}+")

    rows = [look.plain(row) for row in page.text.split("<tr>")[2:]]
    assert len(rows) == 1
    assert "Maija Meikäläinen sai virheilmoituksen" in rows[0]
    assert "GET /no/such/page" in rows[0]
    assert "Kuusela" in rows[0]


def test_a_reference_that_nobody_was_given_finds_nothing(
    provider: Provider, operator: Account
) -> None:
    page = signed_in(provider, operator).open("/operations/log?reference=%00AAAA-AAAA")

    assert "Tapahtumia ei löytynyt" in look.text(page)
    assert "/operations/log" in look.links(page)


def test_the_log_goes_on_page_by_page(provider: Provider, operator: Account) -> None:
    with provider.database.transaction() as tx:
        for number in range(60):
            organizations.create(tx, f"s{number}", f"Seura {number}", by=OPERATOR, locale="fi")
    browser = signed_in(provider, operator)

    first = browser.open("/operations/log")
    (older,) = [href for href in look.links(first) if "before=" in href]
    second = browser.open(older)

    assert "Seura 59" in look.text(first)
    assert "Seura 59" not in look.text(second)
    assert "Seura 0" in look.text(second)
