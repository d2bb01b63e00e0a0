"""Fields of the standards that we do not do: each refused by its name, with the reason.

A client that got a registration without what it asked for would only find out in the middle of a
sign-in. Names that no standard knows are another matter: see `validation`.
"""

_NO_MTLS = "mutual TLS is not offered; use private_key_jwt, and DPoP to bind tokens"
_NO_REQUEST_ENCRYPTION = "we publish no encryption key; send signed request objects over PAR"
_NO_CIBA = "back-channel authentication (CIBA) is not offered"
_NO_FEDERATION = "OpenID Federation is not offered"

UNSUPPORTED = {
    # OpenID Connect Registration 1.0 section 2
    "request_object_encryption_alg": _NO_REQUEST_ENCRYPTION,
    "request_object_encryption_enc": _NO_REQUEST_ENCRYPTION,
    # RFC 8705 sections 2.1.2 and 3.4
    "tls_client_auth_subject_dn": _NO_MTLS,
    "tls_client_auth_san_dns": _NO_MTLS,
    "tls_client_auth_san_uri": _NO_MTLS,
    "tls_client_auth_san_ip": _NO_MTLS,
    "tls_client_auth_san_email": _NO_MTLS,
    "tls_client_certificate_bound_access_tokens": _NO_MTLS,
    # RFC 9396 section 10
    "authorization_details_types": "rich authorization requests are not offered; use scopes",
    # Client-Initiated Backchannel Authentication section 4
    "backchannel_token_delivery_mode": _NO_CIBA,
    "backchannel_client_notification_endpoint": _NO_CIBA,
    "backchannel_authentication_request_signing_alg": _NO_CIBA,
    "backchannel_user_code_parameter": _NO_CIBA,
    # OpenID Federation 1.0 section 5
    "client_registration_types": _NO_FEDERATION,
    "signed_jwks_uri": _NO_FEDERATION,
    "organization_name": _NO_FEDERATION,
    # OpenID Token Binding
    "id_token_token_binding_cnf": "token binding is not offered; use DPoP",
    # What only we say (RFC 7591 section 3.2.1, RFC 7592 section 3)
    "client_secret": "we give the secret",
    "client_id": "we give the identifier",
    "client_id_issued_at": "we say when",
    "client_secret_expires_at": "we say when",
    "registration_access_token": "we give the token",
    "registration_client_uri": "we say where",
}
