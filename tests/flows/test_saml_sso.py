"""M9, M10, M12, M15 through SAML 2.0: a foreign identity provider, both stores, no page of ours."""

import base64
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree
from sqlalchemy import select, update

from idp.audit.models import AuditRecord
from idp.authentication.federation import upstream_sessions
from idp.authentication.federation.models import (
    ExternalIdentityRecord,
    SpentAnswer,
    SsoAttempt,
    UpstreamSession,
)
from idp.authorization.paths import SIGNED_OUT
from idp.directory.models import Membership, Person
from idp.foundation.clock import shifted
from tests.federated import is_at_portal
from tests.provider import Provider
from tests.saml.answers import IDP
from tests.saml.organization import SamlOrganization
from tests.saml.ours import idp_metadata

POST_ONLY = idp_metadata(
    endpoints="".join(
        f'<md:{name} Location="{IDP}/{path}"'
        ' Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"/>'
        for name, path in (("SingleLogoutService", "slo"), ("SingleSignOnService", "sso"))
    )
)
PEOPLE = {
    "givenName": ["Aino"],
    "surname": ["Kuusela"],
    "mail": ["aino@kuusela.example"],
    "uid": ["aino@kuusela.example"],
}


_OPEN_AGAIN = update(SsoAttempt).values(spent_at=None, handle=None)
"""As if the attempt had never been answered."""


@pytest.fixture
def kuusela(provider: Provider, tmp_path: Path) -> SamlOrganization:
    provider.register()
    return SamlOrganization(provider, tmp_path)


