"""The notes of protocol.md that no other test says as one sentence (docs/standards.md has all)."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from idp.foundation.clock import shifted
from tests.provider import ISSUER, PORTAL, Provider, TestBrowser
from tests.relying_party import RelyingParty

DOCUMENT: dict[str, Any] = {"redirect_uris": ["https://rp.example.fi/cb"]}


@pytest.fixture
def browser(party: RelyingParty) -> TestBrowser:
    """A browser that somebody signed in at."""
    browser = party.provider.browser()
    browser.sign_in(party.provider.person())
    return browser


def redeemed(party: RelyingParty, browser: TestBrowser, **changes: str) -> dict[str, Any]:
    """The token response of a request that needs no page."""
    said: dict[str, Any] = party.redeem(
        party.answer(party.authorize(browser, **changes))["code"]
    ).json()
    return said


def test_auth_time_is_the_moment_of_the_real_sign_in_in_every_id_token(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core sections 2, 3.1.2.1 and 12.2."""
    began = time.time()
    tokens = redeemed(party, browser)
    moments = [party.claims(tokens["id_token"])["auth_time"]]
    with shifted(timedelta(minutes=5)):
        for asked in ({"max_age": "3600"}, {"prompt": "none"}, {"scope": "openid"}):
            again = redeemed(party, browser, **asked)
            moments.append(party.claims(again["id_token"])["auth_time"])
        refreshed = party.refresh(tokens["refresh_token"]).json()
        moments.append(party.claims(refreshed["id_token"])["auth_time"])
    assert len(set(moments)) == 1
    assert abs(moments[0] - began) < 60


def test_what_we_do_not_know_is_never_an_error_by_get_or_a_cross_site_post(
    party: RelyingParty,
) -> None:
    """OIDC Core section 3.1.2.1, all at once."""
    odd = party.parameters(
        login_hint="nobody@nowhere.example",
        ui_locales="se xx",
        claims_locales="se",
        display="wap",
        acr_values="1 2 urn:gold",
        extra="foobar",
    )
    account = party.provider.person()
    foreign = {"Origin": "https://rp.example.fi", "Sec-Fetch-Site": "cross-site"}
    by_get, by_post = party.provider.browser(), party.provider.browser()
    pages = [
        (by_get, by_get.open(f"/authorize?{urlencode(odd)}")),
        (by_post, by_post.follow(by_post.post("/authorize", data=odd, headers=foreign))),
    ]
    for browser, page in pages:
        assert "nobody@nowhere.example" in page.text
        assert "code" in party.answer(browser.sign_in(account, page))


def test_a_request_object_is_never_silently_ignored_and_none_is_no_algorithm(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core section 6.1; the algorithms that are honoured are published."""
    for unread in ("e30.e30.", "eyJhbGciOiJub25lIn0.e30.", "x"):
        error = party.answer(party.authorize(browser, request=unread))["error"]
        assert error in ("invalid_request_object", "request_not_supported")
    published = party.http.get("/.well-known/openid-configuration").json()
    algorithms = published["request_object_signing_alg_values_supported"]
    assert "RS256" in algorithms
    assert "none" not in algorithms


def test_a_replayed_code_is_invalid_grant_and_a_refresh_is_new_but_for_its_auth_time(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """RFC 6749 section 4.1.2, OIDC Core section 12.2."""
    code = party.answer(party.authorize(browser))["code"]
    first = party.redeem(code).json()
    with shifted(timedelta(seconds=90)):
        refreshed = party.refresh(first["refresh_token"])
    before, after = (party.claims(each["id_token"]) for each in (first, refreshed.json()))
    assert refreshed.headers["Cache-Control"] == "no-store"
    assert after["iat"] > before["iat"]
    assert after["auth_time"] == before["auth_time"]
    replayed = party.redeem(code)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    assert party.userinfo(refreshed.json()["access_token"]).status_code == 401
    dead = party.refresh(refreshed.json()["refresh_token"])
    assert dead.json()["error"] == "invalid_grant"


def test_logout_redirects_for_a_hint_or_client_and_an_exact_address_alone(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """RP-Initiated Logout sections 2 and 3; the hint's ``sid`` is in every ID token."""
    tokens = redeemed(party, browser)
    hint, address = tokens["id_token"], f"{PORTAL}/"
    assert party.claims(hint)["sid"] == party.claims(redeemed(party, browser)["id_token"])["sid"]
    wrong: list[dict[str, str]] = [
        {"post_logout_redirect_uri": address},
        {"post_logout_redirect_uri": address[:-1], "id_token_hint": hint},
        {"post_logout_redirect_uri": f"{address}?x=1", "client_id": party.client_id},
        {"post_logout_redirect_uri": address, "id_token_hint": "a.b.c"},
        {"post_logout_redirect_uri": address, "client_id": "unknown"},
    ]
    for asked in wrong:
        assert browser.get("/logout", params=asked).status_code == 400
    assert "code" in party.answer(party.authorize(browser))
    right = {"post_logout_redirect_uri": address, "id_token_hint": hint}
    assert browser.get("/logout", params=right).headers["Location"] == address


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_jwt"])
def test_registration_says_when_each_secret_ends_and_gives_openid_to_whoever_asks_nothing(
    provider: Provider, method: str
) -> None:
    """RFC 7591 sections 2 and 3.2.1, RFC 7592 section 2.3, RFC 6749 section 3.1.2."""
    with provider.node(registration={"mode": "open"}) as node:
        http = node.browser()
        said = http.post("/register", json=DOCUMENT | {"token_endpoint_auth_method": method}).json()
        assert said["client_secret_expires_at"] == 0
        assert said["client_secret"]
        assert "openid" in said["scope"].split()
        fragment = http.post("/register", json={"redirect_uris": ["https://rp.example.fi/cb#f"]})
        assert (fragment.status_code, fragment.json()["error"]) == (400, "invalid_redirect_uri")
        head = {"Authorization": f"Bearer {said['registration_access_token']}"}
        gone = http.delete(said["registration_client_uri"].removeprefix(ISSUER), headers=head)
        assert (gone.status_code, gone.content) == (204, b"")
