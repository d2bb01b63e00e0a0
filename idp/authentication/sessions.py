"""Sessions in the store: begun, renewed, ended, and judged whenever they are used.

Locks, suspensions and changed passwords need no cascade to take effect at once.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, bindparam, insert, select, update

from idp.audit import Actor, Event, record
from idp.authentication.federation.vouching import vouching
from idp.authentication.models import SessionRecord
from idp.authentication.session import Authentication, Place, Session, from_rows, plain
from idp.config import Lifetimes
from idp.directory.models import Membership, Organization, Person
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Statement, Transaction
from idp.foundation.secrets import digest, random_id, random_token

_SEEN_EVERY = timedelta(minutes=1)
"""How exact ``seen_at`` is: a session in use is not written at every request."""
_MOST_PROOFS = 10


_INSERT = Statement(
    insert(SessionRecord).values(
        {
            column.key: bindparam(column.key)
            for column in SessionRecord.__table__.columns
            if column.key != "ended_at"
        }
    )
)
_CURRENT = Statement(
    select(
        SessionRecord.id,
        SessionRecord.person_id,
        SessionRecord.authentications,
        SessionRecord.organization_id.label("chosen_id"),
        SessionRecord.created_at,
        SessionRecord.seen_at,
        Person.username,
        Person.given_name,
        Person.family_name,
        Person.email,
        Person.locale,
        Person.is_operator,
        Person.last_organization_id,
        Organization.id.label("organization_id"),
        Organization.slug,
        Organization.name,
        # Who keeps a password for emergencies is asked for no single sign-on.
        and_(Organization.uses_sso, ~Membership.keeps_password).label("uses_sso"),
        Membership.is_main_user,
        Membership.is_it_admin,
        vouching(SessionRecord.id, Organization.id, bindparam("now")).label("is_vouched_for"),
    )
    .select_from(SessionRecord)
    .join(Person, Person.id == SessionRecord.person_id)
    .outerjoin(Membership, (Membership.person_id == Person.id) & Membership.locked_at.is_(None))
    .outerjoin(
        Organization,
        (Organization.id == Membership.organization_id) & Organization.suspended_at.is_(None),
    )
    .where(
        SessionRecord.secret_digest == bindparam("secret_digest"),
        SessionRecord.ended_at.is_(None),
        SessionRecord.expires_at > bindparam("now"),
        SessionRecord.seen_at > bindparam("idle_since"),
        Person.locked_at.is_(None),
        SessionRecord.created_at >= Person.valid_since,
    )
    .order_by(Organization.name)
)
_SEEN = Statement(
    update(SessionRecord)
    .where(SessionRecord.id == bindparam("session"))
    .values(seen_at=bindparam("now"))
)
_RENEW = Statement(
    update(SessionRecord)
    .where(SessionRecord.id == bindparam("session"))
    .values(
        secret_digest=bindparam("secret_digest"),
        authentications=bindparam("authentications"),
        organization_id=bindparam("organization"),
        seen_at=bindparam("now"),
    )
)
_CHOOSE = Statement(
    update(SessionRecord)
    .where(SessionRecord.id == bindparam("session"))
    .values(organization_id=bindparam("organization"))
)
_REMEMBER = Statement(
    update(Person)
    .where(Person.id == bindparam("person"))
    .values(last_organization_id=bindparam("organization"))
)
_END = Statement(
    update(SessionRecord)
    .where(SessionRecord.id == bindparam("session"), SessionRecord.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
    .returning(SessionRecord.person_id)
)
_LIVE = Statement(
    select(SessionRecord.id).where(
        SessionRecord.person_id == bindparam("person"),
        SessionRecord.ended_at.is_(None),
        SessionRecord.expires_at > bindparam("now"),
    )
)


class Sessions:
    """The sessions of one deployment, with its lifetimes."""

    def __init__(self, lifetimes: Lifetimes) -> None:
        self._lifetimes = lifetimes

    def begin(
        self,
        tx: Transaction,
        person_id: str,
        authentication: Authentication,
        *,
        by: Actor,
        user_agent: str,
        organization_id: str | None = None,
        upstream: Sequence[str] = (),
    ) -> str:
        """Begin a session and return its cookie's secret, which is shown this once."""
        now, secret, session_id = utcnow(), random_token(), random_id()
        tx.run(
            _INSERT,
            id=session_id,
            secret_digest=digest(secret),
            person_id=person_id,
            authentications=[plain(authentication)],
            organization_id=organization_id or authentication.organization,
            created_at=now,
            seen_at=now,
            expires_at=now + self._lifetimes.session,
            network=by.network,
            user_agent=user_agent[:300],
        )
        _record_begun(tx, session_id, person_id, authentication, upstream, by=by)
        return secret

    def begin_or_renew(
        self,
        tx: Transaction,
        present: Session | None,
        person_id: str,
        authentication: Authentication,
        *,
        by: Actor,
        user_agent: str,
        upstream: Sequence[str] = (),
    ) -> str:
        """Go on in the browser's ``present`` session where it is the same person's, else begin one.

        A renewed session keeps its id (the tokens' ``sid``) and gets a new secret; somebody else's
        ends. ``upstream`` is how the person signed in there, in its own words: for the log, as we
        cannot stand for it. Returns the cookie's secret.
        """
        if present is None or present.person_id != person_id:
            if present:
                self.end(tx, present.id, by=by, why="another_person_signed_in")
            return self.begin(
                tx, person_id, authentication, by=by, user_agent=user_agent, upstream=upstream
            )
        secret = random_token()
        proofs = [*present.authentications, authentication][-_MOST_PROOFS:]
        tx.run(
            _RENEW,
            session=present.id,
            secret_digest=digest(secret),
            authentications=[plain(proof) for proof in proofs],
            # Who came by an organization's own way in acts there until they choose another.
            organization=authentication.organization or present.organization_id,
            now=utcnow(),
        )
        _record_begun(tx, present.id, person_id, authentication, upstream, by=by)
        return secret

    def at(self, database: Database, secret: str | None) -> Session | None:
        """The live session of a cookie's secret; None if there is none, or it counts no more."""
        if not secret:
            return None
        with database.reading() as tx:
            return self.opened(tx, secret)

    def opened(self, tx: Transaction, secret: str) -> Session | None:
        """`at`, within a transaction."""
        now = utcnow()
        rows = tx.all(
            _CURRENT,
            secret_digest=digest(secret),
            now=now,
            idle_since=now - self._lifetimes.session_idle,
        )
        return from_rows(rows) if rows else None

    def is_due_to_be_seen(self, session: Session) -> bool:
        """Whether `seen` is worth a write."""
        return utcnow() - session.seen_at > _SEEN_EVERY

    def seen(self, tx: Transaction, session: Session) -> None:
        """Note that the session is in use."""
        tx.run(_SEEN, session=session.id, now=utcnow())

    def choose(self, tx: Transaction, session: Session, place: Place) -> None:
        """Remember the organization chosen, for this session and as the next one's proposal."""
        tx.run(_CHOOSE, session=session.id, organization=place.organization_id)
        if session.last_organization_id != place.organization_id:
            tx.run(_REMEMBER, person=session.person_id, organization=place.organization_id)

    def end(self, tx: Transaction, session_id: str, *, by: Actor, why: str) -> None:
        """End one session; ending an ended one does nothing. Relying parties follow the record."""
        if ended := tx.first(_END, session=session_id, now=utcnow()):
            record(
                tx,
                Event.SESSION_ENDED,
                by=by,
                target_id=ended.person_id,
                session=session_id,
                why=why,
            )

    def end_all(self, tx: Transaction, person_id: str, *, by: Actor, why: str) -> None:
        """End every session of a person."""
        for row in tx.all(_LIVE, person=person_id, now=utcnow()):
            self.end(tx, row.id, by=by, why=why)

    def of_person(self, tx: Transaction, person_id: str) -> list[SessionRecord]:
        """The person's live sessions, the one used last first."""
        now = utcnow()
        return list(
            tx.session.scalars(
                select(SessionRecord)
                .join(Person, Person.id == SessionRecord.person_id)
                .where(
                    SessionRecord.person_id == person_id,
                    SessionRecord.ended_at.is_(None),
                    SessionRecord.expires_at > now,
                    SessionRecord.seen_at > now - self._lifetimes.session_idle,
                    SessionRecord.created_at >= Person.valid_since,
                )
                .order_by(SessionRecord.seen_at.desc())
            )
        )


def _record_begun(
    tx: Transaction,
    session_id: str,
    person_id: str,
    authentication: Authentication,
    upstream: Sequence[str],
    *,
    by: Actor,
) -> None:
    record(
        tx,
        Event.SIGNED_IN,
        by=by,
        target_id=person_id,
        organization_id=authentication.organization,
        method=authentication.method,
        session=session_id,
        **({"upstream": list(upstream)} if upstream else {}),
    )
