"""Argon2id in a bounded pool: what it computes, what it takes for the same, whom it turns away."""

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

import pytest
from argon2 import Type, extract_parameters
from argon2.exceptions import HashingError, InvalidHashError, VerificationError

from idp.authentication.passwords import Passwords, Verdict
from idp.config import Passwords as PasswordSettings
from idp.errors import Invalid, Unavailable

CHEAP = PasswordSettings(argon2_memory=8, argon2_time=1)
MATCH = Verdict(matches=True, needs_rehash=False)
MISMATCH = Verdict(matches=False, needs_rehash=False)


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(CHEAP, threads=16)


class Gate:
    """Stands in for Argon2: whoever hashes waits here, and is counted."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.two_inside = threading.Event()
        self._lock = threading.Lock()
        self._inside = 0
        self.most_inside = 0

    def hash(self, _password: str) -> str:
        with self._lock:
            self._inside += 1
            self.most_inside = max(self.most_inside, self._inside)
            if self._inside == 2:
                self.two_inside.set()
        self.opened.wait()
        with self._lock:
            self._inside -= 1
        return "hash"


class OutOfMemory:
    """Stands in for Argon2 on a machine that has no memory left."""

    def hash(self, _password: str) -> str:
        raise HashingError("Memory allocation error")


class Noted:
    """Stands in for Argon2: notes in which threads it ran."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def hash(self, _password: str) -> str:
        self.threads.add(threading.get_ident())
        return "hash"


def with_hasher(hasher: object, *, concurrency: int, queue: int, threads: int = 64) -> Passwords:
    settings = PasswordSettings(concurrency=concurrency, queue=queue)
    passwords = Passwords(settings, threads=threads)
    passwords.__dict__["_hasher"] = hasher
    return passwords


def test_few_threads_ever_hash_however_many_ask() -> None:
    """Each thread that has hashed keeps the 19 MiB: 48 of them once held 400 MB in a worker."""
    noted, together = Noted(), threading.Barrier(16)
    passwords = with_hasher(noted, concurrency=2, queue=64)

    def ask() -> int:
        together.wait()
        for _ in range(20):
            passwords.hash("correct horse battery")
        return threading.get_ident()

    with ThreadPoolExecutor(16) as pool:
        asking = {each.result() for each in [pool.submit(ask) for _ in range(16)]}
    assert len(asking) == 16
    assert len(noted.threads) <= 2
    assert not noted.threads & asking


def test_a_new_hash_costs_what_the_settings_say() -> None:
    settings = PasswordSettings(argon2_memory=64, argon2_time=3)
    parameters = extract_parameters(Passwords(settings, threads=16).hash("correct horse battery"))
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (64, 3, 1)
    assert parameters.salt_len >= 16


def test_the_default_cost_is_at_least_owasps() -> None:
    settings = PasswordSettings()
    assert settings.argon2_memory >= 19 * 1024
    assert settings.argon2_time >= 2


def test_the_right_password_matches_and_any_other_does_not(passwords: Passwords) -> None:
    kept = passwords.hash("correct horse battery")
    assert passwords.verify(kept, "correct horse battery") == MATCH
    assert passwords.verify(kept, "correct horse batterY") == MISMATCH
    assert passwords.verify(kept, "correct horse battery ") == MISMATCH
    assert passwords.verify(kept, "") == MISMATCH


def test_one_password_never_gives_the_same_hash_twice(passwords: Passwords) -> None:
    assert passwords.hash("correct horse battery") != passwords.hash("correct horse battery")


