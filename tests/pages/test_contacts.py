"""Whom an error page names: the main users of one's organizations (M16), or support (M19)."""

import pytest

from idp.directory.models import Membership
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import Provider


@pytest.fixture(autouse=True)
def _organization(provider: Provider) -> None:
    provider.organization()


def test_m16_a_stranger_is_told_in_general_whom_to_ask(provider: Provider) -> None:
    provider.person("paula@example.fi", roles=("main_user",), given_name="Paula")

    page = provider.browser().get("/no/such/page")

    assert "ota yhteyttä organisaatiosi pääkäyttäjään tai valvojaan" in look.text(page)
    assert "Paula" not in page.text


def test_m16_the_main_users_are_named_to_their_people(provider: Provider) -> None:
    provider.person("paula@example.fi", roles=("main_user",), given_name="Paula")
    browser = signed_in(provider, provider.person())

    page = browser.get("/no/such/page")

    assert "Kuusela" in look.text(page)
    assert "Paula Meikäläinen" in look.text(page)
    assert "mailto:paula@example.fi" in look.links(page)
    assert "/account" in look.links(page)


def test_m16_a_main_user_who_is_locked_out_is_not_named(provider: Provider) -> None:
    paula = provider.person("paula@example.fi", roles=("main_user",), given_name="Paula")
    with provider.database.transaction() as tx:
        for membership in tx.session.query(Membership).filter_by(person_id=paula.id):
            membership.locked_at = membership.created_at

    page = signed_in(provider, provider.person()).get("/no/such/page")

    assert "Paula" not in page.text
    assert "pääkäyttäjään tai valvojaan" in look.text(page)


def test_m16_the_main_users_of_other_organizations_are_not_named(provider: Provider) -> None:
    provider.organization("lehtola")
    provider.person("lea@example.fi", slug="lehtola", roles=("main_user",), given_name="Lea")

    page = signed_in(provider, provider.person()).get("/no/such/page")

    assert "Lea" not in page.text


def test_m19_a_main_user_is_led_to_support(provider: Provider) -> None:
    provider.person("toinen@example.fi", roles=("main_user",), given_name="Toinen")
    browser = signed_in(provider, provider.person(roles=("main_user",)))

    page = browser.get("/no/such/page")

    assert "Pääkäyttäjänä saat apua käyttötuesta: tuki@example.fi" in look.text(page)
    assert "Toinen" not in page.text
