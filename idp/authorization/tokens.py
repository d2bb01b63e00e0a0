"""The tokens we hand out, as values, and the opaque forms of them: nothing of them is kept.

An opaque access token is what `AccessToken` says, sealed; whether it still counts is judged when it
is used, from its grant, or from its client where no person gave one. A refresh token is its grant's
id and generation under a MAC: the row of the grant says which generation is in force.
"""

from dataclasses import dataclass

from idp.foundation.sealed import KeyRing, Unopenable
from idp.foundation.secrets import equal, random_id

OPAQUE = "idp_at_"
_REFRESH = "idp_rt_"
_PURPOSE = "access token"
_MAC = "refresh token"
_NOTHING = "-"


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What an access token of ours says, in either form."""

    jti: str
    client_id: str
    scope: str
    iat: int
    exp: int
    """Seconds since 1970 (RFC 7519 section 2)."""
    audience: tuple[str, ...] = ()
    """The resources it is for; none: our own endpoints."""
    jkt: str | None = None
    """The thumbprint of the key it is bound to (RFC 9449 section 6)."""

    @property
    def grant_id(self) -> str | None:
        """The grant it came from; None where a client got it for itself."""
        grant_id, separator, _own = self.jti.partition(".")
        return grant_id if separator else None


@dataclass(frozen=True, kw_only=True)
class RefreshToken:
    """What a refresh token of ours says; the MAC held, so it was issued by us."""

    grant_id: str
    generation: int


def new_jti(grant_id: str | None) -> str:
    """An access token's own id, from which its grant can be told."""
    return f"{grant_id}.{random_id()}" if grant_id else random_id()


def seal_access_token(keyring: KeyRing, token: AccessToken) -> str:
    """The opaque form of a token for our own endpoints."""
    value = (
        f"{token.jti} {token.client_id} {token.iat} {token.exp} "
        f"{token.jkt or _NOTHING} {token.scope}"
    )
    return OPAQUE + keyring.seal(_PURPOSE, value.encode())


def unseal_access_token(keyring: KeyRing, token: str) -> AccessToken | None:
    """What an opaque token says, ended or not; None if it is not ours."""
    try:
        value = keyring.unseal(_PURPOSE, token.removeprefix(OPAQUE)).decode()
    except Unopenable:
        return None
    jti, client_id, iat, exp, jkt, scope = value.split(" ", 5)
    return AccessToken(
        jti=jti,
        client_id=client_id,
        scope=scope,
        iat=int(iat),
        exp=int(exp),
        jkt=None if jkt == _NOTHING else jkt,
    )


def refresh_token(keyring: KeyRing, grant_id: str, generation: int) -> str:
    """The refresh token of one generation; the same each time it is asked for."""
    stem = f"{grant_id}.{generation}"
    return f"{_REFRESH}{stem}.{keyring.authenticate(_MAC, stem)}"


def read_refresh_token(keyring: KeyRing, token: str) -> RefreshToken | None:
    """What the token says; None if it was never ours."""
    stem, _, tag = token.removeprefix(_REFRESH).rpartition(".")
    grant_id, _, generation = stem.rpartition(".")
    if not token.startswith(_REFRESH) or not generation.isdigit() or len(generation) > 9:
        return None
    if not any(equal(tag, expected) for expected in keyring.authenticate_all(_MAC, stem)):
        return None
    return RefreshToken(grant_id=grant_id, generation=int(generation))
