"""Messages through the browser: what we send is signed, what comes back has to be."""

import base64
import re
import zlib
from urllib.parse import quote, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import bindings, messages, reading, signature
from idp.authentication.federation.saml.messages import SignInWish
from idp.authentication.federation.saml.reading import Element
from tests.saml.answers import ACS, IDP, SP
from tests.saml.keys import NOW, certificate, ec_key, pair
from tests.saml.ours import OURS, SSO
from tests.saml.signing import NS

KEY = pair("sp signing")
TRUSTED = (KEY.certificate,)
PLAIN = SignInWish()
RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def request(wish: SignInWish = PLAIN) -> Element:
    return messages.authn_request(issuer=SP, destination=SSO, acs=ACS, now=NOW, wish=wish)


def sent(relay_state: str = "relay") -> str:
    return bindings.redirect(request(), SSO, "SAMLRequest", relay_state, KEY)


def refusal(query: str, **how: object) -> Reason:
    with pytest.raises(FederationRefused) as refused:
        bindings.queried(query, "SAMLRequest", TRUSTED)
    return refused.value.reason


def query(message: bytes, *, alg: str = RSA, relay: str = "", sign: bool = True) -> str:
    pairs = {"SAMLRequest": base64.b64encode(message).decode(), "RelayState": relay, "SigAlg": alg}
    text = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items() if value)
    hashed = SHA1() if "sha1" in alg else SHA256()
    made = base64.b64encode(KEY.private.sign(text.encode(), PKCS1v15(), hashed)).decode()
    return f"{text}&Signature={quote(made, safe='')}" if sign else text


def deflated(data: bytes) -> bytes:
    return zlib.compress(data, 9)[2:-4]


def _lower(found: re.Match[str]) -> str:
    return found[0].lower()


def test_a_request_says_what_it_must_and_nothing_it_need_not() -> None:
    root = request()
    assert root.get("Destination") == SSO
    assert root.get("AssertionConsumerServiceURL") == ACS
    assert root.get("ProtocolBinding") == "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    assert root.get("Version") == "2.0"
    assert root.get("IssueInstant") == "2026-03-14T12:00:00Z"
    assert root.findtext("saml:Issuer", namespaces=NS) == SP
    assert root.find("samlp:RequestedAuthnContext", NS) is None
    assert root.get("ForceAuthn") is None
    assert root.get("IsPassive") is None


def test_wishes_are_said() -> None:
    root = request(
        SignInWish(
            force_authn=True, is_passive=True, nameid_format="urn:f", requested_context="urn:c"
        )
    )
    policy = root.find("samlp:NameIDPolicy", NS)
    assert policy is not None
    assert (root.get("ForceAuthn"), root.get("IsPassive")) == ("true", "true")
    assert dict(policy.attrib) == {"AllowCreate": "true", "Format": "urn:f"}
    context = root.find("samlp:RequestedAuthnContext/saml:AuthnContextClassRef", NS)
    assert context is not None
    assert context.text == "urn:c"


def test_ids_are_names_and_never_repeat() -> None:
    ids = {messages.new_id() for _ in range(200)}
    assert len(ids) == 200
    for each in ids:
        etree.fromstring(f"<a xml:id='{each}'/>")  # libxml2 refuses what is no NCName.


def test_a_redirect_comes_back_as_it_was_sent() -> None:
    root = bindings.queried(urlsplit(sent()).query, "SAMLRequest", TRUSTED)
    assert root.get("AssertionConsumerServiceURL") == ACS


def test_a_redirect_keeps_the_addresss_own_query() -> None:
    url = bindings.redirect(request(), f"{SSO}?tenant=1", "SAMLRequest", "", KEY)
    assert urlsplit(url).query.startswith("tenant=1&SAMLRequest=")
    assert "RelayState" not in url


def test_a_changed_relay_state_is_seen() -> None:
    changed = urlsplit(sent()).query.replace("RelayState=relay", "RelayState=other")
    assert refusal(changed) is Reason.SIGNATURE_INVALID


def test_taking_the_relay_state_away_is_seen() -> None:
    assert (
        refusal(urlsplit(sent()).query.replace("&RelayState=relay", "")) is Reason.SIGNATURE_INVALID
    )


