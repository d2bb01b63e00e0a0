"""A device that asks for an organization leads its person to that organization's own way in."""

from collections.abc import Iterator

import pytest

from tests.device import SCOPE, Device
from tests.federated import Federated
from tests.oidc_upstream import Upstream
from tests.provider import Provider, TestBrowser

ASKED = f"{SCOPE} organization:kuusela"


@pytest.fixture
def kuusela(provider: Provider) -> Iterator[Federated]:
    """An organization with single sign-on."""
    with Upstream().running() as upstream:
        yield Federated(provider, upstream)


@pytest.fixture
def device(provider: Provider) -> Device:
    """A device, not begun yet."""
    return Device(provider)


def arrive(kuusela: Federated, device: Device, browser: TestBrowser) -> None:
    """Type the code, sign in upstream without a page of ours on the way, and allow."""
    sent = browser.submit(browser.open("/device"), user_code=device.codes["user_code"])
    location = sent.headers["Location"]
    assert location.startswith(kuusela.upstream.issuer), sent.text
    question = browser.open(kuusela.upstream.sign_in(location))
    assert question.url.path == "/device/confirm"
    assert browser.submit(question, allow="1").url.path == "/device/approved"


def test_the_person_is_led_to_the_organizations_single_sign_on(
    kuusela: Federated, device: Device
) -> None:
    device.begin(scope=ASKED)
    arrive(kuusela, device, kuusela.provider.browser())
    claims = device.claims(device.poll().json()["id_token"])
    assert (claims["org"], claims["acr"]) == ("kuusela", "urn:laatuportti:acr:sso")


def test_a_password_that_does_not_open_the_organization_is_not_enough(
    kuusela: Federated, device: Device
) -> None:
    kuusela.provider.organization("hus")
    browser = kuusela.provider.browser()
    browser.sign_in(kuusela.provider.person(slug="hus"))
    device.begin(scope=ASKED)
    arrive(kuusela, device, browser)
    assert device.claims(device.poll().json()["id_token"])["org"] == "kuusela"


def test_who_came_by_single_sign_on_before_is_asked_at_once(
    kuusela: Federated, device: Device
) -> None:
    browser = kuusela.provider.browser()
    kuusela.arrive(browser)
    device.begin(scope=ASKED)
    page = browser.submit(browser.open("/device"), user_code=device.codes["user_code"])
    assert page.url.path == "/device/confirm"


@pytest.mark.parametrize("asked", [SCOPE, f"{ASKED} organization:hus", f"{SCOPE} organization:hus"])
def test_where_the_organization_is_not_sure_or_has_none_it_is_the_sign_in_page(
    kuusela: Federated, device: Device, asked: str
) -> None:
    kuusela.provider.organization("hus")
    browser = kuusela.provider.browser()
    device.begin(scope=asked)
    page = browser.submit(browser.open("/device"), user_code=device.codes["user_code"])
    assert page.url.path == "/login"
