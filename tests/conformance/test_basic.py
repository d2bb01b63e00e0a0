"""The modules of the suite's Basic and Form Post plans: OpenID Connect Core by the code flow.

Each test bears the name of the module whose checks it makes, and the section they come from.
"""

import time
from datetime import timedelta

import httpx
import pytest

from idp.directory.models import Person
from idp.foundation.clock import shifted
from tests.provider import ISSUER, PASSWORD, TestBrowser, forms
from tests.relying_party import RelyingParty

NEVER_AN_ERROR: dict[str, dict[str, str | None]] = {
    "oidcc-display-page": {"display": "page"},
    "oidcc-display-popup": {"display": "popup"},
    "oidcc-ui-locales": {"ui_locales": "se"},
    "oidcc-claims-locales": {"claims_locales": "se"},
    "oidcc-login-hint": {"login_hint": "nobody@example.com"},
    "oidcc-ensure-request-with-acr-values-succeeds": {"acr_values": "1 2"},
    "oidcc-ensure-request-with-unknown-parameter-succeeds": {"extra": "foobar"},
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow": {"nonce": None},
    "oidcc-ensure-other-scope-order-succeeds": {"scope": "email openid"},
    "oidcc-max-age-10000": {"max_age": "10000"},
    "oidcc-prompt-none-logged-in": {"prompt": "none"},
}
"""Module → what it adds to a request (OIDC Core 3.1.2.1); somebody is signed in."""


def tokens(party: RelyingParty, answer: httpx.Response) -> dict[str, str]:
    """The tokens for the code of an answer."""
    said = party.answer(answer)
    assert said["iss"] == ISSUER
    redeemed = party.redeem(said["code"])
    assert redeemed.status_code == 200, redeemed.text
    found: dict[str, str] = redeemed.json()
    return found


@pytest.mark.parametrize("module", NEVER_AN_ERROR)
def test_a_request_of_this_kind_succeeds(
    party: RelyingParty, browser: TestBrowser, module: str
) -> None:
    answer = party.authorize(browser, **NEVER_AN_ERROR[module])
    claims = party.claims(tokens(party, answer)["id_token"])
    assert claims["aud"] == party.client_id
    assert ("auth_time" in claims) or "max_age" not in NEVER_AN_ERROR[module]
    assert claims.get("nonce") == NEVER_AN_ERROR[module].get("nonce", party.nonce)


def test_oidcc_response_type_missing(party: RelyingParty, browser: TestBrowser) -> None:
    """RFC 6749 section 4.1.2.1: ``invalid_request``."""
    said = party.answer(party.authorize(browser, response_type=None))
    assert (said["error"], said["state"]) == ("invalid_request", party.state)


def test_oidcc_userinfo_get_post_header_and_post_body(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core section 5.3.1, RFC 6750 sections 2.1 and 2.2."""
    token = tokens(party, party.authorize(browser))["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    answers = [
        party.http.get("/userinfo", headers=header),
        party.http.post("/userinfo", headers=header),
        party.http.post("/userinfo", data={"access_token": token}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()


def test_oidcc_scope_email_comes_by_userinfo_and_not_in_the_id_token(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core section 5.4."""
    got = tokens(party, party.authorize(browser, scope="openid email"))
    claims = party.claims(got["id_token"])
    assert "email" not in claims
    party.provider.change(Person, claims["sub"], email="maija@example.fi")
    said = party.userinfo(got["access_token"]).json()
    assert (said["email"], said["email_verified"]) == ("maija@example.fi", False)
    assert None not in said.values()
    assert "given_name" not in said


def test_oidcc_claims_essential(party: RelyingParty, browser: TestBrowser) -> None:
    """OIDC Core section 5.5.1: an essential claim of one's own scope comes by itself."""
    asked = '{"userinfo": {"given_name": {"essential": true}}}'
    got = tokens(party, party.authorize(browser, scope="openid", claims=asked))
    assert party.userinfo(got["access_token"]).json()["given_name"] == "Maija"


def test_oidcc_prompt_none_not_logged_in(party: RelyingParty) -> None:
    """OIDC Core section 3.1.2.6."""
    answer = party.authorize(party.provider.browser(), prompt="none")
    assert party.answer(answer)["error"] == "login_required"


def test_oidcc_prompt_login(party: RelyingParty, browser: TestBrowser) -> None:
    """OIDC Core section 3.1.2.1: a new sign-in, and a later ``auth_time``."""
    before = party.claims(tokens(party, party.authorize(browser))["id_token"])["auth_time"]
    with shifted(timedelta(seconds=2)):
        page = party.authorize(browser, prompt="login")
        assert page.url.path == "/login"
        answer = browser.submit(page, username="maija@example.fi", password=PASSWORD)
        after = party.claims(tokens(party, answer)["id_token"])["auth_time"]
    assert after > before


def test_oidcc_max_age_1(party: RelyingParty, browser: TestBrowser) -> None:
    """A second passes, the person signs in again; asked at once a second time, they do not."""
    with shifted(timedelta(seconds=5)):
        page = party.authorize(browser, max_age="1")
        assert page.url.path == "/login"
        answer = browser.submit(page, username="maija@example.fi", password=PASSWORD)
        claims = party.claims(tokens(party, answer)["id_token"])
    assert abs(claims["auth_time"] - (time.time() + 5)) < 60


def test_oidcc_id_token_hint(party: RelyingParty, browser: TestBrowser) -> None:
    """OIDC Core section 3.1.2.1: ``prompt=none`` for the person of the hint, and no other."""
    first = tokens(party, party.authorize(browser))["id_token"]
    again = tokens(party, party.authorize(browser, prompt="none", id_token_hint=first))
    for same in ("sub", "auth_time", "sid"):
        assert party.claims(again["id_token"])[same] == party.claims(first)[same]
    other = party.provider.browser()
    other.sign_in(party.provider.person("pekka@example.fi", given_name="Pekka"))
    refused = party.answer(party.authorize(other, prompt="none", id_token_hint=first))
    assert refused["error"] == "login_required"


def test_oidcc_codereuse_and_codereuse_30seconds(party: RelyingParty, browser: TestBrowser) -> None:
    """RFC 6749 section 4.1.2: refused, and what the code gave is dead."""
    code = party.answer(party.authorize(browser))["code"]
    token = party.redeem(code).json()["access_token"]
    with shifted(timedelta(seconds=31)):
        replayed = party.redeem(code)
        assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
        assert party.userinfo(token).status_code == 401


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://portal.example.fi/callback/",
        "https://portal.example.fi/callback?foo=bar",
        "https://PORTAL.example.fi/callback",
        "https://portal.example.fi/callback#f",
        "https://portal.example.fi:443/callback",
        None,
    ],
)
def test_oidcc_ensure_registered_redirect_uri(
    party: RelyingParty, browser: TestBrowser, redirect_uri: str | None
) -> None:
    """RFC 9700 section 4.1.3: a page that shows no link there, never a redirect."""
    page = party.authorize(browser, redirect_uri=redirect_uri, response_type="nonsense")
    assert page.status_code == 400
    assert "portal.example.fi/callback" not in page.text


