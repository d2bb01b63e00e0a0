"""Encrypted assertions (XML Encryption 1.1) opened: what is inside is as untrusted as before.

Content: AES-GCM, and AES-CBC because AD FS and Entra ID send it. CBC says nothing of who wrote it,
so nobody may learn from us how far a forged one got: every failure between the key and a verified
signature is one refusal, SAML_DECRYPTION, with nothing expected or received (see `response.py`).
Key transport: RSA-OAEP only; PKCS #1 1.5 answers such questions by itself. SHA-1 is taken inside
OAEP, and nowhere else: as label digest and in MGF1 it needs no resistance to collisions (RFC 8017
section 7.1), and the products send it by default.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import names, reading
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.reading import Element

_GCM = {
    f"{names.ENCRYPTION_11}aes128-gcm": 16,
    f"{names.ENCRYPTION_11}aes256-gcm": 32,
}
_CBC = {
    f"{names.ENCRYPTION}aes128-cbc": 16,
    f"{names.ENCRYPTION}aes256-cbc": 32,
}
_OAEP_MGF1P = f"{names.ENCRYPTION}rsa-oaep-mgf1p"
_OAEP = f"{names.ENCRYPTION_11}rsa-oaep"
_DIGESTS: dict[str, HashAlgorithm] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": SHA1(),  # noqa: S303 - the module says why
    f"{names.ENCRYPTION}sha256": SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": SHA384(),
    f"{names.ENCRYPTION}sha512": SHA512(),
}
_MGFS: dict[str, HashAlgorithm] = {
    f"{names.ENCRYPTION_11}mgf1sha1": SHA1(),  # noqa: S303 - the module says why
    f"{names.ENCRYPTION_11}mgf1sha256": SHA256(),
    f"{names.ENCRYPTION_11}mgf1sha384": SHA384(),
    f"{names.ENCRYPTION_11}mgf1sha512": SHA512(),
}
_KEYS = 4
"""Encrypted keys one assertion may carry: each costs us an RSA operation for each key of ours."""

CONTENT_ALGORITHMS = (*_GCM, *_CBC)
"""What our metadata offers, the best first."""
KEY_ALGORITHMS = (_OAEP, _OAEP_MGF1P)


def decrypt(encrypted: Element, keys: Sequence[rsa.RSAPrivateKey]) -> bytes:
    """The bytes inside a saml:EncryptedAssertion.

    SAML_ALGORITHM where it is not one of ours (its sender knows); otherwise only SAML_DECRYPTION.
    """
    data = reading.only(encrypted, "xenc:EncryptedData")
    algorithm = _algorithm(data)
    if algorithm not in CONTENT_ALGORITHMS:
        raise FederationRefused(
            Reason.SAML_ALGORITHM, expected=CONTENT_ALGORITHMS[0], received=algorithm
        )
    carried = list(encrypted.iter(tag("xenc:EncryptedKey")))
    if not 1 <= len(carried) <= _KEYS:
        raise reading.shape("one to four EncryptedKey", str(len(carried)))
    opening = [(_cipher_value(key), _padding(key)) for key in carried]
    content = _cipher_value(data)
    for private in keys:
        for wrapped, padding in opening:
            try:
                return _open(algorithm, private.decrypt(wrapped, padding), content)
            except (ValueError, InvalidTag):
                continue
    raise FederationRefused(Reason.SAML_DECRYPTION)


def _open(algorithm: str, key: bytes, content: bytes) -> bytes:
    """The content decrypted: its first bytes are the nonce (xmlenc-core1 5.2)."""
    if len(key) != (_GCM | _CBC)[algorithm]:
        raise ValueError("key length")
    if algorithm in _GCM:
        return AESGCM(key).decrypt(content[:12], content[12:], None)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(content[:16])).decryptor()
    padded = decryptor.update(content[16:]) + decryptor.finalize()
    # XML Encryption pads with anything; only the last byte says how much (xmlenc-core1 5.2.1).
    if not padded or not 1 <= padded[-1] <= 16:
        raise ValueError("padding")
    return padded[: -padded[-1]]


def _padding(encrypted_key: Element) -> OAEP:
    method = reading.only(encrypted_key, "xenc:EncryptionMethod")
    algorithm = method.get("Algorithm", "")
    if algorithm not in KEY_ALGORITHMS:
        raise FederationRefused(Reason.SAML_ALGORITHM, expected=_OAEP, received=algorithm)
    if reading.optional(method, "xenc:OAEPparams") is not None:
        raise reading.shape("no OAEPparams", "OAEPparams")
    digest = _parameter(method, "ds:DigestMethod", _DIGESTS)
    mgf = _parameter(method, "xenc11:MGF", _MGFS) if algorithm == _OAEP else SHA1()  # noqa: S303
    return OAEP(mgf=MGF1(mgf), algorithm=digest, label=None)


def _parameter(method: Element, name: str, known: dict[str, HashAlgorithm]) -> HashAlgorithm:
    """The hash a parameter names; SHA-1 where it is not there (xmlenc-core1 5.5.2)."""
    given = reading.optional(method, name)
    if given is None:
        return SHA1()  # noqa: S303 - the module says why
    uri = given.get("Algorithm", "")
    if uri not in known:
        raise FederationRefused(Reason.SAML_ALGORITHM, expected=" ".join(known), received=uri)
    return known[uri]


def _algorithm(data: Element) -> str:
    return reading.only(data, "xenc:EncryptionMethod").get("Algorithm", "")


def _cipher_value(element: Element) -> bytes:
    return reading.encoded(
        reading.only(reading.only(element, "xenc:CipherData"), "xenc:CipherValue")
    )
