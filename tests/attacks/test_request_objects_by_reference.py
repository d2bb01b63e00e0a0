"""Signed requests that are fetched (RFC 9101 section 5.2)."""

from urllib.parse import urlencode

import pytest

from idp.foundation.secrets import base64url_digest
from tests.provider import Provider
from tests.receiver import Receiver
from tests.signing_party import SigningParty


def test_an_object_is_fetched_from_a_registered_address(provider: Provider) -> None:
    provider.organization()
    with Receiver() as receiver:
        address = receiver.address
        party = SigningParty(provider, request_uris=[address])
        receiver.page = party.request_object().encode()
        asked = {"client_id": party.client_id, "request_uri": address}
        page = provider.browser().open(f"/authorize?{urlencode(asked)}")
        assert page.url.path == "/login"
        digest = base64url_digest(receiver.page.decode())
        for fragment, is_right in ((digest, True), ("A" * 43, False)):
            named = asked | {
                "request_uri": f"{address}#{fragment}",
                "redirect_uri": party.redirect_uri,
            }
            answer = provider.browser().open(f"/authorize?{urlencode(named)}")
            if is_right:
                assert answer.url.path == "/login"
            else:
                assert party.answer(answer)["error"] == "invalid_request_uri"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b"", "invalid_request_uri"),
        (200, b"\xff", "invalid_request_uri"),
        (200, b"x" * 30_000, "invalid_request_uri"),
        (200, b"<html>", "invalid_request_object"),
    ],
)
def test_what_lies_there_must_be_an_object(
    provider: Provider, status: int, body: bytes, error: str
) -> None:
    provider.organization()
    with Receiver() as receiver:
        receiver.page_status, receiver.page = status, body
        party = SigningParty(provider, request_uris=[receiver.address])
        answer = party.answer(party.authorize(provider.browser(), request_uri=receiver.address))
    assert answer["error"] == error


@pytest.mark.parametrize(
    "uri", ["https://portal.example.fi/unregistered", "file:///etc/passwd", "urn:x", "http://[::1"]
)
def test_nothing_is_fetched_from_an_address_that_is_not_registered(
    signer: SigningParty, uri: str
) -> None:
    answer = signer.answer(signer.authorize(signer.provider.browser(), request_uri=uri))
    assert answer["error"] == "invalid_request_uri"


def test_whatever_else_listens_is_never_asked(signer: SigningParty) -> None:
    with Receiver() as receiver:
        browser = signer.provider.browser()
        answer = signer.answer(signer.authorize(browser, request_uri=receiver.address))
        assert (answer["error"], receiver.got) == ("invalid_request_uri", [])
