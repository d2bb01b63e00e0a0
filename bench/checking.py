"""What checking an answer from upstream takes by itself: our own code on one answer, no request.

The one place of the benchmark that knows how the provider works inside: a part of a request cannot
be timed from outside.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

from bench.saml import ISSUER, SamlProvider
from bench.upstreams import OidcProvider
from idp.authentication.federation.oidc.keys import KeyShelf
from idp.authentication.federation.oidc.metadata import read as read_metadata
from idp.authentication.federation.oidc.tokens import open_token
from idp.authentication.federation.saml import assertion, certificates, reading, signature
from idp.authentication.federation.saml.response import Expected
from idp.foundation.clock import utcnow
from idp.foundation.fetch import Fetched
from idp.foundation.fetch.deadline import Deadline

_OURS = "https://id.example.fi/sso/bench/saml"
_ASKED = "_asked"
_AN_HOUR = timedelta(hours=1)


def operations() -> dict[str, Callable[[], object]]:
    """Return the operations by name, each done on one good answer; each raises on a bad one."""
    return {"id_token_checked": _id_token(), **_saml()}


def _saml() -> dict[str, Callable[[], object]]:
    """The whole response from bytes to a verified assertion, and its signature alone."""
    upstream = SamlProvider()
    acs, audience = f"{_OURS}/acs", f"{_OURS}/metadata"
    raw = upstream.response(_ASKED, acs, audience, 1).encode()
    expected = Expected(
        issuer=ISSUER,
        audience=audience,
        acs=acs,
        in_response_to=_ASKED,
        trusted=(certificates.read(upstream.certificate),),
        now=utcnow(),
    )
    signed = reading.only(reading.parse(raw), "saml:Assertion")
    return {
        "saml_answer_read": partial(assertion.read, raw, expected),
        "saml_signature_checked": partial(signature.verify, signed, expected.trusted),
    }


def _id_token() -> Callable[[], object]:
    """An ID token's key found and its signature checked."""
    upstream = OidcProvider("https://upstream.example.org")
    documents = upstream.documents()
    metadata = read_metadata(documents["/.well-known/openid-configuration"], upstream.issuer)
    published = Fetched(status=200, headers={}, body=json.dumps(documents["/jwks"]).encode())
    caller: Any = SimpleNamespace(get=lambda *_: published)
    connection: Any = SimpleNamespace(id="1", version=1, document={"algorithms": ["RS256"]})
    token = upstream.id_token("nonce", "access token", 1)
    keys, deadline = KeyShelf(caller), Deadline(_AN_HOUR)
    return partial(open_token, token, connection, metadata, keys, deadline)
