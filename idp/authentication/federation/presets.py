"""Products that organizations use, as data: which attributes mean what, and what is odd about each.

A document names its product and says only what differs. ``subject`` names what identifies a person
for ever; never an e-mail address, which people share, change and inherit (users-ask rows 2, 31).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from idp.authentication.federation.mapping import First, Rule

OIDC_CLAIMS: Mapping[str, Rule] = {
    "username": First(first=["preferred_username", "email"]),
    "given_name": "given_name",
    "family_name": "family_name",
    "email": "email",
    "title": "title",
    "unit": "department",
    "locale": "locale",
}
_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_EDU_PERSON_PRINCIPAL_NAME = "urn:oid:1.3.6.1.4.1.5923.1.1.1.6"

LDAP_ATTRIBUTES: Mapping[str, Rule] = {
    "username": First(
        first=[
            *(_EDU_PERSON_PRINCIPAL_NAME, "eduPersonPrincipalName"),
            *("urn:oid:0.9.2342.19200300.100.1.3", "mail", "email", "uid"),
        ]
    ),
    "given_name": First(first=["urn:oid:2.5.4.42", "givenName", "firstName", "given_name"]),
    "family_name": First(first=["urn:oid:2.5.4.4", "sn", "surname", "lastName", "family_name"]),
    "email": First(first=["urn:oid:0.9.2342.19200300.100.1.3", "mail", "email"]),
    "title": First(first=["urn:oid:2.5.4.12", "title"]),
    "unit": First(first=["urn:oid:2.5.4.11", "ou", "department"]),
    "locale": First(first=["urn:oid:2.16.840.1.113730.3.1.39", "preferredLanguage", "locale"]),
}
"""The attributes of LDAP by their OIDs, as Haka, Virtu and eduGAIN send them, then by name."""

NAMED_BY_NAMEID: Mapping[str, Rule] = {
    **LDAP_ATTRIBUTES,
    "username": First(first=["mail", "email", "NameID"]),
    "email": First(first=["mail", "email", "NameID"]),
}
"""The same where the NameID is the e-mail address that people sign in with there."""

MICROSOFT_CLAIMS: Mapping[str, Rule] = {
    "username": First(first=[f"{_CLAIM}upn", f"{_CLAIM}name"]),
    "given_name": f"{_CLAIM}givenname",
    "family_name": f"{_CLAIM}surname",
    "email": f"{_CLAIM}emailaddress",
    "title": First(first=["title", "jobtitle"]),
    "unit": "department",
    "locale": First(first=["preferredlanguage", "locale"]),
}


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One product."""

    kind: str
    title: str = ""
    """What people call it; empty: a connection is called by its own name."""
    mapping: Mapping[str, Rule]
    subject: tuple[str, ...] = ("sub",)
    """The claims that together identify a person; empty: the NameID (SAML)."""
    nameid_format: str | None = None
    """The format of NameID to ask a SAML upstream for; None leaves it to the upstream."""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    issuer: str | None = None
    """A pattern that the configured issuer has to match in full: pinned to one customer."""
    issuer_claims: Mapping[str, str] | None = None
    """Claims that have to equal what the named group of ``issuer`` matched."""
    hosted_domain: bool = False
    """Whether one issuer serves many customers, told apart by the claim ``hd`` alone."""


PRESETS: Mapping[str, Preset] = {
    "oidc": Preset(kind="oidc", mapping=OIDC_CLAIMS),
    "keycloak": Preset(kind="oidc", title="Keycloak", mapping=OIDC_CLAIMS),
    "okta": Preset(kind="oidc", title="Okta", mapping=OIDC_CLAIMS),
    "google": Preset(
        kind="oidc",
        title="Google Workspace",
        mapping={**OIDC_CLAIMS, "username": "email"},
        issuer="https://accounts[.]google[.]com",
        hosted_domain=True,
    ),
    "entra_oidc": Preset(
        kind="oidc",
        title="Microsoft Entra ID",
        mapping={
            **OIDC_CLAIMS,
            "username": "preferred_username",
            "title": "jobtitle",
            "locale": First(first=["xms_pl", "locale"]),
        },
        # One tenant's own issuer: "common" and "organizations" would let any tenant in.
        issuer=r"https://login[.]microsoftonline[.]com/(?P<tid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2[.]0",
        issuer_claims={"tid": "tid"},
        subject=("tid", "oid"),
    ),
    "saml": Preset(kind="saml", mapping=LDAP_ATTRIBUTES, subject=(), nameid_format="persistent"),
    "keycloak_saml": Preset(
        kind="saml",
        title="Keycloak",
        mapping=LDAP_ATTRIBUTES,
        subject=(),
        nameid_format="persistent",
    ),
    "okta_saml": Preset(kind="saml", title="Okta", mapping=NAMED_BY_NAMEID, subject=()),
    # Google has no lasting identifier to send; its own e-mail address is what there is.
    "google_saml": Preset(
        kind="saml",
        title="Google Workspace",
        mapping=NAMED_BY_NAMEID,
        subject=(),
        nameid_format="email",
    ),
    # The federations' NameID is transient; what lasts is the scoped name they promise not to reuse.
    "haka_virtu": Preset(
        kind="saml",
        title="Haka/Virtu",
        mapping=LDAP_ATTRIBUTES,
        subject=(_EDU_PERSON_PRINCIPAL_NAME,),
    ),
    "adfs": Preset(kind="saml", title="Microsoft AD FS", mapping=MICROSOFT_CLAIMS, subject=()),
    "entra_saml": Preset(
        kind="saml",
        title="Microsoft Entra ID",
        mapping=MICROSOFT_CLAIMS,
        subject=(
            "http://schemas.microsoft.com/identity/claims/tenantid",
            "http://schemas.microsoft.com/identity/claims/objectidentifier",
        ),
    ),
    "kerberos": Preset(
        kind="kerberos",
        title="Kerberos",
        # A ticket knows no names: a main user adds people, or the document says how to split one.
        mapping={"username": "upn"},
        subject=("principal",),
    ),
}
"""Every product, by the name that a document says; a kind's own name is its plain preset."""
