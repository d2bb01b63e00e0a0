"""Each named product's answer, in its own shape, becomes the person it is about."""

import base64

import pytest

from idp.authentication.federation import mapping
from idp.authentication.federation.identity import ExternalIdentity
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.clock import utcnow
from tests.saml.answers import REQUEST
from tests.saml.connections import attempt, connection, upstream
from tests.saml.ours import idp_metadata
from tests.saml.products import SHAPES, Shape, made, text

MICROSOFT = "http://schemas.microsoft.com"
shapes = pytest.mark.parametrize(
    "shape", SHAPES, ids=[f"{shape.product}-{n}" for n, shape in enumerate(SHAPES)]
)


def received(shape: Shape, written: str | None = None, **document: object) -> ExternalIdentity:
    metadata = idp_metadata(entity_id=shape.issuer, endpoints=ENDPOINT)
    through = connection(metadata, **{"product": shape.product, **document})
    raw = made(shape, written or text(shape.shape, utcnow()))
    answer = {"SAMLResponse": base64.b64encode(raw).decode()}
    return upstream().receive(through, answer, attempt(kept={"request": REQUEST}))


ENDPOINT = (
    '<md:SingleSignOnService Location="https://idp.example.org/sso"'
    ' Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"/>'
)
ENTRA = next(shape for shape in SHAPES if shape.shape == "entra")
HAKA = next(shape for shape in SHAPES if shape.shape == "shibboleth")
OKTA = next(shape for shape in SHAPES if shape.shape == "okta")


@shapes
def test_the_person_is_known_by_what_lasts(shape: Shape) -> None:
    assert received(shape).subject == shape.subject


@shapes
def test_the_products_own_mapping_finds_the_fields(shape: Shape) -> None:
    rules = connection(product=shape.product).mapping
    found = mapping.apply(rules, received(shape).attributes)
    assert {name: found.get(name) for name in shape.mapped} == shape.mapped


@shapes
def test_what_is_needed_to_sign_out_there_is_kept(shape: Shape) -> None:
    logout = received(shape).logout
    assert logout.sid
    assert logout.name_id is not None
    assert logout.name_id["value"]


def test_how_the_person_signed_in_is_told_in_their_words() -> None:
    assert received(ENTRA).methods == (
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
        f"{MICROSOFT}/ws/2008/06/identity/authenticationmethod/password",
        f"{MICROSOFT}/claims/multipleauthn",
    )


def test_a_transient_name_identifies_nobody() -> None:
    with pytest.raises(FederationRefused) as refused:
        received(HAKA, product="saml")
    assert refused.value.reason is Reason.SUBJECT_MISSING


def test_an_email_address_identifies_only_where_it_was_asked_for() -> None:
    metadata = idp_metadata(entity_id=ENTRA.issuer, endpoints=ENDPOINT)
    answer = {"SAMLResponse": base64.b64encode(made(ENTRA, text("entra", utcnow()))).decode()}
    back = attempt(kept={"request": REQUEST})
    with pytest.raises(FederationRefused) as refused:
        upstream().receive(connection(metadata), answer, back)
    assert refused.value.reason is Reason.SUBJECT_MISSING
    assert refused.value.expected.endswith("persistent")
    asked = connection(metadata, nameid_format="email")
    assert upstream().receive(asked, answer, back).subject == "aino@kuusela.example"


def test_the_organization_may_name_people_by_its_own_attribute() -> None:
    name = "urn:oid:2.5.4.4"
    assert received(HAKA, subject=[name, "urn:oid:2.5.4.42"]).subject == "Kuusela:Aino"
    with pytest.raises(FederationRefused) as refused:
        received(HAKA, subject=["employeeNumber"])
    assert (refused.value.reason, refused.value.field) == (
        Reason.SUBJECT_MISSING,
        "employeeNumber",
    )


@pytest.mark.parametrize(("scope", "is_theirs"), [("kuusela.example", True), ("x.example", False)])
def test_a_name_counts_only_in_their_own_scope(scope: str, is_theirs: bool) -> None:
    extensions = (
        '<md:Extensions xmlns:shibmd="urn:mace:shibboleth:metadata:1.0">'
        f"<shibmd:Scope>{scope}</shibmd:Scope></md:Extensions>"
    )
    metadata = idp_metadata(entity_id=HAKA.issuer, endpoints=ENDPOINT, extensions=extensions)
    raw = made(HAKA, text("shibboleth", utcnow()))
    answer = {"SAMLResponse": base64.b64encode(raw).decode()}
    through, back = connection(metadata, product="haka_virtu"), attempt(kept={"request": REQUEST})
    if is_theirs:
        assert upstream().receive(through, answer, back).subject == "aino@kuusela.example"
        return
    with pytest.raises(FederationRefused) as refused:
        upstream().receive(through, answer, back)
    assert refused.value.expected == scope


@pytest.mark.parametrize("value", ["", " ", "a" * 256, "aino\u0085"])
def test_a_name_that_cannot_be_kept_identifies_nobody(value: str) -> None:
    written = text("okta", utcnow()).replace(">aino@kuusela.example<", f">{value}<")
    with pytest.raises(FederationRefused) as refused:
        received(OKTA, written)
    assert refused.value.reason is Reason.SUBJECT_MISSING
