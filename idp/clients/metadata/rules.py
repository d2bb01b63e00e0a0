"""Rules between fields: each a pure function of the metadata that yields (field, reason)."""

from collections.abc import Callable, Iterator
from typing import Any, get_args

from idp.clients.key_sets import BadKeySet, encryption_key, read_key_set, signature_keys
from idp.clients.metadata import fapi
from idp.clients.metadata.addresses import (
    host_of,
    is_https,
    is_loopback,
    is_private_use,
    origin_of,
)
from idp.clients.metadata.algorithms import (
    DEVICE_CODE,
    SECRET_ALGORITHMS,
    SIGNED_OBJECT_ALGORITHMS,
    KeyEncryption,
)
from idp.clients.metadata.fields import ClientMetadata

Problems = Iterator[tuple[str, str]]
Rule = Callable[[ClientMetadata], Problems]
ENCRYPTED = ("id_token", "userinfo", "authorization", "introspection")
"""Kinds of answers that a client may ask to have encrypted."""
OPERATORS_FIELDS = (
    "require_pkce",
    "access_token_lifetime",
    "id_token_lifetime",
    "refresh_token_lifetime",
    "resource",
)
"""What a client that registers itself has no say in."""
_REDIRECTS = ("redirect_uris", "post_logout_redirect_uris")


def _grants_fit(metadata: ClientMetadata) -> Problems:
    grants = set(metadata.grant_types)
    if "authorization_code" in grants and not metadata.response_types:
        yield "response_types", "authorization_code needs response type code"
    if "authorization_code" not in grants and metadata.response_types:
        yield "grant_types", "response type code needs authorization_code"
    if "refresh_token" in grants and not grants & {"authorization_code", DEVICE_CODE}:
        yield "grant_types", "refresh_token needs authorization_code or the device code grant"
    if "client_credentials" in grants and metadata.token_endpoint_auth_method == "none":
        yield "grant_types", "client_credentials needs a client that authenticates"


def _redirects_fit(metadata: ClientMetadata) -> Problems:
    if "authorization_code" in metadata.grant_types and not metadata.redirect_uris:
        yield "redirect_uris", "authorization_code needs at least one"


def _addresses_fit_the_application(metadata: ClientMetadata) -> Problems:
    """Private-use schemes are for native applications (RFC 8252 section 7)."""
    for field in _REDIRECTS:
        for number, address in enumerate(getattr(metadata, field)):
            if metadata.application_type == "web" and is_private_use(address):
                yield f"{field}.{number}", "a private-use scheme needs application_type native"


def _keys_are_given_once(metadata: ClientMetadata) -> Problems:
    if metadata.jwks is not None and metadata.jwks_uri is not None:
        yield "jwks", "give jwks or jwks_uri, not both"
    if metadata.jwks is not None:
        try:
            read_key_set(metadata.jwks)
        except BadKeySet as error:
            yield "jwks", str(error)


def _keys_serve_their_purposes(metadata: ClientMetadata) -> Problems:
    """Whatever is signed or encrypted with the client's keys has one that fits."""
    for field, algorithm in _purposes(metadata):
        if metadata.jwks is None and metadata.jwks_uri is None:
            yield "jwks", f"{field} needs the client's public keys"
        elif metadata.jwks is not None and not _has_key(metadata.jwks, algorithm):
            yield "jwks", f"holds no key for {field}"


def _purposes(metadata: ClientMetadata) -> Iterator[tuple[str, str | None]]:
    """What the client's keys must serve: the field that says so, its algorithm (None: any)."""
    algorithm = metadata.token_endpoint_auth_signing_alg
    if algorithm in SECRET_ALGORITHMS:
        algorithm = None  # Its own rule says that a MAC does not go with the method.
    if metadata.token_endpoint_auth_method == "private_key_jwt":
        yield "token_endpoint_auth_method", algorithm
    if metadata.require_signed_request_object or metadata.request_object_signing_alg:
        yield "request_object_signing_alg", metadata.request_object_signing_alg
    for kind in ENCRYPTED:
        field = f"{kind}_encrypted_response_alg"
        if getattr(metadata, field):
            yield field, getattr(metadata, field)


