"""A sign-in as FAPI 2.0 has it: a pushed signed request, a client with a key, bound tokens.

RFC 9126 (PAR), RFC 9101 (JAR), RFC 7523 (private_key_jwt) and RFC 9449 (DPoP) in one.
"""

import json
import time
from secrets import token_urlsafe

from cryptography.hazmat.primitives.asymmetric import ec

from bench.browser import Browser
from bench.clients import Client
from bench.jose import public_jwk, signed
from bench.message import Response
from bench.site import Person, Site
from bench.steps import Code, Story, Tokens, ask, post, redemption, sign_in, tokens_in

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME = 60


class Prover:
    """A DPoP key, and the nonce that the provider gave last."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._header = {"typ": "dpop+jwt", "jwk": public_jwk(self._key)}
        self._nonce: str | None = None

    def proof(self, url: str) -> str:
        """Return the header line that proves the key in a POST to ``url``."""
        claims: dict[str, object] = {
            "jti": token_urlsafe(12),
            "htm": "POST",
            "htu": url,
            "iat": int(time.time()),
        }
        if self._nonce is not None:
            claims["nonce"] = self._nonce
        return f"DPoP: {signed(self._key, self._header, claims)}\r\n"

    def keep(self, response: Response) -> bool:
        """Keep the nonce of an answer; whether it asks for the request again with that nonce."""
        self._nonce = response.header("dpop-nonce") or self._nonce
        return response.status == 400 and json.loads(response.body).get("error") == "use_dpop_nonce"


def push(site: Site, client: Client, browser: Browser, person: Person) -> Story[Code]:
    """Push a signed request, then sign in by the name it was given."""
    asked, now = ask(client), int(time.time())
    claims = {**asked.parameters, "aud": site.issuer, "nbf": now, "exp": now + _LIFETIME}
    fields = {"request": client.sign(claims, typ="oauth-authz-req+jwt")}
    response = yield post(
        site, "pushed_authorization_request_endpoint", {**fields, **_proved(site, client)}
    )
    if response.status != 201:
        raise response.wrong("201")
    name = json.loads(response.body)["request_uri"]
    query = {"client_id": client.client_id, "request_uri": name}
    return (yield from sign_in(site, browser, asked, query, person))


def redeem(site: Site, client: Client, code: Code, prover: Prover) -> Story[Tokens]:
    """Exchange ``code`` for tokens bound to the prover's key; again if a nonce is asked for."""
    url = str(site.metadata["token_endpoint"])
    for _ in range(2):
        fields = {**redemption(code), **_proved(site, client)}
        response = yield post(site, "token_endpoint", fields, prover.proof(url))
        if not prover.keep(response):
            break
    return tokens_in(response, site, client, nonce=code.nonce, token_type="dpop")


def _proved(site: Site, client: Client) -> dict[str, str]:
    """The fields by which the client proves itself, good for one request."""
    now = int(time.time())
    claims = {
        "sub": client.client_id,
        "aud": site.issuer,
        "jti": token_urlsafe(12),
        "iat": now,
        "exp": now + _LIFETIME,
    }
    return {
        "client_id": client.client_id,
        "client_assertion": client.sign(claims, typ="JWT"),
        "client_assertion_type": _ASSERTION,
    }
