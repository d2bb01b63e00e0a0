"""Who may edit what, and why not: functions of facts, asked by every page, endpoint and command.

Three ask: the person themself, a main user of the organization, the operator. What single sign-on
supplies is nobody's to edit here (M12). A main user acts on the membership; a credential, or the
address its links go to, that also opens something else is out of their reach (design idea 3).
Each refusal is a `Reason` with texts in every language.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from idp.errors import NotAllowed
from idp.foundation.locale import translate


class Asker(StrEnum):
    """On whose behalf something is asked."""

    SELF = "self"
    MAIN_USER = "main_user"
    OPERATOR = "operator"


class Reason(StrEnum):
    """Why not: ``reason.<value>`` beside a field or button, ``error.<value>.*`` on a page."""

    MANAGED = "managed_by_organization_sso"
    NO_ORGANIZATION = "no_organization"
    OTHER_ORGANIZATION = "belongs_to_other_organization"
    OPERATOR_ACCOUNT = "operator_account"
    PERSONAL = "personal_choice"
    USES_SSO = "organization_uses_sso"
    SIGNS_IN_WITH_SSO = "signs_in_with_sso"
    NO_EMAIL = "no_email"
    PERSON_LOCKED = "person_locked"
    MEMBERSHIP_LOCKED = "membership_locked"
    OPERATORS_ONLY = "operators_only"
    USERNAME = "username_not_changeable"
    USERNAME_WITH_SSO = "username_formed_by_sso"


class PersonFacts(Protocol):
    """What matters here of a person."""

    @property
    def email(self) -> str | None: ...
    @property
    def is_operator(self) -> bool: ...
    @property
    def locked_at(self) -> object: ...


class MembershipFacts(Protocol):
    """What matters here of a membership."""

    @property
    def is_main_user(self) -> bool: ...
    @property
    def locked_at(self) -> object: ...
    @property
    def source(self) -> str | None: ...


class OrganizationFacts(Protocol):
    """What matters here of an organization."""

    @property
    def name(self) -> str: ...
    @property
    def suspended_at(self) -> object: ...
    @property
    def uses_sso(self) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldAccess:
    """Whether a field may be edited; if not: why, where it comes from, where to change it."""

    editable: bool
    reason: str | None = None
    source: str | None = None
    change_at: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Permission:
    """Whether a deed may be done; ``reason`` says why not, ``source`` who decides instead."""

    reason: Reason | None = None
    source: str | None = None

    @property
    def is_given(self) -> bool:
        """Whether it may be done."""
        return self.reason is None

    def require(self) -> None:
        """Go on where it is given; NotAllowed with its reason where it is not."""
        if self.reason is not None:
            raise NotAllowed(self.reason.value, source=self.source or "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The person a deed is about, as far as it bears on permission."""

    managed_by: str | None = None
    """What supplies the profile: a connection's or the organization's name; None: the person."""
    belongs_elsewhere: bool = False
    """Whether the account opens another organization as well."""
    is_operator: bool = False
    is_locked: bool = False
    is_member_locked: bool = False
    has_email: bool = True


_GIVEN = Permission()
_EDITABLE = FieldAccess(editable=True)
_NO_MEMBER = FieldAccess(editable=False, reason=Reason.NO_ORGANIZATION)
_OWN = ("given_name", "family_name", "email")
_OF_MEMBERSHIP = ("title", "unit")


def profile_access(
    person: PersonFacts,
    membership: MembershipFacts | None,
    organization: OrganizationFacts | None,
    *,
    asker: Asker = Asker.SELF,
    belongs_elsewhere: bool = False,
) -> dict[str, FieldAccess]:
    """For each field of the profile, whether ``asker`` may edit it in this organization.

    ``belongs_elsewhere`` (the account opens another organization too) matters to main users only.
    """
    return fields_access(
        target(person, membership, organization, belongs_elsewhere=belongs_elsewhere),
        asker=asker,
        is_member=membership is not None,
    )


