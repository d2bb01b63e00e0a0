"""Arrival: one account however many arrive, refresh in three states, and whose account it is."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from idp.audit import AuditRecord
from idp.authentication.federation import approvals, profile_sync
from idp.authentication.federation.models import ExternalIdentityRecord
from idp.directory import memberships
from idp.directory.models import Membership, Person
from idp.foundation.database import Transaction
from tests.federated import Federated, is_at_portal
from tests.oidc_upstream import Upstream
from tests.provider import OPERATOR, Provider
from tests.relying_party import RelyingParty


@pytest.fixture
def kuusela(provider: Provider, upstream: Upstream) -> Federated:
    RelyingParty(provider)
    return Federated(provider, upstream)


def test_twenty_first_arrivals_at_once_make_one_person(kuusela: Federated) -> None:
    browsers = [kuusela.provider.browser() for _ in range(20)]
    answers = [kuusela.upstream.sign_in(kuusela.depart(browser)) for browser in browsers]
    with ThreadPoolExecutor(20) as pool:
        ends = list(
            pool.map(lambda pair: pair[0].open(pair[1]), zip(browsers, answers, strict=True))
        )
    assert all(is_at_portal(end, "kuusela") or end.status_code == 403 for end in ends)
    assert any(is_at_portal(end, "kuusela") for end in ends)
    counts = [kuusela.count(model) for model in (Person, Membership, ExternalIdentityRecord)]
    assert counts == [1, 1, 1]


def test_each_arrival_refreshes_what_was_asserted_and_only_that(kuusela: Federated) -> None:
    """Row 5: asserted is written, absent never deletes, empty clears where the policy says so."""
    kuusela.arrive(kuusela.provider.browser())
    maija = kuusela.person()
    said = kuusela.upstream.person
    said |= {"family_name": "Virtanen", "title": "", "given_name": ""}
    del said["department"], said["email"]
    kuusela.arrive(kuusela.provider.browser())
    there = kuusela.membership(maija.id)
    assert (there.family_name, there.title) == ("Virtanen", "")
    assert (there.unit, there.email) == ("Kirurgia", "maija.meikalainen@kuusela.fi")
    assert there.given_name == "Maija"
    with kuusela.provider.database.reading() as tx:
        record = tx.session.scalars(
            select(AuditRecord)
            .where(AuditRecord.event == "profile.synced")
            .order_by(AuditRecord.at.desc())
        ).first()
        assert record is not None
        assert record.detail["before"] == {"family_name": "Meikäläinen", "title": "Ylilääkäri"}
        assert record.detail["after"] == {"family_name": "Virtanen", "title": ""}


def test_an_arrival_that_changes_nothing_writes_its_moments_and_leaves_the_orm_alone(
    kuusela: Federated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most arrivals are such ones, so they take the statements of the hot ways alone."""
    kuusela.arrive(kuusela.provider.browser())
    before = kuusela.membership(kuusela.person().id)
    kept = {name: getattr(before, name) for name in (*profile_sync.SUPPLIED, "source")}

    def opened(_: Transaction) -> None:
        raise AssertionError("the ORM was asked")

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "session", property(opened))
        assert is_at_portal(kuusela.arrive(kuusela.provider.browser()), "kuusela")
    after = kuusela.membership(before.person_id)
    assert {name: getattr(after, name) for name in kept} == kept
    assert before.synced_at is not None
    assert after.synced_at is not None
    assert after.synced_at > before.synced_at
    with kuusela.provider.database.reading() as tx:
        events = select(AuditRecord.event).order_by(AuditRecord.at.desc()).limit(2)
        assert list(tx.session.scalars(events)) == ["session.begun", "session.begun"]


def test_a_renamed_upstream_account_keeps_our_username(kuusela: Federated) -> None:
    """Row 19: the subject is the identity; a rename upstream never changes our username."""
    kuusela.arrive(kuusela.provider.browser())
    kuusela.upstream.person["preferred_username"] = "maija.virtanen@kuusela.fi"
    kuusela.arrive(kuusela.provider.browser())
    assert kuusela.person().username == "maija@kuusela.fi"
    assert kuusela.count(Person) == 1


def test_a_value_that_does_not_fit_is_left_out_and_signs_in_all_the_same(
    kuusela: Federated,
) -> None:
    kuusela.upstream.person |= {"title": "x" * 900, "email": "not an address"}
    assert is_at_portal(kuusela.arrive(kuusela.provider.browser()), "kuusela")
    there = kuusela.membership(kuusela.person().id)
    assert (there.title, there.email) == ("", None)


@pytest.mark.parametrize("missing", ["preferred_username", "given_name", "family_name"])
def test_what_is_needed_and_missing_is_named(kuusela: Federated, missing: str) -> None:
    del kuusela.upstream.person[missing]
    if missing == "preferred_username":
        del kuusela.upstream.person["email"]
    page = kuusela.arrive(kuusela.provider.browser())
    assert "data-reason>attribute_missing<" in page.text


