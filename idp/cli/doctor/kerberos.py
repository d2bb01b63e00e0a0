"""Whether tickets can be accepted, where some organization's people come with them."""

from sqlalchemy import func, select

from idp.authentication.federation.kerberos.acceptor import MISSING, library
from idp.authentication.federation.models import ConnectionRecord
from idp.cli.doctor.finding import Findings, fine, wrong
from idp.foundation.database import Database


def check_kerberos(database: Database) -> Findings:
    """The optional library, asked for only where a connection needs it."""
    with database.reading() as tx:
        count = tx.session.scalar(
            select(func.count())
            .select_from(ConnectionRecord)
            .where(ConnectionRecord.kind == "kerberos")
        )
    if not count:
        return
    if library() is None:
        cure = "make kerberos (docs/federation/kerberos.md)"
        yield wrong("kerberos", f"{count} connections need it: {MISSING}", cure)
    else:
        yield fine("kerberos", f"{count} connections, and the library is here")
