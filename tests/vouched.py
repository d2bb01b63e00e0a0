"""Sessions as if they had come through an organization's connection, without an upstream."""

from sqlalchemy import select

from idp.authentication.federation.connections import Connections
from idp.authentication.federation.models import ConnectionRecord, UpstreamSession
from idp.directory.models import Organization
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from tests.provider import OPERATOR

DOCUMENT = {
    "kind": "oidc",
    "name": "entra",
    "issuer": "https://login.example.fi",
    "client_id": "laatuportti",
    "client_secret": "secret",
}


def vouch(tx: Transaction, connections: Connections, session_id: str, organization_id: str) -> None:
    """Let a connection of the organization, switched on, stand for this session."""
    connection = tx.session.scalar(
        select(ConnectionRecord).where(ConnectionRecord.organization_id == organization_id)
    )
    if connection is None:
        organization = tx.session.get_one(Organization, organization_id)
        connection = connections.create(tx, organization, DOCUMENT, by=OPERATOR)
        connection.enabled_at = utcnow()
    key = (session_id, connection.id)
    if tx.session.get(UpstreamSession, key) is None:
        tx.session.add(
            UpstreamSession(
                session_id=session_id,
                connection_id=connection.id,
                organization_id=organization_id,
                subject="upstream",
                sealed_logout="",
                begun_at=utcnow(),
            )
        )
    tx.flush()
