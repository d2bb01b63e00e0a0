"""From a document to complete metadata, or to every reason why not."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from idp.clients.metadata import fapi, localized, rules
from idp.clients.metadata.algorithms import DEFAULT_ENCRYPTION, DEVICE_CODE
from idp.clients.metadata.fields import ClientMetadata
from idp.clients.metadata.scopes import DYNAMIC_SCOPES, SCOPE_TOKEN, SCOPES, is_clients_own
from idp.clients.metadata.unsupported import UNSUPPORTED
from idp.errors import Invalid

BAD_METADATA = "invalid_client_metadata"
BAD_REDIRECT_URI = "invalid_redirect_uri"
_MOST_FIELDS = 200

DEFAULTS = ClientMetadata().model_dump(exclude_none=True)
"""What holds of a client that was registered before a field came to be."""


def validate(document: object, *, is_dynamic: bool = False) -> dict[str, Any]:
    """The complete metadata of a registration, defaults filled in; null counts as left out.

    Raises Invalid whose ``fields`` say, in plain English, what is wrong with each metadata field:
    its readers are developers. Its ``code`` is one of RFC 7591 section 3.2.2. A name that no
    standard knows is an operator's misspelling, but ignored in a client's own words (section 2).
    """
    if not isinstance(document, Mapping):
        raise _invalid({"document": "must be a JSON object"})
    if len(document) > _MOST_FIELDS:
        raise _invalid({"document": f"must have at most {_MOST_FIELDS} fields"})
    given = {str(name): value for name, value in document.items() if value is not None}
    unsupported = {name: UNSUPPORTED[name] for name in given if name in UNSUPPORTED}
    tagged, plain = localized.split(given)
    if is_dynamic:
        plain = {name: value for name, value in plain.items() if name in _KNOWN}
    completed = _completed(fapi.entailed(plain), is_dynamic=is_dynamic)
    metadata, found = _shaped(completed)
    found = {**_tagged_problems(tagged), **found, **unsupported}
    if metadata is not None:
        found |= rules.problems(metadata, is_dynamic=is_dynamic) | _unknown_scopes(metadata)
    if found or metadata is None:
        raise _invalid(found)
    return {**metadata.model_dump(exclude_none=True), **tagged}


_KNOWN = ClientMetadata.model_fields.keys() | UNSUPPORTED.keys()


def _completed(document: dict[str, Any], *, is_dynamic: bool) -> dict[str, Any]:
    """The document with the defaults that depend on its other fields."""
    completed = dict(document)
    grants = document.get("grant_types")
    if isinstance(grants, list) and "authorization_code" not in grants:
        completed.setdefault("response_types", [])
    for kind in rules.ENCRYPTED:
        if f"{kind}_encrypted_response_alg" in document:
            completed.setdefault(f"{kind}_encrypted_response_enc", DEFAULT_ENCRYPTION)
    completed["scope"] = _scope(document, is_dynamic=is_dynamic)
    return completed


def _scope(document: dict[str, Any], *, is_dynamic: bool) -> object:
    """The scopes it may have: ours by default; of a client's own words those that it may."""
    ours = DYNAMIC_SCOPES if is_dynamic else SCOPES
    scope = document.get("scope")
    if scope is None or scope == "":
        return " ".join(ours) if _acts_for_people(document) else ""
    if not is_dynamic or not isinstance(scope, str):
        return scope
    return " ".join(each for each in dict.fromkeys(scope.split()) if each in ours)


def _acts_for_people(document: dict[str, Any]) -> bool:
    grants = document.get("grant_types", ["authorization_code"])
    return not isinstance(grants, list) or any(
        grant in grants for grant in ("authorization_code", DEVICE_CODE)
    )


def _unknown_scopes(metadata: ClientMetadata) -> dict[str, str]:
    """A client of its own right may have scopes of other services; a person's are ours."""
    scopes = metadata.scope.split()
    if "client_credentials" in metadata.grant_types:
        unknown = [scope for scope in scopes if not SCOPE_TOKEN.fullmatch(scope)]
    else:
        if any(map(is_clients_own, scopes)):
            return {"scope": "admin.*, scim and ssf.manage need grant type client_credentials"}
        unknown = sorted({*scopes} - {*SCOPES})
    return {"scope": f"unknown: {' '.join(unknown)}"} if unknown else {}


def _shaped(document: dict[str, Any]) -> tuple[ClientMetadata | None, dict[str, str]]:
    try:
        return ClientMetadata.model_validate(document), {}
    except ValidationError as error:
        return None, _problems(error)


def _tagged_problems(tagged: Mapping[str, Any]) -> dict[str, str]:
    """A field in a language keeps the rules of the same field without one."""
    if len(tagged) > localized.MOST_LOCALIZED:
        return {"document": f"has more than {localized.MOST_LOCALIZED} fields with a language"}
    found: dict[str, str] = {}
    for name, plain in localized.as_plain(tagged):
        try:
            localized.PLAIN.model_validate(plain)
        except ValidationError as error:
            found[name] = _reason(error.errors()[0]["msg"])
    return found


def _problems(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in error.errors():
        # Of a union's member only the field counts, not the member's name.
        where = ".".join(str(part) for part in item["loc"] if not str(part).startswith("literal["))
        found.setdefault(where, _reason(item["msg"]))
    return found


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ").replace(
        "Extra inputs are not permitted", "is not supported"
    )


def _invalid(found: Mapping[str, str]) -> Invalid:
    is_redirect = all(field.partition(".")[0] == "redirect_uris" for field in found)
    return Invalid(found, BAD_REDIRECT_URI if is_redirect else BAD_METADATA)
