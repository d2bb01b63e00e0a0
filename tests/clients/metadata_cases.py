"""Every client metadata field of the standards, with a value that holds and one that does not.

From the standards' own lists, not from our code: OIDC Registration 1.0 section 2, RFC 7591
section 2, RFC 9126 section 6, RFC 9101 section 10.5, JARM section 3, RFC 9449 section 5.2,
RFC 9701 section 6, RFC 8705, RFC 9396, Front- and Back-Channel, RP-Initiated, CIBA, OpenID
Federation; then our own.
"""

from typing import Any

from joserfc.jwk import ECKey, RSAKey

RSA = RSAKey.generate_key(2048, {"kid": "rsa"}, private=False)
EC = ECKey.generate_key("P-256", {"kid": "ec"}, private=False)
JWKS = {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}
KEYED = {"jwks": JWKS}
SIGNING = {"token_endpoint_auth_method": "private_key_jwt", **KEYED}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

Case = tuple[Any, Any, dict[str, Any]]
"""A value that is honoured, one that is refused, and what else the document needs."""

HONOURED: dict[str, Case] = {
    # RFC 7591 section 2, OIDC Registration 1.0 section 2
    "redirect_uris": (["https://rp.example.fi/cb"], ["http://rp.example.fi/cb"], {}),
    "response_types": (["code"], ["id_token"], {}),
    "grant_types": (["authorization_code", "refresh_token"], ["implicit"], {}),
    "application_type": ("native", "desktop", {}),
    "contacts": (["it@example.fi"], "it@example.fi", {}),
    "client_name": ("Esimerkki", 5, {}),
    "client_name#fi": ("Esimerkki", 5, {}),
    "client_name#sv-FI": ("Exempel", "x" * 201, {}),
    "logo_uri": ("https://rp.example.fi/logo.png", "javascript:alert(1)", {}),
    "logo_uri#fi": ("https://rp.example.fi/logo.png", "javascript:alert(1)", {}),
    "client_uri": ("https://rp.example.fi/", "rp.example.fi", {}),
    "client_uri#en": ("https://rp.example.fi/en", "//rp.example.fi", {}),
    "policy_uri": ("https://rp.example.fi/policy", "data:text/html,x", {}),
    "policy_uri#en": ("https://rp.example.fi/policy", "data:text/html,x", {}),
    "tos_uri": ("https://rp.example.fi/tos", "http://rp.example.fi/tos", {}),
    "tos_uri#en": ("https://rp.example.fi/tos", "http://rp.example.fi/tos", {}),
    "jwks_uri": ("https://rp.example.fi/jwks", "file:///etc/passwd", {}),
    "jwks": (JWKS, {"keys": []}, {}),
    "scope": ("openid email", "openid nonsense", {}),
    "software_id": ("esimerkki", 5, {}),
    "software_version": ("1.2", "1\n2", {}),
    "software_statement": ("a.b.c", 5, {}),
    "sector_identifier_uri": ("https://sector.example.fi/s", "http://sector.example.fi/s", {}),
    "subject_type": ("pairwise", "private", {}),
    "id_token_signed_response_alg": ("ES256", "none", {}),
    "id_token_encrypted_response_alg": ("RSA-OAEP-256", "RSA1_5", KEYED),
    "id_token_encrypted_response_enc": (
        "A256GCM",
        "A128GCM",
        {**KEYED, "id_token_encrypted_response_alg": "ECDH-ES"},
    ),
    "userinfo_signed_response_alg": ("PS256", "HS256", {}),
    "userinfo_encrypted_response_alg": ("ECDH-ES+A256KW", "dir", KEYED),
    "userinfo_encrypted_response_enc": (
        "A128CBC-HS256",
        "A128CBC",
        {**KEYED, "userinfo_encrypted_response_alg": "ECDH-ES"},
    ),
    "request_object_signing_alg": ("PS256", "none", KEYED),
    "token_endpoint_auth_method": ("client_secret_post", "tls_client_auth", {}),
    "token_endpoint_auth_signing_alg": ("ES256", "HS256", SIGNING),
    "default_max_age": (3600, -1, {}),
    "require_auth_time": (True, "yes", {}),
    "default_acr_values": (["urn:laatuportti:acr:sso"], ["urn:mace:incommon:iap:gold"], {}),
    "initiate_login_uri": ("https://rp.example.fi/login", "http://rp.example.fi/login", {}),
    "request_uris": (["https://rp.example.fi/r#x"], ["http://rp.example.fi/r"], {}),
    # RP-Initiated, Front-Channel and Back-Channel Logout 1.0
    "post_logout_redirect_uris": (["https://rp.example.fi/"], ["javascript:x"], {}),
    "frontchannel_logout_uri": ("https://rp.example.fi/out", "https://other.example.fi/out", {}),
    "frontchannel_logout_session_required": (True, "true", {}),
    "backchannel_logout_uri": ("https://rp.example.fi/out", "https://rp.example.fi/out#x", {}),
    "backchannel_logout_session_required": (True, 1, {}),
    # RFC 9126 section 6, RFC 9101 section 10.5
    "require_pushed_authorization_requests": (True, "true", {}),
    "require_signed_request_object": (True, "true", KEYED),
    # JARM section 3
    "authorization_signed_response_alg": ("EdDSA", "none", {}),
    "authorization_encrypted_response_alg": ("RSA-OAEP-256", "RSA-OAEP", KEYED),
    "authorization_encrypted_response_enc": (
        "A256GCM",
        "none",
        {**KEYED, "authorization_encrypted_response_alg": "ECDH-ES"},
    ),
    # RFC 9449 section 5.2, RFC 9701 section 6
    "dpop_bound_access_tokens": (True, "true", {}),
    "introspection_signed_response_alg": ("ES256", "none", {}),
    "introspection_encrypted_response_alg": ("RSA-OAEP-256", "A128KW", KEYED),
    "introspection_encrypted_response_enc": (
        "A128CBC-HS256",
        "x",
        {**KEYED, "introspection_encrypted_response_alg": "ECDH-ES"},
    ),
    # Ours
    "access_token_format": ("jwt", "xml", {}),
    "access_token_lifetime": (300, 10, {}),
    "id_token_lifetime": (3600, 3601, {}),
    "refresh_token_lifetime": (86400, 0, {}),
    "require_pkce": (False, "no", {}),
    "resource": ("https://api.example.fi/", "api", {}),
    "fapi_profile": ("fapi2_security", "fapi1", KEYED),
}

REFUSED = (
    # OIDC Registration 1.0 section 2: we hold no key to decrypt with
    *("request_object_encryption_alg", "request_object_encryption_enc"),
    # RFC 8705 sections 2.1.2 and 3.4
    *("tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri"),
    *("tls_client_auth_san_ip", "tls_client_auth_san_email"),
    "tls_client_certificate_bound_access_tokens",
    # RFC 9396 section 10
    "authorization_details_types",
    # CIBA Core 1.0 section 4
    *("backchannel_token_delivery_mode", "backchannel_client_notification_endpoint"),
    *("backchannel_authentication_request_signing_alg", "backchannel_user_code_parameter"),
    # OpenID Federation 1.0
    *("client_registration_types", "signed_jwks_uri", "organization_name"),
    # Token Binding
    "id_token_token_binding_cnf",
    # RFC 7591 section 3.2.1, RFC 7592 section 3: ours to say
    *("client_id", "client_secret", "client_id_issued_at", "client_secret_expires_at"),
    *("registration_access_token", "registration_client_uri"),
)
