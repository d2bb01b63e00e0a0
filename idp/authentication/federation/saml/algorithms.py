"""The algorithms of signatures: SHA-256 and up, with RSA or ECDSA; everything else is refused."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml.certificates import SigningKey

RSA_SHA256 = SignatureMethod.RSA_SHA256.value

_HASHES: dict[SignatureMethod, HashAlgorithm] = {
    SignatureMethod.RSA_SHA256: SHA256(),
    SignatureMethod.RSA_SHA384: SHA384(),
    SignatureMethod.RSA_SHA512: SHA512(),
    SignatureMethod.ECDSA_SHA256: SHA256(),
    SignatureMethod.ECDSA_SHA384: SHA384(),
    SignatureMethod.ECDSA_SHA512: SHA512(),
}
SIGNATURES = frozenset(_HASHES)
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


def signature_method(uri: str) -> SignatureMethod:
    """The method of that name; SAML_ALGORITHM where it is not one of ours."""
    for method in SIGNATURES:
        if method.value == uri:
            return method
    raise FederationRefused(Reason.SAML_ALGORITHM, expected=RSA_SHA256, received=uri)


def digest_method(uri: str) -> DigestAlgorithm:
    """The digest of that name; SAML_ALGORITHM where it is not one of ours."""
    for method in DIGESTS:
        if method.value == uri:
            return method
    raise FederationRefused(
        Reason.SAML_ALGORITHM, expected=DigestAlgorithm.SHA256.value, received=uri
    )


def fits(method: SignatureMethod, key: SigningKey) -> bool:
    """Whether the key is of the method's kind: the key's kind decides, never the message's word."""
    return isinstance(key, rsa.RSAPublicKey) == method.name.startswith("RSA_")


def is_signed_by(key: SigningKey, method: SignatureMethod, data: bytes, signature: bytes) -> bool:
    """Whether the key made this bare signature (RFC 9231; ECDSA as r and s side by side)."""
    if not fits(method, key):
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, PKCS1v15(), _HASHES[method])
        else:
            key.verify(_der(signature, key), data, ec.ECDSA(_HASHES[method]))
    except InvalidSignature:
        return False
    return True


def _der(signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    size = (key.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise InvalidSignature
    r, s = (int.from_bytes(part) for part in (signature[:size], signature[size:]))
    return utils.encode_dss_signature(r, s)
