"""A response from its first byte to a verified assertion: what is read, in which order.

Nothing below is believed before the signature: the outer checks only sort out answers that are not
for us, and `assertion.read` sees nothing but what the verifier returned.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import encryption, names, reading, signature
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.reading import Element
from idp.authentication.federation.saml.signature import Verified

SKEW = timedelta(seconds=120)
"""How far apart two clocks may be, both ways."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an answer must be equal to."""

    issuer: str
    """The identity provider's entity id."""
    audience: str
    """Our entity id."""
    acs: str
    """Our assertion consumer's URL: Destination and Recipient."""
    in_response_to: str | None
    """The id of the request this browser brought there; None: unsolicited, where that is taken."""
    trusted: tuple[Certificate, ...]
    decryption_keys: tuple[rsa.RSAPrivateKey, ...] = field(default=(), repr=False)
    now: datetime
    skew: timedelta = SKEW
    authenticated_since: datetime | None = None
    """Where a new sign-in was asked for (ForceAuthn): from when one counts."""


def verified_assertion(raw: bytes, expected: Expected) -> Verified:
    """The one assertion of a response, as it was signed; raises FederationRefused."""
    root = reading.parse(raw)
    check_envelope(root, "samlp:Response", expected.issuer, expected.acs)
    _check_in_response_to(root.get("InResponseTo"), expected.in_response_to)
    check_status(root)
    _check_places(root)
    if not signature.is_signed(root):
        return _assertion_of(root, expected, vouched_by=None)
    response = signature.verify(root, expected.trusted)
    return _assertion_of(response.element, expected, vouched_by=response.signer)


def check_envelope(root: Element, name: str, issuer: str, destination: str) -> None:
    """Refuse a message that is of another kind, from somebody else or for somebody else."""
    if root.tag != tag(name):
        raise reading.shape(name, etree.QName(root).text)
    check_version(root)
    check_issuer(root, issuer)
    given = root.get("Destination", "")
    if given != destination:
        raise FederationRefused(Reason.SAML_DESTINATION, expected=destination, received=given)


def check_version(element: Element) -> None:
    """Refuse anything but SAML 2.0, and what bears no ID."""
    if element.get("Version") != "2.0":
        raise FederationRefused(
            Reason.SAML_VERSION, expected="2.0", received=element.get("Version", "none")
        )
    reading.required(element, "ID")


def check_issuer(element: Element, expected: str) -> None:
    """Refuse an element whose Issuer is missing or another."""
    issuer = reading.optional(element, "saml:Issuer")
    given = "" if issuer is None else reading.text(issuer)
    if issuer is None or given != expected or issuer.get("Format", names.ENTITY) != names.ENTITY:
        raise FederationRefused(Reason.ISSUER_MISMATCH, expected=expected, received=given)


def check_status(root: Element) -> None:
    """Refuse an answer that is no success, with the codes it gives, outermost first."""
    code: Element | None = reading.only(reading.only(root, "samlp:Status"), "samlp:StatusCode")
    codes = []
    while code is not None:
        codes.append(reading.required(code, "Value"))
        code = reading.optional(code, "samlp:StatusCode")
    if codes[0] != names.SUCCESS:
        message = reading.optional(reading.only(root, "samlp:Status"), "samlp:StatusMessage")
        said = "" if message is None else reading.text(message)
        raise FederationRefused(
            Reason.SAML_STATUS,
            expected=names.SUCCESS,
            received=" ".join([*codes, said]).strip(),
        )


def _check_in_response_to(given: str | None, expected: str | None) -> None:
    if given != expected:
        reason = Reason.SAML_UNSOLICITED if given is None else Reason.SAML_IN_RESPONSE_TO
        raise FederationRefused(reason, expected=expected or "", received=given or "")


def _check_places(root: Element) -> None:
    """Refuse assertions and signatures out of place: the end of every way of wrapping one."""
    assertions = [*root.iter(tag("saml:Assertion")), *root.iter(tag("saml:EncryptedAssertion"))]
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise reading.shape("one Assertion in Response", str(len(assertions)))
    signatures = list(root.iter(tag("ds:Signature")))
    if any(found.getparent() not in (root, assertions[0]) for found in signatures):
        raise reading.shape("ds:Signature in Response or Assertion", "elsewhere")


def _assertion_of(
    response: Element, expected: Expected, *, vouched_by: Certificate | None
) -> Verified:
    """The response's assertion; where nobody signed the response, it must be signed itself."""
    plain = reading.optional(response, "saml:Assertion")
    if plain is not None:
        return _signed(plain, expected, vouched_by)
    encrypted = reading.only(response, "saml:EncryptedAssertion")
    raw = encryption.decrypt(encrypted, expected.decryption_keys)
    try:
        return _signed(_alone(reading.parse_within(raw, encrypted)), expected, vouched_by)
    except FederationRefused:
        # One refusal, whatever is wrong inside: encryption.py says why.
        raise FederationRefused(Reason.SAML_DECRYPTION) from None


def _signed(assertion: Element, expected: Expected, vouched_by: Certificate | None) -> Verified:
    """The assertion as signed; a signature that is there must be good even where none is needed."""
    if vouched_by is None or signature.is_signed(assertion):
        return signature.verify(assertion, expected.trusted)
    return Verified(element=assertion, signer=vouched_by)


def _alone(root: Element) -> Element:
    """What was encrypted, if it is one assertion with no other and no stray signature inside."""
    inside = root.iterdescendants(tag("saml:Assertion"), tag("saml:EncryptedAssertion"))
    stray = [found for found in root.iter(tag("ds:Signature")) if found.getparent() is not root]
    if root.tag != tag("saml:Assertion") or stray or any(True for _ in inside):
        raise reading.shape("one Assertion", reading.local(root))
    return root
