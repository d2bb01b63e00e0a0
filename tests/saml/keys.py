"""Keys and certificates for tests, each made once a run."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.own_keys import OwnKey

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The RSA key of that name."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of that name."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    private: Private,
    *,
    starts: datetime = NOW - timedelta(days=30),
    ends: datetime = NOW + timedelta(days=335),
) -> Certificate:
    """A self-signed certificate around the key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(7)
        .not_valid_before(starts)
        .not_valid_after(ends)
        .sign(private, SHA256())
    )
    return Certificate(der=made.public_bytes(Encoding.DER))


@cache
def pair(name: str) -> OwnKey:
    """An RSA key and its certificate by name."""
    return OwnKey(private=rsa_key(name), certificate=certificate(rsa_key(name)))


def pem(private: Private) -> str:
    """The key as files hold it."""
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
