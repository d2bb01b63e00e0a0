"""A client's keys are found where it publishes them, and kept with measure (RFC 7517, RFC 7591)."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from idp.clients.client import Client
from idp.clients.client_keys import ClientKeys, NoKeys
from idp.foundation.clock import shifted
from idp.foundation.fetch import Fetched, Fetcher, FetchError, Reason

ADDRESS = "https://rp.example.fi/jwks"
Answer = Callable[[], Fetched]


def jwks(*kids: str) -> Answer:
    """An answer with one EC key for each name."""
    keys = [ECKey.generate_key("P-256", {"kid": kid}).as_dict(private=False) for kid in kids]
    body = json.dumps({"keys": keys}).encode()
    return lambda: Fetched(status=200, headers={}, body=body)


def raw(body: bytes, status: int = 200) -> Answer:
    """An answer as it is."""
    return lambda: Fetched(status=status, headers={}, body=body)


def down() -> Fetched:
    """No answer."""
    raise FetchError(Reason.TIMEOUT, "rp.example.fi")


class Server(Fetcher):
    """The client's own server: answers as told, counts how often it is asked."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[str] = []

    def get(self, url: str, *_args: Any, **_limits: Any) -> Fetched:
        """Answer as told."""
        self.asked.append(url)
        return self.answer()


def client(**metadata: Any) -> Client:
    """A client with these fields."""
    return Client(
        client_id="rp",
        metadata={"jwks_uri": ADDRESS} | metadata,
        is_first_party=True,
        secret_digest=None,
        previous_secret_digest=None,
        previous_secret_until=None,
    )


def later(minutes: float) -> Any:
    """Some minutes on."""
    return shifted(timedelta(minutes=minutes))


def test_keys_are_fetched_once_while_they_are_fresh() -> None:
    server = Server(jwks("one"))
    keys = ClientKeys(server)
    for _ in range(3):
        assert [key.kid for key in keys.of(client(), "one").keys] == ["one"]
    with later(9):
        keys.of(client())
    assert server.asked == [ADDRESS]
    with later(11):
        keys.of(client())
    assert len(server.asked) == 2


def test_a_key_that_is_not_there_is_looked_for_once_a_minute() -> None:
    """Core 10.1.1: a client rotates its keys as it likes."""
    server = Server(jwks("one"))
    keys = ClientKeys(server)
    keys.of(client(), "one")
    server.answer = jwks("one", "two")
    for _ in range(3):
        with pytest.raises(NoKeys, match="kid"):
            keys.signature_keys(client(), "ES256", "two")
    assert len(server.asked) == 1
    with later(1.1):
        assert keys.signature_keys(client(), "ES256", "two")
        with pytest.raises(NoKeys):
            keys.signature_keys(client(), "ES256", "three")
    assert len(server.asked) == 2


def test_known_keys_serve_for_a_day_while_the_server_is_down() -> None:
    server = Server(jwks("one"))
    keys = ClientKeys(server)
    keys.of(client())
    server.answer = down
    with later(23 * 60):
        assert keys.signature_keys(client(), "ES256", "one")
    with later(25 * 60), pytest.raises(NoKeys, match="timeout"):
        keys.of(client())
    server.answer = jwks("two")
    with later(25 * 60 + 2):
        assert keys.signature_keys(client(), "ES256", "two")


def test_a_server_that_is_down_is_asked_once_a_minute() -> None:
    server = Server(down)
    keys = ClientKeys(server)
    for _ in range(3):
        with pytest.raises(NoKeys):
            keys.of(client())
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (raw(b"", 404), "answered 404"),
        (raw(b"<html>"), "is not JSON"),
        (raw(b"[" * 50000), "is not"),
        (raw(b"[]"), "is not a JWK set"),
        (raw(b'{"keys":[]}'), "holds no key"),
        (raw(json.dumps({"keys": [{"kty": "oct", "k": "AA"}]}).encode()), "public keys only"),
        (raw(json.dumps({"keys": [{}] * 21}).encode()), "more than 20"),
    ],
)
def test_what_is_wrong_with_the_answer_is_said_in_plain_words(answer: Answer, why: str) -> None:
    with pytest.raises(NoKeys, match=f"^jwks_uri .*{why}"):
        ClientKeys(Server(answer)).of(client())


def test_many_who_ask_at_once_make_one_look() -> None:
    server, barrier = Server(jwks("one")), Barrier(8)
    keys = ClientKeys(server)

    def ask(_number: int) -> int:
        barrier.wait()
        return len(keys.of(client()).keys)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [1] * 8
    assert len(server.asked) == 1


def test_registered_keys_are_not_fetched_and_follow_the_registration() -> None:
    server = Server(down)
    keys = ClientKeys(server)
    for kid in ("one", "two"):
        own = {"keys": [ECKey.generate_key("P-256", {"kid": kid}).as_dict(private=False)]}
        assert keys.signature_keys(client(jwks_uri=None, jwks=own), "ES256", kid)
    with pytest.raises(NoKeys, match="no keys are registered"):
        keys.of(client(jwks_uri=None))
    assert server.asked == []


def test_a_key_is_chosen_by_what_it_is_for() -> None:
    """RFC 7517 sections 4.2 and 4.4, RFC 7518 section 3.1."""
    signing = RSAKey.generate_key(2048, {"kid": "s", "use": "sig"})
    sealing = RSAKey.generate_key(2048, {"kid": "e", "use": "enc"})
    curve = ECKey.generate_key("P-384", {"kid": "c"})
    own = {"keys": [key.as_dict(private=False) for key in (signing, sealing, curve)]}
    keys, holder = ClientKeys(Server(down)), client(jwks_uri=None, jwks=own)
    assert [key.kid for key in keys.signature_keys(holder, "PS256")] == ["s"]
    assert [key.kid for key in keys.signature_keys(holder, "ES384")] == ["c"]
    assert keys.encryption_key(holder, "RSA-OAEP-256").kid == "e"
    assert keys.encryption_key(holder, "ECDH-ES").kid == "c"
    for alg in ("ES256", "EdDSA"):
        with pytest.raises(NoKeys, match=alg):
            keys.signature_keys(holder, alg)
