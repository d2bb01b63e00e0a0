"""The demo's stand-in for an organization's SAML identity provider: small, and ours alone.

Its people sign in by choosing who they are; afterwards the browser is remembered, as a computer at
work remembers who sits at it.
"""

import base64
import logging
from pathlib import Path

from flask import Flask, Response, abort, make_response, redirect, render_template, request
from lxml import etree
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as BaseResponse

from idp.authentication.federation.reasons import FederationRefused
from idp.authentication.federation.saml import (
    bindings,
    certificates,
    messages,
    names,
    own_keys,
    reading,
)
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.own_keys import OwnKey
from idp.authentication.federation.saml.reading import Element
from idp.demo.pages import dress
from idp.demo.saml_answers import Asked, metadata, response
from idp.foundation.clock import utcnow
from idp.foundation.fetch import Fetcher

_COOKIE = "demo_saml_upstream"

ORGANIZATION = "Rinnekoti"

EMPLOYEES = {
    "7b1e": {
        "given_name": "Helmi",
        "family_name": "Rinne",
        "email": "helmi.rinne@rinnekoti.example",
        "title": "Vastaava hoitaja",
        "unit": "Rinnekoti 2",
    },
    "9c40": {
        "given_name": "Otso",
        "family_name": "Harju",
        "email": "otso.harju@rinnekoti.example",
        "title": "Lähihoitaja",
        "unit": "Rinnekoti 1",
    },
}
"""Who works there, by what never changes about them."""
_ATTRIBUTES = {
    "given_name": "urn:oid:2.5.4.42",
    "family_name": "urn:oid:2.5.4.4",
    "email": "urn:oid:0.9.2342.19200300.100.1.3",
    "title": "urn:oid:2.5.4.12",
    "unit": "urn:oid:2.5.4.11",
}


class SamlStandIn:
    """The identity provider at ``issuer``, whose one service provider lies at ``partner``."""

    def __init__(self, issuer: str, key: OwnKey, partner: str) -> None:
        self._issuer = issuer
        self._key = key
        self._partner = partner
        self._fetcher = Fetcher(allow_private=["localhost"])

    def register(self, app: Flask) -> None:
        """Mount the endpoints."""
        app.add_url_rule("/metadata", view_func=self.metadata)
        app.add_url_rule("/sso", view_func=self.sso, methods=["GET", "POST"])
        app.add_url_rule("/slo", view_func=self.slo)

    def metadata(self) -> Response:
        """What it says of itself."""
        return Response(metadata(self._issuer, self._key), mimetype="application/samlmetadata+xml")

    def sso(self) -> BaseResponse:
        """Who sits here: remembered, or asked; the answer travels by a form."""
        asked, is_forced = self._asked("SAMLRequest")
        chosen = request.form.get("person") if request.method == "POST" else None
        person = chosen or (None if is_forced else request.cookies.get(_COOKIE))
        if person not in EMPLOYEES:
            return make_response(
                render_template(
                    "demo/upstream.html",
                    organization=ORGANIZATION,
                    employees=EMPLOYEES,
                    action=request.full_path,
                )
            )
        known = EMPLOYEES[person]
        said = response(
            self._issuer,
            self._key,
            asked,
            name_id=person,
            attributes={name: known[field] for field, name in _ATTRIBUTES.items()},
            now=utcnow(),
        )
        fields = {
            "SAMLResponse": base64.b64encode(said).decode(),
            "RelayState": request.args.get("RelayState", ""),
        }
        page = render_template(
            "demo/saml_answer.html", organization=ORGANIZATION, action=asked.acs, fields=fields
        )
        answer = make_response(page)
        answer.set_cookie(_COOKIE, person, httponly=True, samesite="Lax")
        return answer

    def slo(self) -> BaseResponse:
        """Forget who sits here, and say so to whoever asked."""
        partner = self._read_partner()
        root = self._verified("SAMLRequest", partner)
        place = _location(partner, "md:SingleLogoutService")
        told = messages.logout_response(
            issuer=f"{self._issuer}/metadata",
            destination=place,
            now=utcnow(),
            in_response_to=root.get("ID", ""),
            status=names.SUCCESS,
        )
        relay_state = request.args.get("RelayState", "")
        url = bindings.redirect(told, place, "SAMLResponse", relay_state, self._key)
        answer = redirect(url, 303)
        answer.delete_cookie(_COOKIE)
        return answer

    def _asked(self, parameter: bindings.Parameter) -> tuple[Asked, bool]:
        partner = self._read_partner()
        root = self._verified(parameter, partner)
        asked = Asked(
            request_id=root.get("ID", ""),
            audience=partner.get("entityID", ""),
            acs=_location(partner, "md:AssertionConsumerService"),
        )
        return asked, root.get("ForceAuthn") == "true"

    def _verified(self, parameter: bindings.Parameter, partner: Element) -> Element:
        """The message, if the service provider signed it."""
        query = request.query_string.decode("ascii", "replace")
        try:
            return bindings.queried(query, parameter, _signing(partner))
        except FederationRefused:
            abort(400)

    def _read_partner(self) -> Element:
        """The service provider's metadata, as it is now: its keys change by themselves."""
        return reading.parse(self._fetcher.get(self._partner).body)


def kept_key(path: Path) -> OwnKey:
    """The stand-in's key in its file, made the first time."""
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(own_keys.made("demo"))
    return own_keys.loaded(path.read_text())


def serve_saml_upstream(issuer: str, key: Path, partner: str, port: int) -> None:
    """Serve at http://localhost:``port`` until the process ends."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app = create_saml_upstream(issuer, kept_key(key), partner, port)
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


def create_saml_upstream(issuer: str, key: OwnKey, partner: str, port: int) -> Flask:
    """The identity provider as an application."""
    app = Flask("idp")
    dress(app, port)
    SamlStandIn(issuer, key, partner).register(app)
    return app


def _signing(partner: Element) -> list[Certificate]:
    return [
        certificates.read("".join(descriptor.itertext()))
        for descriptor in partner.iter(tag("md:KeyDescriptor"))
        if descriptor.get("use") == "signing"
    ]


def _location(partner: Element, service: str) -> str:
    found: etree._Element | None = next(partner.iter(tag(service)), None)
    return "" if found is None else found.get("Location", "")
