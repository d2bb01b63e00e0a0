"""Certificates of both sides on the IT person's pages: what waits, who is told, what comes next."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography import x509
from sqlalchemy import select

from idp.audit import AuditRecord, Event
from idp.authentication.federation.saml import own_keys
from idp.foundation.clock import shifted
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.pages.organization.desk import press
from tests.provider import OPERATOR
from tests.saml.address import Address, served
from tests.saml.keys import pair
from tests.saml.ours import idp_metadata

DAY = timedelta(days=1, minutes=1)
NEW = idp_metadata(certificates=(pair("new").certificate.base64,))
SUBJECT = "Uudet metatiedot odottavat"


@pytest.fixture
def address() -> Iterator[Address]:
    with served() as address:
        yield address


@pytest.fixture
def waiting(desk: ItDesk, address: Address) -> ItDesk:
    """Kuusela's connection, whose metadata has only a new key since a day."""
    desk.connect("saml", metadata_url=address.url)
    desk.provider.deployment.keep_house()
    address.document = NEW
    with shifted(DAY):
        desk.provider.deployment.keep_house()
    return desk


def trusted(desk: ItDesk) -> list[str]:
    found = desk.provider.deployment.connections.find("kuusela")
    assert found is not None
    return list(desk.provider.deployment.federation.partners.facts(found)["keys"])


def accepted(desk: ItDesk) -> list[AuditRecord]:
    with desk.provider.database.reading() as tx:
        wanted = AuditRecord.event == Event.CONNECTION_METADATA_ACCEPTED.value
        return list(tx.session.scalars(select(AuditRecord).where(wanted)))


def subjects(desk: ItDesk, to: str) -> list[str]:
    return [m["Subject"] for m in desk.provider.mails(to) if SUBJECT in m["Subject"]]


def test_what_waits_is_compared_and_accepted_with_a_reason(waiting: ItDesk) -> None:
    assert "Odottavat metatiedot" in look.text(waiting.look())
    assert f"{SSO}/saml/metadata" in look.links(waiting.look("/saml"))
    page = waiting.look("/saml/metadata")
    bare = page.text.replace("<wbr>", "")
    for name in ("idp", "new"):
        assert pair(name).certificate.fingerprint in bare
    assert "https://idp.example.org/saml" in page.text
    assert waiting.it.submit(page).status_code == 422
    assert trusted(waiting) == [pair("idp").certificate.fingerprint]
    done = waiting.it.submit(page, why="verrattu palvelimeen")
    assert "Uudet metatiedot ovat voimassa" in look.text(done)
    assert trusted(waiting) == [pair("new").certificate.fingerprint]
    record = accepted(waiting)[0]
    assert record.detail["why"] == "verrattu palvelimeen"
    assert record.actor_id == waiting.ilmari.id
    assert "Mikään ei odota" in look.text(waiting.look("/saml/metadata"))


def test_only_what_was_seen_is_accepted(waiting: ItDesk, address: Address) -> None:
    page = waiting.look("/saml/metadata")
    address.document = idp_metadata(certificates=(pair("other").certificate.base64,))
    with shifted(2 * DAY):
        waiting.provider.deployment.keep_house()
    again = waiting.it.submit(page, why="katsoin aamulla")
    assert "ovat muuttuneet" in look.text(again)
    assert trusted(waiting) == [pair("idp").certificate.fingerprint]
    assert accepted(waiting) == []


def test_what_another_address_gave_waits_no_more(waiting: ItDesk, address: Address) -> None:
    waiting.it.submit(waiting.look("/saml/edit"), metadata_url=f"{address.url}/other")
    assert "Mikään ei odota" in look.text(waiting.look("/saml/metadata"))
    deployment = waiting.provider.deployment
    with waiting.provider.database.transaction() as tx:
        row = deployment.connections.get(tx, waiting.organization_id, "saml")
        found = deployment.connections.by_id(tx, row.id)
        assert not deployment.federation.metadata_refresh.accept(tx, found, by=OPERATOR)


def test_it_main_user_and_operators_are_told_once(waiting: ItDesk, address: Address) -> None:
    with shifted(2 * DAY):
        waiting.provider.deployment.keep_house()
        for to in ("ilmari@example.fi", "pirkko@example.fi", "tuki@example.fi"):
            assert len(subjects(waiting, to)) == 1, to


def test_nobody_is_told_of_what_waits_no_more(waiting: ItDesk) -> None:
    waiting.it.submit(waiting.look("/saml/metadata"), why="verrattu")
    with shifted(2 * DAY):
        assert subjects(waiting, "pirkko@example.fi") == []


def test_a_connection_without_waiting_metadata_says_so(desk: ItDesk) -> None:
    desk.connect()
    desk.connect("saml", metadata=idp_metadata())
    for name in ("entra-oidc", "saml"):
        assert "Mikään ei odota" in look.text(desk.look(f"/{name}/metadata"))


def pem(desk: ItDesk, which: str, name: str = "saml") -> x509.Certificate | None:
    answer = desk.it.get(f"{SSO}/{name}/certificate/{which}.pem")
    if answer.status_code == 404:
        return None
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return x509.load_pem_x509_certificate(answer.content)


def test_our_next_certificate_is_shown_told_and_downloaded_before_it_signs(desk: ItDesk) -> None:
    desk.connect("saml", metadata=idp_metadata())
    desk.connect()
    assert pem(desk, "present") is not None
    assert pem(desk, "next") is None
    assert pem(desk, "present", "entra-oidc") is None
    assert "Seuraava varmenne julkaistaan" in look.text(desk.look("/saml"))
    with shifted(own_keys.LASTS - timedelta(days=59)):
        desk.it = desk.signed_in(desk.ilmari)
        desk.provider.deployment.keep_house()
        text = look.text(desk.look("/saml"))
        assert "Allekirjoitamme seuraavalla varmenteella" in text
        coming = pem(desk, "next")
        assert coming is not None
        assert coming != pem(desk, "present")
        assert "Laatuportin varmenne vaihtuu" in look.text(desk.look("/calendar"))
        assert "Meidän varmenteemme" not in look.text(desk.look("/calendar"))
        page = press(desk.it, desk.look("/calendar"), f"{SSO}/calendar/feed")
        feed = re.search(r"/calendar/[^\"]+\.ics", page.text)
        assert feed
        assert "SUMMARY:Laatuportin varmenne vaihtuu (saml)" in desk.it.get(feed[0]).text
        mails = desk.provider.mails("ilmari@example.fi")
        assert any("varmenne vaihtuu pian" in mail["Subject"] for mail in mails)


def test_operators_with_an_address_are_told_instead_of_the_support_contact(
    desk: ItDesk, address: Address
) -> None:
    desk.operator("ylle@example.fi")
    desk.connect("saml", metadata_url=address.url)
    desk.provider.deployment.keep_house()
    address.document = NEW
    with shifted(DAY):
        desk.provider.deployment.keep_house()
        assert len(subjects(desk, "ylle@example.fi")) == 1
        assert subjects(desk, "tuki@example.fi") == []
