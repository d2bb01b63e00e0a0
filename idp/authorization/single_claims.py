"""Single claims that a grant's request asked for by name, as they are delivered (Core 5.5)."""

from collections.abc import Collection
from typing import Any

from idp.authorization.request.claims_parameter import granted, requested
from idp.directory.claims import claims


def single_claims(
    row: Any, place: str, *, locale: str, organizations: Collection[Any] = ()
) -> dict[str, Any]:
    """The claims that a standing grant's request named for ``id_token`` or ``userinfo``."""
    wishes = requested(row.claims, place)
    if not wishes:
        return {}
    said = claims(row, (), locale=locale, organizations=organizations, requested=wishes)
    return granted(said, wishes)
