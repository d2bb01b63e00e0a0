"""The hot ways' statements about grants, compiled once; `grants` says what each is for."""

from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update

from idp.authentication.federation.vouching import owing, vouching
from idp.authentication.links import pending_address
from idp.authentication.models import SessionRecord
from idp.authorization.models import Grant, RevokedToken
from idp.directory.models import Membership, Organization, Person
from idp.foundation.database import Statement

ISSUE = Statement(
    insert(Grant).values(
        {
            name: bindparam(name)
            for name in [
                "id",
                "client_id",
                "person_id",
                "session_id",
                "organization_id",
                "scope",
                "nonce",
                "auth_time",
                "amr",
                "issued_at",
                "expires_at",
                "code_digest",
                "redirect_uri",
                "code_challenge",
                "generation",
                "resource",
                "acr",
                "dpop_jkt",
                "claims",
            ]
        }
    )
)
_HOLDS_KEY = or_(Grant.dpop_jkt.is_(None), Grant.dpop_jkt == bindparam("jkt"))
"""What is bound to a key is of use to its holder alone (RFC 9449 sections 5 and 10)."""
SPEND_CODE = Statement(
    update(Grant)
    .where(
        Grant.code_digest == bindparam("presented"),
        Grant.client_id == bindparam("client"),
        Grant.code_used_at.is_(None),
        Grant.revoked_at.is_(None),
        Grant.expires_at > bindparam("now"),
        _HOLDS_KEY,
    )
    .values(
        code_used_at=bindparam("now"),
        expires_at=bindparam("ends_at"),
        generation=1,
        dpop_jkt=bindparam("family_jkt"),
    )
    .returning(Grant.id, Grant.redirect_uri, Grant.code_challenge)
)
OF_CODE = Statement(
    select(Grant.id, Grant.code_used_at).where(
        Grant.code_digest == bindparam("presented"), Grant.client_id == bindparam("client")
    )
)
ROTATE = Statement(
    update(Grant)
    .where(
        Grant.id == bindparam("grant"),
        Grant.client_id == bindparam("client"),
        Grant.generation == bindparam("presented"),
        Grant.revoked_at.is_(None),
        Grant.expires_at > bindparam("now"),
        _HOLDS_KEY,
    )
    .values(
        generation=Grant.generation + 1,
        refreshed_at=bindparam("now"),
        dpop_jkt=func.coalesce(Grant.dpop_jkt, bindparam("family_jkt")),
    )
    .returning(Grant.id)
)
REVOKE = Statement(
    update(Grant)
    .where(Grant.id == bindparam("grant"), Grant.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
    .returning(Grant.person_id, Grant.organization_id)
)
STANDING = Statement(
    select(
        Grant.id.label("grant_id"),
        Grant.client_id,
        Grant.person_id,
        Grant.session_id,
        Grant.scope,
        Grant.nonce,
        Grant.auth_time,
        Grant.amr,
        Grant.acr,
        Grant.resource,
        Grant.dpop_jkt,
        Grant.issued_at,
        Grant.expires_at,
        Grant.generation,
        Grant.refreshed_at,
        Grant.claims,
        Person.username,
        Person.given_name.label("own_given_name"),
        Person.family_name.label("own_family_name"),
        Person.email.label("own_email"),
        Person.email_confirmed_at,
        Person.locale,
        Organization.id.label("organization_id"),
        Organization.slug,
        Organization.name,
        Organization.uses_sso,
        Membership.title,
        Membership.unit,
        Membership.is_main_user,
        Membership.is_it_admin,
        Membership.source,
        Membership.synced_at,
        Membership.given_name,
        Membership.family_name,
        Membership.email,
        pending_address(Grant.person_id, bindparam("now")).scalar_subquery().label("pending_email"),
    )
    .select_from(Grant)
    .join(Person, Person.id == Grant.person_id)
    .join(SessionRecord, SessionRecord.id == Grant.session_id)
    .join(
        Membership,
        (Membership.person_id == Grant.person_id)
        & (Membership.organization_id == Grant.organization_id),
    )
    .join(Organization, Organization.id == Grant.organization_id)
    .where(
        Grant.id == bindparam("grant"),
        Grant.revoked_at.is_(None),
        Grant.code_used_at.is_not(None),
        Grant.expires_at > bindparam("now"),
        SessionRecord.ended_at.is_(None),
        # What a connection opened, it has to stand for still; a password opens the others.
        or_(
            vouching(Grant.session_id, Grant.organization_id, bindparam("now")),
            and_(
                Grant.scope.contains("offline_access"),
                vouching(Grant.session_id, Grant.organization_id),
            ),
            and_(
                or_(~Organization.uses_sso, Membership.keeps_password),
                ~owing(Grant.session_id, Grant.organization_id),
            ),
        ),
        SessionRecord.created_at >= Person.valid_since,
        # Asked for, access goes on when a session runs out; signing out ends that too.
        or_(SessionRecord.expires_at > bindparam("now"), Grant.scope.contains("offline_access")),
        Person.locked_at.is_(None),
        Membership.locked_at.is_(None),
        Organization.suspended_at.is_(None),
        ~exists().where(RevokedToken.jti == bindparam("jti")),
    )
)
