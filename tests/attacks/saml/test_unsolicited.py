"""Answers that nobody asked for (saml-profiles 4.1.5): off by default, and then on a short lead."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from idp.audit import Event
from idp.audit.models import AuditRecord
from idp.authentication.federation import identities
from idp.authentication.federation.models import ExternalIdentityRecord, LinkApproval
from idp.directory.models import Person
from idp.foundation.clock import shifted
from tests.federated import is_at_portal
from tests.provider import Provider
from tests.saml.organization import SamlOrganization

AINO = {
    "givenName": ["Aino"],
    "surname": ["Kuusela"],
    "mail": ["aino@kuusela.example"],
    "uid": ["aino@kuusela.example"],
}
EINO = {**AINO, "givenName": ["Eino"], "mail": ["eino@kuusela.example"]}
EINO["uid"] = EINO["mail"]


@pytest.fixture
def kuusela(provider: Provider, tmp_path: Path) -> SamlOrganization:
    provider.register()
    return SamlOrganization(provider, tmp_path, policy={"allow_unsolicited": True})


def unasked(organization: SamlOrganization, **how: object) -> dict[str, str]:
    """What the organization's identity provider sends by itself."""
    acs = f"https://id.example.fi{organization.path}/acs"
    return organization.upstream.unasked(acs, **{"identity": AINO, **how})  # type: ignore[arg-type]


def people(organization: SamlOrganization) -> int:
    with organization.provider.database.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(Person)) or 0


def links(organization: SamlOrganization) -> int:
    with organization.provider.database.reading() as tx:
        rows = select(func.count()).select_from(ExternalIdentityRecord)
        return tx.session.scalar(rows) or 0


def test_they_are_refused_unless_the_connection_takes_them(
    provider: Provider, tmp_path: Path
) -> None:
    provider.register()
    organization = SamlOrganization(provider, tmp_path)
    assert organization.post(provider.browser(), unasked(organization)).status_code == 403
    assert organization.reason() == "saml_unsolicited"
    assert people(organization) == 0


def test_one_starts_the_portal_at_its_own_beginning(kuusela: SamlOrganization) -> None:
    """OpenID Connect Core section 4: initiate_login_uri; the RelayState leads nowhere."""
    browser = kuusela.provider.browser()
    posted = kuusela.post(browser, unasked(kuusela))
    assert posted.status_code == 303
    assert is_at_portal(browser.open(posted.headers["Location"]), "kuusela")
    again = kuusela.post(browser, unasked(kuusela))
    assert is_at_portal(browser.open(again.headers["Location"]), "kuusela")
    assert people(kuusela) == 1
    assert kuusela.live() == 1


def test_an_assertion_counts_once_ever(kuusela: SamlOrganization) -> None:
    answer = unasked(kuusela)
    assert kuusela.post(kuusela.provider.browser(), answer).status_code == 303
    assert kuusela.post(kuusela.provider.browser(), answer).status_code == 403
    assert kuusela.reason() == "replayed"


def test_the_handle_counts_once_and_not_for_long(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    onward = kuusela.post(browser, unasked(kuusela)).headers["Location"]
    assert is_at_portal(browser.open(onward), "kuusela")
    stranger = kuusela.provider.browser()
    assert stranger.open(onward).status_code == 403
    late = kuusela.post(browser, unasked(kuusela)).headers["Location"]
    with shifted(timedelta(minutes=3)):
        assert kuusela.provider.browser().open(late).status_code == 403
    assert kuusela.live() == 1


def test_an_answer_to_a_request_still_counts_in_its_own_browser_only(
    kuusela: SamlOrganization,
) -> None:
    """Stripping the RelayState does not make an answer to a request one that was never asked."""
    attacker, victim = kuusela.provider.browser(), kuusela.provider.browser()
    answer = kuusela.upstream.answer(kuusela.depart(attacker), identity=AINO)
    stripped = {"SAMLResponse": answer["SAMLResponse"]}
    assert kuusela.post(victim, stripped).status_code == 403
    assert kuusela.reason() == "saml_in_response_to"
    onward = kuusela.post(attacker, answer).headers["Location"]
    assert victim.open(onward).status_code == 403
    assert kuusela.reason() == "other_browser"


def test_an_unasked_answer_does_not_answer_a_request(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    asked = kuusela.upstream.answer(kuusela.depart(browser), identity=AINO)
    mixed = unasked(kuusela) | {"RelayState": asked["RelayState"]}
    assert kuusela.post(browser, mixed).status_code == 403
    assert kuusela.reason() == "saml_unsolicited"


def test_an_account_that_is_there_is_never_linked(kuusela: SamlOrganization) -> None:
    """security.md, Federation: switched on, and then without linking."""
    kuusela.provider.organization("mantyla")
    kuusela.provider.person("aino@kuusela.example", slug="mantyla")
    browser = kuusela.provider.browser()
    posted = kuusela.post(browser, unasked(kuusela))
    assert browser.open(posted.headers["Location"]).status_code == 403
    assert kuusela.reason() == "saml_needs_request"
    with kuusela.provider.database.reading() as tx:
        assert tx.session.scalars(select(LinkApproval)).all() == []
    assert links(kuusela) == 0
    assert kuusela.live() == 0


def test_another_persons_session_is_not_replaced(kuusela: SamlOrganization) -> None:
    """Login CSRF: an answer slipped into a browser takes nobody's session from it."""
    victim = kuusela.provider.browser()
    kuusela.arrive(victim, identity=AINO)
    slipped = unasked(kuusela, identity=EINO, name_id="attacker")
    posted = kuusela.post(victim, slipped)
    assert victim.open(posted.headers["Location"]).status_code == 403
    assert kuusela.reason() == "saml_needs_request"
    assert "Aino" in victim.open("/account").text
    assert (people(kuusela), kuusela.live()) == (1, 1)


def test_a_person_who_was_removed_does_not_come_back(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    kuusela.arrive(browser, identity=AINO)
    with kuusela.provider.database.transaction() as tx:
        row = identities.find(tx, kuusela.row.id, "8f2c1e")
        assert row is not None
        row.closed_at, row.closed_why = row.linked_at, "unlinked"
    posted = kuusela.post(browser, unasked(kuusela))
    fresh = kuusela.provider.browser()
    assert fresh.open(posted.headers["Location"]).status_code == 403
    assert kuusela.reason() == "saml_needs_request"
    with kuusela.provider.database.reading() as tx:
        refused = select(AuditRecord).where(AuditRecord.event == Event.ARRIVAL_REFUSED.value)
        assert len(tx.session.scalars(refused).all()) == 1
