"""The table of endpoints: what each is asked with, and in whose words it must answer.

A parameter is a name of `World.known`; the fuzz sends it well, badly, twice or not at all.
"""

from dataclasses import dataclass
from enum import StrEnum

CLIENT = ("client_id", "client_secret", "client_assertion", "client_assertion_type")
REQUEST = (
    *("client_id", "redirect_uri", "response_type", "scope", "code_challenge", "state", "nonce"),
    *("code_challenge_method", "prompt", "max_age", "login_hint", "id_token_hint", "acr_values"),
    *("ui_locales", "claims", "claims_locales", "display", "response_mode", "resource", "request"),
    *("request_uri", "dpop_jkt", "organization", "registration"),
)
SAML = ("SAMLResponse", "SAMLRequest", "RelayState", "Signature", "SigAlg")


class Words(StrEnum):
    """How an endpoint says what is wrong."""

    OAUTH = "oauth"
    """JSON of RFC 6749 section 5.2, which the others of its kind took over."""
    BEARER = "bearer"
    """A challenge of RFC 6750 section 3, or RFC 9449 section 7.1."""
    REGISTRATION = "registration"
    """JSON of RFC 7591 section 3.2.2, or a challenge."""
    BROWSER = "browser"
    """A page, or an answer at an address that was registered."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One address and what belongs there."""

    path: str
    words: Words
    methods: tuple[str, ...] = ("POST",)
    parameters: tuple[str, ...] = ()
    document: str = ""
    """The name of the JSON document that it takes, in `World.documents`."""


def _oauth(path: str, *parameters: str) -> Endpoint:
    return Endpoint(path=path, words=Words.OAUTH, parameters=(*parameters, *CLIENT))


def _page(path: str, *parameters: str, methods: tuple[str, ...] = ("GET", "POST")) -> Endpoint:
    return Endpoint(path=path, words=Words.BROWSER, methods=methods, parameters=parameters)


PROTOCOL = (
    _oauth(
        *("/token", "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token"),
        *("scope", "resource", "device_code"),
    ),
    _oauth("/revoke", "token", "token_type_hint"),
    _oauth("/introspect", "token", "token_type_hint"),
    _oauth("/device_authorization", "scope", "resource"),
    _oauth("/par", *REQUEST),
    _page("/authorize", *REQUEST),
    _page("/authorize/resume", "request", methods=("GET",)),
    Endpoint(
        path="/userinfo",
        words=Words.BEARER,
        methods=("GET", "POST", "PATCH"),
        parameters=("access_token",),
        document="patch",
    ),
    Endpoint(path="/register", words=Words.REGISTRATION, document="registration"),
    Endpoint(
        path="/register/{client_id}",
        words=Words.REGISTRATION,
        methods=("GET", "PUT", "DELETE"),
        document="registration",
    ),
    _page("/.well-known/openid-configuration", methods=("GET",)),
    _page("/.well-known/oauth-authorization-server", methods=("GET",)),
    _page("/jwks", methods=("GET",)),
    _page(
        *("/logout", "id_token_hint", "post_logout_redirect_uri", "state", "client_id"),
        *("logout_hint", "ui_locales", "csrf_token", "answer"),
    ),
    _page("/session/check", methods=("GET",)),
)
PAGES = (
    _page("/login", "request", "username", "password", "csrf_token", "ui_locales"),
    _page("/login/organization", "request", "organization", "csrf_token"),
    _page("/password/forgotten", "username", "csrf_token", "request"),
    _page("/link", "csrf_token", "password", "token"),
    _page("/link/again", "csrf_token", "token", methods=("POST",)),
    _page("/link/{odd}", methods=("GET",)),
    _page("/device", "user_code", "csrf_token"),
    _page("/device/confirm", "user_code", "csrf_token", "answer"),
    _page("/authorize/consent", "request", "csrf_token", "answer"),
    _page("/logout/done", "request", "state", methods=("GET",)),
    _page("/sso/{odd}", "request", methods=("GET",)),
    _page("/sso/kuusela", "organization", "request", "ui_locales", methods=("GET",)),
    _page("/sso/kuusela/stand-in/callback", "code", "state", "iss", "error", methods=("GET",)),
    _page("/sso/kuusela/stand-in/continue", "request", "state", methods=("GET",)),
    _page("/sso/kuusela/stand-in/backchannel", "logout_token", methods=("POST",)),
    _page("/sso/lehtola/saml/acs", *SAML, methods=("POST",)),
    _page("/sso/lehtola/saml/slo", *SAML),
    _page("/sso/lehtola/saml/metadata", "x", methods=("GET",)),
    _page("/calendar/{odd}.ics", methods=("GET",)),
    _page("/setup/{odd}", "csrf_token"),
    _page("/account/profile", "csrf_token", "given_name", "family_name", "email"),
    _page("/account/profile/password", "csrf_token", "password"),
    _page("/account/applications", "csrf_token", "client_id"),
    _page("/account/sessions", "csrf_token", "sid"),
    _page("/account/organization", "csrf_token", "organization"),
)
