"""A connection's document (contract, "Connections"): what each kind may say, every error at once.

Each kind is one pydantic model; what is secret in it is named by ``SECRETS`` and leaves the
document before anything is stored or shown. Values that hold nothing new take the preset's.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from idp.authentication.federation.kerberos.keytab import has_key
from idp.authentication.federation.mapping import FIELDS, Name, Rule
from idp.authentication.federation.oidc import client_key
from idp.authentication.federation.policy import Policy
from idp.authentication.federation.presets import PRESETS
from idp.authentication.federation.reasons import FederationRefused
from idp.authentication.federation.saml import metadata, own_keys
from idp.errors import Invalid
from idp.foundation.clock import utcnow

SIGNING_ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
"""What an upstream may sign with; never ``none``, never a MAC made with a shared secret."""
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_RESERVED = (
    *("callback", "acs", "slo", "metadata", "link", "test", "jwks", "backchannel"),
    *(
        "new",
        "setup",
        "calendar",
        "arrivals",
        "people",
        "domains",
    ),  # pages beside the connections' own
)
_LINE = r"^(\S([^\x00-\x1f\x7f]*\S)?)?$"
_URL = re.compile(r"[!-\[\]-~]+")
_CODES = {"missing": "required", "extra_forbidden": "unknown_field", "string_too_long": "too_long"}
"""What pydantic's own complaints are called in our texts; the others are ``not_fitting``."""


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value) or value in _RESERVED:
        raise PydanticCustomError("connection_name_invalid", "must be a slug")
    return value


def _web_address(value: str) -> str:
    """An address a fetcher may be sent to; whether it may be reached, the fetcher decides."""
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        is_good = False
    if not is_good or "#" in value or not _URL.fullmatch(value):
        raise PydanticCustomError("address_invalid", "must be an https address")
    return value


Slug = Annotated[str, AfterValidator(_slug)]
WebAddress = Annotated[str, Field(max_length=1000), AfterValidator(_web_address)]
Short = Annotated[str, Field(min_length=1, max_length=500)]
MappedField = Literal["username", "given_name", "family_name", "email", "title", "unit", "locale"]


class Document(BaseModel):
    """What every kind's document may say."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    SECRETS: ClassVar[tuple[str, ...]] = ()

    kind: str
    name: Slug
    display_name: Annotated[str, Field(max_length=60, pattern=_LINE)] = ""
    """What people are told that their profile comes from; empty: the product's name."""
    product: str = ""
    mapping: dict[MappedField, Rule] = Field(default_factory=dict)
    policy: Policy = Policy()

    @model_validator(mode="before")
    @classmethod
    def _name_product(cls, given: Any) -> Any:
        """A kind's own name is its plain preset."""
        if isinstance(given, dict) and not given.get("product"):
            return {**given, "product": given.get("kind")}
        return given

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        preset = PRESETS.get(self.product)
        if preset is None or preset.kind != self.kind:
            raise PydanticCustomError("product_unknown", "{field}", {"field": "product"})
        return self

    def stored(self) -> dict[str, Any]:
        """What is kept and shown: everything but the secrets."""
        return self.model_dump(mode="json", by_alias=True, exclude=set(self.SECRETS))

    def needs(self) -> tuple[str, ...]:
        """The secrets without which it cannot work."""
        return ()

    def made(self) -> Mapping[str, Callable[[], str]]:
        """The secrets of our own that it works with, each with what makes one."""
        return {}

    def secrets(self) -> dict[str, str]:
        """What is sealed."""
        values = {name: getattr(self, name) for name in self.SECRETS}
        return {name: value.get_secret_value() for name, value in values.items() if value}


class OidcDocument(Document):
    """An OpenID provider upstream."""

    SECRETS = ("client_secret",)

    kind: Literal["oidc"]
    issuer: WebAddress
    client_id: Short
    client_secret: SecretStr | None = Field(None, min_length=1, max_length=500)
    token_endpoint_auth_method: Literal[
        "client_secret_basic", "client_secret_post", "private_key_jwt"
    ] = "client_secret_basic"
    scopes: list[Annotated[str, Field(pattern=r"^[!#-\[\]-~]{1,200}$")]] = Field([], max_length=30)
    algorithms: list[Literal["RS256", "PS256", "ES256", "ES384", "EdDSA"]] = Field(
        ["RS256"], min_length=1
    )
    """What the upstream's tokens may be signed with; its metadata has no say in it."""
    userinfo: bool = True
    """Whether to ask the userinfo endpoint for what the ID token leaves out."""
    client_secret_expires: date | None = None
    """The last day of the secret, as its maker told it: the calendar warns ahead of it."""
    sign_out: bool = True
    """Whether signing out here ends the upstream's session too, where it can be asked."""
    hosted_domain: Short | None = None
    """The customer's domain where one issuer serves many (Google Workspace: the claim ``hd``)."""

    def needs(self) -> tuple[str, ...]:
        """The client's secret, where it is what we authenticate with."""
        return () if self.token_endpoint_auth_method == "private_key_jwt" else self.SECRETS

    def made(self) -> Mapping[str, Callable[[], str]]:
        """The key that our assertions are signed with."""
        is_asked = self.token_endpoint_auth_method == "private_key_jwt"
        return {client_key.SECRET: client_key.generate} if is_asked else {}

    @model_validator(mode="after")
    def _of_its_product(self) -> Self:
        preset = PRESETS[self.product]
        if preset.issuer and not re.fullmatch(preset.issuer, self.issuer):
            raise PydanticCustomError("issuer_of_product", "{field}", {"field": "issuer"})
        if preset.hosted_domain and not self.hosted_domain:
            raise PydanticCustomError("required", "{field}", {"field": "hosted_domain"})
        return self


