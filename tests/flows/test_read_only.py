"""M12 for people who came by a connection: every way to write refuses, for one reason, in words."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command
from click.testing import CliRunner, Result

from idp.cli import main
from idp.directory import access, memberships
from idp.directory.access import Asker, FieldAccess, Permission
from idp.directory.models import Person
from idp.migrations import moves
from tests.federated import Federated
from tests.pages import look
from tests.pages.organization.desk import token
from tests.provider import OPERATOR, Provider, TestBrowser
from tests.relying_party import RelyingParty

MANAGED = ("given_name", "family_name", "email", "title", "unit")
CONSOLE = "/organization/kuusela"
PIRKKO = {
    "sub": "upstream-pirkko",
    "preferred_username": "pirkko@kuusela.fi",
    "given_name": "Pirkko",
    "family_name": "Pohjola",
    "email": "pirkko@kuusela.fi",
}
LANGUAGES = ("fi", "sv", "en")


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return RelyingParty(provider)


@pytest.fixture
def maija(kuusela: Federated, party: RelyingParty) -> TestBrowser:
    """The browser in which Maija has arrived."""
    browser = kuusela.provider.browser()
    kuusela.arrive(browser)
    return browser


@pytest.fixture
def pirkko(kuusela: Federated, maija: TestBrowser) -> TestBrowser:
    """The browser of a main user who arrived the same way as everybody."""
    kuusela.upstream.person = dict(PIRKKO)
    kuusela.arrive(kuusela.provider.browser())
    with kuusela.provider.database.transaction() as tx:
        who = kuusela.person("upstream-pirkko").id
        memberships.change_roles(tx, kuusela.organization.id, who, ("main_user",), by=OPERATOR)
    browser = kuusela.provider.browser()
    kuusela.arrive(browser)
    return browser


def facts(kuusela: Federated) -> tuple[Person, Any, Any]:
    """Maija, what she is in Kuusela, and Kuusela."""
    with kuusela.provider.database.reading() as tx:
        person = tx.session.get_one(Person, kuusela.person().id)
        membership = memberships.get(tx, kuusela.organization.id, person.id)
        return person, membership, membership.organization


def allowed(kuusela: Federated, asker: Asker) -> dict[str, FieldAccess]:
    """What the one function says of Maija's profile."""
    return access.profile_access(*facts(kuusela), asker=asker)


def target(kuusela: Federated) -> access.Target:
    return access.target(*facts(kuusela), belongs_elsewhere=False)


def speak(browser: TestBrowser, language: str) -> TestBrowser:
    browser.headers["Accept-Language"] = language
    return browser


def said(refused: FieldAccess | Permission, language: str) -> str:
    assert refused.reason
    return access.explain(refused, language)


def test_one_function_says_the_same_to_the_person_the_main_user_and_the_operator(
    kuusela: Federated, maija: TestBrowser
) -> None:
    managed = FieldAccess(
        editable=False, reason="managed_by_organization_sso", source=kuusela.row.name
    )
    for asker in Asker:
        may = allowed(kuusela, asker)
        assert {name: may[name] for name in MANAGED} == dict.fromkeys(MANAGED, managed)
    assert allowed(kuusela, Asker.SELF)["locale"].editable


