"""Promises: what a member of our metadata claims, and how to see over HTTP whether it is true.

Whoever adds a member to the metadata adds a promise for it, whoever adds a value to a member makes
its attempt succeed; the build fails otherwise. ``candidates`` are the values that standards know,
ours or not: what is not advertised must not work either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import select

from idp.authentication.models import SessionRecord
from idp.authentication.session import Authentication
from idp.clients.models import ClientRecord
from idp.directory.models import Membership, Organization, Person
from idp.errors import Invalid
from idp.foundation.clock import utcnow
from idp.foundation.secrets import digest
from tests.provider import OPERATOR, Account, Provider, TestBrowser
from tests.relying_party import RelyingParty
from tests.vouched import vouch

Attempt = Callable[["Trial", Any], object]
PROMISES: dict[str, "Promise"] = {}
"""By the metadata's member."""


class Trial:
    """A provider to try things at: people and parties are made anew for each."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        provider.organization()

    def party(self, **metadata: Any) -> RelyingParty:
        """A relying party registered so; Invalid where the registry refuses it."""
        return RelyingParty(self.provider, **metadata)

    def stranger(self) -> RelyingParty:
        """A relying party that is not our own, so that people are asked for their consent."""
        party = self.party()
        self.provider.change(ClientRecord, party.client_id, is_first_party=False)
        self.provider.deployment.clients.changed()
        return party

    def browser(self, **headers: str) -> TestBrowser:
        """A browser nobody has used."""
        return self.provider.browser(**headers)

    @cached_property
    def account(self) -> Account:
        """Somebody of whom everything is known that a claim could tell."""
        account = self.provider.person(f"{uuid4().hex}@example.fi")
        self.provider.change(Person, account.id, locale="sv", email=account.username)
        with self.provider.database.transaction() as tx:
            membership = tx.session.query(Membership).filter_by(person_id=account.id).one()
            membership.title, membership.unit = "Laatupäällikkö", "Hoiva"
        return account

    def signed_in(self) -> TestBrowser:
        """A browser in which somebody is signed in."""
        browser = self.browser()
        browser.sign_in(self.account)
        return browser

    def signed_in_by_sso(self) -> TestBrowser:
        """A browser in which an organization's connection said who somebody is."""
        slug = f"sso-{uuid4().hex[:8]}"
        organization = self.provider.organization(slug)
        account = self.provider.person(f"{slug}@example.fi", slug=slug, password=None)
        self.provider.change(Organization, organization.id, uses_sso=True)
        deployment, browser = self.provider.deployment, self.browser()
        proof = Authentication(
            method="fed", auth_time=utcnow(), connection="entra", organization=organization.id
        )
        with self.provider.database.transaction() as tx:
            secret = deployment.sessions.begin(
                tx, account.id, proof, by=OPERATOR, user_agent="a test"
            )
            session_id = tx.session.scalars(
                select(SessionRecord.id).where(SessionRecord.secret_digest == digest(secret))
            ).one()
            vouch(tx, deployment.connections, session_id, organization.id)
        browser.cookies.set(deployment.parts.cookies.session, secret, domain="id.example.fi")
        return browser

    def metadata(self) -> dict[str, Any]:
        """The document as anybody gets it."""
        document: dict[str, Any] = self.browser().get("/.well-known/openid-configuration").json()
        return document


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One member: ``attempt`` does what its value claims, and says whether that worked."""

    member: str
    candidates: frozenset[str]
    attempt: Attempt

    def works(self, trial: Trial, value: object) -> bool:
        """Whether the value is true of us; a refusal on the way means that it is not."""
        try:
            return bool(self.attempt(trial, value))
        except (Invalid, AssertionError, KeyError, httpx.InvalidURL):
            return False


def promise(member: str, *candidates: str) -> Callable[[Attempt], Attempt]:
    """Make the function the proof of a member of the metadata."""

    def keep(attempt: Attempt) -> Attempt:
        assert member not in PROMISES, member
        PROMISES[member] = Promise(member=member, candidates=frozenset(candidates), attempt=attempt)
        return attempt

    return keep
