"""Who takes part in every module: a browser with somebody signed in, and the FAPI clients."""

import pytest

from tests.conformance.fapi_party import FapiParty
from tests.provider import TestBrowser
from tests.relying_party import RelyingParty

PROFILES = ("fapi2_security", "fapi2_message_signing")


@pytest.fixture
def browser(party: RelyingParty) -> TestBrowser:
    """A browser that somebody signed in at."""
    browser = party.provider.browser()
    browser.sign_in(party.provider.person())
    return browser


@pytest.fixture(params=PROFILES)
def fapi(party: RelyingParty, request: pytest.FixtureRequest) -> FapiParty:
    """A client of each profile."""
    return FapiParty(party.provider, request.param)
