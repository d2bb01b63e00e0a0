"""Values of authorization parameters."""

import json

ACR = "urn:laatuportti:acr:password"


def claims_parameter(**places: object) -> str:
    """The parameter ``claims``: what is asked of ``userinfo`` and ``id_token``."""
    return json.dumps(places)
