"""Issue 4.6: each refusal by its reference: reason, both sides, whose clock, how to mend it."""

import re
from datetime import timedelta

import pytest

from idp.authentication.federation import arrivals
from idp.authentication.federation.clocks import clock
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.clock import shifted
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.pages.organization.desk import press

NOW, LATER = "2026-11-26T20:00:00Z", "2026-11-26T20:01:14Z"


@pytest.mark.parametrize(
    ("reason", "expected", "received", "ahead", "seconds"),
    [
        (Reason.NOT_YET_VALID, f"<= {NOW}", LATER, True, 74),
        (Reason.NOT_YET_VALID, f">= {LATER}", f"{NOW} (-74 s)", True, 74),
        (Reason.EXPIRED, f"> {LATER}", NOW, False, 74),
    ],
)
def test_row_13_the_times_tell_whose_clock_is_off(
    reason: Reason, expected: str, received: str, ahead: bool, seconds: int
) -> None:
    found = clock(reason.value, expected, received)
    assert found
    assert (found.is_ahead, found.by.total_seconds()) == (ahead, seconds)


def test_what_is_not_about_times_says_nothing_of_clocks() -> None:
    assert clock(Reason.ISSUER_MISMATCH.value, NOW, LATER) is None
    assert clock(Reason.EXPIRED.value, "NotOnOrAfter", "none") is None


def refuse(desk: ItDesk, refusal: FederationRefused, reference: str = "K7F2-QX9M") -> None:
    """Let an arrival have been refused."""
    kuusela = desk.organization_id
    with desk.provider.database.transaction() as tx:
        row = desk.provider.deployment.connections.get(tx, kuusela, "entra-oidc")
        arrivals.note(tx, row.id, reference=reference, attributes={"oid": ["F"]}, refusal=refusal)


@pytest.fixture
def refused(desk: ItDesk) -> ItDesk:
    desk.connect()
    refusal = FederationRefused(Reason.NOT_YET_VALID, expected=f"<= {NOW}", received=LATER)
    refuse(desk, refusal)
    return desk


def test_a_reference_leads_to_the_reason_both_sides_and_the_cure(refused: ItDesk) -> None:
    assert "K7F2-QX9M" in look.text(refused.look("/arrivals"))
    page = refused.look("/arrivals", q="k7f2-qx9m")
    assert page.url.path == f"{SSO}/arrivals/K7F2-QX9M"
    text = look.text(page)
    for part in ("not_yet_valid", f"<= {NOW}", LATER, "74 sekuntia", "Sign-in logs", "oid"):
        assert part in text
    assert "Ylläpidolle" not in text
    operator = refused.signed_in(refused.operator())
    assert "Ylläpidolle" in look.text(operator.open(f"{SSO}/arrivals/K7F2-QX9M"))


def test_refused_ones_are_listed_alone_if_asked_for(refused: ItDesk) -> None:
    kuusela = refused.organization_id
    with refused.provider.database.transaction() as tx:
        row = refused.provider.deployment.connections.get(tx, kuusela, "entra-oidc")
        arrivals.note(tx, row.id, reference="GGGG-GGGG", attributes={})
    assert "GGGG-GGGG" in look.text(refused.look("/arrivals"))
    assert "GGGG-GGGG" not in look.text(refused.look("/arrivals", refused="1"))


def test_an_outsider_reads_one_diagnosis_until_its_address_ends(refused: ItDesk) -> None:
    page = press(refused.it, refused.look("/arrivals/K7F2-QX9M"), f"{SSO}/arrivals/K7F2-QX9M/share")
    found = re.search(r'value="https://id\.example\.fi(/diagnosis/[^"]+)"', page.text)
    assert found
    outsider = refused.provider.browser()
    shared = outsider.get(found[1])
    assert "not_yet_valid" in look.text(shared)
    assert shared.headers["Cache-Control"] == "no-store"
    assert outsider.get(SSO).status_code == 303
    with shifted(timedelta(days=7, seconds=1)):
        assert outsider.get(found[1]).status_code == 404
    press(refused.it, page, f"{SSO}/arrivals/K7F2-QX9M/share/revoke")
    assert outsider.get(found[1]).status_code == 404


def test_another_organizations_reference_is_no_reference(refused: ItDesk) -> None:
    refused.lehtola()
    other = refused.person("it2@example.fi", slug="lehtola", roles=("it_admin",))
    browser = refused.signed_in(other)
    theirs = "/organization/lehtola/connection/arrivals"
    assert browser.get(f"{theirs}/K7F2-QX9M").status_code == 404
    assert browser.get(theirs, params={"q": "K7F2-QX9M"}).status_code == 200
