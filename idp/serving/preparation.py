"""Taking a store into use: keys, schema, signing keys and the first operator, whatever is missing.

Every step looks first and adds only; the whole is one process's at a time, so that any number of
nodes may begin with it.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from idp import Deployment
from idp.audit import Actor, Event, record
from idp.config import Settings
from idp.directory.first_operator import appoint_first
from idp.errors import Refused
from idp.foundation.sealed import KeyRing, Unopenable
from idp.migrations.lock import alone
from idp.migrations.schema import Schema, schema, upgrade
from idp.serving.store import deployed, lay_out, opened
from idp.serving.welcome import ShownLink, show_link
from idp.signing.models import SigningKey


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What was missing and is there now."""

    key_file: Path | None
    """The first key-encryption key, where it had to be made."""
    before: Schema
    made_signing_keys: bool
    operator: ShownLink | None
    """The first operator's link, where they had to be made."""


def prepare_installation(
    settings: Settings, *, operator_username: str, operator_email: str | None, by: Actor
) -> Prepared:
    """Make what is missing; Refused where something is there that must not be made anew."""
    with opened(settings) as engine:
        lay_out(engine)
        with alone(engine):
            key_file = _ensure_key(engine, settings.keys.directory)
            before = upgrade(engine)
            with deployed(settings) as deployment:
                made_signing_keys = _make_signing_keys(deployment, by=by)
                operator = _make_operator(deployment, operator_username, operator_email, by=by)
                if before.version is None:
                    with deployment.parts.database.transaction() as tx:
                        record(tx, Event.SYSTEM_INITIALIZED, by=by)
    return Prepared(
        key_file=key_file,
        before=before,
        made_signing_keys=made_signing_keys,
        operator=operator,
    )


def _ensure_key(engine: Engine, directory: Path) -> Path | None:
    """Make the first key-encryption key if there is none, and return its file.

    Never over a store that holds something sealed: without its own keys that is lost, and new ones
    would hide it.
    """
    if any(directory.glob("*.key")):
        return None
    if _holds_something_sealed(engine):
        raise Refused("keys_missing", directory=directory)
    return KeyRing.create(directory)


def _holds_something_sealed(engine: Engine) -> bool:
    """Whether the store was in use before: its signing keys are what is sealed first."""
    if schema(engine).version is None:
        return False
    with Session(engine) as session:
        return session.scalar(select(SigningKey.kid).limit(1)) is not None


def _make_signing_keys(deployment: Deployment, *, by: Actor) -> bool:
    """Make the first signing keys, if there are none; whether there were none."""
    try:
        is_empty = not deployment.signing_keys.ring().keys
    except Unopenable as error:
        directory = deployment.parts.settings.keys.directory
        raise Refused("keys_foreign", directory=directory) from error
    deployment.signing_keys.tick(by=by)
    return is_empty


def _make_operator(
    deployment: Deployment, username: str, email: str | None, *, by: Actor
) -> ShownLink | None:
    """Appoint the first operator, if there is none, and make their link in the same transaction."""
    with deployment.parts.database.transaction() as tx:
        operator = appoint_first(tx, username, email, by=by)
        return show_link(deployment, tx, operator, by=by) if operator else None
