"""The ``claims`` parameter (OpenID Connect Core section 5.5): single claims, and their place.

Bounded, because it is stored with the grant; unknown members and claims are passed over, as the
section says, and what cannot be delivered is left out, never an error.
"""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.directory.claims import CLAIMS, scope_of

PLACES = ("id_token", "userinfo")
ABOUT_THE_SIGN_IN = ("acr", "amr", "auth_time")
"""Claims that are not the person's; in every ID token of ours, asked for or not."""
_MOST_CLAIMS = 50
_MOST_VALUES = 20
_LONGEST_VALUE = 500
_MEMBERS = frozenset(("essential", "value", "values"))
Wish = Mapping[str, Any] | None
"""How one claim is asked for: None, or ``essential``, ``value``, ``values``."""


@dataclass(frozen=True, kw_only=True)
class ClaimsRequest:
    """What was asked for in each place; ``as_stored`` is what the grant keeps, None for nothing."""

    as_stored: Mapping[str, Mapping[str, Wish]] | None = field(default=None)

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that would give the claims asked for one by one."""
        names = {name for place in PLACES for name in requested(self.as_stored, place)}
        return frozenset(scope for name in names if (scope := scope_of(name)))

    def within(self, scopes: Set[str]) -> "ClaimsRequest":
        """Without the claims of other scopes: a registration that narrows those narrows these."""
        kept = {
            place: {
                name: wish
                for name, wish in requested(self.as_stored, place).items()
                if scope_of(name) in (None, *scopes)
            }
            for place in PLACES
        }
        return _request(kept)

    @property
    def acr_values(self) -> tuple[str, ...]:
        """The values wished for the ID token's ``acr``, the most preferred first."""
        wish = requested(self.as_stored, "id_token").get("acr") or {}
        return tuple(map(str, _values(wish) or ()))

    @property
    def required_acr(self) -> frozenset[str]:
        """The values of which the ID token's ``acr`` must have one; empty: any will do."""
        wish = requested(self.as_stored, "id_token").get("acr") or {}
        return frozenset(self.acr_values) if wish.get("essential") else frozenset()

    @property
    def required_sub(self) -> str | None:
        """The one person who may answer (section 3.1.2.2); None: anybody."""
        wish = requested(self.as_stored, "id_token").get("sub") or {}
        return str(wish["value"]) if "value" in wish else None


def requested(claims: Mapping[str, Any] | None, place: str) -> Mapping[str, Wish]:
    """The claims that a grant's ``claims`` ask for in ``id_token`` or ``userinfo``, by name."""
    found: Mapping[str, Wish] = (claims or {}).get(place) or {}
    return found


def granted(said: Mapping[str, Any], wishes: Mapping[str, Wish]) -> dict[str, Any]:
    """Of the claims ``said`` those wished for; one wished for with other values stays unsaid."""
    return {
        name: value
        for name, value in said.items()
        if name in wishes and _is_as_wished(value, wishes[name])
    }


def parse(text: str | None) -> ClaimsRequest:
    """The parameter as a value; InvalidRequestError if it is not what section 5.5 describes."""
    if text is None:
        return ClaimsRequest()
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("claims is not a JSON object") from error
    if not isinstance(document, dict):
        raise InvalidRequestError("claims is not a JSON object")
    return _request(
        {place: _place(document[place]) for place in PLACES if document.get(place) is not None}
    )


def _request(found: Mapping[str, Mapping[str, Wish]]) -> ClaimsRequest:
    kept = {place: wishes for place, wishes in found.items() if wishes}
    return ClaimsRequest(as_stored=kept or None)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object each of whose members stands once: of two, readers take different ones."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _place(wishes: Any) -> dict[str, Wish]:
    if not isinstance(wishes, dict) or len(wishes) > _MOST_CLAIMS:
        raise InvalidRequestError(f"claims must name at most {_MOST_CLAIMS} claims in an object")
    known = {*CLAIMS, *ABOUT_THE_SIGN_IN}
    return {name: _wish(name, wish) for name, wish in wishes.items() if name in known}


def _wish(name: str, wish: Any) -> Wish:
    if wish is None:
        return None
    if not isinstance(wish, dict):
        raise InvalidRequestError(f"claims: {name} must be null or an object")
    values = wish.get("values", [])
    if not isinstance(wish.get("essential", False), bool):
        raise InvalidRequestError(f"claims: essential of {name} must be true or false")
    if not isinstance(values, list) or len(values) > _MOST_VALUES:
        raise InvalidRequestError(f"claims: values of {name} must be at most {_MOST_VALUES}")
    if any(not _is_plain(value) for value in [*values, wish.get("value", "")]):
        raise InvalidRequestError(f"claims: {name} is asked for with a value that cannot be")
    return {member: given for member, given in wish.items() if member in _MEMBERS}


def _is_plain(value: Any) -> bool:
    """A text, number or truth value; only those can equal a claim of ours."""
    return isinstance(value, (str, int)) and len(str(value)) <= _LONGEST_VALUE


def _values(wish: Mapping[str, Any]) -> list[Any] | None:
    """The values that will do; None: any."""
    if "value" in wish:
        return [wish["value"]]
    values: list[Any] | None = wish.get("values")
    return values


def _is_as_wished(value: Any, wish: Wish) -> bool:
    values = _values(wish or {})
    return values is None or value in values
