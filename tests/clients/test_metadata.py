"""Every metadata field of the standards is honoured or refused by its name (RFC 7591 section 2)."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from idp.clients.metadata import DEFAULTS, ClientMetadata, validate
from idp.clients.metadata.localized import LOCALIZED
from idp.clients.metadata.unsupported import UNSUPPORTED
from idp.errors import Invalid
from tests.clients.metadata_cases import DEVICE, EC, HONOURED, JWKS, KEYED, REFUSED, SIGNING

BASE: dict[str, Any] = {"redirect_uris": ["https://rp.example.fi/cb"]}


def problems(is_dynamic: bool = False, **document: Any) -> dict[str, str]:
    """What is wrong with each field; nothing where the document holds."""
    try:
        validate({**BASE, **document}, is_dynamic=is_dynamic)
    except Invalid as error:
        return dict(error.fields)
    return {}


@pytest.mark.parametrize("field", HONOURED)
def test_a_field_that_holds_is_registered_as_it_is(field: str) -> None:
    value, _wrong, besides = HONOURED[field]
    registered = validate({**BASE, **besides, field: value})
    assert registered[field] == value


@pytest.mark.parametrize("field", HONOURED)
def test_a_field_that_does_not_hold_is_named(field: str) -> None:
    _value, wrong, besides = HONOURED[field]
    found = problems(**{**besides, field: wrong})
    assert {name.partition(".")[0] for name in found} == {field}


@pytest.mark.parametrize("is_dynamic", [True, False])
@pytest.mark.parametrize("field", REFUSED)
def test_a_field_we_do_not_do_is_refused_by_name(field: str, is_dynamic: bool) -> None:
    found = problems(is_dynamic, **{field: "x"})
    assert found.keys() == {field}
    assert found[field] not in ("", "is not supported")


def test_the_table_and_the_code_know_the_same_fields() -> None:
    ours = ClientMetadata.model_fields.keys()
    assert {field for field in HONOURED if "#" not in field} == ours
    assert {field.partition("#")[0] for field in HONOURED if "#" in field} == {*LOCALIZED}
    assert set(REFUSED) == UNSUPPORTED.keys()
    assert not ours & UNSUPPORTED.keys()


def test_the_defaults_are_the_standards() -> None:
    """OIDC Registration section 2, RFC 7591 section 2, RFC 9126, RFC 9101, RFC 9449, logout."""
    assert DEFAULTS == {
        "redirect_uris": [],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "application_type": "web",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "RS256",
        "require_auth_time": False,
        "require_signed_request_object": False,
        "require_pushed_authorization_requests": False,
        "dpop_bound_access_tokens": False,
        "frontchannel_logout_session_required": False,
        "backchannel_logout_session_required": False,
        "subject_type": "public",
        # No default in a standard
        "client_name": "",
        "contacts": [],
        "scope": "",
        "default_acr_values": [],
        "request_uris": [],
        "post_logout_redirect_uris": [],
        "require_pkce": True,
        "access_token_format": "opaque",
        "fapi_profile": "none",
    }


def test_encrypted_answers_use_the_standards_content_encryption() -> None:
    """OIDC Registration section 2, JARM section 3, RFC 9701 section 6."""
    for kind in ("id_token", "userinfo", "authorization", "introspection"):
        metadata = validate({**BASE, **KEYED, f"{kind}_encrypted_response_alg": "ECDH-ES"})
        assert metadata[f"{kind}_encrypted_response_enc"] == "A128CBC-HS256"


def test_null_counts_as_left_out() -> None:
    assert validate({**BASE, "logo_uri": None, "x5": None}) == validate(BASE)


def test_what_validation_gives_it_takes_again() -> None:
    for field, (value, _wrong, besides) in HONOURED.items():
        once = validate({**BASE, **besides, field: value})
        assert validate(once) == once


@pytest.mark.parametrize("is_dynamic", [True, False])
@pytest.mark.parametrize("document", [[], [BASE], "x", 5, None, True])
def test_a_document_that_is_no_object_is_refused(document: object, is_dynamic: bool) -> None:
    with pytest.raises(Invalid) as caught:
        validate(document, is_dynamic=is_dynamic)
    assert caught.value.code == "invalid_client_metadata"


@pytest.mark.parametrize(
    ("field", "document"),
    [
        # Grants and responses fit together (RFC 7591 section 2.1)
        ("grant_types", {"grant_types": ["refresh_token"], "response_types": ["code"]}),
        ("grant_types", {"grant_types": ["refresh_token"], "response_types": []}),
        ("response_types", {"response_types": []}),
        ("redirect_uris", {"redirect_uris": []}),
        (
            "grant_types",
            {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"},
        ),
        # Keys serve what is registered
        ("jwks", {"token_endpoint_auth_method": "private_key_jwt"}),
        ("jwks", {**KEYED, "jwks_uri": "https://rp.example.fi/jwks"}),
        ("jwks", {"id_token_encrypted_response_alg": "ECDH-ES"}),
        ("jwks", {"require_signed_request_object": True}),
        ("jwks", {**SIGNING, "token_endpoint_auth_signing_alg": "EdDSA"}),
        (
            "jwks",
            {
                "jwks": {"keys": [{**EC.as_dict(private=False), "use": "sig"}]},
                "id_token_encrypted_response_alg": "ECDH-ES",
            },
        ),
        ("id_token_encrypted_response_enc", {"id_token_encrypted_response_enc": "A256GCM"}),
        ("token_endpoint_auth_signing_alg", {"token_endpoint_auth_signing_alg": "RS256"}),
        (
            "token_endpoint_auth_signing_alg",
            {
                "token_endpoint_auth_method": "client_secret_jwt",
                "token_endpoint_auth_signing_alg": "ES256",
            },
        ),
        # Pairwise needs one sector (OIDC Core section 8.1)
        (
            "sector_identifier_uri",
            {
                "subject_type": "pairwise",
                "redirect_uris": ["https://a.example.fi/", "https://b.example.fi/"],
            },
        ),
        (
            "sector_identifier_uri",
            {
                "subject_type": "pairwise",
                "application_type": "native",
                "redirect_uris": ["fi.example.app:/cb"],
            },
        ),
        ("require_pkce", {"require_pkce": False, "token_endpoint_auth_method": "none"}),
        ("scope", {"grant_types": ["client_credentials"], "scope": 'reports "x"'}),
    ],
)
def test_fields_fit_together(field: str, document: dict[str, Any]) -> None:
    assert problems(**document).keys() == {field}


@pytest.mark.parametrize(
    ("application_type", "address", "holds"),
    [
        ("web", "https://rp.example.fi/cb", True),
        ("web", "https://rp.example.fi:8443/cb?x=1", True),
        ("web", "http://localhost:8001/cb", True),
        ("web", "fi.example.app:/cb", False),
        ("native", "fi.example.app:/cb", True),
        ("native", "fi.example.app:/", True),
        ("native", "http://127.0.0.1/cb", True),
        ("native", "http://[::1]:5000/cb", True),
        ("native", "https://app.example.fi/cb", True),
        ("native", "http://rp.example.fi/cb", False),
        ("native", "myapp:/cb", False),
        ("native", "fi.example.app://host/cb", False),
        ("native", "javascript.x:/alert(1)", True),
        ("native", "urn:ietf:wg:oauth:2.0:oob", False),
    ],
)
def test_redirect_uris_follow_the_application_type(
    application_type: str, address: str, holds: bool
) -> None:
    """OIDC Registration section 2, RFC 8252 section 7."""
    found = problems(application_type=application_type, redirect_uris=[address])
    assert (found == {}) == holds


def test_a_web_client_that_registers_itself_needs_tls() -> None:
    local = {"redirect_uris": ["http://localhost:8001/cb"]}
    assert problems(is_dynamic=True, **local).keys() == {"redirect_uris.0"}
    assert problems(is_dynamic=True, application_type="native", **local) == {}


@pytest.mark.parametrize(
    "field", ["require_pkce", "access_token_lifetime", "refresh_token_lifetime"]
)
def test_some_fields_are_the_operators_alone(field: str) -> None:
    value, _wrong, besides = HONOURED[field]
    assert problems(is_dynamic=True, **besides, **{field: value}).keys() == {field}


def test_a_client_without_people_needs_no_redirect_uri() -> None:
    for grant in ("client_credentials", DEVICE):
        metadata = validate({"grant_types": [grant]})
        assert metadata["response_types"] == []
    assert validate({"grant_types": ["client_credentials"]})["scope"] == ""
    reports = {"grant_types": ["client_credentials"], "scope": "reports.read"}
    assert validate(reports)["scope"] == "reports.read"


@pytest.mark.parametrize("scope", ["admin.read", "scim", "ssf.manage"])
def test_a_client_that_never_acts_for_itself_registers_no_right_of_its_own(scope: str) -> None:
    found = problems(scope=f"openid {scope}")
    assert "client_credentials" in found["scope"]
    both = ["authorization_code", "client_credentials"]
    assert problems(scope=f"openid {scope}", grant_types=both) == {}


@pytest.mark.parametrize(
    "jwks",
    [
        None,
        [],
        {},
        {"keys": "x"},
        {"keys": [5]},
        {"keys": [{"kty": "unknown"}]},
        {"keys": [{"kty": ["RSA"]}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
        {"keys": [{"kty": "RSA", "n": "x", "e": "AQAB"}]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
        {"keys": [{"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"}]},
        {"keys": [RSAKey.generate_key(2048).as_dict(private=True)]},
        {"keys": [ECKey.generate_key("P-256").as_dict(private=True)]},
        {"keys": [{"kty": "RSA", "n": "4" + "w" * 170, "e": "AQAB"}]},
        {"keys": [{"kty": "RSA", "n": "_" * 40000, "e": "AQAB"}]},
        {"keys": [EC.as_dict(private=False)] * 21},
    ],
)
def test_odd_keys_are_refused(jwks: Any) -> None:
    assert problems(**{**SIGNING, "jwks": jwks}).keys() == {"jwks"}


def test_keys_of_a_kind_we_do_not_know_are_passed_over() -> None:
    """RFC 7517 section 5."""
    keys = [{"kty": "AKP", "alg": "ML-DSA-44", "pub": "x"}, *JWKS["keys"]]
    document: dict[str, Any] = {**SIGNING, "jwks": {"keys": keys}}
    assert problems(**document) == {}


def test_the_fapi_profiles_fill_in_what_they_demand() -> None:
    """FAPI 2.0 Security Profile section 5.3.2, Message Signing section 5."""
    metadata = validate({**BASE, **KEYED, "fapi_profile": "fapi2_message_signing"})
    assert metadata["token_endpoint_auth_method"] == "private_key_jwt"
    assert metadata["require_pushed_authorization_requests"] is True
    assert metadata["dpop_bound_access_tokens"] is True
    assert metadata["require_signed_request_object"] is True
    assert metadata["id_token_signed_response_alg"] == "PS256"
    security = validate({**BASE, **KEYED, "fapi_profile": "fapi2_security"})
    assert security["require_signed_request_object"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("require_pushed_authorization_requests", False),
        ("dpop_bound_access_tokens", False),
        ("require_pkce", False),
        ("require_signed_request_object", False),
        ("id_token_signed_response_alg", "RS256"),
        ("userinfo_signed_response_alg", "RS256"),
        ("authorization_signed_response_alg", "RS256"),
        ("introspection_signed_response_alg", "RS256"),
        ("request_object_signing_alg", "RS256"),
        ("token_endpoint_auth_signing_alg", "RS256"),
        ("redirect_uris", ["http://localhost/cb"]),
    ],
)
def test_what_contradicts_a_fapi_profile_is_refused_by_name(field: str, value: Any) -> None:
    document = {**KEYED, "fapi_profile": "fapi2_message_signing", field: value}
    assert problems(**document).keys() == {field}
