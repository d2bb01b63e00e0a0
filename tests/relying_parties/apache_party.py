"""Debian's Apache with mod_auth_openidc as a relying party: a page for those who signed in."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

MODULES = Path("/usr/lib/apache2/modules")
_LOADED = (
    *("mpm_event", "authz_core", "authz_user", "authn_core", "dir", "mime", "headers"),
    "auth_openidc",
)
_CONFIG = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel warn
Mutex file:{folder}
Listen 127.0.0.1:{port}
{account}
{modules}
TypesConfig /etc/mime.types
DocumentRoot {folder}/pages
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCCABundlePath {trusted}
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI {url}/inside/callback
OIDCRedirectURLsAllowed ^{url}/
OIDCCryptoPassphrase 0123456789abcdef0123456789abcdef
OIDCPKCEMethod S256
OIDCScope "openid profile email offline_access"
OIDCPassRefreshToken On
OIDCCookieSameSite On
<Location /inside>
    AuthType openid-connect
    Require valid-user
    Header always set X-Person "expr=%{{REMOTE_USER}}"
    Header always set X-Name "expr=%{{req:OIDC_CLAIM_given_name}}"
    Header always set X-Session "expr=%{{req:OIDC_CLAIM_sid}}"
    Header always set X-Token "expr=%{{req:OIDC_access_token}}"
</Location>
<Location /outside>
    Require all granted
</Location>
"""


class ApacheParty(Server):
    """Runs on a port of its own; ``/inside/`` asks the provider who comes."""

    def __init__(self, issuer: str, trusted: Path) -> None:
        super().__init__()
        self.port = free_port()
        self._issuer, self._trusted = issuer, trusted
        self._client: Mapping[str, Any] = {}

    @property
    def url(self) -> str:
        """Its front page, without the slash."""
        return f"http://localhost:{self.port}"

    @property
    def metadata(self) -> dict[str, Any]:
        """What it is registered as."""
        return {
            "client_name": "Apache",
            "redirect_uris": [f"{self.url}/inside/callback"],
            "post_logout_redirect_uris": [f"{self.url}/outside/"],
            "backchannel_logout_uri": f"{self.url}/inside/callback?logout=backchannel",
            "backchannel_logout_session_required": True,
            "grant_types": ["authorization_code", "refresh_token"],
        }

    def become(self, client: Mapping[str, Any]) -> None:
        """Be this client from the next start on."""
        self._client = client

    def launch(self) -> Process:
        for name in ("inside", "outside"):
            page = self.folder / "pages" / name / "index.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(f"<h1>{name}</h1>")
        config = self.folder / "apache2.conf"
        config.write_text(
            _CONFIG.format(
                folder=self.folder,
                port=self.port,
                account="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
                modules="\n".join(
                    f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED
                ),
                issuer=self._issuer,
                trusted=self._trusted,
                client_id=self._client["client_id"],
                client_secret=self._client["client_secret"],
                url=self.url,
            )
        )
        self.folder.chmod(0o755)
        command: list[str | Path] = ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", config]
        process = Process(command, log=self.folder / "log")
        process.wait_until(self.is_ready)
        return process

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with urlopen(f"{self.url}/outside/", timeout=5):
                return True
        except HTTPError:
            return True
        except (URLError, OSError):
            return False
