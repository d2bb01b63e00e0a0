"""Who may edit what: the rules as tables (M12, M17, M18, design ideas 2 and 3)."""

from dataclasses import dataclass

import pytest

from idp.directory import access
from idp.directory.access import Asker, FieldAccess, Permission, Reason, Target
from idp.errors import NotAllowed


@dataclass(frozen=True, kw_only=True)
class A:
    """A person, a membership or an organization, as far as access looks at it."""

    email: str | None = "aino@vanamo.example"
    is_operator: bool = False
    locked_at: object = None
    is_main_user: bool = False
    source: str | None = None
    name: str = "Vanamo"
    suspended_at: object = None
    uses_sso: bool = False


EDITABLE = FieldAccess(editable=True)
FIELDS = {"given_name", "family_name", "email", "title", "unit", "locale"}
NAMES = {"given_name", "family_name", "email"}
PLACE = {"title", "unit"}


def reasons(fields: dict[str, FieldAccess]) -> dict[str, str | None]:
    """Why each field that is not editable is not."""
    assert set(fields) == FIELDS
    return {name: field.reason for name, field in fields.items() if not field.editable}


def test_people_edit_all_of_their_own_profile_where_no_sso_supplies_it() -> None:
    assert access.profile_access(A(), A(), A()) == dict.fromkeys(FIELDS, EDITABLE)


@pytest.mark.parametrize("asker", list(Asker))
@pytest.mark.parametrize(
    ("membership", "organization", "source"),
    [
        (A(), A(uses_sso=True, name="Vanamo"), "Vanamo"),
        (A(source="Vanamo Entra"), A(uses_sso=True), "Vanamo Entra"),
        (A(source="Vanamo Entra"), A(uses_sso=False), "Vanamo Entra"),
        (None, A(uses_sso=True, name="Vanamo"), "Vanamo"),
    ],
)
def test_what_sso_supplies_is_nobodys_to_edit_and_says_where_it_comes_from(
    asker: Asker, membership: A | None, organization: A, source: str
) -> None:
    fields = access.profile_access(A(), membership, organization, asker=asker)

    managed = FieldAccess(editable=False, reason="managed_by_organization_sso", source=source)
    assert {name: fields[name] for name in NAMES | PLACE} == dict.fromkeys(NAMES | PLACE, managed)


def test_the_language_stays_the_persons_choice_where_sso_supplies_the_rest() -> None:
    assert access.profile_access(A(), A(), A(uses_sso=True))["locale"] == EDITABLE


def test_title_and_unit_belong_to_an_organization() -> None:
    assert reasons(access.profile_access(A(), None, None)) == dict.fromkeys(
        PLACE, "no_organization"
    )


@pytest.mark.parametrize(
    ("person", "belongs_elsewhere", "why"),
    [
        (A(), False, None),
        (A(), True, "belongs_to_other_organization"),
        (A(is_operator=True), False, "operator_account"),
        (A(is_operator=True), True, "operator_account"),
    ],
)
def test_a_main_user_edits_name_and_email_only_where_the_account_opens_nothing_else(
    person: A, belongs_elsewhere: bool, why: str | None
) -> None:
    fields = access.profile_access(
        person, A(), A(), asker=Asker.MAIN_USER, belongs_elsewhere=belongs_elsewhere
    )

    refused = dict.fromkeys(NAMES, why) if why else {}
    assert reasons(fields) == {**refused, "locale": "personal_choice"}


def test_other_organizations_do_not_limit_the_person_or_the_operator() -> None:
    for asker in (Asker.SELF, Asker.OPERATOR):
        fields = access.profile_access(A(), A(), A(), asker=asker, belongs_elsewhere=True)
        assert reasons(fields) == {}


SSO = Target(managed_by="Vanamo")
ELSEWHERE = Target(belongs_elsewhere=True)
RUNS_ALL = Target(is_operator=True)
PLAIN = Target()


