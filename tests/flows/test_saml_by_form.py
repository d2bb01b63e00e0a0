"""What a SAML upstream posts comes without our cookies, and takes nothing of the browser away."""

import base64
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from idp.authentication.federation import upstream_sessions
from idp.authentication.federation.models import UpstreamSession
from idp.foundation.clock import shifted, utcnow
from tests.federated import is_at_portal
from tests.pages import look
from tests.provider import ISSUER, Provider, TestBrowser
from tests.relying_party import RelyingParty
from tests.saml.answers import stamp
from tests.saml.organization import SamlOrganization

AINO = {"givenName": ["Aino"], "surname": ["K"], "mail": ["a@k.example"], "uid": ["a@k.example"]}
BROKEN = {"SAMLResponse": base64.b64encode(b"<nothing/>").decode()}


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return RelyingParty(provider)


@pytest.fixture
def kuusela(provider: Provider, party: RelyingParty, tmp_path: Path) -> SamlOrganization:
    return SamlOrganization(provider, tmp_path)


def refused(kuusela: SamlOrganization, browser: TestBrowser) -> httpx.Response:
    """A try that the upstream answers with something broken."""
    departure = kuusela.depart(browser)
    relay_state = httpx.URL(departure.location).params["RelayState"]
    return kuusela.post(browser, BROKEN | {"RelayState": relay_state})


def stranger(kuusela: SamlOrganization) -> TestBrowser:
    """The browser as it posts from the upstream's page."""
    return kuusela.provider.browser(Origin="https://idp.example.org")


def test_a_refused_answer_leaves_another_tab_at_what_it_was(
    kuusela: SamlOrganization, party: RelyingParty, provider: Provider
) -> None:
    """The browser keeps its name: a form open elsewhere, and an attempt, go on counting."""
    provider.organization("lehtola")
    liisa = provider.person("liisa@lehtola.fi", slug="lehtola")
    browser = provider.browser()
    form = party.authorize(browser, organization="lehtola")
    other_tab = kuusela.depart(browser)
    page = refused(kuusela, browser)
    assert page.status_code == 403
    assert kuusela.reason() == "saml_shape"
    assert "code" in party.answer(browser.sign_in(liisa, form))
    answer = kuusela.upstream.answer(other_tab, identity=AINO)
    posted = kuusela.post(browser, answer)
    assert is_at_portal(browser.open(posted.headers["Location"]), "kuusela")


