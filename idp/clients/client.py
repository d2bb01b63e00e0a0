"""A registered relying party as the endpoints see it: a frozen value with RFC 7591's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, scope_to_list

from idp.foundation.secrets import digest, equal


@dataclass(frozen=True, kw_only=True)
class Client(ClientMixin):
    """One registration, as it was when it was read."""

    client_id: str
    metadata: Mapping[str, Any]
    is_first_party: bool
    secret_digest: bytes | None = field(repr=False)
    previous_secret_digest: bytes | None = field(repr=False)
    previous_secret_until: datetime | None

    @property
    def redirect_uris(self) -> list[str]:
        """Where answers may go, byte for byte."""
        return list(self.metadata["redirect_uris"])

    @property
    def auth_method(self) -> str:
        """The one way this client authenticates, on every endpoint."""
        return str(self.metadata["token_endpoint_auth_method"])

    @property
    def id_token_alg(self) -> str:
        """What its ID tokens and logout tokens are signed with."""
        return str(self.metadata["id_token_signed_response_alg"])

    def name(self, locale: str) -> str:
        """Its name for people, in their language where it was registered (RFC 7591 section 2.2)."""
        for key in (f"client_name#{locale}", "client_name", "client_name#fi"):
            if name := self.metadata.get(key):
                return str(name)
        return self.client_id

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
        """Of the requested scopes those it may have; what is unknown is left out (RFC 6749 3.3)."""
        allowed = set(scope_to_list(self.metadata["scope"]))
        return " ".join(
            scope
            for scope in dict.fromkeys(requested.split())
            if scope in allowed or scope.partition(":")[0] == "organization"
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
