"""What is for one use is used once, however many try at the same moment (RFC 6749, RFC 9700)."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import httpx

from idp.clients.metadata.algorithms import DEVICE_CODE
from tests.dpop import ProofKey
from tests.live import LiveServer
from tests.live_party import LiveParty
from tests.provider import forms

MANY = 50


def at_once(deed: Callable[[httpx.Client], httpx.Response]) -> list[httpx.Response]:
    """Do it ``MANY`` times at the same moment, each over a connection of its own."""
    start = Barrier(MANY)

    def one(_: int) -> httpx.Response:
        with httpx.Client(timeout=60) as client:
            start.wait()
            return deed(client)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def test_fifty_parallel_redemptions_of_one_code_give_exactly_one_success(
    live_server: LiveServer,
) -> None:
    party = LiveParty(live_server)
    person = live_server.person(f"{uuid4().hex}@example.fi")
    with httpx.Client() as browser:
        code = party.code(browser, person)
    answers = at_once(lambda client: party.redeem(client, code))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 49}
    assert {a.json()["error"] for a in answers if a.status_code == 400} == {"invalid_grant"}


def test_fifty_parallel_refreshes_leave_at_most_one_living_successor(
    live_server: LiveServer,
) -> None:
    party = LiveParty(live_server)
    person = live_server.person(f"{uuid4().hex}@example.fi")
    with httpx.Client() as browser:
        first = party.redeem(browser, party.code(browser, person)).json()["refresh_token"]
        answers = at_once(lambda client: party.refresh(client, first))
        assert {answer.status_code for answer in answers} <= {200, 400}
        successors = {a.json()["refresh_token"] for a in answers if a.status_code == 200}
        assert len(successors) == 1
        living = [party.refresh(browser, token) for token in successors]
    assert [answer.status_code for answer in living] == [200]


def test_fifty_parallel_redemptions_of_one_device_code_give_exactly_one_success(
    live_server: LiveServer,
) -> None:
    """RFC 8628 section 3.5, as for codes."""
    party = LiveParty(live_server, grant_types=["authorization_code", DEVICE_CODE])
    person = live_server.person(f"{uuid4().hex}@example.fi")
    with httpx.Client() as browser:
        party.code(browser, person)  # Signed in from here on.
        codes = party.post(browser, "/device_authorization", scope="openid").json()
        page = browser.get(codes["verification_uri_complete"])
        page = submit(browser, page)
        assert "approved" in str(submit(browser, page, allow="1").url)
    answers = at_once(
        lambda client: party.post(
            client, "/token", grant_type=DEVICE_CODE, device_code=codes["device_code"]
        )
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 49}
    assert {a.json()["error"] for a in answers if a.status_code == 400} == {"invalid_grant"}


def test_fifty_parallel_uses_of_one_proof_are_one_use(live_server: LiveServer) -> None:
    """RFC 9449 section 11.1, whichever process of the server each one meets."""
    party, key = LiveParty(live_server), ProofKey()
    target = f"{live_server.issuer}/token"

    def ask(client: httpx.Client, proof: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": "none"}
        return client.post(target, data=form, auth=party.credentials, headers={"DPoP": proof})

    with httpx.Client() as first:
        key.keep_nonce(ask(first, key.proof("POST", "/token", htu=target)))
    proof = key.proof("POST", "/token", htu=target)
    answers = at_once(lambda client: ask(client, proof))
    errors = Counter(answer.json()["error"] for answer in answers)
    assert errors == {"invalid_grant": 1, "invalid_dpop_proof": 49}


def submit(browser: httpx.Client, page: httpx.Response, **values: str) -> httpx.Response:
    """Send the page's first form and follow."""
    form = forms(page)[0]
    address = page.url.join(form.action) if form.action else page.url
    return browser.post(address, data=form.fields | values, follow_redirects=True)


def test_fifty_parallel_uses_of_one_pushed_request_give_exactly_one_code(
    live_server: LiveServer,
) -> None:
    """RFC 9126 section 4, for a browser that is signed in already."""
    party = LiveParty(live_server)
    person = live_server.person(f"{uuid4().hex}@example.fi")
    with httpx.Client() as browser:
        party.code(browser, person)
        cookies = browser.cookies
        asked = dict(parse_qsl(urlsplit(party.authorization_request()).query))
        name = party.post(browser, "/par", **asked).json()["request_uri"]
    used = {"client_id": asked["client_id"], "request_uri": name}
    address = f"{live_server.issuer}/authorize?{urlencode(used)}"

    def use(client: httpx.Client) -> httpx.Response:
        client.cookies = cookies
        return client.get(address)

    answers = at_once(use)
    codes = [answer for answer in answers if "code=" in answer.headers.get("Location", "")]
    assert len(codes) == 1
    assert {answer.status_code for answer in answers} <= {303, 400}
