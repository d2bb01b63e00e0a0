"""An OpenID provider as upstream: the code flow (OpenID Connect Core section 3.1), whole."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from idp.authentication.federation.caller import BUDGET, Caller, json_object
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import (
    Attempt,
    Departure,
    ExternalIdentity,
    UpstreamLogout,
)
from idp.authentication.federation.oidc import attributes, claims, exchange
from idp.authentication.federation.oidc.keys import KeyShelf
from idp.authentication.federation.oidc.metadata import Metadata, MetadataShelf
from idp.authentication.federation.oidc.subject import subject
from idp.authentication.federation.oidc.tokens import Opened, open_token
from idp.authentication.federation.presets import PRESETS
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.clock import utcnow
from idp.foundation.fetch import Fetcher
from idp.foundation.fetch.deadline import Deadline
from idp.foundation.secrets import random_token

_SAID_NO = (
    *("access_denied", "login_required", "interaction_required", "consent_required"),
    "account_selection_required",
)
_LONGEST_CODE = 4000


class OidcUpstream:
    """Every connection of the kind ``oidc``."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._caller = Caller(fetcher)
        self.metadata = MetadataShelf(self._caller)
        self.keys = KeyShelf(self._caller)

    def begin(self, connection: Connection, attempt: Attempt) -> Departure:
        """The authorization request, with PKCE and nonce (RFC 9700 section 2.1.1)."""
        metadata = self.metadata.of(connection, Deadline(BUDGET))
        verifier, nonce = random_token(), random_token()
        challenge = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": connection.document["client_id"],
            "redirect_uri": attempt.redirect_uri,
            "scope": " ".join(_scopes(connection)),
            "state": attempt.id,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "ui_locales": attempt.locale,
            **_wishes(connection, attempt),
        }
        kept = {"verifier": verifier, "nonce": nonce, "fresh": "1" if attempt.fresh else ""}
        return Departure(location=_with(metadata.authorization_endpoint, asked), kept=kept)

    def receive(
        self, connection: Connection, answer: Mapping[str, str], attempt: Attempt | None
    ) -> ExternalIdentity:
        """Redeem the code and check all that comes of it (sections 3.1.2.7, 3.1.3.5, 5.3.4)."""
        if attempt is None:
            raise FederationRefused(Reason.ATTEMPT_UNKNOWN)
        deadline, now = Deadline(BUDGET), utcnow()
        metadata = self.metadata.of(connection, deadline)
        code = _code(answer, metadata)
        tokens = exchange.redeem(
            self._caller,
            connection,
            metadata,
            deadline,
            code=code,
            redirect_uri=attempt.redirect_uri,
            verifier=attempt.kept["verifier"],
        )
        opened = open_token(tokens.id_token, connection, metadata, self.keys, deadline)
        is_fresh = bool(attempt.kept.get("fresh"))
        expected = claims.Expected(
            issuer=metadata.issuer,
            client_id=connection.document["client_id"],
            now=now,
            nonce=attempt.kept["nonce"],
            signed_in_after=attempt.begun_at if is_fresh else None,
        )
        claims.check(opened.claims, expected, alg=opened.alg, access_token=tokens.access_token)
        more = self._userinfo(connection, metadata, opened, tokens.access_token, deadline)
        signed_in = claims.auth_time(opened.claims, now)
        return ExternalIdentity(
            connection_id=connection.id,
            organization_id=connection.organization_id,
            subject=subject(connection, opened.claims),
            attributes=attributes.flatten(opened.claims, more),
            # Its clock may be behind ours; what was asked for and checked is not old.
            auth_time=max(signed_in, attempt.begun_at) if is_fresh else signed_in,
            methods=_methods(opened.claims),
            logout=UpstreamLogout(sid=_sid(opened.claims), id_token=tokens.id_token),
        )

    def check(self, connection: Connection) -> dict[str, Any]:
        """What its metadata and keys are now; FederationRefused where they do not hold."""
        deadline = Deadline(BUDGET)
        metadata = self.metadata.fetch(connection, deadline)
        keys = self.keys.fetch(connection, metadata, deadline)
        return {
            "issuer": metadata.issuer,
            "keys": [str(key.get("kid")) for key in keys],
            "signs_out": metadata.end_session_endpoint is not None,
        }

    def _userinfo(
        self,
        connection: Connection,
        metadata: Metadata,
        opened: Opened,
        access_token: str,
        deadline: Deadline,
    ) -> Mapping[str, Any]:
        """What the ID token leaves out; of the same person (section 5.3.2), or refused."""
        if not connection.document["userinfo"] or metadata.userinfo_endpoint is None:
            return {}
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        fetched = self._caller.get(connection, metadata.userinfo_endpoint, deadline, headers)
        kind = fetched.headers.get("content-type", "").partition(";")[0].strip().lower()
        said: Mapping[str, Any]
        if fetched.status == 200 and kind == "application/jwt":
            token = fetched.body.decode("ascii", "replace").strip()
            said = open_token(token, connection, metadata, self.keys, deadline).claims
            _require_party(said, connection, metadata)
        else:
            said = json_object(fetched)
        if said.get("sub") != opened.claims["sub"]:
            raise FederationRefused(Reason.USERINFO_SUBJECT_MISMATCH, field="sub")
        return said


