"""A device's code for tokens, once its person has approved it (RFC 8628 sections 3.4 and 3.5)."""

from typing import Any

from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
)
from authlib.oauth2.rfc8628 import AuthorizationPendingError, ExpiredTokenError, SlowDownError

from idp.authorization import grants
from idp.authorization.device import requests
from idp.authorization.device.requests import State
from idp.authorization.resources import narrowed
from idp.authorization.token_grant import Answer, TokenGrant
from idp.clients.metadata.algorithms import DEVICE_CODE
from idp.foundation.database import Transaction


class DeviceCodeGrant(TokenGrant):
    """Asked again and again by the device, answered with tokens once."""

    GRANT_TYPE = DEVICE_CODE

    def create_token_response(self) -> Answer:
        """Redeem the code and begin its family, or say why not yet or never."""
        code = self.request.form.get("device_code")
        if code is None:
            raise InvalidRequestError("device_code is missing")
        asked = self.request.resource
        with self.server.parts.database.transaction() as tx:
            found = requests.redeem(tx, code, self.request.client.client_id, by=self.request.by)
            row = None if isinstance(found, State) else self._begin(tx, found)
        if isinstance(found, State):
            raise _refusal(found)
        if row is None:
            raise InvalidGrantError("the person who approved the device may not sign in any more")
        resource = narrowed(asked, row.resource.split(), self.server.parts.settings.issuer)
        return self.answer(row, generation=1, scope=row.scope, resource=resource)

    def _begin(self, tx: Transaction, approved: Any) -> Any:
        """The grant of an approved request, judged as it stands now."""
        grants.begin_redeemed(
            tx,
            approved,
            client_id=self.request.client.client_id,
            dpop_jkt=self.family_jkt,
            lifetimes=self.lifetimes,
            by=self.request.by,
        )
        return grants.standing(tx, approved.id)


def _refusal(state: State) -> OAuth2Error:
    match state:
        case State.PENDING:
            return AuthorizationPendingError()
        case State.TOO_SOON:
            return SlowDownError()
        case State.REFUSED:
            return AccessDeniedError("the person refused")
        case State.EXPIRED:
            return ExpiredTokenError("the device code has expired; begin anew")
        case State.UNKNOWN:
            return InvalidGrantError("the device code is unknown, used or not yours")
