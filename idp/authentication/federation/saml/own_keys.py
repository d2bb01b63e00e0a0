"""Our keys towards an organization's identity provider, each in a certificate of our own.

They lie among the connection's sealed secrets, each as JSON.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from idp.authentication.federation.saml.certificates import Certificate
from idp.foundation.clock import utcnow

SIGNING, NEXT_SIGNING = "saml_signing", "saml_next_signing"
ENCRYPTION, OLD_ENCRYPTION = "saml_encryption", "saml_old_encryption"
"""What the connection's secrets call them."""
OPENING = (ENCRYPTION, OLD_ENCRYPTION)
"""Those that open what is encrypted to us, the published one first."""
LASTS = timedelta(days=3 * 365)
"""How long a certificate of ours is dated for; the calendar warns before its end."""
_SIZE = 2048
_CLOCKS = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class OwnKey:
    """A private key and its certificate."""

    private: rsa.RSAPrivateKey = field(repr=False)
    certificate: Certificate

    def dumped(self) -> str:
        """Both as text, to be sealed."""
        key = self.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return json.dumps({"key": base64.b64encode(key).decode(), "of": self.certificate.base64})


def loaded(text: str) -> OwnKey:
    """A key as it was kept."""
    kept = json.loads(text)
    # Checking an RSA key takes 100 ms; this one comes from our own seal, which nobody altered.
    private = load_der_private_key(
        base64.b64decode(kept["key"]), None, unsafe_skip_rsa_key_validation=True
    )
    return OwnKey(
        private=cast("rsa.RSAPrivateKey", private),
        certificate=Certificate(der=base64.b64decode(kept["of"])),
    )


def made(name: str) -> str:
    """A new key as text, to be sealed; ``name`` is told to people only."""
    return generate(name, utcnow()).dumped()


def generate(name: str, now: datetime) -> OwnKey:
    """A new RSA key in a self-signed certificate; ``name`` is told to people only."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=_SIZE)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS)
        .not_valid_after(now + LASTS)
        .sign(private, SHA256())
    )
    return OwnKey(
        private=private, certificate=Certificate(der=certificate.public_bytes(Encoding.DER))
    )
