"""A JWT for one client: signed by us, then encrypted to it where it registered that.

ID tokens, userinfo, authorization responses (JARM) and introspection answers are all made here,
each by the three metadata fields of its kind: ``<kind>_signed_response_alg``,
``<kind>_encrypted_response_alg`` and ``<kind>_encrypted_response_enc`` (OpenID Connect Registration
section 2, RFC 9701 section 6, JARM section 3).
"""

import json
import logging
from enum import StrEnum
from typing import Any

from joserfc import jwe

from idp.clients.client import Client
from idp.clients.client_keys import ClientKeys, NoKeys
from idp.clients.metadata.algorithms import DEFAULT_ENCRYPTION
from idp.errors import Unavailable
from idp.signing.jwt import sign
from idp.signing.ring import SigningKeys

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What is answered; the value begins the names of its metadata fields."""

    ID_TOKEN = "id_token"
    USERINFO = "userinfo"
    AUTHORIZATION = "authorization"
    INTROSPECTION = "introspection"


class SealedAnswers:
    """Signs and encrypts answers for the clients of one deployment."""

    def __init__(self, signing_keys: SigningKeys, client_keys: ClientKeys) -> None:
        self._signing_keys = signing_keys
        self._client_keys = client_keys

    def is_registered(self, kind: Kind, client: Client) -> bool:
        """Whether the client asked for JWTs where plain JSON is the default."""
        return signing_alg(kind, client) is not None or encryption_alg(kind, client) is not None

    def seal(self, kind: Kind, claims: dict[str, Any], client: Client, *, typ: str = "JWT") -> str:
        """``claims`` as the client registered them; Unavailable where it shows no usable key.

        Userinfo registered to be encrypted and not signed is encrypted bare (OpenID Connect Core
        section 5.3.2); everything else is always signed, by the client's usual algorithm unless
        registered otherwise.
        """
        alg = signing_alg(kind, client)
        if alg is None and kind is Kind.USERINFO and encryption_alg(kind, client):
            return self._encrypt(kind, json.dumps(claims), client, {})
        signed = sign(claims, self._signing_keys.active(alg or client.usual_signing_alg), typ=typ)
        if encryption_alg(kind, client) is None:
            return signed
        return self._encrypt(kind, signed, client, {"cty": "JWT"})

    def _encrypt(self, kind: Kind, content: str, client: Client, header: dict[str, str]) -> str:
        alg = str(encryption_alg(kind, client))
        enc = client.metadata.get(f"{kind}_encrypted_response_enc", DEFAULT_ENCRYPTION)
        try:
            key = self._client_keys.encryption_key(client, alg)
        except NoKeys as error:
            log.warning("nothing is encrypted for client %s: %s", client.client_id, error)
            raise Unavailable from error
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
