"""Changing somebody's name, title, unit and roles (M2, M12)."""

import httpx
import pytest

from tests.pages import look
from tests.pages.organization.desk import Desk
from tests.provider import Account


def edit(desk: Desk, account: Account, **values: str) -> httpx.Response:
    """Save the form of editing; a box is ticked by saying ``y``."""
    return desk.browser.submit(desk.browser.open(desk.path(account, "edit")), **values)


def test_m2_name_title_unit_and_roles_change_together(desk: Desk, aino: Account) -> None:
    page = edit(
        desk,
        aino,
        family_name="Aalto",
        title="Johtaja",
        unit="Laatu",
        main_user="y",
    )

    member = desk.membership(aino)
    assert member
    assert look.notices(page) == ["Tiedot on tallennettu."]
    assert look.heading(page) == "Aino Aalto"
    assert (member.title, member.unit, member.roles) == ("Johtaja", "Laatu", ["main_user"])


def test_the_form_shows_what_is_and_an_unticked_role_is_taken(desk: Desk) -> None:
    paula = desk.person("paula@example.fi", "Paula", "Paananen", roles=("main_user", "it_admin"))
    page = desk.browser.open(desk.path(paula, "edit"))
    assert look.value(page, "given_name") == "Paula"
    assert page.text.count(" checked ") == 2
    edit(desk, paula, it_admin="y")

    member = desk.membership(paula)
    assert member
    assert member.roles == ["it_admin"]


def test_nothing_of_a_form_that_does_not_hold_is_kept(desk: Desk, aino: Account) -> None:
    page = edit(desk, aino, given_name=" ", title="Johtaja", main_user="y")

    member = desk.membership(aino)
    assert member
    assert page.status_code == 422
    assert look.errors(page) == {"given_name": "Etunimi puuttuu. Täytä kohta."}
    assert (member.title, member.roles) == ("", [])


def test_the_name_of_somebody_who_belongs_elsewhere_too_is_locked_with_the_reason(
    desk: Desk,
) -> None:
    jaana = desk.shared()
    page = desk.browser.open(desk.path(jaana, "edit"))
    assert look.is_locked(page, "given_name")
    assert not look.is_locked(page, "title")
    edit(desk, jaana, title="Johtaja")

    member = desk.membership(jaana)
    assert member
    assert member.title == "Johtaja"


def test_a_locked_name_that_comes_changed_all_the_same_is_refused_and_nothing_kept(
    desk: Desk,
) -> None:
    jaana = desk.shared()
    page = edit(desk, jaana, given_name="Jaanaliisa", title="Johtaja", main_user="y")

    member = desk.membership(jaana)
    assert member
    assert page.status_code == 403
    assert desk.provider.load(jaana.id).given_name == "Jaana"
    assert (member.title, member.roles) == ("", [])


def test_m12_what_single_sign_on_supplies_is_refused_but_roles_are_ours(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.browser = desk.signed_in(desk.operator())
    desk.use_sso(aino)
    page = desk.browser.open(desk.path(aino, "edit"))
    assert all(look.is_locked(page, name) for name in ("given_name", "title", "unit"))
    assert edit(desk, aino, title="Johtaja").status_code == 403
    edit(desk, aino, it_admin="y")

    member = desk.membership(aino)
    assert member
    assert (member.title, member.roles) == ("", ["it_admin"])


def test_the_last_main_user_keeps_the_role(desk: Desk) -> None:
    page = edit(desk, desk.pirkko, title="Johtaja")

    member = desk.membership(desk.pirkko)
    assert member
    assert page.status_code == 403
    assert "ainoa pääkäyttäjä" in look.errors(page)["main_user"]
    assert (member.title, member.roles) == ("", ["main_user"])


def test_a_main_user_who_gives_the_role_away_lands_on_their_own_page(desk: Desk) -> None:
    desk.person("paula@example.fi", roles=("main_user",))
    page = edit(desk, desk.pirkko)

    assert page.url.path == "/account"
    assert desk.open().status_code == 404


@pytest.mark.parametrize("field", ["email", "username", "is_operator", "locale", "source"])
def test_a_field_that_the_form_does_not_have_changes_nothing(
    desk: Desk, aino: Account, field: str
) -> None:
    before = desk.provider.load(aino.id)
    edit(desk, aino, **{field: "x@example.fi"})
    after = desk.provider.load(aino.id)

    for name in ("email", "username", "is_operator", "locale"):
        assert getattr(after, name) == getattr(before, name)
