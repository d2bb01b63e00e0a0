"""Single access tokens taken back before their time; their grants live on (RFC 7009)."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from idp.authorization.models import RevokedToken
from idp.foundation.database import Statement, Transaction

_REVOKE = Statement(
    insert(RevokedToken).values(jti=bindparam("jti"), expires_at=bindparam("expires_at"))
)
_IS_REVOKED = Statement(select(RevokedToken.jti).where(RevokedToken.jti == bindparam("jti")))


def revoke_access_token(tx: Transaction, jti: str, expires_at: datetime) -> None:
    """Take one access token back; `is_revoked` says so until it would have ended anyway."""
    if not is_revoked(tx, jti):
        tx.run(_REVOKE, jti=jti, expires_at=expires_at)


def is_revoked(tx: Transaction, jti: str) -> bool:
    """Whether the token was taken back; tokens of a grant are judged with it, in one statement."""
    return tx.first(_IS_REVOKED, jti=jti) is not None
