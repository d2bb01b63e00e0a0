"""What the fuzz knows: a provider with people, clients of every kind, and secrets that count."""

import base64
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from joserfc.jwk import ECKey

from idp.clients.metadata.algorithms import DEVICE_CODE
from idp.foundation.ephemeral.shared import Shared
from tests.device import Device
from tests.federated import Federated
from tests.oidc_upstream import CLIENT_ID, Upstream
from tests.provider import ISSUER, PORTAL, Provider, TestBrowser
from tests.relying_party import RelyingParty
from tests.saml.organization import SamlOrganization
from tests.signing_party import ASSERTION_TYPE, SigningParty

ALL_GRANTS = ["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE]


class World:
    """One provider and a value for each parameter that gets past the first checks."""

    def __init__(self, provider: Provider, folder: Path, upstream: Upstream) -> None:
        self.provider, self._upstream = provider, upstream
        Federated(provider, upstream)
        SamlOrganization(provider, folder, "lehtola")
        provider.organization("tammela")
        self.account = provider.person(slug="tammela")
        self.party = RelyingParty(provider, grant_types=ALL_GRANTS)
        self.signer = SigningParty(provider, grant_types=ALL_GRANTS)
        self.fapi = SigningParty(provider, fapi_profile="fapi2_message_signing")
        self.stranger = RelyingParty(provider, subject_type="pairwise")
        self.device = Device(provider)
        self.dpop_key = ECKey.generate_key("P-256")
        self.browser = provider.browser()
        self.tokens = self.party.tokens(self.browser, self.account)
        code = self.party.answer(self.party.authorize(self.browser))["code"]
        self.device.begin()
        self.known = self._known(code)
        self.documents: dict[str, dict[str, Any]] = {
            "patch": {"given_name": "Maija", "family_name": "Mäki", "title": None, "email": "a@b"},
            "registration": _REGISTRATION,
        }

    def forget_limits(self) -> None:
        """As if the last requests had come long ago from elsewhere."""
        memory = self.provider.deployment.parts.ephemeral
        (memory._own if isinstance(memory, Shared) else memory).__init__()  # type: ignore[misc]

    def basic(self) -> str:
        """The first client's credentials."""
        pair = f"{quote_plus(self.party.client_id)}:{quote_plus(self.party.secret or '')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def assertion_claims(self, party: RelyingParty) -> dict[str, Any]:
        """A good client assertion's claims but for its ``jti``, which counts once."""
        now = int(time.time())
        own = {"iss": party.client_id, "sub": party.client_id, "aud": ISSUER}
        return {**own, "iat": now, "nbf": now, "exp": now + 60}

    def object_claims(self) -> dict[str, Any]:
        """A good request object's claims."""
        own = {"iss": self.signer.client_id, "aud": ISSUER, "exp": int(time.time()) + 60}
        return {**self.signer.parameters(), **own}

    def proof_claims(self) -> dict[str, Any]:
        """A DPoP proof's claims for the token endpoint, but for its ``jti``."""
        nonce = self.party.post_with({"DPoP": "x"}, "/token").headers["DPoP-Nonce"]
        claims = {"htm": "POST", "htu": f"{ISSUER}/token", "iat": int(time.time())}
        return {**claims, "nonce": nonce}

    def _known(self, code: str) -> dict[str, tuple[str, ...]]:
        clients = (self.party, self.signer, self.fapi, self.stranger, self.device)
        return {
            **_KNOWN,
            **{name: (value,) for name, value in self.party.parameters().items()},
            "client_id": tuple(party.client_id for party in clients),
            "client_secret": (self.party.secret or "",),
            "code": (code,),
            "code_verifier": (self.party.verifier,),
            "refresh_token": (self.tokens["refresh_token"],),
            "access_token": (self.tokens["access_token"],),
            "token": (self.tokens["access_token"], self.tokens["refresh_token"]),
            "id_token_hint": (self.tokens["id_token"],),
            "device_code": (self.device.codes["device_code"],),
            "user_code": (self.device.codes["user_code"],),
            "username": (self.account.username, "nobody@example.fi"),
            "csrf_token": (csrf_token(self.browser),),
            "scope": ("openid", "openid profile offline_access", "profile organization:tammela"),
            "iss": (self._upstream.issuer, ISSUER),
        }


def csrf_token(browser: TestBrowser) -> str:
    """The token of the browser's forms."""
    page = browser.get("/password/forgotten")
    return page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


_KNOWN: dict[str, tuple[str, ...]] = {
    "grant_type": (*ALL_GRANTS, "password"),
    "client_assertion_type": (ASSERTION_TYPE,),
    "client_assertion": ("a.b.c",),
    "token_type_hint": ("access_token", "refresh_token", "id_token"),
    "prompt": ("none", "login", "consent", "select_account", "create", "none login"),
    "max_age": ("0", "1", "3600"),
    "login_hint": ("maija@example.fi",),
    "acr_values": ("urn:x", "1 2"),
    "ui_locales": ("fi", "sv-FI en", "se"),
    "claims": ('{"userinfo":{"email":{"essential":true}},"id_token":{"acr":{"values":["a"]}}}',),
    "claims_locales": ("fi sv",),
    "display": ("page", "popup", "wap"),
    "response_mode": ("query", "form_post", "jwt", "query.jwt", "form_post.jwt", "fragment"),
    "resource": ("https://api.example.fi/",),
    "request": ("a.b.c",),
    "request_uri": ("urn:ietf:params:oauth:request_uri:x", "https://rp.example.fi/r"),
    "dpop_jkt": ("a" * 43,),
    "organization": ("kuusela", "tammela", "lehtola"),
    "post_logout_redirect_uri": (f"{PORTAL}/",),
    "password": ("kolme sinistä lumikenkää", "väärä"),
    "answer": ("yes", "allow", "no"),
    "error": ("access_denied", "login_required"),
    "logout_token": ("a.b.c",),
    "SAMLResponse": ("PHgvPg==",),
    "SAMLRequest": ("s7Gvzy3IS04uKMrPTQUA",),
    "SigAlg": ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",),
}
_REGISTRATION: dict[str, Any] = {
    "redirect_uris": ["https://rp.example.fi/cb"],
    "client_name": "Fuzz",
    "client_name#fi": "Sumu",
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks": {"keys": []},
    "jwks_uri": "https://127.0.0.1:1/jwks",
    "sector_identifier_uri": "https://127.0.0.1:1/sector",
    "subject_type": "pairwise",
    "logo_uri": "https://rp.example.fi/logo",
    "contacts": ["a@example.fi"],
    "software_statement": "a.b.c",
    "default_max_age": 60,
    "id_token_signed_response_alg": "ES256",
    "id_token_encrypted_response_alg": "ECDH-ES",
    "id_token_encrypted_response_enc": "A128GCM",
    "backchannel_logout_uri": "https://rp.example.fi/bc",
    "client_id": CLIENT_ID,
    "client_secret": "x",
    "scope": "openid",
    "request_uris": ["https://rp.example.fi/r"],
}
