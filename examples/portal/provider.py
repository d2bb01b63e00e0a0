"""What the portal asks of the provider: Authlib's Flask client, stricter where it trusts more."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import JWKRegistry, Key

from examples.portal.config import Config
from examples.portal.tokens import TokenRefused, verify_id_token, verify_logout_token

SCOPE = "openid profile email profile:write organizations offline_access"
TIMEOUT_SECONDS = 10
KEYS_LIFETIME_SECONDS = 600
KEYS_RETRY_SECONDS = 30
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


class ProviderRefused(Exception):
    """The provider said no; ``code`` is the standard's error code."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(f"{code}: {description}")
        self.code = code


class ProviderUnreachable(Exception):
    """The provider did not answer, or not sensibly: try again in a moment."""


class Provider:
    """The portal's one provider, found through discovery at first use."""

    def __init__(self, app: Flask, config: Config) -> None:
        self._config = config
        self._keys: dict[str, dict[str, Any]] = {}
        self._keys_at = -math.inf
        oauth: Any = OAuth(app)
        self._client = oauth.register(
            "provider",
            client_id=config.client_id,
            client_secret=config.client_secret,
            server_metadata_url=f"{config.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_basic",
                "revocation_endpoint_auth_method": "client_secret_basic",
                "default_timeout": TIMEOUT_SECONDS,
            },
        )

    def metadata(self) -> dict[str, Any]:
        """The provider's discovery document, which must be the configured issuer's own."""
        with _answers():
            metadata: dict[str, Any] = self._client.load_server_metadata()
        if metadata.get("issuer") != self._config.issuer:
            raise ProviderUnreachable(
                f"the discovery document is of another issuer: {metadata.get('issuer')!r}"
            )
        return metadata

    def begin(self, **parameters: str) -> tuple[str, dict[str, Any]]:
        """The authorization request's address, and what to keep: state, nonce, code_verifier."""
        self.metadata()
        step = self._client.create_authorization_url(f"{self._config.url}/callback", **parameters)
        return step.pop("url"), step

    def redeem(
        self, code: str, step: dict[str, Any], now: datetime
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Change a code for tokens and the ID token's claims."""
        self.metadata()
        with _answers():
            tokens = self._client.fetch_access_token(
                f"{self._config.url}/callback", code=code, code_verifier=step["code_verifier"]
            )
            return _dated(tokens, now), self._identity(tokens, nonce=step["nonce"], now=now)

    def refresh(self, tokens: dict[str, Any], sub: str, now: datetime) -> dict[str, Any]:
        """New tokens for a refresh token. It is rotated: keep the new one, the old one is spent."""
        self.metadata()
        with _answers():
            fresh = self._client.fetch_access_token(
                grant_type="refresh_token",
                refresh_token=tokens["refresh_token"],
                scope=tokens.get("scope", ""),
            )
            if "id_token" in fresh and self._identity(fresh, nonce=None, now=now)["sub"] != sub:
                raise ProviderRefused("invalid_token", "the refreshed ID token is somebody else's")
            return tokens | _dated(fresh, now)

    def userinfo(self, access_token: str, sub: str) -> dict[str, Any]:
        """The person's claims in the organization the token is for (OIDC Core section 5.3)."""
        claims = _document(_judged(self._call("GET", access_token)))
        if claims.get("sub") != sub:
            raise ProviderRefused("invalid_token", "userinfo speaks of somebody else")
        return claims

    def change_profile(
        self, access_token: str, changes: dict[str, str | None]
    ) -> dict[str, Any] | None:
        """Ask for changes: None when all were made, else the problem details (RFC 9457)."""
        answer = self._call("PATCH", access_token, json=changes, headers=MERGE_PATCH)
        if "problem+json" in answer.headers.get("Content-Type", ""):
            return _document(answer)
        _judged(answer)
        return None

    def revoke(self, tokens: dict[str, Any]) -> None:
        """Give the refresh token back, and with it all that came of it (RFC 7009)."""
        metadata = self.metadata()
        if "refresh_token" in tokens:
            form = {"token": tokens["refresh_token"], "token_type_hint": "refresh_token"}
            credentials = (self._config.client_id, self._config.client_secret)
            with _answers():
                requests.post(
                    metadata["revocation_endpoint"], form, auth=credentials, timeout=TIMEOUT_SECONDS
                )

    def sign_out_url(self, **parameters: str) -> str:
        """Where to send the browser to end the provider's session too (RP-Initiated Logout 1.0)."""
        self.metadata()
        url: str = self._client.create_logout_url(
            f"{self._config.url}/signed-out", client_id=self._config.client_id, **parameters
        )["url"]
        return url

    def logout_claims(self, logout_token: str, now: datetime) -> dict[str, Any]:
        """The claims of a logout token, or TokenRefused."""
        self.metadata()
        return verify_logout_token(
            logout_token,
            self._find_key,
            issuer=self._config.issuer,
            client_id=self._config.client_id,
            now=now,
        )

    def _call(self, method: str, access_token: str, **options: Any) -> requests.Response:
        # Without expiry and refresh token Authlib refreshes nothing unasked: profile.py does.
        bearer = {"access_token": access_token, "token_type": "Bearer"}
        endpoint = self.metadata()["userinfo_endpoint"]
        with _answers():
            answer: requests.Response = self._client.request(
                method, endpoint, token=bearer, **options
            )
        return answer

    def _identity(
        self, tokens: dict[str, Any], *, nonce: str | None, now: datetime
    ) -> dict[str, Any]:
        try:
            return verify_id_token(
                str(tokens.get("id_token", "")),
                self._find_key,
                issuer=self._config.issuer,
                client_id=self._config.client_id,
                nonce=nonce,
                access_token=tokens["access_token"],
                now=now,
            )
        except TokenRefused as error:
            raise ProviderRefused("invalid_token", str(error)) from error

    def _find_key(self, kid: str) -> Key:
        """The provider's key: fetched anew when old, for keys get revoked, or when unknown.

        Not at every stranger's wish, though: an invented ``kid`` fetches once in half a minute.
        """
        age = time.monotonic() - self._keys_at
        if age > KEYS_LIFETIME_SECONDS or (kid not in self._keys and age > KEYS_RETRY_SECONDS):
            with _answers():
                self._keys = {
                    key["kid"]: key for key in self._client.fetch_jwk_set(force=True)["keys"]
                }
            self._keys_at = time.monotonic()
        if kid not in self._keys:
            raise InvalidKeyIdError("the provider has no such key")
        return JWKRegistry.import_key(self._keys[kid])


def _dated(tokens: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The tokens with the moment at which the access token ends, by our own clock."""
    ends = now + timedelta(seconds=int(tokens["expires_in"]))
    return {**tokens, "expires_at": ends.timestamp()}


def _judged(answer: requests.Response) -> requests.Response:
    """The answer, if a success; a token's refusal (RFC 6750 section 3) as ProviderRefused."""
    if answer.ok:
        return answer
    challenge = answer.headers.get("WWW-Authenticate", "")
    for code in ("invalid_token", "insufficient_scope"):
        if code in challenge:
            raise ProviderRefused(code)
    raise ProviderUnreachable(f"{answer.status_code} from {answer.url}")


def _document(answer: requests.Response) -> dict[str, Any]:
    with _answers():
        document: dict[str, Any] = answer.json()
    return document


@contextmanager
def _answers() -> Iterator[None]:
    """Turn what goes wrong on the way to the provider and back into the portal's own two errors."""
    try:
        yield
    except OAuthError as error:
        raise ProviderRefused(error.error, error.description or "") from error
    except (requests.RequestException, ValueError, KeyError) as error:
        raise ProviderUnreachable(type(error).__name__) from error
