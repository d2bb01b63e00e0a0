"""A statement brings back what went in, on either store and after a unit that failed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
)

from idp.authorization.models import RevokedToken
from idp.errors import Unavailable
from idp.foundation.clock import utcnow
from idp.foundation.database import Conflict, Database, Statement
from tests.provider import Provider

_NOTE = Statement(insert(RevokedToken).values(jti=bindparam("jti"), expires_at=bindparam("at")))
_NOTED = Statement(select(RevokedToken.jti, RevokedToken.expires_at).order_by(RevokedToken.jti))
_COUNT = Statement(select(func.count().label("count")).select_from(RevokedToken))


def note(database: Database, *names: str) -> None:
    with database.transaction() as tx:
        for name in names:
            tx.run(_NOTE, jti=name, at=utcnow())


@pytest.fixture
def kinds(database: Database) -> Iterator[Table]:
    """An empty table with a column of each kind that the schema has."""
    types = {"raw": LargeBinary, "text": String, "number": BigInteger, "flag": Boolean}
    columns: list[Column[object]] = [Column(name, kind) for name, kind in types.items()]
    table = Table("kinds", MetaData(), *columns, Column("tree", JSON(none_as_null=True)))
    table.create(database.engine)
    yield table
    table.drop(database.engine)


def test_text_and_instants_come_back_as_they_went_in(database: Database) -> None:
    at = datetime(2026, 3, 29, 3, 0, 0, 123456, tzinfo=UTC)
    texts = ["", "100 % 'tosi' ä €", "$1", "?"]

    with database.transaction() as tx:
        for text in texts:
            assert tx.run(_NOTE, jti=text, at=at) == 1

    with database.reading() as tx:
        assert {tuple(row) for row in tx.all(_NOTED)} == {(text, at) for text in texts}


@pytest.mark.parametrize(
    "values",
    [
        (b"", "", 0, True, {}),
        (bytes(range(256)), "å", -(2**62), False, {"ä": [1, None, {"b": "c"}]}),
        (b"\\x00", "\\x00", 2**62, True, ["%s", 1.5]),
        (None, None, None, None, None),
    ],
    ids=["empty", "full", "odd", "nothing"],
)
def test_a_value_of_every_kind_comes_back(
    database: Database, kinds: Table, values: tuple[object, ...]
) -> None:
    names = [column.name for column in kinds.c]
    keep = Statement(insert(kinds).values({name: bindparam(name) for name in names}))
    kept = Statement(select(kinds))

    with database.transaction() as tx:
        tx.run(keep, **dict(zip(names, values, strict=True)))

    with database.reading() as tx:
        assert [tuple(row) for row in tx.all(kept)] == [values]


def test_what_is_asked_first_is_the_first_row_or_none(database: Database) -> None:
    with database.reading() as tx:
        assert tx.first(_NOTED) is None
        assert tx.first(_COUNT).count == 0


def test_a_statement_runs_again_after_a_unit_that_failed(database: Database) -> None:
    note(database, "kept")
    with pytest.raises(Conflict):
        note(database, "undone", "kept")

    note(database, "later")

    with database.reading() as tx:
        assert [row.jti for row in tx.all(_NOTED)] == ["kept", "later"]


def test_a_statement_runs_again_after_the_orms_savepoint_was_rolled_back(
    database: Database,
) -> None:
    with database.transaction() as tx:
        tx.run(_NOTE, jti="before", at=utcnow())
        nested = tx.session.begin_nested()
        tx.session.add(RevokedToken(jti="undone", expires_at=utcnow()))
        tx.session.flush()
        nested.rollback()
        tx.run(_NOTE, jti="after", at=utcnow())

    with database.reading() as tx:
        assert [row.jti for row in tx.all(_NOTED)] == ["after", "before"]


@pytest.mark.parametrize("provider", ["postgresql"], indirect=True)
def test_a_connection_lost_in_a_unit_is_an_outage_and_a_new_one_is_made(
    provider: Provider,
) -> None:
    database = provider.database
    lose = Statement(select(func.pg_terminate_backend(func.pg_backend_pid()).label("lost")))

    with pytest.raises(Unavailable), database.transaction() as tx:
        tx.run(lose)

    note(database, "next")
    with database.reading() as tx:
        assert [row.jti for row in tx.all(_NOTED)] == ["next"]
