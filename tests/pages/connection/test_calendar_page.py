"""Issue 4.6: certificates, secrets and metadata in one calendar: page, feed, mail, metric."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from idp.foundation.clock import shifted, utcnow
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.pages.organization.desk import press
from tests.saml.ours import idp_metadata


def on(days: int) -> str:
    """The day so many days from today, as it is counted in Finland."""
    today = utcnow().astimezone(ZoneInfo("Europe/Helsinki"))
    return f"{today + timedelta(days=days):%d.%m.%Y}"


def reminders(desk: ItDesk, to: str = "pirkko@example.fi") -> list[str]:
    desk.provider.deployment.reminders.tick()
    return [m["Subject"] for m in desk.provider.mails(to) if "Vanhenee pian" in m["Subject"]]


def test_certificates_of_both_sides_and_secrets_stand_in_one_calendar(desk: ItDesk) -> None:
    desk.connect(client_secret_expires=on(10))
    desk.connect("saml", metadata=idp_metadata())
    text = look.text(desk.look("/calendar"))
    for kind in ("Client secret", "Tunnistuspalvelunne varmenne", "Meidän varmenteemme"):
        assert kind in text
    assert "Luo tuotteessasi uusi client secret" in text


def test_a_reminder_goes_out_once_at_each_of_its_days(desk: ItDesk) -> None:
    desk.provider.deployment.reminders._looked_at = None
    desk.connect(client_secret_expires=on(100))
    assert reminders(desk) == []
    for days, so_far in ((41, 1), (42, 1), (71, 2), (86, 3), (93, 4), (99, 5), (101, 5)):
        with shifted(timedelta(days=days)):
            desk.provider.deployment.reminders._looked_at = None
            assert len(reminders(desk)) == so_far, days
    assert len(reminders(desk, "ilmari@example.fi")) == 5


def test_the_feed_is_read_with_its_secret_until_that_is_revoked(desk: ItDesk) -> None:
    desk.connect(client_secret_expires=on(10))
    page = press(desk.it, desk.look("/calendar"), f"{SSO}/calendar/feed")
    found = re.search(r'value="https://id\.example\.fi(/calendar/[^"]+\.ics)"', page.text)
    assert found
    program = desk.provider.browser()
    feed = program.get(found[1])
    assert feed.headers["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:Vanhenee: Client secret" in feed.text
    assert "s3cret" not in feed.text
    press(desk.it, page, f"{SSO}/calendar/feed/revoke")
    assert program.get(found[1]).status_code == 404


def test_operators_see_the_days_that_are_left_as_a_metric(desk: ItDesk) -> None:
    desk.connect(client_secret_expires=on(10))
    text = desk.provider.browser().get("/metrics").text
    found = re.search(
        r'idp_connection_expiry_days\{connection="entra-oidc",kind="client_secret",'
        r'organization="kuusela"\} (\d+\.0)',
        text,
    )
    assert found
    assert float(found[1]) in (8, 9, 10)
