"""The modules of the suite's Front-Channel, Back-Channel and Session Management plans."""

import base64
import hashlib
import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from tests.provider import ISSUER, PORTAL, TestBrowser, query
from tests.receiver import Receiver
from tests.relying_party import RelyingParty

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def sign_out(party: RelyingParty, browser: TestBrowser) -> tuple[dict[str, Any], str]:
    """The ID token of a sign-in, and the page or address where signing out by its hint ended."""
    code = party.answer(party.authorize(browser))["code"]
    token = party.redeem(code).json()["id_token"]
    asked = {"id_token_hint": token, "post_logout_redirect_uri": f"{PORTAL}/", "state": "s-1"}
    answer = browser.follow(browser.get("/logout", params=asked))
    assert party.answer(party.authorize(browser, prompt="none"))["error"] == "login_required"
    return party.claims(token), answer.headers.get("Location") or answer.text


def test_oidcc_frontchannel_rp_initiated_logout(party: RelyingParty, browser: TestBrowser) -> None:
    """Front-Channel Logout sections 2 and 3: ``iss`` and ``sid`` and nothing else, then onward."""
    framed = RelyingParty(
        party.provider,
        frontchannel_logout_uri=f"{PORTAL}/frontchannel_logout",
        frontchannel_logout_session_required=True,
    )
    claims, page = sign_out(framed, browser)
    (frame,) = [unescape(found) for found in re.findall(r'<iframe[^>]* src="([^"]+)"', page)]
    assert frame.startswith(f"{PORTAL}/frontchannel_logout?")
    assert query(frame) == {"iss": ISSUER, "sid": claims["sid"]}
    (onward,) = re.findall(r'href="([^"]+)" data-onward', page)
    assert unescape(onward) == f"{PORTAL}/?state=s-1"


def test_oidcc_backchannel_rp_initiated_logout(party: RelyingParty, browser: TestBrowser) -> None:
    """Back-Channel Logout sections 2.4 and 2.5: one form, one token, of this session and person."""
    with Receiver() as receiver:
        told = RelyingParty(
            party.provider,
            backchannel_logout_uri=receiver.address,
            backchannel_logout_session_required=True,
        )
        claims, onward = sign_out(told, browser)
        party.provider.deliver()
    (form,) = receiver.posted
    assert form.keys() == {"logout_token"}
    header = form["logout_token"].partition(".")[0]
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "RS256"
    said = told.claims(form["logout_token"])
    assert (said["iss"], said["aud"]) == (ISSUER, told.client_id)
    assert (said["sid"], said["sub"]) == (claims["sid"], claims["sub"])
    assert said["events"] == {EVENT: {}}
    assert said["iat"] < said["exp"]
    assert said["jti"]
    assert "nonce" not in said
    assert onward == f"{PORTAL}/?state=s-1"


def state_in(browser: TestBrowser, party: RelyingParty, session_state: str) -> str:
    """What our frame answers: it computes the same from its cookie (section 3.2)."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(party.redirect_uri))
    hashed, salt = session_state.split(".")
    kept = browser.cookies["__Host-idp_state"]
    told = hashlib.sha256(f"{party.client_id} {origin} {kept} {salt}".encode()).hexdigest()
    return "unchanged" if told == hashed else "changed"


def test_oidcc_session_management_rp_initiated_logout(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """Session Management section 3.1: unchanged before, changed after.

    In a real browser: tests/flows/test_session_management.py.
    """
    session_state = party.answer(party.authorize(browser))["session_state"]
    assert state_in(browser, party, session_state) == "unchanged"
    _claims, onward = sign_out(party, browser)
    assert onward == f"{PORTAL}/?state=s-1"
    assert state_in(browser, party, session_state) == "changed"
