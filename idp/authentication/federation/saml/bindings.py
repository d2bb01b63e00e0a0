"""How messages travel through the browser: in a query or in a form (saml-bindings 3.4, 3.5)."""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, unquote_plus

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import algorithms, reading, signature
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.own_keys import OwnKey
from idp.authentication.federation.saml.reading import Element

Parameter = Literal["SAMLRequest", "SAMLResponse"]
LONGEST = reading.LARGEST * 4 // 3 + 8192
"""Characters of a message in a form: base64, with its line breaks."""
_SIGNED = ("RelayState", "SigAlg")


@dataclass(frozen=True, kw_only=True)
class Form:
    """What the browser is to post: hidden fields to an address."""

    action: str
    fields: Mapping[str, str] = field(repr=False)


def redirect(
    message: Element, location: str, parameter: Parameter, relay_state: str, key: OwnKey
) -> str:
    """The address that carries the message, signed over its query (bindings 3.4.4.1)."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = compressor.compress(etree.tostring(message)) + compressor.flush()
    values = {
        parameter: _in_query(deflated),
        "RelayState": quote(relay_state, safe=""),
        "SigAlg": quote(algorithms.RSA_SHA256, safe=""),
    }
    query = "&".join(f"{name}={value}" for name, value in values.items() if value)
    made = key.private.sign(query.encode(), PKCS1v15(), SHA256())
    signed = f"{query}&Signature={_in_query(made)}"
    return f"{location}{'&' if '?' in location else '?'}{signed}"


def form(
    message: Element, location: str, parameter: Parameter, relay_state: str, key: OwnKey
) -> Form:
    """The form that carries the message, signed within it (bindings 3.5.4)."""
    signed = signature.sign(message, key.private, key.certificate)
    fields = {parameter: base64.b64encode(etree.tostring(signed)).decode()}
    return Form(
        action=location, fields=fields | ({"RelayState": relay_state} if relay_state else {})
    )


def posted(value: str) -> bytes:
    """The bytes of a message that came in a form; raises FederationRefused."""
    if len(value) > LONGEST:
        raise FederationRefused(
            Reason.SAML_TOO_LARGE, expected=f"{LONGEST}", received=str(len(value))
        )
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise FederationRefused(Reason.SAML_UNREADABLE, expected="base64") from None


def queried(query: str, parameter: Parameter, trusted: Sequence[Certificate]) -> Element:
    """The message a redirect brought, once a trusted key's signature over the query holds.

    The signature counts over the query exactly as it was sent, in the order the standard fixes.
    """
    values = _raw_values(query)
    if parameter not in values:
        raise FederationRefused(Reason.SAML_UNREADABLE, expected=parameter)
    if "Signature" not in values or "SigAlg" not in values:
        raise FederationRefused(Reason.SAML_NOT_SIGNED, expected="Signature, SigAlg")
    method = algorithms.signature_method(unquote_plus(values["SigAlg"]))
    made = posted(unquote_plus(values["Signature"]))
    signed = "&".join(
        f"{name}={values[name]}" for name in (parameter, *_SIGNED) if name in values
    ).encode()
    if not any(
        each.key is not None and algorithms.is_signed_by(each.key, method, signed, made)
        for each in trusted
    ):
        raise FederationRefused(
            Reason.SIGNATURE_INVALID, expected=", ".join(each.fingerprint for each in trusted)
        )
    return reading.parse(_inflated(posted(unquote_plus(values[parameter]))))


def _in_query(value: bytes) -> str:
    """Base64 as a query carries it: three of its characters are not a query's own."""
    text = base64.b64encode(value).decode()
    return text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


def _raw_values(query: str) -> dict[str, str]:
    """The query's values as they were sent, undecoded; none of them twice."""
    values: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name in values:
            raise FederationRefused(Reason.SAML_UNREADABLE, expected=f"one {name}")
        values[name] = value
    return values


def _inflated(raw: bytes) -> bytes:
    """What was compressed, if it is no more than a message may be."""
    decompressor = zlib.decompressobj(-15)
    try:
        whole = decompressor.decompress(raw, reading.LARGEST + 1)
    except zlib.error:
        raise FederationRefused(Reason.SAML_UNREADABLE, expected="DEFLATE") from None
    if len(whole) > reading.LARGEST:
        raise FederationRefused(Reason.SAML_TOO_LARGE, expected=f"{reading.LARGEST} B")
    if not decompressor.eof:
        raise FederationRefused(Reason.SAML_UNREADABLE, expected="DEFLATE")
    return whole
