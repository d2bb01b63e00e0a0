"""The mail that brings a setup link to whoever is to set single sign-on up."""

from idp.authentication.federation import mails
from idp.authentication.federation.passes import Passes
from idp.authentication.federation.passes_models import Pass
from idp.directory.models import Organization
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.mail import Message

KIND = "setup_link"
"""The outbox's name for it."""


class SetupMail:
    """Writes the mail when it leaves: the token is kept nowhere."""

    def __init__(self, passes: Passes, issuer: str) -> None:
        self._passes = passes
        self._issuer = issuer

    def write(self, tx: Transaction, item: outbox.Item) -> Message:
        """The mail; GivenUp where the link is dead by now."""
        issued = tx.session.get(Pass, item.payload["id"])
        if issued is None or issued.voided_at or not issued.address or not issued.expires_at:
            raise outbox.GivenUp("the link in it is dead")
        if issued.expires_at <= utcnow():
            raise outbox.GivenUp("the link in it has expired")
        organization = tx.session.get_one(Organization, issued.organization_id)
        return mails.setup_link(
            organization.locale,
            to=issued.address,
            organization_name=organization.name,
            url=f"{self._issuer}/setup/{self._passes.token(issued)}",
            requested_at=issued.created_at,
            expires_at=issued.expires_at,
        )