def test_a_signature_counts_over_the_query_as_it_was_encoded() -> None:
    """AD FS writes percent-encoding in lower case; decoding and encoding anew would not match."""
    message = deflated(etree.tostring(request()))
    pairs = {"SAMLRequest": base64.b64encode(message).decode(), "SigAlg": RSA}
    text = "&".join(
        f"{name}={re.sub('%..', _lower, quote(value, safe=''))}" for name, value in pairs.items()
    )
    made = base64.b64encode(KEY.private.sign(text.encode(), PKCS1v15(), SHA256())).decode()
    root = bindings.queried(f"Signature={quote(made)}&{text}", "SAMLRequest", TRUSTED)
    assert root.get("ID")


def test_elliptic_keys_sign_queries_too() -> None:
    text = "&".join(
        f"{name}={quote(value, safe='')}"
        for name, value in {
            "SAMLRequest": base64.b64encode(deflated(etree.tostring(request()))).decode(),
            "SigAlg": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        }.items()
    )
    r, s = utils.decode_dss_signature(ec_key("q").sign(text.encode(), ec.ECDSA(SHA256())))
    made = base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()
    trusted = (certificate(ec_key("q")),)
    good = f"{text}&Signature={quote(made, safe='')}"
    assert bindings.queried(good, "SAMLRequest", trusted).get("ID")
    short = f"{text}&Signature={quote(base64.b64encode(b'x' * 63).decode(), safe='')}"
    with pytest.raises(FederationRefused):
        bindings.queried(short, "SAMLRequest", trusted)
    with pytest.raises(FederationRefused):
        bindings.queried(good, "SAMLRequest", TRUSTED)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.SAML_UNREADABLE),
        ("SAMLResponse=x", Reason.SAML_UNREADABLE),
        (query(deflated(b"<a/>"), sign=False), Reason.SAML_NOT_SIGNED),
        (
            query(deflated(b"<a/>"), alg="http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            Reason.SAML_ALGORITHM,
        ),
        (query(b"<a/>"), Reason.SAML_UNREADABLE),
        (query(deflated(b"<a/>")[:-2]), Reason.SAML_UNREADABLE),
        (query(deflated(b"<a>" + b" " * 10_000_000 + b"</a>")), Reason.SAML_TOO_LARGE),
        (query(deflated(b"<!DOCTYPE a><a/>")), Reason.SAML_FORBIDDEN_XML),
        (query(deflated(b"<a/>")) + "&SAMLRequest=x", Reason.SAML_UNREADABLE),
        (query(deflated(b"<a/>")).replace("Signature=", "Signature=%21"), Reason.SAML_UNREADABLE),
    ],
)
def test_what_does_not_hold_is_refused(text: str, reason: Reason) -> None:
    assert refusal(text) is reason


def test_a_form_carries_a_signature_within() -> None:
    form = bindings.form(request(), SSO, "SAMLRequest", "relay", KEY)
    assert (form.action, form.fields["RelayState"]) == (SSO, "relay")
    root = reading.parse(bindings.posted(form.fields["SAMLRequest"]))
    assert [reading.local(child) for child in root][:2] == ["Issuer", "Signature"]
    assert signature.verify(root, TRUSTED).element.get("Destination") == SSO
    assert "RelayState" not in bindings.form(request(), SSO, "SAMLRequest", "", KEY).fields


def test_a_forms_line_breaks_are_no_hindrance_and_other_text_is() -> None:
    wrapped = "\r\n".join(
        base64.b64encode(b"<a/>" * 40).decode()[at : at + 76] for at in (0, 76, 152)
    )
    assert bindings.posted(wrapped) == b"<a/>" * 40
    for wrong in ("<a/>", "ä", "A", "A" * 400_000):
        with pytest.raises(FederationRefused):
            bindings.posted(wrong)


def test_no_secret_shows_itself() -> None:
    shown = repr((OURS, KEY, bindings.form(request(), SSO, "SAMLRequest", "relay", KEY)))
    assert "PrivateKey" not in shown
    assert "relay" not in shown
    assert IDP in shown
