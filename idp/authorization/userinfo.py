"""The userinfo endpoint: what a person is in the token's organization, and how that is changed.

GET and POST read (OpenID Connect Core section 5.3); PATCH writes the profile where it may be
written (RFC 7396), through the one function that every other way to a profile asks too (M11, M12).
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, select

from idp.audit import Actor
from idp.authentication.email_change import order_confirmation
from idp.authentication.links import Links
from idp.authorization import grants
from idp.authorization.bearer import BearerError, Presented
from idp.authorization.request.claims_parameter import requested
from idp.authorization.sealed_answer import Kind, SealedAnswers
from idp.authorization.single_claims import single_claims
from idp.authorization.tokens import AccessToken
from idp.clients.client import Client
from idp.clients.registry import Clients
from idp.directory.access import explain
from idp.directory.claims import claims
from idp.directory.models import Membership, Organization, Person
from idp.directory.profile import ReadOnly, change
from idp.errors import IdpError, Invalid, Refused, Unavailable
from idp.foundation.database import Statement, Transaction
from idp.foundation.locale import negotiate
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_reference
from idp.foundation.web.json_body import read_json
from idp.foundation.web.problem import problem
from idp.foundation.web.protocol import Malformed, Request, Response, json_response

WRITE_SCOPE = "profile:write"
MERGE_PATCH = "application/merge-patch+json"
_MOST_FIELDS = 20

_ALL_PLACES = Statement(
    select(
        Organization.id.label("organization_id"),
        Organization.slug,
        Organization.name,
        Membership.title,
        Membership.unit,
        Membership.is_main_user,
        Membership.is_it_admin,
    )
    .join(Membership, Membership.organization_id == Organization.id)
    .where(
        Membership.person_id == bindparam("person"),
        Membership.locked_at.is_(None),
        Organization.suspended_at.is_(None),
    )
    .order_by(Organization.name)
)


class WrongMediaType(Refused):
    """A PATCH whose body says it is something else than a merge patch (RFC 7396)."""

    code = "unsupported_media_type"
    status = 415


class UserInfo:
    """The userinfo endpoint of one deployment."""

    def __init__(
        self,
        parts: Parts,
        clients: Clients,
        links: Links,
        presented: Presented,
        answers: SealedAnswers,
    ) -> None:
        self._parts = parts
        self._clients = clients
        self._links = links
        self._presented = presented
        self._answers = answers

    def read(self, request: Request) -> Response:
        """The claims of the token's scopes, as JSON or as the JWT that the client registered."""
        try:
            token = self._presented.token(request)
            client = self._client(token)
            with self._parts.database.reading() as tx:
                row = _standing(tx, token, "openid")
                said = self._claims(tx, row, token, client)
        except BearerError as error:
            return error.response(self._parts.settings.issuer)
        if self._answers.is_registered(Kind.USERINFO, client):
            return self._sealed(said, client)
        return json_response(said)

    def _sealed(self, said: dict[str, Any], client: Client) -> Response:
        """The claims as a JWT, from us and for the client (OpenID Connect Core section 5.3.2)."""
        claims = {**said, "iss": self._parts.settings.issuer, "aud": client.client_id}
        return Response(
            headers=[("Content-Type", "application/jwt"), ("Cache-Control", "no-store")],
            body=self._answers.seal(Kind.USERINFO, claims, client).encode(),
        )

    def _client(self, token: AccessToken) -> Client:
        """The token's client; BearerError once it is disabled."""
        client = self._clients.find(token.client_id)
        if client is None:
            raise BearerError("invalid_token", "the access token counts no more")
        return client

    def write(self, request: Request) -> Response:
        """Change the profile: all of the patch or nothing; then the claims as they are."""
        reference = random_reference()
        locale = self._locale(request, None)
        try:
            token = self._presented.token(request)
            client = self._client(token)
            changes = _patch(request)
            with self._parts.database.transaction() as tx:
                row = _standing(tx, token, WRITE_SCOPE)
                locale = self._locale(request, row.locale)
                self._change(tx, row, changes, request, reference)
            with self._parts.database.reading() as tx:
                row = _standing(tx, token, WRITE_SCOPE)
                return json_response(self._claims(tx, row, token, client))
        except BearerError as error:
            return error.response(self._parts.settings.issuer)
        except ReadOnly as error:
            fields = {
                name: {**asdict(access), "description": explain(access, locale)}
                for name, access in error.fields.items()
            }
            return problem(error, locale, reference, fields=fields)
        except Unavailable:
            raise
        except IdpError as error:
            return problem(error, locale, reference)

    def _change(
        self,
        tx: Transaction,
        row: Any,
        changes: dict[str, object],
        request: Request,
        reference: str,
    ) -> None:
        by = Actor(
            kind="person",
            id=row.person_id,
            network=request.remote_address,
            reference=reference,
        )
        person = tx.session.get_one(Person, row.person_id)
        membership = tx.session.get_one(Membership, (row.person_id, row.organization_id))
        organization = tx.session.get_one(Organization, row.organization_id)
        outcome = change(tx, person, membership, organization, changes, by=by)
        if outcome.pending_email:
            order_confirmation(tx, self._links, person, outcome.pending_email)

    def _claims(
        self, tx: Transaction, row: Any, token: AccessToken, client: Client
    ) -> dict[str, Any]:
        scopes, locale = token.scope.split(), self._parts.settings.default_locale
        wants_places = "organizations" in (*scopes, *requested(row.claims, "userinfo"))
        places = tx.all(_ALL_PLACES, person=row.person_id) if wants_places else ()
        said = claims(row, scopes, locale=locale, organizations=places)
        said |= single_claims(row, "userinfo", locale=locale, organizations=places)
        said["sub"] = client.subject(row.person_id)
        if row.pending_email and "email" in scopes:
            said["pending_email"] = row.pending_email
        return said

    def _locale(self, request: Request, own: str | None) -> str:
        accepted = request.headers.get("accept-language")
        return negotiate(None, own, accepted, self._parts.settings.default_locale)


def _standing(tx: Transaction, token: AccessToken, scope: str) -> Any:
    """The token's grant, if it stands and has the scope; BearerError otherwise."""
    if token.grant_id is None:
        raise BearerError("invalid_token", "the access token is no person's")
    row = grants.standing(tx, token.grant_id, token.jti)
    if row is None:
        raise BearerError("invalid_token", "the access token counts no more")
    if scope not in token.scope.split():
        raise BearerError(
            "insufficient_scope", f"this needs the scope {scope}", status=403, scope=scope
        )
    return row


def _patch(request: Request) -> dict[str, object]:
    """The merge patch: one flat object, each field once, of texts and nulls."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MERGE_PATCH:
        raise WrongMediaType
    patch = read_json(request.body)
    if not isinstance(patch, dict) or len(patch) > _MOST_FIELDS:
        raise Malformed("the body must be a JSON object of a few fields")
    wrong = {name: "not_text" for name, value in patch.items() if not _is_text(value)}
    if wrong:
        raise Invalid(wrong)
    return patch


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)
