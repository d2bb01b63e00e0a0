"""Our own key for a connection whose upstream wants signed proof of who we are (private_key_jwt).

One key a connection, used for nothing else: an assertion made for one upstream is worthless to
every other, whatever address its metadata names as audience.
"""

import json
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from idp.foundation.clock import utcnow
from idp.foundation.secrets import random_id

SECRET = "client_key"
"""What the connection's sealed secrets call it."""
_ALGORITHM = "RS256"
_LIFETIME = timedelta(minutes=2)


def generate() -> str:
    """A new private key, as JSON."""
    key = RSAKey.generate_key(2048, auto_kid=False)
    return json.dumps({**key.as_dict(private=True), "kid": random_id()})


def published(private: str) -> dict[str, Any]:
    """The JWK set that the upstream reads at the connection's ``/jwks``."""
    jwk = json.loads(private)
    public = RSAKey.import_key(jwk).as_dict(private=False)
    return {"keys": [{**public, "kid": jwk["kid"], "use": "sig", "alg": _ALGORITHM}]}


def assertion(private: str, *, client_id: str, audience: str) -> str:
    """A client assertion (RFC 7523 section 3), good for two minutes and one use."""
    jwk, now = json.loads(private), utcnow()
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": random_id(),
        "iat": int(now.timestamp()),
        "exp": int((now + _LIFETIME).timestamp()),
    }
    header = {"alg": _ALGORITHM, "kid": jwk["kid"], "typ": "JWT"}
    return jwt.encode(header, claims, RSAKey.import_key(jwk), algorithms=[_ALGORITHM])
