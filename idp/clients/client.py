"""A registered relying party as the endpoints see it: a frozen value with RFC 7591's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, scope_to_list

from idp.clients.metadata.addresses import loopback_without_port
from idp.clients.metadata.algorithms import (
    FAPI_ALGORITHMS,
    SECRET_ALGORITHMS,
    SIGNED_OBJECT_ALGORITHMS,
)
from idp.clients.metadata.scopes import is_clients_own
from idp.clients.pairwise import Pairwise
from idp.config import Lifetimes
from idp.foundation.secrets import digest, equal

_FAPI_CODE = timedelta(seconds=60)


def name_of(client_id: str, metadata: Mapping[str, Any], locale: str) -> str:
    """A client's name for people, in their language where it was registered (RFC 7591 2.2)."""
    for key in (f"client_name#{locale}", "client_name", "client_name#fi"):
        if name := metadata.get(key):
            return str(name)
    return client_id


@dataclass(frozen=True, kw_only=True)
class Client(ClientMixin):
    """One registration, as it was when it was read."""

    client_id: str
    metadata: Mapping[str, Any]
    is_first_party: bool
    secret_digest: bytes | None = field(repr=False)
    previous_secret_digest: bytes | None = field(repr=False)
    previous_secret_until: datetime | None
    sealed_secret: str | None = field(default=None, repr=False)
    """The secret sealed, for ``client_secret_jwt`` alone."""
    previous_sealed_secret: str | None = field(default=None, repr=False)
    pairwise: Pairwise | None = None
    """How its sector sees people; None where it sees them as everybody does."""

    @property
    def redirect_uris(self) -> list[str]:
        """Where answers may go, byte for byte."""
        return list(self.metadata["redirect_uris"])

    def allows_redirect_uri(self, given: str) -> bool:
        """Whether answers may go there: byte for byte, but for a native application's port.

        It listens on whatever port of its machine is free (RFC 8252 section 7.3).
        """
        if given in self.redirect_uris:
            return True
        bare = loopback_without_port(given)
        if bare is None or self.metadata["application_type"] != "native":
            return False
        return any(bare == loopback_without_port(each) for each in self.redirect_uris)

    @property
    def auth_method(self) -> str:
        """The one way this client authenticates, on every endpoint."""
        return str(self.metadata["token_endpoint_auth_method"])

    @property
    def id_token_alg(self) -> str:
        """What its ID tokens and logout tokens are signed with."""
        return str(self.metadata["id_token_signed_response_alg"])

    @property
    def default_acr_values(self) -> tuple[str, ...]:
        """How it prefers its people authenticated where a request does not say."""
        return tuple(self.metadata.get("default_acr_values", ()))

    @property
    def is_fapi(self) -> bool:
        """Whether it is held to a FAPI 2.0 profile."""
        return bool(self.metadata.get("fapi_profile", "none") != "none")

    @property
    def usual_signing_alg(self) -> str:
        """What we sign for it with where no field of its own says."""
        return FAPI_ALGORITHMS[0] if self.is_fapi else "RS256"

    @property
    def assertion_algorithms(self) -> tuple[str, ...]:
        """What its assertions may be signed with: the registered one, or what its method allows."""
        if registered := self.metadata.get("token_endpoint_auth_signing_alg"):
            return (registered,)
        if self.auth_method == "client_secret_jwt":
            return SECRET_ALGORITHMS
        return FAPI_ALGORITHMS if self.is_fapi else SIGNED_OBJECT_ALGORITHMS

    @property
    def request_object_algorithms(self) -> tuple[str, ...]:
        """What its request objects may be signed with."""
        if registered := self.metadata.get("request_object_signing_alg"):
            return (registered,)
        return FAPI_ALGORITHMS if self.is_fapi else SIGNED_OBJECT_ALGORITHMS

    def subject(self, person_id: str) -> str:
        """The ``sub`` that this client knows the person by (OpenID Connect Core section 8)."""
        return self.pairwise.subject(person_id) if self.pairwise else person_id

    def lifetimes(self, usual: Lifetimes) -> Lifetimes:
        """How long its codes and tokens live: as registered, else as everybody's.

        A FAPI client's code lives a minute at most (FAPI 2.0 Security Profile section 5.3.2.1).
        """
        own = {
            name: timedelta(seconds=seconds)
            for name in ("access_token", "id_token", "refresh_token")
            if (seconds := self.metadata.get(f"{name}_lifetime"))
        }
        if self.is_fapi:
            own["authorization_code"] = min(usual.authorization_code, _FAPI_CODE)
        return usual.model_copy(update=own) if own else usual

    def name(self, locale: str) -> str:
        """Its name for people, in their language where it has one in that."""
        return name_of(self.client_id, self.metadata, locale)

    def secret_matches(self, secret: str, now: datetime) -> bool:
        """Whether ``secret`` is the current one, or the one before it within its overlap."""
        given = digest(secret)
        if self.secret_digest and equal(given, self.secret_digest):
            return True
        return bool(
            self.previous_secret_digest
            and self.previous_secret_until
            and now < self.previous_secret_until
            and equal(given, self.previous_secret_digest)
        )

    def allows_grant_type(self, grant_type: str) -> bool:
        """Whether it was registered for this grant type."""
        return grant_type in self.metadata["grant_types"]

    def allowed_scope(self, requested: str) -> str:
        """Of the requested scopes those a person can give it; what is unknown is left out.

        RFC 6749 section 3.3; see `is_clients_own` for what no person can give.
        """
        allowed = set(scope_to_list(self.metadata["scope"]))
        return " ".join(
            scope
            for scope in dict.fromkeys(requested.split())
            if (scope in allowed and not is_clients_own(scope))
            or scope.partition(":")[0] == "organization"
        )

    # What Authlib's skeleton asks of a client.

    def get_client_id(self) -> str:
        """The client identifier."""
        return self.client_id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Exactly the registered method, on every endpoint."""
        return method == self.auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it was registered for this grant type."""
        return self.allows_grant_type(grant_type)
