"""nginx from Debian's package as the TLS front of several nodes, with a certificate of our own."""

import os
import ssl
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.process import Process
from tests.servers.server import Server

_CONFIG = """
daemon off;
{user}
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream nodes {{
        {nodes}
    }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{
            proxy_pass http://nodes;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_connect_timeout 2s;
        }}
    }}
}}
"""


class TlsFront(Server):
    """https://localhost on a port of its own; requests go to the nodes by turns."""

    def __init__(self, nodes: Sequence[int], port: int) -> None:
        super().__init__()
        self._nodes, self.port = nodes, port
        self.certificate = _make_certificate(self.folder)

    @property
    def url(self) -> str:
        """Where it listens, and what its certificate is for."""
        return f"https://localhost:{self.port}"

    @property
    def trust(self) -> dict[str, str]:
        """The environment in which Python, requests and Node trust it."""
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        return dict.fromkeys(names, str(self.certificate))

    def launch(self) -> Process:
        servers = [f"server 127.0.0.1:{n} max_fails=1 fail_timeout=1s;" for n in self._nodes]
        config = self.folder / "nginx.conf"
        config.write_text(
            _CONFIG.format(
                user="user www-data;" if os.geteuid() == 0 else "",
                folder=self.folder,
                nodes="\n        ".join(servers),
                port=self.port,
                certificate=self.certificate,
                key=self.folder / "front.key",
            )
        )
        self.folder.chmod(0o755)
        process = Process(
            ["/usr/sbin/nginx", "-e", self.folder / "error.log", "-c", config],
            log=self.folder / "log",
        )
        process.wait_until(self.is_ready)
        return process

    def is_ready(self) -> bool:
        """Whether a node answers through it."""
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        try:
            with urllib.request.urlopen(
                f"{self.url}/health/live", timeout=5, context=trusting
            ) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def _make_certificate(folder: Path) -> Path:
    """A certificate for localhost that vouches for itself, its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "front.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    certificate = folder / "front.pem"
    certificate.write_bytes(made.public_bytes(pem))
    return certificate
