"""A client that is not our own asks the person, who is asked once and may take it back."""

import json

import httpx
import pytest

from idp.audit import Event, read
from idp.clients.models import ClientRecord
from tests.pages import look
from tests.provider import ISSUER, Account, Provider, TestBrowser, forms
from tests.relying_party import RelyingParty

APPLICATIONS = "/account/applications"


@pytest.fixture
def stranger(provider: Provider) -> RelyingParty:
    """A client that is not our own."""
    provider.organization()
    return foreign(
        provider,
        **{"client_name#fi": "Vuorolista"},
        client_name="Vuorolista",
        client_uri="https://vuorolista.example",
        policy_uri="https://vuorolista.example/privacy",
        tos_uri="https://vuorolista.example/terms",
        logo_uri="https://vuorolista.example/logo.png",
    )


@pytest.fixture
def maija(stranger: RelyingParty) -> Account:
    return stranger.provider.person()


def foreign(provider: Provider, **metadata: object) -> RelyingParty:
    party = RelyingParty(provider, **metadata)
    provider.change(ClientRecord, party.client_id, is_first_party=False)
    provider.deployment.clients.changed()
    return party


def asked(
    party: RelyingParty, account: Account, **changes: str | None
) -> tuple[TestBrowser, httpx.Response]:
    """A browser where somebody signed in on the way, and the consent page it came to."""
    browser = party.provider.browser()
    page = browser.sign_in(account, party.authorize(browser, **changes))
    assert page.url.path == "/authorize/consent", page.url
    return browser, page


def allow(browser: TestBrowser, page: httpx.Response) -> httpx.Response:
    return browser.submit(page, allow="1")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fi", ["Vuorolista", "nähdä sähköpostiosoitteesi", "Anna lupa", "Älä anna lupaa"]),
        ("sv", ["Vuorolista", "se din e-postadress", "Ge tillstånd", "Ge inte tillstånd"]),
        ("en", ["Vuorolista", "see your e-mail address", "Allow", "Do not allow"]),
    ],
)
def test_the_page_says_who_asks_for_what_in_plain_words(
    stranger: RelyingParty, maija: Account, locale: str, words: list[str]
) -> None:
    _, page = asked(stranger, maija, scope="openid email", ui_locales=locale)
    text = look.plain(page.text)
    assert [word for word in words if word not in text] == []
    assert "https://vuorolista.example/privacy" in text
    assert "https://vuorolista.example/terms" in text
    assert 'href="https://vuorolista' not in page.text
    assert '<img src="https://vuorolista' not in page.text
    assert "maija" in text


def test_what_was_allowed_is_remembered_for_this_person_client_and_scope(
    stranger: RelyingParty, maija: Account
) -> None:
    browser, page = asked(stranger, maija, scope="openid email")
    assert "code" in stranger.answer(allow(browser, page))
    for less in ("openid email", "openid"):
        answer = stranger.answer(stranger.authorize(browser, scope=less, prompt="none"))
        assert "code" in answer
    more = stranger.answer(stranger.authorize(browser, scope="openid profile", prompt="none"))
    assert more["error"] == "consent_required"
    other = foreign(stranger.provider, client_name="Toinen")
    assert other.answer(other.authorize(browser, prompt="none"))["error"] == "consent_required"


def test_nobody_is_asked_by_our_own_client(stranger: RelyingParty, maija: Account) -> None:
    portal = RelyingParty(stranger.provider)
    browser = stranger.provider.browser()
    page = portal.authorize(browser, prompt="consent")
    assert "code" in portal.answer(browser.sign_in(maija, page))


def test_prompt_consent_asks_anew_each_time(stranger: RelyingParty, maija: Account) -> None:
    browser, page = asked(stranger, maija)
    allow(browser, page)
    again = stranger.authorize(browser, prompt="consent")
    assert again.url.path == "/authorize/consent"
    assert "code" in stranger.answer(allow(browser, again))
    assert stranger.authorize(browser, prompt="consent").url.path == "/authorize/consent"


def test_single_claims_are_asked_for_like_their_scope(
    stranger: RelyingParty, maija: Account
) -> None:
    claims = json.dumps({"userinfo": {"email": None}})
    _, page = asked(stranger, maija, scope="openid", claims=claims)
    assert "nähdä sähköpostiosoitteesi" in page.text


