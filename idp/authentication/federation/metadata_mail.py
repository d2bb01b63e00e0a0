"""The mail that tells of metadata that waits for a person's acceptance."""

from idp.authentication.federation import mails, recipients
from idp.authentication.federation.document import title
from idp.authentication.federation.models import ConnectionRecord
from idp.authentication.federation.saml.models import SamlRefresh
from idp.config import Settings
from idp.foundation import outbox
from idp.foundation.database import Transaction
from idp.foundation.mail import Message

KIND = "metadata_waits"
"""The outbox's name for it."""


class MetadataMail:
    """Writes the mail when it leaves, unless somebody was quicker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def write(self, tx: Transaction, item: outbox.Item) -> Message:
        """The mail; GivenUp where nothing waits any more."""
        state = tx.session.get(SamlRefresh, item.payload["connection"])
        if state is None or state.waiting is None:
            raise outbox.GivenUp("no metadata waits any more")
        organization, to, locale = recipients.addressee(tx, item, self._settings)
        row = tx.session.get_one(ConnectionRecord, state.connection_id)
        page = f"{self._settings.issuer}/organization/{organization.slug}/connection/{row.name}"
        return mails.metadata_waits(
            locale,
            to=to,
            organization_name=organization.name,
            connection=title(row.document),
            url=f"{page}/metadata",
        )
