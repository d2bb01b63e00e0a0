"""Pushed authorization requests (RFC 9126): kept for a moment, known by a name nobody can guess.

The name counts for the client that pushed, for two minutes, and until a code is issued from it: a
reload or the Back button before that finds the request again.
"""

import json
from datetime import timedelta

from sqlalchemy import bindparam, insert, select, update

from idp.authorization.models import PushedRequest
from idp.authorization.request.given import Given
from idp.clients.client import Client
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Statement, Transaction
from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import digest, random_token

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFETIME = timedelta(minutes=2)
_PURPOSE = "pushed request"

_KEEP = Statement(
    insert(PushedRequest).values(
        digest=bindparam("digest"),
        client_id=bindparam("client"),
        parameters=bindparam("parameters"),
        expires_at=bindparam("expires_at"),
    )
)
_FIND = Statement(
    select(PushedRequest.parameters).where(
        PushedRequest.digest == bindparam("digest"),
        PushedRequest.client_id == bindparam("client"),
        PushedRequest.used_at.is_(None),
        PushedRequest.expires_at > bindparam("now"),
    )
)
_SPEND = Statement(
    update(PushedRequest)
    .where(PushedRequest.digest == bindparam("digest"), PushedRequest.used_at.is_(None))
    .values(used_at=bindparam("now"))
)


class PushedRequests:
    """The pushed requests of one deployment; what they hold is sealed, hints and all."""

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self._database = database
        self._keyring = keyring

    def keep(self, given: Given, client: Client) -> str:
        """Keep a checked request; the ``request_uri`` that stands for it."""
        name = random_token()
        parameters = json.dumps(given.carry(), separators=(",", ":")).encode()
        with self._database.transaction() as tx:
            tx.run(
                _KEEP,
                digest=digest(name),
                client=client.client_id,
                parameters=self._keyring.seal(_PURPOSE, parameters, context=client.client_id),
                expires_at=utcnow() + LIFETIME,
            )
        return PREFIX + name

    def find(self, request_uri: str, client: Client) -> Given | None:
        """The client's request; None if there is none, it is too old, or a code was issued."""
        name = digest(request_uri.removeprefix(PREFIX))
        with self._database.reading() as tx:
            row = tx.first(_FIND, digest=name, client=client.client_id, now=utcnow())
        if row is None:
            return None
        sealed = self._keyring.unseal(_PURPOSE, row.parameters, context=client.client_id)
        return Given.carried({**json.loads(sealed), "request_uri": request_uri})


def spend(tx: Transaction, request_uri: str) -> bool:
    """Spend the request in the transaction that issues its code; whether nobody did before.

    A sign-in page may have taken longer than the name counted: only its first use is asked for.
    """
    return tx.run(_SPEND, digest=digest(request_uri.removeprefix(PREFIX)), now=utcnow()) == 1
