"""What a main user may do to people, and what is out of reach (design idea 3, M18)."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from idp import audit
from idp.directory import main_users, persons
from idp.directory.access import Asker
from idp.directory.models import Organization, Person
from idp.directory.persons import NewPerson
from idp.errors import NotAllowed, NotFound
from idp.foundation.database import Database, Transaction
from tests.directory.world import OPERATOR, add, found, new, read

Deed = Callable[[Transaction, str, str], object]

rename: Deed = partial(main_users.rename_username, new="bertta", by=OPERATOR, reason="Nimi")
give_title: Deed = partial(main_users.change_profile, changes={"title": "Johtaja"}, by=OPERATOR)
send_link: Deed = main_users.for_password_link
end_sessions: Deed = main_users.for_ending_sessions

AINO = NewPerson(
    username="aino", given_name="Aino", family_name="Virtanen", email="aino@vanamo.example"
)


def do(database: Database, deed: Deed, organization: Organization, person_id: str) -> object:
    with database.transaction() as tx:
        return deed(tx, organization.id, person_id)


def refusal(database: Database, deed: Deed, organization: Organization, person_id: str) -> str:
    with pytest.raises(NotAllowed) as refused:
        do(database, deed, organization, person_id)
    return refused.value.code


@pytest.mark.parametrize("deed", [rename, give_title, send_link, end_sessions])
def test_a_person_of_another_organization_is_as_good_as_none(
    database: Database, deed: Deed
) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    stranger = add(database, kielo, AINO).person

    for person_id in (stranger.id, "nobody", "\x00"):
        with pytest.raises(NotFound):
            do(database, deed, vanamo, person_id)
    assert read(database, "aino").username == "aino"


def test_in_an_organization_with_passwords_its_own_people_are_within_reach(
    database: Database,
) -> None:
    organization = found(database, "vanamo")
    person = add(database, organization, AINO).person

    assert do(database, rename, organization, person.id) == "aino"
    assert read(database, "bertta").id == person.id
    do(database, give_title, organization, person.id)
    for deed in (send_link, end_sessions):
        reached = do(database, deed, organization, person.id)
        assert isinstance(reached, Person)
        assert reached.id == person.id


def test_a_changed_username_is_in_the_organizations_audit_log(database: Database) -> None:
    organization = found(database, "vanamo")
    person = add(database, organization, AINO).person
    do(database, rename, organization, person.id)

    with database.reading() as tx:
        [record] = tx.session.scalars(
            select(audit.AuditRecord).where(audit.AuditRecord.event == "username.changed")
        )
    assert (record.organization_id, record.target_id) == (organization.id, person.id)


@pytest.mark.parametrize(
    ("deed", "code"),
    [(rename, "username_formed_by_sso"), (send_link, "signs_in_with_sso"), (end_sessions, None)],
)
def test_in_an_organization_with_sso_neither_username_nor_password_is_the_main_users(
    database: Database, deed: Deed, code: str | None
) -> None:
    organization = found(database, "vanamo", uses_sso=True)
    person = add(database, organization, AINO).person

    if code is None:
        do(database, deed, organization, person.id)
    else:
        assert refusal(database, deed, organization, person.id) == code


@pytest.mark.parametrize("deed", [rename, end_sessions])
def test_what_counts_in_another_organization_too_is_out_of_reach(
    database: Database, deed: Deed
) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    person = add(database, vanamo, AINO).person
    add(database, kielo, "aino")

    assert refusal(database, deed, vanamo, person.id) == "belongs_to_other_organization"
    do(database, send_link, vanamo, person.id)
    do(database, give_title, vanamo, person.id)


@pytest.mark.parametrize("deed", [rename, end_sessions])
def test_the_account_that_runs_the_whole_system_is_out_of_reach(
    database: Database, deed: Deed
) -> None:
    organization = found(database, "vanamo")
    person = add(database, organization, AINO).person
    with database.transaction() as tx:
        persons.get(tx, person.id).is_operator = True

    assert refusal(database, deed, organization, person.id) == "operator_account"


def test_the_operator_helps_where_a_main_user_cannot(database: Database) -> None:
    vanamo, kielo = found(database, "vanamo", uses_sso=True), found(database, "kielo")
    person = add(database, vanamo, AINO).person
    add(database, kielo, "aino")

    with database.transaction() as tx:
        main_users.rename_username(
            tx, vanamo.id, person.id, "bertta", by=OPERATOR, reason="Nimi", asker=Asker.OPERATOR
        )
        main_users.for_ending_sessions(tx, vanamo.id, person.id, asker=Asker.OPERATOR)

    assert read(database, "bertta").id == person.id


def test_no_link_is_sent_where_it_could_not_be_used(database: Database) -> None:
    organization = found(database, "vanamo")
    person = add(database, organization, new("aino")).person

    assert refusal(database, send_link, organization, person.id) == "no_email"
