"""Every lasting secret moves to a new key-encryption key: none is forgotten."""

import pytest

from idp.foundation.database import Model
from idp.foundation.sealed import KeyRing
from idp.migrations import metadata  # noqa: F401
from tests.provider import OPERATOR, Provider

REWRAPPED = {
    "signing_key.sealed_private_jwk",
    "client.sealed_secret",
    "client.previous_sealed_secret",
    "pairwise_key.sealed",
    "connection.sealed_secrets",
}
PASSING = {
    "sso_attempt.sealed_request",
    "sso_attempt.sealed_kept",
    "sso_attempt.sealed_identity",
    "upstream_session.sealed_logout",
}
"""Gone before the old key file may be removed, a refresh token's lifetime later."""


def test_every_sealed_column_is_rewrapped_or_passes() -> None:
    sealed = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if "sealed" in column.name and not column.name.endswith("_at")
    }
    assert sealed == REWRAPPED | PASSING


@pytest.fixture
def newer(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> KeyRing:
    """The same nodes, restarted with one more key-encryption key."""
    keyring = provider.deployment.parts.keyring
    newer = KeyRing({**keyring._keys, "99991231T000000": b"n" * 32})
    for holder in (
        provider.deployment.signing_keys,
        provider.deployment.clients,
        provider.deployment.connections,
    ):
        monkeypatch.setattr(holder, "_keyring", newer)
    return newer


def test_rewrapping_seals_all_of_it_under_the_newest(provider: Provider, newer: KeyRing) -> None:
    provider.register(token_endpoint_auth_method="client_secret_jwt")
    provider.register(subject_type="pairwise")
    assert provider.deployment.rewrap(by=OPERATOR) > 0
    assert provider.deployment.rewrap(by=OPERATOR) == 0
    alone = KeyRing({newer.current: newer._keys[newer.current]})
    with provider.database.reading() as tx:
        for name in sorted(REWRAPPED):
            table, _, column = name.partition(".")
            chosen = Model.metadata.tables[table].columns[column]
            for value in tx.session.execute(chosen.table.select().with_only_columns(chosen)):
                assert not value[0] or alone.is_current(value[0]), name
