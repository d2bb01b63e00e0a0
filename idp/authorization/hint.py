"""An ID token of ours that a client shows again (``id_token_hint``)."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from joserfc.jwk import KeySet

from idp.authorization.request import AuthorizationRequest
from idp.signing.algorithms import SIGNING_ALGORITHMS
from idp.signing.jwt import InvalidJWT, verify
from idp.signing.ring import SigningKeys

_ID_TOKEN = {"sub", "aud", "exp", "iat", "auth_time"}
"""What an ID token of ours says and no other JWT of ours does, say a signed userinfo answer."""


@dataclass(frozen=True, kw_only=True)
class Hint:
    """Whom and which client an ID token of ours was about; it may have expired long ago."""

    sub: str
    sid: str | None
    client_id: str


def read_hint(
    token: str, signing_keys: SigningKeys, issuer: str, client_id: str | None = None
) -> Hint:
    """What the token says; InvalidJWT if it is not an ID token of ours, expired or not.

    ``client_id`` is whom it must be for, where the request says so.
    """
    keys = KeySet.import_key_set(signing_keys.jwks())  # type: ignore[arg-type]
    claims, typ = verify(token, keys, SIGNING_ALGORITHMS)
    if typ != "JWT" or claims.get("iss") != issuer or not claims.keys() >= _ID_TOKEN:
        raise InvalidJWT("not an ID token of this issuer")
    return Hint(
        sub=str(claims["sub"]), sid=claims.get("sid"), client_id=_client_id(claims, client_id)
    )


def _client_id(claims: dict[str, Any], named: str | None) -> str:
    """The client it was issued to: of several audiences the one named, else ``azp``."""
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    found = named or (audience[0] if len(audience) == 1 else claims.get("azp"))
    if found not in audience:
        raise InvalidJWT("not an ID token of this client")
    return str(found)


def hinted_subject(
    asked: AuthorizationRequest, signing_keys: SigningKeys, issuer: str
) -> str | None:
    """The subject of the request's hint, None without one; InvalidRequestError if it is wrong.

    Another client's ID token is wrong too: what it calls the person may mean nothing to this one.
    """
    token = asked.get("id_token_hint")
    if token is None:
        return None
    try:
        hint = read_hint(token, signing_keys, issuer)
    except InvalidJWT as error:
        raise InvalidRequestError("id_token_hint is not an ID token of ours") from error
    if hint.client_id != asked.client.client_id:
        raise InvalidRequestError("id_token_hint was issued to another client")
    return hint.sub
