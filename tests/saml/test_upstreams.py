"""Foreign identity providers understand what we ask, and we what they answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.authentication.federation.identity import Attempt, Departure, ExternalIdentity
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import bindings, logout, messages, names, service_provider
from idp.authentication.federation.saml.assertion import NameId
from idp.authentication.federation.saml.logout import LogoutExpected
from idp.foundation.clock import utcnow
from tests.saml.answers import IDP, PERSISTENT
from tests.saml.connections import attempt, connection, upstream
from tests.saml.keys import pair
from tests.saml.ours import OURS, SLO, idp_metadata
from tests.saml.pysaml2_idp import Pysaml2
from tests.saml.samlp_idp import Samlp

POST_ONLY = idp_metadata(
    endpoints=f'<md:SingleSignOnService Location="{IDP}/sso"'
    ' Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"/>'
)
TRUSTED = (pair("idp").certificate,)


def expected_logout() -> LogoutExpected:
    """What a logout message must be equal to now; the module was read long before its tests run."""
    return LogoutExpected(issuer=IDP, slo=SLO, now=utcnow())


@pytest.fixture(scope="module")
def pysaml2(tmp_path_factory: pytest.TempPathFactory) -> Pysaml2:
    metadata = service_provider.metadata(OURS)
    return Pysaml2(Path(tmp_path_factory.mktemp("pysaml2")), metadata)


@pytest.fixture(scope="module")
def samlp() -> Iterator[Samlp]:
    with Samlp() as running:
        yield running


def way(metadata: str | None = None) -> tuple[Departure, Attempt]:
    """A departure, and the attempt as it comes back to it."""
    departure = upstream().begin(connection(metadata), attempt())
    return departure, attempt(kept=departure.kept)


def arrive(answer: dict[str, str], back: Attempt, metadata: str | None = None) -> ExternalIdentity:
    assert answer["RelayState"] == back.id
    return upstream().receive(connection(metadata), answer, back)


@pytest.mark.parametrize("metadata", [None, POST_ONLY], ids=["by redirect", "by form"])
@pytest.mark.parametrize(
    "how",
    [
        {"sign_assertion": True},
        {"sign_assertion": False, "sign_response": True},
        {"sign_assertion": True, "sign_response": True},
    ],
    ids=str,
)
def test_pysaml2_signs_people_in(
    pysaml2: Pysaml2, how: dict[str, Any], metadata: str | None
) -> None:
    departure, back = way(metadata)
    who = arrive(pysaml2.answer(departure, **how), back, metadata)
    assert who.subject == "8f2c1e"
    assert who.attributes["urn:oid:2.5.4.42"] == ("Aino",)
    assert who.logout.name_id == {"value": "8f2c1e", "format": PERSISTENT}
    assert who.methods == ("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",)
    [(_, until)] = who.spends
    assert until > utcnow()


def test_pysaml2s_triple_des_is_refused(pysaml2: Pysaml2) -> None:
    departure, back = way()
    with pytest.raises(FederationRefused) as refused:
        arrive(pysaml2.answer(departure, encrypt_assertion=True), back)
    assert refused.value.reason is Reason.SAML_ALGORITHM
    assert refused.value.received.endswith("tripledes-cbc")


@pytest.mark.parametrize("metadata", [None, POST_ONLY], ids=["by redirect", "by form"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"signResponse": True, "signAssertion": False},
        {"signResponse": True},
        {"signatureAlgorithm": "rsa-sha256", "digestAlgorithm": "sha256"},
    ],
    ids=str,
)
def test_samlp_signs_people_in(samlp: Samlp, options: dict[str, Any], metadata: str | None) -> None:
    departure, back = way(metadata)
    who = arrive(samlp.answer(departure, **options), back, metadata)
    assert who.subject == "8f2c1e"
    assert who.logout.sid == "_session-1"


@pytest.mark.parametrize(
    "algorithm",
    [
        "http://www.w3.org/2009/xmlenc11#aes256-gcm",
        "http://www.w3.org/2009/xmlenc11#aes128-gcm",
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    ],
)
def test_what_samlp_encrypts_is_opened(samlp: Samlp, algorithm: str) -> None:
    departure, back = way()
    ours = pair("sp encryption")
    answer = samlp.answer(
        departure,
        encryptionCert=_pem(ours.certificate.base64),
        encryptionPublicKey=_public(ours),
        encryptionAlgorithm=algorithm,
        disallowEncryptionWithInsecureAlgorithm=False,
        warnOnInsecureEncryptionAlgorithm=False,
    )
    assert arrive(answer, back).subject == "8f2c1e"


def test_samlps_sha1_is_refused(samlp: Samlp) -> None:
    departure, back = way()
    answer = samlp.answer(departure, signatureAlgorithm="rsa-sha1", digestAlgorithm="sha1")
    with pytest.raises(FederationRefused) as refused:
        arrive(answer, back)
    assert refused.value.reason is Reason.SAML_ALGORITHM


def test_an_answer_counts_for_its_own_request_only(pysaml2: Pysaml2) -> None:
    departure, _ = way()
    _, other = way()
    with pytest.raises(FederationRefused) as refused:
        arrive(pysaml2.answer(departure), other)
    assert refused.value.reason is Reason.SAML_IN_RESPONSE_TO


@pytest.mark.parametrize("is_form", [False, True], ids=["by redirect", "by form"])
def test_pysaml2_ends_its_session_when_we_ask(pysaml2: Pysaml2, is_form: bool) -> None:
    name = NameId(value="8f2c1e", format=PERSISTENT)
    place = f"{IDP}/slo"
    request = messages.logout_request(
        issuer=OURS.entity_id,
        destination=place,
        now=utcnow(),
        name_id=name,
        session_index="_session-1",
    )
    asked, key = request.get("ID", ""), OURS.signing
    if is_form:
        form = bindings.form(request, place, "SAMLRequest", "relay", key)
        departure = Departure(location=form.action, fields=form.fields)
    else:
        url = bindings.redirect(request, place, "SAMLRequest", "relay", key)
        departure = Departure(location=url)
    answer = bindings.posted(pysaml2.logged_out(departure)["SAMLResponse"])
    assert logout.read_response(logout.signed_message(answer, TRUSTED), expected_logout(), asked)


def test_pysaml2_takes_our_answer_to_its_logout_request(pysaml2: Pysaml2) -> None:
    asked = logout.read_request(
        logout.signed_message(pysaml2.logout_request(SLO, "_session-1"), TRUSTED), expected_logout()
    )
    answer = messages.logout_response(
        issuer=OURS.entity_id,
        destination=f"{IDP}/slo",
        now=utcnow(),
        in_response_to=asked.id,
        status=names.SUCCESS,
    )
    form = bindings.form(answer, f"{IDP}/slo", "SAMLResponse", "", OURS.signing)
    assert pysaml2.is_ended(form.fields["SAMLResponse"]) == asked.id


def test_pysaml2_asks_us_to_end_a_session_by_form(pysaml2: Pysaml2) -> None:
    raw = pysaml2.logout_request(SLO, "_session-1")
    asked = logout.read_request(logout.signed_message(raw, TRUSTED), expected_logout())
    assert asked.name_id.value == "8f2c1e"
    assert asked.session_indexes == ("_session-1",)


def test_pysaml2_asks_us_to_end_a_session_by_redirect(pysaml2: Pysaml2) -> None:
    raw = pysaml2.logout_request(SLO, "_session-1").decode()
    url = pysaml2.logout_redirect(SLO, raw, "SAMLRequest")
    message = bindings.queried(urlsplit(url).query, "SAMLRequest", TRUSTED)
    assert logout.read_request(message, expected_logout()).name_id.value == "8f2c1e"


def _pem(base64: str) -> str:
    lines = "\n".join(base64[at : at + 64] for at in range(0, len(base64), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def _public(key: Any) -> str:
    from_key = key.private.public_key()
    text: bytes = from_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()
