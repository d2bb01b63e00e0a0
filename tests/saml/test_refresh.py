"""Metadata at an address: fetched daily, taken by the pinning rules (users-ask row 12)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import own_keys, renewal
from idp.authentication.federation.saml.models import SamlRefresh
from idp.authentication.federation.saml.pinning import Verdict
from idp.foundation.clock import shifted, utcnow
from tests.federated import is_at_portal
from tests.provider import OPERATOR, Provider
from tests.saml.address import Address, served
from tests.saml.keys import pair
from tests.saml.organization import SamlOrganization
from tests.saml.ours import idp_metadata
from tests.saml.signing import sign

OLD, NEW = pair("idp").certificate.base64, pair("new").certificate.base64
DAY = timedelta(days=1, minutes=1)


@pytest.fixture
def address() -> Iterator[Address]:
    with served() as address:
        yield address


@pytest.fixture
def kuusela(provider: Provider, tmp_path: Path, address: Address) -> SamlOrganization:
    provider.register()
    return SamlOrganization(provider, tmp_path, metadata_url=address.url)


def tick(organization: SamlOrganization) -> None:
    organization.provider.deployment.keep_house()


def connection(organization: SamlOrganization) -> Connection:
    return organization.provider.deployment.connections.find(organization.slug)


def trusted(organization: SamlOrganization) -> tuple[str, ...]:
    partners = organization.provider.deployment.federation.partners
    return tuple(each.base64 for each in partners.of(connection(organization)).theirs.certificates)


def state(organization: SamlOrganization) -> SamlRefresh:
    with organization.provider.database.reading() as tx:
        return tx.session.get_one(SamlRefresh, organization.row.id)


def test_nobody_is_sent_anywhere_before_the_metadata_is_here(kuusela: SamlOrganization) -> None:
    assert kuusela.provider.browser().open("/sso/kuusela").status_code == 403
    assert kuusela.reason() == "upstream_unreachable"


def test_the_first_document_is_pinned_and_people_arrive(kuusela: SamlOrganization) -> None:
    tick(kuusela)
    people = {"givenName": ["Aino"], "surname": ["K"], "mail": ["aino@kuusela.example"]}
    assert is_at_portal(kuusela.arrive(kuusela.provider.browser(), identity=people), "kuusela")


def test_asking_what_needs_no_person_fetches_and_pins(kuusela: SamlOrganization) -> None:
    said = kuusela.provider.deployment.federation.check(connection(kuusela))
    assert said["issuer"] == "https://idp.example.org/saml"
    assert said["keys"] == [pair("idp").certificate.fingerprint]
    assert said["signs_out"] is True
    assert trusted(kuusela) == (OLD,)


def test_the_address_is_asked_once_a_day(kuusela: SamlOrganization, address: Address) -> None:
    for _ in range(3):
        tick(kuusela)
    assert address.asked == 1
    with shifted(DAY):
        tick(kuusela)
    assert address.asked == 2


def test_a_new_certificate_beside_the_old_one_is_taken(
    kuusela: SamlOrganization, address: Address
) -> None:
    tick(kuusela)
    address.document = idp_metadata(certificates=(OLD, NEW))
    with shifted(DAY):
        tick(kuusela)
    assert trusted(kuusela) == (OLD, NEW)
    address.document = idp_metadata(certificates=(NEW,))
    with shifted(2 * DAY):
        tick(kuusela)
    assert trusted(kuusela) == (NEW,)


def test_a_new_certificate_alone_waits_for_a_person(
    kuusela: SamlOrganization, address: Address
) -> None:
    tick(kuusela)
    address.document = idp_metadata(certificates=(NEW,))
    with shifted(DAY):
        tick(kuusela)
    assert trusted(kuusela) == (OLD,)
    assert state(kuusela).waiting is not None
    deployment = kuusela.provider.deployment
    with kuusela.provider.database.transaction() as tx:
        refresh = deployment.federation.metadata_refresh
        assert refresh.accept(tx, connection(kuusela), by=OPERATOR)
        assert not refresh.accept(tx, connection(kuusela), by=OPERATOR)
    deployment.connections.changed()
    assert trusted(kuusela) == (NEW,)


def test_a_new_certificate_signed_for_by_the_old_key_is_taken(
    kuusela: SamlOrganization, address: Address
) -> None:
    tick(kuusela)
    signed = sign(etree.fromstring(idp_metadata(certificates=(NEW,))))
    address.document = etree.tostring(signed).decode()
    with shifted(DAY):
        tick(kuusela)
    assert trusted(kuusela) == (NEW,)


@pytest.mark.parametrize(
    ("document", "status", "problem"),
    [
        (idp_metadata(entity_id="https://evil.example"), 200, "saml_metadata_entity"),
        ("<html/>", 200, "saml_metadata"),
        (idp_metadata(), 500, "upstream_garbled"),
        (
            idp_metadata(attributes=' validUntil="2020-01-01T00:00:00Z"'),
            200,
            "saml_metadata_expired",
        ),
    ],
)
def test_what_cannot_be_used_changes_nothing(
    kuusela: SamlOrganization, address: Address, document: str, status: int, problem: str
) -> None:
    tick(kuusela)
    address.document, address.status = document, status
    with shifted(DAY):
        with pytest.raises(FederationRefused):
            kuusela.provider.deployment.federation.metadata_refresh.refresh(connection(kuusela))
        tick(kuusela)
    assert trusted(kuusela) == (OLD,)
    assert state(kuusela).problem == problem


def test_another_address_is_another_trust(kuusela: SamlOrganization, address: Address) -> None:
    tick(kuusela)
    connections = kuusela.provider.deployment.connections
    given = {"kind": "saml", "name": "saml", "metadata_url": f"{address.url}/other"}
    with kuusela.provider.database.transaction() as tx:
        connections.update(tx, kuusela.organization.id, "saml", given, by=OPERATOR, why="moved")
    connections.changed()
    with pytest.raises(FederationRefused):
        trusted(kuusela)
    refresh = kuusela.provider.deployment.federation.metadata_refresh.refresh(connection(kuusela))
    assert refresh.verdict is Verdict.TAKEN
    assert trusted(kuusela) == (OLD,)


def test_our_next_certificate_is_published_before_it_signs(kuusela: SamlOrganization) -> None:
    first = own_keys.loaded(connection(kuusela).secrets[own_keys.SIGNING]).certificate
    for days, published in ((3 * 365 - 61, 1), (3 * 365 - 59, 2), (3 * 365 - 15, 2)):
        with shifted(timedelta(days=days)):
            tick(kuusela)
            text = kuusela.provider.browser().get(f"{kuusela.path}/metadata").text
            assert text.count('use="signing"') == published
            assert first.base64 in text
    with shifted(timedelta(days=3 * 365 - 13)):
        tick(kuusela)
        text = kuusela.provider.browser().get(f"{kuusela.path}/metadata").text
        assert text.count('use="signing"') == 1
        assert first.base64 not in text
        ours = kuusela.provider.deployment.federation.partners.ours(connection(kuusela))
        assert len(ours.decryption_keys) == 2


def test_nothing_is_renewed_before_its_time() -> None:
    kept = {own_keys.SIGNING: own_keys.made("x"), own_keys.ENCRYPTION: own_keys.made("x")}
    assert renewal.renewed(kept, "x", utcnow()) == {}


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254/latest", "https://10.0.0.1/metadata", "https://[::ffff:10.0.0.1]/"],
)
def test_no_address_of_metadata_leads_into_our_network(
    provider: Provider, tmp_path: Path, address: str
) -> None:
    """SSRF: the organization chose it, so the guarded fetcher asks, or nobody does."""
    kuusela = SamlOrganization(provider, tmp_path, metadata_url=address)
    page = provider.browser().open("/sso/kuusela")
    assert page.status_code == 403
    with pytest.raises(FederationRefused) as refused:
        provider.deployment.federation.check(connection(kuusela))
    assert refused.value.reason is Reason.UPSTREAM_UNREACHABLE
