"""The steps of OpenID Connect as stories: a story yields a request's bytes and is sent the answer.

Each step checks what it gets and raises ``WrongAnswer`` where the standard, or the way being
measured, would have it otherwise.
"""

import json
from collections.abc import Generator, Mapping
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlencode

from joserfc import jwt

from bench.browser import Browser
from bench.clients import REDIRECT_URI, Client
from bench.errors import WrongAnswer
from bench.form import password_form
from bench.jose import base64url, decoded
from bench.message import Response, request
from bench.site import Person, Site

T = TypeVar("T")
Story = Generator[bytes, Response, T]

FORM_HEADERS = "Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
REDIRECTS = frozenset({302, 303})
_MOST_PAGES = 8


class Asked(NamedTuple):
    """An authorization request's parameters, and the verifier that only its client knows."""

    parameters: Mapping[str, str]
    verifier: str


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


def ask(client: Client) -> Asked:
    """Make an authorization request with PKCE, state and nonce."""
    verifier = token_urlsafe(32)
    parameters = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": client.scope,
        "state": token_urlsafe(16),
        "nonce": token_urlsafe(16),
        "code_challenge": base64url(sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }
    return Asked(parameters, verifier)


def authorize(site: Site, client: Client, browser: Browser, person: Person | None) -> Story[Code]:
    """Go from the authorization request to the code; ``person`` as in `sign_in`."""
    asked = ask(client)
    return (yield from sign_in(site, browser, asked, asked.parameters, person))


def sign_in(
    site: Site, browser: Browser, asked: Asked, query: Mapping[str, str], person: Person | None
) -> Story[Code]:
    """Open the authorization endpoint with ``query``, which stands for what was ``asked``.

    ``person`` fills the sign-in form, once; None forbids one to appear.
    """
    response = yield browser.get(f"{site.metadata['authorization_endpoint']}?{urlencode(query)}")
    for _ in range(_MOST_PAGES):
        browser.keep(response)
        if response.status in REDIRECTS:
            location = response.header("location") or ""
            if location.startswith(REDIRECT_URI):
                return _code(site, location, asked)
            response = yield browser.get(location)
        else:
            form = password_form(response.body) if response.status == 200 and person else None
            if form is None or person is None:
                raise response.wrong("a redirect, or the sign-in form once in a new browser")
            request_bytes = browser.submit(form, *person)
            person = None
            response = yield request_bytes
    raise WrongAnswer(f"no code after {_MOST_PAGES} pages")


def redemption(code: Code) -> dict[str, str]:
    """The fields of the token request that redeems ``code``."""
    return {
        "grant_type": "authorization_code",
        "code": code.code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": code.verifier,
    }


def redeem(site: Site, client: Client, code: Code) -> Story[Tokens]:
    """Exchange ``code`` for tokens, with an ID token for this client and nonce."""
    response = yield _token_request(site, client, redemption(code))
    return tokens_in(response, site, client, nonce=code.nonce)


def refresh(site: Site, client: Client, tokens: Tokens) -> Story[Tokens]:
    """Exchange the refresh token, which must be rotated."""
    fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token or ""}
    response = yield _token_request(site, client, fields)
    successor = tokens_in(response, site, client)
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
    if not token or (resource and decoded(token.partition(".")[0])["alg"] != client.algorithm):
        raise response.wrong("an access token of this client, in this form and algorithm")
    return str(token)


def introspect(site: Site, client: Client, tokens: Tokens) -> Story[None]:
    """Ask whether the access token counts; it must."""
    fields = {"token": tokens.access_token}
    response = yield post(site, "introspection_endpoint", fields, client.authorization)
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
        if response.status not in REDIRECTS:
            break
        response = yield browser.get(response.header("location") or "")
    form = password_form(response.body) if response.status == 200 else None
    if form is None:
        raise response.wrong("the form of a password link")
    response = yield browser.submit(form, *person)
    if response.status not in REDIRECTS and password_form(response.body):
        raise response.wrong("a password that is accepted")


def document(response: Response) -> Any:
    """Return the JSON that ``response`` carries; it must be a 200."""
    if response.status != 200:
        raise response.wrong("200")
    return json.loads(response.body)


def post(site: Site, endpoint: str, fields: Mapping[str, str], headers: str = "") -> bytes:
    """Return the request that sends a form to an endpoint of the metadata."""
    body = urlencode(fields).encode()
    return request("POST", site.target(endpoint), site.host, headers + FORM_HEADERS, body)


def tokens_in(
    response: Response,
    site: Site,
    client: Client,
    *,
    nonce: str | None = None,
    token_type: str = "bearer",
) -> Tokens:
    """Return the tokens of a token response; of this type, with the ID token that was asked for."""
    answer = document(response)
    try:
        tokens = Tokens(answer["access_token"], answer.get("refresh_token"), answer["id_token"])
    except KeyError as error:
        raise response.wrong(f"{error} in the token response") from error
    header, claims, _ = tokens.id_token.split(".")
    told = decoded(claims)
    as_expected = (
        decoded(header)["alg"] == client.algorithm
        and told["iss"] == site.issuer
        and told["aud"] in (client.client_id, [client.client_id])
        and (nonce is None or told["nonce"] == nonce)
        and answer["token_type"].lower() == token_type
    )
    if not as_expected:
        raise response.wrong("an ID token of this issuer, client, algorithm and nonce")
    return tokens


def _code(site: Site, location: str, asked: Asked) -> Code:
    answer = parse_qs(location.partition("?")[2])
    if answer.get("state") != [asked.parameters["state"]] or "code" not in answer:
        raise WrongAnswer(f"no code for this state in {location}")
    # RFC 9207 section 2.4: where the provider says it sends iss, it has to be there and its own.
    if site.metadata.get("authorization_response_iss_parameter_supported") and answer.get(
        "iss"
    ) != [site.issuer]:
        raise WrongAnswer(f"no iss of {site.issuer} in {location}")
    return Code(answer["code"][0], asked.verifier, asked.parameters["nonce"])


def _token_request(site: Site, client: Client, fields: Mapping[str, str]) -> bytes:
    return post(site, "token_endpoint", fields, client.authorization)