def _scopes(connection: Connection) -> list[str]:
    asked = connection.document["scopes"] or list(PRESETS[connection.product].scopes)
    return list(dict.fromkeys(("openid", *asked)))


def _wishes(connection: Connection, attempt: Attempt) -> dict[str, str]:
    """What we would like of the upstream's own page."""
    wishes: dict[str, str] = {}
    if attempt.silent:
        wishes["prompt"] = "none"
    elif attempt.fresh:
        wishes |= {"prompt": "login", "max_age": "0"}
    elif attempt.choose_account:
        wishes["prompt"] = "select_account"
    if attempt.login_hint:
        wishes["login_hint"] = attempt.login_hint
    if hosted := connection.document["hosted_domain"]:
        wishes["hd"] = hosted
    return wishes


def _with(endpoint: str, asked: Mapping[str, str]) -> str:
    parts = urlsplit(endpoint)
    query = "&".join(filter(None, (parts.query, urlencode(asked))))
    return urlunsplit(parts._replace(query=query))


def _code(answer: Mapping[str, str], metadata: Metadata) -> str:
    """The code of an answer that comes from whom we asked (RFC 9207 section 2.4)."""
    issuer = answer.get("iss")
    if (issuer is None and metadata.names_itself) or issuer not in (None, metadata.issuer):
        raise FederationRefused(
            Reason.ANSWER_ISSUER_MISMATCH,
            field="iss",
            expected=metadata.issuer,
            received=str(issuer)[:300],
        )
    if error := answer.get("error"):
        reason = Reason.UPSTREAM_REFUSED if error in _SAID_NO else Reason.UPSTREAM_ERROR
        said = answer.get("error_description", "")[:300]
        raise FederationRefused(reason, received=f"{error[:100]} {said}".strip())
    code = answer.get("code", "")
    if not 0 < len(code) <= _LONGEST_CODE:
        raise FederationRefused(Reason.ANSWER_INCOMPLETE, field="code")
    return code


def _require_party(said: Mapping[str, Any], connection: Connection, metadata: Metadata) -> None:
    """A signed userinfo answer says who made it, and for whom (section 5.3.2)."""
    audience = said.get("aud")
    if said.get("iss") != metadata.issuer:
        raise FederationRefused(Reason.ISSUER_MISMATCH, field="userinfo.iss")
    if audience not in (connection.document["client_id"], [connection.document["client_id"]]):
        raise FederationRefused(Reason.AUDIENCE_MISMATCH, field="userinfo.aud")


def _methods(said: Mapping[str, Any]) -> tuple[str, ...]:
    given = said.get("amr")
    if not isinstance(given, list):
        return ()
    return tuple(method[:50] for method in given[:10] if isinstance(method, str))


def _sid(said: Mapping[str, Any]) -> str | None:
    sid = said.get("sid")
    return sid if isinstance(sid, str) and 0 < len(sid) <= 255 else None
