"""The signature algorithms we offer, and how a key for each is made (RFC 7518, RFC 8037)."""

from joserfc.jwk import ECKey, OKPKey, RSAKey

Key = RSAKey | ECKey | OKPKey

SIGNING_ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
"""What we sign with; RS256 first, being OpenID Connect's default."""


def generate(alg: str) -> Key:
    """A new private key for ``alg``."""
    if alg in ("RS256", "PS256"):
        return RSAKey.generate_key(2048, auto_kid=False)
    if alg == "ES256":
        return ECKey.generate_key("P-256", auto_kid=False)
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519", auto_kid=False)
    raise ValueError(alg)
