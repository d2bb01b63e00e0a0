"""python3-saml and the standards' schemas agree that what we write is good, and what we take."""

import base64
import subprocess
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from idp.authentication.federation.saml import (
    assertion,
    bindings,
    messages,
    names,
    service_provider,
)
from idp.authentication.federation.saml.messages import SignInWish
from idp.authentication.federation.saml.own_keys import OwnKey
from idp.foundation.clock import utcnow
from tests.attacks.saml.refusing import read
from tests.saml.answers import ACS, GOOD, IDP, REQUEST, SP, Answer, Element, stamp
from tests.saml.keys import pair, pem
from tests.saml.ours import OURS, SLO, SSO
from tests.saml.signing import encrypted, raw, sign, signed_assertion, signed_response

PROTOCOL, METADATA = "saml-schema-protocol-2.0.xsd", "saml-schema-metadata-2.0.xsd"


def of_now() -> Answer:
    """A good answer of this very moment."""
    now = utcnow()
    return Answer(
        issued=stamp(now),
        not_before=stamp(now - timedelta(minutes=1)),
        not_on_or_after=stamp(now + timedelta(minutes=10)),
        confirmed_until=stamp(now + timedelta(minutes=5)),
        authn_instant=stamp(now),
    )


def settings() -> OneLogin_Saml2_Settings:
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": SP,
                "assertionConsumerService": {"url": ACS, "binding": names.POST},
                "x509cert": OURS.encryption[0].certificate.base64,
                "privateKey": pem(OURS.encryption[0].private),
            },
            "idp": {
                "entityId": IDP,
                "singleSignOnService": {"url": SSO, "binding": names.REDIRECT},
                "x509cert": pair("idp").certificate.base64,
            },
            "security": {"rejectDeprecatedAlgorithm": True},
        }
    )


def is_good(element: Element) -> bool:
    """Whether python3-saml takes the answer."""
    response = OneLogin_Saml2_Response(settings(), base64.b64encode(raw(element)).decode())
    parts = urlsplit(ACS)
    request = {"http_host": parts.netloc, "script_name": parts.path, "https": "on", "post_data": {}}
    return bool(response.is_valid(request, REQUEST, raise_exceptions=True))


def armoured(key: OwnKey) -> str:
    return str(OneLogin_Saml2_Utils.format_cert(key.certificate.base64))


def holds(xml: bytes | str, schema: str) -> bool:
    return not isinstance(OneLogin_Saml2_XML.validate_xml(xml, schema), str)


@pytest.mark.parametrize(
    "make",
    [
        signed_response,
        signed_assertion,
        lambda answer: sign(signed_assertion(answer)),
        lambda answer: encrypted(signed_assertion(answer), content="aes256-cbc"),
    ],
    ids=["response signed", "assertion signed", "both signed", "encrypted"],
)
def test_the_answers_our_tests_call_good_are_good(make: object) -> None:
    element = make(of_now())  # type: ignore[operator]
    assert is_good(element)
    assert read(raw(element), now=utcnow()).id == GOOD.assertion_id


def test_our_metadata_follows_the_schema() -> None:
    document = service_provider.metadata(OURS)
    assert holds(document, METADATA)
    root = etree.fromstring(document)
    assert root.get("entityID") == SP
    stated = [
        (each.get("use"), "".join(each.itertext()).strip())
        for each in root.iter("{urn:oasis:names:tc:SAML:2.0:metadata}KeyDescriptor")
    ]
    assert stated == [
        ("signing", OURS.signing.certificate.base64),
        ("signing", pair("sp next signing").certificate.base64),
        ("encryption", OURS.encryption[0].certificate.base64),
    ]


def wishes() -> list[SignInWish]:
    return [
        SignInWish(),
        SignInWish(force_authn=True, is_passive=True, nameid_format=names.PERSISTENT),
        SignInWish(requested_context="urn:oasis:names:tc:SAML:2.0:ac:classes:Password"),
    ]


@pytest.mark.parametrize("wish", wishes(), ids=str)
def test_our_requests_follow_the_schema_and_their_signatures_hold(wish: SignInWish) -> None:
    request = messages.authn_request(issuer=SP, destination=SSO, acs=ACS, now=utcnow(), wish=wish)
    form = bindings.form(request, SSO, "SAMLRequest", "relay", OURS.signing)
    posted = base64.b64decode(form.fields["SAMLRequest"])
    assert holds(posted, PROTOCOL)
    certificate = armoured(OURS.signing)
    assert OneLogin_Saml2_Utils.validate_sign(
        posted, certificate, xpath="/samlp:AuthnRequest/ds:Signature"
    )


