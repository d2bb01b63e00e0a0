"""Certificates as SAML uses them: carriers of a pinned key, whose dates warn and never refuse.

An identity provider's metadata pins its keys; nobody vouches for the certificates around them, and
most are self-signed. A key is no weaker the day after its certificate's date, but an organization
whose people are locked out on that day is. So the date is a reminder to change the key
(`warnings`), and a key counts until it is taken away.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.authentication.federation.reasons import FederationRefused, Reason

SMALLEST_RSA = 2048
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_ARMOUR = re.compile(r"-----(BEGIN|END) CERTIFICATE-----")
_LONGEST = 16 * 1024

SigningKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class CertificateWarning(StrEnum):
    """What is odd about a certificate, though its key counts."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRES_SOON = "expires_soon"


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One certificate; equal to another if it is the same to the last byte."""

    der: bytes = field(repr=False)

    @cached_property
    def x509(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)

    @cached_property
    def key(self) -> SigningKey | None:
        """The public key, if it is of a kind and strength that counts."""
        key = self.x509.public_key()
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
            return key
        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
            return key
        return None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as people compare it: ``AB:CD:…``."""
        return self.x509.fingerprint(SHA256()).hex(":").upper()

    @cached_property
    def key_id(self) -> bytes:
        """The key itself in DER: two certificates around one key are one trust."""
        return self.x509.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def not_before(self) -> datetime:
        return self.x509.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        return self.x509.not_valid_after_utc

    @property
    def base64(self) -> str:
        """As it stands in metadata (ds:X509Certificate)."""
        return base64.b64encode(self.der).decode()

    def warning(
        self, now: datetime, ahead: timedelta = timedelta(days=60)
    ) -> CertificateWarning | None:
        """What its dates say at ``now``; ``ahead`` is how early its end is told."""
        if now >= self.not_after:
            return CertificateWarning.EXPIRED
        if now < self.not_before:
            return CertificateWarning.NOT_YET_VALID
        return CertificateWarning.EXPIRES_SOON if now >= self.not_after - ahead else None


def read(text: str) -> Certificate:
    """A certificate from base64 or PEM, however it is wrapped; raises FederationRefused."""
    bare = re.sub(r"\s", "", _ARMOUR.sub("", text))
    try:
        if len(bare) > _LONGEST:
            raise ValueError("too long")
        certificate = Certificate(der=base64.b64decode(bare, validate=True))
        certificate.x509.public_key()
    except (ValueError, binascii.Error, x509.InvalidVersion) as error:
        raise FederationRefused(
            Reason.SAML_METADATA, expected="X509Certificate", received=str(error)
        ) from None
    return certificate
