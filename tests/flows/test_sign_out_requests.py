"""What a relying party may say when its person signs out (RP-Initiated Logout 1.0)."""

import html
import re
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt

from idp.authentication.models import SessionRecord
from idp.foundation.clock import utcnow
from tests.pages.look import heading, text
from tests.provider import ISSUER, PASSWORD, PORTAL, Account, TestBrowser, forms
from tests.relying_party import RelyingParty

ASKS = "Kirjaudutaanko ulos?"


def hint(party: RelyingParty, **changes: Any) -> tuple[TestBrowser, str]:
    """A browser in which somebody is signed in, and an ID token of that, signed anew if changed."""
    browser = party.provider.browser()
    token = party.tokens(browser, party.provider.person())["id_token"]
    typ = changes.pop("typ", "JWT")
    if not changes and typ == "JWT":
        return browser, token
    claims = {**party.claims(token), **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    key = party.provider.deployment.signing_keys.active("RS256")
    header = {"alg": "RS256", "kid": key.kid, "typ": typ}
    return browser, jwt.encode(header, claims, key.private, algorithms=["RS256"])


def is_signed_in(party: RelyingParty, browser: TestBrowser) -> bool:
    return party.authorize(browser).url.path != "/login"


def test_an_id_token_that_expired_long_ago_still_signs_its_session_out(
    party: RelyingParty,
) -> None:
    """Section 2: the OP should accept one of a current session although its time has passed."""
    browser, token = hint(party, exp=int(time.time()) - 86400)
    answer = browser.get(
        "/logout", params={"id_token_hint": token, "post_logout_redirect_uri": f"{PORTAL}/"}
    )
    assert answer.headers["Location"] == f"{PORTAL}/"
    assert not is_signed_in(party, browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://id.elsewhere.fi"},
        {"typ": "logout+jwt"},
        {"typ": "at+jwt"},
        {"aud": "another-client"},
        {"aud": ["another-client", "a-third"], "azp": None},
        {"auth_time": None},
    ],
    ids=str,
)
def test_what_is_not_an_id_token_of_ours_for_this_client_signs_nobody_out(
    party: RelyingParty, changes: dict[str, Any]
) -> None:
    browser, token = hint(party, **changes)
    page = browser.get("/logout", params={"id_token_hint": token, "client_id": party.client_id})
    assert page.status_code == 400
    assert 'href="/logout"' in page.text, "whoever wants to sign out still can"
    assert is_signed_in(party, browser)


def test_a_hint_with_another_signature_is_refused(party: RelyingParty) -> None:
    browser, token = hint(party)
    broken = f"{token.rpartition('.')[0]}.{'A' * 342}"
    assert browser.get("/logout", params={"id_token_hint": broken}).status_code == 400


def test_of_several_audiences_the_one_that_asks_counts_or_the_authorized_party(
    party: RelyingParty,
) -> None:
    browser, token = hint(party, aud=["https://api.example.fi", party.client_id])
    page = browser.get(
        "/logout", params={"id_token_hint": token, "post_logout_redirect_uri": f"{PORTAL}/"}
    )
    assert page.headers["Location"] == f"{PORTAL}/"


def test_a_client_id_that_is_not_the_hints_is_refused(party: RelyingParty) -> None:
    browser, token = hint(party)
    other = RelyingParty(party.provider)
    page = browser.get("/logout", params={"id_token_hint": token, "client_id": other.client_id})
    assert page.status_code == 400


def test_the_same_persons_older_session_in_the_hint_is_no_reason_to_ask(
    party: RelyingParty,
) -> None:
    browser, old = hint(party)
    browser.get("/logout", params={"id_token_hint": old})
    account = Account(id="", username="maija@example.fi", password=PASSWORD)
    party.code(browser, account)
    browser.get("/logout", params={"id_token_hint": old})
    assert not is_signed_in(party, browser)


@pytest.mark.parametrize(
    ("named", "asks"), [("maija@example.fi", False), ("someone@example.fi", True)]
)
def test_a_logout_hint_that_names_somebody_else_asks_first(
    party: RelyingParty, named: str, asks: bool
) -> None:
    browser, token = hint(party)
    page = browser.open(f"/logout?id_token_hint={token}&logout_hint={named}")
    assert (heading(page) == ASKS) is asks
    assert is_signed_in(party, browser) is asks


def test_a_client_may_name_the_person_by_its_own_pairwise_subject(party: RelyingParty) -> None:
    paired = RelyingParty(party.provider, subject_type="pairwise")
    browser, token = hint(paired)
    browser.get(
        "/logout", params={"id_token_hint": token, "logout_hint": paired.claims(token)["sub"]}
    )
    assert not is_signed_in(paired, browser)


def languages(page: httpx.Response) -> list[tuple[str, str]]:
    """The languages that the page offers, and where each link leads."""
    found = re.findall(r'<li><a href="([^"]*)" lang="(..)"', page.text)
    return [(language, html.unescape(href)) for href, language in found]


def test_the_question_names_who_is_signed_in_and_who_asks(party: RelyingParty) -> None:
    browser, _ = hint(party)
    page = browser.get("/logout", params={"client_id": party.client_id})
    assert "Maija Meikäläinen (maija@example.fi)" in text(page)
    assert "Pyynnön lähetti Laatuportti." in text(page)


