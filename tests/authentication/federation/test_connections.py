"""Connections in the store: versions with who and why, secrets sealed, switched on and off."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from idp.audit import AuditRecord
from idp.authentication.federation import arrivals, attempts
from idp.authentication.federation.connections import MOST, Connections
from idp.authentication.federation.identity import ExternalIdentity, UpstreamLogout
from idp.authentication.federation.models import Arrival, ConnectionRecord
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.directory.models import Organization
from idp.errors import Invalid, NotFound
from idp.foundation.clock import shifted, utcnow
from tests.provider import OPERATOR, Provider

DOCUMENT: dict[str, Any] = {
    "kind": "oidc",
    "name": "entra",
    "issuer": "https://idp.example.fi",
    "client_id": "laatuportti",
    "client_secret": "upstream secret",
}


def create(provider: Provider, organization: Organization, **changes: Any) -> ConnectionRecord:
    connections = provider.deployment.connections
    with provider.database.transaction() as tx:
        row = connections.create(tx, organization, DOCUMENT | changes, by=OPERATOR)
    connections.changed()
    return row


def switch(
    provider: Provider, organization: Organization, *, on: bool, name: str = "entra"
) -> None:
    connections = provider.deployment.connections
    with provider.database.transaction() as tx:
        row = connections.get(tx, organization.id, name)
        (connections.enable if on else connections.disable)(tx, row, by=OPERATOR, why="cut-over")
    connections.changed()


def test_a_new_connection_is_switched_off_and_the_first_is_the_default(provider: Provider) -> None:
    kuusela = provider.organization()
    first, second = create(provider, kuusela), create(provider, kuusela, name="second")
    assert (first.is_default, second.is_default) == (True, False)
    assert not provider.deployment.connections.uses_sso("kuusela")


def test_switching_on_and_off_makes_the_organization_use_sso(provider: Provider) -> None:
    kuusela = provider.organization()
    create(provider, kuusela)
    for on in (True, False):
        switch(provider, kuusela, on=on)
        assert provider.deployment.connections.uses_sso("kuusela") is on
        with provider.database.reading() as tx:
            assert tx.session.get_one(Organization, kuusela.id).uses_sso is on


def test_the_sso_link_leads_to_the_default_or_to_one_that_is_on(provider: Provider) -> None:
    kuusela = provider.organization()
    create(provider, kuusela)
    create(provider, kuusela, name="second")
    switch(provider, kuusela, on=True, name="second")
    found = provider.deployment.connections.find("kuusela")
    assert found.name == "second"
    for elsewhere in (("kuusela", "absent"), ("elsewhere",), ("kuusela", None, "saml")):
        with pytest.raises(NotFound):
            provider.deployment.connections.find(*elsewhere)


def test_secrets_are_sealed_and_survive_an_update_that_leaves_them_out(provider: Provider) -> None:
    kuusela = provider.organization()
    row = create(provider, kuusela)
    connections = provider.deployment.connections
    changed = {k: v for k, v in DOCUMENT.items() if k != "client_secret"} | {"client_id": "other"}
    with provider.database.transaction() as tx:
        connections.update(tx, kuusela.id, "entra", changed, by=OPERATOR, why="a new application")
    connections.changed()
    found = connections.find("kuusela", "entra")
    assert found.secrets == {"client_secret": "upstream secret"}
    assert found.document["client_id"] == "other"
    with provider.database.reading() as tx:
        versions = connections.versions(tx, row)
        assert [(each.version, each.reason) for each in versions] == [
            (2, "a new application"),
            (1, ""),
        ]
        stored = tx.session.execute(text("select * from connection")).all()
        history = tx.session.execute(text("select * from connection_version")).all()
    assert "upstream secret" not in f"{stored}{history}{found!r}"


def test_kind_and_name_stay(provider: Provider) -> None:
    kuusela = provider.organization()
    create(provider, kuusela)
    with pytest.raises(Invalid) as refused, provider.database.transaction() as tx:
        provider.deployment.connections.update(
            tx, kuusela.id, "entra", DOCUMENT | {"name": "other"}, by=OPERATOR, why=""
        )
    assert refused.value.fields == {"name": "fixed_field"}


def test_a_foreign_connection_is_as_good_as_none(provider: Provider) -> None:
    create(provider, provider.organization())
    other = provider.organization("toinen")
    with pytest.raises(NotFound), provider.database.reading() as tx:
        provider.deployment.connections.get(tx, other.id, "entra")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, {"name": "connection_name_taken"}),
        ({"client_secret": None}, {"client_secret": "required"}),
    ],
)
def test_what_cannot_be_made_is_refused(
    provider: Provider, changes: dict[str, Any], problem: dict[str, str]
) -> None:
    kuusela = provider.organization()
    create(provider, kuusela)
    with pytest.raises(Invalid) as refused:
        create(provider, kuusela, **changes)
    assert refused.value.fields == problem


def test_connections_are_bounded(provider: Provider) -> None:
    kuusela = provider.organization()
    for number in range(MOST):
        create(provider, kuusela, name=f"c{number}")
    with pytest.raises(Invalid):
        create(provider, kuusela, name="one-more")


def test_another_node_sees_a_change(provider: Provider) -> None:
    kuusela = provider.organization()
    create(provider, kuusela)
    parts = provider.deployment.parts
    other = Connections(parts.database, parts.ephemeral, parts.keyring)
    assert not other.uses_sso("kuusela")
    switch(provider, kuusela, on=True)
    assert other.uses_sso("kuusela")


def test_a_change_leaves_its_record(provider: Provider) -> None:
    kuusela = provider.organization()
    create(provider, kuusela)
    switch(provider, kuusela, on=True)
    with provider.database.reading() as tx:
        events = set(tx.session.scalars(select(AuditRecord.event)))
    assert {"connection.created", "connection.enabled"} <= events


# What came in


def test_an_arrival_keeps_names_and_fingerprints_and_no_value(provider: Provider) -> None:
    row = create(provider, provider.organization())
    keyring = provider.deployment.parts.keyring
    shape = arrivals.shape(
        keyring, row.id, {"mail": ("a@b.fi", "a@b.fi", "c@d.fi"), "title": ("",)}
    )
    assert shape["mail"][0] == shape["mail"][1] != shape["mail"][2]
    assert shape["title"] == [""]
    assert "a@b.fi" not in str(shape)
    assert arrivals.shape(keyring, "other", {"mail": ("a@b.fi",)})["mail"] != shape["mail"][:1]


def test_the_oldest_arrivals_go_first(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    row = create(provider, provider.organization())
    monkeypatch.setattr(arrivals, "MOST_KEPT", 3)
    refusal = FederationRefused(Reason.EXPIRED, expected="12.00", received="11.00")
    for number in range(5):
        with shifted(timedelta(seconds=number)), provider.database.transaction() as tx:
            arrivals.note(tx, row.id, reference=f"R{number}", attributes={}, refusal=refusal)
    with provider.database.reading() as tx:
        kept = arrivals.latest(tx, row.id)
        assert [each.reference for each in kept] == ["R4", "R3", "R2"]
        assert kept[0].shape == {"attributes": {}, "expected": "12.00", "received": "11.00"}
        assert arrivals.by_reference(tx, "R0") is None
        assert tx.session.get_one(Arrival, "R4").reason == "expired"


# Attempts


def begun(provider: Provider, connection_id: str) -> None:
    with provider.database.transaction() as tx:
        attempts.begin(
            tx,
            provider.deployment.parts.keyring,
            attempt_id="attempt-1",
            connection_id=connection_id,
            browser="browser-1",
            purpose="sign_in",
            sealed_request="sealed",
            kept={"nonce": "n-1"},
        )


def identity(connection_id: str) -> ExternalIdentity:
    return ExternalIdentity(
        connection_id=connection_id,
        organization_id="o",
        subject="s-1",
        attributes={"mail": ("a@b.fi",)},
        auth_time=utcnow().replace(microsecond=0),
        methods=("pwd",),
        logout=UpstreamLogout(sid="u-1"),
        spends=(("assertion-1", utcnow() + timedelta(hours=1)),),
    )


def test_an_attempt_is_answered_once_and_only_by_its_connection(provider: Provider) -> None:
    row = create(provider, provider.organization())
    begun(provider, row.id)
    keyring = provider.deployment.parts.keyring
    with provider.database.transaction() as tx:
        found = attempts.find(tx, "attempt-1")
        attempts.require_open(found, row.id)
        attempts.require_browser(found, "browser-1")
        assert attempts.kept(keyring, found) == {"nonce": "n-1"}
        with pytest.raises(FederationRefused) as foreign:
            attempts.require_open(found, "another connection")
        with pytest.raises(FederationRefused) as elsewhere:
            attempts.require_browser(found, "browser-2")
        attempts.spend(tx, found)
        with pytest.raises(FederationRefused) as again:
            attempts.spend(tx, found)
    assert foreign.value.reason is Reason.ATTEMPT_UNKNOWN
    assert elsewhere.value.reason is Reason.OTHER_BROWSER
    assert again.value.reason is Reason.ATTEMPT_USED
    with provider.database.reading() as tx, shifted(attempts.LIFETIME):
        with pytest.raises(FederationRefused):
            attempts.require_open(attempts.find(tx, "attempt-1"), row.id)
        assert attempts.find(tx, "attempt-\0") is None


def test_a_posted_answer_waits_for_its_browser_once(provider: Provider) -> None:
    row = create(provider, provider.organization())
    begun(provider, row.id)
    keyring, came = provider.deployment.parts.keyring, identity(row.id)
    with provider.database.transaction() as tx:
        handle = attempts.park(tx, keyring, attempts.find(tx, "attempt-1"), came)
    with provider.database.transaction() as tx:
        waiting = attempts.parked(tx, handle)
        collected = attempts.collect(tx, keyring, waiting, handle)
        with pytest.raises(FederationRefused):
            attempts.collect(tx, keyring, waiting, handle)
    assert collected.attributes == came.attributes
    assert (collected.auth_time, collected.logout) == (came.auth_time, came.logout)


def test_an_assertion_counts_once_ever(provider: Provider) -> None:
    row = create(provider, provider.organization())
    with provider.database.transaction() as tx:
        attempts.spend_answer(tx, identity(row.id))
    with pytest.raises(FederationRefused) as replayed, provider.database.transaction() as tx:
        attempts.spend_answer(tx, identity(row.id))
    assert replayed.value.reason is Reason.REPLAYED
