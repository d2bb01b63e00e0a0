"""Passwords after the cut-over: suspended while it can be undone, then deleted where unused."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from idp.audit import AuditRecord, Event
from idp.authentication.federation.cutover import UNDO
from idp.authentication.federation.models import ConnectionRecord, ExternalIdentityRecord
from idp.authentication.models import Credential
from idp.directory.models import Membership, Organization, Person
from idp.foundation.clock import shifted, utcnow
from tests.provider import OPERATOR, Account, Provider

OIDC = {
    "kind": "oidc",
    "name": "oidc",
    "issuer": "https://idp.example",
    "client_id": "c",
    "client_secret": "s",
}
HOUR = timedelta(hours=1, minutes=1)


class Kuusela:
    """An organization that has just switched its connection on; Lehtola goes by passwords."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        provider.deployment.spent_passwords._looked_at = None
        self.organization = provider.organization()
        self.lehtola = provider.organization("lehtola")
        self.row = self.connect(self.organization)

    def connect(self, organization: Organization) -> ConnectionRecord:
        """A connection of the organization, switched on."""
        connections = self.provider.deployment.connections
        with self.provider.database.transaction() as tx:
            row = connections.create(tx, organization, OIDC, by=OPERATOR)
            connections.enable(tx, row, by=OPERATOR)
        return row

    def person(self, name: str, row: ConnectionRecord | None = None) -> Account:
        """Somebody with a password, who has arrived by the connection if one is given."""
        # Where single sign-on is on, it alone adds people.
        self.provider.change(Organization, self.organization.id, uses_sso=False)
        account = self.provider.person(f"{name}@example.fi")
        self.provider.change(Organization, self.organization.id, uses_sso=True)
        if row is not None:
            self.link(account, row)
        return account

    def link(self, account: Account, row: ConnectionRecord) -> None:
        """Let them have arrived."""
        now = utcnow()
        identity = ExternalIdentityRecord(
            id=f"{account.id}-{row.id}",
            connection_id=row.id,
            subject=account.id,
            person_id=account.id,
            linked_by="system:",
            linked_how="organization",
            linked_at=now,
            last_asserted_at=now,
        )
        with self.provider.database.transaction() as tx:
            tx.session.add(identity)

    def tick(self, after: timedelta) -> None:
        """Look for what is of no use any more, so long after switching on."""
        with shifted(after):
            self.provider.deployment.spent_passwords.tick()

    def has_password(self, account: Account) -> bool:
        with self.provider.database.reading() as tx:
            return tx.session.get(Credential, account.id) is not None


@pytest.fixture
def kuusela(provider: Provider) -> Kuusela:
    return Kuusela(provider)


def test_a_password_is_deleted_once_switching_on_cannot_be_undone(kuusela: Kuusela) -> None:
    maija = kuusela.person("maija", kuusela.row)
    kuusela.tick(UNDO - HOUR)
    assert kuusela.has_password(maija)
    kuusela.tick(UNDO + HOUR)
    assert not kuusela.has_password(maija)
    kuusela.tick(UNDO + 3 * HOUR)
    with kuusela.provider.database.reading() as tx:
        wanted = AuditRecord.event == Event.PASSWORD_DELETED.value
        records = tx.session.scalars(select(AuditRecord).where(wanted)).all()
    assert [(each.target_id, each.actor_kind) for each in records] == [(maija.id, "system")]


def test_who_has_not_arrived_keeps_what_proves_the_account(kuusela: Kuusela) -> None:
    aino = kuusela.person("aino")
    kuusela.tick(UNDO + HOUR)
    assert kuusela.has_password(aino)


def test_the_keeper_and_operators_keep_theirs(kuusela: Kuusela) -> None:
    pirkko, olli = kuusela.person("pirkko", kuusela.row), kuusela.person("olli", kuusela.row)
    with kuusela.provider.database.transaction() as tx:
        key = (pirkko.id, kuusela.organization.id)
        tx.session.get_one(Membership, key).keeps_password = True
        tx.session.get_one(Person, olli.id).is_operator = True
    kuusela.tick(UNDO + HOUR)
    assert kuusela.has_password(pirkko)
    assert kuusela.has_password(olli)


def test_another_organization_that_asks_for_it_keeps_it_until_it_asks_no_more(
    kuusela: Kuusela,
) -> None:
    jaana = kuusela.person("jaana", kuusela.row)
    kuusela.provider.person("jaana@example.fi", slug="lehtola")
    kuusela.tick(UNDO + HOUR)
    assert kuusela.has_password(jaana)
    with shifted(UNDO):
        row = kuusela.connect(kuusela.lehtola)
        kuusela.link(jaana, row)
    kuusela.tick(UNDO + UNDO - HOUR)
    assert kuusela.has_password(jaana)
    kuusela.tick(UNDO + UNDO + HOUR)
    assert not kuusela.has_password(jaana)


def test_one_made_lately_and_one_of_a_connection_switched_off_stay(kuusela: Kuusela) -> None:
    maija = kuusela.person("maija", kuusela.row)
    with kuusela.provider.database.transaction() as tx:
        tx.session.get_one(Credential, maija.id).changed_at = utcnow() + UNDO
    kuusela.tick(UNDO + HOUR)
    assert kuusela.has_password(maija)
    with kuusela.provider.database.transaction() as tx:
        row = tx.session.get_one(ConnectionRecord, kuusela.row.id)
        kuusela.provider.deployment.connections.disable(tx, row, by=OPERATOR)
    kuusela.tick(5 * UNDO)
    assert kuusela.has_password(maija)


def test_a_node_looks_once_an_hour(kuusela: Kuusela) -> None:
    kuusela.tick(UNDO + HOUR)
    maija = kuusela.person("maija", kuusela.row)
    with kuusela.provider.database.transaction() as tx:
        tx.session.get_one(Credential, maija.id).changed_at -= UNDO
    kuusela.tick(UNDO + HOUR + timedelta(minutes=30))
    assert kuusela.has_password(maija)
    kuusela.tick(UNDO + 3 * HOUR)
    assert not kuusela.has_password(maija)
