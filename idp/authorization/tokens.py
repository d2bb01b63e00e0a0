"""The tokens we hand out: opaque to clients, nothing of them kept.

An access token is its grant's id, its own id and its end, sealed; whether it still counts is judged
from the grant when it is used. A refresh token is its grant's id and generation under a MAC: the
row of the grant says which generation is in force. Codes are random and kept as digests.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from idp.foundation.clock import utcnow
from idp.foundation.sealed import KeyRing, Unopenable
from idp.foundation.secrets import equal, random_id

_ACCESS = "idp_at_"
_REFRESH = "idp_rt_"
_PURPOSE = "access token"
_MAC = "refresh token"


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What an access token of ours says."""

    grant_id: str
    jti: str
    issued_at: datetime
    expires_at: datetime
    scope: str


@dataclass(frozen=True, kw_only=True)
class RefreshToken:
    """What a refresh token of ours says; the MAC held, so it was issued by us."""

    grant_id: str
    generation: int


def issue_access_token(keyring: KeyRing, *, grant_id: str, scope: str, lifetime: timedelta) -> str:
    """A new access token for a grant."""
    issued_at = int(utcnow().timestamp())
    expires_at = issued_at + int(lifetime.total_seconds())
    value = f"{grant_id} {random_id()} {issued_at} {expires_at} {scope}"
    return _ACCESS + keyring.seal(_PURPOSE, value.encode())


def read_access_token(keyring: KeyRing, token: str) -> AccessToken | None:
    """What the token says; None if it is not ours or has ended."""
    if not token.startswith(_ACCESS):
        return None
    try:
        value = keyring.unseal(_PURPOSE, token.removeprefix(_ACCESS)).decode()
    except Unopenable:
        return None
    grant_id, jti, issued_at, expires_at, scope = value.split(" ", 4)
    ends = datetime.fromtimestamp(int(expires_at), UTC)
    if ends <= utcnow():
        return None
    return AccessToken(
        grant_id=grant_id,
        jti=jti,
        issued_at=datetime.fromtimestamp(int(issued_at), UTC),
        expires_at=ends,
        scope=scope,
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
