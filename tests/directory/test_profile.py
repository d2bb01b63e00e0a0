"""Changing a profile: M11 and M12, by whom and where."""

import pytest

from idp.audit import Event
from idp.directory import memberships, persons, profile
from idp.directory.access import Asker, FieldAccess
from idp.directory.models import Organization
from idp.directory.profile import ProfileChange, ReadOnly
from idp.errors import Invalid
from idp.foundation.database import Database
from tests.directory.aino import AINO, change
from tests.directory.world import add, events, found, read


def values(database: Database, organization: Organization | None) -> dict[str, str | None]:
    with database.reading() as tx:
        person = persons.by_username(tx, "aino")
        assert person is not None
        membership = memberships.get(tx, organization.id, person.id) if organization else None
        return profile.values(person, membership)


def federate(database: Database, organization: Organization) -> None:
    with database.transaction() as tx:
        person = persons.by_username(tx, "aino")
        assert person is not None
        membership = memberships.get(tx, organization.id, person.id)
        membership.source = "Vanamo Entra"
        membership.given_name, membership.family_name = "Aino-Maria", "Mäkinen"
        membership.email = "aino.makinen@vanamo.example"


@pytest.fixture
def vanamo(database: Database) -> Organization:
    """An organization with passwords, and Aino in it."""
    organization = found(database, "vanamo")
    add(database, organization, AINO)
    return organization


def test_people_change_name_title_unit_and_language_themselves(
    database: Database, vanamo: Organization
) -> None:
    changed = change(
        database,
        vanamo,
        {
            "given_name": " Aino-Maria ",
            "family_name": "Mäkinen",
            "title": "Lähihoitaja",
            "unit": None,
            "locale": "sv",
        },
    )

    assert changed == ProfileChange(
        changed=frozenset(("given_name", "family_name", "title", "unit", "locale"))
    )
    assert values(database, vanamo) == {
        "given_name": "Aino-Maria",
        "family_name": "Mäkinen",
        "email": "aino@vanamo.example",
        "title": "Lähihoitaja",
        "unit": "",
        "locale": "sv",
    }
    assert read(database, "aino").sort_name == persons.sort_name("Aino-Maria", "Mäkinen")
    with database.reading() as tx:
        assert events(tx, Event.PROFILE_CHANGED) == [
            {
                "before": {
                    "given_name": "Aino",
                    "family_name": "Virtanen",
                    "title": "Hoitaja",
                    "unit": "Kotihoito",
                    "locale": None,
                },
                "after": {
                    "given_name": "Aino-Maria",
                    "family_name": "Mäkinen",
                    "title": "Lähihoitaja",
                    "unit": "",
                    "locale": "sv",
                },
            }
        ]


def test_title_and_unit_are_of_one_organization_and_the_name_is_of_all(
    database: Database, vanamo: Organization
) -> None:
    kielo = found(database, "kielo")
    add(database, kielo, "aino")

    change(database, kielo, {"title": "Johtaja", "family_name": "Mäkinen"})

    assert values(database, vanamo)["title"] == "Hoitaja"
    assert values(database, vanamo)["family_name"] == "Mäkinen"


def test_what_is_as_it_was_is_no_change(database: Database, vanamo: Organization) -> None:
    same = {
        "given_name": "Aino",
        "family_name": " Virtanen ",
        "email": "aino@VANAMO.example",
        "title": "Hoitaja",
        "locale": None,
    }

    assert change(database, vanamo, same) == ProfileChange(changed=frozenset())
    with database.reading() as tx:
        assert events(tx, Event.PROFILE_CHANGED) == []
        assert events(tx, Event.EMAIL_CHANGE_REQUESTED) == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"preferred_username": "bertta"}, {"preferred_username": "username_not_changeable"}),
        ({"username": "bertta"}, {"username": "username_not_changeable"}),
        ({"sub": "x", "title": "y"}, {"sub": "fixed_field"}),
        ({"email_verified": True}, {"email_verified": "fixed_field"}),
        ({"org_roles": ["main_user"]}, {"org_roles": "fixed_field"}),
        ({"name": "Aino V"}, {"name": "fixed_field"}),
        ({"is_operator": True}, {"is_operator": "unknown_field"}),
        ({"__class__": "x"}, {"__class__": "unknown_field"}),
        ({"given_name": None}, {"given_name": "required"}),
        ({"email": None}, {"email": "required"}),
        ({"title": []}, {"title": "not_text"}),
        ({"title": 0}, {"title": "not_text"}),
        ({"locale": False}, {"locale": "locale_unknown"}),
        (
            {"given_name": "", "email": "x", "title": "Kaikki"},
            {"given_name": "required", "email": "email_invalid"},
        ),
    ],
)
def test_a_change_of_which_anything_does_not_hold_changes_nothing(
    database: Database,
    vanamo: Organization,
    changes: dict[str, object],
    fields: dict[str, str],
) -> None:
    before = values(database, vanamo)

    with pytest.raises(Invalid) as refused:
        change(database, vanamo, changes)

    assert refused.value.fields == fields
    assert values(database, vanamo) == before


