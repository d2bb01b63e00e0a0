"""The schema: the same in every store, brought up by one at a time, never from the unknown."""

import importlib
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

import idp
from idp.errors import Refused, Unavailable
from idp.foundation.database import engine_options, prepare
from idp.migrations.lock import alone
from idp.migrations.metadata import PARTS
from idp.migrations.moves import config, differences
from idp.migrations.schema import _versions, schema, upgrade


def opened(url: str) -> Engine:
    return prepare(sa.create_engine(url, **engine_options(url)))


@pytest.fixture
def engine(empty_database: str) -> Iterator[Engine]:
    engine = opened(empty_database)
    yield engine
    engine.dispose()


def test_the_migrated_schema_is_what_the_models_say(engine: Engine) -> None:
    upgrade(engine)
    assert differences(engine) == []


def test_the_versions_we_know_are_those_alembic_walks() -> None:
    walked = ScriptDirectory.from_config(config()).walk_revisions()
    assert _versions() == [script.revision for script in walked]


def test_what_only_serves_does_without_alembic() -> None:
    loaded = "import sys, idp.cli; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True)
    assert done.stdout == b"False\n"


def test_an_empty_database_has_no_version_and_afterwards_the_newest(engine: Engine) -> None:
    assert schema(engine).version is None
    upgrade(engine)
    assert schema(engine).is_current


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert upgrade(engine).is_current
    assert differences(engine) == []


def test_a_schema_from_the_future_is_left_alone(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert not schema(engine).is_known
    with pytest.raises(Refused, match="schema_unknown"):
        upgrade(engine)


def test_eight_nodes_that_start_at_once_make_one_schema(empty_database: str) -> None:
    def start(_node: int) -> str | None:
        engine = opened(empty_database)
        with alone(engine):
            before = upgrade(engine).version
        engine.dispose()
        return before

    with ThreadPoolExecutor(8) as nodes:
        before = list(nodes.map(start, range(8)))
    assert before.count(None) == 1


def test_foreign_keys_hold_again_after_an_upgrade(engine: Engine) -> None:
    upgrade(engine)
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO credential VALUES ('nobody', 'hash', 0)"),
        )


def test_a_store_out_of_reach_is_unavailable() -> None:
    engine = opened("postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    with pytest.raises(Unavailable):
        schema(engine)
    with pytest.raises(Unavailable), alone(engine):
        pass


def test_every_module_with_models_is_known_to_the_migrations() -> None:
    with_models = {
        module.name
        for module in pkgutil.walk_packages(idp.__path__, "idp.")
        if module.name.endswith("models")
    }
    assert {part.__name__ for part in PARTS} == with_models
    assert all(importlib.import_module(name) for name in with_models)


def test_the_next_version_is_written_from_the_models(tmp_path: Path) -> None:
    copy = tmp_path / "idp"
    shutil.copytree(idp.__path__[0], copy, ignore=shutil.ignore_patterns("__pycache__", "0*.py"))

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout

    run("-m", "idp.migrations", "all tables")
    (version,) = (copy / "migrations" / "versions").glob("*.py")
    assert version.name == "0001_all_tables.py"
    check = (
        "from sqlalchemy import create_engine\n"
        "from idp.migrations.moves import differences\n"
        "from idp.migrations.schema import upgrade\n"
        "engine = create_engine('sqlite:///new.db')\n"
        "upgrade(engine)\n"
        "print(differences(engine))\n"
    )
    assert run("-c", check) == "[]\n"
