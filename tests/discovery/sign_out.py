"""Signing out: relying parties are told in the ways that the metadata names."""

from html import unescape
from typing import Any

from tests.discovery.promises import Trial, promise
from tests.provider import query
from tests.receiver import Receiver


@promise("backchannel_logout_supported")
def backchannel(trial: Trial, _value: object) -> bool:
    """The relying party's own server is posted a logout token."""
    return bool(_logout_token(trial)["aud"])


@promise("backchannel_logout_session_supported")
def backchannel_session(trial: Trial, _value: object) -> bool:
    """It says which session ended."""
    return bool(_logout_token(trial)["sid"])


def _logout_token(trial: Trial) -> dict[str, Any]:
    """The claims that reach a real server when somebody signs out."""
    with Receiver() as receiver:
        party = trial.party(backchannel_logout_uri=receiver.address)
        browser = trial.browser()
        hint = party.tokens(browser, trial.account)["id_token"]
        browser.get("/logout", params={"id_token_hint": hint})
        trial.provider.deliver()
        return party.claims(receiver.posted[0]["logout_token"])


@promise("check_session_iframe")
def check_session_iframe(trial: Trial, address: str) -> bool:
    """A page any site may frame; answers carry what it is asked with (Session Management 1.0)."""
    party = trial.party()
    page = party.http.get(address)
    answer = party.answer(party.authorize(trial.signed_in()))
    is_framed = "frame-ancestors *" in page.headers["Content-Security-Policy"]
    return is_framed and "X-Frame-Options" not in page.headers and "session_state" in answer


@promise("frontchannel_logout_supported")
def frontchannel(trial: Trial, _value: object) -> bool:
    """The signed-out page loads the relying party's own (Front-Channel Logout 1.0)."""
    return bool(_framed(trial))


@promise("frontchannel_logout_session_supported")
def frontchannel_session(trial: Trial, _value: object) -> bool:
    """Its address says who signed out which session."""
    return {"iss", "sid"} <= query(unescape(_framed(trial))).keys()


def _framed(trial: Trial) -> str:
    """The address in the signed-out page's frame."""
    address = "https://portal.example.fi/bye"
    party, browser = trial.party(frontchannel_logout_uri=address), trial.browser()
    hint = party.tokens(browser, trial.account)["id_token"]
    page = browser.open(f"/logout?id_token_hint={hint}")
    return page.text.partition('<iframe class="visually-hidden" src="')[2].partition('"')[0]
