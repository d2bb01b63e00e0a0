"""Three relying parties sign in, refresh and sign out through nginx at two nodes (issue 3)."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.live import LivePerson
from tests.pair import Pair
from tests.relying_parties.apache_party import ApacheParty
from tests.relying_parties.node_party import NodeParty
from tests.relying_parties.portal_server import PortalServer
from tests.relying_parties.surfer import Surfer
from tests.relying_parties.test_openid_client import REDIRECT_URI, SCOPE, SIGNED_OUT, metadata


@pytest.fixture
def somebody(pair: Pair) -> LivePerson:
    """A person of the pair's."""
    return pair.first.person(f"maija.{uuid4().hex[:8]}@example.fi")


@pytest.fixture
def apache(pair: Pair) -> Iterator[ApacheParty]:
    """Apache as a client of the pair."""
    party = ApacheParty(pair.issuer, pair.front.certificate)
    party.become(pair.first.register(party.metadata))
    with party:
        yield party


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once it is so."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kept_tokens(portal: PortalServer) -> dict[str, Any]:
    """What the portal keeps of its only session."""
    [(tokens,)] = portal.execute("SELECT tokens FROM session")
    kept: dict[str, Any] = json.loads(tokens)
    return kept


def test_what_discovery_names_is_https_and_cookies_are_bound_to_the_host(pair: Pair) -> None:
    """OIDC Discovery section 3; security.md, Web; RFC 6797 section 7.1."""
    with httpx.Client() as browser:
        document = browser.get(f"{pair.issuer}/.well-known/openid-configuration").json()
        addresses = [value for value in document.values() if str(value).startswith("http")]
        assert document["issuer"] == pair.issuer
        assert all(address.startswith(pair.issuer) for address in addresses)
        page = browser.get(f"{pair.issuer}/login")
        assert "max-age=" in page.headers["Strict-Transport-Security"]
        cookies = page.headers.get_list("set-cookie")
        assert cookies
        assert all(cookie.startswith("__Host-") and "; Secure" in cookie for cookie in cookies)


def test_openid_client_signs_in_refreshes_and_signs_out(
    pair: Pair, somebody: LivePerson, node_party: NodeParty, surfer: Surfer
) -> None:
    client = pair.first.register(metadata("client_secret_basic"))
    node_party.ask("discover", issuer=pair.issuer, client=client)
    request = node_party.ask("begin", redirect_uri=REDIRECT_URI, scope=SCOPE, parameters={})
    page = surfer.open(request["url"], until=REDIRECT_URI)
    page = surfer.sign_in(page, somebody, until=REDIRECT_URI)
    tokens = node_party.ask("finish", callback=page.url, state=request["state"])
    subject = tokens["claims"]["sub"]
    for _ in range(4):  # By turns at both nodes.
        tokens = node_party.ask("refresh", refresh_token=tokens["refresh_token"]) | {
            "id_token": tokens["id_token"]
        }
        said = node_party.ask("userinfo", access_token=tokens["access_token"], sub=subject)
        assert said["preferred_username"] == somebody.username
    out = node_party.ask(
        "end_session", id_token_hint=tokens["id_token"], post_logout_redirect_uri=SIGNED_OUT
    )
    assert surfer.sign_out(out["url"], until=SIGNED_OUT).url.startswith(SIGNED_OUT)
    assert "/login" in surfer.open(request["url"], until=f"{pair.issuer}/login").url


def test_the_example_portal_signs_in_refreshes_and_signs_out(
    pair: Pair, somebody: LivePerson, surfer: Surfer
) -> None:
    with PortalServer(pair.first) as portal:
        profile = f"{portal.url}/profile"
        begin = f"{portal.url}/login?{urlencode({'target_link_uri': profile})}"
        page = surfer.sign_in(surfer.open(begin), somebody)
        assert (page.url, page.status) == (profile, 200)
        assert somebody.username in page.text
        tokens = [kept_tokens(portal)]
        for _ in range(4):  # By turns at both nodes.
            portal.execute("UPDATE session SET tokens = json_set(tokens, '$.expires_at', 0)")
            page = surfer.open(profile)
            assert (page.url, page.status) == (profile, 200)
            assert somebody.username in page.text
            tokens.append(kept_tokens(portal))
        for kind in ("access_token", "refresh_token"):
            assert len({each[kind] for each in tokens}) == 5
        assert all(each["expires_at"] > time.time() for each in tokens)
        front = surfer.open(portal.url)
        assert surfer.submit(front, front.form("/logout")).url.startswith(
            f"{portal.url}/signed-out"
        )
        assert not any(form.action == "/logout" for form in surfer.open(portal.url).forms)
        assert surfer.open(begin).url.startswith(f"{pair.issuer}/login")
        bearer = {"Authorization": f"Bearer {tokens[-1]['access_token']}"}
        for node in pair.nodes:
            with pair.at(node) as client:
                assert client.get("/userinfo", headers=bearer).status_code == 401


def test_apache_signs_in_refreshes_and_signs_out(
    apache: ApacheParty, pair: Pair, somebody: LivePerson
) -> None:
    """Discovery, code with PKCE, userinfo, refresh and RP-initiated logout by mod_auth_openidc."""
    with Surfer() as surfer:
        page = surfer.sign_in(surfer.open(f"{apache.url}/inside/"), somebody)
        assert (page.url, "inside" in page.text) == (f"{apache.url}/inside/", True), page.text
        inside = surfer._client.get(page.url).headers
        assert inside["X-Name"] == "Maija"
        assert inside["X-Person"].endswith(f"@{pair.issuer.removeprefix('https://')}")
        token = inside["X-Token"]
        back = f"{apache.url}/inside/callback?refresh={quote(page.url)}&access_token={token}"
        assert "error_code" not in surfer.open(back).url
        assert surfer._client.get(page.url).headers["X-Token"] != token
        out = f"{apache.url}/inside/callback?logout={quote(f'{apache.url}/outside/')}"
        assert surfer.open(out).url == f"{apache.url}/outside/"
        again = surfer._client.get(page.url)
        assert urlsplit(again.headers["Location"]).path == "/authorize"
        assert surfer.open(page.url).url.startswith(f"{pair.issuer}/login")


def test_apache_signs_its_people_out_when_the_provider_says_so(
    apache: ApacheParty, pair: Pair, somebody: LivePerson
) -> None:
    """OIDC Back-Channel Logout: the person signs out here, Apache's session ends too."""
    with Surfer() as surfer:
        page = surfer.sign_in(surfer.open(f"{apache.url}/inside/"), somebody)
        assert surfer._client.get(page.url).status_code == 200
        question = surfer.open(f"{pair.issuer}/logout")
        surfer.submit(question, question.form("/logout"))
        wait_for(lambda: surfer._client.get(page.url).status_code == 302)
        asked = parse_qs(urlsplit(surfer._client.get(page.url).headers["Location"]).query)
        assert asked["code_challenge_method"] == ["S256"]
