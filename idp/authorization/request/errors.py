"""The errors of the authorization endpoint that Authlib has no class for."""

import re

from authlib.oauth2.rfc6749 import OAuth2Error

_PLAIN = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


class UnmetAuthenticationRequirements(OAuth2Error):
    """No sign-in of ours is as sure as asked (OpenID Connect Core 5.5.1.1 and its error code)."""

    error = "unmet_authentication_requirements"


class UnsupportedResponseType(OAuth2Error):
    """Another flow than ours (RFC 6749 section 4.1.2.1)."""

    error = "unsupported_response_type"


def named(parameter: str) -> str:
    """A parameter as a description may name it: those take plain ASCII only, whoever chose it."""
    return parameter if _PLAIN.fullmatch(parameter) else "a parameter"
