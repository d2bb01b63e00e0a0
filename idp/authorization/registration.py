"""Dynamic client registration (RFC 7591, OIDC Registration 1.0) and its management (RFC 7592).

Off unless the settings say otherwise; by initial access token, or open to all comers where the
conformance suite is at work. Who registers itself is a stranger: people are asked for consent.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from idp.audit import Actor
from idp.authorization import paths
from idp.authorization.bearer import BearerError
from idp.clients import invitations
from idp.clients.admission import Admission
from idp.clients.information import full_information
from idp.clients.metadata.validation import BAD_METADATA
from idp.clients.models import ClientRecord
from idp.clients.registrations import Registered, operators_part
from idp.clients.registry import Clients
from idp.errors import Invalid, Throttled
from idp.foundation.database import Transaction
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_reference
from idp.foundation.throttle import Throttle
from idp.foundation.web.json_body import read_json
from idp.foundation.web.protocol import Malformed, Request, Response, json_response

_IDENTITY = ("client_id", "client_secret")
_OURS = ("registration_access_token", "registration_client_uri")


class Registration:
    """The registration endpoint, and under it one address for each client that registered there."""

    def __init__(self, parts: Parts, clients: Clients, admission: Admission) -> None:
        self._parts = parts
        self._clients = clients
        self._admission = admission
        self._throttle = Throttle(parts.ephemeral)
        self._issuer = parts.settings.issuer
        self._needs_token = parts.settings.registration.mode == "token"

    def create(self, request: Request) -> Response:
        """Register a client (RFC 7591 section 3.1)."""
        return self._respond(request, self._create)

    def read(self, request: Request) -> Response:
        """What is registered (RFC 7592 section 2.1)."""
        return self._respond(request, self._read)

    def replace(self, request: Request) -> Response:
        """Put a new document in the old one's place (RFC 7592 section 2.2)."""
        return self._respond(request, self._replace)

    def delete(self, request: Request) -> Response:
        """Take the registration back for good (RFC 7592 section 2.3)."""
        return self._respond(request, self._delete)

    def _respond(self, request: Request, act: Callable[[Request], Response]) -> Response:
        """Do it within the error edge of RFC 7591 section 3.2.2."""
        try:
            self._throttle.admit_registration(request.remote_address)
            return act(request)
        except BearerError as error:
            return error.response(self._issuer)
        except Malformed as error:
            return _error(BAD_METADATA, str(error))
        except Invalid as error:
            reasons = "; ".join(f"{field}: {reason}" for field, reason in error.fields.items())
            return _error(error.code, reasons)
        except Throttled as error:
            wait = str(max(1, round(error.retry_after.total_seconds())))
            return json_response({"error": "slow_down"}, 429, [("Retry-After", wait)])

    def _create(self, request: Request) -> Response:
        token = _bearer(request)
        if self._needs_token:
            self._check_invited(token)
        metadata = self._admission.admit(read_json(request.body), is_dynamic=True)
        with self._parts.database.transaction() as tx:
            by = self._invited(tx, request, token)
            registered = self._clients.register(tx, metadata, by=by, is_dynamic=True)
            said = self._information(registered)
        self._clients.changed()
        return json_response(said, 201)

    def _check_invited(self, token: str | None) -> None:
        """Turn strangers away before anything is fetched for them."""
        with self._parts.database.reading() as tx:
            if token is None or not invitations.counts(tx, token):
                raise _not_invited(token)

    def _invited(self, tx: Transaction, request: Request, token: str | None) -> Actor:
        """Who registers: the initial access token it spends, or anybody where all may."""
        invitation = None
        if self._needs_token:
            invitation = invitations.spend(tx, token or "")
            if invitation is None:
                raise _not_invited(token)
        return _actor(request, invitation)

    def _read(self, request: Request) -> Response:
        with self._parts.database.reading() as tx:
            row, token = self._opened(tx, request)
            return json_response(
                self._information(Registered(record=row, registration_access_token=token))
            )

    def _replace(self, request: Request) -> Response:
        with self._parts.database.reading() as tx:
            row, _token = self._opened(tx, request)
        document = _own_words(read_json(request.body), row)
        metadata = self._admission.admit(document, is_dynamic=True)
        with self._parts.database.transaction() as tx:
            row, _token = self._opened(tx, request)
            by = _actor(request, row.client_id)
            updated = self._clients.update(tx, row, metadata, by=by, is_dynamic=True)
            said = self._information(updated)
        self._clients.changed()
        return json_response(said)

    def _delete(self, request: Request) -> Response:
        with self._parts.database.transaction() as tx:
            row, _token = self._opened(tx, request)
            self._clients.delete(tx, row, by=_actor(request, row.client_id))
        self._clients.changed()
        return Response(status=204, headers=[("Cache-Control", "no-store")])

    def _opened(self, tx: Transaction, request: Request) -> tuple[ClientRecord, str]:
        """The registration at the address, and the token that opened it; else BearerError."""
        token = _bearer(request)
        if token is None:
            raise BearerError(None)
        client_id = request.path.removeprefix(paths.REGISTRATIONS)
        row = self._clients.opened_by(tx, client_id, token)
        if row is None:
            # 401 for a client that is gone too (section 2.1): nobody can probe for names.
            raise BearerError("invalid_token", "the registration access token opens nothing here")
        return row, token

    def _information(self, registered: Registered) -> dict[str, Any]:
        """The client information response (RFC 7592 section 3)."""
        address = self._issuer + paths.REGISTRATIONS + quote(registered.record.client_id, safe="")
        values = (registered.registration_access_token, address)
        return {**full_information(registered), **dict(zip(_OURS, values, strict=True))}


def _own_words(document: object, row: ClientRecord) -> object:
    """The metadata of an update, whose client_id must be the client's own (section 2.2).

    Of its secret we know a digest only: the client may show the right one, never choose another.
    What an operator set may be given back as it was read.
    """
    if not isinstance(document, dict):
        return document
    if document.get("client_id") != row.client_id:
        raise Invalid({"client_id": "must be the client's own"}, BAD_METADATA)
    secret = document.get("client_secret")
    if secret is not None and not (isinstance(secret, str) and row.has_secret(secret)):
        raise Invalid({"client_secret": "must be the one in force, or left out"}, BAD_METADATA)
    theirs = operators_part(row.client_metadata)
    return {
        name: value
        for name, value in document.items()
        if name not in _IDENTITY and (name not in theirs or value != theirs[name])
    }


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _not_invited(token: str | None) -> BearerError:
    if token is None:
        return BearerError(None)
    return BearerError("invalid_token", "the initial access token is unknown, used up or has ended")


def _actor(request: Request, who: str | None) -> Actor:
    return Actor(
        kind="client", id=who, network=request.remote_address, reference=random_reference()
    )


def _error(code: str, description: str) -> Response:
    return json_response({"error": code, "error_description": description}, 400)
