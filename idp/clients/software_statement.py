"""Software statements: what somebody we trust says of a client (RFC 7591 section 2.3)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from idp.clients.key_sets import BadKeySet, read_key_set
from idp.clients.metadata.algorithms import SIGNED_OBJECT_ALGORITHMS
from idp.config import Registration
from idp.errors import ConfigurationError, Invalid
from idp.foundation.clock import utcnow

FIELD = "software_statement"
_ABOUT_ITSELF = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}


class SoftwareStatements:
    """Reads the statements of the one issuer that the settings trust, or of none."""

    def __init__(self, settings: Registration) -> None:
        self._issuer = settings.software_statement_issuer
        self._keys = _keys(settings) if self._issuer else None

    def applied(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with what its statement says, which outweighs the client's own words.

        Invalid with a code of RFC 7591 where it does not hold, or nobody vouches for it.
        """
        statement = document.get(FIELD)
        if statement is None:
            return dict(document)
        claims = self._read(statement)
        said = {name: value for name, value in claims.items() if name not in _ABOUT_ITSELF}
        return {**document, **said, FIELD: statement}

    def _read(self, statement: object) -> dict[str, Any]:
        if self._keys is None:
            raise _refused("unapproved", "no issuer of statements is trusted here")
        if not isinstance(statement, str):
            raise _refused("invalid", "is not a signed JWT")
        try:
            opened = jwt.decode(statement, self._keys, algorithms=list(SIGNED_OBJECT_ALGORITHMS))
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise _refused("invalid", "its signature does not verify") from error
        if opened.claims.get("iss") != self._issuer:
            raise _refused("unapproved", "is not of the issuer that is trusted here")
        _check_times(opened.claims)
        return dict(opened.claims)


def _check_times(claims: Mapping[str, Any]) -> None:
    now = utcnow().timestamp()
    ends, begins = claims.get("exp", now + 1), claims.get("nbf", now)
    if not all(isinstance(each, (int, float)) for each in (ends, begins)):
        raise _refused("invalid", "its exp and nbf must be numbers")
    if not begins <= now < ends:
        raise _refused("invalid", "has expired, or begins later")


def _keys(settings: Registration) -> KeySet:
    path = Path(settings.software_statement_keys)
    try:
        return read_key_set(json.loads(path.read_bytes()))
    except (OSError, ValueError, BadKeySet) as error:
        problem = f"must name the issuer's JWK set: {path}: {error}"
        raise ConfigurationError({"registration.software_statement_keys": problem}) from error


def _refused(kind: str, why: str) -> Invalid:
    return Invalid({FIELD: why}, f"{kind}_software_statement")