@pytest.mark.parametrize(
    ("asker", "target", "reason"),
    [
        (Asker.SELF, PLAIN, Reason.USERNAME),
        (Asker.SELF, SSO, Reason.USERNAME),
        (Asker.MAIN_USER, PLAIN, None),
        (Asker.MAIN_USER, SSO, Reason.USERNAME_WITH_SSO),
        (Asker.MAIN_USER, ELSEWHERE, Reason.OTHER_ORGANIZATION),
        (Asker.MAIN_USER, RUNS_ALL, Reason.OPERATOR_ACCOUNT),
        (
            Asker.MAIN_USER,
            Target(managed_by="Vanamo", belongs_elsewhere=True),
            Reason.USERNAME_WITH_SSO,
        ),
        (Asker.OPERATOR, PLAIN, None),
        (Asker.OPERATOR, SSO, None),
        (Asker.OPERATOR, ELSEWHERE, None),
        (Asker.OPERATOR, RUNS_ALL, None),
    ],
)
def test_who_may_change_a_username(asker: Asker, target: Target, reason: Reason | None) -> None:
    assert access.may_rename_username(asker, target).reason is reason


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (PLAIN, None),
        (ELSEWHERE, None),
        (RUNS_ALL, None),
        (SSO, Reason.SIGNS_IN_WITH_SSO),
        (Target(is_locked=True), Reason.PERSON_LOCKED),
        (Target(is_member_locked=True), Reason.MEMBERSHIP_LOCKED),
        (Target(has_email=False), Reason.NO_EMAIL),
    ],
)
def test_who_may_be_sent_a_password_link(target: Target, reason: Reason | None) -> None:
    assert access.may_send_password_link(target).reason is reason


@pytest.mark.parametrize(
    ("asker", "target", "reason"),
    [
        (Asker.SELF, ELSEWHERE, None),
        (Asker.MAIN_USER, PLAIN, None),
        (Asker.MAIN_USER, SSO, None),
        (Asker.MAIN_USER, ELSEWHERE, Reason.OTHER_ORGANIZATION),
        (Asker.MAIN_USER, RUNS_ALL, Reason.OPERATOR_ACCOUNT),
        (Asker.OPERATOR, ELSEWHERE, None),
    ],
)
def test_who_may_end_sessions(asker: Asker, target: Target, reason: Reason | None) -> None:
    assert access.may_end_sessions(asker, target).reason is reason


@pytest.mark.parametrize(
    ("asker", "reason"),
    [
        (Asker.SELF, Reason.OPERATORS_ONLY),
        (Asker.MAIN_USER, Reason.OPERATORS_ONLY),
        (Asker.OPERATOR, None),
    ],
)
def test_who_may_lock_an_account_everywhere(asker: Asker, reason: Reason | None) -> None:
    assert access.may_lock_person(asker).reason is reason


def test_people_are_added_by_hand_only_where_they_do_not_come_by_sso() -> None:
    assert access.may_add_people(A()).is_given
    assert access.may_add_people(A(uses_sso=True, name="Vanamo")) == Permission(
        reason=Reason.USES_SSO, source="Vanamo"
    )


@pytest.mark.parametrize(
    ("person", "membership", "organization", "asker"),
    [
        (A(), A(is_main_user=True), A(), Asker.MAIN_USER),
        (A(), A(is_main_user=True), A(uses_sso=True), Asker.MAIN_USER),
        (A(), A(), A(), None),
        (A(), None, A(), None),
        (A(), A(is_main_user=True, locked_at="now"), A(), None),
        (A(locked_at="now"), A(is_main_user=True), A(), None),
        (A(), A(is_main_user=True), A(suspended_at="now"), None),
        (A(is_operator=True), None, A(), Asker.OPERATOR),
        (A(is_operator=True), A(is_main_user=True), A(suspended_at="now"), Asker.OPERATOR),
        (A(is_operator=True, locked_at="now"), A(is_main_user=True), A(), None),
    ],
)
def test_who_may_enter_an_organizations_console(
    person: A, membership: A | None, organization: A, asker: Asker | None
) -> None:
    assert access.asker_in(person, membership, organization) is asker


def test_the_facts_of_permission_are_read_from_the_three_rows() -> None:
    plain = access.target(A(), A(), A(), belongs_elsewhere=False)
    assert plain == Target()

    all_of_it = access.target(
        A(email=None, is_operator=True, locked_at="now"),
        A(locked_at="now", source="Vanamo Entra"),
        A(),
        belongs_elsewhere=True,
    )
    assert all_of_it == Target(
        managed_by="Vanamo Entra",
        belongs_elsewhere=True,
        is_operator=True,
        is_locked=True,
        is_member_locked=True,
        has_email=False,
    )


def test_a_refusal_is_raised_with_its_reason_and_its_source() -> None:
    Permission().require()

    with pytest.raises(NotAllowed) as refused:
        Permission(reason=Reason.MANAGED, source="Vanamo Entra").require()

    assert refused.value.code == "managed_by_organization_sso"
    assert refused.value.status == 403
    assert refused.value.detail == {"source": "Vanamo Entra"}


def test_a_refusal_is_explained_with_its_source_and_what_may_be_done_needs_no_words() -> None:
    assert "Vanamo Entra" in access.explain(
        Permission(reason=Reason.MANAGED, source="Vanamo Entra"), "fi"
    )
    assert access.explain(Permission(), "fi") == ""
