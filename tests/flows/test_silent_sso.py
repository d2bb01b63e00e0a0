"""prompt=none and an organization's own way in: asked there too, and no page on the way."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from saml2.s_utils import decode_base64_and_inflate

from tests.federated import Federated
from tests.provider import Provider
from tests.relying_party import RelyingParty
from tests.saml.organization import SamlOrganization

AINO = {"givenName": ["Aino"], "surname": ["K"], "mail": ["a@k.example"], "uid": ["a@k.example"]}
SILENTLY = {"organization": "kuusela", "prompt": "none"}


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return RelyingParty(provider)


def asked(location: str) -> dict[str, str]:
    return {name: each[0] for name, each in parse_qs(urlsplit(location).query).items()}


def test_prompt_none_is_passed_on_and_a_session_there_is_one_here(
    kuusela: Federated, party: RelyingParty
) -> None:
    """OpenID Connect Core section 3.1.2.1: signed in upstream, the person is asked nothing."""
    browser = kuusela.provider.browser()
    out = party.authorize(browser, **SILENTLY).headers["Location"]
    assert out.startswith(kuusela.upstream.issuer)
    assert asked(out)["prompt"] == "none"
    assert "code" in party.answer(browser.open(kuusela.upstream.sign_in(out)))


@pytest.mark.parametrize("said", ["login_required", "interaction_required", "server_error"])
def test_what_the_upstream_would_have_to_ask_goes_to_the_client_and_not_to_a_page(
    kuusela: Federated, party: RelyingParty, said: str
) -> None:
    browser = kuusela.provider.browser()
    out = party.authorize(browser, **SILENTLY).headers["Location"]
    back = kuusela.upstream.sign_in(out, code=None, error=said)
    answer = party.answer(browser.open(back))
    assert (answer["error"], answer["state"]) == ("login_required", party.parameters()["state"])
    # It was no failed try: the next sign-in with pages goes straight there.
    location = party.authorize(browser, organization="kuusela").headers["Location"]
    assert "prompt" not in asked(location)


def test_a_refusal_of_ours_shows_no_page_either(kuusela: Federated, party: RelyingParty) -> None:
    browser = kuusela.provider.browser()
    out = party.authorize(browser, **SILENTLY).headers["Location"]
    del kuusela.upstream.person["given_name"]
    answer = party.answer(browser.open(kuusela.upstream.sign_in(out)))
    assert answer["error"] == "login_required"
    assert kuusela.reason() == "attribute_missing"


def test_a_connection_that_is_off_or_away_asks_nobody(
    kuusela: Federated, party: RelyingParty
) -> None:
    kuusela.upstream.metadata = {"issuer": "https://another.example"}
    answer = party.answer(party.authorize(kuusela.provider.browser(), **SILENTLY))
    assert answer["error"] == "login_required"
    assert kuusela.reason() == "metadata_issuer_mismatch"


def test_another_browser_learns_nothing_from_a_silent_answer(
    kuusela: Federated, party: RelyingParty
) -> None:
    out = party.authorize(kuusela.provider.browser(), **SILENTLY).headers["Location"]
    page = kuusela.provider.browser().open(kuusela.upstream.sign_in(out))
    assert "data-reason>other_browser<" in page.text


def test_a_max_age_that_ran_out_asks_no_upstream(kuusela: Federated, party: RelyingParty) -> None:
    browser = kuusela.provider.browser()
    kuusela.arrive(browser)
    silent = party.authorize(browser, max_age="0", **SILENTLY)
    assert party.answer(silent)["error"] == "login_required"


def test_a_saml_request_is_passive_and_its_no_goes_to_the_client(
    provider: Provider, tmp_path: Path, party: RelyingParty
) -> None:
    """saml-core 3.4.1, IsPassive; 3.2.2.2, NoPassive."""
    kuusela = SamlOrganization(provider, tmp_path)
    browser = provider.browser()
    out = party.authorize(browser, **SILENTLY).headers["Location"]
    assert b'IsPassive="true"' in decode_base64_and_inflate(asked(out)["SAMLRequest"])
    answer = kuusela.upstream.no_passive(out)
    back = party.answer(kuusela.post(browser, answer))
    assert back["error"] == "login_required"
    assert kuusela.reason() == ""


def test_in_a_frame_no_upstream_is_asked(kuusela: Federated, party: RelyingParty) -> None:
    """An upstream that will not be framed would leave the client without any answer."""
    browser = kuusela.provider.browser(**{"Sec-Fetch-Dest": "iframe"})
    assert party.answer(party.authorize(browser, **SILENTLY))["error"] == "login_required"
