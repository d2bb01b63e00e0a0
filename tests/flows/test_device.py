"""Signing in on a device: codes, the person's answer, tokens once (RFC 8628)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from idp.authorization.housekeeping import void_all
from idp.clients.metadata.algorithms import DEVICE_CODE
from idp.directory.models import Person
from idp.foundation.clock import shifted
from tests.device import Device
from tests.provider import ISSUER, Provider, forms
from tests.relying_party import RelyingParty


@pytest.fixture
def device(provider: Provider) -> Device:
    """A device that has its codes."""
    provider.organization()
    device = Device(provider)
    device.begin()
    return device


def heading(page: Any) -> str:
    """The page's heading."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found, page.text
    return found[1].strip()


def test_a_device_gets_codes_that_people_can_type(device: Device) -> None:
    """Sections 3.2 and 6.1."""
    codes = device.codes
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", codes["user_code"])
    assert codes["verification_uri"] == f"{ISSUER}/device"
    assert codes["verification_uri_complete"] == f"{ISSUER}/device?user_code={codes['user_code']}"
    assert (codes["expires_in"], codes["interval"]) == (600, 5)


def test_once_approved_the_device_gets_tokens_like_any_client(device: Device) -> None:
    account, browser = device.provider.person(), device.provider.browser()
    assert device.poll().json()["error"] == "authorization_pending"
    page = device.question(browser, account)
    assert heading(page) == "Hyväksytkö kirjautumisen palveluun Laatunäyttö?"
    for shown in (device.codes["user_code"], "127.0.0.1", account.username, "Kuusela"):
        assert shown.replace("@", "<wbr>@") in page.text
    assert "älä hyväksy" in page.text
    assert heading(browser.submit(page, allow="1")) == "Laite on hyväksytty"
    tokens = device.poll().json()
    claims = device.claims(tokens["id_token"])
    assert claims["sub"] == account.id
    assert {"auth_time", "amr", "acr", "sid", "org_id", "at_hash"} <= claims.keys()
    assert device.userinfo(tokens["access_token"]).json()["given_name"] == "Maija"
    assert device.refresh(tokens["refresh_token"]).status_code == 200


def test_a_second_redemption_revokes_what_the_first_gave(device: Device) -> None:
    browser = device.provider.browser()
    browser.submit(device.question(browser, device.provider.person()), allow="1")
    tokens = device.poll().json()
    assert device.poll().json()["error"] == "invalid_grant"
    assert device.userinfo(tokens["access_token"]).status_code == 401
    assert device.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refused_device_is_told_so(device: Device) -> None:
    browser = device.provider.browser()
    page = browser.submit(device.question(browser, device.provider.person()), refuse="1")
    assert heading(page) == "Laitetta ei hyväksytty"
    assert device.poll().json()["error"] == "access_denied"


def test_an_answer_counts_once(device: Device) -> None:
    account, browser = device.provider.person(), device.provider.browser()
    page = device.question(browser, account)
    browser.submit(page, refuse="1")
    assert heading(browser.submit(page, allow="1")) == "Koodi ei enää kelpaa"
    assert device.poll().json()["error"] == "access_denied"


def test_a_device_that_asks_too_soon_has_to_slow_down(device: Device) -> None:
    """Section 3.5: the interval grows by five seconds, for this and all later requests."""
    answers = []
    for seconds in (0, 4, 13, 20, 31):
        with shifted(timedelta(seconds=seconds)):
            answers.append(device.poll().json()["error"])
    pending, slow = "authorization_pending", "slow_down"
    assert answers == [pending, slow, slow, slow, slow]
    with shifted(timedelta(seconds=31 + 26)):
        assert device.poll().json()["error"] == pending


def test_codes_end_after_ten_minutes(device: Device) -> None:
    browser = device.provider.browser()
    page = device.question(browser, device.provider.person())
    with shifted(timedelta(seconds=601)):
        assert device.poll().json()["error"] == "expired_token"
        assert heading(browser.submit(page, allow="1")) == "Koodi ei enää kelpaa"
        late = browser.submit(browser.open("/device"), user_code=device.codes["user_code"])
    assert "Koodi on väärä tai vanhentunut" in late.text


def test_an_approved_device_that_never_came_gets_nothing_late(device: Device) -> None:
    browser = device.provider.browser()
    browser.submit(device.question(browser, device.provider.person()), allow="1")
    with shifted(timedelta(seconds=601)):
        assert device.poll().json()["error"] == "expired_token"


