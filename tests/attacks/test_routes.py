"""No route that nobody thought of; each role reaches its own; a foreign id is like a random one."""

import re
from collections.abc import Iterator

import pytest

from idp.authentication.federation import approvals, arrivals
from idp.authentication.federation.passes import Purpose
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.secrets import random_id
from tests.attacks.routes import ROUTES, For
from tests.pages import look
from tests.pages.connection.desk import ItDesk
from tests.pages.organization.desk import token
from tests.provider import OPERATOR, Provider, TestBrowser
from tests.saml.ours import idp_metadata

REACH = {
    "stranger": set(),
    "member": {For.ACCOUNT},
    "IT person": {For.ACCOUNT, For.IT, For.IT_ACCOUNT},
    "main user": {For.ACCOUNT, For.IT, For.IT_ACCOUNT, For.PEOPLE},
    "main user elsewhere": {For.ACCOUNT},
    "IT person elsewhere": {For.ACCOUNT},
    "setup link": {For.IT},
    "setup link elsewhere": set(),
    "operator": {For.ACCOUNT, For.IT, For.IT_ACCOUNT, For.PEOPLE, For.OPERATOR},
}
"""What each role reaches in Kuusela; strangers are sent to sign in everywhere else."""
WALLED = (For.ACCOUNT, For.IT, For.IT_ACCOUNT, For.PEOPLE, For.OPERATOR)


def verbs() -> Iterator[tuple[str, str, For]]:
    for path, (audience, methods) in ROUTES.items():
        for method in methods.split():
            yield path, method, audience


