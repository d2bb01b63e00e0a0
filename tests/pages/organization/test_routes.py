"""Who reaches what: every route of the console for every role, and none that nobody thought of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import select

from idp.audit import AuditRecord, Event
from idp.directory.models import Membership, Organization
from idp.foundation.secrets import random_id
from tests.pages import look
from tests.pages.organization.desk import CONSOLE, Desk, token
from tests.provider import Account, TestBrowser

PERSON = "/organization/<slug>/people/<person_id>"
IMPORT = "/organization/<slug>/people/import"


@dataclass(frozen=True)
class Route:
    """A page or deed; ``insiders`` is what its own main user and the operator are answered."""

    path: str
    method: str
    insiders: int


ROUTES = (
    Route("/organization/<slug>", "GET", 200),
    Route("/organization/<slug>/people/new", "GET", 200),
    Route("/organization/<slug>/people/new", "POST", 422),
    Route(IMPORT, "GET", 200),
    Route(IMPORT, "POST", 422),
    Route(f"{IMPORT}/template.csv", "GET", 200),
    Route(f"{IMPORT}/rows", "POST", 303),
    Route(f"{IMPORT}/result.csv", "POST", 400),
    Route(PERSON, "GET", 200),
    Route(f"{PERSON}/edit", "GET", 200),
    Route(f"{PERSON}/edit", "POST", 303),
    Route(f"{PERSON}/email", "GET", 200),
    Route(f"{PERSON}/email", "POST", 303),
    Route(f"{PERSON}/username", "GET", 200),
    Route(f"{PERSON}/username", "POST", 422),
    Route(f"{PERSON}/link", "POST", 303),
    Route(f"{PERSON}/lock", "POST", 303),
    Route(f"{PERSON}/unlock", "POST", 303),
    Route(f"{PERSON}/sessions", "GET", 200),
    Route(f"{PERSON}/sessions", "POST", 303),
    Route(f"{PERSON}/remove", "GET", 200),
    Route(f"{PERSON}/remove", "POST", 303),
    Route("/organization/<slug>/log", "GET", 200),
    Route("/organization/<slug>/log.csv", "GET", 200),
)
"""All there is; what has no line here fails the build."""

OUTSIDERS = ("member", "main user elsewhere", "IT person", "locked main user", "main user of both")
"""Signed in, and no business here; the last one came by the other organization's sign-on."""


