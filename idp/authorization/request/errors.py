"""The errors of the authorization endpoint that Authlib has no class for."""

from authlib.oauth2.rfc6749 import OAuth2Error


class UnmetAuthenticationRequirements(OAuth2Error):
    """No sign-in of ours is as sure as asked (OpenID Connect Core 5.5.1.1 and its error code)."""

    error = "unmet_authentication_requirements"
