"""The identity providers upstream of ours: the generator signs in their name."""

import json
import socket
import sys
import time
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from bench.errors import WrongAnswer
from bench.jose import base64url, signed
from bench.saml import SamlProvider
from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

_ROOT = Path(__file__).parents[1]
_CLIENT_ID = "ours"
_KID = "upstream"
_LIFETIME = 300


class OidcProvider:
    """An OpenID provider with one RS256 key."""

    name = "oidc"

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._key = rsa.generate_private_key(65537, 2048)

    def documents(self) -> dict[str, Any]:
        """Return what its stand-in publishes, by path."""
        jwk = RSAKey.import_key(self._key.public_key()).as_dict(private=False)
        metadata = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }
        return {
            "/.well-known/openid-configuration": metadata,
            "/jwks": {"keys": [{**jwk, "kid": _KID, "use": "sig", "alg": "RS256"}]},
        }

    def connection(self) -> dict[str, Any]:
        """Return the document of the connection to it."""
        return {
            "kind": "oidc",
            "name": self.name,
            "issuer": self.issuer,
            "client_id": _CLIENT_ID,
            "client_secret": "a secret that only the benchmark knows",
            "userinfo": False,
        }

    def sign_in(self, location: str, number: int) -> str:
        """Return where it sends the browser at ``location``, with person ``number`` signed in."""
        if not location.startswith(f"{self.issuer}/authorize?"):
            raise WrongAnswer(f"the way upstream leads to {location}")
        asked = dict(parse_qsl(urlsplit(location).query))
        answer = json.dumps(self._tokens(asked["nonce"], number)).encode()
        code = base64url(answer)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def _tokens(self, nonce: str, number: int) -> dict[str, str]:
        access_token = token_urlsafe(32)
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "id_token": self.id_token(nonce, access_token, number),
        }

    def id_token(self, nonce: str, access_token: str, number: int) -> str:
        """Return an ID token for person ``number``."""
        now = int(time.time())
        half = sha256(access_token.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "aud": _CLIENT_ID,
            "sub": f"upstream-{number}",
            "iat": now,
            "auth_time": now,
            "exp": now + _LIFETIME,
            "nonce": nonce,
            "at_hash": base64url(half),
            "preferred_username": f"oidc{number}@example.com",
            "given_name": "Aino",
            "family_name": f"Kuusela {number}",
            "email": f"oidc{number}@example.com",
        }
        return signed(self._key, {"kid": _KID, "typ": "JWT"}, claims)


class Upstreams(Server):
    """Both identity providers; the server is the stand-in that ours asks for tokens and keys."""

    def __init__(self) -> None:
        super().__init__()
        self._port = free_port()
        self.oidc = OidcProvider(f"http://localhost:{self._port}")
        self.saml = SamlProvider()

    def launch(self) -> Process:
        given = json.dumps({"port": self._port, "documents": self.oidc.documents()})
        command = [sys.executable, "-m", "bench.stand_in", given]
        process = Process(["env", f"PYTHONPATH={_ROOT}", *command], log=self.folder / "log")
        process.wait_until(self._listens)
        return process

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port)).close()
        except OSError:
            return False
        return True
