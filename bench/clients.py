"""The clients that visitors come for: how each is registered, and what proves it is it."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec

from bench.jose import public_jwk, signed

REDIRECT_URI = "http://localhost:9/cb"
"""Never fetched: the generator reads the code from the Location header."""
KID = "own"
_SECRET_METHOD = "client_secret_basic"


class Registration(NamedTuple):
    """What a way needs of its client."""

    algorithm: str = "ES256"
    """Of its ID tokens."""
    refreshes: bool = False
    is_signed: bool = False
    """Pushes signed requests, proves itself by its own key, binds its tokens to one (FAPI 2.0)."""


REGISTRATIONS = (
    Registration(),
    Registration(refreshes=True),
    Registration("RS256"),
    Registration("RS256", refreshes=True),
    Registration(is_signed=True),
)


@dataclass(frozen=True, kw_only=True)
class Client:
    """A registered confidential client: its secret, or its key where it signs."""

    client_id: str
    algorithm: str
    scope: str
    client_secret: str = field(default="", repr=False)
    key: ec.EllipticCurvePrivateKey | None = field(default=None, repr=False)

    @property
    def authorization(self) -> str:
        """The header line of client_secret_basic (RFC 6749 section 2.3.1)."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        return f"Authorization: Basic {b64encode(pair.encode()).decode()}\r\n"

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """A JWT of this client's, by its key."""
        assert self.key is not None
        return signed(self.key, {"typ": typ, "kid": KID}, {"iss": self.client_id, **claims})


def new_key(registration: Registration) -> ec.EllipticCurvePrivateKey | None:
    """A key for a client that signs; None for the others."""
    return ec.generate_private_key(ec.SECP256R1()) if registration.is_signed else None


def metadata(
    registration: Registration, key: ec.EllipticCurvePrivateKey | None
) -> dict[str, object]:
    """The client metadata that both providers understand (RFC 7591 section 2)."""
    grants = ["authorization_code"]
    grants += [] if registration.is_signed else ["client_credentials"]
    grants += ["refresh_token"] if registration.refreshes else []
    common: dict[str, object] = {
        "redirect_uris": [REDIRECT_URI],
        "grant_types": grants,
        "response_types": ["code"],
        "id_token_signed_response_alg": registration.algorithm,
    }
    if key is None:
        return {**common, "token_endpoint_auth_method": _SECRET_METHOD}
    return {
        **common,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "request_object_signing_alg": "ES256",
        "require_pushed_authorization_requests": True,
        "require_signed_request_object": True,
        "dpop_bound_access_tokens": True,
        "jwks": {"keys": [{**public_jwk(key), "kid": KID, "use": "sig", "alg": "ES256"}]},
    }
