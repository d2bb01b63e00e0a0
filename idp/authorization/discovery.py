"""Discovery and keys: what we offer, derived from what answers (OIDC Discovery 1.0, RFC 8414)."""

import json
from hashlib import sha256
from typing import Any, get_args

from idp.authorization import paths
from idp.authorization.acr import ACR_VALUES
from idp.authorization.id_token import SIGN_IN_CLAIMS
from idp.authorization.proof_key import PROOF_ALGORITHMS
from idp.authorization.request import PROMPTS, RESPONSE_MODES
from idp.authorization.token_endpoint import GRANTS
from idp.clients.metadata import SCOPES, AuthMethod
from idp.clients.metadata.algorithms import (
    SECRET_ALGORITHMS,
    SIGNED_OBJECT_ALGORITHMS,
    ContentEncryption,
    KeyEncryption,
)
from idp.config import LOCALES, Settings
from idp.directory.claims import CLAIMS
from idp.foundation.web.protocol import Request, Response
from idp.signing.algorithms import SIGNING_ALGORITHMS
from idp.signing.ring import Ring, SigningKeys

_METADATA_KEPT = 3600
_JWKS_KEPT = 600
"""Seconds; far less than the day for which a new key is published before it signs."""


def metadata(settings: Settings) -> dict[str, Any]:
    """The provider's metadata document; each member is proved by tests/discovery."""
    return {
        "issuer": settings.issuer,
        **{member: settings.issuer + path for member, path in paths.ENDPOINTS.items()},
        **_AUTHORIZATION,
        **_CLAIMS,
        **_CLIENT_AUTHENTICATION,
        **_SIGNATURES,
        **_LOGOUT,
        **_registration(settings),
        **_papers(settings),
        "ui_locales_supported": list(LOCALES),
    }


def _registration(settings: Settings) -> dict[str, Any]:
    """The registration endpoint, where there is one."""
    if settings.registration.mode == "off":
        return {}
    return {"registration_endpoint": settings.issuer + paths.REGISTER}


def _papers(settings: Settings) -> dict[str, Any]:
    """What there is to read for relying parties, where the operator names it."""
    papers = {
        "service_documentation": settings.documentation_url,
        "op_policy_uri": settings.policy_url,
        "op_tos_uri": settings.terms_url,
    }
    return {member: address for member, address in papers.items() if address}


_AUTHORIZATION = {
    "response_types_supported": ["code"],
    "response_modes_supported": list(RESPONSE_MODES),
    "grant_types_supported": [grant.GRANT_TYPE for grant in GRANTS],
    "code_challenge_methods_supported": ["S256"],
    "prompt_values_supported": list(PROMPTS),
    "authorization_response_iss_parameter_supported": True,
    "claims_parameter_supported": True,
    "acr_values_supported": list(ACR_VALUES),
    "request_parameter_supported": True,
    "request_uri_parameter_supported": True,
    "require_request_uri_registration": True,
    "request_object_signing_alg_values_supported": list(SIGNED_OBJECT_ALGORITHMS),
    "authorization_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
    "authorization_encryption_alg_values_supported": list(get_args(KeyEncryption)),
    "authorization_encryption_enc_values_supported": list(get_args(ContentEncryption)),
    "require_pushed_authorization_requests": False,
    "require_signed_request_object": False,
}
_CLAIMS = {
    "subject_types_supported": ["public", "pairwise"],
    "scopes_supported": list(SCOPES),
    "claims_supported": [*CLAIMS, *SIGN_IN_CLAIMS],
    "claim_types_supported": ["normal"],
}
_METHODS = list(get_args(AuthMethod))
_ASSERTION_ALGORITHMS = (*SIGNED_OBJECT_ALGORITHMS, *SECRET_ALGORITHMS)
_CLIENT_AUTHENTICATION = {
    "token_endpoint_auth_methods_supported": _METHODS,
    "revocation_endpoint_auth_methods_supported": _METHODS,
    "introspection_endpoint_auth_methods_supported": [m for m in _METHODS if m != "none"],
    **{
        f"{endpoint}_endpoint_auth_signing_alg_values_supported": list(_ASSERTION_ALGORITHMS)
        for endpoint in ("token", "revocation", "introspection")
    },
}
_SEALED = ("id_token", "userinfo", "introspection")
_SIGNATURES = {
    **{f"{kind}_signing_alg_values_supported": list(SIGNING_ALGORITHMS) for kind in _SEALED},
    **{
        f"{kind}_encryption_alg_values_supported": list(get_args(KeyEncryption)) for kind in _SEALED
    },
    **{
        f"{kind}_encryption_enc_values_supported": list(get_args(ContentEncryption))
        for kind in _SEALED
    },
    "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
}
_LOGOUT = {
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "frontchannel_logout_supported": True,
    "frontchannel_logout_session_supported": True,
}


class Discovery:
    """Answers with bytes made once, or once for each state of the ring."""

    def __init__(self, settings: Settings, signing_keys: SigningKeys) -> None:
        self._signing_keys = signing_keys
        self._metadata = _Cacheable(metadata(settings), _METADATA_KEPT)
        self._jwks: tuple[Ring | None, _Cacheable] = (None, _Cacheable({}, 0))

    def configuration(self, request: Request) -> Response:
        """The provider's metadata."""
        return self._metadata.response(request)

    def jwks(self, request: Request) -> Response:
        """The published keys."""
        ring = self._signing_keys.ring()
        if self._jwks[0] is not ring:
            self._jwks = (ring, _Cacheable(self._signing_keys.jwks(), _JWKS_KEPT))
        return self._jwks[1].response(request)


class _Cacheable:
    """A JSON document with its ETag (RFC 9110 section 8.8.3)."""

    def __init__(self, document: dict[str, Any], max_age: int) -> None:
        self._body = json.dumps(document, separators=(",", ":")).encode()
        self._etag = f'"{sha256(self._body).hexdigest()[:32]}"'
        self._headers = [
            ("Content-Type", "application/json"),
            ("Cache-Control", f"public, max-age={max_age}"),
            ("ETag", self._etag),
        ]

    def response(self, request: Request) -> Response:
        """The document, or 304 where the caller has it."""
        if self._is_had(request.headers.get("if-none-match", "")):
            return Response(status=304, headers=list(self._headers))
        return Response(headers=list(self._headers), body=self._body)

    def _is_had(self, if_none_match: str) -> bool:
        """Whether the caller's list of what it has names this one, compared weakly (13.1.2)."""
        had = {etag.strip().removeprefix("W/") for etag in if_none_match.split(",")}
        return bool(had & {self._etag, "*"})