def test_the_language_asserted_counts_once_and_is_the_persons_own_afterwards(
    kuusela: Federated,
) -> None:
    kuusela.upstream.person["locale"] = "sv-FI"
    kuusela.arrive(kuusela.provider.browser())
    maija = kuusela.person()
    assert maija.locale == "sv"
    kuusela.provider.change(Person, maija.id, locale="en")
    kuusela.arrive(kuusela.provider.browser())
    assert kuusela.person().locale == "en"


# Whose account it is (design idea 4)


def test_a_the_organization_that_formed_the_account_links_it(kuusela: Federated) -> None:
    """It moved from passwords to single sign-on."""
    provider = kuusela.provider
    kuusela.disable()
    account = provider.person("maija@kuusela.fi")
    with provider.database.transaction() as tx:
        row = kuusela.connections.get(tx, kuusela.organization.id, "stand-in")
        kuusela.connections.enable(tx, row, by=OPERATOR)
    kuusela.connections.changed()
    assert is_at_portal(kuusela.arrive(provider.browser()), "kuusela")
    assert kuusela.person().id == account.id


def test_b_a_main_users_leave_links_exactly_what_it_was_given_for(kuusela: Federated) -> None:
    provider = kuusela.provider
    provider.organization("lehtola")
    account = provider.person("maija@kuusela.fi", slug="lehtola")
    assert kuusela.arrive(provider.browser()).url.path == f"{kuusela.path}/link"
    with provider.database.transaction() as tx:
        (asked,) = approvals.waiting(tx, kuusela.organization.id)
        approvals.approve(tx, kuusela.organization.id, asked.id, by=OPERATOR)
    assert is_at_portal(kuusela.arrive(provider.browser()), "kuusela")
    assert kuusela.person().id == account.id


def test_c_who_signs_in_to_the_account_proves_it_theirs(kuusela: Federated) -> None:
    provider = kuusela.provider
    provider.organization("lehtola")
    account = provider.person("maija@kuusela.fi", slug="lehtola")
    browser = provider.browser()
    page = kuusela.arrive(browser)
    sign_in = page.text.partition('href="/login?')[2].partition('"')[0].replace("&amp;", "&")
    page = browser.sign_in(account, browser.open(f"/login?{sign_in}"))
    assert page.url.path == f"{kuusela.path}/link"
    assert is_at_portal(browser.submit(page), "kuusela")
    assert kuusela.person().id == account.id


def test_c_another_account_proves_nothing(kuusela: Federated) -> None:
    provider = kuusela.provider
    provider.organization("lehtola")
    provider.person("maija@kuusela.fi", slug="lehtola")
    other = provider.person("mallory@lehtola.fi", slug="lehtola")
    browser = provider.browser()
    page = kuusela.arrive(browser)
    sign_in = page.text.partition('href="/login?')[2].partition('"')[0].replace("&amp;", "&")
    page = browser.sign_in(other, browser.open(f"/login?{sign_in}"))
    assert "data-reason>link_not_proved<" in browser.submit(page).text
    assert kuusela.count(ExternalIdentityRecord) == 0


def test_a_recreated_upstream_person_is_a_visible_relink(kuusela: Federated) -> None:
    """Row 19: a new subject with a known username waits for a main user; the old link stays."""
    kuusela.arrive(kuusela.provider.browser())
    maija = kuusela.person()
    kuusela.upstream.person["sub"] = "recreated"
    page = kuusela.arrive(kuusela.provider.browser())
    assert "data-reason>already_linked<" in page.text
    with kuusela.provider.database.transaction() as tx:
        (asked,) = approvals.waiting(tx, kuusela.organization.id)
        approvals.approve(tx, kuusela.organization.id, asked.id, by=OPERATOR)
    assert is_at_portal(kuusela.arrive(kuusela.provider.browser()), "kuusela")
    assert kuusela.person("recreated").id == maija.id
    assert kuusela.count(ExternalIdentityRecord) == 2


def test_whom_a_main_user_removed_does_not_come_back_by_signing_in(kuusela: Federated) -> None:
    kuusela.arrive(kuusela.provider.browser())
    maija = kuusela.person()
    with kuusela.provider.database.transaction() as tx:
        memberships.remove(tx, kuusela.organization.id, maija.id, by=OPERATOR)
    page = kuusela.arrive(kuusela.provider.browser())
    assert "data-reason>membership_removed<" in page.text


def test_without_leave_to_form_accounts_nobody_new_comes_in(
    provider: Provider, upstream: Upstream
) -> None:
    hus = Federated(provider, upstream, "hus", policy={"create_people": False})
    assert "data-reason>person_unknown<" in hus.arrive(provider.browser()).text
