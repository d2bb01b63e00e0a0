"""A session that a connection opened: judged when used, ended here and upstream (M12, M15)."""

import json
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.authentication.federation import dormancy
from idp.directory import memberships
from idp.foundation.clock import shifted
from tests.federated import Federated, is_at_portal
from tests.oidc_upstream import CLIENT_ID, Upstream
from tests.provider import ISSUER, OPERATOR, PORTAL, Provider, TestBrowser
from tests.relying_party import RelyingParty


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return RelyingParty(provider)


def tokens(kuusela: Federated, party: RelyingParty, browser: TestBrowser) -> dict[str, str]:
    kuusela.arrive(browser)
    code = party.answer(party.authorize(browser, organization="kuusela"))["code"]
    answer: dict[str, str] = party.redeem(code).json()
    return answer


def test_a_disabled_connection_ends_sessions_refresh_and_userinfo_at_once(
    kuusela: Federated, party: RelyingParty
) -> None:
    """security.md 'Organizations': within a second, everywhere."""
    browser = kuusela.provider.browser()
    given = tokens(kuusela, party, browser)
    assert party.userinfo(given["access_token"]).status_code == 200
    kuusela.disable()
    assert party.userinfo(given["access_token"]).status_code == 401
    assert party.refresh(given["refresh_token"]).status_code == 400
    silent = party.authorize(browser, organization="kuusela", prompt="none")
    assert "error" in party.answer(silent)


def test_a_locked_member_is_out_and_does_not_come_back_in(
    kuusela: Federated, party: RelyingParty
) -> None:
    browser = kuusela.provider.browser()
    given = tokens(kuusela, party, browser)
    with kuusela.provider.database.transaction() as tx:
        memberships.lock(tx, kuusela.organization.id, kuusela.person().id, by=OPERATOR)
    assert party.userinfo(given["access_token"]).status_code == 401
    page = kuusela.arrive(kuusela.provider.browser())
    assert "data-reason>membership_locked<" in page.text


def test_m12_the_portal_may_not_write_what_the_connection_supplies(
    kuusela: Federated, party: RelyingParty
) -> None:
    """D4: each refusal says why, and where the value comes from; the language is their own."""
    given = tokens(kuusela, party, kuusela.provider.browser())
    refused = party.patch(given["access_token"], {"given_name": "Maria", "title": "x"})
    assert refused.status_code == 403
    assert json.dumps(refused.json()).count("managed_by_organization_sso") >= 2
    access = party.userinfo(given["access_token"]).json()["profile_access"]
    assert access["email"]["source"] == "stand-in"
    assert access["locale"]["editable"] is True
    assert party.patch(given["access_token"], {"locale": "sv"}).status_code == 200


def test_m10_a_forgotten_password_is_answered_with_the_sso_link(
    kuusela: Federated, party: RelyingParty
) -> None:
    kuusela.arrive(kuusela.provider.browser())
    browser = kuusela.provider.browser()
    page = browser.open("/password/forgotten")
    browser.submit(page, username="maija@kuusela.fi")
    (mail,) = kuusela.provider.mails("maija.meikalainen@kuusela.fi")
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"{ISSUER}/sso/kuusela" in body.get_content()
    assert "/link/" not in body.get_content()


def test_who_has_not_arrived_for_long_is_dormant_until_they_arrive(
    kuusela: Federated, party: RelyingParty
) -> None:
    """users-ask rows 8 and 14 of the second list: no mails, listed, awake by the next arrival."""
    provider = kuusela.provider
    kuusela.arrive(provider.browser())
    maija, later = kuusela.person(), timedelta(days=180)

    def dormant() -> list[str]:
        with provider.database.reading() as tx:
            gone = dormancy.of_organization(tx, kuusela.organization.id)
            assert dormancy.is_dormant(tx, maija.id) is bool(gone)
            return [person_id for person_id, _ in gone]

    assert dormant() == []
    with shifted(later):
        assert dormant() == [maija.id]
        browser = provider.browser()
        browser.submit(browser.open("/password/forgotten"), username="maija@kuusela.fi")
        assert provider.mails() == []
    kuusela.arrive(provider.browser())
    with shifted(later - timedelta(hours=1)):
        assert dormant() == []


def test_a_password_elsewhere_does_not_open_an_organization_with_sso(
    kuusela: Federated, party: RelyingParty
) -> None:
    """Entering another organization asks for that organization's own way in."""
    provider = kuusela.provider
    provider.organization("lehtola")
    kuusela.arrive(provider.browser())
    account = provider.person("anna@lehtola.fi", slug="lehtola")
    browser = provider.browser()
    browser.sign_in(account)
    answer = party.authorize(browser, organization="kuusela")
    assert answer.headers["Location"].startswith(kuusela.upstream.issuer)


