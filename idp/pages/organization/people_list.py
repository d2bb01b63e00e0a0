"""The list of an organization's people: searched, filtered, page by page, each with their state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from babel.numbers import format_decimal
from flask import Flask, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.people_filter import Progress, page_of
from idp.authentication.people_state import MailedLink, PasswordState, password_states
from idp.directory import access, people
from idp.directory.models import Organization
from idp.directory.people import LONGEST_SEARCH, PAGE_SIZE, Listed, Page, Role, State
from idp.foundation.database import Transaction
from idp.foundation.texts import current_locale
from idp.pages.organization.entrance import CONSOLE, Console, Entrance
from idp.pages.organization.standing import Standing, standing

_ROLES: Mapping[str, Role] = {"main_user": "main_user", "it_admin": "it_admin"}
_STATES: Mapping[str, State] = {"active": "active", "locked": "locked"}
_PROGRESSES = {progress.value: progress for progress in Progress}
_AROUND = 1
"""Pages on each side of the present one that the pager names."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the list was asked for; what we do not know counts as not asked."""

    search: str
    role: str
    state: str
    number: int

    @classmethod
    def read(cls, organization: Organization) -> "Asked":
        """The question of the request at hand."""
        number = request.args.get("page", "")[:6]
        role, state = request.args.get("role", ""), request.args.get("state", "")
        return cls(
            search=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
            role=role if role in _ROLES else "",
            state=state if state in states_of(organization) else "",
            number=int(number) if number.isascii() and number.isdigit() else 1,
        )

    @property
    def is_anything(self) -> bool:
        """Whether it narrows the list at all."""
        return bool(self.search or self.role or self.state)

    def query(self, number: int) -> str:
        """The same question, another page."""
        asked = {"q": self.search, "role": self.role, "state": self.state}
        kept = {name: value for name, value in asked.items() if value}
        return "?" + urlencode({**kept, "page": number})


@dataclass(frozen=True, kw_only=True)
class Row:
    """A person in the list."""

    listed: Listed
    standing: Standing
    link: MailedLink | None
    """The link sent last, where it tells anything that the standing does not."""


class PeopleList:
    """``/organization/<slug>``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(CONSOLE, "organization_people", self.people)

    def people(self, slug: str) -> Response:
        """A page of the list."""
        console = self._entrance.enter(slug)
        asked = Asked.read(console.organization)
        with self._database.reading() as tx:
            page = _find(tx, console.organization, asked)
            counts = people.counts(tx, console.organization.id)
            states = password_states(
                tx, console.organization.id, [each.person_id for each in page.people]
            )
        may_add = access.may_add_people(console.organization)
        return self._entrance.render(
            console,
            "people",
            rows=[_row(console.organization, each, states) for each in page.people],
            asked=asked,
            states=states_of(console.organization),
            roles=tuple(_ROLES),
            counts={name: _number(value) for name, value in vars(counts).items()},
            why_not_add=access.explain(may_add, current_locale()),
            sso_link=f"{self._entrance.parts.settings.issuer}/sso/{console.organization.slug}",
            pages=list(_pages(console, asked, page)),
            previous=_to(console, asked, page.number - 1, page),
            next=_to(console, asked, page.number + 1, page),
            summary=_summary(page),
            total=page.total,
        )


def states_of(organization: Organization) -> tuple[str, ...]:
    """The states that people of this organization can be in, as the list's filter names them."""
    if organization.uses_sso:
        return tuple(_STATES)
    return (*_PROGRESSES, "locked")


def _find(tx: Transaction, organization: Organization, asked: Asked) -> Page:
    role = _ROLES.get(asked.role)
    if asked.state in _PROGRESSES and not organization.uses_sso:
        return page_of(
            tx,
            organization.id,
            _PROGRESSES[asked.state],
            search=asked.search,
            role=role,
            number=asked.number,
        )
    return people.page(
        tx,
        organization.id,
        search=asked.search,
        role=role,
        state=_STATES.get(asked.state),
        number=asked.number,
    )


def _row(organization: Organization, listed: Listed, states: Mapping[str, PasswordState]) -> Row:
    state = states[listed.person_id]
    stands = standing(
        is_person_locked=listed.is_person_locked,
        is_locked=listed.is_locked,
        is_managed=organization.uses_sso or listed.source is not None,
        has_password=state.password_set_at is not None,
    )
    return Row(listed=listed, standing=stands, link=_worth_telling(stands, state))


def _worth_telling(stands: Standing, state: PasswordState) -> MailedLink | None:
    """The last link; but a link that somebody who has a password let expire is no news."""
    link = state.latest
    if link is None or stands is Standing.FEDERATED:
        return None
    is_idle = stands is Standing.ACTIVE and link.fate == "expired"
    return None if is_idle else link


def _pages(console: Console, asked: Asked, page: Page) -> Iterator[tuple[str, str | None, bool]]:
    """The first page, the last and those around the present one, with gaps between."""
    if page.pages == 1:
        return
    near = range(page.number - _AROUND, page.number + _AROUND + 1)
    before = 0
    for number in range(1, page.pages + 1):
        if number in (1, page.pages) or number in near:
            if number > before + 1:
                yield "…", None, False
            yield str(number), console.path + asked.query(number), number == page.number
            before = number


def _to(console: Console, asked: Asked, number: int, page: Page) -> str | None:
    return console.path + asked.query(number) if 1 <= number <= page.pages else None


def _summary(page: Page) -> str:
    first = (page.number - 1) * PAGE_SIZE + 1
    return gettext(
        "organization.people.range",
        first=_number(first),
        last=_number(first + len(page.people) - 1),
        total=_number(page.total),
    )


def _number(value: int) -> str:
    return format_decimal(value, locale=current_locale())
