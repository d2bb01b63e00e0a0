"""An upstream's signed tokens: opened with one key of its own and one of our algorithms."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.oidc.keys import KeyShelf
from idp.authentication.federation.oidc.metadata import Metadata
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.fetch.deadline import Deadline
from idp.signing.jwt import InvalidJWT, verify

_LONGEST = 100_000


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a token says, its signature checked and nothing else."""

    claims: Mapping[str, Any] = field(repr=False)
    alg: str
    typ: str


def open_token(
    token: object, connection: Connection, metadata: Metadata, keys: KeyShelf, deadline: Deadline
) -> Opened:
    """The token's claims; FederationRefused where it is not signed as the connection says."""
    if not isinstance(token, str) or len(token) > _LONGEST:
        raise FederationRefused(Reason.TOKEN_MALFORMED, expected="JWS")
    header = _header(token)
    alg, kid = header.get("alg"), header.get("kid")
    allowed = connection.document["algorithms"]
    if not isinstance(alg, str) or alg not in allowed:
        raise FederationRefused(
            Reason.ALGORITHM_REFUSED, expected=" ".join(allowed), received=str(alg)[:50]
        )
    if "crit" in header or not isinstance(kid, str | None):
        raise FederationRefused(Reason.TOKEN_MALFORMED, field="header")
    key = keys.find(connection, metadata, deadline, kid=kid, alg=alg)
    try:
        claims, typ = verify(token, key, [alg])
    except InvalidJWT as error:
        raise FederationRefused(Reason.SIGNATURE_INVALID, field="signature") from error
    return Opened(claims=claims, alg=alg, typ=typ)


def _header(token: str) -> dict[str, Any]:
    """The header, unverified: it may only choose among what is allowed anyway."""
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError) as error:
        raise FederationRefused(Reason.TOKEN_MALFORMED, field="header") from error
    if not isinstance(header, dict):
        raise FederationRefused(Reason.TOKEN_MALFORMED, field="header")
    return header
