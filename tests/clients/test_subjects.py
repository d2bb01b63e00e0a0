"""Public subjects are everybody's, pairwise ones their sector's (OpenID Connect Core section 8)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from tests.provider import Provider
from tests.relying_party import RelyingParty


def pairwise_party(provider: Provider, host: str, **metadata: Any) -> RelyingParty:
    """A client of that host that sees people by pairwise subjects."""
    return RelyingParty(
        provider,
        redirect_uris=[f"https://{host}/callback"],
        post_logout_redirect_uris=[f"https://{host}/"],
        subject_type="pairwise",
        **metadata,
    )


def test_two_sectors_see_two_subjects_and_one_sector_the_same(provider: Provider) -> None:
    provider.organization()
    account = provider.person()
    subjects = []
    for host in ("yksi.example.fi", "yksi.example.fi", "kaksi.example.fi"):
        party = pairwise_party(provider, host)
        tokens = party.tokens(provider.browser(), account)
        subjects.append(party.claims(tokens["id_token"])["sub"])
    assert subjects[0] == subjects[1] != subjects[2]
    assert account.id not in subjects
    assert all(len(subject) <= 255 and subject.isascii() for subject in subjects)


def test_every_way_a_client_hears_of_a_person_names_the_same_subject(provider: Provider) -> None:
    provider.organization()
    account = provider.person()
    party = pairwise_party(provider, "yksi.example.fi", backchannel_logout_uri="https://a.example/")
    tokens = party.tokens(provider.browser(), account)
    subject = party.claims(tokens["id_token"])["sub"]
    assert party.userinfo(tokens["access_token"]).json()["sub"] == subject
    assert party.patch(tokens["access_token"], {"title": "Rehtori"}).json()["sub"] == subject
    for kind in ("access_token", "refresh_token"):
        assert party.post("/introspect", token=tokens[kind]).json()["sub"] == subject
    refreshed = party.refresh(tokens["refresh_token"]).json()
    assert party.claims(refreshed["id_token"])["sub"] == subject


def test_the_first_pairwise_clients_of_two_nodes_at_once_share_one_key(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both nodes find no key and make one; SQLite lets the second look only after the first."""
    gate, generate = Barrier(2), AESSIV.generate_key

    def generate_key(bits: int) -> bytes:
        with suppress(BrokenBarrierError):
            gate.wait(1)
        return generate(bits)

    monkeypatch.setattr(AESSIV, "generate_key", generate_key)
    provider.organization()
    account = provider.person()
    with provider.node() as other, ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda node: pairwise_party(node, "yksi.example.fi"), (provider, other))
        subjects = {
            party.claims(party.tokens(party.provider.browser(), account)["id_token"])["sub"]
            for party in made
        }
    assert len(subjects) == 1


def test_a_hint_with_a_pairwise_subject_leads_back_to_its_person(provider: Provider) -> None:
    provider.organization()
    browser, account = provider.browser(), provider.person()
    party = pairwise_party(provider, "yksi.example.fi")
    hint = party.tokens(browser, account)["id_token"]
    answer = party.authorize(browser, prompt="none", id_token_hint=hint)
    assert "code" in party.answer(answer)
    stranger = provider.browser()
    party.code(stranger, provider.person("pekka@example.fi", given_name="Pekka"))
    refused = party.authorize(stranger, prompt="none", id_token_hint=hint)
    assert party.answer(refused)["error"] == "login_required"


def test_a_disabled_clients_access_token_opens_nothing(party: RelyingParty) -> None:
    provider = party.provider
    tokens = party.tokens(provider.browser(), provider.person())
    provider.disable(party.client_id)
    assert party.userinfo(tokens["access_token"]).status_code == 401
