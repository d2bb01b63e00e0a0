"""Issue 4.5: the mapping editor works without scripts, and tries a change before it is saved."""

from datetime import timedelta
from typing import Any

import pytest

from idp.authentication.federation import arrivals
from idp.foundation.clock import shifted
from idp.foundation.secrets import random_reference
from idp.pages.connection import mapping_form
from tests.pages import look
from tests.pages.connection.desk import ItDesk

MAPPING = "/entra-oidc/mapping"


@pytest.mark.parametrize(
    "rule",
    [
        "upn",
        {"first": ["upn", "mail"]},
        {"join": ["given", "family"], "with": " "},
        {"split": "name", "at": " ", "part": 0},
        {"split": "name", "at": ",", "part": -1},
        {"constant": "Kuusela"},
    ],
)
def test_a_rule_comes_back_from_the_form_as_it_went_in(rule: Any) -> None:
    rows = mapping_form.rows({"title": rule})
    sent = {
        f"{row.field}-{part}": getattr(row, part)
        for row in rows
        for part in ("kind", "names", "text", "part")
    }
    assert mapping_form.rules(mapping_form.read(sent)) == {"title": rule}


def arrive(desk: ItDesk, **attributes: str) -> None:
    """Let somebody have come in with these attributes."""
    keyring = desk.provider.deployment.parts.keyring
    kuusela = desk.organization_id
    with desk.provider.database.transaction() as tx:
        row = desk.provider.deployment.connections.get(tx, kuusela, "entra-oidc")
        given = {name: [value] for name, value in attributes.items()}
        shape = arrivals.shape(keyring, row.id, given)
        arrivals.note(tx, row.id, reference=random_reference(), attributes=shape)


def test_a_change_is_tried_against_real_arrivals_and_saved_only_then(desk: ItDesk) -> None:
    desk.connect()
    known = {"preferred_username": "a@k.fi", "given_name": "A", "family_name": "B"}
    arrive(desk, **known, role="Hoitaja")
    with shifted(timedelta(seconds=1)):
        arrive(desk, **known)
    page = desk.look(MAPPING)
    assert '<option value="role">' in page.text
    change = {"title-kind": "pick", "title-names": "role"}
    tried = desk.it.submit(page, **change, **{"try": "1"})
    assert "Verrattu 2 saapumiseen" in look.text(tried)
    assert "Titteli: saisi arvon (1)" in look.text(tried)
    assert desk.document()["mapping"] == {}
    fatal = desk.it.submit(page, **{"username-kind": "pick", "username-names": "no", "try": "1"})
    assert "2 saapujaa ei enää pääsisi sisään" in look.text(fatal)
    desk.it.submit(page, **change, why="titteli mukaan")
    assert desk.document()["mapping"] == {"title": "role"}
    assert "titteli mukaan" in look.text(desk.look("/entra-oidc/versions"))


def test_no_value_of_an_arrival_is_ever_on_the_page(desk: ItDesk) -> None:
    desk.connect()
    arrive(desk, given_name="Salainen", preferred_username="salainen@k.fi")
    assert "alainen" not in desk.look(MAPPING).text


def test_a_rule_that_does_not_hold_is_told_at_its_field(desk: ItDesk) -> None:
    desk.connect()
    page = desk.it.submit(desk.look(MAPPING), **{"title-kind": "pick", "title-names": ""})
    assert page.status_code == 422
    assert 'id="title-error"' in page.text
    assert desk.document()["mapping"] == {}
