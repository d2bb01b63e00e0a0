"""A connection's document: what holds, what does not, every error at once by its key."""

from typing import Any

import pytest

from idp.authentication.federation.document import KINDS, mapping, read
from idp.authentication.federation.mapping import FIELDS
from idp.authentication.federation.presets import PRESETS
from idp.errors import Invalid

OIDC: dict[str, Any] = {
    "kind": "oidc",
    "name": "entra",
    "issuer": "https://idp.example.fi",
    "client_id": "laatuportti",
    "client_secret": "a secret",
}
TENANT = "11111111-2222-3333-4444-555555555555"


def test_a_secret_is_neither_stored_with_the_document_nor_shown() -> None:
    document = read(OIDC)
    assert document.secrets() == {"client_secret": "a secret"}
    assert "a secret" not in f"{document.stored()}{document!r}"


def test_what_a_mapping_leaves_out_takes_the_presets_rule() -> None:
    rules = mapping(read({**OIDC, "mapping": {"title": "position"}}).stored())
    assert rules["title"] == "position"
    assert rules["given_name"] == PRESETS["oidc"].mapping["given_name"]


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"name": "Entra ID"}, {"name": "connection_name_invalid"}),
        ({"name": "callback"}, {"name": "connection_name_invalid"}),
        ({"name": "x" * 41}, {"name": "connection_name_invalid"}),
        ({"issuer": "ftp://idp.example.fi"}, {"issuer": "address_invalid"}),
        ({"issuer": "https://user@idp.example.fi"}, {"issuer": "address_invalid"}),
        ({"issuer": "https://idp.example.fi#x"}, {"issuer": "address_invalid"}),
        ({"issuer": "https://[::1"}, {"issuer": "address_invalid"}),
        ({"issuer": 5, "client_id": ""}, {"issuer": "not_fitting", "client_id": "not_fitting"}),
        ({"mapping": {"roles": "groups"}}, {"mapping.roles": "not_fitting"}),
        ({"mapping": {"title": {"eval": "x"}}}, {"mapping.title": "not_fitting"}),
        ({"algorithms": ["none"]}, {"algorithms.0": "not_fitting"}),
        ({"algorithms": ["HS256"]}, {"algorithms.0": "not_fitting"}),
        ({"algorithms": []}, {"algorithms": "not_fitting"}),
        ({"policy": {"roles": ["main_user"]}}, {"policy.roles": "unknown_field"}),
        ({"product": "adfs"}, {"product": "product_unknown"}),
        ({"product": "unheard"}, {"product": "product_unknown"}),
        ({"product": "google"}, {"issuer": "issuer_of_product"}),
        (
            {"product": "google", "issuer": "https://accounts.google.com"},
            {"hosted_domain": "required"},
        ),
        *(
            (
                {
                    "product": "entra_oidc",
                    "issuer": f"https://login.microsoftonline.com/{who}/v2.0",
                },
                {"issuer": "issuer_of_product"},
            )
            for who in ("common", "organizations", "consumers", f"{TENANT}/x", "*")
        ),
        ({"kind": "ldap"}, {"kind": "connection_kind_unknown"}),
        ({"kind": ["oidc"]}, {"kind": "connection_kind_unknown"}),
    ],
)
def test_what_does_not_hold_is_named(changes: dict[str, Any], problems: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        read({**OIDC, **changes})
    assert refused.value.fields == problems


def test_every_error_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        read({"kind": "oidc", "name": "", "issuer": "x", "extra": 1})
    assert set(refused.value.fields) == {"name", "issuer", "client_id", "extra"}


@pytest.mark.parametrize("given", [None, [], "{}", 5])
def test_a_document_is_an_object(given: Any) -> None:
    with pytest.raises(Invalid):
        read(given)


def test_entra_is_pinned_to_one_tenant_and_known_by_tenant_and_object() -> None:
    issuer = f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert read({**OIDC, "product": "entra_oidc", "issuer": issuer}).product == "entra_oidc"
    assert PRESETS["entra_oidc"].subject == ("tid", "oid")


def test_no_product_knows_people_by_their_address() -> None:
    assert all("mail" not in name for preset in PRESETS.values() for name in preset.subject)


def test_every_preset_is_of_a_kind_that_there_is_and_maps_our_fields_only() -> None:
    assert {preset.kind for preset in PRESETS.values()} == set(KINDS)
    assert all(set(preset.mapping) <= set(FIELDS) for preset in PRESETS.values())
