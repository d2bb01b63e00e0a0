"""Clients and keys by command."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.foundation import clock
from tests.cli.conftest import Commands

PORTAL = {
    "client_name": "Portal",
    "redirect_uris": ["https://portal.example.fi/callback"],
    "scope": "openid profile",
}


def register(idp: Commands, **changes: Any) -> Any:
    return idp("client", "register", "-", given=json.dumps({**PORTAL, **changes}))


def test_registration_answers_as_rfc_7591_says(idp: Commands) -> None:
    answer = register(idp)
    # RFC 7591 section 3.2.1: client_id, the secret with its end, and all registered metadata.
    assert answer["client_id"]
    assert answer["client_secret"]
    assert answer["client_secret_expires_at"] == 0
    assert {name: answer[name] for name in PORTAL} == PORTAL
    assert answer["token_endpoint_auth_method"] == "client_secret_basic"


def test_registration_prints_the_same_document_for_people(idp: Commands) -> None:
    ran = idp.run("client", "register", "-", given=json.dumps(PORTAL))
    assert json.loads(ran.stdout)["client_secret"]


def test_a_secret_is_shown_once(idp: Commands) -> None:
    answer = register(idp)
    shown = idp.run("client", "show", answer["client_id"], "--json")
    listed = idp.run("client", "list", "--json")
    assert answer["client_secret"] not in shown.stdout + listed.stdout
    assert [each["client_id"] for each in json.loads(listed.stdout)] == [answer["client_id"]]


def test_a_client_without_a_secret_gets_none(idp: Commands) -> None:
    answer = register(idp, token_endpoint_auth_method="none")
    assert "client_secret" not in answer
    idp.refusal("client", "rotate-secret", answer["client_id"])


def test_a_secret_is_rotated(idp: Commands) -> None:
    answer = register(idp)
    rotated = idp("client", "rotate-secret", answer["client_id"])
    assert rotated["client_id"] == answer["client_id"]
    assert rotated["client_secret"] != answer["client_secret"]


def test_a_client_is_disabled_and_enabled(idp: Commands) -> None:
    client_id = register(idp)["client_id"]
    assert idp("client", "disable", client_id)["disabled_at"]
    assert idp("client", "show", client_id)["disabled_at"]
    assert "disabled_at" not in idp("client", "enable", client_id)


def test_metadata_that_does_not_hold_is_refused_field_by_field(idp: Commands) -> None:
    bad = {"redirect_uris": ["http://portal.example.fi/"], "grant_types": ["password"], "x": 1}
    line = idp.refusal("client", "register", "-", given=json.dumps(bad))
    assert "redirect_uris.0: " in line
    assert "grant_types.0: " in line
    assert "x: is not supported" in line


@pytest.mark.parametrize("given", ["", "{", "[" * 100_000, "\0"])
def test_what_is_no_json_is_refused(idp: Commands, given: str) -> None:
    assert idp.refusal("client", "register", "-", given=given).startswith("idp: ")


def test_a_client_that_is_not_there_is_refused(idp: Commands) -> None:
    for words in ("show", "disable", "enable", "rotate-secret"):
        idp.refusal("client", words, "nobody")


def test_an_update_puts_new_metadata_in_the_place_of_the_old(idp: Commands) -> None:
    answer = register(idp, contacts=["it@example.fi"])
    shown = idp("client", "show", answer["client_id"])
    del shown["contacts"]
    given = json.dumps({**shown, "client_name": "Uusi"})
    updated = idp("client", "update", answer["client_id"], "-", given=given)
    assert (updated["client_name"], updated["contacts"]) == ("Uusi", [])
    assert "client_secret" not in updated
    bad = json.dumps({**shown, "redirect_uris": ["ftp://x"]})
    line = idp.refusal("client", "update", answer["client_id"], "-", given=bad)
    assert "redirect_uris.0: " in line
    assert idp("client", "show", answer["client_id"])["client_name"] == "Uusi"


def test_a_third_party_is_not_first_party(idp: Commands) -> None:
    ours = register(idp)
    theirs = idp("client", "register", "-", "--third-party", given=json.dumps(PORTAL))
    kinds = [idp("client", "show", each["client_id"])["first_party"] for each in (ours, theirs)]
    assert kinds == [True, False]


def test_an_initial_access_token_is_made_listed_and_revoked(idp: Commands) -> None:
    made = idp("client", "initial-token", "create", "--uses", "3", "--note", "koe")
    assert made["initial_access_token"].startswith("idp_iat_")
    (listed,) = idp("client", "initial-token", "list")
    assert (listed["id"], listed["uses_left"], listed["note"]) == (made["id"], 3, "koe")
    assert made["initial_access_token"] not in json.dumps(listed)
    idp("client", "initial-token", "revoke", made["id"])
    assert idp("client", "initial-token", "list") == []
    idp.refusal("client", "initial-token", "revoke", "nobody")


def test_clients_secrets_and_the_pairwise_key_are_sealed_anew(idp: Commands) -> None:
    """Two secrets that must be read again, and the key that subjects are made with."""
    mac = register(idp, token_endpoint_auth_method="client_secret_jwt", subject_type="pairwise")
    idp("client", "rotate-secret", mac["client_id"])
    idp("keys", "rewrap", "--new-key")
    assert idp("keys", "rewrap")["rewrapped"] == 4 + 2 + 1
    assert idp("keys", "rewrap")["rewrapped"] == 0


def states(keys: list[dict[str, Any]], alg: str) -> list[str]:
    return [key["state"] for key in keys if key["alg"] == alg]


def test_each_algorithm_has_one_active_key(idp: Commands) -> None:
    keys = idp("keys", "list")
    assert {key["alg"] for key in keys} == {"RS256", "ES256", "PS256", "EdDSA"}
    assert {key["state"] for key in keys} == {"active"}


def test_rotation_publishes_the_next_key_before_it_signs(idp: Commands) -> None:
    keys = idp("keys", "rotate", "--alg", "ES256")
    assert states(keys, "ES256") == ["active", "next"]
    assert states(keys, "RS256") == ["active"]


def test_a_day_later_the_new_key_signs_and_the_old_one_is_retired(idp: Commands) -> None:
    idp("keys", "rotate", "--alg", "ES256")
    with clock.shifted(timedelta(hours=24, minutes=1)):
        assert states(idp("keys", "list"), "ES256") == ["retired", "active"]


def test_a_revoked_key_is_gone_and_another_signs(idp: Commands) -> None:
    kid = next(key["kid"] for key in idp("keys", "list") if key["alg"] == "ES256")
    keys = idp("keys", "revoke", kid)
    assert kid not in {key["kid"] for key in keys}
    assert states(keys, "ES256") == ["active"]


def test_a_key_that_is_not_there_cannot_be_revoked(idp: Commands) -> None:
    idp.refusal("keys", "revoke", "nothing")


def test_rewrapping_again_changes_nothing(idp: Commands) -> None:
    assert idp("keys", "rewrap")["rewrapped"] == 0


def test_a_new_key_encryption_key_takes_over_step_by_step(idp: Commands) -> None:
    (old,) = (idp.folder / "keys").glob("*.key")
    new = Path(idp("keys", "rewrap", "--new-key")["key_file"])
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert idp("keys", "rewrap") == {"rewrapped": 4, "key": new.stem}
    old.unlink()
    assert len(idp("keys", "list")) == 4
