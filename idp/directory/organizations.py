"""Organizations: founded, suspended and resumed by the operator."""

import re
from functools import partial

from sqlalchemy import select

from idp.audit import Actor, Event, record
from idp.directory import fields
from idp.directory.folding import is_visible
from idp.directory.models import Organization
from idp.directory.unique import insert
from idp.errors import Invalid, NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import random_id

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A label of a host name: it stands in addresses that people type."""


def create(tx: Transaction, slug: str, name: str, *, by: Actor, locale: str) -> Organization:
    """Found an organization; its people are added afterwards. Invalid where the slug is taken."""
    kept = fields.clean(
        {"slug": slug, "name": name, "locale": locale},
        {"slug": _slug, "name": _name, "locale": _locale},
    )
    organization = Organization(
        id=random_id(), created_at=utcnow(), uses_sso=False, suspended_at=None, **kept
    )
    if not insert(tx, organization):
        raise Invalid({"slug": "slug_taken"})
    record(
        tx,
        Event.ORGANIZATION_CREATED,
        by=by,
        organization_id=organization.id,
        target_id=organization.id,
        slug=organization.slug,
        name=organization.name,
    )
    return organization


def get(tx: Transaction, organization_id: str) -> Organization:
    """The organization with this id; NotFound without it."""
    if not is_visible(organization_id):
        raise NotFound
    return _found(tx.session.get(Organization, organization_id))


def by_slug(tx: Transaction, slug: str) -> Organization:
    """The organization with this slug; NotFound without it."""
    if not _SLUG.fullmatch(slug):
        raise NotFound
    return _found(tx.session.scalar(select(Organization).where(Organization.slug == slug)))


def all(tx: Transaction) -> list[Organization]:  # noqa: A001
    """Every organization, by name."""
    return list(tx.session.scalars(select(Organization).order_by(Organization.name)))


def suspend(tx: Transaction, organization_id: str, *, by: Actor) -> None:
    """Shut the organization's people out of it at once; what is suspended already stays so."""
    organization = get(tx, organization_id)
    if organization.suspended_at is None:
        organization.suspended_at = utcnow()
        _record(tx, Event.ORGANIZATION_SUSPENDED, organization, by)


def resume(tx: Transaction, organization_id: str, *, by: Actor) -> None:
    """Let them in again."""
    organization = get(tx, organization_id)
    if organization.suspended_at is not None:
        organization.suspended_at = None
        _record(tx, Event.ORGANIZATION_RESUMED, organization, by)


def _found(organization: Organization | None) -> Organization:
    if organization is None:
        raise NotFound
    return organization


def _record(tx: Transaction, event: Event, organization: Organization, by: Actor) -> None:
    record(tx, event, by=by, organization_id=organization.id, target_id=organization.id)


def _slug(value: object) -> str:
    slug = fields.required_text(value, longest=63)
    if not _SLUG.fullmatch(slug):
        raise fields.Unfit("slug_invalid")
    return slug


def _locale(value: object) -> str:
    return fields.locale(value) or fields.missing()


_name = partial(fields.required_text, longest=fields.LONGEST_TEXT)
