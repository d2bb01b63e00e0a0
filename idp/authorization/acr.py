"""How surely a person was authenticated (``acr``): said as it is, never as it was asked for."""

from idp.authentication.session import Place, Session

PASSWORD = "urn:laatuportti:acr:password"
"""A password that is kept here."""
SSO = "urn:laatuportti:acr:sso"
"""The organization's own single sign-on said who it is."""

ACR_VALUES = (PASSWORD, SSO)
"""Everything that `acr` can say, for discovery and for requests that insist."""


def acr(session: Session, place: Place) -> str:
    """The context of the latest sign-in that opens this organization."""
    vouching = [item for item in session.authentications if item.opens(place)]
    return SSO if vouching[-1].connection else PASSWORD
