"""What a token says of a federated sign-in is true, whatever the upstream claims (idea 3)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.audit import Event, read
from idp.authentication.federation.models import ExternalIdentityRecord
from idp.authorization.acr import PASSWORD, SSO
from idp.directory import persons
from idp.directory.models import Organization, Person
from idp.directory.persons import NewPerson
from idp.foundation.clock import shifted, utcnow
from idp.pages.fresh import is_fresh
from tests.federated import Federated, is_at_portal
from tests.provider import OPERATOR, Account, Provider, TestBrowser
from tests.relying_party import RelyingParty
from tests.saml.organization import SamlOrganization

HOUR = timedelta(hours=1)
AINO = {"givenName": ["Aino"], "surname": ["K"], "mail": ["a@k.example"], "uid": ["a@k.example"]}


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return RelyingParty(provider)


def claims(party: RelyingParty, browser: TestBrowser, organization: str) -> dict[str, Any]:
    answer = party.answer(party.authorize(browser, organization=organization))
    return party.claims(party.redeem(answer["code"]).json()["id_token"])


def signed_in(provider: Provider) -> list[Any]:
    with provider.database.reading() as tx:
        return list(read(tx, organization_id=None, events=[Event.SIGNED_IN]))


def test_an_upstreams_amr_and_acr_are_kept_in_the_log_and_never_said_as_ours(
    kuusela: Federated, party: RelyingParty
) -> None:
    kuusela.upstream.id_token = {"amr": ["pwd", "mfa"], "acr": "urn:loa:high"}
    browser = kuusela.provider.browser()
    assert is_at_portal(kuusela.arrive(browser), "kuusela")
    said = claims(party, browser, "kuusela")
    assert (said["amr"], said["acr"]) == (["fed"], SSO)
    assert signed_in(kuusela.provider)[-1].detail["upstream"] == ["pwd", "mfa"]


def test_an_authentication_context_of_saml_is_treated_alike(
    provider: Provider, party: RelyingParty, tmp_path: Path
) -> None:
    kuusela = SamlOrganization(provider, tmp_path)
    browser = provider.browser()
    kuusela.arrive(browser, identity=AINO)
    said = claims(party, browser, "kuusela")
    assert (said["amr"], said["acr"]) == (["fed"], SSO)
    (context,) = signed_in(provider)[-1].detail["upstream"]
    assert context.endswith(":ac:classes:PasswordProtectedTransport")


def test_the_moment_is_that_of_the_sign_in_upstream_and_never_in_the_future(
    kuusela: Federated, party: RelyingParty
) -> None:
    earlier = int((utcnow() - HOUR).timestamp())
    for moment, wanted in ((earlier, earlier), (earlier + 7200 * 3, None)):
        kuusela.upstream.id_token = {"auth_time": moment}
        browser = kuusela.provider.browser()
        kuusela.arrive(browser)
        auth_time = claims(party, browser, "kuusela")["auth_time"]
        assert auth_time == wanted if wanted else auth_time <= utcnow().timestamp() + 1


@pytest.fixture
def both(kuusela: Federated, party: RelyingParty) -> tuple[TestBrowser, Account]:
    """A browser signed in by a password an hour ago, and just now through Kuusela's connection."""
    provider = kuusela.provider
    provider.organization("lehtola")
    maija = provider.person("maija@kuusela.fi", slug="lehtola")
    with provider.database.transaction() as tx:
        here = tx.session.get_one(Organization, kuusela.organization.id)
        new = NewPerson(username=maija.username, given_name="Maija", family_name="Meikäläinen")
        persons.add(tx, new, here, by=OPERATOR, despite_sso=True)
    provider.change(Person, maija.id, valid_since=utcnow() - 2 * HOUR)
    browser = provider.browser()
    with shifted(-HOUR):
        browser.sign_in(maija)
    link(kuusela, maija)
    assert is_at_portal(kuusela.arrive(browser), "kuusela")
    return browser, maija


def link(kuusela: Federated, account: Account) -> None:
    """As if the account's owner had proved it: Kuusela's identity is theirs."""
    with kuusela.provider.database.transaction() as tx:
        tx.session.add(
            ExternalIdentityRecord(
                id="linked",
                connection_id=kuusela.row.id,
                subject="upstream-maija",
                person_id=account.id,
                linked_by="person",
                linked_how="proof",
                linked_at=utcnow(),
                last_asserted_at=utcnow(),
            )
        )


def test_each_organizations_token_tells_of_its_own_way_in_alone(
    both: tuple[TestBrowser, Account], party: RelyingParty
) -> None:
    browser, _ = both
    here, there = (claims(party, browser, slug) for slug in ("kuusela", "lehtola"))
    assert (here["amr"], here["acr"]) == (["fed"], SSO)
    assert (there["amr"], there["acr"]) == (["pwd"], PASSWORD)
    assert here["auth_time"] - there["auth_time"] > 3500


def test_one_organizations_identity_provider_makes_no_sign_in_fresh_for_another(
    both: tuple[TestBrowser, Account], party: RelyingParty
) -> None:
    browser, _ = both
    fresh = {"max_age": "600"}
    assert "code" in party.answer(party.authorize(browser, organization="kuusela", **fresh))
    page = party.authorize(browser, organization="lehtola", **fresh)
    assert page.url.path == "/login"
    silent = party.authorize(browser, organization="lehtola", prompt="none", **fresh)
    assert party.answer(silent)["error"] == "login_required"


def test_nor_for_the_account_itself(both: tuple[TestBrowser, Account], kuusela: Federated) -> None:
    """security.md, Credentials: sensitive deeds ask for a fresh sign-in, to the account."""
    browser, _ = both
    secret = browser.cookies[kuusela.provider.deployment.parts.cookies.session]
    session = kuusela.provider.deployment.sessions.at(kuusela.provider.database, secret)
    assert session
    assert not is_fresh(session)
    proofs = tuple(proof for proof in session.authentications if proof.connection)
    assert is_fresh(replace(session, authentications=proofs))


def test_who_comes_by_an_organizations_way_in_acts_there(
    both: tuple[TestBrowser, Account], party: RelyingParty
) -> None:
    browser, _ = both
    answer = party.answer(party.authorize(browser))
    said = party.claims(party.redeem(answer["code"]).json()["id_token"])
    assert said["org"] == "kuusela"
