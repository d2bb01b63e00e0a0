"""Somebody who is signed in, at a browser of their own."""

from tests.provider import Account, Provider, TestBrowser


def signed_in(provider: Provider, account: Account, **headers: str) -> TestBrowser:
    """A new browser where this person has just signed in."""
    browser = provider.browser(**headers)
    browser.sign_in(account)
    return browser
