"""An OpenID provider to be upstream of ours: honest by itself, and as dishonest as a test wants."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "laatuportti", "upstream: s3cret%"
MAIJA = {
    "sub": "upstream-maija",
    "preferred_username": "maija@kuusela.fi",
    "given_name": "Maija",
    "family_name": "Meikäläinen",
    "email": "maija.meikalainen@kuusela.fi",
    "title": "Ylilääkäri",
    "department": "Kirurgia",
}


class Upstream:
    """One provider on loopback; what it says is in its fields, for a test to change."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "k1"})
        self.published = [self.key]
        self.person: dict[str, Any] = dict(MAIJA)
        self.metadata: dict[str, Any] = {}
        self.id_token: dict[str, Any] = {}
        """Claims put over the right ones; None leaves one out."""
        self.header: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.token_status, self.token_answer = 200, dict[str, Any]()
        self.delay = 0.0
        self.calls: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.forge: Any = None
        """Makes the ID token from its claims, where set."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def document(self, **changes: Any) -> dict[str, Any]:
        """The connection to it."""
        return {
            "kind": "oidc",
            "name": "stand-in",
            "issuer": self.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        } | changes

    def sign_in(self, address: str, **changes: str | None) -> str:
        """The address to which it sends the browser that came with ``address``."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(12)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer} | changes
        given = {name: value for name, value in answer.items() if value is not None}
        return f"{asked['redirect_uri']}?{urlencode(given)}"

    def answer(self, path: str, headers: Any, body: str) -> tuple[int, str, bytes]:
        """Status, type and body for a request."""
        self.calls.append(path)
        time.sleep(self.delay)
        if path == "/.well-known/openid-configuration":
            return _json(self._metadata())
        if path == "/jwks":
            return _json({"keys": [key.as_dict(private=False) for key in self.published]})
        if path == "/userinfo":
            return _json(self.person if self.userinfo is None else self.userinfo)
        return self._token(headers, body)

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "authorization_response_iss_parameter_supported": True,
        } | self.metadata

    def _token(self, headers: Any, body: str) -> tuple[int, str, bytes]:
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        if self.token_status != 200:
            return _json(self.token_answer, self.token_status)
        if asked is None or _challenge(form["code_verifier"]) != asked["code_challenge"]:
            return _json({"error": "invalid_grant"}, 400)
        self.client = {**form, "authorization": headers.get("Authorization", "")}
        access_token = secrets.token_urlsafe(16)
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "id_token": self.token(asked, access_token),
        }
        return _json(answer | self.token_answer)

    def token(self, asked: dict[str, str], access_token: str) -> str:
        """The ID token for an authorization request."""
        now = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": self.person["sub"],
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked.get("nonce"),
            "sid": "upstream-session",
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        } | self.id_token
        said = {name: value for name, value in claims.items() if value is not None}
        return str(self.forge(said)) if self.forge else self.sign(said)

    def sign(self, claims: dict[str, Any], key: RSAKey | None = None) -> str:
        """A token signed with ``key``, by default its own."""
        signer = key or self.key
        header = {"alg": "RS256", "kid": signer.kid} | self.header
        return jwt.encode(header, claims, signer, algorithms=["RS256", "PS256"])

    def _run(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    @contextmanager
    def running(self) -> Iterator["Upstream"]:
        """Serve while the block runs."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body: str) -> None:
            status, kind, content = upstream.answer(self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler


def _json(value: object, status: int = 200) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(value).encode()


def _challenge(verifier: str) -> str:
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