@pytest.mark.parametrize("typed", ["{0}", "{1}", " {0} ", "{2}"])
def test_a_code_may_be_typed_in_any_manner(device: Device, typed: str) -> None:
    """Section 6.1."""
    code = device.codes["user_code"]
    browser = device.provider.browser()
    spelled = typed.format(code.lower(), code.replace("-", ""), code.replace("-", "\N{EN DASH}"))
    page = browser.submit(browser.open("/device"), user_code=spelled)
    assert "/login" in str(page.url)


@pytest.mark.parametrize("typed", ["", "AAAA-AAAA", "x", "ÄÄÄÄ-ÄÄÄÄ", "A" * 41, "'; --"])
def test_a_wrong_code_leads_nowhere(device: Device, typed: str) -> None:
    browser = device.provider.browser()
    page = browser.submit(browser.open("/device"), user_code=typed)
    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.text


def test_guessing_codes_is_slowed_down(device: Device) -> None:
    """Section 5.1."""
    browser = device.provider.browser()
    page = browser.open("/device")
    answers = {browser.submit(page, user_code="AAAA-AAAA").status_code for _ in range(25)}
    assert answers == {200, 429}


def test_the_complete_address_only_fills_the_code_in(device: Device) -> None:
    """Section 3.3.1: the person still has to press, and to compare."""
    browser = device.provider.browser()
    page = browser.open(device.codes["verification_uri_complete"].removeprefix(ISSUER))
    assert forms(page)[0].fields["user_code"] == device.codes["user_code"]
    assert "/login" in str(browser.submit(page).url)


def test_a_link_to_the_question_gives_its_sender_nothing(device: Device) -> None:
    """Section 5.4: the ticket belongs to the browser in which the code was typed."""
    attacker, victim = device.provider.browser(), device.provider.browser()
    account = device.provider.person()
    page = device.question(attacker, device.provider.person("hyokkaaja@example.fi"))
    victim.sign_in(account)
    assert heading(victim.open(str(page.url).removeprefix(ISSUER))) == "Kirjaudu laitteella"


def test_with_several_organizations_the_person_chooses(device: Device) -> None:
    provider = device.provider
    account = provider.person()
    other = provider.organization("mantyla", name="Mäntylä")
    provider.person(account.username, slug="mantyla", password=None)
    browser = provider.browser()
    page = device.question(browser, account)
    unchosen = browser.submit(page, allow="1", organization="")
    assert "Valitse organisaatio." in unchosen.text
    browser.submit(unchosen, allow="1", organization=other.id)
    assert device.claims(device.poll().json()["id_token"])["org_id"] == other.id


def test_an_organization_of_somebody_else_cannot_be_chosen(device: Device) -> None:
    provider = device.provider
    foreign = provider.organization("mantyla", name="Mäntylä")
    browser = provider.browser()
    page = device.question(browser, provider.person())
    browser.submit(page, allow="1", organization=foreign.id)
    assert device.poll().json()["error"] in ("authorization_pending", "slow_down")


def test_a_lock_between_approval_and_redemption_counts(device: Device) -> None:
    provider = device.provider
    account, browser = provider.person(), provider.browser()
    browser.submit(device.question(browser, account), allow="1")
    provider.change(Person, account.id, locked_at=provider.load(account.id).valid_since)
    assert device.poll().json()["error"] == "invalid_grant"


def test_a_device_code_is_good_for_its_own_client_only(device: Device) -> None:
    other = Device(device.provider)
    other.codes = device.codes
    assert other.poll().json()["error"] == "invalid_grant"


def test_a_client_must_be_registered_for_it(party: RelyingParty) -> None:
    refused = party.post("/device_authorization", scope="openid")
    assert refused.json()["error"] == "unauthorized_client"
    refused = party.post("/token", grant_type=DEVICE_CODE, device_code="x")
    assert refused.json()["error"] == "unauthorized_client"


def test_a_confidential_device_has_to_authenticate(provider: Provider) -> None:
    """Section 3.1."""
    provider.organization()
    device = Device(provider, token_endpoint_auth_method="client_secret_basic")
    device.begin()
    device.secret = "wrong"
    refused = device.post("/device_authorization", scope="openid")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_a_device_may_ask_for_a_resource(provider: Provider) -> None:
    provider.organization()
    device = Device(provider)
    device.begin(resource="https://api.example.fi")
    browser = provider.browser()
    browser.submit(device.question(browser, provider.person()), allow="1")
    claims = device.claims(device.poll().json()["access_token"])
    assert claims["aud"] == "https://api.example.fi"


def test_after_a_restore_no_device_code_counts(device: Device) -> None:
    """What was redeemed since would be unredeemed again (`idp restore`)."""
    browser = device.provider.browser()
    browser.submit(device.question(browser, device.provider.person()), allow="1")
    with device.provider.database.transaction() as tx:
        void_all(tx)
    assert device.poll().json()["error"] == "expired_token"
