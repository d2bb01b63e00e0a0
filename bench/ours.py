"""Our provider, set up by its command and its configuration file, driven by its pages."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from bench.browser import Browser
from bench.clients import REGISTRATIONS, Client, Registration, metadata, new_key
from bench.errors import BenchError
from bench.generator import converse
from bench.servers import Contestant
from bench.site import Person, Site
from bench.steps import choose_password
from bench.stores import Stores
from bench.upstreams import Upstreams
from bench.ways import Way
from tests.servers.process import Process

ORGANIZATION, FEDERATED = "bench", "federated"
PEOPLE = 32
NEARLY_NO_HASHING = "argon2_memory = 8\nargon2_time = 1\n"
"""The least that Argon2 allows, microseconds: the sign-in without its hash, all else as it is."""


class Ours(Contestant):
    """`idp web` with one worker; its first start makes the organization, its clients and people."""

    def __init__(self, core: int, stores: Stores, *, on_postgresql: bool, hashing: bool) -> None:
        self._hashing = hashing
        self._clients: dict[Registration, Client] = {}
        self._people = [
            Person(f"person{number}", f"seven herons over lake {number}")
            for number in range(PEOPLE)
        ]
        self._have_passwords = False
        self._upstreams = None if hashing else stores.upstreams
        kind = "hashing" if hashing else "plain"
        if on_postgresql:
            super().__init__(core, [stores.postgresql, stores.redis])
            self.name = f"idp postgresql {kind}"
            self._database = stores.postgresql.create_database(kind)
            self._redis = stores.redis.database(1 + hashing).url
        else:
            super().__init__(core)
            self.name = f"idp sqlite {kind}"
            self._database = f"sqlite:///{self.folder / 'idp.db'}"
            self._redis = ""
        self.stand_ins = [self._upstreams] if self._upstreams else []

    def launch(self) -> Process:
        if not self._clients:
            self._set_up()
        return super().launch()

    def command(self) -> list[str]:
        return [*self._program(), "web"]

    def walks(self, way: Way) -> bool:
        return way.hashing == self._hashing

    def site(self) -> Site:
        site = replace(
            self.discovered(self._clients, self._people),
            upstreams=self._upstreams,
            sso_link=f"{self.issuer}/sso/{FEDERATED}",
            signed_in_page=f"{self.issuer}/account",
        )
        if not self._have_passwords:
            for person, link in self._mailed_links():
                converse(site.address, choose_password(Browser(self.issuer), link, person))
            self._have_passwords = True
        return site

    def _set_up(self) -> None:
        self._configuration.write_text(self._settings())
        self._idp("init")
        self._idp("organization", "create", ORGANIZATION, "--name", "Bench")
        for registration in REGISTRATIONS:
            self._clients[registration] = self._register(registration)
        self._import_people()
        if self._upstreams:
            self._connect(self._upstreams)

    def _settings(self) -> str:
        tables = {
            "server": f'bind = "127.0.0.1:{self.port}"\nworkers = 1\n',
            "database": f'url = "{self._database}"\n',
            "redis": f'url = "{self._redis}"\n',
            "mail": f'url = "file:{self.folder / "mail"}"\nsender = "idp@example.com"\n',
            "keys": f'directory = "{self.folder / "keys"}"\n',
            "outbound": 'allow_private_addresses = ["localhost"]\n',
            "passwords": "" if self._hashing else NEARLY_NO_HASHING,
        }
        top = f'issuer = "{self.issuer}"\nsupport_contact = "support@example.com"\n'
        return top + "".join(f"[{name}]\n{lines}" for name, lines in tables.items())

    def _register(self, registration: Registration) -> Client:
        key = new_key(registration)
        scope = "openid profile email" + (" offline_access" if registration.refreshes else "")
        file = self.folder / "client.json"
        file.write_text(json.dumps({**metadata(registration, key), "scope": scope}))
        answer = self._idp("client", "register", str(file))
        return Client(
            client_id=answer["client_id"],
            client_secret=answer.get("client_secret", ""),
            algorithm=registration.algorithm,
            scope=scope,
            key=key,
        )

    def _import_people(self) -> None:
        table = self.folder / "people.csv"
        with table.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["username", "given_name", "family_name", "email"])
            rows.writerows(
                [person.username, "Bench", "Person", _address(person)] for person in self._people
            )
        self._idp("person", "import", str(table), "--organization", ORGANIZATION)
        delivery = Process([*self._program(), "deliver"], log=self.folder / "log")
        delivery.wait_until(lambda: len(self._mails()) == PEOPLE)
        delivery.stop()

    def _connect(self, upstreams: Upstreams) -> None:
        """Let people of another organization arrive from both identity providers upstream."""
        self._idp("organization", "create", FEDERATED, "--name", "Federated")
        for provider in (upstreams.oidc, upstreams.saml):
            file = self.folder / "connection.json"
            file.write_text(json.dumps(provider.connection()))
            self._idp("connection", "create", FEDERATED, str(file), "--enable")

    def _mailed_links(self) -> Iterator[tuple[Person, str]]:
        """Each person with the link by which they choose their password."""
        people = {_address(person): person for person in self._people}
        for path in self._mails():
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            text = mail.get_body(("plain",))
            link = re.search(rf"{self.issuer}/link/\S+", text.get_content() if text else "")
            if link is None:
                raise BenchError(f"a mail without a link:\n{mail}")
            yield people[mail["To"]], link[0]

    def _mails(self) -> list[Path]:
        return list((self.folder / "mail").glob("*.eml"))

    @property
    def _configuration(self) -> Path:
        return self.folder / "config.toml"

    def _program(self) -> list[str]:
        return [str(Path(sys.executable).with_name("idp")), "--config", str(self._configuration)]

    def _idp(self, *words: str) -> Any:
        """Run a command of ours and return the JSON it prints."""
        command = [*self._program(), *words, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"idp {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
        return json.loads(done.stdout)


def _address(person: Person) -> str:
    return f"{person.username}@example.com"