def test_the_sso_link_leads_to_the_portal_without_a_page(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    assert is_at_portal(kuusela.arrive(browser, identity=PEOPLE), "kuusela")
    with kuusela.provider.database.reading() as tx:
        person = tx.session.scalars(select(Person)).one()
        membership = tx.session.scalars(select(Membership)).one()
        linked = tx.session.scalars(select(ExternalIdentityRecord)).one()
    assert (linked.subject, linked.person_id) == ("8f2c1e", person.id)
    assert membership.person_id == person.id
    assert kuusela.reason() == "ok"


def test_a_second_arrival_is_the_same_person(kuusela: SamlOrganization) -> None:
    for _ in range(2):
        assert is_at_portal(kuusela.arrive(kuusela.provider.browser(), identity=PEOPLE), "kuusela")
    with kuusela.provider.database.reading() as tx:
        assert len(tx.session.scalars(select(Person)).all()) == 1
        assert len(tx.session.scalars(select(SpentAnswer)).all()) == 2


def test_a_request_may_travel_by_form_too(provider: Provider, tmp_path: Path) -> None:
    provider.register()
    organization = SamlOrganization(provider, tmp_path, metadata=POST_ONLY)
    assert is_at_portal(organization.arrive(provider.browser(), identity=PEOPLE), "kuusela")


def test_our_metadata_says_where_everything_is(kuusela: SamlOrganization) -> None:
    root = etree.fromstring(kuusela.metadata)
    base = f"https://id.example.fi{kuusela.path}"
    places = {each.get("Location") for each in root.iter() if each.get("Location")}
    assert root.get("entityID") == f"{base}/metadata"
    assert places == {f"{base}/acs", f"{base}/slo"}
    answer = kuusela.provider.browser().get(f"{kuusela.path}/metadata")
    assert answer.headers["Content-Type"].startswith("application/samlmetadata+xml")


def test_a_connection_of_another_kind_has_no_saml_paths(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    assert browser.get("/sso/kuusela/other/metadata").status_code == 404
    assert browser.get("/sso/kuusela/other/slo").status_code == 404


def test_an_answer_counts_once(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.answer(kuusela.depart(browser), identity=PEOPLE)
    assert kuusela.post(browser, answer).status_code == 303
    again = kuusela.post(browser, answer)
    assert "/continue" not in again.headers.get("Location", "")


def test_an_assertion_counts_once_ever_even_for_another_attempt(
    kuusela: SamlOrganization,
) -> None:
    """Rule: single use lies in SQL, so neither a Redis flush nor another node makes it fresh."""
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.answer(kuusela.depart(browser), identity=PEOPLE)
    assert kuusela.post(browser, answer).status_code == 303
    with kuusela.provider.database.transaction() as tx:
        tx.session.execute(_OPEN_AGAIN)
    assert kuusela.post(browser, answer).status_code == 403
    assert kuusela.reason() == "replayed"


def test_an_answer_counts_in_the_browser_that_asked_only(kuusela: SamlOrganization) -> None:
    victim, attacker = kuusela.provider.browser(), kuusela.provider.browser()
    answer = kuusela.upstream.answer(kuusela.depart(attacker), identity=PEOPLE)
    onward = kuusela.post(attacker, answer).headers["Location"]
    refused = victim.open(onward)
    assert refused.status_code == 403
    assert kuusela.reason() == "other_browser"


def test_an_answer_to_another_organizations_connection_is_refused(
    kuusela: SamlOrganization, tmp_path: Path
) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    other = SamlOrganization(kuusela.provider, folder, "mantyla")
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.answer(kuusela.depart(browser), identity=PEOPLE)
    refused = other.post(browser, answer)
    assert "/continue" not in refused.headers.get("Location", "")
    with kuusela.provider.database.reading() as tx:
        assert tx.session.scalars(select(Person)).all() == []


def test_a_late_answer_is_refused_with_both_sides(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.answer(kuusela.depart(browser), identity=PEOPLE)
    with shifted(timedelta(minutes=20)):
        refused = kuusela.post(browser, answer)
    assert refused.status_code == 403
    assert kuusela.reason() == "expired"


def test_the_upstream_ends_our_session(kuusela: SamlOrganization) -> None:
    """M15, saml-profiles 4.4: a signed LogoutRequest by form, answered signed."""
    browser = kuusela.provider.browser()
    kuusela.arrive(browser, identity=PEOPLE)
    index = _session_index(kuusela)
    message = kuusela.upstream.logout_request(f"https://id.example.fi{kuusela.path}/slo", index)
    answer = kuusela.provider.browser().post(
        f"{kuusela.path}/slo", data={"SAMLRequest": base64.b64encode(message).decode()}
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{IDP}/slo?SAMLResponse=")
    assert kuusela.live() == 0
    assert browser.get("/account").status_code in (302, 303)
    with kuusela.provider.database.reading() as tx:
        whys = [row.detail for row in tx.session.scalars(select(AuditRecord))]
    assert any("signed_out_upstream" in str(why) for why in whys)


def test_an_unsigned_logout_ends_nobodys_session(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    kuusela.arrive(browser, identity=PEOPLE)
    bare = parse_qs("SAMLRequest=PGEvPg==")
    refused = browser.post(f"{kuusela.path}/slo", data={"SAMLRequest": bare["SAMLRequest"][0]})
    assert refused.status_code == 403
    assert kuusela.live() == 1


def test_we_end_the_upstreams_session(kuusela: SamlOrganization) -> None:
    """saml-profiles 4.4.3.1: a signed LogoutRequest, and onward once it is answered."""
    browser = kuusela.provider.browser()
    kuusela.arrive(browser, identity=PEOPLE)
    deployment = kuusela.provider.deployment
    connection = deployment.connections.find("kuusela")
    departure = deployment.federation.single_logout.depart(
        connection, _session_id(kuusela), browser="browser", onward="/signed-out"
    )
    assert departure is not None
    relay = parse_qs(urlsplit(departure.location).query)["RelayState"][0]
    answer = base64.b64encode(kuusela.upstream.logout_answer(departure.location)).decode()
    back = browser.post(f"{kuusela.path}/slo", data={"SAMLResponse": answer, "RelayState": relay})
    assert (back.status_code, back.headers["Location"]) == (303, "/signed-out")
    assert kuusela.live() == 0
    again = browser.post(f"{kuusela.path}/slo", data={"SAMLResponse": answer, "RelayState": relay})
    assert again.status_code == 403


def _session(kuusela: SamlOrganization) -> UpstreamSession:
    with kuusela.provider.database.reading() as tx:
        return tx.session.scalars(select(UpstreamSession)).one()


def _session_index(kuusela: SamlOrganization) -> str:
    keyring = kuusela.provider.deployment.parts.keyring
    return upstream_sessions.logout_of(keyring, _session(kuusela)).sid or ""


def _session_id(kuusela: SamlOrganization) -> str:
    return _session(kuusela).session_id


def test_signing_out_here_signs_out_there_and_says_so(kuusela: SamlOrganization) -> None:
    """M15: our form, the upstream's sign-out, and back to the page that tells what ended."""
    browser = kuusela.provider.browser()
    kuusela.arrive(browser, identity=PEOPLE)
    page = browser.get("/logout")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    gone = browser.post("/logout", data={"csrf_token": token[1]})
    assert gone.headers["Location"].startswith(f"{IDP}/slo?SAMLRequest=")
    relay = parse_qs(urlsplit(gone.headers["Location"]).query)["RelayState"][0]
    answer = kuusela.upstream.logout_answer(gone.headers["Location"])
    back = browser.post(
        f"{kuusela.path}/slo",
        data={"SAMLResponse": base64.b64encode(answer).decode(), "RelayState": relay},
    )
    assert back.headers["Location"].startswith(f"{SIGNED_OUT}?")
    assert kuusela.live() == 0
    assert "Kuusela" not in browser.open(back.headers["Location"]).text
