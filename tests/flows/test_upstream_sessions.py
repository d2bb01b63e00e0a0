"""What an upstream calls a person and a session: sealed at rest, and found again all the same."""

import base64
from pathlib import Path

import pytest
from sqlalchemy import select

from idp.authentication.federation import upstream_sessions
from idp.authentication.federation.models import UpstreamSession
from idp.foundation.ephemeral.shared import Shared
from idp.foundation.sealed import KeyRing
from tests.federated import Federated, is_at_portal
from tests.oidc_upstream import Upstream
from tests.provider import ISSUER, Provider
from tests.saml.answers import IDP
from tests.saml.organization import SamlOrganization

AINO = {"givenName": ["Aino"], "surname": ["K"], "mail": ["a@k.example"], "uid": ["a@k.example"]}


@pytest.fixture
def kuusela(provider: Provider, tmp_path: Path) -> SamlOrganization:
    provider.register()
    return SamlOrganization(provider, tmp_path)


def kept(provider: Provider) -> UpstreamSession:
    with provider.database.reading() as tx:
        return tx.session.scalars(select(UpstreamSession)).one()


def rotate(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more key-encryption key: it seals from now on, the old one still opens."""
    keyring = provider.deployment.parts.keyring
    newer = KeyRing({**keyring._keys, "99991231T000000": b"n" * 32})
    for name in ("_keys", "current"):
        monkeypatch.setattr(keyring, name, getattr(newer, name))


def ask(kuusela: SamlOrganization, index: str | None) -> int:
    """A LogoutRequest of the upstream's; how many sessions it leaves."""
    message = kuusela.upstream.logout_request(f"{ISSUER}{kuusela.path}/slo", index)
    answer = kuusela.provider.browser().post(
        f"{kuusela.path}/slo", data={"SAMLRequest": base64.b64encode(message).decode()}
    )
    assert answer.headers["Location"].startswith(f"{IDP}/slo?SAMLResponse=")
    return kuusela.live()


def test_name_id_and_session_index_lie_sealed_and_under_tags(kuusela: SamlOrganization) -> None:
    """security.md, Secrets: what signs somebody out upstream is readable with our keys only."""
    assert is_at_portal(kuusela.arrive(kuusela.provider.browser(), identity=AINO), "kuusela")
    row = kept(kuusela.provider)
    known = upstream_sessions.logout_of(kuusela.provider.deployment.parts.keyring, row)
    assert known.name_id
    assert known.sid
    at_rest = [row.sid_tag, row.name_id_tag, row.sealed_logout]
    assert all(len(value or "") >= 43 for value in at_rest)
    assert not any(
        known.sid in (value or "") or known.name_id["value"] in (value or "") for value in at_rest
    )


@pytest.mark.parametrize("is_named", [True, False], ids=["by-session", "by-name"])
def test_a_logout_finds_what_an_older_key_tagged(
    kuusela: SamlOrganization, monkeypatch: pytest.MonkeyPatch, is_named: bool
) -> None:
    kuusela.arrive(kuusela.provider.browser(), identity=AINO)
    keyring = kuusela.provider.deployment.parts.keyring
    known = upstream_sessions.logout_of(keyring, kept(kuusela.provider))
    rotate(kuusela.provider, monkeypatch)
    assert ask(kuusela, known.sid if is_named else None) == 0


def test_a_logout_ends_no_session_of_another_index(kuusela: SamlOrganization) -> None:
    kuusela.arrive(kuusela.provider.browser(), identity=AINO)
    assert ask(kuusela, "_another") == 1


def test_a_session_is_signed_out_by_the_id_token_that_lies_sealed(
    provider: Provider, upstream: Upstream
) -> None:
    organization = Federated(provider, upstream)
    provider.register()
    organization.arrive(provider.browser())
    row = kept(provider)
    known = upstream_sessions.logout_of(provider.deployment.parts.keyring, row)
    assert known.id_token
    assert known.sid == "upstream-session"
    assert "upstream-session" not in f"{row.sid_tag}{row.sealed_logout}"
    assert row.name_id_tag is None


def test_two_connections_tag_one_name_differently(provider: Provider, tmp_path: Path) -> None:
    """A tag tells nobody that two organizations' people have one name upstream."""
    provider.register()
    for slug in ("kuusela", "mantyla"):
        (tmp_path / slug).mkdir()
        organization = SamlOrganization(provider, tmp_path / slug, slug)
        who = AINO | {"uid": [f"a@{slug}.example"], "mail": [f"a@{slug}.example"]}
        organization.arrive(provider.browser(), identity=who)
    with provider.database.reading() as tx:
        tags = {row.name_id_tag for row in tx.session.scalars(select(UpstreamSession))}
    assert len(tags) == 2


def test_a_logout_counts_once_on_all_nodes(kuusela: SamlOrganization) -> None:
    """A recorded LogoutRequest ends nobody's later session, at whatever node it is played."""
    kuusela.arrive(kuusela.provider.browser(), identity=AINO)
    message = kuusela.upstream.logout_request(f"{ISSUER}{kuusela.path}/slo", None)
    form = {"SAMLRequest": base64.b64encode(message).decode()}
    kuusela.provider.browser().post(f"{kuusela.path}/slo", data=form)
    assert kuusela.live() == 0
    kuusela.arrive(kuusela.provider.browser(), identity=AINO)
    with kuusela.provider.node() as other:
        memory = kuusela.provider.deployment.parts.ephemeral
        if isinstance(memory, Shared):
            memory._redis.flushdb()
        for node in (kuusela.provider, other):
            again = node.browser().post(f"{kuusela.path}/slo", data=form)
            assert again.status_code == 403
            assert kuusela.reason() == "replayed"
    assert kuusela.live() == 1
