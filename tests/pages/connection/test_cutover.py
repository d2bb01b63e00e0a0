"""Issue 4.5: test, pilot, switch on, undo, break-glass, against a real OpenID provider."""

from base64 import b64encode

import httpx
import pytest
from sqlalchemy import func, select

from idp.audit import AuditRecord, Event
from idp.authentication.federation import approvals
from idp.authentication.federation.models import ExternalIdentityRecord
from idp.directory.models import Membership, Organization, Person
from tests.oidc_upstream import CLIENT_ID, CLIENT_SECRET, Upstream
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.pages.organization.desk import CONSOLE, token
from tests.provider import TestBrowser, query
from tests.saml.ours import idp_metadata

HERE = f"{SSO}/oidc"
MAIJA = "maija@kuusela.fi"


@pytest.fixture
def connected(desk: ItDesk, upstream: Upstream) -> ItDesk:
    """Kuusela with a draft of a connection to the upstream."""
    values = {
        "issuer": upstream.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    assert desk.connect("oidc", **values).url.path == HERE
    return desk


def post(browser: TestBrowser, path: str, **values: str) -> httpx.Response:
    """Send a form of one's own making."""
    return browser.follow(browser.post(path, data={"csrf_token": token(browser), **values}))


def try_it(desk: ItDesk, upstream: Upstream) -> httpx.Response:
    """A test made by the IT person; its page."""
    away = desk.it.post(f"{HERE}/test", data={"csrf_token": token(desk.it)})
    return desk.it.open(upstream.sign_in(away.headers["Location"]))


def everything(desk: ItDesk) -> tuple[int, ...]:
    """How many people, memberships, links and deeds there are."""
    with desk.provider.database.reading() as tx:
        return tuple(
            tx.session.scalar(select(func.count()).select_from(each)) or 0
            for each in (Person, Membership, ExternalIdentityRecord, AuditRecord)
        )


def arrive(desk: ItDesk, upstream: Upstream) -> tuple[TestBrowser, httpx.Response]:
    """Somebody comes by the SSO link."""
    browser = desk.provider.browser()
    away = browser.get("/sso/kuusela")
    if "Location" not in away.headers:
        return browser, away
    return browser, browser.open(upstream.sign_in(away.headers["Location"]))


def test_a_test_is_a_real_sign_in_that_writes_nothing(
    connected: ItDesk, upstream: Upstream
) -> None:
    before = everything(connected)
    text = look.text(try_it(connected, upstream))
    assert everything(connected) == before
    assert "uusi tunnus" in text
    assert "Uudelle tunnukselle tulisi:" in text
    assert "Muuttuisi" not in text
    assert "M•••" in text
    assert "preferred_username" in text
    assert "Meikäläinen" not in text
    assert "Testi" in look.text(connected.look("/arrivals"))


def test_a_test_meets_the_refusal_that_an_arrival_would(
    connected: ItDesk, upstream: Upstream
) -> None:
    upstream.person.pop("preferred_username")
    upstream.person.pop("email")
    assert "attribute_missing" in look.text(try_it(connected, upstream))
    upstream.id_token["nonce"] = "another"
    assert "nonce_mismatch" in look.text(try_it(connected, upstream))


def test_a_posted_answer_to_a_test_leaves_the_browser_its_name(desk: ItDesk) -> None:
    desk.connect("saml", metadata=idp_metadata())
    away = desk.it.post(f"{SSO}/saml/test", data={"csrf_token": token(desk.it)})
    relay_state = query(away.headers["Location"])["RelayState"]
    answer = {"SAMLResponse": b64encode(b"<nothing/>").decode(), "RelayState": relay_state}
    without_cookies = desk.provider.browser(**{"Sec-Fetch-Site": "cross-site"})
    posted = without_cookies.post("/sso/kuusela/saml/acs", data=answer)
    assert posted.status_code == 303
    assert "set-cookie" not in posted.headers
    assert "Estettiin" in look.text(desk.it.open(posted.headers["Location"]))


def test_only_main_users_and_the_operator_let_people_in(
    connected: ItDesk, upstream: Upstream
) -> None:
    try_it(connected, upstream)
    page = connected.look("/oidc/switch")
    assert "hyväksyy organisaation pääkäyttäjä" in look.text(page)
    for deed in ("pilot", "on", "off"):
        assert post(connected.it, f"{HERE}/{deed}").status_code == 404
    assert "virtanen" not in look.text(page).lower()


def test_an_untested_connection_is_not_switched_on(connected: ItDesk) -> None:
    page = post(connected.browser, f"{HERE}/on")
    assert page.status_code == 422
    assert "Testaa yhteys ensin" in look.text(page)


def test_the_preview_counts_and_shows_the_main_user_whom_it_is_about(connected: ItDesk) -> None:
    connected.person("aino@example.fi")
    connected.shared("jaana@example.fi")
    page = post(connected.browser, f"{HERE}/switch", expected="pirkko@example.fi\nuusi@example.fi")
    text = look.text(page)
    assert "Luettelossa uusia 1" in text
    assert "Näistä myös muussa organisaatiossa 1" in text
    assert "Aino Virtanen" in text
    page = post(connected.it, f"{HERE}/switch", expected="pirkko@example.fi")
    assert "Aino Virtanen" not in look.text(page)


def test_the_pilot_comes_in_first_and_all_others_keep_their_passwords(
    connected: ItDesk, upstream: Upstream
) -> None:
    connected.person(MAIJA, "Maija", "Meikäläinen")
    aino = connected.person("aino@example.fi")
    _, refused = arrive(connected, upstream)
    assert "poissa käytöstä" in look.text(refused)
    post(connected.browser, f"{HERE}/pilot", pilot=MAIJA.upper())
    assert "Kokeilussa" in look.text(connected.look("/oidc"))
    maija, _ = arrive(connected, upstream)
    assert "Maija" in look.text(maija.open("/account"))
    upstream.person.update(sub="upstream-aino", preferred_username="aino@example.fi")
    _, refused = arrive(connected, upstream)
    assert refused.status_code == 403
    assert "kokeillaan vielä" in look.text(refused)
    browser = connected.signed_in(aino)
    assert "Kuusela" in look.text(browser.open("/account"))
    with connected.provider.database.reading() as tx:
        assert not tx.session.get_one(Organization, connected.organization_id).uses_sso


def test_switching_on_suspends_passwords_and_undo_brings_them_back_at_once(
    connected: ItDesk, upstream: Upstream
) -> None:
    paula = connected.person("paula@example.fi", "Paula", "Pelto", roles=("main_user",))
    try_it(connected, upstream)
    page = post(connected.browser, f"{HERE}/on", keeper=connected.pirkko.id, why="koe onnistui")
    assert "Päällä" in look.text(page)
    # Pirkko keeps her password; Paula's opens nothing any more.
    assert connected.browser.open(CONSOLE).status_code == 200
    other = connected.provider.browser()
    other.sign_in(paula)
    assert other.open(CONSOLE).status_code == 404
    page = connected.browser.open(f"{HERE}/switch")
    assert "Peru käyttöönotto" in look.text(page)
    post(connected.browser, f"{HERE}/off", why="ei toiminut")
    assert other.open(CONSOLE).status_code == 200
    assert "koe onnistui" in look.text(connected.browser.open(f"{HERE}/versions"))


def test_who_came_in_meanwhile_keeps_their_profile_themselves_after_the_undo(
    connected: ItDesk, upstream: Upstream
) -> None:
    maija = connected.person(MAIJA, "Maija", "Meikäläinen")
    try_it(connected, upstream)
    post(connected.browser, f"{HERE}/on", keeper=connected.pirkko.id)
    arrive(connected, upstream)
    member = connected.membership(maija)
    assert member
    assert member.source == "oidc"
    post(connected.browser, f"{HERE}/off")
    member = connected.membership(maija)
    assert member
    assert member.source is None
    browser = connected.signed_in(maija)
    assert not look.is_locked(browser.open("/account/profile"), "title")


def test_each_use_of_the_kept_password_raises_an_alarm(
    connected: ItDesk, upstream: Upstream
) -> None:
    with connected.provider.database.transaction() as tx:
        person = tx.session.get_one(Person, connected.ilmari.id)
        person.email = "ilmari@example.fi"
    try_it(connected, upstream)
    post(connected.browser, f"{HERE}/on", keeper=connected.pirkko.id)
    connected.provider.deliver()
    assert not [m for m in connected.provider.mails("ilmari") if "Hätätilanteen" in m["Subject"]]
    connected.signed_in(connected.pirkko)
    alarms = [m for m in connected.provider.mails("ilmari") if "Hätätilanteen" in m["Subject"]]
    assert len(alarms) == 1
    with connected.provider.database.reading() as tx:
        query = select(AuditRecord).where(AuditRecord.event == Event.BREAK_GLASS_USED.value)
        assert [each.target_id for each in tx.session.scalars(query)] == [connected.pirkko.id]


@pytest.mark.parametrize("whom", ["member", "stranger"])
def test_nobody_but_a_main_user_of_the_organization_keeps_a_password(
    connected: ItDesk, upstream: Upstream, whom: str
) -> None:
    try_it(connected, upstream)
    somebody = connected.person("aino@example.fi") if whom == "member" else connected.stranger()
    page = post(connected.browser, f"{HERE}/on", keeper=somebody.id)
    assert page.status_code == 422
    assert "Valitse organisaation pääkäyttäjä" in look.text(page)
    with connected.provider.database.reading() as tx:
        assert not tx.session.get_one(Organization, connected.organization_id).uses_sso


def test_a_main_user_approves_a_link_that_an_arrival_asked_for(
    connected: ItDesk, upstream: Upstream
) -> None:
    connected.person(MAIJA, "Maija", "Meikäläinen")
    try_it(connected, upstream)
    post(connected.browser, f"{HERE}/on", keeper=connected.pirkko.id)
    arrive(connected, upstream)
    upstream.person["sub"] = "upstream-maija-again"
    _, refused = arrive(connected, upstream)
    assert refused.status_code == 403
    page = connected.browser.open(f"{SSO}/people")
    assert "Maija Meikäläinen" in look.text(page)
    assert connected.it.get(f"{SSO}/people").status_code in (303, 404)
    with connected.provider.database.reading() as tx:
        waiting = approvals.waiting(tx, connected.organization_id)
    post(connected.browser, f"{SSO}/people/{waiting[0].id}")
    maija, _ = arrive(connected, upstream)
    assert "Maija" in look.text(maija.open("/account"))
