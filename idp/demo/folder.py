"""The demo's folder: everything it keeps, and the configuration that commands can be run with."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from idp.errors import Refused

_MARK = "# Written by 'idp demo' at each start. Look around: idp --config {path} person list\n"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a demo lives: its folder and its ports."""

    folder: Path
    port: int

    @property
    def issuer(self) -> str:
        """The provider's address."""
        return f"http://localhost:{self.port}"

    @property
    def portal(self) -> str:
        """The example portal's address."""
        return f"http://localhost:{self.port + 1}"

    @property
    def mailbox(self) -> str:
        """The address of the page with the sent mails."""
        return f"http://localhost:{self.port + 2}"

    @property
    def upstream(self) -> str:
        """The address of the stand-in for an organization's OpenID provider."""
        return f"http://localhost:{self.port + 3}"

    @property
    def saml_upstream(self) -> str:
        """The address of the stand-in for an organization's SAML identity provider."""
        return f"http://localhost:{self.port + 4}"

    @property
    def saml_key(self) -> Path:
        """That stand-in's own key."""
        return self.folder / "saml-upstream.json"

    @property
    def configuration(self) -> Path:
        """The configuration file."""
        return self.folder / "config.toml"

    @property
    def client(self) -> Path:
        """The portal's registration, with its secret."""
        return self.folder / "client.json"

    @property
    def mails(self) -> Path:
        """The spool folder."""
        return self.folder / "mail"


def lay_out(place: Place, *, fresh: bool) -> None:
    """Make the folder and write its configuration; ``fresh`` empties it first.

    Refused, ``not_a_demo``, where the folder holds something else.
    """
    is_ours = place.configuration.is_file() and place.configuration.read_text().startswith("# Wri")
    if not is_ours and place.folder.exists() and any(place.folder.iterdir()):
        raise Refused("not_a_demo", folder=place.folder)
    if fresh and is_ours:
        shutil.rmtree(place.folder)
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.configuration.write_text(_text(place))
    place.configuration.chmod(0o600)


def _text(place: Place) -> str:
    return f"""{_MARK.format(path=place.configuration)}
issuer = "{place.issuer}"
support_contact = "tuki@laatuportti.example"

[server]
bind = "127.0.0.1:{place.port}"

[database]
url = "sqlite:///idp.db"

[mail]
url = "file:mail"
sender = "laatuportti@laatuportti.example"

[keys]
directory = "keys"

[outbound]
allow_private_addresses = ["localhost"]
"""
