"""A relying party's DPoP key: makes proofs as RFC 9449 section 4.2 says, and wrong ones."""

import base64
import hashlib
import json
import secrets
import time
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry

from tests.provider import ISSUER
from tests.relying_party import RelyingParty


class ProofKey:
    """One key pair; ``nonce`` is the last one that the provider gave."""

    def __init__(self, key: Key | None = None, alg: str = "ES256") -> None:
        self.key = key or ECKey.generate_key("P-256")
        self.alg = alg
        self.nonce: str | None = None

    @property
    def jkt(self) -> str:
        """The key's thumbprint (RFC 7638)."""
        return self.key.thumbprint()

    def proof(
        self,
        method: str,
        path: str,
        access_token: str | None = None,
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A proof for one request; a change to None leaves the claim out."""
        claims = {
            "jti": secrets.token_urlsafe(12),
            "htm": method,
            "htu": ISSUER + path,
            "iat": int(time.time()),
            "nonce": self.nonce,
            "ath": base64url_sha256(access_token) if access_token else None,
        } | changes
        head = {
            "typ": "dpop+jwt",
            "alg": self.alg,
            "jwk": self.key.as_dict(private=False),
            **(header or {}),
        }
        said = {name: value for name, value in claims.items() if value is not None}
        registry = JWSRegistry(algorithms=[self.alg])
        registry.max_header_length = 4096
        signed = jws.serialize_compact(
            {**head, "alg": self.alg, "jwk": self.key.as_dict(private=False)},
            compact_json(said),
            self.key,
            registry=registry,
        )
        # A header that no library would sign is put in afterwards: it must be refused for itself.
        odd = base64.urlsafe_b64encode(compact_json(head)).rstrip(b"=").decode()
        return f"{odd}{signed[signed.index('.') :]}" if header else signed

    def keep_nonce(self, response: httpx.Response) -> httpx.Response:
        """Remember the nonce of an answer."""
        self.nonce = response.headers.get("DPoP-Nonce", self.nonce)
        return response


class ProvingParty:
    """A relying party that proves possession wherever it goes."""

    def __init__(self, party: RelyingParty, key: ProofKey | None = None) -> None:
        self.party = party
        self.key = key or ProofKey()

    def post(self, path: str, proof: str | None = None, **form: str) -> httpx.Response:
        """Post a form with a proof; once more with the nonce where the provider asks for it."""
        given = proof or self.key.proof("POST", path)
        response = self.key.keep_nonce(self.party.post_with({"DPoP": given}, path, **form))
        if proof is None and response.json().get("error") == "use_dpop_nonce":
            return self.post(path, self.key.proof("POST", path), **form)
        return response

    def redeem(self, code: str, proof: str | None = None) -> httpx.Response:
        """Redeem a code."""
        return self.post("/token", proof, **self.party.redemption(code))

    def refresh(self, refresh_token: str, proof: str | None = None) -> httpx.Response:
        """Ask for the next generation."""
        return self.post("/token", proof, grant_type="refresh_token", refresh_token=refresh_token)

    def userinfo(
        self, access_token: str, proof: str | None = None, scheme: str = "DPoP"
    ) -> httpx.Response:
        """Ask for the claims."""
        proof = proof or self.key.proof("GET", "/userinfo", access_token)
        headers = {"Authorization": f"{scheme} {access_token}", "DPoP": proof}
        return self.key.keep_nonce(self.party.http.get("/userinfo", headers=headers))


def compact_json(value: dict[str, Any]) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def base64url_sha256(value: str) -> str:
    """As RFC 9449 section 4.2 computes ``ath``."""
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()).rstrip(b"=").decode()
