"""A header that may stand once and stands twice, met by the real server."""

from uuid import uuid4

import httpx

from tests.dpop import ProofKey
from tests.live import LiveServer
from tests.live_party import LiveParty


def test_two_proofs_with_one_request_are_refused(live_server: LiveServer) -> None:
    """RFC 9449 section 4.3, check 1; each of them alone would do."""
    party, key = LiveParty(live_server), ProofKey()
    target = f"{live_server.issuer}/token"
    form = {"grant_type": "refresh_token", "refresh_token": "none"}

    def ask(*proofs: str) -> httpx.Response:
        with httpx.Client() as client:
            headers = [("DPoP", proof) for proof in proofs]
            return client.post(target, data=form, auth=party.credentials, headers=headers)

    key.keep_nonce(ask(key.proof("POST", "/token", htu=target)))
    one, other = (key.proof("POST", "/token", htu=target) for _ in range(2))
    assert ask(one, other).json()["error"] == "invalid_dpop_proof"
    assert ask(one).json()["error"] == "invalid_grant"


def test_two_credentials_with_one_request_are_refused(live_server: LiveServer) -> None:
    """RFC 6750 section 2: one way to show a token, and once."""
    party = LiveParty(live_server)
    person = live_server.person(f"{uuid4().hex}@example.fi")
    with httpx.Client() as browser:
        token = party.redeem(browser, party.code(browser, person)).json()["access_token"]
    shown = [("Authorization", f"Bearer {token}"), ("Authorization", "Bearer other")]
    with httpx.Client() as client:
        for headers in (shown, shown[::-1]):
            answer = client.get(f"{live_server.issuer}/userinfo", headers=headers)
            assert answer.status_code in (400, 401)
