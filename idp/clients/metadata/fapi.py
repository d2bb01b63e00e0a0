"""What the FAPI profiles entail (FAPI 2.0 Security Profile 5.3, Message Signing 5.3).

A profile fills in what the document leaves out; whatever contradicts it is refused by name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from idp.clients.metadata.addresses import is_loopback
from idp.clients.metadata.algorithms import FAPI_ALGORITHMS
from idp.clients.metadata.fields import ClientMetadata

_SECURITY = {
    "token_endpoint_auth_method": "private_key_jwt",
    "require_pushed_authorization_requests": True,
    "dpop_bound_access_tokens": True,
    "require_pkce": True,
}
_MESSAGE_SIGNING = {**_SECURITY, "require_signed_request_object": True}
_DEMANDS: Mapping[str, Mapping[str, Any]] = {
    "fapi2_security": _SECURITY,
    "fapi2_message_signing": _MESSAGE_SIGNING,
}
_SIGNATURES = (
    "id_token_signed_response_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
    "userinfo_signed_response_alg",
    "request_object_signing_alg",
    "token_endpoint_auth_signing_alg",
)


def entailed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with what its profile demands filled in where it says nothing."""
    profile = document.get("fapi_profile")
    demands = _DEMANDS.get(profile) if isinstance(profile, str) else None
    if demands is None:
        return dict(document)
    return {"id_token_signed_response_alg": FAPI_ALGORITHMS[0], **demands, **document}


def contradictions(metadata: ClientMetadata) -> Iterator[tuple[str, str]]:
    """Each field that the profile does not allow as it is, with the reason."""
    profile = metadata.fapi_profile
    for name, demanded in _DEMANDS.get(profile, {}).items():
        if getattr(metadata, name) != demanded:
            yield name, f"{profile} demands {_said(demanded)}"
    if profile == "none":
        return
    for name in _SIGNATURES:
        if getattr(metadata, name) not in (None, *FAPI_ALGORITHMS):
            yield name, f"{profile} allows {', '.join(FAPI_ALGORITHMS)} only"
    if metadata.application_type == "web" and any(map(is_loopback, metadata.redirect_uris)):
        yield "redirect_uris", f"{profile} demands https"


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
