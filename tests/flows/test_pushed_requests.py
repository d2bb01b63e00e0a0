"""Pushed authorization requests (RFC 9126)."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from idp.foundation.clock import shifted
from tests.dpop import ProvingParty
from tests.provider import Provider, TestBrowser
from tests.relying_party import RelyingParty
from tests.signing_party import SigningParty, open_pushed


def pushed(party: RelyingParty, **changes: str | None) -> str:
    answer = party.post("/par", **party.parameters(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request_uri"])


def test_a_pushed_request_is_answered_with_a_name_for_it(party: RelyingParty) -> None:
    answer = party.post("/par", **party.parameters())
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    said = answer.json()
    assert set(said) == {"request_uri", "expires_in"}
    assert said["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert 5 <= said["expires_in"] <= 600
    assert party.state not in said["request_uri"]


def test_the_name_leads_through_the_sign_in_to_a_code(party: RelyingParty) -> None:
    browser = party.provider.browser()
    page = open_pushed(browser, party.client_id, pushed(party))
    assert page.url.path == "/login"
    answer = party.answer(browser.sign_in(party.provider.person(), page))
    assert answer["state"] == party.state
    assert party.redeem(answer["code"]).status_code == 200


def test_only_what_was_pushed_counts(party: RelyingParty) -> None:
    browser = party.provider.browser()
    page = open_pushed(
        browser,
        party.client_id,
        pushed(party, scope="openid"),
        scope="openid email",
        state="other",
        redirect_uri="https://evil.example/",
    )
    answer = party.answer(browser.sign_in(party.provider.person(), page))
    assert answer["state"] == party.state
    assert party.redeem(answer["code"]).json()["scope"] == "openid"


def test_back_and_reload_find_it_again_until_a_code_was_issued(party: RelyingParty) -> None:
    browser, request_uri = party.provider.browser(), pushed(party)
    open_pushed(browser, party.client_id, request_uri)
    page = open_pushed(browser, party.client_id, request_uri)
    assert "code" in party.answer(browser.sign_in(party.provider.person(), page))
    again = open_pushed(browser, party.client_id, request_uri)
    assert again.status_code == 400
    assert "data-reference" in again.text
    told = party.answer(
        open_pushed(browser, party.client_id, request_uri, redirect_uri=party.redirect_uri)
    )
    assert told["error"] == "invalid_request_uri"


def test_two_sign_in_pages_of_one_pushed_request_give_one_code(party: RelyingParty) -> None:
    account, request_uri = party.provider.person(), pushed(party)
    browsers = [party.provider.browser(), party.provider.browser()]
    pages = [open_pushed(browser, party.client_id, request_uri) for browser in browsers]
    answers = [
        party.answer(browser.sign_in(account, page))
        for browser, page in zip(browsers, pages, strict=True)
    ]
    assert [sorted(set(answer) & {"code", "error"}) for answer in answers] == [["code"], ["error"]]
    assert answers[1]["error"] == "invalid_request_uri"


def test_the_name_is_short_lived_but_not_the_sign_in_page_it_led_to(party: RelyingParty) -> None:
    account, request_uri = party.provider.person(), pushed(party)
    browser = party.provider.browser()
    page = open_pushed(browser, party.client_id, request_uri)
    with shifted(timedelta(minutes=10)):
        stranger = party.provider.browser()
        assert open_pushed(stranger, party.client_id, request_uri).status_code == 400
        assert "code" in party.answer(browser.sign_in(account, page))


def test_the_name_counts_for_the_client_that_pushed(party: RelyingParty) -> None:
    other = RelyingParty(party.provider, client_name="Toinen")
    browser, name = party.provider.browser(), pushed(party)
    assert open_pushed(browser, other.client_id, name).status_code == 400
    beside = {"redirect_uri": other.redirect_uri}
    answer = other.answer(open_pushed(browser, other.client_id, name, **beside))
    assert answer["error"] == "invalid_request_uri"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"resource": "#"}, "invalid_target"),
        ({"claims": "x"}, "invalid_request"),
        ({"request": "e30.e30.e30"}, "invalid_request_object"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request_uri": "https://portal.example.fi/r"}, "invalid_request"),
    ],
)
def test_everything_is_checked_as_at_the_authorization_endpoint(
    party: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    answer = party.post("/par", **party.parameters(**changes))
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_a_client_that_does_not_prove_itself_pushes_nothing(party: RelyingParty) -> None:
    answer = party.http.post("/par", data=party.parameters())
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_the_pushing_client_is_the_one_that_authenticates(party: RelyingParty) -> None:
    other = RelyingParty(party.provider, client_name="Toinen")
    answer = party.post("/par", **party.parameters(client_id=other.client_id))
    assert answer.json()["error"] == "invalid_request"


def test_a_repeated_parameter_is_refused_and_a_repeated_resource_is_not(
    party: RelyingParty,
) -> None:
    for name, status in (("state", 400), ("resource", 201)):
        pairs = [*party.parameters().items(), (name, "https://a.example/"), (name, "urn:b:c")]
        headers = {
            **dict(party.post("/par").request.headers),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        del headers["content-length"]
        answer = party.http.post("/par", content=urlencode(pairs), headers=headers)
        assert answer.status_code == status, answer.text


def test_get_is_not_allowed(provider: Provider) -> None:
    answer = provider.browser().get("/par")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_a_client_registered_to_push_is_refused_otherwise(provider: Provider) -> None:
    provider.organization()
    party = RelyingParty(provider, require_pushed_authorization_requests=True)
    refused = party.answer(party.authorize(provider.browser()))
    assert refused["error"] == "invalid_request"
    browser = provider.browser()
    page = open_pushed(browser, party.client_id, pushed(party))
    assert "code" in party.answer(browser.sign_in(provider.person(), page))


def test_a_signed_request_object_can_be_pushed_and_nothing_beside_it_counts(
    provider: Provider,
) -> None:
    provider.organization()
    party = SigningParty(provider)
    token = party.request_object(scope="openid")
    answer = party.post("/par", request=token, scope="openid email", state="other")
    assert answer.status_code == 201, answer.text
    browser = provider.browser()
    page = open_pushed(browser, party.client_id, answer.json()["request_uri"])
    said = party.answer(browser.sign_in(provider.person(), page))
    assert said["state"] == party.state
    assert party.redeem(said["code"]).json()["scope"] == "openid"


# FAPI 2.0


@pytest.fixture
def fapi(provider: Provider) -> SigningParty:
    provider.organization()
    return SigningParty(provider, fapi_profile="fapi2_security")


@pytest.fixture
def messages(provider: Provider) -> SigningParty:
    provider.organization()
    return SigningParty(
        provider,
        fapi_profile="fapi2_message_signing",
        authorization_signed_response_alg="PS256",
    )


def test_a_fapi_client_must_push(fapi: SigningParty) -> None:
    answer = fapi.answer(fapi.authorize(fapi.provider.browser()))
    assert (answer["error"], answer["iss"] != "") == ("invalid_request", True)


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": None}, {"code_challenge": None}, {"code_challenge_method": "plain"}],
)
def test_a_fapi_client_pushes_its_redirect_uri_and_an_s256_challenge(
    fapi: SigningParty, changes: dict[str, str | None]
) -> None:
    answer = fapi.post("/par", **fapi.parameters(**changes))
    assert answer.json()["error"] == "invalid_request"


def test_a_fapi_clients_answer_says_who_gives_it(fapi: SigningParty) -> None:
    browser = fapi.provider.browser()
    page = open_pushed(browser, fapi.client_id, pushed(fapi))
    answer = fapi.answer(browser.sign_in(fapi.provider.person(), page))
    assert set(answer) == {"code", "state", "iss", "session_state"}


def test_with_message_signing_requests_are_signed_and_answers_too(messages: SigningParty) -> None:
    unsigned = messages.post("/par", **messages.parameters(response_mode="jwt"))
    assert unsigned.json()["error"] == "invalid_request"
    plain = messages.post("/par", request=messages.request_object())
    assert plain.json()["error"] == "invalid_request"
    assert "response_mode" in plain.json()["error_description"]
    signed = messages.post("/par", request=messages.request_object(response_mode="jwt"))
    browser = messages.provider.browser()
    page = open_pushed(browser, messages.client_id, signed.json()["request_uri"])
    answer = messages.answer(browser.sign_in(messages.provider.person(), page))
    assert "code" in messages.claims(answer["response"])


def test_what_a_sign_in_page_carries_cannot_be_made_by_a_client(party: RelyingParty) -> None:
    """The notes of how a request came are ours: as parameters they are resolved or refused."""
    strict = RelyingParty(party.provider, require_pushed_authorization_requests=True)
    browser: TestBrowser = party.provider.browser()
    address = f"/authorize?{urlencode(strict.parameters(request='signed'))}"
    assert strict.answer(browser.open(address))["error"] == "invalid_request_object"


def test_a_code_of_a_fapi_client_lives_a_minute_whatever_is_configured(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAPI 2.0 Security Profile section 5.3.2.1."""
    provider.organization()
    usual = provider.settings.lifetimes.model_copy(
        update={"authorization_code": timedelta(minutes=5)}
    )
    for profile, lives in (("fapi2_security", 60), ("none", 300)):
        party = SigningParty(provider, fapi_profile=profile)
        client = provider.deployment.clients.find(party.client_id)
        assert client
        assert client.lifetimes(usual).authorization_code == timedelta(seconds=lives)


def test_a_proof_at_the_pushing_binds_the_code_to_its_key(party: RelyingParty) -> None:
    """RFC 9449 section 10.1."""
    proving = ProvingParty(party)
    account, browser = party.provider.person(), party.provider.browser()
    answer = proving.post("/par", **party.parameters())
    assert answer.status_code == 201, answer.text
    page = open_pushed(browser, party.client_id, answer.json()["request_uri"])
    code = party.answer(browser.sign_in(account, page))["code"]
    assert party.redeem(code).status_code == 400
    other = proving.post("/par", **party.parameters(dpop_jkt="a" * 43))
    assert other.json()["error"] == "invalid_request"
