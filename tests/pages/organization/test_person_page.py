"""The page of one person: what became of the mails, what can be done, and why not (M12, M18)."""

import re
from datetime import timedelta

import httpx
import pytest

from idp.authentication.models import Link
from idp.directory import usernames
from idp.directory.models import Membership, Person
from idp.foundation.clock import shifted, utcnow
from tests.pages import look
from tests.pages.organization.desk import Desk
from tests.provider import OPERATOR, forms

ELSEWHERE = "Henkilö käyttää samaa tunnusta myös toisessa organisaatiossa"


def fates(page: httpx.Response) -> list[tuple[str, str]]:
    """Of each link of the page, the newest first: the step it has reached, and what that means."""
    found = []
    for way in re.findall(r'<ol class="fate">(.*?)</ol>', page.text, re.DOTALL):
        step = re.search(r'<li [^>]*aria-current="step">(.*?)</li>', way, re.DOTALL)
        assert step
        name = re.search(r'<p class="fate-name">(.*?)</p>', step[1], re.DOTALL)
        note = re.search(r'<p class="fate-note">(.*?)</p>', step[1], re.DOTALL)
        assert name
        found.append((look.plain(name[1]), look.plain(note[1]) if note else ""))
    return found


def actions(page: httpx.Response) -> set[str]:
    """The deeds that the page offers, by the last part of their address."""
    addresses = [form.action for form in forms(page)] + look.links(page)
    deeds = ("link", "lock", "unlock", "sessions", "remove", "edit", "email", "username")
    return {each.rpartition("/")[2] for each in addresses} & set(deeds)


