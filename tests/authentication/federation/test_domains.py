"""E-mail domains: normalized, one organization's at a time, shown by DNS or by the operator."""

import pytest

from idp.audit.models import AuditRecord
from idp.authentication.federation import domains
from idp.authentication.federation.domain_checks import KIND, DomainChecks, TxtRecords
from idp.authentication.federation.models import OrganizationDomain
from idp.errors import Invalid, NotFound
from idp.foundation.clock import utcnow
from idp.foundation.outbox import Item
from tests.name_server import name_server
from tests.provider import OPERATOR, Provider


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("kuusela.fi", "kuusela.fi"),
        (" @Kuusela.FI. ", "kuusela.fi"),
        ("mäntylä.fi", "xn--mntyl-grae.fi"),
        ("MÄNTYLÄ.fi", "xn--mntyl-grae.fi"),
        ("ma\u0308ntyla\u0308.fi", "xn--mntyl-grae.fi"),
        ("kuusela。fi", "kuusela.fi"),
    ],
)
def test_a_domain_is_folded_and_written_in_ascii(typed: str, domain: str) -> None:
    """IDNA 2008 (RFC 5891) after the mapping of UTS 46."""
    assert domains.normalized(typed) == domain


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "domain_invalid"),
        ("kuusela", "domain_invalid"),
        ("maija@kuusela.fi", "domain_invalid"),
        ("kuusela.fi/x", "domain_invalid"),
        ("[127.0.0.1]", "domain_invalid"),
        ("*.fi", "domain_invalid"),
        ("Gmail.com", "domain_public"),
        ("x.luukku.com", "domain_public"),
    ],
)
def test_what_no_organization_can_have_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        domains.normalized(typed)
    assert refused.value.fields == {"domain": code}


def test_a_homograph_is_another_domain() -> None:
    """RFC 5890 section 4.4: the Cyrillic U+0430 is not Latin a."""
    assert domains.domain_of("maija@kuusel\u0430.fi") not in (None, "kuusela.fi")


def added(provider: Provider, slug: str, domain: str = "kuusela.fi") -> str:
    organization = provider.organization(slug)
    with provider.database.transaction() as tx:
        domains.add(tx, organization.id, domain, by=OPERATOR)
    return organization.id


def verified(provider: Provider, organization_id: str) -> None:
    with provider.database.transaction() as tx:
        row = domains.get(tx, organization_id, "kuusela.fi")
        domains.verify(tx, row, how="operator", by=OPERATOR)


def home(provider: Provider) -> str | None:
    with provider.database.reading() as tx:
        return domains.home(tx, "kuusela.fi")


def test_only_a_verified_domain_leads_home_and_removal_counts_at_once(provider: Provider) -> None:
    kuusela = added(provider, "kuusela")
    assert home(provider) is None
    verified(provider, kuusela)
    verified(provider, kuusela)
    assert home(provider) == "kuusela"
    with provider.database.transaction() as tx:
        domains.remove(tx, kuusela, "kuusela.fi", by=OPERATOR)
    assert home(provider) is None
    with provider.database.transaction() as tx, pytest.raises(NotFound):
        domains.remove(tx, kuusela, "kuusela.fi", by=OPERATOR)
    with provider.database.reading() as tx:
        events = [row.event for row in tx.session.query(AuditRecord)]
    for event in ("domain.added", "domain.verified", "domain.removed"):
        assert events.count(event) == 1


def test_adding_again_keeps_the_challenge_and_there_is_a_most(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    kuusela = added(provider, "kuusela")
    with provider.database.transaction() as tx:
        first = domains.get(tx, kuusela, "kuusela.fi").challenge
        assert domains.add(tx, kuusela, "KUUSELA.fi", by=OPERATOR).challenge == first
    monkeypatch.setattr(domains, "MOST", 1)
    with provider.database.transaction() as tx, pytest.raises(Invalid):
        domains.add(tx, kuusela, "metsola.fi", by=OPERATOR)


def test_a_domain_is_one_organizations_at_a_time(provider: Provider) -> None:
    """Both may ask; the store lets one have it (users-ask row 3)."""
    kuusela, other = added(provider, "kuusela"), added(provider, "lehtola")
    verified(provider, kuusela)
    with pytest.raises(Invalid) as refused:
        verified(provider, other)
    assert refused.value.fields == {"domain": "domain_taken"}
    assert home(provider) == "kuusela"


def item(organization_id: str) -> Item:
    return Item(
        id="1",
        kind=KIND,
        payload={"domain": "kuusela.fi"},
        organization_id=organization_id,
        person_id=None,
        created_at=utcnow(),
        attempts=1,
    )


def check(provider: Provider, organization_id: str, texts: dict[str, str]) -> None:
    with name_server(texts) as resolver:
        follow_up = DomainChecks(provider.database, TxtRecords(resolver)).handle(
            item(organization_id)
        )
    with provider.database.transaction() as tx:
        if follow_up:
            follow_up(tx)


def row_of(provider: Provider, organization_id: str) -> OrganizationDomain:
    with provider.database.reading() as tx:
        return domains.get(tx, organization_id, "kuusela.fi")


def test_the_published_record_verifies_and_nothing_else_does(provider: Provider) -> None:
    """RFC 1035 section 3.3.14: a text's pieces are one text."""
    kuusela = added(provider, "kuusela")
    name, value = domains.record_of(row_of(provider, kuusela))
    assert name == "_laatuportti-challenge.kuusela.fi"
    for wrong in ({}, {name: "x"}, {name: f"{value}x"}, {"kuusela.fi": value}):
        check(provider, kuusela, wrong)
        assert row_of(provider, kuusela).verified_at is None
        assert row_of(provider, kuusela).checked_at is not None
    check(provider, kuusela, {name: value})
    assert row_of(provider, kuusela).verified_how == "dns"


def test_another_organizations_domain_stays_its_own_whatever_dns_says(provider: Provider) -> None:
    kuusela, other = added(provider, "kuusela"), added(provider, "lehtola")
    verified(provider, kuusela)
    name, value = domains.record_of(row_of(provider, other))
    check(provider, other, {name: value})
    assert row_of(provider, other).verified_at is None
    assert row_of(provider, other).checked_at is not None


def test_what_was_removed_while_dns_was_asked_stays_removed(provider: Provider) -> None:
    kuusela = added(provider, "kuusela")
    name, value = domains.record_of(row_of(provider, kuusela))
    with name_server({name: value}) as resolver:
        checks = DomainChecks(provider.database, TxtRecords(resolver))
        follow_up = checks.handle(item(kuusela))
        assert follow_up is not None
        with provider.database.transaction() as tx:
            domains.remove(tx, kuusela, "kuusela.fi", by=OPERATOR)
            domains.add(tx, kuusela, "kuusela.fi", by=OPERATOR)
        with provider.database.transaction() as tx:
            follow_up(tx)
        assert row_of(provider, kuusela).verified_at is None
        with provider.database.transaction() as tx:
            domains.remove(tx, kuusela, "kuusela.fi", by=OPERATOR)
        assert checks.handle(item(kuusela)) is None
