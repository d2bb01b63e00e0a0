"""How answers travel: query, form_post, and signed (OAuth 2.0 Form Post Response Mode, JARM)."""

from urllib.parse import urlsplit

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from idp.foundation.clock import utcnow
from tests.provider import ISSUER, PORTAL, forms
from tests.relying_party import RelyingParty


def policy(page: object) -> dict[str, str]:
    """The Content-Security-Policy's directives."""
    header = page.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return {
        name: rest for name, _, rest in (part.strip().partition(" ") for part in header.split(";"))
    }


def test_form_post_is_a_page_with_a_button_that_posts_the_answer(party: RelyingParty) -> None:
    browser = party.provider.browser()
    page = browser.sign_in(
        party.provider.person(), party.authorize(browser, response_mode="form_post")
    )
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.text.count("<h1") == 1
    assert "<script src" in page.text
    assert "<script>" not in page.text
    [form] = forms(page)
    assert form.action == party.redirect_uri
    assert set(form.fields) == {"code", "state", "iss", "session_state"}
    assert (form.fields["state"], form.fields["iss"]) == (party.state, ISSUER)
    assert party.redeem(form.fields["code"]).status_code == 200


@pytest.mark.parametrize(
    ("locale", "button"), [("fi", "Jatka"), ("sv", "Fortsätt"), ("en", "Continue")]
)
def test_the_form_post_page_speaks_three_languages(
    party: RelyingParty, locale: str, button: str
) -> None:
    browser = party.provider.browser(**{"Accept-Language": locale})
    page = party.authorize(browser, response_mode="form_post", prompt="none")
    assert f'<html lang="{locale}">' in page.text
    assert f"{button}</" in page.text


def test_errors_go_by_form_post_too(party: RelyingParty) -> None:
    page = party.authorize(
        party.provider.browser(), response_mode="form_post", prompt="none", state='"><b>'
    )
    [form] = forms(page)
    assert form.fields["error"] == "login_required"
    assert form.fields["iss"] == ISSUER
    assert '"><b>' not in page.text


def test_the_form_may_go_where_the_client_registered_and_nowhere_else(
    party: RelyingParty,
) -> None:
    party = RelyingParty(
        party.provider,
        application_type="native",
        redirect_uris=["https://portal.example.fi/callback", "fi.example.app:/callback"],
        client_uri="https://www.example.fi/portal",
    )
    page = party.authorize(party.provider.browser(), response_mode="form_post", prompt="none")
    said = policy(page)
    assert said["form-action"].split() == [PORTAL, "fi.example.app:", "https://www.example.fi"]
    assert said["default-src"] == "'none'"
    assert said["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("mode", ["jwt", "query.jwt"])
def test_a_signed_answer_is_one_jwt_for_this_client(party: RelyingParty, mode: str) -> None:
    browser = party.provider.browser()
    page = party.authorize(browser, response_mode=mode)
    answer = party.answer(browser.sign_in(party.provider.person(), page))
    assert set(answer) == {"response"}
    said = party.claims(answer["response"])
    assert set(said) == {"iss", "aud", "exp", "code", "state", "session_state"}
    assert (said["aud"], said["state"]) == (party.client_id, party.state)
    assert utcnow().timestamp() < said["exp"] <= utcnow().timestamp() + 600
    assert party.redeem(said["code"]).status_code == 200


def test_a_signed_answer_goes_by_form_post_too(party: RelyingParty) -> None:
    page = party.authorize(party.provider.browser(), response_mode="form_post.jwt", prompt="none")
    [form] = forms(page)
    assert set(form.fields) == {"response"}
    said = party.claims(form.fields["response"])
    assert said["error"] == "login_required"
    assert said["state"] == party.state


@pytest.mark.parametrize(
    "changes", [{"scope": "unknown"}, {"response_type": "token"}, {"code_challenge": None}]
)
def test_what_is_wrong_with_a_request_is_said_in_the_mode_it_asked_for(
    party: RelyingParty, changes: dict[str, str | None]
) -> None:
    answer = party.answer(party.authorize(party.provider.browser(), response_mode="jwt", **changes))
    assert party.claims(answer["response"])["error"]


@pytest.mark.parametrize("mode", ["fragment", "fragment.jwt", "web_message", "QUERY", ".jwt"])
def test_a_mode_that_we_do_not_offer_is_named_in_the_query(party: RelyingParty, mode: str) -> None:
    answer = party.answer(party.authorize(party.provider.browser(), response_mode=mode))
    assert answer["error"] == "invalid_request"
    assert "response_mode" in answer["error_description"]


@pytest.mark.parametrize(("is_encrypted", "path"), [(True, "/authorize/resume"), (False, None)])
def test_no_transaction_waits_for_the_keys_of_an_encrypted_answer(
    party: RelyingParty, is_encrypted: bool, path: str | None
) -> None:
    key = ECKey.generate_key("P-256")
    encryption = {
        "jwks": {"keys": [{**key.as_dict(private=False), "use": "enc"}]},
        "authorization_encrypted_response_alg": "ECDH-ES",
    }
    party = RelyingParty(party.provider, **(encryption if is_encrypted else {}))
    account, browser = party.provider.person(), party.provider.browser()
    page = party.authorize(browser, response_mode="jwt")
    [form, *_] = forms(page)
    typed = {"username": account.username, "password": account.password}
    first = browser.post(str(page.url), data=form.fields | typed)
    expected = path or urlsplit(party.redirect_uri).path
    assert urlsplit(first.headers["Location"]).path == expected
    answer = party.answer(browser.follow(first))["response"]
    if is_encrypted:
        opened = jwe.decrypt_compact(answer, key, algorithms=["ECDH-ES", "A128CBC-HS256"])
        answer = (opened.plaintext or b"").decode()
    assert "code" in party.claims(answer)
