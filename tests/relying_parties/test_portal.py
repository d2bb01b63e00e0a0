"""The example portal, as a process of its own, is signed in to and out of through the provider."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest

from tests.live import LivePerson, LiveServer
from tests.relying_parties.portal_server import PortalServer
from tests.relying_parties.surfer import Page, Surfer

SIGN_OUT = "/logout"
PROFILE = "/profile"
TOKENS = {"access_token", "refresh_token", "id_token"}


def sign_in(portal: PortalServer, surfer: Surfer, person: LivePerson, target: str = "/") -> Page:
    """The page of the portal that a person sees who signed in to get there."""
    wish = urlencode({"target_link_uri": portal.url + target})
    return surfer.sign_in(surfer.open(f"{portal.url}/login?{wish}"), person)


def is_signed_in(portal: PortalServer, surfer: Surfer) -> bool:
    """Whether the portal knows this browser; its pages then have a form to sign out with."""
    return any(form.action == SIGN_OUT for form in surfer.open(portal.url).forms)


def authorization_request(portal: PortalServer, surfer: Surfer) -> dict[str, list[str]]:
    """What the portal asks of the provider for this browser."""
    page = surfer.open(f"{portal.url}/login", until=portal.issuer)
    return parse_qs(urlsplit(page.url).query)


def test_the_request_asks_for_pkce_a_nonce_and_a_state(
    portal: PortalServer, surfer: Surfer
) -> None:
    asked = authorization_request(portal, surfer)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43  # SHA-256 in base64url (RFC 7636 section 4.2)
    assert asked["state"][0] != asked["nonce"][0]
    again = authorization_request(portal, surfer)
    assert not {*asked["state"], *asked["nonce"], *asked["code_challenge"]} & {
        *again["state"],
        *again["nonce"],
        *again["code_challenge"],
    }


def test_a_person_signs_in_and_lands_where_they_were_going(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    page = sign_in(portal, surfer, person, target=PROFILE)
    assert page.url == portal.url + PROFILE
    assert person.username in page.text
    assert "Käyttäjäprofiili" in page.text


def test_a_foreign_target_leads_to_the_front_page(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    wish = urlencode({"target_link_uri": "https://elsewhere.example/"})
    page = surfer.sign_in(surfer.open(f"{portal.url}/login?{wish}"), person)
    assert page.url == f"{portal.url}/"


def test_the_provider_may_start_a_sign_in_and_nobody_else(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    ours = urlencode({"iss": portal.issuer, "target_link_uri": portal.url + PROFILE})
    page = surfer.sign_in(surfer.open(f"{portal.url}/login?{ours}"), person)
    assert page.url == portal.url + PROFILE
    theirs = urlencode({"iss": "https://elsewhere.example"})
    assert surfer.open(f"{portal.url}/login?{theirs}").status == 400


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        pytest.param({}, 403, id="the provider says no"),
        pytest.param({"iss": None}, 400, id="nobody says who answers"),
        pytest.param({"iss": "https://elsewhere.example"}, 400, id="another issuer answers"),
        pytest.param({"state": "invented"}, 400, id="nobody asked"),
    ],
)
def test_an_answer_without_a_code_signs_nobody_in_and_leads_onward(
    portal: PortalServer, surfer: Surfer, changed: dict[str, str | None], status: int
) -> None:
    state = authorization_request(portal, surfer)["state"][0]
    answer = {"state": state, "iss": portal.issuer, "error": "access_denied", **changed}
    sent = {name: value for name, value in answer.items() if value is not None}
    page = surfer.open(f"{portal.url}/callback?{urlencode(sent)}")
    assert page.status == status
    assert "data-reference" in page.text
    assert 'href="/login' in page.text
    assert not is_signed_in(portal, surfer)


def test_an_answer_counts_only_in_the_browser_that_asked_and_only_once(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    page = surfer.open(f"{portal.url}/login")
    callback = surfer.sign_in(page, person, until=f"{portal.url}/callback").url
    with Surfer() as stranger:
        assert stranger.open(callback).status == 400
        assert not is_signed_in(portal, stranger)
    assert surfer.open(callback).url == f"{portal.url}/"
    assert is_signed_in(portal, surfer)
    with Surfer() as stranger:
        assert stranger.open(callback).status == 400


def test_signing_out_ends_both_sessions(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    page = sign_in(portal, surfer, person)
    asked = surfer.submit(page, page.form(SIGN_OUT), until=portal.issuer).url
    assert not is_signed_in(portal, surfer)
    page = surfer.sign_out(asked, until=f"{portal.url}/signed-out")
    page = surfer.open(page.url)
    assert "Olet kirjautunut ulos" in page.text
    page = surfer.open(f"{portal.url}/login")
    assert any(form.password_field for form in page.forms)


def test_a_sign_out_that_the_portal_did_not_ask_for_says_nothing(
    portal: PortalServer, surfer: Surfer
) -> None:
    assert surfer.open(f"{portal.url}/signed-out?state=invented").url == f"{portal.url}/"


def test_a_sign_out_elsewhere_ends_the_portal_session_from_behind(
    live_server: LiveServer, portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    sign_in(portal, surfer, person)
    # Under another host name: cookies do not know ports, and the two must not share a session.
    with PortalServer(live_server, host="127.0.0.1") as other:
        page = surfer.open(f"{other.url}/login")  # the provider's session is enough
        assert page.url == f"{other.url}/"
        assert is_signed_in(portal, surfer)
        asked = surfer.submit(page, page.form(SIGN_OUT), until=portal.issuer).url
        surfer.sign_out(asked, until=f"{other.url}/signed-out")
        portal.process.wait_until(lambda: not is_signed_in(portal, surfer))


@pytest.mark.parametrize("path", [SIGN_OUT, PROFILE])
def test_a_form_that_the_portal_did_not_make_changes_nothing(
    portal: PortalServer, surfer: Surfer, person: LivePerson, path: str
) -> None:
    page = sign_in(portal, surfer, person, target=PROFILE)
    before = page.form(PROFILE).fields
    answer = surfer.submit(page, page.form(path), csrf="invented", given_name="Toinen")
    assert answer.status == 400
    after = surfer.open(portal.url + PROFILE).form(PROFILE).fields
    assert after == before


def test_the_profile_is_saved_through_the_provider(
    portal: PortalServer, surfer: Surfer, newcomer: LivePerson
) -> None:
    page = sign_in(portal, surfer, newcomer, target=PROFILE)
    page = surfer.submit(page, page.form(PROFILE), given_name="Maija-Liisa", unit="Yksikkö 4")
    assert "Tiedot on tallennettu" in page.text
    with Surfer() as elsewhere:
        page = sign_in(portal, elsewhere, newcomer, target=PROFILE)
        assert page.form(PROFILE).fields["given_name"] == "Maija-Liisa"
        assert page.form(PROFILE).fields["unit"] == "Yksikkö 4"


def test_what_the_provider_refuses_is_shown_at_its_field_and_stays_typed(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    page = sign_in(portal, surfer, person, target=PROFILE)
    before = page.form(PROFILE).fields
    page = surfer.submit(page, page.form(PROFILE), given_name="", title="Johtaja")
    assert page.status == 422
    assert 'id="given_name-refusal"' in page.text
    assert page.form(PROFILE).fields["given_name"] == ""
    assert page.form(PROFILE).fields["title"] == "Johtaja"
    fields = surfer.open(portal.url + PROFILE).form(PROFILE).fields
    assert fields["given_name"] == before["given_name"]
    assert fields["title"] == before["title"]  # nothing half done


def test_a_new_address_waits_until_it_is_confirmed(
    portal: PortalServer, surfer: Surfer, newcomer: LivePerson
) -> None:
    page = sign_in(portal, surfer, newcomer, target=PROFILE)
    present = page.form(PROFILE).fields["email"]
    page = surfer.submit(page, page.form(PROFILE), email="uusi.osoite@example.fi")
    assert "uusi.osoite@example.fi odottaa vahvistusta" in page.text
    assert page.form(PROFILE).fields["email"] == present


def test_an_expired_access_token_is_refreshed_and_the_new_refresh_token_kept(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    sign_in(portal, surfer, person)
    seen = set()
    for _ in range(3):
        portal.execute("UPDATE session SET tokens = json_set(tokens, '$.expires_at', 0)")
        assert surfer.open(portal.url + PROFILE).status == 200
        [(refresh_token,)] = portal.execute("SELECT tokens ->> '$.refresh_token' FROM session")
        seen.add(refresh_token)
    assert len(seen) == 3


def test_a_dead_refresh_token_ends_the_session_and_asks_to_sign_in(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    sign_in(portal, surfer, person)
    portal.execute(
        "UPDATE session SET tokens = json_set(tokens, '$.expires_at', 0, '$.refresh_token', 'dead')"
    )
    page = surfer.open(portal.url + PROFILE)
    assert page.status == 401
    assert 'href="/login' in page.text
    assert not is_signed_in(portal, surfer)


def test_a_changed_username_is_told_and_the_records_stay_with_the_person(
    live_server: LiveServer, portal: PortalServer, surfer: Surfer, newcomer: LivePerson
) -> None:
    sign_in(portal, surfer, newcomer)
    [(sub,)] = portal.execute("SELECT sub FROM person")
    name = f"uusi.{newcomer.username}"
    live_server.idp("person", "rename", newcomer.username, name, "--reason", "avioliitto")
    page = surfer.open(portal.url + PROFILE)
    assert f"Aiemmat käyttäjätunnuksesi: {newcomer.username}" in page.text
    assert portal.execute("SELECT sub, username FROM person") == [(sub, name)]
    notice = f"ennen {newcomer.username}, nyt {name}"
    assert notice in surfer.open(portal.url).text
    assert notice not in surfer.open(portal.url).text


def test_a_person_of_two_organizations_switches_between_them(
    live_server: LiveServer, portal: PortalServer, surfer: Surfer, newcomer: LivePerson
) -> None:
    slug = f"lehtola-{uuid4().hex[:8]}"
    live_server.idp("organization", "create", slug, "--name", "Lehtola")
    names = ("--given-name", "Maija", "--family-name", "Meikäläinen", "--title", "Valvoja")
    live_server.idp("person", "add", newcomer.username, "--organization", slug, *names, "--no-mail")
    page = surfer.open(f"{portal.url}/login?organization=kuusela")
    page = surfer.sign_in(page, newcomer)
    assert "Toimit organisaatiossa Kuusela." in page.text
    assert f"/login?organization={slug}" in page.text
    page = surfer.open(f"{portal.url}/login?organization={slug}")
    assert "Toimit organisaatiossa Lehtola." in page.text
    page = surfer.open(portal.url + PROFILE)
    assert page.form(PROFILE).fields["title"] == "Valvoja"


def test_the_portal_logs_neither_codes_nor_tokens(
    portal: PortalServer, surfer: Surfer, person: LivePerson
) -> None:
    page = surfer.open(f"{portal.url}/login")
    callback = surfer.sign_in(page, person, until=f"{portal.url}/callback").url
    surfer.open(callback)
    page = surfer.open(portal.url + PROFILE)
    [(tokens,)] = portal.execute("SELECT tokens FROM session")
    surfer.submit(page, page.form(SIGN_OUT), until=portal.issuer)
    secrets = {name: value for name, value in json.loads(tokens).items() if name in TOKENS}
    assert secrets.keys() == TOKENS
    secrets["code"] = parse_qs(urlsplit(callback).query)["code"][0]
    assert "/callback" in portal.log
    assert [name for name, value in secrets.items() if value in portal.log] == []


@pytest.mark.parametrize(
    ("language", "words"), [("fi", "Kirjaudu ulos"), ("sv", "Logga ut"), ("en", "Sign out")]
)
def test_the_portal_speaks_the_language_that_was_picked(
    portal: PortalServer, surfer: Surfer, person: LivePerson, language: str, words: str
) -> None:
    sign_in(portal, surfer, person)
    assert f'<html lang="{language}">' in surfer.open(f"{portal.url}/?lang={language}").text
    assert words in surfer.open(portal.url).text
