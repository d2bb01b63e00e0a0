"""An identity provider's metadata becomes a value, or a reason (saml-metadata 2.4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import certificates, metadata, names, pinning
from idp.authentication.federation.saml.certificates import CertificateWarning
from idp.authentication.federation.saml.metadata import IdentityProvider
from idp.authentication.federation.saml.pinning import Verdict
from tests.saml.answers import IDP, stamp
from tests.saml.keys import NOW, certificate, ec_key, pair, pem, rsa_key
from tests.saml.ours import idp_metadata
from tests.saml.signing import sign

DAY = timedelta(days=1)


def read(text: str, **how: object) -> IdentityProvider:
    return metadata.read(text.encode(), now=NOW, **how)  # type: ignore[arg-type]


def refusal(text: str, **how: object) -> Reason:
    with pytest.raises(FederationRefused) as refused:
        read(text, **how)
    return refused.value.reason


def federation(inside: str, attributes: str = "") -> str:
    opening = f'<md:EntitiesDescriptor xmlns:md="{names.METADATA}" {attributes}>'
    return f"{opening}{inside}</md:EntitiesDescriptor>"


def test_everything_we_need_is_read() -> None:
    idp = read(idp_metadata(attributes=f' validUntil="{stamp(NOW + DAY)}"'))
    assert idp.entity_id == IDP
    assert idp.sign_in[names.REDIRECT].location == f"{IDP}/sso"
    assert idp.logout[names.POST].response_location == f"{IDP}/slo"
    assert idp.certificates == (pair("idp").certificate,)
    assert idp.wants_signed_requests
    assert idp.valid_until == NOW + DAY


def test_two_certificates_count_at_once_and_each_once() -> None:
    one, two = pair("idp").certificate, pair("new").certificate
    stated = (one.base64, two.base64, one.base64)
    assert read(idp_metadata(certificates=stated)).certificates == (one, two)


def test_a_key_for_everything_signs_too_and_one_for_encryption_does_not() -> None:
    assert read(idp_metadata(use="")).certificates == (pair("idp").certificate,)
    assert refusal(idp_metadata(use=' use="encryption"')) is Reason.SAML_NO_KEY


def test_a_wrapped_certificate_is_read() -> None:
    text = pair("idp").certificate.base64
    wrapped = "\n      ".join(text[at : at + 64] for at in range(0, len(text), 64))
    assert read(idp_metadata(certificates=(f"\n{wrapped}\n",))).certificates


def test_short_keys_do_not_count() -> None:
    short = certificate(rsa_key("short", 1024)).base64
    assert refusal(idp_metadata(certificates=(short,))) is Reason.SAML_NO_KEY
    both = (short, pair("idp").certificate.base64)
    assert read(idp_metadata(certificates=both)).certificates == (pair("idp").certificate,)


def test_elliptic_keys_count() -> None:
    assert read(idp_metadata(certificates=(certificate(ec_key("idp")).base64,))).certificates


def test_the_end_of_validity_is_exclusive() -> None:
    assert (
        refusal(idp_metadata(attributes=f' validUntil="{stamp(NOW)}"'))
        is Reason.SAML_METADATA_EXPIRED
    )


@pytest.mark.parametrize(
    "place",
    [
        "http://idp.example.org/sso",
        "javascript:alert(1)",
        "//idp.example.org",
        "https://",
        "",
        "https://a:b@idp.example.org/",
        "https://idp.example.org/" + "x" * 2000,
        "https://[::1",
    ],
)
def test_where_people_are_sent_is_https(place: str) -> None:
    endpoint = f'<md:SingleSignOnService Binding="{names.REDIRECT}" Location="{place}"/>'
    assert refusal(idp_metadata(endpoints=endpoint)) is Reason.SAML_METADATA


def test_a_caller_may_allow_other_places() -> None:
    place = "http://localhost:9000/sso"
    endpoint = f'<md:SingleSignOnService Binding="{names.REDIRECT}" Location="{place}"/>'
    idp = read(idp_metadata(endpoints=endpoint), is_allowed=lambda url: url == place)
    assert idp.sign_in[names.REDIRECT].location == place
    assert idp.logout == {}


def test_bindings_we_do_not_speak_are_passed_over() -> None:
    soap = '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="https://x"/>'
    assert refusal(idp_metadata(endpoints=soap)) is Reason.SAML_METADATA


def test_where_answers_to_a_logout_go_may_differ() -> None:
    endpoints = (
        f'<md:SingleLogoutService Binding="{names.REDIRECT}" Location="https://x/o"'
        ' ResponseLocation="https://x/done"/>'
        f'<md:SingleSignOnService Binding="{names.REDIRECT}" Location="https://x/i"/>'
    )
    logout = read(idp_metadata(endpoints=endpoints)).logout[names.REDIRECT]
    assert (logout.location, logout.response_location) == ("https://x/o", "https://x/done")


def test_one_of_several_is_read_only_by_name() -> None:
    other = idp_metadata(entity_id="https://b.example").replace("_metadata-1", "_metadata-2")
    both = federation(idp_metadata() + other)
    assert refusal(both) is Reason.SAML_METADATA
    assert read(both, entity_id="https://b.example").entity_id == "https://b.example"
    assert refusal(both, entity_id="https://c.example") is Reason.SAML_METADATA


def test_what_surrounds_an_entity_ends_it_too() -> None:
    wrapped = federation(idp_metadata(), f'validUntil="{stamp(NOW)}"')
    assert refusal(wrapped) is Reason.SAML_METADATA_EXPIRED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<x/>", Reason.SAML_METADATA),
        ("", Reason.SAML_UNREADABLE),
        ("<!DOCTYPE x>" + idp_metadata(), Reason.SAML_FORBIDDEN_XML),
        (idp_metadata(certificates=("AAAA",)), Reason.SAML_METADATA),
        (idp_metadata(certificates=("ä",)), Reason.SAML_METADATA),
        (idp_metadata(certificates=("A" * 20_000,)), Reason.SAML_METADATA),
        (idp_metadata(certificates=()), Reason.SAML_NO_KEY),
        (idp_metadata().replace("SAML:2.0:protocol", "SAML:1.1:protocol"), Reason.SAML_METADATA),
        (idp_metadata(entity_id="x" * 1025), Reason.SAML_METADATA),
        (idp_metadata().replace("IDPSSODescriptor", "SPSSODescriptor"), Reason.SAML_METADATA),
        (idp_metadata().replace(f'entityID="{IDP}"', ""), Reason.SAML_SHAPE),
    ],
)
def test_what_cannot_be_used_says_why(text: str, reason: Reason) -> None:
    assert refusal(text) is reason


def test_a_byte_order_mark_is_no_hindrance() -> None:
    assert read("\ufeff" + idp_metadata()).entity_id == IDP


def test_scopes_are_read_and_patterns_are_not() -> None:
    extensions = (
        '<md:Extensions xmlns:shibmd="urn:mace:shibboleth:metadata:1.0">'
        '<shibmd:Scope regexp="false">Example.ORG</shibmd:Scope>'
        '<shibmd:Scope regexp="true">.*</shibmd:Scope></md:Extensions>'
    )
    assert read(idp_metadata(extensions=extensions)).scopes == {"example.org"}


def test_a_certificate_in_armour_is_the_same() -> None:
    bare = pair("idp").certificate
    armoured = f"-----BEGIN CERTIFICATE-----\n{bare.base64}\n-----END CERTIFICATE-----\n"
    assert certificates.read(armoured) == bare


def test_a_private_key_is_no_certificate() -> None:
    with pytest.raises(FederationRefused):
        certificates.read(pem(rsa_key("idp")))


@pytest.mark.parametrize(
    ("at", "warning"),
    [
        (NOW - timedelta(days=31), CertificateWarning.NOT_YET_VALID),
        (NOW, None),
        (NOW + timedelta(days=274), None),
        (NOW + timedelta(days=275), CertificateWarning.EXPIRES_SOON),
        (NOW + timedelta(days=335), CertificateWarning.EXPIRED),
    ],
)
def test_a_certificates_dates_warn(at: object, warning: CertificateWarning | None) -> None:
    assert pair("idp").certificate.warning(at) is warning  # type: ignore[arg-type]


# What a refreshed document may change by itself

OLD = read(idp_metadata())
NEW_KEY = (pair("new").certificate.base64,)
BOTH_KEYS = (pair("idp").certificate.base64, *NEW_KEY)
MOVED = replace(
    OLD,
    sign_in={
        names.REDIRECT: metadata.Endpoint(location="https://m", response_location="https://m")
    },
)


@pytest.mark.parametrize(
    ("fetched", "signed", "verdict"),
    [
        (OLD, False, Verdict.UNCHANGED),
        (read(idp_metadata(certificates=BOTH_KEYS)), False, Verdict.TAKEN),
        (read(idp_metadata(certificates=NEW_KEY)), False, Verdict.WAITING),
        (read(idp_metadata(certificates=NEW_KEY)), True, Verdict.TAKEN),
        (MOVED, False, Verdict.TAKEN),
        (replace(MOVED, certificates=(pair("new").certificate,)), False, Verdict.WAITING),
    ],
)
def test_a_change_is_taken_if_something_trusted_stands_for_it(
    fetched: IdentityProvider, signed: bool, verdict: Verdict
) -> None:
    assert pinning.judge(OLD, fetched, signed_by_pinned=signed).verdict is verdict


def test_what_comes_and_goes_is_told() -> None:
    refresh = pinning.judge(OLD, read(idp_metadata(certificates=NEW_KEY)), signed_by_pinned=False)
    assert refresh.added == (pair("new").certificate,)
    assert refresh.removed == (pair("idp").certificate,)


def test_a_new_certificate_around_the_pinned_key_is_no_new_trust() -> None:
    renewed = certificate(rsa_key("idp"), ends=NOW + timedelta(days=999))
    fetched = read(idp_metadata(certificates=(renewed.base64,)))
    assert pinning.judge(OLD, fetched, signed_by_pinned=False).verdict is Verdict.TAKEN


def test_somebody_elses_metadata_is_refused() -> None:
    other = read(idp_metadata(entity_id="https://evil.example"))
    with pytest.raises(FederationRefused) as refused:
        pinning.judge(OLD, other, signed_by_pinned=True)
    assert refused.value.reason is Reason.SAML_METADATA_ENTITY


def test_a_signature_on_the_document_counts_by_a_pinned_key_only() -> None:
    root = etree.fromstring(idp_metadata())
    pinned = OLD.certificates
    assert metadata.is_signed_by(etree.tostring(sign(root)), pinned)
    assert not metadata.is_signed_by(etree.tostring(sign(root, key=pair("x").private)), pinned)
    assert not metadata.is_signed_by(etree.tostring(root), pinned)


def test_a_signature_on_a_part_does_not_vouch_for_the_document() -> None:
    signed = etree.tostring(sign(etree.fromstring(idp_metadata()))).decode()
    wrapped = federation(signed, 'ID="_outer"')
    assert not metadata.is_signed_by(wrapped.encode(), OLD.certificates)
