"""Signing in with the SSO link (M9, M10): no page of ours, an account at the first arrival."""

import pytest

from idp.directory.models import Membership, Person
from tests.federated import Federated, is_at_portal
from tests.provider import Provider
from tests.relying_party import RelyingParty


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return RelyingParty(provider)


def test_the_sso_link_ends_at_the_portal_and_forms_the_account(
    kuusela: Federated, party: RelyingParty
) -> None:
    """M9: person and membership from mapped attributes, at the first arrival."""
    browser = kuusela.provider.browser()
    assert is_at_portal(kuusela.arrive(browser), "kuusela")
    maija = kuusela.person()
    assert (maija.username, maija.created_in) == ("maija@kuusela.fi", kuusela.organization.id)
    there = kuusela.membership(maija.id)
    assert (there.title, there.unit, there.source) == ("Ylilääkäri", "Kirurgia", "stand-in")
    assert (there.given_name, there.email) == ("Maija", "maija.meikalainen@kuusela.fi")
    assert there.roles == []


def test_from_the_sso_link_to_tokens_no_page_of_ours_is_shown(
    kuusela: Federated, party: RelyingParty
) -> None:
    """M10: SSO link, upstream, portal, authorize, code: redirects all the way."""
    browser = kuusela.provider.browser()
    assert is_at_portal(kuusela.arrive(browser), "kuusela")
    code = party.answer(party.authorize(browser, organization="kuusela"))["code"]
    tokens = party.redeem(code).json()
    claims = party.claims(tokens["id_token"])
    assert claims["sub"] == kuusela.person().id
    assert claims["amr"] == ["fed"]
    userinfo = party.userinfo(tokens["access_token"]).json()
    assert (userinfo["org"], userinfo["title"]) == ("kuusela", "Ylilääkäri")


def test_a_request_for_the_organization_goes_straight_to_its_sso(
    kuusela: Federated, party: RelyingParty
) -> None:
    """design.md, 'SSO link -> tokens': from authorize, the sealed request is carried."""
    browser = kuusela.provider.browser()
    departure = party.authorize(browser, organization="kuusela").headers["Location"]
    assert departure.startswith(kuusela.upstream.issuer)
    answer = browser.open(kuusela.upstream.sign_in(departure))
    assert "code" in party.answer(answer)


def test_a_second_arrival_is_the_same_person(kuusela: Federated, party: RelyingParty) -> None:
    for _ in range(2):
        kuusela.arrive(kuusela.provider.browser())
    assert (kuusela.count(Person), kuusela.count(Membership)) == (1, 1)
