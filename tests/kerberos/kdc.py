"""MIT's Kerberos from Debian's packages: one realm, its people, services and tickets."""

import base64
import os
import socket
import struct
import subprocess
from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import gssapi

from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

SPNEGO = "1.3.6.1.5.5.2"
KRB5 = "1.2.840.113554.1.2.2"
PASSWORD = "seitsemän sinistä kukkoa"


class Kdc(Server):
    """A realm of our own; ``clockskew`` is how many seconds its machines' clocks may differ."""

    def __init__(self, realm: str, *, clockskew: int = 300) -> None:
        super().__init__()
        self.realm = realm
        self.port = free_port()
        self._clockskew = clockskew
        self._made = 0

    def launch(self) -> Process:
        """Run the server; its database is made at the first start."""
        if not self.database.exists():
            self._write()
            self.run("/usr/sbin/kdb5_util", "create", "-s", "-P", PASSWORD, "-r", self.realm)
        command = ["env", *(f"{name}={value}" for name, value in self.environment.items())]
        process = Process([*command, "/usr/sbin/krb5kdc", "-n"], log=self.folder / "log")
        process.wait_until(self.is_ready)
        return process

    @property
    def database(self) -> Path:
        """Where the principals are."""
        return self.folder / "principal"

    @property
    def environment(self) -> dict[str, str]:
        """What leads Kerberos' programs to this realm."""
        return {
            "KRB5_CONFIG": str(self.folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(self.folder / "kdc.conf"),
        }

    def is_ready(self) -> bool:
        """Whether it answers."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def principal(self, name: str, *options: str) -> None:
        """Add a person (with `PASSWORD`) or, with ``-randkey``, a service; once is enough."""
        how = " ".join(options or ("-pw", f'"{PASSWORD}"'))
        self._admin(f"addprinc {how} {name}")

    def keytab(self, *names: str, encryption: str = "aes256-cts-hmac-sha1-96") -> bytes:
        """A keytab of these services with new keys."""
        self._made += 1
        path = self.folder / f"{self._made}.keytab"
        for name in names:
            self._admin(f"ktadd -k {path} -e {encryption}:normal {name}")
        return path.read_bytes()

    def sign_in(
        self, name: str, *services: str, lifetime: timedelta = timedelta(hours=1), ahead: int = 0
    ) -> Path:
        """A person's ticket at their computer, and tickets for ``services``.

        Its clock is ``ahead`` by seconds from then on: it takes no new tickets, if by many.
        """
        self._made += 1
        cache = self.folder / f"{self._made}.cache"
        self.run(
            "kinit",
            "-l",
            f"{int(lifetime.total_seconds())}s",
            "-c",
            str(cache),
            name,
            given=f"{PASSWORD}\n",
        )
        if services:
            self.run("kvno", "-c", str(cache), *services)
        # MIT's file format, version 4: after the version, a header with the offset of the clock.
        content = bytearray(cache.read_bytes())
        content[4:16] = struct.pack(">HHii", 1, 8, ahead, 0)
        cache.write_bytes(content)
        return cache

    def token(self, service: str, cache: Path, *, mechanism: str = SPNEGO) -> bytes:
        """What a browser sends of this ticket to the service, with a new proof each time."""
        os.environ["KRB5_CONFIG"] = str(self.folder / "lenient.conf")
        try:
            context = self._context(service, cache, mechanism)
            return bytes(context.step() or b"")
        finally:
            os.environ["KRB5_CONFIG"] = self.environment["KRB5_CONFIG"]

    def context(self, service: str, cache: Path) -> gssapi.SecurityContext:
        """The browser's half, which can hear the answer."""
        os.environ["KRB5_CONFIG"] = self.environment["KRB5_CONFIG"]
        return self._context(service, cache, SPNEGO)

    def _context(self, service: str, cache: Path, mechanism: str) -> gssapi.SecurityContext:
        kind = gssapi.OID.from_int_seq(mechanism)
        return gssapi.SecurityContext(
            name=gssapi.Name(f"{service}@{self.realm}", gssapi.NameType.kerberos_principal),
            creds=gssapi.Credentials(usage="initiate", store={"ccache": f"FILE:{cache}"}),
            mech=kind,
            flags=gssapi.RequirementFlag.mutual_authentication,
            usage="initiate",
        )

    def run(self, *command: str, given: str = "") -> str:
        """Run one of Kerberos' programs; what it printed."""
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **self.environment},
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def _admin(self, query: str) -> None:
        self.run("/usr/sbin/kadmin.local", "-r", self.realm, "-q", query)

    def _write(self) -> None:
        (self.folder / "krb5.conf").write_text(self._profile(self._clockskew))
        # A computer whose clock is wrong does not know it: its library lets its own tickets pass.
        (self.folder / "lenient.conf").write_text(self._profile(36000))
        (self.folder / "kdc.conf").write_text(
            _dedented(f"""
            [realms]
            {self.realm} = {{
                database_name = {self.database}
                key_stash_file = {self.folder / "stash"}
                kdc_listen = 127.0.0.1:{self.port}
                kdc_tcp_listen = 127.0.0.1:{self.port}
            }}
            """)
        )

    def _profile(self, clockskew: int) -> str:
        return _dedented(f"""
            [libdefaults]
            default_realm = {self.realm}
            dns_lookup_kdc = false
            dns_lookup_realm = false
            dns_canonicalize_hostname = false
            rdns = false
            udp_preference_limit = 1
            clockskew = {clockskew}
            [realms]
            {self.realm} = {{
                kdc = 127.0.0.1:{self.port}
            }}
            """)


def _dedented(text: str) -> str:
    """A profile's sections stand at the start of their lines."""
    return dedent(text).lstrip()


def encoded(token: bytes) -> str:
    """A token as it stands in a header or a document."""
    return base64.b64encode(token).decode()
