"""Which endpoint answers at which path: the table that the front dispatches by."""

from idp.authentication.links import Links
from idp.authorization import paths
from idp.authorization.access_tokens import AccessTokens
from idp.authorization.bearer import Presented
from idp.authorization.device.endpoint import DeviceAuthorization
from idp.authorization.discovery import Discovery
from idp.authorization.dpop import Proofs
from idp.authorization.endpoint import Authorization
from idp.authorization.id_token import IdTokens
from idp.authorization.introspection import Introspection
from idp.authorization.par import PushedAuthorization
from idp.authorization.registration import Registration
from idp.authorization.request import Requests
from idp.authorization.revocation import Revocation
from idp.authorization.sealed_answer import SealedAnswers
from idp.authorization.server import ProtocolServer
from idp.authorization.token_endpoint import TokenEndpoint
from idp.authorization.userinfo import UserInfo
from idp.clients.admission import Admission
from idp.clients.client_keys import ClientKeys
from idp.clients.registry import Clients
from idp.foundation.parts import Parts
from idp.foundation.throttle import Throttle
from idp.foundation.web.front import Routes
from idp.signing.ring import SigningKeys

OPEN_PATHS = frozenset(
    (
        paths.TOKEN,
        paths.USERINFO,
        paths.JWKS,
        paths.REVOKE,
        paths.DEVICE_AUTHORIZATION,
        paths.OPENID_CONFIGURATION,
        paths.OAUTH_METADATA,
    )
)
"""Where scripts of any origin may call: none of these takes a cookie."""


def protocol_routes(
    parts: Parts,
    clients: Clients,
    client_keys: ClientKeys,
    admission: Admission,
    links: Links,
    signing_keys: SigningKeys,
    *,
    authorization: Authorization,
    requests: Requests,
) -> Routes:
    """Path → method → endpoint, each made once."""
    answers = SealedAnswers(signing_keys, client_keys)
    access_tokens, proofs = AccessTokens(parts, signing_keys), Proofs(parts)
    server = ProtocolServer(
        parts,
        clients,
        client_keys,
        id_tokens=IdTokens(parts.settings, answers),
        access_tokens=access_tokens,
        proofs=proofs,
    )
    token, revocation = TokenEndpoint(server), Revocation(server)
    device = DeviceAuthorization(server, Throttle(parts.ephemeral))
    introspection = Introspection(server, clients, answers)
    userinfo = UserInfo(parts, clients, links, Presented(access_tokens, proofs), answers)
    pushed = PushedAuthorization(server, requests)
    discovery = Discovery(parts.settings, signing_keys)
    return {
        paths.AUTHORIZE: {"GET": authorization.authorize, "POST": authorization.authorize},
        paths.AUTHORIZE_RESUME: {"GET": authorization.resume},
        paths.PAR: {"POST": pushed.push},
        paths.TOKEN: {"POST": token.token},
        paths.USERINFO: {
            "GET": userinfo.read,
            "POST": userinfo.read,
            "PATCH": userinfo.write,
        },
        paths.JWKS: {"GET": discovery.jwks},
        paths.REVOKE: {"POST": revocation.revoke},
        paths.DEVICE_AUTHORIZATION: {"POST": device.begin},
        paths.INTROSPECT: {"POST": introspection.introspect},
        paths.OPENID_CONFIGURATION: {"GET": discovery.configuration},
        paths.OAUTH_METADATA: {"GET": discovery.configuration},
        **_registration(parts, clients, admission),
    }


def _registration(parts: Parts, clients: Clients, admission: Admission) -> Routes:
    """Nothing where clients are registered by operators only."""
    if parts.settings.registration.mode == "off":
        return {}
    registration = Registration(parts, clients, admission)
    return {
        paths.REGISTER: {"POST": registration.create},
        paths.REGISTRATIONS: {
            "GET": registration.read,
            "PUT": registration.replace,
            "DELETE": registration.delete,
        },
    }
