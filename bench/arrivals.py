"""Arrivals through an organization's own single sign-on: from the SSO link to a session of ours."""

from bench.browser import Browser
from bench.message import Response
from bench.steps import REDIRECTS, Story
from bench.upstreams import Upstreams


def by_oidc(upstreams: Upstreams, browser: Browser, link: str, number: int) -> Story[str]:
    """Arrive by a code; where it leads to."""
    departure = yield browser.get(f"{link}/{upstreams.oidc.name}")
    back = upstreams.oidc.sign_in(_next(browser, departure), number)
    return _next(browser, (yield browser.get(back)))


def by_saml(upstreams: Upstreams, browser: Browser, link: str, number: int) -> Story[str]:
    """Arrive by a posted assertion; where it leads to."""
    departure = yield browser.get(f"{link}/{upstreams.saml.name}")
    acs, form = upstreams.saml.sign_in(_next(browser, departure), number)
    posted = yield browser.post_from_elsewhere(acs, form)
    return _next(browser, (yield browser.get(_next(browser, posted))))


def require_session(browser: Browser, page: str) -> Story[None]:
    """Open a page of ours that only a signed-in person is shown."""
    response = yield browser.get(page)
    if response.status != 200:
        raise response.wrong(f"{page} of the person who arrived")


def _next(browser: Browser, response: Response) -> str:
    browser.keep(response)
    location = response.header("location")
    if response.status not in REDIRECTS or not location:
        raise response.wrong("a redirect")
    return location
