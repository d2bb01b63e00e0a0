"""Where the endpoints lie; discovery and the front are made from these."""

AUTHORIZE = "/authorize"
AUTHORIZE_RESUME = "/authorize/resume"
AUTHORIZE_CONSENT = "/authorize/consent"
PAR = "/par"
TOKEN = "/token"
USERINFO = "/userinfo"
JWKS = "/jwks"
REVOKE = "/revoke"
INTROSPECT = "/introspect"
REGISTER = "/register"
REGISTRATIONS = "/register/"
"""One client's own address lies right below it."""
DEVICE_AUTHORIZATION = "/device_authorization"
DEVICE = "/device"
LOGOUT = "/logout"
SIGNED_OUT = "/logout/done"
CHECK_SESSION = "/session/check"
OPENID_CONFIGURATION = "/.well-known/openid-configuration"
OAUTH_METADATA = "/.well-known/oauth-authorization-server"

ENDPOINTS = {
    "authorization_endpoint": AUTHORIZE,
    "pushed_authorization_request_endpoint": PAR,
    "token_endpoint": TOKEN,
    "userinfo_endpoint": USERINFO,
    "jwks_uri": JWKS,
    "revocation_endpoint": REVOKE,
    "introspection_endpoint": INTROSPECT,
    "device_authorization_endpoint": DEVICE_AUTHORIZATION,
    "end_session_endpoint": LOGOUT,
    "check_session_iframe": CHECK_SESSION,
}
"""The member of the metadata that leads to each."""

LONGEST_ADDRESS = 8000
"""Characters of an address that every server and browser on the way takes."""