class SamlDocument(Document):
    """A SAML identity provider upstream."""

    kind: Literal["saml"]
    metadata: Annotated[str, Field(min_length=1, max_length=1_000_000)] | None = None
    metadata_url: WebAddress | None = None
    entity_id: Short | None = None
    """Which identity provider is meant, where the metadata holds several."""
    subject: list[Name] = Field([], max_length=5)
    """The attributes that together identify a person; none: the product's, else the NameID."""
    nameid_format: Literal["persistent", "email", "unspecified"] | None = None
    """The format of NameID to ask for; None: the product's."""
    sign_out: bool = True
    """Whether signing out here ends the upstream's session too, where its metadata says how."""
    requested_context: Short | None = None
    """A class of authentication to insist on; refuses everybody who signed in any other way."""
    clock_skew_seconds: int = Field(120, ge=0, le=300)
    """How far apart its clock and ours may be."""

    def made(self) -> Mapping[str, Callable[[], str]]:
        """Our keys towards it: one signs, the other opens what is encrypted to us."""
        make = partial(own_keys.made, self.name)
        return dict.fromkeys((own_keys.SIGNING, own_keys.ENCRYPTION), make)

    @model_validator(mode="after")
    def _has_metadata(self) -> Self:
        if (self.metadata is None) == (self.metadata_url is None):
            raise PydanticCustomError("metadata_or_url", "{field}", {"field": "metadata"})
        if self.metadata is not None:
            _check_metadata(self.metadata, self.entity_id)
        return self


def _check_metadata(text: str, entity_id: str | None) -> None:
    """Refuse metadata that no sign-in could be made of; where it may lead, is judged in use."""
    try:
        metadata.read(text.encode(), now=utcnow(), entity_id=entity_id, is_allowed=metadata.is_web)
    except FederationRefused as refused:
        detail = {"field": "metadata", "reason": refused.reason.value}
        raise PydanticCustomError("metadata_unusable", "{field}", detail) from None


class KerberosDocument(Document):
    """An organization's own Kerberos realm."""

    SECRETS = ("keytab",)

    kind: Literal["kerberos"]
    realm: Annotated[str, Field(pattern=r"^[A-Z0-9](?:[A-Z0-9.-]{0,200}[A-Z0-9])?$")]
    """The domain's name in capitals, as Windows writes a realm."""
    keytab: SecretStr | None = Field(None, min_length=1, max_length=100_000)
    """The key of our service in it, in base64: sealed, never written to a file."""

    def needs(self) -> tuple[str, ...]:
        """The key, without which no ticket can be read."""
        return self.SECRETS

    @model_validator(mode="after")
    def _has_a_key(self) -> Self:
        if self.keytab is not None and not has_key(self.keytab.get_secret_value(), self.realm):
            raise PydanticCustomError("keytab_unusable", "{field}", {"field": "keytab"})
        return self


KINDS: Mapping[str, type[Document]] = {
    "oidc": OidcDocument,
    "saml": SamlDocument,
    "kerberos": KerberosDocument,
}
_MAPPING: TypeAdapter[dict[str, Rule]] = TypeAdapter(dict[str, Rule])


def read(given: object) -> Document:
    """The document; Invalid (``connection_document``) with the code of every key that is wrong."""
    if not isinstance(given, Mapping):
        raise Invalid({"document": "not_json_object"}, "connection_document")
    kind = given.get("kind")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise Invalid({"kind": "connection_kind_unknown"}, "connection_document")
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        raise Invalid(_problems(error), "connection_document") from None


def mapping(document: Mapping[str, Any]) -> dict[str, Rule]:
    """Every field's rule: the document's own, else its product's."""
    own = _MAPPING.validate_python(document["mapping"])
    rules = {**PRESETS[document["product"]].mapping, **own}
    return {field: rules[field] for field in FIELDS if field in rules}


def title(document: Mapping[str, Any]) -> str:
    """What the connection is called: by its own word, its product's, or its name in addresses."""
    given = document.get("display_name")
    return str(given or PRESETS[document["product"]].title or document["name"])


def _problems(error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        key = item.get("ctx", {}).get("field") or _key(item["loc"])
        code = item["type"] if item["type"] in _OURS else _CODES.get(item["type"], "not_fitting")
        problems.setdefault(key, code)
    return problems


_OURS = (
    *("connection_name_invalid", "address_invalid", "product_unknown", "issuer_of_product"),
    *("required", "metadata_or_url", "metadata_unusable", "keytab_unusable"),
)


def _key(where: tuple[int | str, ...]) -> str:
    """The key as its writer knows it: of a mapping's rule the field, not pydantic's attempts."""
    names = [str(part) for part in where]
    if names[:1] == ["mapping"]:
        return ".".join(part for part in names[:2] if part != "[key]")
    return ".".join(names) or "document"
