"""Issue 4.2 and 4.7: from the sign-in page to the organization's way in, and there anew."""

import base64
import time
import zlib
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from idp.authentication.federation import domains
from idp.directory import organizations, persons
from idp.directory.persons import NewPerson
from idp.foundation import throttle
from idp.foundation.clock import shifted
from idp.pages.fresh import require_fresh
from idp.pages.shell import Shell, SignedInVisit
from tests import oidc_upstream
from tests.federated import Federated
from tests.flows.test_saml_sso import PEOPLE
from tests.oidc_upstream import Upstream
from tests.pages import look
from tests.provider import OPERATOR, Provider, TestBrowser
from tests.relying_party import RelyingParty
from tests.saml.answers import IDP
from tests.saml.organization import SamlOrganization

PAGE = "/login/organization-sso"


@pytest.fixture
def kuusela(provider: Provider, upstream: Upstream) -> Federated:
    """With single sign-on and the domain kuusela.fi."""
    found = Federated(provider, upstream)
    own(provider, found.organization.id, "kuusela.fi")
    return found


@pytest.fixture
def party(kuusela: Federated) -> RelyingParty:
    return RelyingParty(kuusela.provider)


def member(kuusela: Federated, username: str, slug: str) -> str:
    """Somebody added by hand, also where people come by single sign-on; their id."""
    new = NewPerson(username=username, given_name="Aino", family_name="Aalto")
    with kuusela.provider.database.transaction() as tx:
        organization = organizations.by_slug(tx, slug)
        return persons.add(tx, new, organization, by=OPERATOR, despite_sso=True).person.id


def own(provider: Provider, organization_id: str, domain: str) -> None:
    with provider.database.transaction() as tx:
        row = domains.add(tx, organization_id, domain, by=OPERATOR)
        domains.verify(tx, row, how="operator", by=OPERATOR)


def typed(browser: TestBrowser, home: str, page: httpx.Response | None = None) -> httpx.Response:
    return browser.submit(page or browser.open(PAGE), home=home)


def is_upstream(kuusela: Federated, answer: httpx.Response) -> bool:
    location: str = answer.headers.get("Location", "")
    return location.startswith(kuusela.upstream.issuer)


@pytest.mark.parametrize(
    "home", ["Nobody@KUUSELA.fi", "kuusela", "https://id.example.fi/sso/kuusela/"]
)
def test_an_address_or_the_links_name_leads_to_the_organizations_own_way_in(
    kuusela: Federated, home: str
) -> None:
    assert is_upstream(kuusela, typed(kuusela.provider.browser(), home))


def test_an_address_without_a_password_leads_there_too_and_the_request_is_answered(
    kuusela: Federated, party: RelyingParty
) -> None:
    browser = kuusela.provider.browser()
    page = party.authorize(browser)
    assert "Kirjaudu organisaatiosi kertakirjautumisella" in page.text
    gone = browser.submit(page, username="maija@kuusela.fi", password="")
    back = browser.open(kuusela.upstream.sign_in(gone.headers["Location"]))
    assert "code" in party.answer(back)


def test_the_sealed_request_goes_along_and_its_hint_is_filled_in(
    kuusela: Federated, party: RelyingParty
) -> None:
    browser = kuusela.provider.browser()
    page = party.authorize(browser, login_hint="maija@kuusela.fi")
    door = browser.open(f"{PAGE}?{urlsplit(str(page.url)).query}")
    assert 'value="maija@kuusela.fi"' in door.text
    gone = browser.submit(door)
    assert parse_qs(urlsplit(gone.headers["Location"]).query)["login_hint"] == ["maija@kuusela.fi"]
    assert "code" in party.answer(browser.open(kuusela.upstream.sign_in(gone.headers["Location"])))


def test_everything_else_is_the_same_neutral_page_for_everybody(
    kuusela: Federated, provider: Provider
) -> None:
    """users-ask rows 18 and 28: a member, a stranger, a homograph, an organization without SSO."""
    provider.organization("metsola")
    somebody = provider.person("maija@example.fi", slug="metsola")
    with provider.database.reading() as tx:
        metsola = organizations.by_slug(tx, "metsola").id
    own(provider, metsola, "metsola.fi")
    said = set()
    for home in (
        *(somebody.username, "nobody@example.fi", "metsola", "no-such-organization"),
        *("maija@metsola.fi", "maija@kuusel\u0430.fi", "maija@x.kuusela.fi", "maija@"),
        *("//evil.example", "https://evil.example/\\x", "../kuusela@", "javascript:alert(1)"),
    ):
        answer = typed(provider.browser(), home)
        names = sorted(name for name in answer.headers if name != "set-cookie")
        said.add((answer.status_code, look.text(answer), *names))
    assert len(said) == 1
    assert next(iter(said))[0] == 200
    assert "pyydä organisaatiosi SSO-linkki" in look.text(answer)


def test_the_password_form_says_the_same_of_every_address_without_a_way_home(
    kuusela: Federated, provider: Provider
) -> None:
    provider.organization("metsola")
    somebody = provider.person("maija@example.fi", slug="metsola")
    said = set()
    for username in (somebody.username, "nobody@example.fi", "x@kuusel\u0430.fi"):
        browser = provider.browser()
        answer = browser.submit(browser.open("/login"), username=username, password="")
        said.add((answer.status_code, look.text(answer)))
    assert [status for status, _ in said] == [422]


