"""The metadata fields that are honoured, with the standards' defaults.

What each does says docs/clients.md, whose tables a test holds to these.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from idp.clients.metadata.addresses import RedirectAddress, RequestAddress, WebAddress
from idp.clients.metadata.algorithms import (
    AccessTokenFormat,
    AcrValue,
    AuthMethod,
    ContentEncryption,
    FapiProfile,
    GrantType,
    KeyEncryption,
    SecretAlgorithm,
    SignedObjectAlgorithm,
    SigningAlgorithm,
)

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text."""
_SHORTEST = 60
_LONGEST_TOKEN = 3600
"""A signing key stays published an hour beyond the longest lifetime of the settings."""
_LONGEST_FAMILY = 366 * 24 * 3600


class Group(BaseModel):
    """Fields that belong together."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)


class Presentation(Group):
    """Who the client is, for people (each but contacts and software also as ``name#tag``)."""

    client_name: str = Field("", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    client_uri: WebAddress | None = None
    logo_uri: WebAddress | None = None
    policy_uri: WebAddress | None = None
    tos_uri: WebAddress | None = None
    contacts: list[Line] = Field([], max_length=20)
    software_id: Line | None = None
    software_version: Line | None = None
    software_statement: str | None = Field(None, max_length=20000)


class Flow(Group):
    """What the client may ask for and where answers go."""

    redirect_uris: list[RedirectAddress] = Field([], max_length=50)
    response_types: list[Literal["code"]] = Field(["code"], max_length=1)
    grant_types: list[GrantType] = Field(["authorization_code"], min_length=1, max_length=4)
    application_type: Literal["web", "native"] = "web"
    scope: str = Field("", max_length=1000)
    initiate_login_uri: WebAddress | None = None
    default_max_age: int | None = Field(None, ge=0, le=10**9)
    require_auth_time: bool = False
    default_acr_values: list[AcrValue] = Field([], max_length=20)
    subject_type: Literal["public", "pairwise"] = "public"
    sector_identifier_uri: WebAddress | None = None
    require_pkce: bool = True


class Authentication(Group):
    """How the client proves itself, and its keys."""

    token_endpoint_auth_method: AuthMethod = "client_secret_basic"
    token_endpoint_auth_signing_alg: SignedObjectAlgorithm | SecretAlgorithm | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: WebAddress | None = None


class RequestObjects(Group):
    """How its authorization requests are made, and how we answer them (RFC 9101, 9126, JARM)."""

    request_object_signing_alg: SignedObjectAlgorithm | None = None
    request_uris: list[RequestAddress] = Field([], max_length=50)
    require_signed_request_object: bool = False
    require_pushed_authorization_requests: bool = False
    authorization_signed_response_alg: SigningAlgorithm | None = None
    authorization_encrypted_response_alg: KeyEncryption | None = None
    authorization_encrypted_response_enc: ContentEncryption | None = None


class Tokens(Group):
    """What its tokens are like."""

    id_token_signed_response_alg: SigningAlgorithm = "RS256"
    id_token_encrypted_response_alg: KeyEncryption | None = None
    id_token_encrypted_response_enc: ContentEncryption | None = None
    userinfo_signed_response_alg: SigningAlgorithm | None = None
    userinfo_encrypted_response_alg: KeyEncryption | None = None
    userinfo_encrypted_response_enc: ContentEncryption | None = None
    introspection_signed_response_alg: SigningAlgorithm | None = None
    introspection_encrypted_response_alg: KeyEncryption | None = None
    introspection_encrypted_response_enc: ContentEncryption | None = None
    dpop_bound_access_tokens: bool = False
    access_token_format: AccessTokenFormat = "opaque"
    access_token_lifetime: int | None = Field(None, ge=_SHORTEST, le=_LONGEST_TOKEN)
    id_token_lifetime: int | None = Field(None, ge=_SHORTEST, le=_LONGEST_TOKEN)
    refresh_token_lifetime: int | None = Field(None, ge=_SHORTEST, le=_LONGEST_FAMILY)
    fapi_profile: FapiProfile = "none"
    resource: WebAddress | None = None


class LoggingOut(Group):
    """How it hears of sign-outs and where the browser goes after one."""

    post_logout_redirect_uris: list[RedirectAddress] = Field([], max_length=50)
    frontchannel_logout_uri: WebAddress | None = None
    frontchannel_logout_session_required: bool = False
    backchannel_logout_uri: WebAddress | None = None
    backchannel_logout_session_required: bool = False


class ClientMetadata(Presentation, Flow, Authentication, RequestObjects, Tokens, LoggingOut):
    """What a client registers."""