def test_after_a_refused_answer_nothing_starts_anew_by_itself(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    refused(kuusela, browser)
    asked = browser.open(f"/sso/{kuusela.slug}")
    assert asked.status_code == 200
    assert f"{kuusela.path}?again=1" in asked.text


def test_refused_answers_count_towards_the_loop_breaker(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    again = f"{kuusela.path}?again=1"
    for _ in range(3):
        departure = kuusela.depart(browser, again)
        relay_state = httpx.URL(departure.location).params["RelayState"]
        kuusela.post(browser, BROKEN | {"RelayState": relay_state})
    assert "data-reason>too_many_tries<" in browser.open(again).text


def test_a_stale_answer_starts_anew_and_a_second_one_leads_onward(
    kuusela: SamlOrganization,
) -> None:
    """Back and a reload of the upstream's page: the form is posted a second time."""
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.answer(kuusela.depart(browser), identity=AINO)
    posted = kuusela.post(browser, answer)
    assert is_at_portal(browser.open(posted.headers["Location"]), "kuusela")
    assert is_at_portal(kuusela.post(browser, answer), "kuusela")
    stale = kuusela.post(kuusela.provider.browser(), answer)
    assert stale.status_code == 403


def test_why_it_was_refused_is_told_for_two_minutes_and_altered_words_are_nobodys(
    kuusela: SamlOrganization,
) -> None:
    browser = kuusela.provider.browser()
    location = stranger(kuusela).post(f"{kuusela.path}/acs", data=BROKEN).headers["Location"]
    assert "data-reason>saml_unsolicited<" in browser.open(location).text
    assert "data-reason>attempt_unknown<" in browser.open(f"{location}x").text
    with shifted(timedelta(minutes=3)):
        assert "data-reason>attempt_expired<" in browser.open(location).text


def test_a_logout_answered_by_form_ends_at_the_page_that_says_what_ended(
    kuusela: SamlOrganization,
) -> None:
    """M15; the page is sealed for the browser that signed out."""
    browser = kuusela.provider.browser()
    kuusela.arrive(browser, identity=AINO)
    away = browser.submit(browser.get("/logout"))
    relay_state = httpx.URL(away.headers["Location"]).params["RelayState"]
    answer = base64.b64encode(kuusela.upstream.logout_answer(away.headers["Location"])).decode()
    posted = stranger(kuusela).post(
        f"{kuusela.path}/slo", data={"SAMLResponse": answer, "RelayState": relay_state}
    )
    assert "Set-Cookie" not in posted.headers
    page = browser.open(posted.headers["Location"])
    assert look.heading(page) == "Olet kirjautunut ulos"
    assert "Kuusela" not in look.text(page)


def test_an_upstreams_own_logout_by_form_sets_no_cookie(
    kuusela: SamlOrganization, provider: Provider
) -> None:
    browser = provider.browser()
    kuusela.arrive(browser, identity=AINO)
    with provider.database.reading() as tx:
        row = tx.session.query(UpstreamSession).one()
    index = upstream_sessions.logout_of(provider.deployment.parts.keyring, row).sid
    message = kuusela.upstream.logout_request(f"{ISSUER}{kuusela.path}/slo", index)
    for value in (message, b"<nothing/>"):
        form = {"SAMLRequest": base64.b64encode(value).decode()}
        posted = stranger(kuusela).post(f"{kuusela.path}/slo", data=form)
        assert "Set-Cookie" not in posted.headers
    assert kuusela.live() == 0


def test_an_upstream_that_never_answers_leaves_nothing_of_ours_open(
    kuusela: SamlOrganization, party: RelyingParty
) -> None:
    """docs/decisions/007: ours ends first; Back leads to the page that says so."""
    browser = kuusela.provider.browser()
    kuusela.arrive(browser, identity=AINO)
    given = party.redeem(party.answer(party.authorize(browser))["code"]).json()
    form = browser.get("/logout")
    away = browser.submit(form)
    assert away.headers["Location"].startswith("https://idp.example.org/")
    assert party.userinfo(given["access_token"]).status_code == 401
    assert party.refresh(given["refresh_token"]).status_code == 400
    assert look.heading(browser.open("/logout")) == "Et ole kirjautuneena"
    assert is_at_portal(kuusela.arrive(browser, identity=AINO), "kuusela")


def test_an_upstream_that_keeps_people_is_not_asked_where_it_says_so(
    provider: Provider, party: RelyingParty, tmp_path: Path
) -> None:
    kuusela = SamlOrganization(provider, tmp_path, sign_out=False)
    browser = provider.browser()
    kuusela.arrive(browser, identity=AINO)
    page = browser.submit(browser.get("/logout"))
    assert look.heading(page) == "Olet kirjautunut ulos"
    assert "Organisaation Kuusela oma kirjautuminen" in look.text(page)


def test_offline_access_outlives_the_upstreams_moment_and_no_logout(
    kuusela: SamlOrganization, party: RelyingParty, provider: Provider
) -> None:
    """docs/decisions/008."""
    browser = provider.browser()
    until = utcnow() + timedelta(hours=1)
    kuusela.arrive(browser, identity=AINO, session_not_on_or_after=stamp(until))
    given = party.redeem(party.answer(party.authorize(browser))["code"]).json()
    with shifted(timedelta(hours=2)):
        given = party.refresh(given["refresh_token"]).json()
        assert party.userinfo(given["access_token"]).status_code == 200
    message = kuusela.upstream.logout_request(f"{ISSUER}{kuusela.path}/slo", None)
    form = {"SAMLRequest": base64.b64encode(message).decode()}
    stranger(kuusela).post(f"{kuusela.path}/slo", data=form)
    assert party.refresh(given["refresh_token"]).json()["error"] == "invalid_grant"
