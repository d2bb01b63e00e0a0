"""The demo's stand-in for an organization's identity provider: a small OpenID provider, ours alone.

Its people sign in by choosing who they are; afterwards the browser is remembered, as a computer at
work remembers who sits at it. It keeps everything in its memory.
"""

import base64
import hashlib
import logging
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as BaseResponse

from idp.demo.pages import dress
from idp.foundation.clock import utcnow
from idp.foundation.secrets import random_id, random_token

CLIENT_ID, CLIENT_SECRET = "laatuportti", "only for trying out"
_COOKIE = "demo_upstream"
_LIFETIME = 300

ORGANIZATION = "Lehtolan sairaala"

EMPLOYEES = {
    "e-1001": {
        "preferred_username": "kaarina.salo@lehtola.example",
        "given_name": "Kaarina",
        "family_name": "Salo",
        "email": "kaarina.salo@lehtola.example",
        "title": "Ylilääkäri",
        "department": "Kirurgia",
        "locale": "fi",
    },
    "e-1002": {
        "preferred_username": "johan.berg@lehtola.example",
        "given_name": "Johan",
        "family_name": "Berg",
        "email": "johan.berg@lehtola.example",
        "title": "Sairaanhoitaja",
        "department": "Päivystys",
        "locale": "sv",
    },
}
"""Who works there, by what never changes about them."""


class StandIn:
    """The provider at ``issuer``, whose one client answers at ``redirect_uri``."""

    def __init__(self, issuer: str, redirect_uri: str) -> None:
        self._issuer = issuer
        self._redirect_uri = redirect_uri
        self._key = RSAKey.generate_key(2048, parameters={"kid": random_id()})
        self._codes: dict[str, dict[str, Any]] = {}
        self._tokens: dict[str, str] = {}

    def register(self, app: Flask) -> None:
        """Mount the endpoints."""
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.metadata)
        app.add_url_rule("/jwks", view_func=self.jwks)
        app.add_url_rule("/authorize", view_func=self.authorize, methods=["GET", "POST"])
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        app.add_url_rule("/userinfo", view_func=self.userinfo)
        app.add_url_rule("/logout", view_func=self.logout)

    def metadata(self) -> Response:
        """Where everything is (OpenID Connect Discovery 1.0)."""
        ends = {"authorization": "authorize", "token": "token", "end_session": "logout"}
        return jsonify(
            issuer=self._issuer,
            **{f"{name}_endpoint": f"{self._issuer}/{end}" for name, end in ends.items()},
            userinfo_endpoint=f"{self._issuer}/userinfo",
            jwks_uri=f"{self._issuer}/jwks",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            authorization_response_iss_parameter_supported=True,
        )

    def jwks(self) -> Response:
        """The key that signs."""
        return jsonify(keys=[self._key.as_dict(private=False)])

    def authorize(self) -> BaseResponse:
        """Who sits here: remembered, or asked."""
        asked = request.args
        if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") != self._redirect_uri:
            abort(400)
        chosen = request.form.get("person") if request.method == "POST" else None
        remembered = None if asked.get("prompt") else request.cookies.get(_COOKIE)
        person = chosen or remembered
        if person not in EMPLOYEES:
            return make_response(
                render_template(
                    "demo/upstream.html",
                    organization=ORGANIZATION,
                    employees=EMPLOYEES,
                    action=request.full_path,
                )
            )
        answer = redirect(self._answer(person, asked), 303)
        answer.set_cookie(_COOKIE, person, httponly=True, samesite="Lax")
        return answer

    def token(self) -> tuple[Response, int] | Response:
        """A code for tokens, once."""
        form = request.form
        known = self._codes.pop(form.get("code", ""), None)
        authorization = request.authorization
        is_client = authorization is not None and authorization.parameters == {
            "username": CLIENT_ID,
            "password": CLIENT_SECRET.replace(" ", "+"),
        }
        if not is_client:
            return jsonify(error="invalid_client"), 401
        if known is None or known["challenge"] != _challenge(form.get("code_verifier", "")):
            return jsonify(error="invalid_grant"), 400
        access_token = random_token()
        self._tokens[access_token] = known["person"]
        return jsonify(
            access_token=access_token,
            token_type="Bearer",
            expires_in=_LIFETIME,
            id_token=self._id_token(known),
        )

    def userinfo(self) -> Response:
        """What is known of the person."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        person = self._tokens.get(token)
        if person is None:
            abort(401)
        return jsonify(sub=person, **EMPLOYEES[person])

    def logout(self) -> BaseResponse:
        """Forget who sits here, and send them back (RP-Initiated Logout 1.0 section 3)."""
        onward = request.args.get("post_logout_redirect_uri", "")
        host = self._redirect_uri.partition("/sso/")[0]
        is_ours = onward.startswith(f"{host}/")
        back = f"{onward}?{urlencode({'state': request.args.get('state', '')})}"
        answer = redirect(back, 303) if is_ours else make_response("", 204)
        answer.delete_cookie(_COOKIE)
        return answer

    def _answer(self, person: str, asked: Any) -> str:
        code = random_token()
        self._codes[code] = {
            "person": person,
            "nonce": asked.get("nonce"),
            "challenge": asked.get("code_challenge"),
            "at": int(utcnow().timestamp()),
        }
        answer = {"code": code, "state": asked.get("state", ""), "iss": self._issuer}
        return f"{self._redirect_uri}?{urlencode(answer)}"

    def _id_token(self, known: dict[str, Any]) -> str:
        claims = {
            "iss": self._issuer,
            "aud": CLIENT_ID,
            "sub": known["person"],
            "iat": known["at"],
            "exp": known["at"] + _LIFETIME,
            "auth_time": known["at"],
            "nonce": known["nonce"],
        }
        header = {"alg": "RS256", "kid": self._key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=["RS256"])


def serve_upstream(issuer: str, redirect_uri: str, port: int) -> None:
    """Serve at http://localhost:``port`` until the process ends."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app = create_upstream(issuer, redirect_uri, port)
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


def create_upstream(issuer: str, redirect_uri: str, port: int) -> Flask:
    """The provider as an application."""
    app = Flask("idp")
    dress(app, port)
    StandIn(issuer, redirect_uri).register(app)
    return app


def _challenge(verifier: str) -> str:
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