def test_a_client_may_post_its_request_from_its_own_page(party: RelyingParty) -> None:
    """Section 2: GET and POST, from any site."""
    browser, token = hint(party)
    form = {
        "id_token_hint": token,
        "post_logout_redirect_uri": f"{PORTAL}/",
        "state": "å b",
        "ui_locales": "sv",
    }
    foreign = {"Origin": PORTAL, "Sec-Fetch-Site": "cross-site"}
    # Such a POST brings none of our cookies (SameSite=Lax).
    sent = party.provider.browser().post("/logout", data=form, headers=foreign)
    answer = browser.get(sent.headers["Location"])
    assert answer.headers["Location"] == f"{PORTAL}/?state=%C3%A5+b"
    assert party.authorize(browser).url.path == "/login"


def test_a_posted_question_can_be_had_in_another_language(party: RelyingParty) -> None:
    browser, _ = hint(party)
    asked = {"client_id": party.client_id, "post_logout_redirect_uri": f"{PORTAL}/", "state": "7"}
    page = browser.follow(browser.post("/logout", data={**asked, "ui_locales": "en"}))
    assert {language for language, _ in languages(page)} == {"fi", "sv"}
    for language, link in languages(page):
        other = browser.get(f"/logout{link}")
        assert f'<html lang="{language}"' in other.text
        fields = forms(other)[0].fields
        assert {name: fields.get(name) for name in asked} == asked


def test_a_posted_request_that_is_wrong_is_a_page_in_any_language(party: RelyingParty) -> None:
    browser, _ = hint(party)
    asked = {"client_id": party.client_id, "post_logout_redirect_uri": "https://evil.example/"}
    page = browser.follow(browser.post("/logout", data=asked))
    assert page.status_code == 400
    assert {browser.get(f"/logout{link}").status_code for _, link in languages(page)} == {400}


def test_a_posted_request_too_long_for_an_address_is_refused(party: RelyingParty) -> None:
    browser, token = hint(party)
    page = browser.post("/logout", data={"id_token_hint": token, "state": "x" * 8000})
    assert (page.status_code, heading(page)) == (400, "Pyyntöä ei voi lukea")
    assert "code" in party.answer(party.authorize(browser))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ui_locales_decides_the_language_of_the_question(party: RelyingParty, method: str) -> None:
    browser, _ = hint(party)
    given: Any = {"client_id": party.client_id, "ui_locales": "se sv"}
    sent = browser.request(method, "/logout", **{"params" if method == "GET" else "data": given})
    page = browser.follow(sent)
    assert '<html lang="sv"' in page.text


def test_it_works_twice_and_without_a_session(party: RelyingParty) -> None:
    browser, token = hint(party)
    asked = {"id_token_hint": token, "post_logout_redirect_uri": f"{PORTAL}/", "state": "1"}
    answers = [browser.get("/logout", params=asked) for _ in range(2)]
    answers.append(party.provider.browser().get("/logout", params=asked))
    assert {answer.headers["Location"] for answer in answers} == {f"{PORTAL}/?state=1"}
    assert heading(browser.open("/logout")) == "Et ole kirjautuneena"


@pytest.mark.parametrize(
    "name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"]
)
def test_a_repeated_parameter_is_refused(party: RelyingParty, name: str) -> None:
    browser, _ = hint(party)
    assert browser.get(f"/logout?{name}=a&{name}=b").status_code == 400


def test_the_question_carries_the_request_and_only_that(party: RelyingParty) -> None:
    browser, _ = hint(party)
    asked = {"client_id": party.client_id, "post_logout_redirect_uri": f"{PORTAL}/", "state": "7"}
    page = browser.get("/logout", params={**asked, "other": "<script>"})
    fields = forms(page)[0].fields
    assert {name: value for name, value in fields.items() if name != "csrf_token"} == asked
    assert browser.submit(page).headers["Location"] == f"{PORTAL}/?state=7"


def test_the_address_of_a_native_application_is_compared_as_registered(
    party: RelyingParty,
) -> None:
    address = "http://localhost:8765/bye"
    native = RelyingParty(
        party.provider,
        application_type="native",
        token_endpoint_auth_method="none",
        redirect_uris=["http://localhost:8765/cb"],
        post_logout_redirect_uris=[address],
        initiate_login_uri=None,
    )
    asked = {"client_id": native.client_id, "post_logout_redirect_uri": address}
    browser = party.provider.browser()
    assert browser.get("/logout", params=asked).headers["Location"] == address
    asked["post_logout_redirect_uri"] = "http://localhost:8766/bye"
    assert browser.get("/logout", params=asked).status_code == 400


def test_a_session_that_ran_out_leaves_nothing_to_ask(party: RelyingParty) -> None:
    browser, token = hint(party)
    sid = party.claims(token)["sid"]
    party.provider.change(SessionRecord, sid, expires_at=utcnow() - timedelta(seconds=1))
    assert heading(browser.open("/logout")) == "Et ole kirjautuneena"
    assert not re.search(rf"{ISSUER}/logout\?", browser.get("/logout").headers["Location"])
