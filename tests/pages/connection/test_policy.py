"""The connection's name and rules on the IT person's page, each change a version (issue 4.5)."""

from datetime import timedelta

import httpx
import pytest
from lxml import html

from idp.authentication.federation.models import ExternalIdentityRecord
from idp.directory.models import Membership
from idp.foundation.clock import utcnow
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.provider import OPERATOR
from tests.saml.ours import idp_metadata

UNIQUE_ID = "urn:oid:1.3.6.1.4.1.5923.1.1.1.13"


def link(desk: ItDesk, name: str, source: str) -> None:
    """Let Ilmari have arrived by the connection."""
    now = utcnow() - timedelta(days=1)
    with desk.provider.database.transaction() as tx:
        row = desk.provider.deployment.connections.get(tx, desk.organization_id, name)
        member = tx.session.get_one(Membership, (desk.ilmari.id, desk.organization_id))
        member.source = source
        tx.session.add(
            ExternalIdentityRecord(
                id="linked",
                connection_id=row.id,
                subject="s",
                person_id=desk.ilmari.id,
                linked_by="system:",
                linked_how="created",
                linked_at=now,
                last_asserted_at=now,
            )
        )


def save(desk: ItDesk, name: str, **changes: str | None) -> httpx.Response:
    """Send the form as a browser would, with these values changed; None: a box is not ticked."""
    page = desk.look(f"/{name}/policy")
    form = next(each for each in html.fromstring(page.text).forms if "why" in each.fields)
    given: dict[str, list[str]] = {}
    for field, value in form.form_values():
        given.setdefault(field, []).append(value)
    values = {key: value for key, value in {**given, **changes}.items() if value is not None}
    return desk.it.follow(desk.it.post(f"{SSO}/{name}/policy", data=values))


def source(desk: ItDesk) -> str | None:
    member = desk.membership(desk.ilmari)
    return member.source if member else None


def test_every_rule_of_a_saml_connection_is_saved_as_a_version_with_its_reason(
    desk: ItDesk,
) -> None:
    desk.connect("haka_virtu", metadata=idp_metadata())
    assert "urn:oid:1.3.6.1.4.1.5923.1.1.1.6" in desk.look("/haka-virtu/policy").text
    saved = save(
        desk,
        "haka-virtu",
        display_name="Haka",
        create_people=None,
        empty_clears="email",
        dormant_after_days="90",
        subject=f"{UNIQUE_ID} ",
        nameid_format="persistent",
        requested_context="urn:x",
        clock_skew_seconds="60",
        allow_unsolicited="y",
        why="sovittu",
    )
    assert "uutena versiona" in look.text(saved)
    document = desk.document("haka-virtu")
    assert document["policy"] == {
        "create_people": False,
        "empty_clears": ["email"],
        "dormant_after_days": 90,
        "pilot": [],
        "allow_unsolicited": True,
    }
    assert document["subject"] == [UNIQUE_ID]
    assert (document["nameid_format"], document["requested_context"]) == ("persistent", "urn:x")
    assert (document["clock_skew_seconds"], document["display_name"]) == (60, "Haka")
    text = look.text(desk.look("/haka-virtu/versions"))
    for told in ("sovittu", "policy.dormant_after_days", "display_name", "subject"):
        assert told in text


def test_saving_without_a_change_keeps_every_rule(desk: ItDesk) -> None:
    desk.connect("haka_virtu", metadata=idp_metadata())
    desk.connect()
    for name in ("haka-virtu", "entra-oidc"):
        before = desk.document(name)
        save(desk, name)
        assert desk.document(name) == before


def test_an_openid_provider_has_rules_of_its_own(desk: ItDesk) -> None:
    desk.connect()
    assert "allow_unsolicited" not in desk.look("/entra-oidc/policy").text
    save(desk, "entra-oidc", userinfo=None, sign_out=None)
    document = desk.document()
    assert (document["userinfo"], document["sign_out"]) == (False, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dormant_after_days", "0"),
        ("dormant_after_days", "vuosi"),
        ("clock_skew_seconds", "301"),
        ("display_name", "x" * 61),
        ("subject", "a b c d e f"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(desk: ItDesk, field: str, value: str) -> None:
    desk.connect("saml", metadata=idp_metadata())
    page = save(desk, "saml", **{field: value})
    assert page.status_code == 422
    assert set(look.errors(page)) == {field}


def test_people_are_told_the_connections_name_and_a_new_one_at_once(desk: ItDesk) -> None:
    desk.connect()
    assert "Microsoft Entra ID" in look.text(desk.look("/entra-oidc/versions"))
    link(desk, "entra-oidc", "Microsoft Entra ID")
    save(desk, "entra-oidc", display_name="Kuuselan kirjautuminen")
    assert source(desk) == "Kuuselan kirjautuminen"
    assert "Kuuselan kirjautuminen" in look.text(desk.look())
    desk.connect()
    save(desk, "entra-oidc-2", display_name="Kuuselan kirjautuminen")
    save(desk, "entra-oidc-2", display_name="Toinen")
    assert source(desk) == "Kuuselan kirjautuminen"


def test_how_many_are_known_is_told_beside_what_identifies_them(desk: ItDesk) -> None:
    desk.connect("saml", metadata=idp_metadata())
    assert "tunnetaan jo" not in look.text(desk.look("/saml/policy"))
    link(desk, "saml", "saml")
    assert "Yksi henkilö tunnetaan jo" in look.text(desk.look("/saml/policy"))


def test_the_pilot_group_is_counted_for_it_without_a_name(desk: ItDesk) -> None:
    desk.connect("saml", metadata=idp_metadata())
    with desk.provider.database.transaction() as tx:
        connections = desk.provider.deployment.connections
        row = connections.get(tx, desk.organization_id, "saml")
        pilots = ["Ilmari@example.fi", "uusi@example.fi"]
        connections.pilot(tx, row, pilots, by=OPERATOR)
    link(desk, "saml", "saml")
    text = look.text(desk.look("/saml/switch"))
    assert "2 (niistä jo kirjautunut tällä 1)" in text
    assert "uusi@example.fi" not in text


def test_the_page_is_one_of_the_connections_ways(desk: ItDesk) -> None:
    desk.connect()
    assert f"{SSO}/entra-oidc/policy" in look.links(desk.look("/entra-oidc"))