def test_signing_out_ends_the_upstreams_session_too_and_comes_back(
    kuusela: Federated, party: RelyingParty
) -> None:
    """M15; OpenID Connect RP-Initiated Logout 1.0 section 2."""
    browser = kuusela.provider.browser()
    given = tokens(kuusela, party, browser)
    leaving = browser.open(
        f"/logout?id_token_hint={given['id_token']}&post_logout_redirect_uri={PORTAL}/"
    )
    location = leaving.headers["Location"]
    assert location.startswith(f"{kuusela.upstream.issuer}/logout?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert asked["client_id"] == CLIENT_ID
    assert asked["id_token_hint"].count(".") == 2
    back = browser.open(f"{asked['post_logout_redirect_uri']}?state={asked['state']}")
    assert back.headers["Location"].startswith(PORTAL)
    again = browser.open(f"{asked['post_logout_redirect_uri']}?state={asked['state']}")
    assert again.url.path.startswith("/logout")
    assert PORTAL not in again.headers.get("Location", "")


def test_who_came_back_from_the_upstreams_sign_out_reads_that_it_ended(
    kuusela: Federated, party: RelyingParty
) -> None:
    """M15: what goes on is what nobody has ended."""
    browser = kuusela.provider.browser()
    tokens(kuusela, party, browser)
    leaving = browser.submit(browser.open("/logout"))
    asked = parse_qs(urlsplit(leaving.headers["Location"]).query)
    back = f"{kuusela.path}/signed-out?state={asked['state'][0]}"
    page = browser.open(back)
    assert page.url.path == "/logout/done"
    assert "Olet kirjautunut ulos" in page.text
    assert "ilman salasanaa" not in page.text


def logout_token(upstream: Upstream, **changes: object) -> str:
    now = int(time.time())
    claims = {
        "iss": upstream.issuer,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "logout-1",
        "sid": "upstream-session",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    } | changes
    upstream.header = {"typ": "logout+jwt"}
    return upstream.sign({name: value for name, value in claims.items() if value is not None})


def test_the_upstream_signs_out_by_its_back_channel(
    kuusela: Federated, party: RelyingParty
) -> None:
    given = tokens(kuusela, party, kuusela.provider.browser())
    path = f"{kuusela.path}/backchannel"
    token = logout_token(kuusela.upstream)
    assert party.http.post(path, data={"logout_token": token}).status_code == 200
    assert party.userinfo(given["access_token"]).status_code == 401
    assert party.http.post(path, data={"logout_token": token}).status_code == 400


def test_a_logout_token_that_names_the_person_alone_ends_all_of_theirs(
    kuusela: Federated, party: RelyingParty
) -> None:
    """Back-Channel Logout 1.0 section 2.7: without sid, every session of the subject."""
    browsers = [kuusela.provider.browser() for _ in range(2)]
    given = [tokens(kuusela, party, browser) for browser in browsers]
    token = logout_token(kuusela.upstream, sid=None, sub="upstream-maija")
    answer = party.http.post(f"{kuusela.path}/backchannel", data={"logout_token": token})
    assert answer.status_code == 200
    assert {party.userinfo(each["access_token"]).status_code for each in given} == {401}


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("nonce", "n"),
        ("events", {}),
        ("aud", "another"),
        ("iss", "https://other.example"),
        ("jti", None),
        ("exp", 1),
        ("sid", None),
    ],
)
def test_a_logout_token_that_does_not_hold_ends_nothing(
    kuusela: Federated, party: RelyingParty, claim: str, value: object
) -> None:
    """OpenID Connect Back-Channel Logout 1.0 section 2.6."""
    given = tokens(kuusela, party, kuusela.provider.browser())
    token = logout_token(kuusela.upstream, **{claim: value})
    answer = party.http.post(f"{kuusela.path}/backchannel", data={"logout_token": token})
    assert answer.status_code == 400
    assert party.userinfo(given["access_token"]).status_code == 200


# No dead ends


def test_an_upstream_that_is_down_costs_a_page_with_a_way_back_and_nobody_else_anything(
    kuusela: Federated, party: RelyingParty
) -> None:
    kuusela.upstream.metadata = {"jwks_uri": "http://127.0.0.1:1/jwks"}
    begun = time.monotonic()
    browser = kuusela.provider.browser()
    page = kuusela.arrive(browser)
    assert time.monotonic() - begun < 5
    assert "data-reason>upstream_unreachable<" in page.text
    assert "data-reference" in page.text
    assert f"{kuusela.path}?again=1" in page.text
    # After a failure nobody is sent round again without pressing a button.
    assert browser.open("/sso/kuusela").status_code == 200


def test_a_circle_of_redirects_is_broken_at_the_fourth_departure(
    kuusela: Federated, party: RelyingParty
) -> None:
    browser = kuusela.provider.browser()
    for _ in range(3):
        kuusela.depart(browser)
    page = browser.open("/sso/kuusela")
    assert "data-reason>too_many_tries<" in page.text


def test_back_and_a_second_submit_lead_onward(kuusela: Federated, party: RelyingParty) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.sign_in(kuusela.depart(browser))
    assert is_at_portal(browser.open(answer), "kuusela")
    assert is_at_portal(browser.open(answer), "kuusela")


def test_two_tabs_and_two_organizations_in_one_browser_do_not_disturb_each_other(
    kuusela: Federated, party: RelyingParty, provider: Provider
) -> None:
    with Upstream().running() as other:
        other.person |= {"sub": "hus-maija", "preferred_username": "maija@hus.fi"}
        hus = Federated(provider, other, "hus")
        browser = provider.browser()
        first, second = kuusela.depart(browser), hus.depart(browser)
        assert is_at_portal(browser.open(other.sign_in(second)), "hus")
        assert is_at_portal(browser.open(kuusela.upstream.sign_in(first)), "kuusela")
