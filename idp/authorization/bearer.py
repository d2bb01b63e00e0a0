"""Access tokens as they are presented, and how a missing or bad one is answered.

RFC 6750 for tokens that whoever bears them may use, RFC 9449 section 7 for those bound to a key.
"""

from authlib.oauth2.rfc6749 import OAuth2Error

from idp.authorization.access_tokens import AccessTokens
from idp.authorization.dpop import NONCE_HEADER, Proofs, UseDPoPNonce
from idp.authorization.proof_key import PROOF_ALGORITHMS
from idp.authorization.tokens import AccessToken
from idp.foundation.secrets import equal
from idp.foundation.web.protocol import Request, Response, json_response


class BearerError(Exception):
    """The request's token does not open this; ``error`` None where there was none (section 3.1).

    ``scheme`` is the one to come again with; ``nonce`` what a DPoP proof must carry then.
    """

    def __init__(
        self,
        error: str | None,
        description: str = "",
        *,
        status: int = 401,
        scope: str = "",
        scheme: str = "Bearer",
        nonce: str = "",
    ) -> None:
        self.error = error
        self.description = description
        self.status = status
        self.scope = scope
        self.scheme = scheme
        self.nonce = nonce
        super().__init__(error or "no token")

    def response(self, issuer: str) -> Response:
        """The answer with its challenge; with both schemes' where no token was presented."""
        body = {"error": self.error, "error_description": self.description} if self.error else {}
        schemes = (self.scheme,) if self.error else ("Bearer", "DPoP")
        headers = [("WWW-Authenticate", self._challenge(scheme, issuer)) for scheme in schemes]
        if self.nonce:
            headers.append((NONCE_HEADER, self.nonce))
        return json_response(body, self.status, headers)

    def _challenge(self, scheme: str, issuer: str) -> str:
        members = {"realm": issuer}
        if self.error:
            members |= {"error": self.error, "error_description": self.description}
        if self.scope:
            members["scope"] = self.scope
        if scheme == "DPoP":
            members["algs"] = " ".join(PROOF_ALGORITHMS)
        return f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in members.items())


class Presented:
    """Reads the tokens that are presented at our own endpoints."""

    def __init__(self, access_tokens: AccessTokens, proofs: Proofs) -> None:
        self._access_tokens = access_tokens
        self._proofs = proofs

    def token(self, request: Request) -> AccessToken:
        """The access token of the request's header or, in a POST, of its form; never of its query.

        BearerError where there is none, more than one, one that is not ours or has ended, or one
        that is bound to a key which the request does not prove to hold.
        """
        scheme, value = _given(request)
        token = self._access_tokens.read(value)
        if token is None:
            raise BearerError(
                "invalid_token", "the access token is unknown or has expired", scheme=scheme
            )
        if not self._access_tokens.is_for_us(token):
            raise BearerError("invalid_token", "the access token is for another resource")
        if scheme == "DPoP":
            self._check_proof(request, value, token)
        elif token.jkt:
            raise BearerError("invalid_token", "the access token is bound to a key", scheme="DPoP")
        return token

    def _check_proof(self, request: Request, value: str, token: AccessToken) -> None:
        """Whether who presents the token holds the key it is bound to (RFC 9449 section 7.1)."""
        try:
            proved = self._proofs.prove(request, access_token=value)
        except OAuth2Error as error:
            nonce = self._proofs.nonce() if isinstance(error, UseDPoPNonce) else ""
            raise BearerError(
                error.error, error.get_error_description(), scheme="DPoP", nonce=nonce
            ) from error
        if proved is None:
            raise BearerError("invalid_dpop_proof", "the proof is missing", scheme="DPoP")
        if token.jkt is None or not equal(proved, token.jkt):
            raise BearerError("invalid_token", "the token is not bound to that key", scheme="DPoP")


def _given(request: Request) -> tuple[str, str]:
    """The scheme and the token as they came; BearerError unless there is exactly one."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    in_header = {"bearer": "Bearer", "dpop": "DPoP"}.get(scheme.lower()) if value.strip() else None
    in_form = request.form.get("access_token") if request.method == "POST" else None
    if in_header and in_form:
        raise BearerError("invalid_request", "present the token in one way only", status=400)
    if in_header:
        return in_header, value.strip()
    if in_form:
        return "Bearer", in_form
    raise BearerError(None)
