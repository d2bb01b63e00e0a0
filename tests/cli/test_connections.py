"""``idp connection``: made from a document, tested, switched, shown and diagnosed."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Commands
from tests.oidc_upstream import Upstream

SLUG = "kuusela"


@pytest.fixture
def kuusela(idp: Commands) -> Commands:
    idp("organization", "create", SLUG, "--name", "Kuusela")
    return idp


def document(address: str, **changes: Any) -> str:
    return json.dumps(
        {
            "kind": "oidc",
            "name": "entra",
            "issuer": address,
            "client_id": "laatuportti",
            "client_secret": "s3cret of ours",
        }
        | changes
    )


def test_creating_works_while_the_upstream_is_down_and_shows_no_secret(kuusela: Commands) -> None:
    made = kuusela("connection", "create", SLUG, "-", given=document("http://127.0.0.1:1"))
    assert (made["name"], made["enabled"], made["default"]) == ("entra", False, True)
    assert made["redirect_uri"].endswith(f"/sso/{SLUG}/entra/callback")
    shown = kuusela("connection", "show", SLUG)
    assert "s3cret" not in json.dumps([made, shown])


def test_switched_on_and_off_it_keeps_who_and_why(kuusela: Commands) -> None:
    made = kuusela(
        "connection", "create", SLUG, "-", "--enable", given=document("http://127.0.0.1:1")
    )
    assert made["enabled"] is True
    assert kuusela("connection", "disable", SLUG, "--reason", "leaked key")["enabled"] is False
    assert kuusela("connection", "enable", SLUG, "entra")["enabled"] is True
    history = kuusela("connection", "show", SLUG, "entra")["history"]
    assert [each["reason"] for each in history] == ["", "leaked key", "created", ""]


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"issuer": "ftp://x"}, "issuer"), ({"client_secret": None}, "client_secret")],
)
def test_what_is_wrong_is_named(kuusela: Commands, changes: dict[str, Any], said: str) -> None:
    given = document("https://login.example.fi", **changes)
    assert said in kuusela.refusal("connection", "create", SLUG, "-", given=given)


def test_a_test_asks_the_upstream_and_says_how_to_mend_it(
    kuusela: Commands, upstream: Upstream
) -> None:
    kuusela("connection", "create", SLUG, "-", given=document("http://127.0.0.1:1"))
    ran = kuusela.run("connection", "test", SLUG, "--json")
    assert ran.exit_code == 1
    said = json.loads(ran.stdout)
    assert (said["ok"], said["reason"]) == (False, "upstream_unreachable")
    assert said["explanation"]
    assert "no arrival" in kuusela.refusal("connection", "diagnose", "K7F2-QX9M")
