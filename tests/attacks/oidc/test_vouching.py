"""What an upstream may not say of people."""

import pytest

from idp.authentication.federation.models import ExternalIdentityRecord
from idp.authentication.models import SessionRecord
from idp.directory.models import Person
from idp.errors import Invalid
from tests.federated import Federated
from tests.provider import Provider
from tests.relying_party import RelyingParty


def test_claims_cannot_give_a_role_or_choose_the_organization(kuusela: Federated) -> None:
    """Claim injection: what is not mapped is not looked at, and no role can be mapped."""
    kuusela.upstream.person |= {
        "org_roles": ["main_user"],
        "roles": ["main_user", "it_admin"],
        "is_operator": True,
        "is_main_user": True,
        "org_id": "another",
        "source": "x",
    }
    kuusela.arrive(kuusela.provider.browser())
    maija = kuusela.person()
    assert kuusela.membership(maija.id).roles == []
    assert not maija.is_operator
    with pytest.raises(Invalid):
        Federated(kuusela.provider, kuusela.upstream, "toinen", mapping={"org_roles": "roles"})


def test_an_address_that_an_upstream_asserts_gets_nobodys_links(kuusela: Federated) -> None:
    """users-ask row 2: the asserted address is contact data of that organization only."""
    kuusela.upstream.person |= {"preferred_username": "uusi", "email": "thief@evil.example"}
    kuusela.arrive(kuusela.provider.browser())
    assert kuusela.person().email is None


def test_an_organization_vouches_only_inside_itself(kuusela: Federated, provider: Provider) -> None:
    """design.md 3: Kuusela's word opens neither Lehtola, nor the account, nor the operator's."""
    party = RelyingParty(provider)
    kuusela.arrive(provider.browser())
    provider.organization("lehtola")
    provider.person("maija@kuusela.fi", slug="lehtola")
    provider.change(Person, kuusela.person().id, is_operator=True)
    browser = provider.browser()
    kuusela.arrive(browser)
    page = party.authorize(browser, organization="lehtola")
    assert page.url.path == "/login"
    assert (
        party.authorize(browser, organization="lehtola", prompt="none")
        .headers["Location"]
        .count("error=")
    )
    assert browser.open("/operations").status_code == 404
    assert browser.open("/organization/lehtola").status_code in (403, 404)


def test_an_upstream_cannot_take_over_an_account_by_its_username(
    kuusela: Federated, provider: Provider
) -> None:
    """users-ask row 2: an account that another organization formed is never linked silently."""
    provider.organization("lehtola")
    victim = provider.person("victim@lehtola.fi", slug="lehtola")
    kuusela.upstream.person |= {"preferred_username": "VICTIM@lehtola.fi"}
    browser = provider.browser()
    page = kuusela.arrive(browser)
    assert page.url.path == f"{kuusela.path}/link"
    assert kuusela.count(SessionRecord) == 0
    assert kuusela.count(ExternalIdentityRecord) == 0
    assert victim.username not in page.text
