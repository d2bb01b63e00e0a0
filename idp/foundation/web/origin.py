"""Whether a form was sent by a page of ours.

Our pages send no referrer, so browsers say ``Origin: null`` for their forms; what they say of the
site that sent it (Fetch Metadata) is exact.
"""

from collections.abc import Mapping

from werkzeug.datastructures import Headers

from idp.errors import NotAllowed

_OURS = (None, "same-origin", "none")


def require_own_page(headers: Mapping[str, str] | Headers, issuer: str) -> None:
    """Refuse what another site's page sends; its own token guards each form besides."""
    is_ours = headers.get("sec-fetch-site") in _OURS
    if not is_ours or headers.get("origin") not in (None, "null", issuer):
        raise NotAllowed("foreign_origin")