def test_our_redirects_signature_holds() -> None:
    request = messages.authn_request(
        issuer=SP, destination=SSO, acs=ACS, now=utcnow(), wish=SignInWish()
    )
    url = bindings.redirect(request, SSO, "SAMLRequest", "relay/ä", OURS.signing)
    query = urlsplit(url).query
    signed, _, made = query.rpartition("&Signature=")
    values = parse_qs(query)
    assert values["RelayState"] == ["relay/ä"]
    assert OneLogin_Saml2_Utils.validate_binary_sign(
        signed, base64.b64decode(parse_qs(f"s={made}")["s"][0]), armoured(OURS.signing)
    )


def logout_messages() -> dict[bindings.Parameter, etree._Element]:
    """A request of ours, and an answer."""
    common = {"issuer": SP, "destination": SLO, "now": utcnow()}
    name = assertion.NameId(
        value="8f2c1e", format=names.PERSISTENT, name_qualifier=IDP, sp_name_qualifier=SP
    )
    return {
        "SAMLRequest": messages.logout_request(**common, name_id=name, session_index="_session-1"),  # type: ignore[arg-type]
        "SAMLResponse": messages.logout_response(
            **common,  # type: ignore[arg-type]
            in_response_to="_out-1",
            status=names.SUCCESS,
        ),
    }


@pytest.mark.parametrize("parameter", ["SAMLRequest", "SAMLResponse"])
def test_our_logout_messages_follow_the_schema_and_their_signatures_hold(
    parameter: bindings.Parameter,
) -> None:
    message = logout_messages()[parameter]
    posted = base64.b64decode(
        bindings.form(message, SLO, parameter, "relay", OURS.signing).fields[parameter]
    )
    assert holds(posted, PROTOCOL)
    name = etree.QName(etree.fromstring(posted)).localname
    assert OneLogin_Saml2_Utils.validate_sign(
        posted, armoured(OURS.signing), xpath=f"/samlp:{name}/ds:Signature"
    )
    message = logout_messages()[parameter]
    query = urlsplit(bindings.redirect(message, SLO, parameter, "relay", OURS.signing)).query
    signed, _, made = query.rpartition("&Signature=")
    assert OneLogin_Saml2_Utils.validate_binary_sign(
        signed, base64.b64decode(parse_qs(f"s={made}")["s"][0]), armoured(OURS.signing)
    )


@pytest.mark.parametrize(
    ("content", "transport"),
    [
        ("http://www.w3.org/2009/xmlenc11#aes256-gcm", "rsa-oaep-mgf1p"),
        ("http://www.w3.org/2009/xmlenc11#aes128-gcm", "rsa-oaep-mgf1p"),
        ("http://www.w3.org/2001/04/xmlenc#aes256-cbc", "rsa-oaep-mgf1p"),
    ],
)
def test_what_xmlsec_encrypts_is_opened(tmp_path: Path, content: str, transport: str) -> None:
    element = signed_assertion(of_now())
    key_name = "aes-256" if "256" in content else "aes-128"
    template, certificate, data = (tmp_path / name for name in ("t.xml", "c.pem", "d.xml"))
    template.write_text(
        '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"'
        ' Type="http://www.w3.org/2001/04/xmlenc#Element">'
        f'<xenc:EncryptionMethod Algorithm="{content}"/>'
        '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>'
        f'<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#{transport}"/>'
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"
    )
    certificate.write_text(armoured(OURS.encryption[0]))
    data.write_bytes(etree.tostring(element))
    made = subprocess.run(
        [
            *("xmlsec1", "--encrypt", "--pubkey-cert-pem", str(certificate)),
            *("--session-key", key_name, "--xml-data", str(data)),
            *("--node-xpath", "//*[local-name()='Assertion']", str(template)),
        ],
        capture_output=True,
        check=True,
    ).stdout
    root = etree.fromstring(made)
    inside = root.find("{http://www.w3.org/2001/04/xmlenc#}EncryptedData")
    assert inside is not None
    wrapper = etree.Element(f"{{{names.ASSERTION}}}EncryptedAssertion")
    inside.addprevious(wrapper)
    wrapper.append(inside)
    assert read(etree.tostring(root), now=utcnow()).id == GOOD.assertion_id


def test_its_own_request_looks_like_ours() -> None:
    """What python3-saml sends by default holds the same parts, but for the context we leave out."""
    request = {"http_host": "id.example.fi", "script_name": "/", "https": "on", "get_data": {}}
    theirs = OneLogin_Saml2_Auth(request, settings())
    sent = parse_qs(urlsplit(theirs.login()).query)["SAMLRequest"][0]
    inflated = OneLogin_Saml2_Utils.decode_base64_and_inflate(sent)
    other = etree.fromstring(inflated)
    ours = messages.authn_request(
        issuer=SP, destination=SSO, acs=ACS, now=utcnow(), wish=SignInWish()
    )
    assert set(ours.attrib) == set(other.attrib)
    assert [child.tag for child in other][:2] == [child.tag for child in ours]
