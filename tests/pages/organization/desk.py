"""A main user at their console: signed in, with hands for what they do there."""

import re
from typing import Any

import httpx
from sqlalchemy import delete, select

from idp.authentication import credentials, recovery
from idp.authentication.models import Link, SessionRecord
from idp.directory import organizations, persons
from idp.directory.models import Membership, Organization, Person
from idp.foundation.clock import utcnow
from idp.foundation.outbox import Bounced, Item, Retry, Worker
from idp.foundation.outbox_models import OutboxItem
from tests.provider import OPERATOR, Account, Provider, TestBrowser, forms
from tests.vouched import vouch

SLUG = "kuusela"
CONSOLE = f"/organization/{SLUG}"


class Desk:
    """Kuusela's main user Pirkko, her browser and her colleagues."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        provider.organization()
        self.pirkko = self.person("pirkko@example.fi", "Pirkko", "Pohjola", roles=("main_user",))
        self.browser = self.signed_in(self.pirkko)

    # Who there is

    def person(
        self,
        username: str,
        given_name: str = "Aino",
        family_name: str = "Virtanen",
        **more: Any,
    ) -> Account:
        """Somebody with a password, in Kuusela unless another slug is said; nobody is told."""
        account = self.provider.person(
            username, given_name=given_name, family_name=family_name, **more
        )
        with self.provider.database.transaction() as tx:
            tx.session.execute(delete(OutboxItem).where(OutboxItem.kind == credentials.NOTICE))
        return account

    def stranger(self, username: str = "vieras@example.fi") -> Account:
        """Somebody of Lehtola, an organization that is none of Pirkko's business."""
        self.lehtola()
        return self.person(username, "Veera", "Vieras", slug="lehtola")

    def shared(self, username: str = "shared@example.fi", **more: Any) -> Account:
        """Somebody of Kuusela who belongs to Lehtola too."""
        self.lehtola()
        account = self.person(username, "Jaana", "Jaettu", **more)
        self.person(username, "Jaana", "Jaettu", slug="lehtola")
        return account

    def lehtola(self) -> str:
        """The other organization, founded at the first call; its id."""
        with self.provider.database.reading() as tx:
            query = select(Organization.id).where(Organization.slug == "lehtola")
            found = tx.session.scalar(query)
        return found or self.provider.organization("lehtola").id

    def operator(self, username: str = "olli@example.fi") -> Account:
        """An operator who belongs to Lehtola alone."""
        self.lehtola()
        account = self.person(username, "Olli", "Operaattori", slug="lehtola")
        self.provider.change(Person, account.id, is_operator=True)
        return account

    def signed_in(self, account: Account) -> TestBrowser:
        """A browser where they have signed in."""
        browser = self.provider.browser()
        assert browser.sign_in(account).is_redirect or browser.cookies
        return browser

    def use_sso(self, account: Account | None = None) -> None:
        """Let Kuusela use single sign-on, and supply this person's profile by it."""
        with self.provider.database.transaction() as tx:
            organization = organizations.by_slug(tx, SLUG)
            organization.uses_sso = True
            if account:
                member = tx.session.get_one(Membership, (account.id, organization.id))
                member.source = "Kuusela Entra ID"
                member.given_name, member.email = "Aino-Liisa", "aino.liisa@kuusela.example"

    def vouched_for(self, account: Account, slug: str = SLUG) -> None:
        """Let the person have come by the own sign-on of this organization, and no other way."""
        with self.provider.database.transaction() as tx:
            place = organizations.by_slug(tx, slug)
            query = select(SessionRecord).where(SessionRecord.person_id == account.id)
            for session in tx.session.scalars(query):
                proofs = [{**proof, "organization": place.id} for proof in session.authentications]
                session.authentications = proofs
                vouch(tx, self.provider.deployment.connections, session.id, place.id)

    # What is there

    @property
    def organization_id(self) -> str:
        """Kuusela's id."""
        with self.provider.database.reading() as tx:
            return organizations.by_slug(tx, SLUG).id

    def membership(self, account: Account | Person) -> Membership | None:
        """What the person is in Kuusela now; None where they are nothing there."""
        with self.provider.database.reading() as tx:
            return tx.session.get(Membership, (account.id, self.organization_id))

    def by_username(self, username: str) -> Person | None:
        """Who holds this username now."""
        with self.provider.database.reading() as tx:
            return persons.by_username(tx, username)

    def links_of(self, account: Account | Person, purpose: str = "password") -> list[Link]:
        """The person's links for one purpose, the oldest first."""
        with self.provider.database.reading() as tx:
            query = select(Link).where(Link.person_id == account.id, Link.purpose == purpose)
            return list(tx.session.scalars(query.order_by(Link.requested_at)))

    # What she does

    def path(self, account: Account | Person, deed: str = "") -> str:
        """The page of a person, or what lies below it."""
        return f"{CONSOLE}/people/{account.id}{deed and '/'}{deed}"

    def open(self, path: str = "", **query: str) -> httpx.Response:
        """A page of the console."""
        return self.browser.follow(self.browser.get(f"{CONSOLE}{path}", params=query))

    def signed_in_page(self, path: str = "") -> httpx.Response:
        """A page of the console after signing in once more, for tests at another time."""
        self.browser = self.signed_in(self.pirkko)
        return self.open(path)

    def look_at(self, account: Account | Person) -> httpx.Response:
        """A person's page."""
        return self.browser.open(self.path(account))

    def press(self, account: Account | Person, deed: str) -> httpx.Response:
        """A button of a person's page."""
        return press(self.browser, self.look_at(account), self.path(account, deed))

    def post(self, path: str, **values: str) -> httpx.Response:
        """Send a form of one's own making, with a valid token."""
        return self.browser.follow(
            self.browser.post(path, data={"csrf_token": token(self.browser), **values})
        )

    # What happens elsewhere

    def send_link(self, account: Account, *, ours: bool = True) -> str:
        """Have a password link mailed, by Kuusela or ordered by the person; the link's id."""
        with self.provider.database.transaction() as tx:
            link = recovery.send_link(
                tx,
                self.provider.deployment.links,
                tx.session.get_one(Person, account.id),
                requested_at=utcnow(),
                by=OPERATOR,
                organization_id=self.organization_id if ours else None,
            )
            assert link
            return link.id

    def mail_became(self, state: str, problem: str = "") -> None:
        """Deliver the links that wait to a server that takes, refuses or cannot take them."""

        def deliver(item: Item) -> None:
            if state == "bounced":
                raise Bounced(problem)
            if state == "queued":
                raise Retry(problem)

        Worker(self.provider.database, {recovery.LINK_MAIL: deliver}).run_once()


def press(browser: TestBrowser, page: httpx.Response, action: str) -> httpx.Response:
    """Send the page's form that goes to this address."""
    number = [form.action for form in forms(page)].index(action)
    return browser.submit(page, number)


def token(browser: TestBrowser) -> str:
    """A token that this browser may send forms with."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.open("/logout").text)
    if not found:
        found = re.search(
            r'name="csrf_token"[^>]*value="([^"]+)"', browser.open("/password/forgotten").text
        )
    assert found
    return found[1]
