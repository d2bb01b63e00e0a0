"""Client metadata (RFC 7591 section 2): every field either honoured or refused by its name."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    ValidationError,
    model_validator,
)

from idp.config import LOCALES
from idp.errors import Invalid

SCOPES = (
    "openid",
    "profile",
    "email",
    "organizations",
    "profile:write",
    "offline_access",
)
"""Every scope of ours; ``organization:<slug>`` besides."""

AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
SigningAlgorithm = Literal["RS256", "ES256", "PS256", "EdDSA"]
_LOCALIZED = ("client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri")
_LOCALIZED_KEY = re.compile(rf"({'|'.join(_LOCALIZED)})#({'|'.join(LOCALES)})")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _web_address(value: str) -> str:
    """An https address, or http on this very machine; no fragment, no user information."""
    parts = urlsplit(value)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("must be https (http only for localhost)")
    if not parts.hostname or parts.fragment or "#" in value or "@" in parts.netloc:
        raise ValueError("must be an absolute address without fragment or user information")
    if not value.isascii() or not value.isprintable() or " " in value or "\\" in value:
        raise ValueError("must be written in plain ASCII")
    return value


def _redirect_address(value: str) -> str:
    """A redirect URI: a web address, or a native application's private scheme (RFC 8252 7.1)."""
    scheme = urlsplit(value).scheme
    if "." in scheme and "#" not in value and value.isascii() and value.isprintable():
        return value
    return _web_address(value)


WebAddress = Annotated[str, Field(max_length=2000), AfterValidator(_web_address)]
RedirectAddress = Annotated[str, Field(max_length=2000), AfterValidator(_redirect_address)]


class ClientMetadata(BaseModel):
    """What a client registers; defaults as RFC 7591 and OpenID Connect Registration say."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    redirect_uris: list[RedirectAddress] = Field(min_length=1, max_length=50)
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"
    grant_types: list[Literal["authorization_code", "refresh_token"]] = ["authorization_code"]
    response_types: list[Literal["code"]] = ["code"]
    application_type: Literal["web", "native"] = "web"
    client_name: str = Field("", max_length=200)
    client_uri: WebAddress | None = None
    logo_uri: WebAddress | None = None
    policy_uri: WebAddress | None = None
    tos_uri: WebAddress | None = None
    contacts: list[EmailStr] = Field([], max_length=20)
    scope: str = Field(" ".join(SCOPES), max_length=1000)
    jwks: dict[str, Any] | None = None
    token_endpoint_auth_signing_alg: Literal["RS256", "PS256", "ES256", "ES384", "EdDSA"] | None = (
        None
    )
    id_token_signed_response_alg: SigningAlgorithm = "RS256"
    default_max_age: int | None = Field(None, ge=0)
    require_auth_time: bool = False
    initiate_login_uri: WebAddress | None = None
    post_logout_redirect_uris: list[RedirectAddress] = Field([], max_length=50)
    backchannel_logout_uri: WebAddress | None = None
    backchannel_logout_session_required: bool = False
    software_id: str | None = Field(None, max_length=200)
    software_version: str | None = Field(None, max_length=200)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        unknown = set(self.scope.split()) - set(SCOPES)
        if unknown:
            raise ValueError(f"scope: unknown: {' '.join(sorted(unknown))}")
        if self.token_endpoint_auth_method == "private_key_jwt":
            _check_jwks(self.jwks)
        if "authorization_code" not in self.grant_types:
            raise ValueError("grant_types: response type code needs authorization_code")
        return self


def _check_jwks(jwks: dict[str, Any] | None) -> None:
    if not jwks or not isinstance(jwks.get("keys"), list) or not jwks["keys"]:
        raise ValueError("jwks: private_key_jwt needs the client's public keys")
    if len(jwks["keys"]) > 20:
        raise ValueError("jwks: at most 20 keys")
    try:
        keys = KeySet.import_key_set(jwks)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ValueError("jwks: is not a JWK set") from error
    if any(key.is_private or key.key_type == "oct" for key in keys.keys):
        raise ValueError("jwks: must hold public keys only")


def validate(document: object) -> dict[str, Any]:
    """The complete metadata of a registration, defaults filled in.

    Raises Invalid whose ``fields`` say, in plain English, what is wrong with each metadata field:
    its readers are developers.
    """
    if not isinstance(document, Mapping):
        raise Invalid({"document": "must be a JSON object"}, "invalid_client_metadata")
    localized = {name: value for name, value in document.items() if _is_localized(name, value)}
    rest = {name: value for name, value in document.items() if name not in localized}
    try:
        metadata = ClientMetadata.model_validate(rest)
    except ValidationError as error:
        raise Invalid(_problems(error), "invalid_client_metadata") from None
    return {**metadata.model_dump(exclude_none=True), **localized}


def _is_localized(name: object, value: object) -> bool:
    return (
        isinstance(name, str)
        and _LOCALIZED_KEY.fullmatch(name) is not None
        and isinstance(value, str)
        and len(value) <= 200
    )


def _problems(error: ValidationError) -> dict[str, str]:
    problems = {}
    for item in error.errors():
        message = item["msg"].removeprefix("Value error, ")
        field, separator, text = message.partition(": ")
        where = ".".join(map(str, item["loc"]))
        if not where and separator:
            where, message = field, text
        problems[where] = message.replace("Extra inputs are not permitted", "is not supported")
    return problems
