"""Client authentication: each method and each algorithm at each endpoint that names them."""

import base64
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tests.discovery.promises import Trial, promise
from tests.discovery.signatures import ALGORITHMS
from tests.provider import ISSUER
from tests.relying_party import RelyingParty

METHODS = (
    *("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"),
    *("tls_client_auth", "self_signed_tls_client_auth", "none"),
)
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_NEW_KEY: dict[str, Callable[[], Any]] = {
    **dict.fromkeys(("RS", "PS"), lambda: RSAKey.generate_key(2048)),
    "Ed": lambda: OKPKey.generate_key("Ed25519"),
    "ES256": lambda: ECKey.generate_key("P-256"),
    "ES256K": lambda: ECKey.generate_key("secp256k1"),
    "ES384": lambda: ECKey.generate_key("P-384"),
    "ES512": lambda: ECKey.generate_key("P-521"),
}


class Authenticated:
    """A party that authenticates by one method, with one algorithm where it signs."""

    def __init__(self, trial: Trial, method: str, alg: str = "ES256") -> None:
        self.method, self.alg = method, alg
        metadata: dict[str, Any] = {"token_endpoint_auth_method": method}
        self.key: Any = None
        if method == "private_key_jwt":
            self.key = (_NEW_KEY.get(alg) or _NEW_KEY[alg[:2]])()
            metadata["jwks"] = {"keys": [self.key.as_dict(private=False)]}
        self.party: RelyingParty = trial.party(**metadata)
        if method == "client_secret_jwt":
            self.key = OctKey.import_key(self.party.secret or "")
            self.alg = alg if alg.startswith("HS") else "HS256"

    def post(self, path: str, **form: str) -> Any:
        """Post to an endpoint with the method's credentials, and only those."""
        party, headers = self.party, {}
        if self.method == "client_secret_basic":
            pair = f"{quote_plus(party.client_id)}:{quote_plus(party.secret or '')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = party.client_id
        if self.method == "client_secret_post":
            form["client_secret"] = party.secret or ""
        if self.method in ("client_secret_jwt", "private_key_jwt"):
            form |= {"client_assertion_type": _JWT_BEARER, "client_assertion": self._assertion()}
        return party.http.post(path, data=form, headers=headers)

    def _assertion(self) -> str:
        now, me = int(time.time()), self.party.client_id
        claims = {
            "iss": me,
            "sub": me,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(),
        }
        return jwt.encode({"alg": self.alg}, claims, self.key, algorithms=[self.alg])

    def tokens(self, trial: Trial) -> dict[str, Any]:
        """Sign somebody in and redeem the code."""
        form = {
            "grant_type": "authorization_code",
            "code": self.party.code(trial.browser(), trial.account),
            "redirect_uri": self.party.redirect_uri,
            "code_verifier": self.party.verifier,
        }
        answer: dict[str, Any] = self.post("/token", **form).json()
        return answer


def _redeems(trial: Trial, client: Authenticated) -> bool:
    return "access_token" in client.tokens(trial)


def _revokes(trial: Trial, client: Authenticated) -> bool:
    token = client.tokens(trial)["access_token"]
    done = client.post("/revoke", token=token)
    return done.status_code == 200 and client.party.userinfo(token).status_code == 401


def _introspects(trial: Trial, client: Authenticated) -> bool:
    token = client.tokens(trial)["access_token"]
    return bool(client.post("/introspect", token=token).json()["active"])


USES: dict[str, Callable[[Trial, Authenticated], bool]] = {
    "token": _redeems,
    "revocation": _revokes,
    "introspection": _introspects,
}
"""What an authenticated client does at each endpoint."""


def _promise_for(endpoint: str, use: Callable[[Trial, Authenticated], bool]) -> None:
    @promise(f"{endpoint}_endpoint_auth_methods_supported", *METHODS)
    def method(trial: Trial, value: str) -> bool:
        return use(trial, Authenticated(trial, value))

    @promise(f"{endpoint}_endpoint_auth_signing_alg_values_supported", *ALGORITHMS)
    def alg(trial: Trial, value: str) -> bool:
        way = "client_secret_jwt" if value.startswith("HS") else "private_key_jwt"
        return use(trial, Authenticated(trial, way, value))


for _endpoint, _use in USES.items():
    _promise_for(_endpoint, _use)
