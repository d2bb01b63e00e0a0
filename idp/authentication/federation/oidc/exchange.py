"""A code for tokens, we authenticated as the connection says (RFC 6749 sections 2.3, 4.1.3)."""

import base64
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from idp.authentication.federation.caller import Caller, read_json
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.oidc import client_key
from idp.authentication.federation.oidc.metadata import Metadata
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.fetch.deadline import Deadline

_OF_CLIENT = ("invalid_client", "unauthorized_client")
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What the upstream gave."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


def redeem(
    caller: Caller,
    connection: Connection,
    metadata: Metadata,
    deadline: Deadline,
    *,
    code: str,
    redirect_uri: str,
    verifier: str,
) -> Tokens:
    """Redeem the code; FederationRefused where the upstream will not, or gives no ID token."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    _authenticate(connection, metadata, headers, form)
    body = urlencode(form).encode()
    fetched = caller.post(connection, metadata.token_endpoint, body, deadline, headers)
    answer = read_json(fetched.body)
    if fetched.status != 200 or "error" in answer:
        raise _refused(answer, fetched.status)
    id_token, access_token = answer.get("id_token"), answer.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise FederationRefused(Reason.TOKEN_MISSING, expected="id_token access_token")
    if str(answer.get("token_type")).lower() != "bearer":
        raise FederationRefused(
            Reason.TOKEN_MALFORMED,
            field="token_type",
            expected="Bearer",
            received=str(answer.get("token_type"))[:50],
        )
    return Tokens(id_token=id_token, access_token=access_token)


def _authenticate(
    connection: Connection, metadata: Metadata, headers: dict[str, str], form: dict[str, str]
) -> None:
    client_id: str = connection.document["client_id"]
    match connection.document["token_endpoint_auth_method"]:
        case "client_secret_basic":
            pair = f"{quote_plus(client_id)}:{quote_plus(connection.secrets['client_secret'])}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        case "client_secret_post":
            form |= {"client_id": client_id, "client_secret": connection.secrets["client_secret"]}
        case _:
            private = connection.secrets[client_key.SECRET]
            form |= {
                "client_id": client_id,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": client_key.assertion(
                    private, client_id=client_id, audience=metadata.token_endpoint
                ),
            }


def _refused(answer: dict[str, Any], status: int) -> FederationRefused:
    error = str(answer.get("error") or status)[:100]
    said = str(answer.get("error_description") or "")[:300]
    is_client = error in _OF_CLIENT or status == 401
    return FederationRefused(
        Reason.CLIENT_REFUSED if is_client else Reason.CODE_REFUSED,
        expected="200",
        received=f"{error}: {said}" if said else error,
    )