def _has_key(jwks: dict[str, Any], algorithm: str | None) -> bool:
    try:
        keys = read_key_set(jwks)
    except BadKeySet:
        return True  # Its own rule says what is wrong with it.
    if algorithm in get_args(KeyEncryption):
        return encryption_key(keys, str(algorithm)) is not None
    return bool(signature_keys(keys, algorithm))


def _assertions_are_signed_as_the_method_says(metadata: ClientMetadata) -> Problems:
    field, algorithm = "token_endpoint_auth_signing_alg", metadata.token_endpoint_auth_signing_alg
    fitting = {
        "private_key_jwt": SIGNED_OBJECT_ALGORITHMS,
        "client_secret_jwt": SECRET_ALGORITHMS,
    }.get(metadata.token_endpoint_auth_method, ())
    if algorithm is not None and algorithm not in fitting:
        yield field, f"does not go with {metadata.token_endpoint_auth_method}"


def _encryption_is_whole(metadata: ClientMetadata) -> Problems:
    for kind in ENCRYPTED:
        if getattr(metadata, f"{kind}_encrypted_response_enc") and not getattr(
            metadata, f"{kind}_encrypted_response_alg"
        ):
            yield f"{kind}_encrypted_response_enc", "needs the field that ends in _alg"


def _sector_is_one(metadata: ClientMetadata) -> Problems:
    """Pairwise subjects need one host to be pairwise to (OpenID Connect Core section 8.1)."""
    if metadata.sector_identifier_uri and not is_https(metadata.sector_identifier_uri):
        yield "sector_identifier_uri", "must be https"
    if metadata.subject_type == "pairwise" and not metadata.sector_identifier_uri:
        if any(map(is_private_use, metadata.redirect_uris)):
            yield "sector_identifier_uri", "pairwise needs it beside private-use redirect URIs"
        elif len({host_of(address) for address in metadata.redirect_uris}) != 1:
            yield "sector_identifier_uri", "pairwise needs it unless redirect_uris have one host"


def _frontchannel_is_its_own(metadata: ClientMetadata) -> Problems:
    """Front-Channel Logout section 2: the origin of one of its redirect URIs."""
    address = metadata.frontchannel_logout_uri
    origins = {origin_of(each) for each in metadata.redirect_uris}
    if address and origin_of(address) not in origins:
        yield "frontchannel_logout_uri", "must have the origin of one of redirect_uris"


def _pkce_binds_public_clients(metadata: ClientMetadata) -> Problems:
    if not metadata.require_pkce and metadata.token_endpoint_auth_method == "none":
        yield "require_pkce", "a client that does not authenticate must use PKCE (RFC 7636)"


RULES: tuple[Rule, ...] = (
    _grants_fit,
    _redirects_fit,
    _addresses_fit_the_application,
    _keys_are_given_once,
    _keys_serve_their_purposes,
    _assertions_are_signed_as_the_method_says,
    _encryption_is_whole,
    _sector_is_one,
    _frontchannel_is_its_own,
    _pkce_binds_public_clients,
    fapi.contradictions,
)


# What only an operator may say of a client, and what only an operator's client may do.


def _operators_fields_are_left_alone(metadata: ClientMetadata) -> Problems:
    for field in OPERATORS_FIELDS:
        if getattr(metadata, field) != ClientMetadata.model_fields[field].default:
            yield field, "only an operator may set it"


def _web_clients_use_tls(metadata: ClientMetadata) -> Problems:
    """A developer's own machine is a native application's place, or an operator's client's."""
    for field in _REDIRECTS:
        for number, address in enumerate(getattr(metadata, field)):
            if metadata.application_type == "web" and is_loopback(address):
                yield f"{field}.{number}", "must be https"


DYNAMIC_RULES: tuple[Rule, ...] = (_operators_fields_are_left_alone, _web_clients_use_tls)


def problems(metadata: ClientMetadata, *, is_dynamic: bool) -> dict[str, str]:
    """Every field that does not hold, with the first reason found for it."""
    found: dict[str, str] = {}
    for rule in (*RULES, *(DYNAMIC_RULES if is_dynamic else ())):
        for field, reason in rule(metadata):
            found.setdefault(field, reason)
    return found
