"""A whole provider inside the test's process, driven over HTTP by a real client."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from flask import Flask
from sqlalchemy import delete, insert, select

from idp import Deployment, create_app
from idp.audit import Actor
from idp.authentication import credentials
from idp.clients.registrations import Registered
from idp.config import Settings
from idp.directory import organizations, persons
from idp.directory.models import Organization, Person
from idp.directory.persons import NewPerson
from idp.foundation.database import Database, Model
from idp.foundation.ephemeral.shared import Shared
from idp.foundation.outbox import Worker
from idp.foundation.sealed import KeyRing
from idp.serving.delivery import follow_log
from idp.signing.models import SigningKey

ISSUER = "https://id.example.fi"
PORTAL = "https://portal.example.fi"
PASSWORD = "kolme sinistä lumikenkää"
OPERATOR = Actor(kind="operator", id="test", network="127.0.0.1", reference="TEST-TEST")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who can sign in."""

    id: str
    username: str
    password: str


class Provider:
    """One provider on one store; ``reset`` makes it as new for the next test."""

    def __init__(self, folder: Path, *, database_url: str, redis_url: str = "") -> None:
        self.folder = folder
        keys = folder / "keys"
        KeyRing.create(keys)
        self.settings = Settings.model_validate(
            {
                "issuer": ISSUER,
                "database": {"url": database_url},
                "redis": {"url": redis_url},
                "mail": {"url": f"file:{folder / 'mails'}", "sender": "noreply@example.fi"},
                "keys": {"directory": keys},
                "passwords": {"argon2_memory": 8, "argon2_time": 1},
                "outbound": {"allow_private_addresses": ["127.0.0.0/8", "localhost"]},
            }
        )
        self.app: Flask = create_app(self.settings)
        self.deployment: Deployment = self.app.extensions["idp"]
        self.database: Database = self.deployment.parts.database
        Model.metadata.create_all(self.database.engine)
        self.deployment.signing_keys.tick(by=OPERATOR)
        with self.database.reading() as tx:
            self._signing_keys = [
                dict(row._mapping)
                for row in tx.session.execute(select(*SigningKey.__table__.columns))
            ]

    @contextmanager
    def node(self, **changes: Any) -> Iterator["Provider"]:
        """Another node on the same stores, with settings of its own."""
        node = copy(self)
        node.settings = Settings.model_validate({**self.settings.model_dump(), **changes})
        node.app = create_app(node.settings)
        node.deployment = node.app.extensions["idp"]
        node.database = node.deployment.parts.database
        try:
            yield node
        finally:
            node.database.close()

    def reset(self) -> None:
        """Empty every table but the signing keys, and forget every mail."""
        with self.database.transaction() as tx:
            for table in reversed(Model.metadata.sorted_tables):
                tx.session.execute(delete(table))
            tx.session.execute(insert(SigningKey), self._signing_keys)
        memory = self.deployment.parts.ephemeral
        if isinstance(memory, Shared):
            memory._redis.flushdb()
        (memory._own if isinstance(memory, Shared) else memory).__init__()  # type: ignore[misc]
        self.deployment.clients.changed()
        self.deployment.connections.changed()
        for path in self.folder.glob("mails/*.eml"):
            path.unlink()

    # Who there is

    def organization(self, slug: str = "kuusela", *, name: str | None = None) -> Organization:
        """A new organization that uses passwords."""
        with self.database.transaction() as tx:
            return organizations.create(
                tx, slug=slug, name=name or slug.capitalize(), locale="fi", by=OPERATOR
            )

    def person(
        self,
        username: str = "maija@example.fi",
        *,
        slug: str = "kuusela",
        password: str | None = PASSWORD,
        roles: tuple[str, ...] = (),
        given_name: str = "Maija",
        family_name: str = "Meikäläinen",
    ) -> Account:
        """A person in the organization, added to it if need be, with a password unless None."""
        with self.database.transaction() as tx:
            organization = organizations.by_slug(tx, slug)
            added = persons.add(
                tx,
                NewPerson(
                    username=username,
                    given_name=given_name,
                    family_name=family_name,
                    roles=roles,
                ),
                organization,
                by=OPERATOR,
            )
            if password and added.is_new:
                credentials.set_password(
                    tx,
                    added.person,
                    self.deployment.passwords.hash(password),
                    sessions=self.deployment.sessions,
                    links=self.deployment.links,
                    by=OPERATOR,
                )
            return Account(id=added.person.id, username=username, password=password or "")

    def change(self, model: Any, key: Any, **values: Any) -> None:
        """Make a fact true that no way of issue 2 makes, say that an organization uses SSO."""
        with self.database.transaction() as tx:
            row = tx.session.get_one(model, key)
            for name, value in values.items():
                setattr(row, name, value)

    def load(self, person_id: str) -> Person:
        """The person as they are now."""
        with self.database.reading() as tx:
            person: Person = tx.session.get_one(Person, person_id)
            return person

    def register(self, **metadata: Any) -> Registered:
        """A first-party client; by default the portal with a secret and refresh tokens."""
        document = {
            "redirect_uris": [f"{PORTAL}/callback"],
            "post_logout_redirect_uris": [f"{PORTAL}/"],
            "initiate_login_uri": f"{PORTAL}/login",
            "grant_types": ["authorization_code", "refresh_token"],
            "client_name": "Laatuportti",
            "client_name#fi": "Laatuportti",
        } | metadata
        with self.database.transaction() as tx:
            registered = self.deployment.clients.register(tx, document, by=OPERATOR)
        self.deployment.clients.changed()
        return registered

    def disable(self, client_id: str) -> None:
        """Refuse a client from now on."""
        with self.database.transaction() as tx:
            self.deployment.clients.disable(tx, client_id, by=OPERATOR)
        self.deployment.clients.changed()

    # What happens

    def browser(self, **headers: str) -> "TestBrowser":
        """A new browser without cookies."""
        return TestBrowser(self, headers)

    def deliver(self) -> None:
        """Do what the delivery process does until nothing is left to do."""
        worker = Worker(self.database, self.deployment.handlers)
        follow_log(self.deployment)
        while worker.run_once():
            follow_log(self.deployment)

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """The mails that left, oldest first; only those to one address if given."""
        self.deliver()
        paths = sorted(self.folder.glob("mails/*.eml"), key=lambda path: path.stat().st_mtime_ns)
        messages = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return [message for message in messages if to is None or to in str(message["To"])]

    def mailed_link(self, to: str) -> str:
        """The path of the link in the newest mail to ``to``."""
        body = self.mails(to)[-1].get_body(("plain",))
        assert body is not None
        found = re.search(rf"{re.escape(ISSUER)}(/link/\S+)", body.get_content())
        assert found, body.get_content()
        return found[1]


