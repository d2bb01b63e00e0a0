"""The guarded fetcher talks to the name it was given, proved by a certificate it trusts."""

import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from idp.foundation.clock import utcnow
from idp.foundation.fetch import Fetcher, FetchError, Reason
from tests.foundation.odd_server import OddServer, Peer

DAY = timedelta(days=1)


def answer(peer: Peer) -> None:
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        folder.mkdir()
        authority = cls(folder, key, _certificate("authority", key, key, "authority", DAY))
        authority.file.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
        return authority

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    def server(self, name: str, lives: timedelta = DAY) -> ssl.SSLContext:
        """What a server of that name speaks TLS with."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(name, key, self.key, "authority", lives)
        chain = self.folder / f"{name}.pem"
        chain.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: str,
    lives: timedelta,
) -> x509.Certificate:
    begins = min(utcnow(), utcnow() + lives) - DAY
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(utcnow() + lives)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "ours")


@pytest.fixture
def fetcher(authority: Authority) -> Fetcher:
    return Fetcher(["127.0.0.1"], str(authority.file), resolve=lambda *_: ["127.0.0.1"])


def failure(fetcher: Fetcher, tls: ssl.SSLContext | None) -> FetchError:
    with OddServer(answer, tls) as server, pytest.raises(FetchError) as refused:
        fetcher.get(server.url.replace("http:", "https:"))
    assert server.requests == [], "nothing was said to it"
    return refused.value


def test_the_name_is_asked_for_and_proved_though_an_address_is_connected_to(
    authority: Authority, fetcher: Fetcher
) -> None:
    tls = authority.server("idp.test")
    asked: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: asked.append(name)
    with OddServer(answer, tls) as server:
        assert fetcher.get(server.url).body == b"ok"
    assert asked == ["idp.test"]


def test_a_certificate_for_another_name_is_refused(authority: Authority, fetcher: Fetcher) -> None:
    assert failure(fetcher, authority.server("other.test")).reason is Reason.TLS


def test_a_certificate_of_yesterday_is_refused(authority: Authority, fetcher: Fetcher) -> None:
    expired = authority.server("idp.test", lives=-timedelta(hours=1))
    assert failure(fetcher, expired).reason is Reason.TLS


def test_an_authority_nobody_listed_is_refused(tmp_path: Path, fetcher: Fetcher) -> None:
    stranger = Authority.make(tmp_path / "stranger")
    assert failure(fetcher, stranger.server("idp.test")).reason is Reason.TLS


def test_tls_of_the_last_century_is_refused(authority: Authority, fetcher: Fetcher) -> None:
    old = authority.server("idp.test")
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    assert failure(fetcher, old).reason is Reason.TLS


def test_a_server_that_speaks_no_tls_is_refused(fetcher: Fetcher) -> None:
    with OddServer(Peer.be_silent) as server, pytest.raises(FetchError) as refused:
        fetcher.get(server.url.replace("http:", "https:"), timeout=timedelta(milliseconds=300))
    assert refused.value.reason is Reason.TIMEOUT