def test_the_page_tells_name_username_email_title_unit_and_roles(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", roles=("it_admin",))
    desk.provider.change(
        Membership, (aino.id, desk.organization_id), title="Sairaanhoitaja", unit="Kotihoito"
    )
    page = desk.look_at(aino)
    words = look.text(page)

    assert look.heading(page) == "Aino Virtanen"
    assert look.breadcrumb(page) == ["Etusivu", "Kuusela", "Aino Virtanen"]
    for word in ("aino@example.fi", "Sairaanhoitaja", "Kotihoito", "IT-vastaava", "Käytössä"):
        assert word in words


def test_a_link_that_waits_says_so(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)

    ((step, note),) = fates(desk.look_at(aino))
    assert step == "Viesti otettu lähetettäväksi"
    assert note.startswith("Linkki on voimassa")


def test_a_mail_that_could_not_be_sent_yet_says_what_the_server_said(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    desk.mail_became("queued", "451 4.7.1 Greylisting")

    ((step, note),) = fates(desk.look_at(aino))
    assert step == "Viesti otettu lähetettäväksi"
    assert "yritämme uudelleen" in note
    assert "451 4.7.1 Greylisting" in note


def test_a_mail_that_was_refused_says_the_servers_words_as_text(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    desk.mail_became("bounced", "550 <b>No</b>")
    page = desk.look_at(aino)

    ((step, note),) = fates(page)
    assert step == "Viesti ei mennyt perille"
    assert "”550 <b>No</b>”" in note
    assert "<b>No</b>" not in page.text


def test_opening_the_form_is_seen_and_may_have_been_a_scanner(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    desk.provider.browser().open(desk.provider.mailed_link("aino@example.fi"))

    ((step, note),) = fates(desk.look_at(aino))
    assert step == "Linkki avattu"
    assert "turvatarkistus" in note


def test_a_password_that_was_made_is_seen(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    browser = desk.provider.browser()
    form = browser.open(desk.provider.mailed_link("aino@example.fi"))
    browser.submit(form, password="viisi keltaista kanariaa")
    page = desk.look_at(aino)

    assert fates(page) == [("Salasana luotu", "")]
    assert "Henkilö on luonut salasanan" in look.text(page)


def test_m5_a_link_that_nobody_used_is_seen_to_have_expired(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    desk.mail_became("sent")
    with shifted(timedelta(hours=11, minutes=59)):
        desk.browser = desk.signed_in(desk.pirkko)
        assert fates(desk.look_at(aino))[0][0] == "Viesti toimitettu"
    with shifted(timedelta(hours=12, seconds=1)):
        assert fates(desk.look_at(aino))[0][0] == "Linkki vanhentunut"


def test_a_mail_that_never_left_is_not_said_to_have_arrived(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    with shifted(timedelta(hours=13)):
        desk.browser = desk.signed_in(desk.pirkko)
        ((step, note),) = fates(desk.look_at(aino))
    assert step == "Viesti ei mennyt perille"
    assert "ei saatu lähetetyksi" in note


def test_a_link_that_was_replaced_says_so(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    link_id = desk.send_link(aino)
    desk.mail_became("sent")
    desk.provider.change(Link, link_id, voided_at=utcnow())

    ((_, note),) = fates(desk.look_at(aino))
    assert "korvasi uudempi linkki" in note


def test_who_ordered_a_link_is_told(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino, ours=False)
    desk.send_link(aino)
    words = look.text(desk.look_at(aino))

    assert words.index("Organisaation lähettämä") < words.index("Henkilön tilaama")


def test_what_another_organization_sent_is_not_told(desk: Desk) -> None:
    jaana = desk.shared(password=None)
    link_id = desk.send_link(jaana)
    desk.provider.change(Link, link_id, organization_id=desk.lehtola())
    page = desk.look_at(jaana)

    assert fates(page) == []
    assert "Lehtola" not in page.text


def test_everything_can_be_done_to_somebody_who_belongs_here_alone(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    desk.signed_in(aino)

    assert actions(desk.look_at(aino)) == {
        *("link", "lock", "sessions", "remove", "edit", "email", "username")
    }


def test_the_account_of_somebody_who_belongs_elsewhere_too_is_out_of_reach_and_the_page_says_why(
    desk: Desk,
) -> None:
    page = desk.look_at(desk.shared())

    assert actions(page) == {"link", "lock", "remove", "edit"}
    assert look.text(page).count(ELSEWHERE) == 3
    assert "Lehtola" not in page.text


def test_the_operator_may_do_to_such_an_account_what_the_main_user_may_not(desk: Desk) -> None:
    jaana = desk.shared()
    desk.signed_in(jaana)
    page = desk.signed_in(desk.operator()).open(desk.path(jaana))

    assert {"email", "username", "sessions"} <= actions(page)


def test_m12_m18_what_single_sign_on_supplies_is_locked_and_the_page_says_why(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    operator = desk.signed_in(desk.operator())
    desk.use_sso(aino)
    page = operator.open(desk.path(aino))
    words = look.text(page)

    assert look.heading(page) == "Aino-Liisa Virtanen"
    assert "Tämä tieto tulee organisaation omasta kirjautumisesta (Kuusela Entra ID)." in words
    assert "joten hänellä ei ole täällä salasanaa" in words
    assert {"link", "email"} & actions(page) == set()


def test_an_operators_account_is_nothing_for_a_main_user(desk: Desk) -> None:
    olli = desk.operator()
    desk.person("olli@example.fi")
    page = desk.look_at(olli)

    assert actions(page) == {"link", "lock", "remove", "edit"}
    assert "Tällä tunnuksella ylläpidetään koko järjestelmää" in look.text(page)


def test_somebody_without_an_email_can_be_sent_no_link_and_the_page_says_why(desk: Desk) -> None:
    aino = desk.person("avirtanen", password=None)
    page = desk.look_at(aino)

    assert "link" not in actions(page)
    assert "ei ole sähköpostiosoitetta, johon linkin voisi lähettää" in look.text(page)


@pytest.mark.parametrize("is_member_only", [True, False])
def test_a_locked_person_can_be_sent_no_link_and_the_page_says_why(
    desk: Desk, is_member_only: bool
) -> None:
    aino = desk.person("aino@example.fi", password=None)
    model, key = (Membership, (aino.id, desk.organization_id)), (Person, aino.id)
    desk.provider.change(*(model if is_member_only else key), locked_at=utcnow())
    page = desk.look_at(aino)

    reason = "lukittu tässä organisaatiossa" if is_member_only else "lukittu koko järjestelmässä"
    assert reason in look.text(page)
    assert "link" not in actions(page)
    assert ("unlock" in actions(page)) is is_member_only


def test_m18_the_page_tells_every_username_the_person_has_had_and_why(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    with desk.provider.database.transaction() as tx:
        usernames.rename(tx, aino.id, "aino.aalto@example.fi", by=OPERATOR, reason="Uusi nimi")
    words = look.text(desk.look_at(aino))

    assert "Tunnuksen historia" in words
    assert words.index("aino.aalto@example.fi") < words.rindex("aino@example.fi")
    assert "Uusi nimi" in words


def test_why_a_username_was_changed_is_not_told_to_another_organization(desk: Desk) -> None:
    jaana = desk.shared()
    with desk.provider.database.transaction() as tx:
        usernames.rename(tx, jaana.id, "jaana@example.fi", by=OPERATOR, reason="Lehtolan syy")
    page = desk.look_at(jaana)

    assert "shared@example.fi" in look.text(page)
    assert "Lehtolan syy" not in page.text


def test_nobody_is_offered_to_lock_themself(desk: Desk) -> None:
    page = desk.look_at(desk.pirkko)

    assert {"lock", "unlock"} & actions(page) == set()
    assert "Et voi lukita itseäsi." in look.text(page)


def test_the_page_leads_to_the_persons_events(desk: Desk) -> None:
    aino = desk.person("aino+a&b@example.fi")
    (link,) = [each for each in look.links(desk.look_at(aino)) if "/log?person=" in each]

    assert "Aino Virtanen" in look.text(desk.browser.open(link))
