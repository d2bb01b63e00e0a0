"""Signing out: relying parties are told in the ways that the metadata names."""

from typing import Any

from tests.discovery.promises import Trial, promise
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
