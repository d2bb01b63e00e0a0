"""pysaml2's identity provider: an upstream that nobody here wrote, with xmlsec1 under it."""

import base64
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from idp.authentication.federation.identity import Departure
from tests.saml.answers import IDP
from tests.saml.keys import pair, pem

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # It still asks cryptography for ciphers under old names.
    from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
    from saml2.config import IdPConfig
    from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
    from saml2.server import Server

SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


class Pysaml2:
    """One identity provider that knows one service provider by its metadata."""

    def __init__(self, folder: Path, sp_metadata: bytes, site: str = IDP) -> None:
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        key.write_text(pem(pair("idp").private))
        certificate.write_text(
            f"-----BEGIN CERTIFICATE-----\n{pair('idp').certificate.base64}"
            "\n-----END CERTIFICATE-----\n"
        )
        places = [
            (f"{site}/sso", binding) for binding in (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST)
        ]
        outs = [(f"{site}/slo", binding) for binding in (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST)]
        config = {
            "entityid": IDP,
            "service": {
                "idp": {
                    "endpoints": {"single_sign_on_service": places, "single_logout_service": outs},
                    "want_authn_requests_signed": True,
                    "policy": {"default": {"lifetime": {"minutes": 15}}},
                }
            },
            "key_file": str(key),
            "cert_file": str(certificate),
            "metadata": {"inline": [sp_metadata.decode()]},
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = Server(config=IdPConfig().load(config))
        self._ours = self._server.metadata.service_providers()[0]

    @property
    def acs(self) -> str:
        """Where our metadata wants answers."""
        return str(self._server.metadata.assertion_consumer_service(self._ours)[0]["location"])

    @property
    def slo(self) -> str:
        """Where our metadata wants logout messages by form."""
        found = self._server.metadata.single_logout_service(self._ours, BINDING_HTTP_POST, "spsso")
        return str(found[0]["location"])

    def answer(
        self,
        departure: Departure,
        *,
        identity: Mapping[str, Any] | None = None,
        **how: Any,
    ) -> dict[str, str]:
        """Read the request, its signature included, and answer it with a form's fields."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            request = self._read(departure)
            arguments = self._server.response_args(request.message, [BINDING_HTTP_POST])
            arguments.pop("binding")
            response = self._server.create_authn_response(
                identity or {"givenName": ["Aino"], "surname": ["Kuusela"]},
                userid="aino",
                name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text="8f2c1e"),
                authn={"class_ref": PASSWORD, "authn_auth": IDP},
                sign_alg=SHA256,
                digest_alg=DIGEST,
                **{"sign_response": False, "sign_assertion": True, **how},
                **arguments,
            )
        return {
            "SAMLResponse": base64.b64encode(str(response).encode()).decode(),
            "RelayState": self._relay_state(departure),
        }

    def unasked(
        self, acs: str, *, identity: Mapping[str, Any], name_id: str = "8f2c1e"
    ) -> dict[str, str]:
        """An answer to nobody's request, with a RelayState of its own making."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            response = self._server.create_authn_response(
                identity,
                in_response_to=None,
                destination=acs,
                sp_entity_id=f"{acs.removesuffix('/acs')}/metadata",
                userid="aino",
                name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=name_id),
                authn={"class_ref": PASSWORD, "authn_auth": IDP},
                sign_alg=SHA256,
                digest_alg=DIGEST,
                sign_response=False,
                sign_assertion=True,
            )
        return {
            "SAMLResponse": base64.b64encode(str(response).encode()).decode(),
            "RelayState": "https://portal.example.fi/start",
        }

    def no_passive(self, url: str) -> dict[str, str]:
        """The answer to a request that it could meet by a page only (core 3.2.2.2)."""
        departure = Departure(location=url)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            request = self._read(departure).message
            response = self._server.create_error_response(
                request.id,
                request.assertion_consumer_service_url,
                ("urn:oasis:names:tc:SAML:2.0:status:NoPassive", "no session"),
                sign=True,
                sign_alg=SHA256,
                digest_alg=DIGEST,
            )
        return {
            "SAMLResponse": base64.b64encode(str(response).encode()).decode(),
            "RelayState": self._relay_state(departure),
        }

    def logout_answer(self, url: str) -> bytes:
        """Read a logout request that came by redirect, and answer it, signed."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return self._logout_answer(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query["RelayState"],
            sigalg=query["SigAlg"],
            signature=query["Signature"],
        )

    def _logout_answer(self, message: str, binding: str, **signature: str) -> bytes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            request = self._server.parse_logout_request(message, binding, **signature)
            response = self._server.create_logout_response(
                request.message, [BINDING_HTTP_POST], sign=True, sign_alg=SHA256, digest_alg=DIGEST
            )
        return str(response).encode()

    def logged_out(self, departure: Departure) -> dict[str, str]:
        """Read a logout request and answer it with a form's fields."""
        if departure.fields is None:
            answer = self.logout_answer(departure.location)
        else:
            answer = self._logout_answer(departure.fields["SAMLRequest"], BINDING_HTTP_POST)
        return {
            "SAMLResponse": base64.b64encode(answer).decode(),
            "RelayState": self._relay_state(departure),
        }

    def logout_request(self, destination: str, session_index: str | None) -> bytes:
        """A signed request of its own to end a session; all of the person's where it is None."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, request = self._server.create_logout_request(
                destination,
                issuer_entity_id=IDP,
                name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text="8f2c1e"),
                session_indexes=[session_index] if session_index else None,
                sign=True,
                sign_alg=SHA256,
                digest_alg=DIGEST,
            )
        return str(request).encode()

    def is_ended(self, response: str) -> str:
        """Read our answer to its request, the signature included; which request it answers."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = self._server.parse_logout_request_response(response, BINDING_HTTP_POST)
        assert read.status_ok()
        return str(read.in_response_to)

    def logout_redirect(self, destination: str, message: str, parameter: str) -> str:
        """A message of its own sent by a signed redirect."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sent = self._server.apply_binding(
                BINDING_HTTP_REDIRECT,
                message,
                destination,
                relay_state="",
                response=parameter == "SAMLResponse",
                sign=True,
                sigalg=SHA256,
            )
        return str(dict(sent["headers"])["Location"])

    def _read(self, departure: Departure) -> Any:
        if departure.fields is not None:
            return self._server.parse_authn_request(
                departure.fields["SAMLRequest"], BINDING_HTTP_POST
            )
        query = {
            name: values[0] for name, values in parse_qs(urlsplit(departure.location).query).items()
        }
        return self._server.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query["RelayState"],
            sigalg=query["SigAlg"],
            signature=query["Signature"],
        )

    def _relay_state(self, departure: Departure) -> str:
        if departure.fields is not None:
            return departure.fields["RelayState"]
        return parse_qs(urlsplit(departure.location).query)["RelayState"][0]
