"""A JWT for one client: signed by us, then encrypted to it where it registered that.

ID tokens, userinfo, authorization responses (JARM) and introspection answers are all made here,
each by the three metadata fields of its kind: ``<kind>_signed_response_alg``,
``<kind>_encrypted_response_alg`` and ``<kind>_encrypted_response_enc`` (OpenID Connect Registration
section 2, RFC 9701 section 6, JARM section 3).
"""

import json
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from joserfc import jwe
from joserfc.jwk import Key, KeySet

from idp.clients.client import Client
from idp.errors import Unavailable
from idp.signing.jwt import sign
from idp.signing.ring import SigningKeys

KEY_MANAGEMENT = {
    "RSA-OAEP-256": ("RSA",),
    "ECDH-ES": ("EC", "OKP"),
    "ECDH-ES+A256KW": ("EC", "OKP"),
}
"""How a content key reaches the client, and the key types that serve (RFC 7518 section 4)."""
CONTENT_ENCRYPTION = ("A128CBC-HS256", "A256GCM")
"""What the content is encrypted with; the first is the registrations' default."""
_EXCHANGE_CURVES = ("P-256", "P-384", "P-521", "X25519")

log = logging.getLogger(__name__)

ClientKeySet = Callable[[Client], KeySet | None]
"""The public keys of a client, by value or by its ``jwks_uri``; None where it shows none."""


def registered_keys(client: Client) -> KeySet | None:
    """The keys a client registered by value."""
    jwks = client.metadata.get("jwks")
    return KeySet.import_key_set(jwks) if jwks else None


class Kind(StrEnum):
    """What is answered; the value begins the names of its metadata fields."""

    ID_TOKEN = "id_token"
    USERINFO = "userinfo"
    AUTHORIZATION = "authorization"
    INTROSPECTION = "introspection"


class SealedAnswers:
    """Signs and encrypts answers for the clients of one deployment."""

    def __init__(self, signing_keys: SigningKeys, key_set: ClientKeySet) -> None:
        self._signing_keys = signing_keys
        self._key_set = key_set

    def is_registered(self, kind: Kind, client: Client) -> bool:
        """Whether the client asked for JWTs where plain JSON is the default."""
        return signing_alg(kind, client) is not None or encryption_alg(kind, client) is not None

    def seal(self, kind: Kind, claims: dict[str, Any], client: Client, *, typ: str = "JWT") -> str:
        """``claims`` as the client registered them; Unavailable where it shows no usable key.

        Userinfo registered to be encrypted and not signed is encrypted bare (OpenID Connect Core
        section 5.3.2); everything else is always signed, by RS256 unless registered otherwise.
        """
        alg = signing_alg(kind, client)
        if alg is None and kind is Kind.USERINFO and encryption_alg(kind, client):
            return self._encrypt(kind, json.dumps(claims), client, {})
        signed = sign(claims, self._signing_keys.active(alg or "RS256"), typ=typ)
        if encryption_alg(kind, client) is None:
            return signed
        return self._encrypt(kind, signed, client, {"cty": "JWT"})

    def _encrypt(self, kind: Kind, content: str, client: Client, header: dict[str, str]) -> str:
        alg = str(encryption_alg(kind, client))
        enc = client.metadata.get(f"{kind}_encrypted_response_enc", CONTENT_ENCRYPTION[0])
        keys = self._key_set(client)
        key = encryption_key(keys, alg) if keys else None
        if key is None:
            log.warning("client %s shows no public key for %s", client.client_id, alg)
            raise Unavailable
        header = {"alg": alg, "enc": enc, **header}
        if key.kid:
            header["kid"] = key.kid
        return jwe.encrypt_compact(header, content, key, algorithms=[alg, enc])


def signing_alg(kind: Kind, client: Client) -> str | None:
    """What the client registered for this kind's signature; None where it registered nothing."""
    return client.metadata.get(f"{kind}_signed_response_alg")


def encryption_alg(kind: Kind, client: Client) -> str | None:
    """How this kind's content key is to reach the client; None where nothing is encrypted."""
    return client.metadata.get(f"{kind}_encrypted_response_alg")


def encryption_key(keys: KeySet, alg: str) -> Key | None:
    """The first of a client's keys that may encrypt with ``alg`` (RFC 7517 sections 4.1 to 4.4)."""
    return next((key for key in keys.keys if _encrypts(key, alg)), None)


def _encrypts(key: Key, alg: str) -> bool:
    """Whether the key is of the right type and not meant for something else."""
    if key.key_type not in KEY_MANAGEMENT[alg]:
        return False
    if key.key_type != "RSA" and key.get("crv") not in _EXCHANGE_CURVES:
        return False
    return key.get("use", "enc") == "enc" and key.get("alg", alg) == alg