@pytest.mark.parametrize("language", LANGUAGES)
def test_her_own_page_shows_the_fields_locked_and_refuses_what_is_sent_anyway(
    kuusela: Federated, maija: TestBrowser, language: str
) -> None:
    page = speak(maija, language).open("/account/profile")
    assert f'<html lang="{language}"' in page.text
    assert all(look.is_locked(page, name) for name in MANAGED)
    refused = maija.submit(page, **dict.fromkeys(MANAGED, "other@kuusela.fi"))
    assert refused.status_code == 403
    why = said(allowed(kuusela, Asker.SELF)["email"], language)
    assert look.text(refused).count(why) >= len(MANAGED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_patch_of_userinfo_refuses_with_the_reason_the_source_and_a_sentence(
    kuusela: Federated, maija: TestBrowser, party: RelyingParty, language: str
) -> None:
    """D4; the same sentence that userinfo says beside the value."""
    code = party.answer(party.authorize(maija, organization="kuusela"))["code"]
    bearer = {"Authorization": f"Bearer {party.redeem(code).json()['access_token']}"}
    refused = party.http.patch(
        "/userinfo",
        json=dict.fromkeys(MANAGED, "other@kuusela.fi"),
        headers={
            **bearer,
            "Content-Type": "application/merge-patch+json",
            "Accept-Language": language,
        },
    )
    assert refused.status_code == 403
    fields = refused.json()["fields"]
    assert set(fields) == set(MANAGED)
    for name in MANAGED:
        may = allowed(kuusela, Asker.SELF)[name]
        assert (fields[name]["reason"], fields[name]["source"]) == (may.reason, may.source)
        assert fields[name]["description"] == said(may, language)
    told = party.userinfo(bearer["Authorization"].partition(" ")[2]).json()["profile_access"]
    assert {name: told[name]["reason"] for name in MANAGED} == {
        name: fields[name]["reason"] for name in MANAGED
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_users_form_is_locked_and_refuses_the_same(
    kuusela: Federated, pirkko: TestBrowser, language: str
) -> None:
    path = f"{CONSOLE}/people/{kuusela.person().id}/edit"
    page = speak(pirkko, language).open(path)
    assert f'<html lang="{language}"' in page.text
    shown = ("given_name", "family_name", "title", "unit")
    assert all(look.is_locked(page, name) for name in shown)
    refused = send(pirkko, path, **dict.fromkeys(shown, "Toinen"))
    assert refused.status_code == 403
    assert said(allowed(kuusela, Asker.MAIN_USER)["title"], language) in look.text(refused)
    assert kuusela.membership(kuusela.person().id).title == "Ylilääkäri"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_user_sends_no_password_link_changes_no_username_and_no_email(
    kuusela: Federated, pirkko: TestBrowser, language: str
) -> None:
    """M10, M12, M18: what the page says is what the deed says."""
    person = f"{CONSOLE}/people/{kuusela.person().id}"
    page = look.text(speak(pirkko, language).open(person))
    link = access.may_send_password_link(target(kuusela))
    username = access.may_rename_username(Asker.MAIN_USER, target(kuusela))
    for refused in (link, username):
        assert said(refused, language) in page
    answers = (
        (send(pirkko, f"{person}/link"), said(link, language)),
        (
            send(pirkko, f"{person}/username", username="x@kuusela.fi", reason="Syy"),
            said(username, language),
        ),
        (
            send(pirkko, f"{person}/email", email="x@kuusela.fi"),
            said(allowed(kuusela, Asker.MAIN_USER)["email"], language),
        ),
    )
    for answer, why in answers:
        assert answer.status_code == 403
        assert why in look.text(answer)
    maija = kuusela.person()
    assert maija.username == "maija@kuusela.fi"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_added_by_hand_or_from_a_file(
    kuusela: Federated, pirkko: TestBrowser, language: str
) -> None:
    """M9: they come by themselves; the page says so, with the same words as the refusals."""
    why = said(access.may_add_people(facts(kuusela)[2]), language)
    speak(pirkko, language)
    csv = b"username,given_name,family_name\nmaija@kuusela.fi,Maria,Virtanen\n"
    answers = (
        pirkko.open(f"{CONSOLE}/people/new"),
        pirkko.open(f"{CONSOLE}/people/import"),
        pirkko.post(
            f"{CONSOLE}/people/import",
            data={"csrf_token": token(pirkko)},
            files={"file": ("people.csv", csv, "text/csv")},
        ),
    )
    for answer in answers:
        assert answer.status_code == 403
        assert why in look.text(answer)
    assert facts(kuusela)[1].given_name == "Maija"


def test_the_command_line_refuses_the_same(
    kuusela: Federated, maija: TestBrowser, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("username,given_name,family_name\nmaija@kuusela.fi,Maria,Virtanen\n")
    adding = said(access.may_add_people(facts(kuusela)[2]), "en")
    linking = said(access.may_send_password_link(target(kuusela)), "en")
    there = ("--organization", "kuusela")
    names = ("--given-name", "Maria", "--family-name", "Virtanen")
    refused = {
        ("person", "add", "uusi@kuusela.fi", *there, *names): adding,
        ("person", "add", "maija@kuusela.fi", *there, *names): adding,
        ("person", "import", str(file), *there): adding,
        ("person", "import", str(file), *there, "--dry-run"): adding,
        ("person", "link", "maija@kuusela.fi"): linking,
    }
    for words, why in refused.items():
        ran = run(kuusela.provider, tmp_path, *words)
        assert ran.exit_code == 1, (words, ran.output)
        assert why in ran.stderr, (words, ran.stderr)
    assert facts(kuusela)[1].given_name == "Maija"


def send(browser: TestBrowser, path: str, **values: str) -> httpx.Response:
    """A form of one's own making, with a valid token."""
    data = {"csrf_token": token(browser), **values}
    return browser.follow(browser.post(path, data=data))


def run(provider: Provider, folder: Path, *words: str) -> Result:
    """The command ``idp`` on the provider's own stores, whose tables are of this version."""
    with provider.database.engine.connect() as connection:
        command.stamp(moves.config(connection), "head")
        connection.commit()
    settings = folder / "config.toml"
    settings.write_text(
        f'issuer = "{provider.settings.issuer}"\n'
        f"[database]\nurl = {json.dumps(provider.settings.database.url)}\n"
        f'[mail]\nurl = "file:{folder / "mail"}"\n'
        f'[keys]\ndirectory = "{provider.folder / "keys"}"\n'
    )
    return CliRunner().invoke(main, ["--config", str(settings), *words])
