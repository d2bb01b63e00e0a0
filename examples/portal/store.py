"""The portal's memory: sign-ins under way, sessions, spent logout tokens, people by ``sub``."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any

STEP_LIFETIME = timedelta(hours=1)
SESSION_LIFETIME = timedelta(hours=8)

SCHEMA = """
CREATE TABLE IF NOT EXISTS step (
    state TEXT PRIMARY KEY, browser TEXT NOT NULL, data TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, sub TEXT NOT NULL, sid TEXT, csrf TEXT NOT NULL,
    claims TEXT NOT NULL, tokens TEXT NOT NULL, notice TEXT, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS logout_token (jti TEXT PRIMARY KEY, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS person (sub TEXT PRIMARY KEY, username TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS earlier_username (
    sub TEXT NOT NULL, username TEXT NOT NULL, until REAL NOT NULL);
"""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One signed-in browser: what the provider said of the person, and the tokens it gave."""

    id: str = field(repr=False)
    sub: str
    csrf: str = field(repr=False)
    claims: dict[str, Any]
    tokens: dict[str, Any] = field(repr=False)
    notice: dict[str, str] | None


class Store:
    """SQLite behind one lock: enough for an example; given a file, it survives a restart."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).touch(mode=0o600)
        self._lock = RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._database.executescript(SCHEMA)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                self._database.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def remember_step(self, state: str, browser: str, data: dict[str, Any], now: datetime) -> None:
        """Keep what must come back with ``state``, for this browser alone."""
        with self._transaction() as database:
            database.execute("DELETE FROM step WHERE expires_at <= ?", [now.timestamp()])
            database.execute(
                "INSERT INTO step VALUES (?, ?, ?, ?)",
                [state, digest(browser), json.dumps(data), (now + STEP_LIFETIME).timestamp()],
            )

    def take_step(self, state: str, browser: str, now: datetime) -> dict[str, Any] | None:
        """Spend what was kept; None if unknown, expired, spent or another browser's."""
        with self._transaction() as database:
            row = database.execute(
                "DELETE FROM step WHERE state = ? AND browser = ? AND expires_at > ? "
                "RETURNING data",
                [state, digest(browser), now.timestamp()],
            ).fetchone()
        return json.loads(row["data"]) if row else None

    def begin_session(
        self,
        *,
        sub: str,
        sid: str | None,
        claims: dict[str, Any],
        tokens: dict[str, Any],
        now: datetime,
    ) -> str:
        """Begin a session under a new id, which is returned; only its digest is kept."""
        session_id, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        said = [json.dumps(claims), json.dumps(tokens)]
        expires_at = (now + SESSION_LIFETIME).timestamp()
        with self._transaction() as database:
            database.execute("DELETE FROM session WHERE expires_at <= ?", [now.timestamp()])
            database.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, NULL, ?)",
                [digest(session_id), sub, sid, csrf, *said, expires_at],
            )
        return session_id

    def session(self, session_id: str, now: datetime) -> Session | None:
        """The living session with this id, or None."""
        with self._lock:
            row = self._database.execute(
                "SELECT * FROM session WHERE id = ? AND expires_at > ?",
                [digest(session_id), now.timestamp()],
            ).fetchone()
        if row is None:
            return None
        return Session(
            id=session_id,
            sub=row["sub"],
            csrf=row["csrf"],
            claims=json.loads(row["claims"]),
            tokens=json.loads(row["tokens"]),
            notice=json.loads(row["notice"]) if row["notice"] else None,
        )

    def save(self, session_id: str, **columns: dict[str, Any] | None) -> None:
        """Replace ``claims``, ``tokens`` or ``notice``; nothing happens to an ended session."""
        with self._transaction() as database:
            for column in columns.keys() & {"claims", "tokens", "notice"}:
                value = json.dumps(columns[column]) if columns[column] is not None else None
                database.execute(
                    f"UPDATE session SET {column} = ? WHERE id = ?", [value, digest(session_id)]
                )

    def end_session(self, session_id: str) -> None:
        """End one session."""
        with self._transaction() as database:
            database.execute("DELETE FROM session WHERE id = ?", [digest(session_id)])

    def end_sessions(
        self, *, jti: str, sub: str | None, sid: str | None, now: datetime, expires_at: datetime
    ) -> bool:
        """End what a logout token names, once; False if this ``jti`` has been here before.

        With a ``sid`` it ends that session, with only a ``sub`` all of the person's
        (Back-Channel Logout 1.0 section 2.7).
        """
        with self._transaction() as database:
            database.execute("DELETE FROM logout_token WHERE expires_at <= ?", [now.timestamp()])
            spent = database.execute(
                "INSERT OR IGNORE INTO logout_token VALUES (?, ?)", [jti, expires_at.timestamp()]
            )
            if not spent.rowcount:
                return False
            if sid is None:
                database.execute("DELETE FROM session WHERE sub = ?", [sub])
            else:
                database.execute(
                    "DELETE FROM session WHERE sid = ? AND sub = coalesce(?, sub)", [sid, sub]
                )
        return True

    def meet(self, sub: str, username: str, now: datetime) -> str | None:
        """Bring the person's record up to date; the previous username if it was another one."""
        with self._transaction() as database:
            row = database.execute("SELECT username FROM person WHERE sub = ?", [sub]).fetchone()
            if row and row["username"] == username:
                return None
            database.execute("INSERT OR REPLACE INTO person VALUES (?, ?)", [sub, username])
            if row is None:
                return None
            database.execute(
                "INSERT INTO earlier_username VALUES (?, ?, ?)",
                [sub, row["username"], now.timestamp()],
            )
            return str(row["username"])

    def earlier_usernames(self, sub: str) -> list[str]:
        """Every username known before the person's present one, newest first."""
        with self._lock:
            rows = self._database.execute(
                "SELECT username FROM earlier_username WHERE sub = ? ORDER BY rowid DESC", [sub]
            )
            return [row["username"] for row in rows]


def digest(secret: str) -> str:
    """What is kept in place of an identifier that opens something."""
    return hashlib.sha256(secret.encode()).hexdigest()
