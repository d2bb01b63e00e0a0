"""An organization's e-mail domains: added, shown to be its own, removed (users-ask rows 3 and 18).

A domain suggests a way in and nothing more: it joins nobody, and nobody's rights depend on it.
Several organizations may ask for one; it is the one's that shows it by DNS or to the operator.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from idp.audit import Actor, Event, record
from idp.authentication.federation.models import OrganizationDomain
from idp.authentication.federation.public_mail import is_public
from idp.directory import fields
from idp.directory.models import Organization
from idp.directory.unique import insert
from idp.errors import Invalid, NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import random_id

CHALLENGE = "_laatuportti-challenge"
"""The label under which the domain's owner publishes what we gave."""
MOST = 50
"""Domains of one organization."""


def normalized(value: object) -> str:
    """The domain folded and in ASCII (IDNA 2008); Invalid where no organization can have it."""
    typed = str(value or "").strip().removeprefix("@").removesuffix(".")
    domain = domain_of(f"x@{typed}")
    if domain is None or "@" in typed:
        raise Invalid({"domain": "domain_invalid"})
    if is_public(domain):
        raise Invalid({"domain": "domain_public"})
    return domain


def domain_of(address: str) -> str | None:
    """The domain of an e-mail address, folded and in ASCII; None if it is no address."""
    try:
        return fields.email(address).rpartition("@")[2].lower()
    except fields.Unfit:
        return None


def record_of(row: OrganizationDomain) -> tuple[str, str]:
    """The name and the value of the TXT record to publish."""
    return f"{CHALLENGE}.{row.domain}", f"laatuportti-domain={row.challenge}"


def all_of(tx: Transaction, organization_id: str) -> Sequence[OrganizationDomain]:
    """Every domain of the organization, those that still wait too."""
    return tx.session.scalars(
        select(OrganizationDomain)
        .where(OrganizationDomain.organization_id == organization_id)
        .order_by(OrganizationDomain.domain)
    ).all()


def get(tx: Transaction, organization_id: str, domain: str) -> OrganizationDomain:
    """The organization's domain; NotFound."""
    row = tx.session.get(OrganizationDomain, (organization_id, domain))
    if row is None:
        raise NotFound
    return row


def add(tx: Transaction, organization_id: str, value: object, *, by: Actor) -> OrganizationDomain:
    """Note that the organization says a domain is its own; what is there already stays as it is."""
    domain = normalized(value)
    count = select(func.count()).where(OrganizationDomain.organization_id == organization_id)
    row = OrganizationDomain(
        organization_id=organization_id,
        domain=domain,
        challenge=random_id(),
        added_at=utcnow(),
        checked_at=None,
        verified_how=None,
        verified_at=None,
    )
    if (tx.session.scalar(count) or 0) >= MOST:
        raise Invalid({"domain": "domain_too_many"})
    if not insert(tx, row):
        return get(tx, organization_id, domain)
    record(tx, Event.DOMAIN_ADDED, by=by, organization_id=organization_id, domain=domain)
    return row


def verify(tx: Transaction, row: OrganizationDomain, *, how: str, by: Actor) -> None:
    """Take the domain as the organization's; Invalid while it is another's."""
    if row.verified_at is not None:
        return
    now = utcnow()
    try:
        with tx.session.begin_nested():
            row.verified_how, row.verified_at, row.checked_at = how, now, now
    except IntegrityError as error:
        raise Invalid({"domain": "domain_taken"}) from error
    record(
        tx,
        Event.DOMAIN_VERIFIED,
        by=by,
        organization_id=row.organization_id,
        domain=row.domain,
        how=how,
    )


def remove(tx: Transaction, organization_id: str, domain: str, *, by: Actor) -> None:
    """Forget the domain, at once."""
    tx.session.delete(get(tx, organization_id, domain))
    record(tx, Event.DOMAIN_REMOVED, by=by, organization_id=organization_id, domain=domain)


def home(tx: Transaction, domain: str) -> str | None:
    """The slug of the organization whose domain it is, shown to be so and not suspended."""
    return tx.session.scalar(
        select(Organization.slug)
        .join(OrganizationDomain, OrganizationDomain.organization_id == Organization.id)
        .where(
            OrganizationDomain.domain == domain,
            OrganizationDomain.verified_at.is_not(None),
            Organization.suspended_at.is_(None),
        )
    )
