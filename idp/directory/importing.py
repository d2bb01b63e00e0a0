"""Many people at once: each row judged and added by itself, all of it or nothing.

A dry run does the very same and takes each row back, so that it promises what will come. Rows are
committed in small batches: others get their turn between them, and a verdict that is read is true.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from idp.audit import Actor, Event, record
from idp.directory import access, organizations, persons, usernames
from idp.directory.models import Organization
from idp.directory.people_file import Row
from idp.directory.persons import Added, NewPerson
from idp.errors import Invalid
from idp.foundation.database import Database, Transaction

BATCH = 50

Then = Callable[[Transaction, Added], None]


class Outcome(StrEnum):
    """What a row came to."""

    ADDED = "added"
    ADDED_MEMBERSHIP = "added_membership"
    ALREADY_MEMBER = "already_member"
    DUPLICATE = "duplicate"
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a row, or would."""

    line: int
    username: str
    outcome: Outcome
    problems: Mapping[str, str] = field(default_factory=dict)
    """Why it is invalid: a code for each column."""
    differs: tuple[str, ...] = ()
    """What the account that was there says otherwise than the row."""
    first_line: int | None = None
    """Where the username of a duplicate stands first."""


def import_people(
    database: Database,
    organization: Organization,
    rows: Sequence[Row],
    *,
    by: Actor,
    dry_run: bool = False,
    then: Then | None = None,
) -> Iterator[Verdict]:
    """Add the people of ``rows`` and give each row's verdict once it holds.

    ``then`` is done with each person added, in the same transaction (a mailed link); never in a
    dry run. NotAllowed at once where the organization takes nobody by hand.
    """
    access.may_add_people(organization).require()
    return _import(database, organization.id, rows, by=by, dry_run=dry_run, then=then)


def _import(
    database: Database,
    organization_id: str,
    rows: Sequence[Row],
    *,
    by: Actor,
    dry_run: bool,
    then: Then | None,
) -> Iterator[Verdict]:
    first_lines = _first_lines(rows)
    outcomes: Counter[str] = Counter()
    for start in range(0, len(rows), BATCH):
        with database.transaction() as tx:
            organization = organizations.get(tx, organization_id)
            verdicts = [
                _verdict(tx, organization, row, first_lines, by=by, dry_run=dry_run, then=then)
                for row in rows[start : start + BATCH]
            ]
        outcomes.update(verdict.outcome.value for verdict in verdicts)
        yield from verdicts
    if not dry_run:
        with database.transaction() as tx:
            record(tx, Event.PEOPLE_IMPORTED, by=by, organization_id=organization_id, rows=outcomes)


def _first_lines(rows: Sequence[Row]) -> dict[str, int]:
    """Where each username stands first."""
    lines: dict[str, int] = {}
    for row in rows:
        lines.setdefault(usernames.key(row.username), row.line)
    return lines


def _verdict(
    tx: Transaction,
    organization: Organization,
    row: Row,
    first_lines: Mapping[str, int],
    *,
    by: Actor,
    dry_run: bool,
    then: Then | None,
) -> Verdict:
    key = usernames.key(row.username)
    if row.new is None:
        return _refused(row, {"row": "row_too_long"})
    if key and first_lines[key] != row.line:
        return Verdict(
            line=row.line,
            username=row.username,
            outcome=Outcome.DUPLICATE,
            first_line=first_lines[key],
        )
    try:
        added = _attempt(tx, organization, row.new, by=by, dry_run=dry_run, then=then)
    except Invalid as refused:
        return _refused(row, refused.fields)
    return Verdict(
        line=row.line,
        username=row.username,
        outcome=Outcome.ADDED if added.is_new else Outcome.ADDED_MEMBERSHIP,
        differs=added.differs,
    )


def _attempt(
    tx: Transaction,
    organization: Organization,
    new: NewPerson,
    *,
    by: Actor,
    dry_run: bool,
    then: Then | None,
) -> Added:
    """Add one person; what is refused, and all of a dry run, is taken back."""
    with tx.session.begin_nested() as savepoint:
        added = persons.add(tx, new, organization, by=by)
        if dry_run:
            savepoint.rollback()
        elif then:
            then(tx, added)
    return added


def _refused(row: Row, problems: Mapping[str, str]) -> Verdict:
    if problems.get("username") == "already_member":
        return Verdict(line=row.line, username=row.username, outcome=Outcome.ALREADY_MEMBER)
    return Verdict(
        line=row.line,
        username=row.username,
        outcome=Outcome.INVALID,
        problems={"role" if name == "roles" else name: code for name, code in problems.items()},
    )