def test_every_route_of_the_console_is_classified(desk: Desk) -> None:
    routes = {
        (rule.rule, method)
        for rule in desk.provider.app.url_map.iter_rules()
        if rule.rule.startswith("/organization") and "/connection" not in rule.rule
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert routes == {(route.path, route.method) for route in ROUTES}


def test_a_stranger_is_sent_to_sign_in_whether_or_not_there_is_such_a_place(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    browser = desk.provider.browser()
    csrf_token = token(browser)

    for slug in ("kuusela", "nowhere"):
        for route in ROUTES:
            answer = ask(browser, route, aino.id, slug=slug, csrf_token=csrf_token)
            assert answer.status_code == 303, route
            assert answer.headers["Location"].startswith("/login?request="), route


@pytest.mark.parametrize("role", OUTSIDERS)
def test_to_an_outsider_the_console_is_as_if_it_did_not_exist(desk: Desk, role: str) -> None:
    browser = outsider(desk, role)
    aino = desk.person("aino@example.fi")
    before = everything(desk)

    answers = dict(answers_to(browser, aino))

    assert {answer.status_code for answer in answers.values()} == {404}
    assert everything(desk) == before
    for route in ROUTES:
        nowhere = ask(browser, route, aino.id, slug="nowhere", csrf_token=token(browser))
        assert bare(nowhere) == bare(answers[route]), route


def test_m2_the_main_user_reaches_everything_in_their_organization(desk: Desk) -> None:
    assert answered(desk, desk.browser) == {route: route.insiders for route in ROUTES}


def test_an_operator_reaches_everything_in_every_organization(desk: Desk) -> None:
    browser = desk.signed_in(desk.operator())

    assert answered(desk, browser) == {route: route.insiders for route in ROUTES}


def test_a_person_of_another_organization_answers_like_one_who_does_not_exist(
    desk: Desk,
) -> None:
    veera = desk.stranger()
    csrf_token = token(desk.browser)

    for route in ROUTES:
        if route.path.startswith(PERSON):
            foreign = ask(desk.browser, route, veera.id, csrf_token=csrf_token)
            unknown = ask(desk.browser, route, random_id(), csrf_token=csrf_token)
            assert foreign.status_code == unknown.status_code == 404, route
            assert bare(foreign) == bare(unknown), route


def test_in_a_suspended_organization_only_the_operator_is_let_in(desk: Desk) -> None:
    operator = desk.signed_in(desk.operator())
    desk.provider.change(Organization, desk.organization_id, suspended_at=desk_time(desk))

    assert desk.open().status_code == 404
    assert operator.open(CONSOLE).status_code == 200


def test_an_operator_who_came_by_some_organizations_sign_on_is_no_operator_here(
    desk: Desk,
) -> None:
    olli = desk.operator()
    browser = desk.signed_in(olli)
    desk.vouched_for(olli, "lehtola")

    assert browser.open(CONSOLE).status_code == 404


def test_a_deed_without_the_forms_token_is_not_done(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    before = everything(desk)

    for route in ROUTES:
        if route.method == "POST":
            ask(desk.browser, route, aino.id, csrf_token="")

    assert everything(desk) == before


def test_what_an_operator_does_here_is_recorded_as_the_operators(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    olli = desk.operator()
    browser = desk.signed_in(olli)
    browser.post(desk.path(aino, "lock"), data={"csrf_token": token(browser)})

    with desk.provider.database.reading() as tx:
        found = tx.session.scalars(
            select(AuditRecord).where(AuditRecord.event == Event.MEMBERSHIP_LOCKED.value)
        ).one()
    assert (found.actor_kind, found.actor_id) == ("operator", olli.id)
    assert found.organization_id == desk.organization_id


# The roles


def outsider(desk: Desk, role: str) -> TestBrowser:
    """A browser where somebody has signed in who may not enter."""
    desk.lehtola()
    if role == "member":
        return desk.signed_in(desk.person("member@example.fi"))
    if role == "main user elsewhere":
        veera = desk.person("vieras@example.fi", slug="lehtola", roles=("main_user",))
        return desk.signed_in(veera)
    if role == "IT person":
        return desk.signed_in(desk.person("it@example.fi", roles=("it_admin",)))
    paula = desk.person("paula@example.fi", roles=("main_user",))
    if role == "locked main user":
        key = (paula.id, desk.organization_id)
        desk.provider.change(Membership, key, locked_at=desk_time(desk))
        return desk.signed_in(paula)
    desk.person("paula@example.fi", slug="lehtola", roles=("main_user",))
    browser = desk.signed_in(paula)
    desk.vouched_for(paula, "lehtola")
    return browser


def desk_time(desk: Desk) -> object:
    """A moment that lies in the past."""
    with desk.provider.database.reading() as tx:
        return tx.session.get_one(Organization, desk.organization_id).created_at


# Asking


def ask(
    browser: TestBrowser, route: Route, person_id: str, *, slug: str = "kuusela", csrf_token: str
) -> httpx.Response:
    """Ask for a route about this person, without following where it leads."""
    path = route.path.replace("<slug>", slug).replace("<person_id>", person_id)
    data = {"csrf_token": csrf_token} if route.method == "POST" else None
    return browser.request(route.method, path, data=data, follow_redirects=False)


def answers_to(browser: TestBrowser, account: Account) -> Iterator[tuple[Route, httpx.Response]]:
    """What the browser is answered, route by route."""
    csrf_token = token(browser)
    for route in ROUTES:
        yield route, ask(browser, route, account.id, csrf_token=csrf_token)


def answered(desk: Desk, browser: TestBrowser) -> dict[Route, int]:
    """The statuses that an insider gets, with somebody new to do each deed to."""
    csrf_token = token(browser)
    statuses = {}
    for number, route in enumerate(ROUTES):
        somebody = desk.person(f"person{number}@example.fi")
        statuses[route] = ask(browser, route, somebody.id, csrf_token=csrf_token).status_code
    return statuses


def bare(page: httpx.Response) -> str:
    """What a page says, without what differs at every request."""
    words = re.sub(r"\d+\.\d+\.\d+ klo \d+\.\d+", "…", look.text(page))
    for changing in (look.reference(page), page.url.path):
        words = words.replace(changing, "…")
    return words


def everything(desk: Desk) -> tuple[list[object], int]:
    """The memberships of Kuusela and how many deeds were done, but for error pages shown."""
    with desk.provider.database.reading() as tx:
        members = tx.session.execute(
            select(Membership.person_id, Membership.locked_at, Membership.is_main_user)
            .where(Membership.organization_id == desk.organization_id)
            .order_by(Membership.person_id)
        ).all()
        deeds = tx.session.scalars(
            select(AuditRecord.id).where(AuditRecord.event != Event.PROBLEM_SHOWN.value)
        ).all()
    return [tuple(member) for member in members], len(deeds)
