"""The example portal's memory, configuration and texts."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from examples.portal.config import read_config
from examples.portal.store import Store
from examples.portal.texts import LANGUAGES, TEXTS

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEMPLATES = Path(__file__).parents[2] / "examples" / "portal" / "templates"


@pytest.fixture
def store() -> Iterator[Store]:
    """A memory that nobody has used."""
    with closing(Store(":memory:")) as memory:
        yield memory


def begin(store: Store, sub: str, sid: str | None) -> str:
    """A session of somebody."""
    return store.begin_session(sub=sub, sid=sid, claims={}, tokens={}, now=NOON)


def test_a_step_is_taken_once_by_its_own_browser_within_an_hour(store: Store) -> None:
    for state in ("late", "stolen", "right"):
        store.remember_step(state, "browser", {"nonce": state}, NOON)
    assert store.take_step("late", "browser", NOON + timedelta(hours=1)) is None
    assert store.take_step("stolen", "another browser", NOON) is None
    assert store.take_step("right", "browser", NOON) == {"nonce": "right"}
    assert store.take_step("right", "browser", NOON) is None


def test_a_session_ends_after_eight_hours(store: Store) -> None:
    session_id = begin(store, "p-1", "s-1")
    assert store.session(session_id, NOON + timedelta(hours=7, minutes=59))
    assert store.session(session_id, NOON + timedelta(hours=8)) is None


@pytest.mark.parametrize(
    ("sub", "sid", "left"),
    [
        ("p-1", "s-1", {"p-1 s-2", "p-2 s-3"}),
        (None, "s-1", {"p-1 s-2", "p-2 s-3"}),
        ("p-1", None, {"p-2 s-3"}),
        ("p-2", "s-1", {"p-1 s-1", "p-1 s-2", "p-2 s-3"}),
        (None, None, {"p-1 s-1", "p-1 s-2", "p-2 s-3"}),
    ],
)
def test_a_logout_token_ends_what_it_names_and_nothing_else(
    store: Store, sub: str | None, sid: str | None, left: set[str]
) -> None:
    sessions = {name: begin(store, *name.split()) for name in ("p-1 s-1", "p-1 s-2", "p-2 s-3")}
    assert store.end_sessions(jti="j-1", sub=sub, sid=sid, now=NOON, expires_at=NOON)
    assert {name for name, key in sessions.items() if store.session(key, NOON)} == left


def test_a_logout_token_counts_once(store: Store) -> None:
    until = NOON + timedelta(minutes=10)
    assert store.end_sessions(jti="j-1", sub="p-1", sid=None, now=NOON, expires_at=until)
    session_id = begin(store, "p-1", "s-1")
    assert not store.end_sessions(jti="j-1", sub="p-1", sid=None, now=NOON, expires_at=until)
    assert store.session(session_id, NOON)


def test_an_ended_session_cannot_be_written_to(store: Store) -> None:
    session_id = begin(store, "p-1", "s-1")
    store.end_session(session_id)
    store.save(session_id, claims={"sub": "p-1"})
    assert store.session(session_id, NOON) is None


def test_usernames_change_and_the_person_stays(store: Store) -> None:
    assert store.meet("p-1", "first", NOON) is None
    assert store.meet("p-1", "first", NOON) is None
    assert store.meet("p-1", "second", NOON) == "first"
    assert store.meet("p-2", "first", NOON) is None
    assert store.meet("p-1", "third", NOON) == "second"
    assert store.earlier_usernames("p-1") == ["second", "first"]
    assert store.earlier_usernames("p-2") == []


def test_nothing_that_opens_a_session_is_kept_in_clear(tmp_path: Path) -> None:
    path = tmp_path / "portal.db"
    store = Store(str(path))
    session_id = begin(store, "p-1", "s-1")
    store.remember_step("state", "browser-cookie", {}, NOON)
    store.close()
    kept = path.read_bytes()
    assert session_id.encode() not in kept
    assert b"browser-cookie" not in kept
    assert path.stat().st_mode & 0o077 == 0


def test_options_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_CLIENT_ID", "from-the-environment")
    monkeypatch.setenv("PORTAL_CLIENT_SECRET", "hush")
    monkeypatch.setenv("PORTAL_ISSUER", "https://id.example.fi")
    config = read_config(["--client-id", "given"])
    assert config.client_id == "given"
    assert config.issuer == "https://id.example.fi"
    assert "hush" not in repr(config)


def test_a_portal_without_a_client_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_CLIENT_ID", raising=False)
    with pytest.raises(SystemExit) as stopped:
        read_config([])
    assert stopped.value.code == 2


def test_every_sentence_is_there_in_every_language() -> None:
    assert all(sentences.keys() == LANGUAGES.keys() for sentences in TEXTS.values())
    holes = re.compile(r"%\((\w+)\)s")
    for sentences in TEXTS.values():
        assert len({frozenset(holes.findall(sentence)) for sentence in sentences.values()}) == 1


def test_templates_ask_only_for_sentences_that_exist() -> None:
    asked = {
        key
        for template in TEMPLATES.glob("*.html")
        for key in re.findall(r"""\bt\(["']([\w.]+)["'][,)]""", template.read_text())
    }
    assert asked
    assert asked <= TEXTS.keys()
