"""What userinfo says of a person in an organization: claims by scope, none of them null or empty.

Where the organization's single sign-on supplies a value, that is said, the person's own otherwise
(design idea 1). ``profile_access`` is the answer of `access` in the person's language.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from idp.directory.access import FieldAccess, Target, explain, fields_access, managed_by


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A person in an organization, or in none: the facts that claims are made of.

    Any row whose columns have these names serves as well; userinfo's does, unconverted.
    """

    person_id: str
    username: str
    own_given_name: str
    own_family_name: str
    own_email: str | None = None
    email_confirmed_at: datetime | None = None
    locale: str | None = None
    organization_id: str | None = None
    slug: str | None = None
    name: str | None = None
    uses_sso: bool = False
    title: str = ""
    unit: str = ""
    is_main_user: bool = False
    is_it_admin: bool = False
    source: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None


_OF_SCOPE: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "locale",
        "title",
        "unit",
        "profile_access",
    ),
    "email": ("email", "email_verified"),
    "organizations": ("organizations",),
}
_ALWAYS = ("sub", "org_id", "org", "org_name", "org_roles")

CLAIMS = (*_ALWAYS, *(name for names in _OF_SCOPE.values() for name in names))
"""Every claim there is, for discovery."""


def scope_of(name: str) -> str | None:
    """The scope that gives a claim; None for one that everybody gets, or that there is not."""
    return next((scope for scope, names in _OF_SCOPE.items() if name in names), None)


def claims(
    standing: Standing,
    scopes: Iterable[str],
    *,
    locale: str,
    organizations: Collection[Standing] = (),
    requested: Iterable[str] = (),
) -> dict[str, Any]:
    """The claims of ``scopes`` and those ``requested`` by name, in the order of `CLAIMS`.

    ``organizations`` are all of the person's that stand, for the scope of that name; ``locale`` is
    the language of descriptions where the person has chosen none.
    """
    said: dict[str, Any] = {}
    for name in _wanted(frozenset(scopes).intersection(_OF_SCOPE), frozenset(requested)):
        if name == "profile_access":
            said[name] = _access(standing, standing.locale or locale)
        elif name == "organizations":
            said[name] = [_organization(place) for place in organizations]
        else:
            said[name] = _VALUES[name](standing)
    return _filled(said)


def supplied(source: str | None, theirs: str | None, own: str | None) -> str | None:
    """The value that counts in an organization: its connection's where it gives one, or our own."""
    return theirs if source is not None and theirs else own


@lru_cache(maxsize=256)
def _wanted(scopes: frozenset[str], requested: frozenset[str]) -> tuple[str, ...]:
    of_scopes = {name for scope in scopes for name in _OF_SCOPE.get(scope, ())}
    return tuple(
        name for name in CLAIMS if name in _ALWAYS or name in of_scopes or name in requested
    )


def _given_name(standing: Standing) -> str | None:
    return supplied(standing.source, standing.given_name, standing.own_given_name)


def _family_name(standing: Standing) -> str | None:
    return supplied(standing.source, standing.family_name, standing.own_family_name)


def _email(standing: Standing) -> str | None:
    return supplied(standing.source, standing.email, standing.own_email)


def _email_verified(standing: Standing) -> bool | None:
    """Only what we proved ourselves: an organization's word on an address is no proof to others."""
    email = _email(standing)
    if email is None:
        return None
    return email == standing.own_email and standing.email_confirmed_at is not None


def _roles(standing: Standing) -> list[str] | None:
    if standing.organization_id is None:
        return None
    held = (("main_user", standing.is_main_user), ("it_admin", standing.is_it_admin))
    return [role for role, is_held in held if is_held]


_VALUES: Mapping[str, Callable[[Standing], object]] = {
    "sub": lambda standing: standing.person_id,
    "org_id": lambda standing: standing.organization_id,
    "org": lambda standing: standing.slug,
    "org_name": lambda standing: standing.name,
    "org_roles": _roles,
    "name": lambda standing: f"{_given_name(standing)} {_family_name(standing)}",
    "given_name": _given_name,
    "family_name": _family_name,
    "preferred_username": lambda standing: standing.username,
    "locale": lambda standing: standing.locale,
    "title": lambda standing: standing.title,
    "unit": lambda standing: standing.unit,
    "email": _email,
    "email_verified": _email_verified,
}
_IN_LIST = ("org_id", "org", "org_name", "org_roles", "title", "unit")


def _organization(standing: Standing) -> dict[str, Any]:
    return _filled({name: _VALUES[name](standing) for name in _IN_LIST})


def _access(standing: Standing, locale: str) -> dict[str, dict[str, Any]]:
    source = managed_by(standing.source, standing.name, uses_sso=standing.uses_sso)
    said = _access_said(source, standing.organization_id is not None, locale)
    return {name: dict(field) for name, field in said}


@lru_cache(maxsize=1024)
def _access_said(
    source: str | None, is_member: bool, locale: str
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The same for all whose profile comes from the same place, so it is worded once."""
    access = fields_access(Target(managed_by=source), is_member=is_member)
    return tuple((name, _described(field, locale)) for name, field in access.items())


def _described(field: FieldAccess, locale: str) -> dict[str, Any]:
    said = {
        "editable": field.editable,
        "reason": field.reason,
        "source": field.source,
        "change_at": field.change_at,
        "description": explain(field, locale),
    }
    return _filled(said)


def _filled(said: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is null or an empty text (OpenID Connect Core section 5.3.2)."""
    return {name: value for name, value in said.items() if value is not None and value != ""}
