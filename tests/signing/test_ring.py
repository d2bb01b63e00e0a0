"""Which key signs when: from times alone, on clocks that do not quite agree."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.errors import NotFound, Unavailable
from idp.foundation import clock
from idp.foundation.ephemeral import Memory
from idp.signing.algorithms import SIGNING_ALGORITHMS, generate
from idp.signing.models import SigningKey
from idp.signing.ring import PUBLISHED_AHEAD, Ring, RingKey, SigningKeys
from tests.provider import OPERATOR, Provider
from tests.relying_party import RelyingParty

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRIVATE = generate("EdDSA")


def key(kid: str, active_from: datetime, retired_at: datetime | None = None) -> RingKey:
    return RingKey(
        kid=kid,
        alg="EdDSA",
        public_jwk={},
        active_from=active_from,
        retired_at=retired_at,
        private=PRIVATE,
    )


def ring(*keys: RingKey) -> Ring:
    return Ring(keys=keys, version="1", stale_at=NOON)


FIRST = ring(key("a", NOON))
ROTATED = ring(key("a", NOON - 24 * HOUR, NOON), key("b", NOON))
REPLACED = ring(key("b", NOON))


@pytest.mark.parametrize(
    ("keys", "at", "signs", "why"),
    [
        (FIRST, NOON, "a", "it has begun"),
        (FIRST, NOON - HOUR, "a", "this clock is behind the node's that made it"),
        (ROTATED, NOON - timedelta(microseconds=1), "a", "its successor has not taken over"),
        (ROTATED, NOON, "b", "it takes over at that very moment"),
        (REPLACED, NOON - HOUR, "b", "the one before was revoked on a node that is ahead"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_exactly_one_key_signs_at_any_moment(
    keys: Ring, at: datetime, signs: str, why: str
) -> None:
    assert keys.active("EdDSA", at).kid == signs, why
    assert [k.kid for k in keys.keys if keys.stage(k, at) == "active"] == [signs], why


def test_a_ring_never_made_signs_nothing() -> None:
    with pytest.raises(Unavailable):
        ring().active("EdDSA", NOON)


def fresh(provider: Provider) -> SigningKeys:
    """Another node's view of the same store."""
    parts = provider.deployment.parts
    return SigningKeys(parts.settings, parts.database, parts.keyring, Memory())


def stages(keys: SigningKeys, alg: str = "ES256") -> list[str]:
    found, now = keys.ring(), clock.utcnow()
    return [found.stage(key, now) for key in found.keys if key.alg == alg]


def test_the_next_key_is_published_a_day_before_it_signs_and_the_old_one_stays(
    provider: Provider,
) -> None:
    """Rotation goes unnoticed: no relying party ever meets a key that it could not fetch."""
    lifetimes, keys = provider.settings.lifetimes, fresh(provider)
    before = keys.active("ES256").kid
    with clock.shifted(lifetimes.signing_key - PUBLISHED_AHEAD + HOUR):
        keys.tick(by=OPERATOR)
        assert stages(keys) == ["active", "next"]
        assert keys.active("ES256").kid == before
    with clock.shifted(lifetimes.signing_key + 2 * HOUR):
        keys.tick(by=OPERATOR)
        assert stages(keys) == ["retired", "active"]
    with clock.shifted(lifetimes.signing_key + lifetimes.session + HOUR):
        keys.tick(by=OPERATOR)
        assert stages(keys) == ["retired", "active"], "an ID token of it may still be a hint"
    with clock.shifted(lifetimes.signing_key + lifetimes.session + 4 * HOUR):
        keys.tick(by=OPERATOR)
        assert stages(keys) == ["active"]


@pytest.mark.parametrize("behind", [timedelta(0), HOUR, timedelta(minutes=5)], ids=str)
def test_a_revoked_key_is_out_at_once_and_another_signs_on_every_node(
    provider: Provider, behind: timedelta
) -> None:
    here, there = fresh(provider), fresh(provider)
    kid = here.active("RS256").kid
    here.revoke(kid, by=OPERATOR)
    with clock.shifted(-behind):
        assert there.active("RS256").kid == here.active("RS256").kid != kid
        assert kid not in {key["kid"] for key in there.jwks()["keys"]}


def test_what_a_revoked_key_signed_is_refused_where_we_verify(party: RelyingParty) -> None:
    browser = party.provider.browser()
    token = party.tokens(browser, party.provider.person())["id_token"]
    keys = party.provider.deployment.signing_keys
    keys.revoke(keys.active("RS256").kid, by=OPERATOR)
    assert browser.get("/logout", params={"id_token_hint": token}).status_code == 400


def test_revoking_a_key_that_never_signed_leaves_the_active_one(provider: Provider) -> None:
    keys = fresh(provider)
    active, coming = keys.active("ES256").kid, keys.rotate("ES256", by=OPERATOR)
    keys.revoke(coming, by=OPERATOR)
    with clock.shifted(PUBLISHED_AHEAD + HOUR):
        assert keys.active("ES256").kid == active
        assert stages(keys) == ["active"]
    later = keys.rotate("ES256", by=OPERATOR)
    with clock.shifted(PUBLISHED_AHEAD + HOUR):
        assert keys.active("ES256").kid == later


def test_revoking_a_retired_key_leaves_the_active_one(provider: Provider) -> None:
    keys = fresh(provider)
    old, new = keys.active("ES256").kid, keys.rotate("ES256", by=OPERATOR)
    with clock.shifted(PUBLISHED_AHEAD + HOUR):
        keys.revoke(old, by=OPERATOR)
        assert [keys.active("ES256").kid, *stages(keys)] == [new, "active"]


def test_revoking_the_active_key_takes_the_waiting_one_out_of_its_turn(
    provider: Provider,
) -> None:
    """Both were sealed in the same store: neither is trusted to sign from then on."""
    keys = fresh(provider)
    old, waiting = keys.active("ES256").kid, keys.rotate("ES256", by=OPERATOR)
    keys.revoke(old, by=OPERATOR)
    signing = keys.active("ES256").kid
    with clock.shifted(PUBLISHED_AHEAD + HOUR):
        assert keys.active("ES256").kid == signing not in (old, waiting)


def test_a_key_revoked_twice_is_not_found(provider: Provider) -> None:
    keys = fresh(provider)
    kid = keys.active("ES256").kid
    keys.revoke(kid, by=OPERATOR)
    with pytest.raises(NotFound):
        keys.revoke(kid, by=OPERATOR)


def test_of_a_removed_key_the_private_half_is_destroyed(provider: Provider) -> None:
    keys = fresh(provider)
    kid = keys.active("ES256").kid
    keys.revoke(kid, by=OPERATOR)
    with provider.database.reading() as tx:
        assert tx.session.get_one(SigningKey, kid).sealed_private_jwk == ""
        assert keys.opens(tx)


def test_every_algorithm_has_its_own_ring(provider: Provider) -> None:
    keys = fresh(provider)
    others = [alg for alg in SIGNING_ALGORITHMS if alg != "ES256"]
    before = {alg: keys.active(alg).kid for alg in others}
    keys.revoke(keys.active("ES256").kid, by=OPERATOR)
    assert {alg: keys.active(alg).kid for alg in others} == before