def test_offline_access_is_asked_for_by_name(stranger: RelyingParty, maija: Account) -> None:
    _, page = asked(stranger, maija, scope="openid offline_access")
    assert "kun et ole paikalla" in page.text


@pytest.mark.parametrize("mode", ["query", "form_post", "jwt"])
def test_a_no_is_access_denied_with_iss_and_state(
    stranger: RelyingParty, maija: Account, mode: str
) -> None:
    browser, page = asked(stranger, maija, response_mode=mode)
    answer = browser.submit(page, refuse="1")
    said = forms(answer)[0].fields if mode == "form_post" else stranger.answer(answer)
    if mode == "jwt":
        said = stranger.claims(said["response"])
    assert (said["error"], said["state"]) == ("access_denied", stranger.state)
    assert said["iss"] == ISSUER
    again = stranger.answer(stranger.authorize(browser, prompt="none"))
    assert again["error"] == "consent_required"
    with stranger.provider.database.reading() as tx:
        [deed] = read(tx, organization_id=None, events=[Event.CONSENT_REFUSED])
    assert deed.target_id == maija.id


def test_an_answer_without_the_forms_token_counts_for_nothing(
    stranger: RelyingParty, maija: Account
) -> None:
    browser, page = asked(stranger, maija)
    browser.follow(browser.post(str(page.url), data={"allow": "1", "person": maija.id}))
    silent = stranger.answer(stranger.authorize(browser, prompt="none"))
    assert silent["error"] == "consent_required"


def test_whoever_signed_in_since_in_another_tab_is_asked_themselves(
    stranger: RelyingParty, maija: Account
) -> None:
    browser, page = asked(stranger, maija)
    mikko = stranger.provider.person("mikko@example.fi", given_name="Mikko")
    portal = RelyingParty(stranger.provider)
    browser.sign_in(mikko, portal.authorize(browser, prompt="login"))
    again = allow(browser, page)
    assert again.url.path == "/authorize/consent"
    assert "Mikko" in again.text
    silent = stranger.answer(stranger.authorize(browser, prompt="none"))
    assert silent["error"] == "consent_required"


def test_the_page_without_its_request_says_how_to_go_on(provider: Provider) -> None:
    page = provider.browser().open("/authorize/consent")
    assert page.status_code == 400
    assert "data-reference" in page.text


# Under the person's account


def test_the_person_sees_who_has_access_for_what_and_takes_it_back(
    stranger: RelyingParty, maija: Account
) -> None:
    browser, page = asked(stranger, maija, scope="openid email offline_access")
    code = stranger.answer(allow(browser, page))["code"]
    tokens = stranger.redeem(code).json()
    listed = browser.open(APPLICATIONS)
    text = look.plain(listed.text)
    assert "Yhdistetyt palvelut" in text
    assert "Vuorolista" in text
    assert "nähdä sähköpostiosoitteesi" in text

    done = browser.submit(listed)

    assert look.notices(done) == ["Lupa on peruttu: Vuorolista."]
    assert stranger.userinfo(tokens["access_token"]).status_code == 401
    assert stranger.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    silent = stranger.answer(stranger.authorize(browser, prompt="none", scope="openid email"))
    assert silent["error"] == "consent_required"
    with stranger.provider.database.reading() as tx:
        [deed] = read(tx, organization_id=None, events=[Event.CONSENT_REVOKED])
    assert deed.target_id == maija.id
    assert deed.detail["client"] == stranger.client_id


def test_our_own_client_is_listed_while_it_has_access(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    tokens = party.tokens(browser, account)
    listed = browser.open(APPLICATIONS)
    assert "Oma palvelu" in listed.text
    browser.submit(listed)
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert "Ei yhdistettyjä palveluja" in browser.open(APPLICATIONS).text


def test_nobody_takes_back_another_persons_permission(
    stranger: RelyingParty, maija: Account
) -> None:
    browser, page = asked(stranger, maija)
    allow(browser, page)
    mikko = stranger.provider.browser()
    RelyingParty(stranger.provider).tokens(mikko, stranger.provider.person("mikko@example.fi"))
    mikko.submit(mikko.open(APPLICATIONS), client=stranger.client_id)
    assert "code" in stranger.answer(stranger.authorize(browser, prompt="none"))
