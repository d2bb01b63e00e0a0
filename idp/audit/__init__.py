"""What was done, by whom, to whom: one record for each deed, committed with the deed.

``record()`` writes inside the caller's transaction; ``seal()`` gives what is committed its position
and chains its hash, so that the log has one gapless order which consumers follow with a cursor.
Knows no table of the domain: persons and organizations are ids here.
"""

from idp.audit.chain import BEGINNING, Head, Verdict, export, last, seal, verify
from idp.audit.events import Event
from idp.audit.following import advance, follow
from idp.audit.log import SYSTEM, Actor, Detail, record
from idp.audit.models import AuditCursor, AuditRecord
from idp.audit.reading import read

__all__ = [
    "BEGINNING",
    "SYSTEM",
    "Actor",
    "AuditCursor",
    "AuditRecord",
    "Detail",
    "Event",
    "Head",
    "Verdict",
    "advance",
    "export",
    "follow",
    "last",
    "read",
    "record",
    "seal",
    "verify",
]
