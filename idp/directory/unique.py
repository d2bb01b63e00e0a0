"""Adding a row that only one can add: uniqueness is the store's, and losing is an answer."""

from sqlalchemy.exc import IntegrityError

from idp.foundation.database import Model, Transaction


def insert(tx: Transaction, row: Model) -> bool:
    """Add ``row``; False where somebody already holds what must be unique.

    The transaction goes on either way: the attempt has a savepoint of its own.
    """
    try:
        with tx.session.begin_nested():
            tx.session.add(row)
    except IntegrityError:
        return False
    return True
