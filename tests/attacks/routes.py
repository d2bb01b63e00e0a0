"""Every route of the product and for whom it is: role x object x verb as data (security.md).

A route that has no line here fails the build. Add one, and think about who may reach it.
"""

from enum import StrEnum


class For(StrEnum):
    """Whom a route is for."""

    ANYBODY = "anybody"
    """Pages before sign-in, and what says nothing about anybody."""
    SECRET = "secret"
    """Whoever holds the secret in the address; a guessed one opens nothing."""
    OWN_PROOF = "own proof"
    """Protocol endpoints, each of which asks for its own proof (tests of the protocols)."""
    ACCOUNT = "account"
    """The signed-in person, about themself alone."""
    PEOPLE = "people"
    """The organization's main users and the operator: those who see its people."""
    IT = "it"
    """Its IT persons too, and a browser with a setup link for it."""
    IT_ACCOUNT = "it account"
    """The same without the setup link: what outlives it."""
    OPERATOR = "operator"


_PERSON = "/organization/<slug>/people/<person_id>"
_IMPORT = "/organization/<slug>/people/import"
_SSO = "/organization/<slug>/connection"

ROUTES: dict[str, tuple[For, str]] = {
    "/static/<path:filename>": (For.ANYBODY, "GET"),
    "/": (For.ANYBODY, "GET"),
    "/login": (For.ANYBODY, "GET POST"),
    "/login/organization": (For.ANYBODY, "GET POST"),
    "/login/organization-sso": (For.ANYBODY, "GET POST"),
    "/password/forgotten": (For.ANYBODY, "GET POST"),
    "/logout": (For.ANYBODY, "GET POST"),
    "/logout/done": (For.ANYBODY, "GET"),
    "/session/check": (For.ANYBODY, "GET"),
    "/health/live": (For.ANYBODY, "GET"),
    "/health/ready": (For.ANYBODY, "GET"),
    "/metrics": (For.ANYBODY, "GET"),
    "/link": (For.ANYBODY, "GET POST"),
    "/link/again": (For.ANYBODY, "POST"),
    "/link/<token>": (For.SECRET, "GET"),
    "/setup/<token>": (For.SECRET, "GET POST"),
    "/diagnosis/<token>": (For.SECRET, "GET"),
    "/calendar/<token>.ics": (For.SECRET, "GET"),
    "/account/applications": (For.ACCOUNT, "GET POST"),
    "/account": (For.ACCOUNT, "GET"),
    "/account/organization": (For.ACCOUNT, "GET POST"),
    "/account/profile": (For.ACCOUNT, "GET POST"),
    "/account/profile/password": (For.ACCOUNT, "GET POST"),
    "/account/sessions": (For.ACCOUNT, "GET POST"),
    "/organization/<slug>": (For.PEOPLE, "GET"),
    "/organization/<slug>/people/new": (For.PEOPLE, "GET POST"),
    _IMPORT: (For.PEOPLE, "GET POST"),
    f"{_IMPORT}/template.csv": (For.PEOPLE, "GET"),
    f"{_IMPORT}/rows": (For.PEOPLE, "POST"),
    f"{_IMPORT}/result.csv": (For.PEOPLE, "POST"),
    _PERSON: (For.PEOPLE, "GET"),
    f"{_PERSON}/link": (For.PEOPLE, "POST"),
    f"{_PERSON}/lock": (For.PEOPLE, "POST"),
    f"{_PERSON}/unlock": (For.PEOPLE, "POST"),
    f"{_PERSON}/sessions": (For.PEOPLE, "GET POST"),
    f"{_PERSON}/remove": (For.PEOPLE, "GET POST"),
    f"{_PERSON}/edit": (For.PEOPLE, "GET POST"),
    f"{_PERSON}/email": (For.PEOPLE, "GET POST"),
    f"{_PERSON}/username": (For.PEOPLE, "GET POST"),
    "/organization/<slug>/log": (For.PEOPLE, "GET"),
    "/organization/<slug>/log.csv": (For.PEOPLE, "GET"),
    _SSO: (For.IT, "GET"),
    f"{_SSO}/new": (For.IT, "GET"),
    f"{_SSO}/new/<product_id>": (For.IT, "GET POST"),
    f"{_SSO}/<name>": (For.IT, "GET"),
    f"{_SSO}/<name>/edit": (For.IT, "GET POST"),
    f"{_SSO}/<name>/mapping": (For.IT, "GET POST"),
    f"{_SSO}/<name>/test": (For.IT, "GET POST"),
    f"{_SSO}/<name>/switch": (For.IT, "GET POST"),
    f"{_SSO}/<name>/policy": (For.IT, "GET POST"),
    f"{_SSO}/<name>/metadata": (For.IT, "GET POST"),
    f"{_SSO}/<name>/certificate/<which>.pem": (For.IT, "GET"),
    f"{_SSO}/<name>/pilot": (For.PEOPLE, "POST"),
    f"{_SSO}/<name>/on": (For.PEOPLE, "POST"),
    f"{_SSO}/<name>/off": (For.PEOPLE, "POST"),
    f"{_SSO}/people": (For.PEOPLE, "GET"),
    f"{_SSO}/people/<approval_id>": (For.PEOPLE, "POST"),
    f"{_SSO}/<name>/versions": (For.IT, "GET"),
    f"{_SSO}/<name>/versions/<int:number>": (For.IT, "POST"),
    f"{_SSO}/arrivals": (For.IT, "GET"),
    f"{_SSO}/arrivals/<reference>": (For.IT, "GET"),
    f"{_SSO}/arrivals/<reference>/share": (For.IT, "POST"),
    f"{_SSO}/arrivals/<reference>/share/revoke": (For.IT, "POST"),
    f"{_SSO}/domains": (For.IT, "GET POST"),
    f"{_SSO}/domains/verify": (For.IT, "POST"),
    f"{_SSO}/domains/remove": (For.IT, "POST"),
    f"{_SSO}/calendar": (For.IT, "GET"),
    f"{_SSO}/calendar/feed": (For.IT_ACCOUNT, "POST"),
    f"{_SSO}/calendar/feed/revoke": (For.IT_ACCOUNT, "POST"),
    f"{_SSO}/setup": (For.PEOPLE, "POST"),
    f"{_SSO}/setup/<pass_id>": (For.PEOPLE, "POST"),
    "/operations": (For.OPERATOR, "GET"),
    "/operations/new-organization": (For.OPERATOR, "GET POST"),
    "/operations/organizations/<slug>": (For.OPERATOR, "GET POST"),
    "/operations/organizations/<slug>/suspend": (For.OPERATOR, "GET POST"),
    "/operations/clients": (For.OPERATOR, "GET"),
    "/operations/clients/<client_id>": (For.OPERATOR, "GET POST"),
    "/operations/clients/<client_id>/disable": (For.OPERATOR, "GET POST"),
    "/operations/clients/<client_id>/secret": (For.OPERATOR, "GET POST"),
    "/operations/state": (For.OPERATOR, "GET"),
    "/operations/log": (For.OPERATOR, "GET"),
    "/sso/<slug>": (For.ANYBODY, "GET"),
    "/sso/<slug>/<name>": (For.ANYBODY, "GET"),
    "/sso/<slug>/<name>/jwks": (For.ANYBODY, "GET"),
    "/sso/<slug>/<name>/metadata": (For.ANYBODY, "GET"),
    "/sso/<slug>/<name>/slo": (For.OWN_PROOF, "GET POST"),
    "/sso/<slug>/<name>/acs": (For.OWN_PROOF, "POST"),
    "/sso/<slug>/<name>/signed-out": (For.OWN_PROOF, "GET"),
    "/sso/<slug>/<name>/callback": (For.OWN_PROOF, "GET"),
    "/sso/<slug>/<name>/continue": (For.OWN_PROOF, "GET"),
    "/sso/<slug>/<name>/negotiate": (For.OWN_PROOF, "GET"),
    "/sso/<slug>/<name>/link": (For.OWN_PROOF, "GET POST"),
    "/sso/<slug>/<name>/backchannel": (For.OWN_PROOF, "POST"),
    "/authorize/consent": (For.ANYBODY, "GET POST"),
    "/authorize": (For.ANYBODY, "GET POST"),
    "/authorize/resume": (For.ANYBODY, "GET"),
    "/jwks": (For.ANYBODY, "GET"),
    "/.well-known/openid-configuration": (For.ANYBODY, "GET"),
    "/.well-known/oauth-authorization-server": (For.ANYBODY, "GET"),
    "/device": (For.ANYBODY, "GET POST"),
    "/device/confirm": (For.ANYBODY, "GET POST"),
    "/device/approved": (For.ANYBODY, "GET"),
    "/device/refused": (For.ANYBODY, "GET"),
    "/device/gone": (For.ANYBODY, "GET"),
    "/device_authorization": (For.OWN_PROOF, "POST"),
    "/par": (For.OWN_PROOF, "POST"),
    "/token": (For.OWN_PROOF, "POST"),
    "/userinfo": (For.OWN_PROOF, "GET POST PATCH"),
    "/revoke": (For.OWN_PROOF, "POST"),
    "/introspect": (For.OWN_PROOF, "POST"),
}
"""Path → for whom, and with which verbs."""