def fields_access(
    target: Target, *, asker: Asker = Asker.SELF, is_member: bool = True
) -> dict[str, FieldAccess]:
    """The same from the facts alone: what the claim ``profile_access`` is made of."""
    if target.managed_by is not None:
        managed = FieldAccess(editable=False, reason=Reason.MANAGED, source=target.managed_by)
        own = of_membership = managed
    else:
        own = _field(_credential(asker, target))
        of_membership = _EDITABLE if is_member else _NO_MEMBER
    locale = Permission(reason=Reason.PERSONAL) if asker is Asker.MAIN_USER else _GIVEN
    return {
        **dict.fromkeys(_OWN, own),
        **dict.fromkeys(_OF_MEMBERSHIP, of_membership),
        "locale": _field(locale),
    }


def managed_by(source: str | None, organization_name: str | None, *, uses_sso: bool) -> str | None:
    """What supplies the profile here: the connection, else the organization that uses SSO."""
    return source or (organization_name if uses_sso else None)


def target(
    person: PersonFacts,
    membership: MembershipFacts | None,
    organization: OrganizationFacts | None,
    *,
    belongs_elsewhere: bool,
) -> Target:
    """The facts of permission about this person in this organization."""
    return Target(
        managed_by=managed_by(
            membership.source if membership else None,
            organization.name if organization else None,
            uses_sso=organization is not None and organization.uses_sso,
        ),
        belongs_elsewhere=belongs_elsewhere,
        is_operator=person.is_operator,
        is_locked=person.locked_at is not None,
        is_member_locked=membership is not None and membership.locked_at is not None,
        has_email=person.email is not None,
    )


def asker_in(
    person: PersonFacts, membership: MembershipFacts | None, organization: OrganizationFacts
) -> Asker | None:
    """In what capacity a person may enter the organization's console; None: not at all."""
    if person.locked_at is not None:
        return None
    if person.is_operator:
        return Asker.OPERATOR
    is_main_user = membership is not None and membership.is_main_user
    if not is_main_user or membership is None or membership.locked_at is not None:
        return None
    return Asker.MAIN_USER if organization.suspended_at is None else None


def may_add_people(organization: OrganizationFacts) -> Permission:
    """People are added by hand (M2) where the organization has no SSO that brings them (M9)."""
    if organization.uses_sso:
        return Permission(reason=Reason.USES_SSO, source=organization.name)
    return _GIVEN


def may_rename_username(asker: Asker, target: Target) -> Permission:
    """M17, M18: never oneself; the main user where no SSO is used and the account opens no more."""
    if asker is Asker.SELF:
        return Permission(reason=Reason.USERNAME)
    if asker is Asker.MAIN_USER and target.managed_by is not None:
        return Permission(reason=Reason.USERNAME_WITH_SSO, source=target.managed_by)
    return _credential(asker, target)


def may_send_password_link(target: Target) -> Permission:
    """The link goes to the person's own address, so anyone who may ask may ask for everybody."""
    if target.managed_by is not None:
        return Permission(reason=Reason.SIGNS_IN_WITH_SSO, source=target.managed_by)
    if target.is_locked:
        return Permission(reason=Reason.PERSON_LOCKED)
    if target.is_member_locked:
        return Permission(reason=Reason.MEMBERSHIP_LOCKED)
    return _GIVEN if target.has_email else Permission(reason=Reason.NO_EMAIL)


def may_end_sessions(asker: Asker, target: Target) -> Permission:
    """Sessions count wherever the account does."""
    return _credential(asker, target)


def may_lock_person(asker: Asker) -> Permission:
    """An account is locked by the operator; a main user locks the membership instead."""
    return _GIVEN if asker is Asker.OPERATOR else Permission(reason=Reason.OPERATORS_ONLY)


def explain(refused: FieldAccess | Permission, locale: str) -> str:
    """Why not, and what to do instead, in a sentence or two; empty where it may be done."""
    if refused.reason is None:
        return ""
    return translate(locale, f"reason.{refused.reason}", source=refused.source or "")


def _credential(asker: Asker, target: Target) -> Permission:
    """Whether the account itself, with all that it opens, is within reach."""
    if asker is not Asker.MAIN_USER:
        return _GIVEN
    if target.is_operator:
        return Permission(reason=Reason.OPERATOR_ACCOUNT)
    if target.belongs_elsewhere:
        return Permission(reason=Reason.OTHER_ORGANIZATION)
    return _GIVEN


def _field(permission: Permission) -> FieldAccess:
    if permission.is_given:
        return _EDITABLE
    return FieldAccess(editable=False, reason=permission.reason, source=permission.source)
