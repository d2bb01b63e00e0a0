"""The steps of OpenID Connect as stories: a story yields a request's bytes and is sent the answer.

Each step checks what it gets and raises ``WrongAnswer`` where the standard, or the way being
measured, would have it otherwise.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Generator
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlencode

from joserfc import jwt

from bench.browser import Browser
from bench.errors import WrongAnswer
from bench.form import password_form
from bench.message import Response, request
from bench.site import REDIRECT_URI, Client, Person, Site

T = TypeVar("T")
Story = Generator[bytes, Response, T]

_FORM_TYPE = "Content-Type: application/x-www-form-urlencoded\r\n"
_REDIRECTS = frozenset({302, 303})
_MOST_PAGES = 8


class Code(NamedTuple):
    """An authorization code and what its redemption must match."""

    code: str
    verifier: str
    nonce: str


class Tokens(NamedTuple):
    """What a token endpoint gave; ``id_token`` is unverified but its claims are checked."""

    access_token: str
    refresh_token: str | None
    id_token: str


def authorize(site: Site, client: Client, browser: Browser, person: Person | None) -> Story[Code]:
    """Go from the authorization request to the code.

    ``person`` fills the sign-in form, once; None forbids one to appear.
    """
    verifier, state, nonce = token_urlsafe(32), token_urlsafe(16), token_urlsafe(16)
    query = urlencode(
        {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": client.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": _base64url(sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
    )
    response = yield browser.get(f"{site.metadata['authorization_endpoint']}?{query}")
    for _ in range(_MOST_PAGES):
        browser.keep(response)
        if response.status in _REDIRECTS:
            location = response.header("location") or ""
            if location.startswith(REDIRECT_URI):
                return Code(_code(site, location, state), verifier, nonce)
            response = yield browser.get(location)
        else:
            form = password_form(response.body) if response.status == 200 and person else None
            if form is None or person is None:
                raise response.wrong("a redirect, or the sign-in form once in a new browser")
            request_bytes = browser.submit(form, *person)
            person = None
            response = yield request_bytes
    raise WrongAnswer(f"no code after {_MOST_PAGES} pages")


def redeem(site: Site, client: Client, code: Code) -> Story[Tokens]:
    """Exchange ``code`` for tokens, with an ID token for this client and nonce."""
    fields = {
        "grant_type": "authorization_code",
        "code": code.code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": code.verifier,
    }
    response = yield _token_request(site, client, fields)
    return _tokens(site, client, response, nonce=code.nonce)


def refresh(site: Site, client: Client, tokens: Tokens) -> Story[Tokens]:
    """Exchange the refresh token, which must be rotated."""
    fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token or ""}
    response = yield _token_request(site, client, fields)
    successor = _tokens(site, client, response)
    if successor.refresh_token in (None, tokens.refresh_token):
        raise response.wrong("a new refresh token")
    return successor


def userinfo(site: Site, tokens: Tokens) -> Story[dict[str, Any]]:
    """Ask for the claims of the access token's person."""
    bearer = f"Authorization: Bearer {tokens.access_token}\r\nAccept: application/json\r\n"
    response = yield request("GET", site.target("userinfo_endpoint"), site.host, bearer)
    claims: dict[str, Any] = document(response)
    if not claims.get("sub"):
        raise response.wrong("a sub")
    return claims


def client_credentials(site: Site, client: Client, resource: str | None) -> Story[str]:
    """Get the client's own token: a JWT where there is a ``resource``, an opaque one else."""
    fields = {"grant_type": "client_credentials", **({"resource": resource} if resource else {})}
    response = yield _token_request(site, client, fields)
    token = document(response).get("access_token", "")
    if not token or (resource and _decoded(token.partition(".")[0])["alg"] != client.algorithm):
        raise response.wrong("an access token of this client, in this form and algorithm")
    return str(token)


def introspect(site: Site, client: Client, tokens: Tokens) -> Story[None]:
    """Ask whether the access token counts; it must."""
    headers = f"Accept: application/json\r\n{client.authorization}{_FORM_TYPE}"
    body = urlencode({"token": tokens.access_token}).encode()
    target = site.target("introspection_endpoint")
    response = yield request("POST", target, site.host, headers, body)
    if document(response).get("active") is not True:
        raise response.wrong("an active token")


def verify(site: Site, client: Client, tokens: Tokens) -> None:
    """Verify the ID token's signature against the provider's published keys."""
    jwt.decode(tokens.id_token, site.keys, algorithms=[client.algorithm])


def choose_password(browser: Browser, link: str, person: Person) -> Story[None]:
    """Follow a password link to its form and choose the person's password there."""
    response = yield browser.get(link)
    for _ in range(_MOST_PAGES):
        browser.keep(response)
        if response.status not in _REDIRECTS:
            break
        response = yield browser.get(response.header("location") or "")
    form = password_form(response.body) if response.status == 200 else None
    if form is None:
        raise response.wrong("the form of a password link")
    response = yield browser.submit(form, *person)
    if response.status not in _REDIRECTS and password_form(response.body):
        raise response.wrong("a password that is accepted")


def document(response: Response) -> Any:
    """Return the JSON that ``response`` carries; it must be a 200."""
    if response.status != 200:
        raise response.wrong("200")
    return json.loads(response.body)


def _code(site: Site, location: str, state: str) -> str:
    answer = parse_qs(location.partition("?")[2])
    if answer.get("state") != [state] or "code" not in answer:
        raise WrongAnswer(f"no code for this state in {location}")
    # RFC 9207 section 2.4: where the provider says it sends iss, it has to be there and its own.
    if site.metadata.get("authorization_response_iss_parameter_supported") and answer.get(
        "iss"
    ) != [site.issuer]:
        raise WrongAnswer(f"no iss of {site.issuer} in {location}")
    return answer["code"][0]


def _token_request(site: Site, client: Client, fields: dict[str, str]) -> bytes:
    headers = f"Accept: application/json\r\n{client.authorization}{_FORM_TYPE}"
    return request(
        "POST", site.target("token_endpoint"), site.host, headers, urlencode(fields).encode()
    )


def _tokens(site: Site, client: Client, response: Response, nonce: str | None = None) -> Tokens:
    answer = document(response)
    try:
        tokens = Tokens(answer["access_token"], answer.get("refresh_token"), answer["id_token"])
    except KeyError as error:
        raise response.wrong(f"{error} in the token response") from error
    header, claims, _ = tokens.id_token.split(".")
    told = _decoded(claims)
    as_expected = (
        _decoded(header)["alg"] == client.algorithm
        and told["iss"] == site.issuer
        and told["aud"] in (client.client_id, [client.client_id])
        and (nonce is None or told["nonce"] == nonce)
        and answer["token_type"].lower() == "bearer"
    )
    if not as_expected:
        raise response.wrong("an ID token of this issuer, client, algorithm and nonce")
    return tokens


def _decoded(part: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=="))
    return decoded


def _base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
