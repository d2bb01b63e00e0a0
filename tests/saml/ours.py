"""Our side of a connection, with test keys, and the identity provider it speaks to."""

from idp.authentication.federation.saml import names
from idp.authentication.federation.saml.service_provider import ServiceProvider
from tests.saml.answers import ACS, IDP, SP
from tests.saml.keys import pair

SLO = "https://id.example.fi/sso/kuusela/saml/slo"
SSO = f"{IDP}/sso"

OURS = ServiceProvider(
    entity_id=SP,
    acs=ACS,
    slo=SLO,
    signing=pair("sp signing"),
    next_signing=pair("sp next signing").certificate,
    encryption=(pair("sp encryption"),),
    nameid_format=names.PERSISTENT,
)


def idp_metadata(
    *,
    entity_id: str = IDP,
    certificates: tuple[str, ...] = (pair("idp").certificate.base64,),
    attributes: str = "",
    role: str = 'WantAuthnRequestsSigned="true"',
    endpoints: str | None = None,
    extensions: str = "",
    use: str = ' use="signing"',
) -> str:
    """An identity provider's metadata."""
    keys = "".join(
        f"<md:KeyDescriptor{use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{each}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for each in certificates
    )
    redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    places = endpoints or "".join(
        f'<md:{service} Binding="{binding}" Location="{entity_id}/{path}"/>'
        for service, path in (("SingleLogoutService", "slo"), ("SingleSignOnService", "sso"))
        for binding in (redirect, post)
    )
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
        ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
        f' ID="_metadata-1" entityID="{entity_id}"{attributes}>{extensions}'
        f"<md:IDPSSODescriptor {role}"
        ' protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{keys}{places}</md:IDPSSODescriptor></md:EntityDescriptor>"
    )
