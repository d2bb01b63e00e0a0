"""The modules of the suite's RP-Initiated Logout and Dynamic plans.

OpenID Connect RP-Initiated Logout 1.0, Dynamic Client Registration 1.0, Core section 10.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from idp.foundation.clock import shifted
from tests.provider import ISSUER, OPERATOR, PASSWORD, PORTAL, Account, Provider, TestBrowser
from tests.relying_party import RelyingParty

SIGNED_OUT = f"{PORTAL}/"
MAIJA = Account(id="", username="maija@example.fi", password=PASSWORD)
STAYS_HERE: dict[str, dict[str, str | None]] = {
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri": {
        "post_logout_redirect_uri": f"{PORTAL}/other"
    },
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri": {
        "post_logout_redirect_uri": f"{PORTAL}/?foo=bar"
    },
    "oidcc-rp-initiated-logout-no-id-token-hint": {"id_token_hint": None},
    "oidcc-rp-initiated-logout-bad-id-token-hint": {"id_token_hint": "a.b.c"},
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri": {"post_logout_redirect_uri": None},
    "oidcc-rp-initiated-logout-only-state": {
        "id_token_hint": None,
        "post_logout_redirect_uri": None,
    },
    "oidcc-rp-initiated-logout-no-params": {
        "id_token_hint": None,
        "post_logout_redirect_uri": None,
        "state": None,
    },
}
"""Module → what is wrong with the request; the browser must not be sent anywhere for it."""
DOCUMENT: dict[str, Any] = {"redirect_uris": ["https://rp.example.fi/cb"]}
REGISTRATIONS: dict[str, tuple[dict[str, Any], int]] = {
    "oidcc-registration-logo-uri": ({"logo_uri": "https://rp.example.fi/logo.png"}, 201),
    "oidcc-registration-policy-uri": ({"policy_uri": "https://rp.example.fi/policy"}, 201),
    "oidcc-registration-tos-uri": ({"tos_uri": "https://rp.example.fi/tos"}, 201),
    "oidcc-registration-jwks-uri": ({"jwks_uri": "https://rp.example.fi/jwks"}, 201),
    "oidcc-redirect-uri-query-OK": ({"redirect_uris": ["https://rp.example.fi/cb?foo=bar"]}, 201),
    "oidcc-redirect-uri-regfrag": ({"redirect_uris": ["https://rp.example.fi/cb#f"]}, 400),
    "oidcc-idtoken-unsigned": ({"id_token_signed_response_alg": "none"}, 400),
    # Not of the suite.
    "no redirect_uris": ({"redirect_uris": []}, 400),
    "an implicit client": ({"response_types": ["id_token token"]}, 400),
    "jwks and jwks_uri": ({"jwks_uri": "https://rp.example.fi/jwks", "jwks": {"keys": []}}, 400),
}
"""Module → metadata, and the answer's status (RFC 7591 section 3.2)."""


@pytest.fixture
def open_house(provider: Provider) -> Iterator[TestBrowser]:
    """A client's way to a provider where anybody may register."""
    with provider.node(registration={"mode": "open"}) as node:
        yield node.browser()


def id_token(party: RelyingParty, browser: TestBrowser) -> str:
    """The ID token of a sign-in."""
    redeemed = party.redeem(party.answer(party.authorize(browser))["code"]).json()
    token: str = redeemed["id_token"]
    return token


def sign_out_request(hint: str, **changes: str | None) -> dict[str, str]:
    """A request that is right but for the changes; None leaves a parameter out."""
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": SIGNED_OUT, "state": "s"} | changes
    return {name: value for name, value in asked.items() if value is not None}


@pytest.mark.parametrize("module", STAYS_HERE)
def test_a_request_of_this_kind_redirects_nowhere(
    party: RelyingParty, browser: TestBrowser, module: str
) -> None:
    """RP-Initiated Logout section 3: not without a hint and an address exactly as registered."""
    asked = sign_out_request(id_token(party, browser), **STAYS_HERE[module])
    answer = browser.follow(browser.get("/logout", params=asked))
    assert answer.status_code in (200, 400)
    assert str(answer.url).startswith(ISSUER)
    assert f'href="{STAYS_HERE[module].get("post_logout_redirect_uri", "-")}"' not in answer.text


def test_oidcc_rp_initiated_logout_modified_id_token_hint(
    party: RelyingParty, browser: TestBrowser
) -> None:
    hint = id_token(party, browser)
    asked = sign_out_request(f"{hint[:-6]}AAAAAA")
    assert str(browser.follow(browser.get("/logout", params=asked)).url).startswith(ISSUER)
    assert "code" in party.answer(party.authorize(browser, prompt="none"))


@pytest.mark.parametrize("state", ["s", None])
def test_oidcc_rp_initiated_logout_and_no_state(
    party: RelyingParty, browser: TestBrowser, state: str | None
) -> None:
    """The state comes back as it was sent, or not at all; afterwards nobody is signed in."""
    asked = sign_out_request(id_token(party, browser), state=state)
    answer = browser.follow(browser.get("/logout", params=asked))
    assert answer.headers["Location"] == SIGNED_OUT + (f"?state={state}" if state else "")
    assert party.answer(party.authorize(browser, prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("module", REGISTRATIONS)
def test_a_registration_of_this_kind(open_house: TestBrowser, module: str) -> None:
    changes, status = REGISTRATIONS[module]
    answer = open_house.post("/register", json=DOCUMENT | changes)
    assert answer.status_code == status, answer.text
    if status == 201:
        said = answer.json()
        assert all(said[name] == value for name, value in changes.items())
        assert said["client_secret_expires_at"] == 0
    else:
        assert answer.json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")


def test_oidcc_server_rotate_keys(party: RelyingParty, browser: TestBrowser) -> None:
    """Core section 10.1.1: the next key signs a day later; what the old one signed still counts."""
    before = id_token(party, browser)
    party.provider.deployment.signing_keys.rotate("RS256", by=OPERATOR)
    with shifted(timedelta(days=1, minutes=1)):
        browser.sign_in(MAIJA)
        after = id_token(party, browser)
        assert before.split(".")[0] != after.split(".")[0]  # The header holds the kid.
        assert party.claims(after)["sub"] == party.claims(before)["sub"]


def test_max_age_is_asked_for_once_and_not_in_a_circle(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """Core section 3.1.2.1: a sign-in that is fresh enough is asked for once, not in a circle."""
    first = party.claims(id_token(party, browser))["auth_time"]
    with shifted(timedelta(minutes=1)):
        page = party.authorize(browser, max_age="30")
        assert page.url.path == "/login"
        code = party.answer(browser.sign_in(MAIJA, page))["code"]
        again = party.answer(party.authorize(browser, max_age="30", prompt="none"))
        claims = party.claims(party.redeem(again["code"]).json()["id_token"])
        assert party.claims(party.redeem(code).json()["id_token"])["auth_time"] > first
        assert claims["auth_time"] > first