def test_oidcc_redirect_uri_query_ok_mismatch_and_added(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """RFC 6749 section 3.1.2: the query is kept, and compared like the rest."""
    registered = "https://portal.example.fi/callback?foo=bar"
    queried = RelyingParty(party.provider, redirect_uris=[registered])
    answer = queried.authorize(browser)
    assert answer.headers["Location"].startswith(f"{registered}&")
    assert queried.redeem(queried.answer(answer)["code"]).status_code == 200
    for other in ("?foo=baz", "?foo=bar&more=1", ""):
        page = queried.authorize(browser, redirect_uri=f"https://portal.example.fi/callback{other}")
        assert page.status_code == 400


def test_oidcc_ensure_post_request_succeeds(party: RelyingParty) -> None:
    """OIDC Core section 3.1.2.1: GET and POST alike."""
    browser = party.provider.browser()
    page = browser.follow(browser.post("/authorize", data=party.parameters()))
    assert "code" in party.answer(browser.sign_in(party.provider.person(), page))


def test_oidcc_unsigned_request_object_is_refused_by_name(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core section 6.1: honoured or refused, never ignored; ``none`` is no signature."""
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6Im90aGVyIn0."
    said = party.answer(party.authorize(browser, request=unsigned))
    assert said["error"] in ("invalid_request_object", "request_not_supported")
    assert said["state"] == party.state


def test_oidcc_refresh_token_and_with_another_client(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core section 12.2: same ``iss``, ``sub``, ``aud`` and ``auth_time``."""
    got = tokens(party, party.authorize(browser))
    before = party.claims(got["id_token"])
    assert RelyingParty(party.provider).refresh(got["refresh_token"]).status_code == 400
    answer = party.refresh(got["refresh_token"])
    assert answer.headers["Cache-Control"] == "no-store"
    after = party.claims(answer.json()["id_token"])
    for same in ("iss", "sub", "aud", "auth_time", "sid"):
        assert after[same] == before[same]


def test_oidcc_server_client_secret_post(party: RelyingParty, browser: TestBrowser) -> None:
    poster = RelyingParty(party.provider, token_endpoint_auth_method="client_secret_post")
    code = poster.answer(poster.authorize(browser))["code"]
    own = {"client_id": poster.client_id, "client_secret": poster.secret or ""}
    assert poster.http.post("/token", data=poster.redemption(code) | own).status_code == 200


def test_oidcc_form_post_answers_by_a_form_alone(party: RelyingParty, browser: TestBrowser) -> None:
    """OAuth 2.0 Form Post Response Mode section 2; errors come the same way."""
    page = party.authorize(browser, response_mode="form_post")
    form = forms(page)[0]
    assert form.action == party.redirect_uri
    assert form.fields.keys() >= {"code", "state", "iss"}
    assert party.redeem(form.fields["code"]).status_code == 200
    error = forms(party.authorize(browser, response_mode="form_post", response_type="token"))[0]
    assert error.fields["error"] == "unsupported_response_type"


def test_oidcc_discovery_endpoint_verification(party: RelyingParty) -> None:
    """OIDC Discovery section 3, RFC 8414 section 2."""
    said = party.http.get("/.well-known/openid-configuration").json()
    assert said["issuer"] == ISSUER
    for required in (
        *("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"),
        *("response_types_supported", "subject_types_supported", "scopes_supported"),
        *("id_token_signing_alg_values_supported", "claims_supported"),
    ):
        assert said[required]
    assert "RS256" in said["id_token_signing_alg_values_supported"]
    algorithms = [values for name, values in said.items() if "_alg_values" in name]
    assert not any("none" in values for values in algorithms)
    keys = party.http.get("/jwks").json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    assert not any({"d", "p", "q", "k"} & key.keys() for key in keys)
