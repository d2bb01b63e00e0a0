"""A SAML session's end as upstream set it, and an answer that counts once on all nodes together."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from idp.authentication.federation.models import SsoAttempt
from idp.directory.models import Person
from idp.foundation.clock import shifted, utcnow
from idp.foundation.ephemeral.shared import Shared
from tests.federated import is_at_portal
from tests.provider import Provider
from tests.relying_party import RelyingParty
from tests.saml.answers import stamp
from tests.saml.organization import SamlOrganization

AINO = {"givenName": ["Aino"], "surname": ["K"], "mail": ["a@k.example"], "uid": ["a@k.example"]}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def kuusela(provider: Provider, tmp_path: Path) -> SamlOrganization:
    provider.register()
    return SamlOrganization(provider, tmp_path)


def test_session_refresh_and_userinfo_end_when_upstream_says(kuusela: SamlOrganization) -> None:
    """saml-core 2.7.2, SessionNotOnOrAfter: by that moment our session is over, and all it gave.

    Without offline_access, which asks for just what outlives a session (Core section 11).
    """
    party, browser = RelyingParty(kuusela.provider), kuusela.provider.browser()
    until = stamp(utcnow() + HOUR)
    arrived = kuusela.arrive(browser, identity=AINO, session_not_on_or_after=until)
    assert is_at_portal(arrived, "kuusela")
    wish = {"organization": "kuusela", "scope": "openid profile"}
    code = party.answer(party.authorize(browser, **wish))["code"]
    given = party.redeem(code).json()
    with shifted(HOUR - MINUTE):
        assert "code" in party.answer(party.authorize(browser, **wish))
        given = party.refresh(given["refresh_token"]).json()
        assert party.userinfo(given["access_token"]).status_code == 200
    with shifted(HOUR):
        assert party.userinfo(given["access_token"]).status_code == 401
        assert party.refresh(given["refresh_token"]).json()["error"] == "invalid_grant"
        silent = party.answer(party.authorize(browser, prompt="none"))
        assert silent["error"] == "login_required"
        assert browser.get("/account").status_code in (302, 303)


def test_a_session_that_is_over_upstream_begins_none_here(kuusela: SamlOrganization) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.answer(
        kuusela.depart(browser), identity=AINO, session_not_on_or_after=stamp(utcnow() - HOUR)
    )
    assert kuusela.post(browser, answer).status_code == 403
    assert kuusela.reason() == "saml_session_over"
    assert kuusela.live() == 0


def test_an_answer_counts_once_on_all_nodes_and_after_a_flush_of_redis(
    kuusela: SamlOrganization,
) -> None:
    """security.md, Faults: nothing replayable. The attempt is opened again, as if it was lost."""
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.answer(kuusela.depart(browser), identity=AINO)
    with kuusela.provider.node() as other:
        # It set out on one node, is answered at another, and goes on where it began.
        stranger = other.browser(Origin="https://idp.example.org")
        posted = stranger.post(f"{kuusela.path}/acs", data=answer)
        assert is_at_portal(browser.open(posted.headers["Location"]), "kuusela")
        memory = kuusela.provider.deployment.parts.ephemeral
        if isinstance(memory, Shared):
            memory._redis.flushdb()
        for node in (kuusela.provider, other):
            with node.database.transaction() as tx:
                tx.session.execute(update(SsoAttempt).values(spent_at=None, handle=None))
            stranger = node.browser(Origin="https://idp.example.org")
            posted = stranger.post(f"{kuusela.path}/acs", data=answer)
            assert browser.open(posted.headers["Location"]).status_code == 403
            assert kuusela.reason() == "replayed"
    with kuusela.provider.database.reading() as tx:
        assert len(tx.session.scalars(select(Person)).all()) == 1
    assert kuusela.live() == 1
