"""Signing by xmlsec1: another hand than signxml's, whose signer miscounts a PrefixList."""

import subprocess
import tempfile
from pathlib import Path

from lxml import etree

from tests.saml.answers import Element
from tests.saml.keys import pair, pem
from tests.saml.signing import NS

_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


def sign_by_xmlsec(element: Element, prefixes: str) -> Element:
    """A copy of the element signed over a list of inclusive prefixes (xml-exc-c14n section 3)."""
    listed = (
        f'<ec:InclusiveNamespaces xmlns:ec="{_EXCLUSIVE}" PrefixList="{prefixes}"/>'
        if prefixes
        else ""
    )
    template = etree.fromstring(
        f'<ds:Signature xmlns:ds="{NS["ds"]}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f'<ds:Reference URI="#{element.get("ID")}"><ds:Transforms>'
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
        f'<ds:Transform Algorithm="{_EXCLUSIVE}">{listed}</ds:Transform></ds:Transforms>'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        "<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"
    )
    copy = etree.fromstring(etree.tostring(element))
    issuer = copy.find("saml:Issuer", NS)
    assert issuer is not None
    issuer.addnext(template)
    with tempfile.TemporaryDirectory() as folder:
        key, document = Path(folder, "key.pem"), Path(folder, "document.xml")
        key.write_text(pem(pair("idp").private))
        document.write_bytes(etree.tostring(copy))
        name = etree.QName(element)
        signed = subprocess.run(
            [
                *("xmlsec1", "--sign", "--privkey-pem", str(key)),
                *("--id-attr:ID", f"{name.namespace}:{name.localname}"),
                *("--node-xpath", "/*/*[local-name()='Signature'][1]", str(document)),
            ],
            capture_output=True,
            check=True,
        )
    return etree.fromstring(signed.stdout)