@pytest.mark.parametrize("as_whom", list(Asker))
def test_what_sso_supplies_is_read_only_for_everybody_and_says_why(
    database: Database, vanamo: Organization, as_whom: Asker
) -> None:
    federate(database, vanamo)
    wanted = {"given_name": "Anna", "family_name": "A", "email": "a@b.fi", "title": "", "unit": "X"}

    with pytest.raises(ReadOnly) as refused:
        change(database, vanamo, wanted, as_whom)

    managed = FieldAccess(
        editable=False, reason="managed_by_organization_sso", source="Vanamo Entra"
    )
    assert refused.value.status == 403
    assert refused.value.code == "profile_read_only"
    assert refused.value.fields == dict.fromkeys(wanted, managed)
    assert values(database, vanamo)["given_name"] == "Aino-Maria"
    assert read(database, "aino").given_name == "Aino"


def test_one_read_only_field_keeps_all_of_a_change_back(
    database: Database, vanamo: Organization
) -> None:
    federate(database, vanamo)

    with pytest.raises(ReadOnly) as refused:
        change(database, vanamo, {"locale": "sv", "title": "Johtaja"})

    assert set(refused.value.fields) == {"title"}
    assert values(database, vanamo)["locale"] is None


def test_the_language_can_be_changed_where_sso_supplies_the_rest_sent_back_as_it_is(
    database: Database, vanamo: Organization
) -> None:
    federate(database, vanamo)
    form = {**values(database, vanamo), "locale": "en"}

    assert change(database, vanamo, form).changed == {"locale"}
    assert values(database, vanamo)["locale"] == "en"


def test_sso_of_one_organization_leaves_the_profile_editable_in_another(
    database: Database, vanamo: Organization
) -> None:
    federate(database, vanamo)
    kielo = found(database, "kielo")
    add(database, kielo, "aino")

    change(database, kielo, {"family_name": "Korhonen"})

    assert values(database, kielo)["family_name"] == "Korhonen"
    assert values(database, vanamo)["family_name"] == "Mäkinen"


def test_without_an_organization_there_is_no_title_to_change(
    database: Database, vanamo: Organization
) -> None:
    with pytest.raises(ReadOnly) as refused:
        change(database, None, {"title": "Johtaja", "unit": "Hallinto"})

    assert {field.reason for field in refused.value.fields.values()} == {"no_organization"}
    assert change(database, None, {"given_name": "Anna"}).changed == {"given_name"}
    assert values(database, None)["title"] == ""


def test_a_main_user_changes_everything_of_a_person_who_is_nowhere_else_but_the_language(
    database: Database, vanamo: Organization
) -> None:
    changed = change(database, vanamo, {"given_name": "Anna", "title": "Johtaja"}, Asker.MAIN_USER)

    assert changed.changed == {"given_name", "title"}
    with pytest.raises(ReadOnly) as refused:
        change(database, vanamo, {"locale": "sv"}, Asker.MAIN_USER)
    assert refused.value.fields["locale"].reason == "personal_choice"


def test_a_main_user_changes_only_title_and_unit_of_a_person_who_belongs_elsewhere_too(
    database: Database, vanamo: Organization
) -> None:
    add(database, found(database, "kielo"), "aino")

    assert change(database, vanamo, {"title": "Johtaja"}, Asker.MAIN_USER).changed == {"title"}
    with pytest.raises(ReadOnly) as refused:
        change(database, vanamo, {"email": "eve@vanamo.example"}, Asker.MAIN_USER)
    assert refused.value.fields["email"].reason == "belongs_to_other_organization"
    assert change(database, vanamo, {"given_name": "Anna"}).changed == {"given_name"}
