"""The eight classic ways of wrapping a signature (Somorovsky et al. 2012, "On Breaking SAML").

Each takes an answer whose response or assertion is signed, and returns one in which that signature
still holds, over the true element, while a forged one stands where it might be read instead.
"""

import copy
from collections.abc import Callable

from lxml import etree

from tests.saml.answers import Element
from tests.saml.signing import NS

FORGED = "forged"


def _pieces(signed: Element) -> tuple[Element, Element, Element]:
    """The true element without its signature, the signature, and an unsigned forgery."""
    true, forged = copy.deepcopy(signed), copy.deepcopy(signed)
    signature = true.find("ds:Signature", NS)
    assert signature is not None
    true.remove(signature)
    for other in list(forged.iterfind(".//ds:Signature", NS)):
        bearer = other.getparent()
        assert bearer is not None
        bearer.remove(other)
    forged.set("ID", "_forged")
    for named in forged.iterfind(".//saml:NameID", NS):
        named.text = FORGED
    for inner in forged.iterfind(".//saml:Assertion", NS):
        inner.set("ID", "_forged-inner")
    return true, signature, forged


def _put(root: Element, signed: Element, forged: Element) -> Element:
    """The document with the forgery in the signed element's place."""
    if signed is root:
        return forged
    root.replace(signed, forged)
    return root


def _issuer(element: Element) -> Element:
    found = element.find("saml:Issuer", NS)
    assert found is not None
    return found


def xsw1(root: Element, signed: Element) -> Element:
    """The forgery bears the signature, which bears the true element."""
    true, signature, forged = _pieces(signed)
    signature.append(true)
    _issuer(forged).addnext(signature)
    return _put(root, signed, forged)


def xsw2(root: Element, signed: Element) -> Element:
    """The forgery bears the true element, and after it the signature, detached."""
    true, signature, forged = _pieces(signed)
    forged.append(true)
    forged.append(signature)
    return _put(root, signed, forged)


def xsw3(root: Element, signed: Element) -> Element:
    """The forgery stands before the true element, signature and all."""
    _, _, forged = _pieces(signed)
    if signed is root:
        forged.append(root)
        return forged
    signed.addprevious(forged)
    return root


def xsw4(root: Element, signed: Element) -> Element:
    """The forgery bears the true element, signature and all, as its first child."""
    _, _, forged = _pieces(signed)
    result = _put(root, signed, forged)
    forged.insert(0, signed)
    return result


def xsw5(root: Element, signed: Element) -> Element:
    """The forgery bears the signature; the true element follows at the message's end."""
    true, signature, forged = _pieces(signed)
    _issuer(forged).addnext(signature)
    result = _put(root, signed, forged)
    result.append(true)
    return result


def xsw6(root: Element, signed: Element) -> Element:
    """The forgery bears the signature, whose KeyInfo bears the true element."""
    true, signature, forged = _pieces(signed)
    info = signature.find("ds:KeyInfo", NS)
    assert info is not None
    info.append(true)
    _issuer(forged).addnext(signature)
    return _put(root, signed, forged)


def xsw7(root: Element, signed: Element) -> Element:
    """The true element, signature and all, lies in the message's Extensions."""
    _, _, forged = _pieces(signed)
    result = _put(root, signed, forged)
    extensions = etree.Element(f"{{{NS['samlp']}}}Extensions")
    _issuer(result).addnext(extensions)
    extensions.append(signed)
    return result


def xsw8(root: Element, signed: Element) -> Element:
    """The forgery bears the signature, whose Object bears the true element."""
    true, signature, forged = _pieces(signed)
    etree.SubElement(signature, f"{{{NS['ds']}}}Object").append(true)
    _issuer(forged).addnext(signature)
    return _put(root, signed, forged)


FORMS: tuple[Callable[[Element, Element], Element], ...] = (
    *(xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8),
)
