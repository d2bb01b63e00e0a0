"""ID tokens (OpenID Connect Core section 2): who signed in, when, how, in which organization."""

import base64
import hashlib
from typing import Any

from idp.authorization.sealed_answer import Kind, SealedAnswers
from idp.authorization.single_claims import single_claims
from idp.clients.client import Client
from idp.config import Settings
from idp.foundation.clock import utcnow

SIGN_IN_CLAIMS = ("auth_time", "acr", "amr", "sid")
"""What an ID token says of the sign-in itself."""
_HASHES = {"RS256": "sha256", "ES256": "sha256", "PS256": "sha256", "EdDSA": "sha512"}


class IdTokens:
    """Issues ID tokens as the client registered them: its algorithm, encrypted where it asked."""

    def __init__(self, settings: Settings, answers: SealedAnswers) -> None:
        self._settings = settings
        self._answers = answers

    def issue(self, client: Client, row: Any, *, access_token: str, nonce: str | None) -> str:
        """The ID token for a standing grant; claims of scopes live at userinfo, not here.

        Single claims that the request named for this place are here (section 5.5).
        ``auth_time`` is the moment of the real sign-in, on refresh too; ``nonce`` is the request's,
        None on refresh (section 12.2).
        """
        now = int(utcnow().timestamp())
        claims = {
            "iss": self._settings.issuer,
            "sub": client.subject(row.person_id),
            "aud": client.client_id,
            "azp": client.client_id,
            "exp": now + int(client.lifetimes(self._settings.lifetimes).id_token.total_seconds()),
            "iat": now,
            "auth_time": int(row.auth_time.timestamp()),
            "amr": row.amr.split(),
            "acr": row.acr,
            "sid": row.session_id,
            "org_id": row.organization_id,
            "org": row.slug,
            "at_hash": at_hash(access_token, client.id_token_alg),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        claims = single_claims(row, "id_token", locale=self._settings.default_locale) | claims
        return self._answers.seal(Kind.ID_TOKEN, claims, client)


def at_hash(access_token: str, alg: str) -> str:
    """The left half of the access token's hash, in base64url (section 3.1.3.6)."""
    hashed = hashlib.new(_HASHES[alg], access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