def test_a_switched_off_connection_a_suspended_organization_and_a_removed_domain_lead_nowhere(
    kuusela: Federated, provider: Provider
) -> None:
    browser, kuusela_id = provider.browser(), kuusela.organization.id
    with provider.database.transaction() as tx:
        organizations.suspend(tx, kuusela_id, by=OPERATOR)
    assert typed(browser, "x@kuusela.fi").status_code == 200
    with provider.database.transaction() as tx:
        organizations.resume(tx, kuusela_id, by=OPERATOR)
    assert is_upstream(kuusela, typed(browser, "x@kuusela.fi"))
    with provider.database.transaction() as tx:
        domains.remove(tx, kuusela_id, "kuusela.fi", by=OPERATOR)
    assert typed(browser, "x@kuusela.fi").status_code == 200
    own(provider, kuusela_id, "kuusela.fi")
    kuusela.disable()
    assert typed(browser, "x@kuusela.fi").status_code == 200


def test_nobody_becomes_a_member_by_a_domain(kuusela: Federated, provider: Provider) -> None:
    """users-ask row 3: who signs in with a password is where they were, whatever their address."""
    provider.organization("metsola")
    account = provider.person("aino@kuusela.fi", slug="metsola")
    browser = provider.browser()
    browser.sign_in(account)
    assert "Metsola" in browser.open("/account").text
    assert "Kuusela" not in look.text(browser.open("/account"))


def test_looking_for_a_way_home_is_throttled_and_empty_is_told_at_the_field(
    kuusela: Federated, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        throttle,
        "HOME",
        throttle.pace(free=1, longest=timedelta(minutes=1), memory=timedelta(hours=1)),
    )
    browser = provider.browser()
    assert typed(browser, "").status_code == 422
    page = browser.open(PAGE)
    answers = [typed(browser, "x@example.fi", page).status_code for _ in range(4)]
    assert answers[0] == 200
    assert answers[-1] == 429
    refused = browser.submit(browser.open("/login"), username="x@kuusela.fi", password="")
    assert refused.status_code == 422


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "60"}])
def test_a_fresh_sign_in_is_asked_upstream_of_whoever_came_from_there(
    kuusela: Federated, party: RelyingParty, asked: dict[str, str]
) -> None:
    """OpenID Connect Core 3.1.2.1, also where two organizations leave open which one is wanted."""
    browser = kuusela.provider.browser()
    kuusela.arrive(browser)
    kuusela.provider.organization("metsola")
    member(kuusela, kuusela.person().username, "metsola")
    with shifted(timedelta(minutes=5)):
        gone = party.authorize(browser, **asked)
        assert is_upstream(kuusela, gone), gone.headers.get("Location")
        upward = parse_qs(urlsplit(gone.headers["Location"]).query)
    assert upward["prompt"] == ["login"]


def test_a_page_of_ours_asks_upstream_anew_and_comes_back(
    kuusela: Federated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page that needs a fresh sign-in is open to them today; one that is, leads upstream."""
    signed_in = Shell.signed_in

    def sensitive(shell: Shell) -> SignedInVisit:
        visit = signed_in(shell)
        require_fresh(visit.session, "/account")
        return visit

    monkeypatch.setattr(Shell, "signed_in", sensitive)
    browser = kuusela.provider.browser()
    kuusela.arrive(browser)
    with shifted(timedelta(minutes=11)):
        asked = browser.open("/account")
        assert is_upstream(kuusela, asked), asked.status_code
        upward = asked.headers["Location"]
        assert parse_qs(urlsplit(upward).query)["prompt"] == ["login"]
        clock = SimpleNamespace(time=lambda: time.time() + 660, sleep=time.sleep)
        monkeypatch.setattr(oidc_upstream, "time", clock)
        assert browser.open(kuusela.upstream.sign_in(upward)).url.path == "/account"


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "60"}])
def test_the_wish_for_a_fresh_sign_in_survives_the_way_over_the_sign_in_page(
    kuusela: Federated, party: RelyingParty, asked: dict[str, str]
) -> None:
    browser = kuusela.provider.browser()
    page = party.authorize(browser, **asked)
    gone = browser.submit(page, username="maija@kuusela.fi", password="")
    assert parse_qs(urlsplit(gone.headers["Location"]).query)["prompt"] == ["login"]


def test_a_saml_upstream_is_told_to_ask_anew(provider: Provider, tmp_path: Path) -> None:
    """saml-core 3.4.1: ForceAuthn, without the client naming the organization."""
    kuusela, party = SamlOrganization(provider, tmp_path), RelyingParty(provider)
    browser = provider.browser()
    kuusela.arrive(browser, identity=PEOPLE)
    gone = party.authorize(browser, prompt="login")
    assert gone.headers["Location"].startswith(IDP)
    sent = parse_qs(urlsplit(gone.headers["Location"]).query)["SAMLRequest"][0]
    assert b'ForceAuthn="true"' in zlib.decompress(base64.b64decode(sent), -15)
