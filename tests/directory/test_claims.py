"""The claims of userinfo (docs: contract, "Claims of our own")."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from idp.directory.claims import CLAIMS, Standing, claims

AINO = Standing(
    person_id="aino-sub",
    username="aino@vanamo.example",
    own_given_name="Aino",
    own_family_name="Virtanen",
    own_email="aino@vanamo.example",
    email_confirmed_at=datetime(2026, 1, 1, tzinfo=UTC),
    locale="sv",
    organization_id="vanamo-id",
    slug="vanamo",
    name="Vanamo",
    title="Hoitaja",
    unit="Kotihoito",
    is_main_user=True,
)
FEDERATED = replace(
    AINO,
    source="Vanamo Entra",
    uses_sso=True,
    given_name="Aino-Maria",
    family_name="Mäkinen",
    email="aino.makinen@vanamo.example",
)
NOWHERE = Standing(
    person_id="olli-sub", username="olli", own_given_name="Olli", own_family_name="Öhman"
)
OF_ORGANIZATION = {
    "sub": "aino-sub",
    "org_id": "vanamo-id",
    "org": "vanamo",
    "org_name": "Vanamo",
    "org_roles": ["main_user"],
}


def test_without_a_scope_it_is_said_who_and_where() -> None:
    assert claims(AINO, ["openid"], locale="fi") == OF_ORGANIZATION


def test_the_profile_is_the_persons_own_where_they_keep_it() -> None:
    said = claims(AINO, ["openid", "profile"], locale="fi")

    assert said.pop("profile_access") == {
        name: {"editable": True}
        for name in ("given_name", "family_name", "email", "title", "unit", "locale")
    }
    assert said == OF_ORGANIZATION | {
        "name": "Aino Virtanen",
        "given_name": "Aino",
        "family_name": "Virtanen",
        "preferred_username": "aino@vanamo.example",
        "locale": "sv",
        "title": "Hoitaja",
        "unit": "Kotihoito",
    }


def test_the_profile_is_the_organizations_where_its_sso_supplies_it() -> None:
    said = claims(FEDERATED, ["profile", "email"], locale="fi")

    assert said["name"] == "Aino-Maria Mäkinen"
    assert (said["given_name"], said["family_name"]) == ("Aino-Maria", "Mäkinen")
    assert said["email"] == "aino.makinen@vanamo.example"
    assert said["preferred_username"] == "aino@vanamo.example"


def test_what_the_sso_leaves_out_is_the_persons_own() -> None:
    said = claims(
        replace(FEDERATED, given_name=None, email=None), ["profile", "email"], locale="fi"
    )

    assert said["name"] == "Aino Mäkinen"
    assert (said["email"], said["email_verified"]) == ("aino@vanamo.example", True)


def test_what_a_connection_left_behind_counts_no_more() -> None:
    said = claims(replace(FEDERATED, source=None), ["profile", "email"], locale="fi")

    assert (said["name"], said["email"]) == ("Aino Virtanen", "aino@vanamo.example")


@pytest.mark.parametrize(
    ("standing", "verified"),
    [
        (AINO, True),
        (replace(AINO, email_confirmed_at=None), False),
        (FEDERATED, False),
        (replace(FEDERATED, email=AINO.own_email), True),
    ],
)
def test_an_email_is_verified_only_where_we_proved_it_ourselves(
    standing: Standing, verified: bool
) -> None:
    assert claims(standing, ["email"], locale="fi")["email_verified"] is verified


def test_no_claim_is_null_or_an_empty_text() -> None:
    everything = list(CLAIMS)
    bare = replace(AINO, title="", unit="", locale=None, own_email=None, is_main_user=False)

    assert claims(bare, [], locale="fi", requested=everything) == {
        "sub": "aino-sub",
        "org_id": "vanamo-id",
        "org": "vanamo",
        "org_name": "Vanamo",
        "org_roles": [],
        "name": "Aino Virtanen",
        "given_name": "Aino",
        "family_name": "Virtanen",
        "preferred_username": "aino@vanamo.example",
        "profile_access": claims(bare, ["profile"], locale="fi")["profile_access"],
        "organizations": [],
    }


def test_without_an_organization_none_is_spoken_of() -> None:
    said = claims(NOWHERE, ["profile", "email"], locale="fi")

    assert set(said) == {
        "sub",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "profile_access",
    }
    assert said["profile_access"]["title"]["reason"] == "no_organization"


def test_profile_access_says_why_and_where_from_in_the_persons_language() -> None:
    said = claims(FEDERATED, ["profile"], locale="fi")["profile_access"]

    assert said["locale"] == {"editable": True}
    for name in ("given_name", "family_name", "email", "title", "unit"):
        description = said[name].pop("description")
        assert "Vanamo Entra" in description
        assert said[name] == {
            "editable": False,
            "reason": "managed_by_organization_sso",
            "source": "Vanamo Entra",
        }
    swedish = claims(FEDERATED, ["profile"], locale="fi")["profile_access"]["title"]["description"]
    finnish = claims(replace(FEDERATED, locale=None), ["profile"], locale="fi")["profile_access"]
    assert swedish != finnish["title"]["description"]


def test_profile_access_names_the_organization_where_the_person_never_came_by_its_sso() -> None:
    said = claims(replace(AINO, uses_sso=True), ["profile"], locale="fi")["profile_access"]

    assert said["title"]["source"] == "Vanamo"


def test_all_organizations_are_told_to_who_may_know_them() -> None:
    other = replace(
        AINO, organization_id="kielo-id", slug="kielo", name="Kielo", title="", unit="",
        is_main_user=False, is_it_admin=True,
    )  # fmt: skip

    said = claims(AINO, ["organizations"], locale="fi", organizations=[AINO, other])

    assert said["organizations"] == [
        {
            "org_id": "vanamo-id",
            "org": "vanamo",
            "org_name": "Vanamo",
            "org_roles": ["main_user"],
            "title": "Hoitaja",
            "unit": "Kotihoito",
        },
        {"org_id": "kielo-id", "org": "kielo", "org_name": "Kielo", "org_roles": ["it_admin"]},
    ]
    assert "organizations" not in claims(AINO, ["profile"], locale="fi", organizations=[AINO])


def test_a_claim_can_be_asked_for_by_its_name() -> None:
    said = claims(AINO, [], locale="fi", requested=["title", "unheard_of"])

    assert said == OF_ORGANIZATION | {"title": "Hoitaja"}
