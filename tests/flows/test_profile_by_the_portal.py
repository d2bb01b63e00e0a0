"""The profile through the portal: userinfo read and written (M11, M12, M17, D4)."""

from typing import Any

import pytest

from idp.directory.models import Membership, Organization
from tests.provider import Provider
from tests.relying_party import RelyingParty

MAIJA = "maija@example.fi"


def federate(provider: Provider, person_id: str) -> None:
    """Make Kuusela an organization whose people come through its own sign-in."""
    with provider.database.transaction() as tx:
        organization = tx.session.query(Organization).one()
        membership = tx.session.get_one(Membership, (person_id, organization.id))
        membership.source = "Kuusela Entra ID"
        membership.given_name = "Maija-Liisa"
        membership.email = "maija.liisa@kuusela.example"


def test_m11_name_title_unit_and_locale_change_at_once(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    changes = {
        "given_name": "Maria",
        "family_name": "Virtanen",
        "title": "Johtaja",
        "unit": "Laatu",
        "locale": "sv",
    }
    answer = party.patch(tokens["access_token"], changes)
    assert answer.status_code == 200
    said = party.userinfo(tokens["access_token"]).json()
    assert {name: said[name] for name in changes} == changes
    assert answer.json() == said


def test_m11_a_new_email_counts_only_once_confirmed_by_its_mailed_link(
    party: RelyingParty,
) -> None:
    provider = party.provider
    tokens = party.tokens(provider.browser(), provider.person())
    answer = party.patch(tokens["access_token"], {"email": "uusi@example.fi"}).json()
    assert answer["email"] == MAIJA
    assert answer["pending_email"] == "uusi@example.fi"
    browser = provider.browser()
    page = browser.open(provider.mailed_link("uusi@example.fi"))
    assert party.userinfo(tokens["access_token"]).json()["email"] == MAIJA
    browser.submit(page)
    said = party.userinfo(tokens["access_token"]).json()
    assert said["email"] == "uusi@example.fi"
    assert said["email_verified"] is True
    assert "pending_email" not in said
    assert len(provider.mails(MAIJA)) >= 1


def test_m12_an_sso_profile_is_read_only_with_the_reason_for_each_field(
    party: RelyingParty,
) -> None:
    provider = party.provider
    account = provider.person()
    tokens = party.tokens(provider.browser(), account)
    federate(provider, account.id)
    said = party.userinfo(tokens["access_token"]).json()
    assert said["given_name"] == "Maija-Liisa"
    assert said["email"] == "maija.liisa@kuusela.example"
    for name in ("given_name", "family_name", "email", "title", "unit"):
        access = said["profile_access"][name]
        assert access["editable"] is False
        assert access["reason"] == "managed_by_organization_sso"
        assert access["source"] == "Kuusela Entra ID"
        assert access["description"]
    assert said["profile_access"]["locale"] == {"editable": True}
    refused = party.patch(tokens["access_token"], {"given_name": "Maria", "title": "Johtaja"})
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"
    problem = refused.json()
    assert set(problem["fields"]) == {"given_name", "title"}
    assert problem["fields"]["title"]["reason"] == "managed_by_organization_sso"
    assert problem["reference"]
    assert party.userinfo(tokens["access_token"]).json() == said


def test_m12_the_language_stays_the_persons_own(party: RelyingParty) -> None:
    account = party.provider.person()
    tokens = party.tokens(party.provider.browser(), account)
    federate(party.provider, account.id)
    assert party.patch(tokens["access_token"], {"locale": "en"}).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"preferred_username": "x@example.fi"},
        {"sub": "x"},
        {"username": "x"},
        {"org_roles": "main_user"},
        {"nonsense": "x"},
        {"given_name": ""},
        {"given_name": None},
        {"given_name": "x" * 101},
        {"given_name": 5},
        {"given_name": {"a": "b"}},
        {"family_name": "bad\u202ename"},
        {"email": "not an address"},
        {"locale": "de"},
        {"given_name": None, "preferred_username": "x", "locale": "de"},
    ],
)
def test_m17_what_nobody_writes_and_what_does_not_hold_is_named_and_nothing_is_half_done(
    party: RelyingParty, changes: dict[str, Any]
) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    before = party.userinfo(tokens["access_token"]).json()
    answer = party.patch(tokens["access_token"], {"title": "Johtaja", **changes})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == set(changes)
    assert party.userinfo(tokens["access_token"]).json() == before


def test_writing_needs_the_scope(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person(), scope="openid profile")
    answer = party.patch(tokens["access_token"], {"title": "Johtaja"})
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_null_clears_title_and_unit(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    party.patch(tokens["access_token"], {"title": "Johtaja", "unit": "Laatu"})
    said = party.patch(tokens["access_token"], {"title": None, "unit": None}).json()
    assert "title" not in said
    assert "unit" not in said


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"[]", "application/merge-patch+json", 400),
        (b"{", "application/merge-patch+json", 400),
        (b"\xff\xfe", "application/merge-patch+json", 400),
        (b'{"title":"a","title":"b"}', "application/merge-patch+json", 400),
        (b"[" * 50000, "application/merge-patch+json", 400),
        (b'{"title":"a"}', "application/json", 415),
        (b'{"title":"a"}', "", 415),
        (b"x" * 70000, "application/merge-patch+json", 400),
    ],
)
def test_a_body_that_is_no_merge_patch_is_refused(
    party: RelyingParty, body: bytes, kind: str, status: int
) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    answer = party.http.patch(
        "/userinfo",
        content=body,
        headers={"Authorization": f"Bearer {tokens['access_token']}", "Content-Type": kind},
    )
    assert answer.status_code == status


def test_userinfo_takes_the_token_in_header_or_form_never_in_the_query(
    party: RelyingParty,
) -> None:
    token = party.tokens(party.provider.browser(), party.provider.person())["access_token"]
    assert party.http.post("/userinfo", data={"access_token": token}).status_code == 200
    assert party.http.get("/userinfo", params={"access_token": token}).status_code == 401
    both = party.http.post(
        "/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"}
    )
    assert both.status_code == 400