def test_every_route_is_classified(provider: Provider) -> None:
    pages = {
        (rule.rule, method)
        for rule in provider.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    protocol = {
        (path, method)
        for path, methods in provider.app.wsgi_app._routes.items()  # type: ignore[attr-defined]
        for method in methods
    }
    known = {(path, method) for path, method, _ in verbs()}
    assert (pages | protocol) - known == set(), "say in tests/attacks/routes.py whom it is for"
    assert known - (pages | protocol) == set()


@pytest.mark.parametrize("role", list(REACH))
def test_each_role_reaches_its_own_and_nothing_else(provider: Provider, role: str) -> None:
    desk = ItDesk(provider)
    kuusela = desk.organization_id
    desk.connect("oidc", issuer="https://op.example.com", client_id="c", client_secret="s")
    desk.connect("saml", metadata=idp_metadata())
    with provider.database.transaction() as tx:
        row = provider.deployment.connections.get(tx, kuusela, "oidc")
        refusal = FederationRefused(Reason.EXPIRED)  # A success would let it be switched on.
        arrivals.note(tx, row.id, reference="K7F2-QX9M", attributes={}, refusal=refusal)
        connection = provider.deployment.connections.by_id(tx, row.id)
        reason = Reason.ALREADY_LINKED.value
        approvals.ask(tx, connection, "s", desk.pirkko.id, reason=reason, reference="K7F2-QX9M")
        asked = approvals.waiting(tx, kuusela)[0].id
    client = provider.register()
    browser = came_as(desk, role)
    csrf_token = token(browser)
    wrong = []
    for number, (path, method, audience) in enumerate(verbs()):
        if audience not in WALLED or path == "/account/organization":
            continue
        somebody = desk.person(f"person{number}@example.fi") if "<person_id>" in path else None
        address = filled(
            path,
            name="saml" if "<which>" in path else "oidc",
            person_id=somebody.id if somebody else "",
            approval_id=asked,
            client_id=client.record.client_id,
        )
        data = {"csrf_token": csrf_token} if method == "POST" else None
        answer = browser.request(method, address, data=data)
        is_at_the_wall = answer.status_code == 404 or "/login" in answer.headers.get("location", "")
        if is_at_the_wall == (audience in REACH[role]):
            wrong.append((method, path, answer.status_code))
    assert wrong == []


def test_a_guessed_secret_opens_nothing(provider: Provider) -> None:
    ItDesk(provider)
    browser = provider.browser()
    csrf_token = token(browser)
    for path, method, audience in verbs():
        if audience is For.SECRET:
            address = path.replace("<token>", f"{random_id()}.{'x' * 43}")
            data = {"csrf_token": csrf_token} if method == "POST" else None
            answer = browser.follow(browser.request(method, address, data=data))
            assert answer.status_code in (404, 410), path
            assert "x" * 43 not in look.text(answer), path


@pytest.mark.parametrize("role", ["IT person", "main user"])
def test_a_foreign_organizations_things_answer_like_ones_that_do_not_exist(
    provider: Provider, role: str
) -> None:
    desk = ItDesk(provider)
    desk.lehtola()
    ines = desk.person("it2@example.fi", slug="lehtola", roles=("it_admin",))
    theirs = desk.signed_in(ines)
    page = theirs.open("/organization/lehtola/connection/new/keycloak")
    theirs.submit(page, issuer="https://op.example.com", client_id="c", client_secret="s")
    browser = came_as(desk, role)
    csrf_token = token(browser)
    for path, method, audience in verbs():
        if audience not in (For.IT, For.IT_ACCOUNT):
            continue
        pairs = [("lehtola", "keycloak", "nowhere", "keycloak")]
        if "<name>" in path:
            pairs.append(("kuusela", "keycloak", "kuusela", "nothing"))
        for foreign_slug, foreign, random_slug, random in pairs:
            one = said(browser, method, filled(path, slug=foreign_slug, name=foreign), csrf_token)
            other = said(browser, method, filled(path, slug=random_slug, name=random), csrf_token)
            assert one[0] == other[0] == 404, path
            assert one[1] == other[1], path


def test_a_foreign_setup_link_cannot_be_revoked(provider: Provider) -> None:
    desk = ItDesk(provider)
    lehtola = desk.lehtola()
    with provider.database.transaction() as tx:
        issued = provider.deployment.passes.issue(tx, Purpose.SETUP, lehtola, by=OPERATOR)
    path = f"/organization/kuusela/connection/setup/{issued.id}"
    assert desk.post(path).status_code == 200
    with provider.database.reading() as tx:
        living = provider.deployment.passes.living(tx, Purpose.SETUP, lehtola)
    assert [each.id for each in living] == [issued.id]


# The roles


def came_as(desk: ItDesk, role: str) -> TestBrowser:
    """A browser of somebody with this role towards Kuusela."""
    elsewhere = role.endswith("elsewhere")
    if elsewhere:
        desk.lehtola()
    slug = "lehtola" if elsewhere else "kuusela"
    if role.startswith("setup link"):
        return with_setup_link(desk, slug)
    if role == "stranger":
        return desk.provider.browser()
    if role == "operator":
        return desk.signed_in(desk.operator())
    roles = {"main user": ("main_user",), "IT person": ("it_admin",)}
    held = roles.get(role.removesuffix(" elsewhere"), ())
    return desk.signed_in(desk.person("kuka@example.fi", slug=slug, roles=held))


def with_setup_link(desk: ItDesk, slug: str) -> TestBrowser:
    passes = desk.provider.deployment.passes
    organization_id = desk.lehtola() if slug == "lehtola" else desk.organization_id
    with desk.provider.database.transaction() as tx:
        issued = passes.issue(tx, Purpose.SETUP, organization_id, by=OPERATOR)
        secret = passes.token(issued)
    browser = desk.provider.browser()
    browser.submit(browser.open(f"/setup/{secret}"))
    return browser


# Asking


def filled(
    path: str,
    *,
    slug: str = "kuusela",
    name: str = "oidc",
    person_id: str = "nobody",
    approval_id: str = "nothing",
    client_id: str = "nothing",
) -> str:
    """The path with things that exist in its places."""
    values = {
        "slug": slug,
        "name": name,
        "person_id": person_id,
        "product_id": "okta",
        "int:number": "1",
        "which": "present",
        "pass_id": "none",
        "approval_id": approval_id,
        "reference": "K7F2-QX9M",
        "client_id": client_id,
    }
    return re.sub(r"<([^>]+)>", lambda found: values[found[1]], path)


def said(browser: TestBrowser, method: str, address: str, csrf_token: str) -> tuple[int, str]:
    """The status and the words of an answer, without what differs at every request."""
    data = {"csrf_token": csrf_token} if method == "POST" else None
    answer = browser.request(method, address, data=data)
    if answer.status_code != 404:
        return answer.status_code, ""
    words = re.sub(r"\d+\.\d+\.\d+ klo \d+\.\d+", "…", look.text(answer))
    for changing in (look.reference(answer), answer.url.path):
        words = words.replace(changing, "…")
    return answer.status_code, words