class TestBrowser(httpx.Client):
    """A browser: keeps cookies, follows redirects on our host, fills forms in as they came."""

    __test__ = False

    def __init__(self, provider: Provider, headers: dict[str, str]) -> None:
        super().__init__(
            transport=httpx.WSGITransport(app=provider.app, raise_app_exceptions=True),
            base_url=ISSUER,
            headers={"Accept-Language": "fi", **headers},
        )

    def open(self, address: str) -> httpx.Response:
        """GET an address and follow redirects as long as they stay with us."""
        return self.follow(self.get(address))

    def follow(self, response: httpx.Response) -> httpx.Response:
        """Follow redirects as long as they stay with us."""
        while response.is_redirect and response.next_request is not None:
            if response.next_request.url.host != urlsplit(ISSUER).hostname:
                break
            response = self.send(response.next_request)
        return response

    def submit(self, page: httpx.Response, number: int = 0, /, **values: str) -> httpx.Response:
        """Send the page's form (the first one by default) with ``values`` filled in; follow."""
        form = forms(page)[number]
        address = str(page.url.join(form.action)) if form.action else str(page.url)
        return self.follow(self.post(address, data=form.fields | values))

    def sign_in(self, account: Account, page: httpx.Response | None = None) -> httpx.Response:
        """Fill in the sign-in page; what comes after it."""
        page = page or self.open("/login")
        return self.submit(page, username=account.username, password=account.password)


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, and its fields as they came."""

    action: str
    fields: dict[str, str]


def forms(page: httpx.Response) -> list[Form]:
    """The page's forms that post, the name menu's apart."""
    found = []
    for attributes, content in re.findall(r"<form([^>]*)>(.*?)</form>", page.text, re.DOTALL):
        action = re.search(r'action="([^"]*)"', attributes)
        if "post" not in attributes or (
            action and action[1] == "/logout" and "/logout" not in str(page.url)
        ):
            continue
        fields = {
            name[1]: _unescape(value[1]) if value else ""
            for tag in re.findall(r"<input[^>]*>", content)
            if (name := re.search(r'name="([^"]*)"', tag)) and "checkbox" not in tag
            for value in [re.search(r'value="([^"]*)"', tag)]
        }
        found.append(Form(action=_unescape(action[1]) if action else "", fields=fields))
    return found


def query(address: str) -> dict[str, str]:
    """The query's parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _unescape(text: str) -> str:
    return text.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