def test_nobodys_password_costs_the_same_and_never_matches(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = passwords.hash("correct horse battery")
    compared: list[str] = []
    verify: Callable[[str, str], Any] = passwords.__dict__["_hasher"].verify

    class Watched:
        def verify(self, kept: str, password: str) -> Any:
            compared.append(kept)
            return verify(kept, password)

    monkeypatch.setitem(passwords.__dict__, "_hasher", Watched())
    assert passwords.verify(None, "") == MISMATCH
    assert extract_parameters(compared[0]) == extract_parameters(kept)


def test_a_dearer_setting_asks_for_a_new_hash_at_the_next_sign_in(passwords: Passwords) -> None:
    kept = passwords.hash("correct horse battery")
    dearer = Passwords(PasswordSettings(argon2_memory=16, argon2_time=1), threads=16)
    assert dearer.verify(kept, "correct horse battery") == Verdict(matches=True, needs_rehash=True)
    assert dearer.verify(kept, "wrong") == MISMATCH
    assert dearer.verify(dearer.hash("new"), "new") == MATCH


@pytest.mark.parametrize(
    ("typed_here", "typed_there"),
    [
        ("yö on pitkä", "yo\u0308 on pitka\u0308"),
        ("Ångström", "\u212bngstro\u0308m"),
        ("office", "o\ufb03ce"),
        ("abc123", "\uff41\uff42\uff43\uff11\uff12\uff13"),
        ("a b", "a\u00a0b"),
    ],
)
def test_every_keyboards_way_of_typing_a_password_matches(
    passwords: Passwords, typed_here: str, typed_there: str
) -> None:
    assert passwords.verify(passwords.hash(typed_here), typed_there) == MATCH


@pytest.mark.parametrize(
    "password",
    [
        "x" * 1024,
        "🐈" * 64,
        "  spaces  all  over  ",
        "nul\x00and\ttab",
        "пароль из слов",
        "%s%(x)d",
    ],
)
def test_any_text_may_be_a_password(passwords: Passwords, password: str) -> None:
    assert passwords.verify(passwords.hash(password), password) == MATCH


def test_no_part_of_a_long_password_is_cut_off(passwords: Passwords) -> None:
    kept = passwords.hash("x" * 1023 + "y")
    assert passwords.verify(kept, "x" * 1023 + "z") == MISMATCH
    assert passwords.verify(passwords.hash("nul\x00one"), "nul\x00two") == MISMATCH


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("x" * 1025, "password_too_long"),
        ("x" * 10_000_000, "password_too_long"),
        ("\ufdfa" * 100, "password_too_long"),
        ("half an emoji \ud83d", "password_unreadable"),
    ],
    ids=["too long", "huge", "too long once normalized", "half a character"],
)
def test_what_cannot_be_a_password_is_refused_before_hashing(
    passwords: Passwords, password: str, code: str
) -> None:
    for refuse in (passwords.hash, lambda text: passwords.verify(None, text)):
        with pytest.raises(Invalid) as refusal:
            refuse(password)
        assert refusal.value.fields == {"password": code}


def test_a_flood_queues_to_a_bound_and_the_rest_is_told_to_come_back() -> None:
    gate = Gate()
    passwords = with_hasher(gate, concurrency=2, queue=3)
    with ThreadPoolExecutor(8) as people:
        waiting: set[Future[str]] = {people.submit(passwords.hash, "secret") for _ in range(8)}
        turned_away: set[Future[str]] = set()
        while len(turned_away) < 3:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            turned_away |= done
        gate.two_inside.wait()
        gate.opened.set()
        assert [served.result() for served in waiting] == ["hash"] * 5
    assert gate.most_inside == 2
    for refused in turned_away:
        error = refused.exception()
        assert isinstance(error, Unavailable)
        assert (error.code, error.retry_after) == ("busy", timedelta(seconds=2))
    assert passwords.hash("the next one") == "hash"


def test_a_machine_out_of_memory_turns_people_away_and_keeps_no_place() -> None:
    passwords = with_hasher(OutOfMemory(), concurrency=1, queue=1)
    for _ in range(5):
        with pytest.raises(Unavailable) as refusal:
            passwords.hash("secret")
        assert isinstance(refusal.value.__cause__, HashingError)


def test_no_memory_to_verify_with_is_no_wrong_password(passwords: Passwords) -> None:
    class Exhausted:
        def verify(self, kept: str, password: str) -> None:
            raise VerificationError("Memory allocation error")

    exhausted = with_hasher(Exhausted(), concurrency=1, queue=1)
    with pytest.raises(Unavailable):
        exhausted.verify(passwords.hash("secret"), "secret")


def test_a_damaged_hash_is_an_error_of_ours_and_not_a_wrong_password(passwords: Passwords) -> None:
    with pytest.raises(InvalidHashError):
        passwords.verify("$argon2id$damaged", "secret")
