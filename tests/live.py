"""A provider as its own processes: configured by a file, driven by its command and over HTTP."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import httpx

from tests.servers.ports import free_port
from tests.servers.process import Process

PASSWORD = "seitsemän harmaata haikaraa"


@dataclass(frozen=True, kw_only=True)
class LivePerson:
    """Somebody who can sign in."""

    username: str
    password: str


class LiveServer:
    """`idp serve` on a free port; one organization, ``kuusela``, that uses passwords."""

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str,
        redis_url: str = "",
        mail_url: str = "",
        issuer: str = "",
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.issuer = issuer or f"http://localhost:{self.port}"
        self._config = folder / "config.toml"
        self._config.write_text(
            f"""
            issuer = "{self.issuer}"
            [server]
            bind = "127.0.0.1:{self.port}"
            trusted_proxies = [{'"127.0.0.0/8"' if issuer else ""}]
            [database]
            url = "{database_url}"
            [redis]
            url = "{redis_url}"
            [mail]
            url = "{mail_url or f"file:{folder / 'mails'}"}"
            sender = "noreply@example.fi"
            [keys]
            directory = "{folder / "keys"}"
            [passwords]
            argon2_memory = 8
            argon2_time = 1
            [registration]
            mode = "token"
            [outbound]
            allow_private_addresses = ["127.0.0.0/8", "localhost"]
            """
        )
        self.idp("init")
        self.idp("organization", "create", "kuusela", "--name", "Kuusela")
        self._process: Process | None = None

    def twin(self, folder: Path) -> "LiveServer":
        """Another node: the same stores, keys and issuer, its own port; not running yet."""
        twin = copy(self)
        twin.folder, twin.port, twin._process = folder, free_port(), None
        twin._config = folder / "config.toml"
        bind = f'bind = "127.0.0.1:{self.port}"'
        twin._config.write_text(
            self._config.read_text().replace(bind, f'bind = "127.0.0.1:{twin.port}"')
        )
        return twin

    @property
    def _command(self) -> list[str]:
        return [sys.executable, "-m", "idp.cli", "--config", str(self._config)]

    def start(self) -> None:
        """Start serving and return once it is ready."""
        command = [*self._command, "serve"]
        self._process = Process(command, log=self.folder / "serve.log")
        self._process.wait_until(self.is_ready)

    def stop(self) -> None:
        """Ask it to drain and wait."""
        assert self._process
        self._process.stop()

    def kill(self) -> None:
        """End it and its children as a power cut would."""
        assert self._process
        self._process.kill()

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/health/live", timeout=5
            ) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def idp(self, *arguments: str, given: str = "") -> Any:
        """Run a command of `idp` with ``--json``; what it printed."""
        command = [*self._command, *arguments, "--json"]
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, cwd=self.folder
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return json.loads(done.stdout)

    def register(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Register a first-party client; its client information (RFC 7591 section 3.2.1)."""
        information: dict[str, Any] = self.idp(
            "client", "register", "-", given=json.dumps(dict(metadata))
        )
        return information

    def person(self, username: str) -> LivePerson:
        """Add a person to ``kuusela`` and make their password through a link."""
        names = ("--given-name", "Maija", "--family-name", "Meikäläinen")
        self.idp("person", "add", username, "--organization", "kuusela", *names, "--no-mail")
        link = self.idp("person", "link", username)["link"]
        with httpx.Client(follow_redirects=True) as browser:
            page = browser.get(link)
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
            assert token, page.text
            form = {"csrf_token": token[1], "password": PASSWORD}
            answer = browser.post(page.url, data=form, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return LivePerson(username=username, password=PASSWORD)
