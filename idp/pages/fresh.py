"""Whether somebody signed in lately enough to be asked nothing more before a sensitive deed."""

from datetime import timedelta

from idp.authentication.session import Session
from idp.foundation.clock import utcnow

FRESH = timedelta(minutes=10)
"""How long a sign-in is proof that it is still the person who sits there."""


class SignInNeeded(Exception):
    """The person has to sign in, or once more, before they see ``page``, a path of ours.

    ``username`` is whose sign-in is awaited; empty: anybody's.
    """

    def __init__(self, page: str, username: str = "") -> None:
        self.page = page
        self.username = username
        super().__init__(page)


def is_fresh(session: Session) -> bool:
    """Whether the last sign-in is recent enough.

    An organization vouches only inside itself: where the account was opened here too, that counts.
    """
    ours = [proof.auth_time for proof in session.authentications if proof.organization is None]
    return utcnow() - (ours[-1] if ours else session.auth_time) <= FRESH


def require_fresh(session: Session, page: str) -> None:
    """Go on after a recent sign-in; SignInNeeded otherwise, which leads back to ``page``."""
    if not is_fresh(session):
        raise SignInNeeded(page, session.username)
