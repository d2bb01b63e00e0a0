"""Importing people: a verdict for each row, all or nothing for each row, a dry run that is true."""

from collections.abc import Sequence

import pytest

from idp.audit import Event
from idp.directory import people, people_file, persons, usernames
from idp.directory.importing import BATCH, Outcome, Then, Verdict, import_people
from idp.directory.models import Organization
from idp.directory.people_file import Row
from idp.directory.persons import Added, NewPerson
from idp.errors import IdpError, Invalid, NotAllowed
from idp.foundation.database import Database, Transaction
from tests.directory.world import OPERATOR, add, events, found, new, read

FILE = """\
username,given_name,family_name,email,title,role
aino@vanamo.example,Aino,Virtanen,,Hoitaja,main_user
bertta,Bertta,Ek,,Johtaja,
cecilia,Cecilia,Öhman,,,
AINO@vanamo.example,Aino,Toinen,,,
daavid,,Salo,nowhere,,chief
elli,Elli,Koski,,,,too,many
former,Fanni,Laine,,,
"""


@pytest.fixture
def vanamo(database: Database) -> Organization:
    """An organization with Cecilia in it; Bertta is known elsewhere, ``former`` was somebody's."""
    kielo = found(database, "kielo")
    add(database, kielo, NewPerson(username="bertta", given_name="Berta", family_name="Ek"))
    organization = found(database, "vanamo")
    add(database, organization, new("cecilia", "Cecilia", "Öhman"))
    renamed = add(database, kielo, "former").person
    with database.transaction() as tx:
        usernames.rename(tx, renamed.id, "now", by=OPERATOR, reason="Nimi")
    return organization


def rows(text: str = FILE) -> list[Row]:
    return people_file.read(text.encode())


def run(
    database: Database,
    organization: Organization,
    given: Sequence[Row],
    *,
    dry_run: bool = False,
    then: Then | None = None,
) -> list[Verdict]:
    return list(
        import_people(database, organization, given, by=OPERATOR, dry_run=dry_run, then=then)
    )


VERDICTS = [
    Verdict(line=2, username="aino@vanamo.example", outcome=Outcome.ADDED),
    Verdict(line=3, username="bertta", outcome=Outcome.ADDED_MEMBERSHIP, differs=("given_name",)),
    Verdict(line=4, username="cecilia", outcome=Outcome.ALREADY_MEMBER),
    Verdict(line=5, username="AINO@vanamo.example", outcome=Outcome.DUPLICATE, first_line=2),
    Verdict(
        line=6,
        username="daavid",
        outcome=Outcome.INVALID,
        problems={"given_name": "required", "email": "email_invalid", "role": "role_unknown"},
    ),
    Verdict(line=7, username="elli", outcome=Outcome.INVALID, problems={"row": "row_too_long"}),
    Verdict(
        line=8, username="former", outcome=Outcome.INVALID, problems={"username": "username_taken"}
    ),
]


def test_each_row_gets_its_verdict_and_the_good_ones_are_added(
    database: Database, vanamo: Organization
) -> None:
    assert run(database, vanamo, rows()) == VERDICTS

    with database.reading() as tx:
        listed = people.page(tx, vanamo.id).people
        assert [(each.username, each.title, each.roles) for each in listed] == [
            ("bertta", "Johtaja", ()),
            ("aino@vanamo.example", "Hoitaja", ("main_user",)),
            ("cecilia", "", ()),
        ]
        assert events(tx, Event.PEOPLE_IMPORTED) == [
            {
                "rows": {
                    "added": 1,
                    "added_membership": 1,
                    "already_member": 1,
                    "duplicate": 1,
                    "invalid": 3,
                }
            }
        ]
    assert read(database, "bertta").given_name == "Berta"


def test_a_dry_run_says_the_same_and_does_nothing(database: Database, vanamo: Organization) -> None:
    assert run(database, vanamo, rows(), dry_run=True) == VERDICTS

    with database.reading() as tx:
        assert [each.username for each in people.page(tx, vanamo.id).people] == ["cecilia"]
        assert persons.by_username(tx, "aino@vanamo.example") is None
        assert usernames.owner(tx, "aino@vanamo.example") is None
        assert events(tx, Event.PEOPLE_IMPORTED) == []
        added = events(tx, Event.PERSON_ADDED)
    assert "aino@vanamo.example" not in {each["username"] for each in added}


def test_importing_a_file_again_adds_nobody_twice(database: Database, vanamo: Organization) -> None:
    run(database, vanamo, rows())
    again = run(database, vanamo, rows())

    assert [verdict.outcome for verdict in again[:3]] == [Outcome.ALREADY_MEMBER] * 3


def test_what_is_done_with_each_person_added_is_in_the_same_transaction(
    database: Database, vanamo: Organization
) -> None:
    linked: list[str] = []

    def link(tx: Transaction, added: Added) -> None:
        added.membership.unit = "Kotihoito"
        linked.append(added.person.username)
        if added.person.username == "bertta":
            raise Invalid({"email": "email_invalid"})

    verdicts = run(database, vanamo, rows(), then=link)

    assert linked == ["aino@vanamo.example", "bertta"]
    assert verdicts[1].problems == {"email": "email_invalid"}
    with database.reading() as tx:
        listed = people.page(tx, vanamo.id).people
    assert [(each.username, each.unit) for each in listed] == [
        ("aino@vanamo.example", "Kotihoito"),
        ("cecilia", ""),
    ]


def test_nothing_is_sent_in_a_dry_run(database: Database, vanamo: Organization) -> None:
    linked: list[Added] = []

    run(database, vanamo, rows(), dry_run=True, then=lambda _tx, added: linked.append(added))

    assert linked == []


def test_a_verdict_that_was_read_is_true_whatever_happens_after(
    database: Database, vanamo: Organization
) -> None:
    many = "".join(f"person-{number},Aino,Virtanen\n" for number in range(BATCH + 10))
    verdicts = import_people(
        database,
        vanamo,
        rows(f"username,given_name,family_name\n{many}"),
        by=OPERATOR,
    )

    first = next(verdicts)
    with database.transaction() as tx:
        assert persons.by_username(tx, first.username) is not None
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ADDED}
    with database.reading() as tx:
        assert people.counts(tx, vanamo.id).people == 1 + BATCH + 10


def test_an_organization_that_turns_to_sso_meanwhile_takes_nobody_more(
    database: Database, vanamo: Organization
) -> None:
    many = "".join(f"person-{number},Aino,Virtanen\n" for number in range(BATCH + 10))
    verdicts = import_people(
        database, vanamo, rows(f"username,given_name,family_name\n{many}"), by=OPERATOR
    )
    done = [next(verdicts) for _ in range(BATCH)]
    with database.transaction() as tx:
        tx.session.get_one(Organization, vanamo.id).uses_sso = True

    with pytest.raises(NotAllowed):
        next(verdicts)

    with database.reading() as tx:
        assert people.counts(tx, vanamo.id).people == 1 + len(done)


def test_where_people_come_by_sso_no_file_is_even_looked_at(database: Database) -> None:
    organization = found(database, "vanamo", uses_sso=True)

    with pytest.raises(IdpError) as refused:
        import_people(database, organization, rows(), by=OPERATOR)

    assert refused.value.code == "organization_uses_sso"
