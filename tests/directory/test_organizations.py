"""Founding, finding, suspending and resuming an organization (M1)."""

import pytest

from idp.audit import Event
from idp.directory import organizations
from idp.errors import Invalid, NotFound
from idp.foundation.database import Database
from tests.directory.world import OPERATOR, events, found


def create(database: Database, slug: str, name: str = "Vanamo", locale: str = "fi") -> None:
    with database.transaction() as tx:
        organizations.create(tx, slug, name, by=OPERATOR, locale=locale)


def test_an_organization_is_found_by_its_slug_and_by_its_id(database: Database) -> None:
    create(database, "vanamo", "Vanamon hyvinvointialue", "sv")

    with database.reading() as tx:
        organization = organizations.by_slug(tx, "vanamo")
        assert organizations.get(tx, organization.id).slug == "vanamo"
        assert events(tx, Event.ORGANIZATION_CREATED) == [
            {"slug": "vanamo", "name": "Vanamon hyvinvointialue"}
        ]
    assert (organization.name, organization.locale) == ("Vanamon hyvinvointialue", "sv")
    assert (organization.uses_sso, organization.suspended_at) == (False, None)


@pytest.mark.parametrize("slug", ["kielo", "", "../vanamo", "VANAMO", "va\x00namo", "\ud800"])
def test_an_organization_that_is_not_there_is_not_found(database: Database, slug: str) -> None:
    create(database, "vanamo")

    with database.reading() as tx:
        with pytest.raises(NotFound):
            organizations.by_slug(tx, slug)
        with pytest.raises(NotFound):
            organizations.get(tx, slug)


@pytest.mark.parametrize("slug", ["a", "vanamo", "vanamo-2", "2026", "x" * 63])
def test_a_slug_is_a_label_of_a_host_name(database: Database, slug: str) -> None:
    create(database, slug)

    with database.reading() as tx:
        assert organizations.by_slug(tx, slug).slug == slug


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("", "required"),
        ("Vanamo", "slug_invalid"),
        ("äänekoski", "slug_invalid"),
        ("-vanamo", "slug_invalid"),
        ("vanamo-", "slug_invalid"),
        ("va namo", "slug_invalid"),
        ("va/namo", "slug_invalid"),
        ("va.namo", "slug_invalid"),
        ("x" * 64, "too_long"),
    ],
)
def test_nothing_else_is_a_slug(database: Database, slug: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(database, slug)

    assert refused.value.fields == {"slug": code}


def test_a_slug_that_is_taken_is_refused_and_all_else_that_is_wrong_said_at_once(
    database: Database,
) -> None:
    create(database, "vanamo")
    with pytest.raises(Invalid) as taken:
        create(database, "vanamo")
    with pytest.raises(Invalid) as wrong:
        create(database, "Vanamo", " ", "")

    assert taken.value.fields == {"slug": "slug_taken"}
    assert wrong.value.fields == {"slug": "slug_invalid", "name": "required", "locale": "required"}


def test_all_organizations_are_listed_by_name(database: Database) -> None:
    create(database, "b", "Vanamo")
    create(database, "a", "Kielo")

    with database.reading() as tx:
        assert [each.name for each in organizations.all(tx)] == ["Kielo", "Vanamo"]


def test_suspending_and_resuming_are_done_once_however_often_they_are_asked(
    database: Database,
) -> None:
    organization = found(database, "vanamo")
    states = []
    for deed in (
        organizations.suspend,
        organizations.suspend,
        organizations.resume,
        organizations.resume,
    ):
        with database.transaction() as tx:
            deed(tx, organization.id, by=OPERATOR)
        with database.reading() as tx:
            states.append(organizations.get(tx, organization.id).suspended_at is not None)

    assert states == [True, True, False, False]
    with database.reading() as tx:
        assert len(events(tx, Event.ORGANIZATION_SUSPENDED)) == 1
        assert len(events(tx, Event.ORGANIZATION_RESUMED)) == 1
