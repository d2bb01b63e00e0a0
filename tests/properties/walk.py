"""A random walk over codes, tokens, sessions, clients and time, held against the model."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from unittest.mock import patch

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from idp.directory import persons
from idp.foundation import clock
from tests.dpop import ProvingParty
from tests.properties.model import AccessToken, Client, Grant, PunctualKey, Session
from tests.provider import OPERATOR, Provider
from tests.relying_party import RelyingParty

pick = st.integers(min_value=0, max_value=10**6)


class _Standing:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self, zone: object) -> datetime:
        return self.moment


class Walk(RuleBasedStateMachine):
    """What one person does at several browsers and two clients, or what is done to them."""

    provider: ClassVar[Provider]

    def __init__(self) -> None:
        super().__init__()
        self.provider.reset()
        self._clock = _Standing()
        self._patch = patch.object(clock, "datetime", self._clock)
        self._patch.start()
        self.sessions: list[Session] = []
        self.grants: list[Grant] = []
        self.is_locked = False
        self.provider.organization()
        self.person = self.provider.person()
        self.stranger = RelyingParty(self.provider)
        self.clients = [self.new_client(proves=False), self.new_client(proves=True)]

    def new_client(self, *, proves: bool) -> Client:
        """Register a relying party."""
        party = RelyingParty(self.provider, dpop_bound_access_tokens=proves)
        return Client(party=party, proving=ProvingParty(party, PunctualKey()) if proves else None)

    @initialize()
    def begin_with_tokens(self) -> None:
        """Most walks would otherwise wait long for something to happen to."""
        self.sign_in()
        self.ask_for_a_code(0, 0)
        self.ask_for_a_code(0, 1)
        for grant in self.grants:
            self.redeem(self.grants.index(grant))

    # What people do

    @precondition(lambda self: not self.is_locked and len(self.sessions) < 4)
    @rule()
    def sign_in(self) -> None:
        browser = self.provider.browser()
        browser.sign_in(self.person)
        assert self.provider.deployment.parts.cookies.session in browser.cookies
        self.sessions.append(Session(browser=browser))

    @precondition(lambda self: self.open_sessions and self.enabled_clients)
    @rule(session=pick, client=pick)
    def ask_for_a_code(self, session: int, client: int) -> None:
        at, by = _one(self.open_sessions, session), _one(self.enabled_clients, client)
        code = by.party.answer(by.party.authorize(at.browser))["code"]
        self.grants.append(Grant(client=by, session=at, code=code))

    @precondition(lambda self: self.open_sessions)
    @rule(session=pick)
    def sign_out(self, session: int) -> None:
        over = _one(self.open_sessions, session)
        over.browser.submit(over.browser.open("/logout"))
        self._end([over])

    # What clients do

    @precondition(lambda self: self.grants)
    @rule(grant=pick)
    def redeem(self, grant: int) -> None:
        it = _one(self.grants, grant)
        should, answer = it.may_redeem, it.client.asks.redeem(it.code)
        if it.client.is_disabled:
            assert answer.status_code == 401
            return
        assert answer.status_code == (200 if should else 400), answer.text
        if should:
            it.is_spent, it.redeemed_at = True, clock.utcnow()
            it.keep(answer.json())
        else:
            assert answer.json()["error"] == "invalid_grant"
            it.is_dead = it.is_dead or it.is_spent

    @precondition(lambda self: self.grants)
    @rule(grant=pick)
    def another_client_tries_the_code(self, grant: int) -> None:
        it = _one(self.grants, grant)
        self.stranger.verifier = it.client.party.verifier
        assert self.stranger.redeem(it.code).json()["error"] == "invalid_grant"

    @precondition(lambda self: self.grants)
    @rule(grant=pick)
    def redeem_with_a_wrong_verifier(self, grant: int) -> None:
        it = _one(self.grants, grant)
        right, it.client.party.verifier = it.client.party.verifier, "A" * 43
        assert it.client.asks.redeem(it.code).status_code in (400, 401)
        it.client.party.verifier = right
        if not it.client.is_disabled and (it.is_spent or it.may_redeem):
            it.is_spent = it.is_dead = True

    @precondition(lambda self: self.refreshable)
    @rule(grant=pick, generation=st.integers(min_value=0, max_value=2))
    def refresh(self, grant: int, generation: int) -> None:
        """By the newest token, or one or two before it."""
        it = _one(self.refreshable, grant)
        number = max(0, len(it.refresh_tokens) - 1 - generation)
        is_newest = number == len(it.refresh_tokens) - 1
        should = it.lives and (is_newest or it.is_in_grace(number))
        answer = it.client.asks.refresh(it.refresh_tokens[number])
        if not should:
            assert answer.status_code == (401 if it.client.is_disabled else 400), answer.text
            it.is_dead = it.is_dead or not it.client.is_disabled
            return
        assert answer.status_code == 200, answer.text
        if is_newest:
            it.refreshed_at = clock.utcnow()
        else:
            assert answer.json()["refresh_token"] == it.refresh_tokens[-1]
        it.keep(answer.json())

    @precondition(lambda self: self.refreshable)
    @rule(grant=pick)
    def revoke_the_family(self, grant: int) -> None:
        it = _one(self.refreshable, grant)
        it.client.party.post("/revoke", token=it.refresh_tokens[-1])
        it.is_dead = it.is_dead or not it.client.is_disabled

    @precondition(lambda self: self.refreshable)
    @rule(grant=pick, token=pick)
    def revoke_an_access_token(self, grant: int, token: int) -> None:
        it = _one(self.refreshable, grant)
        revoked = _one(it.access_tokens, token)
        it.client.party.post("/revoke", token=revoked.value)
        revoked.is_revoked = revoked.is_revoked or not it.client.is_disabled

    # What operators do, and time

    @rule(client=pick)
    def disable_a_client(self, client: int) -> None:
        """Another one takes its place."""
        number = client % len(self.clients)
        disabled = self.clients[number]
        self.provider.disable(disabled.party.client_id)
        disabled.is_disabled = True
        self.clients[number] = self.new_client(proves=disabled.proving is not None)

    @rule()
    def lock_the_person(self) -> None:
        self.wait(timedelta(seconds=1))
        with self.provider.database.transaction() as tx:
            persons.lock(tx, self.person.id, by=OPERATOR)
        self.is_locked = True
        self._end(self.sessions)

    @precondition(lambda self: self.is_locked)
    @rule()
    def unlock_the_person(self) -> None:
        self.wait(timedelta(seconds=1))
        with self.provider.database.transaction() as tx:
            persons.unlock(tx, self.person.id, by=OPERATOR)
        self.is_locked = False

    @rule(long=st.sampled_from((20, 20, 40, 610)))
    def time_passes(self, long: int) -> None:
        self.wait(timedelta(seconds=long))

    @rule()
    def a_month_passes(self) -> None:
        self.wait(timedelta(days=31))
        self._end(self.sessions)

    # What must hold

    @rule()
    def everything_is_as_it_should_be(self) -> None:
        for grant in self.grants:
            if not grant.client.is_disabled:
                living = [token for token in grant.refresh_tokens if self._is_active(grant, token)]
                assert living == (grant.refresh_tokens[-1:] if grant.lives else [])
            for token in grant.access_tokens:
                self._check(grant, token)

    def _check(self, grant: Grant, token: AccessToken) -> None:
        should = grant.lives and not token.has_ended
        shown: httpx.Response = grant.client.asks.userinfo(token.value)
        assert shown.status_code == (200 if should else 401), shown.text
        if grant.client.proving and should:
            assert grant.client.party.userinfo(token.value).status_code == 401
        if not grant.client.is_disabled:
            assert self._is_active(grant, token.value) == should

    def _is_active(self, grant: Grant, token: str) -> bool:
        told: dict[str, Any] = grant.client.party.post("/introspect", token=token).json()
        return bool(told["active"])

    def teardown(self) -> None:
        try:
            self.everything_is_as_it_should_be()
        finally:
            self._patch.stop()

    # What there is

    def wait(self, long: timedelta) -> None:
        """Let time pass."""
        self._clock.moment += long

    def _end(self, sessions: list[Session]) -> None:
        for session in sessions:
            session.is_over = True
        for grant in self.grants:
            grant.is_dead = grant.is_dead or grant.session.is_over

    @property
    def open_sessions(self) -> list[Session]:
        return [session for session in self.sessions if not session.is_over]

    @property
    def enabled_clients(self) -> list[Client]:
        return [client for client in self.clients if not client.is_disabled]

    @property
    def refreshable(self) -> list[Grant]:
        return [grant for grant in self.grants if grant.refresh_tokens]


def _one(of: list[Any], number: int) -> Any:
    return of[number % len(of)]
