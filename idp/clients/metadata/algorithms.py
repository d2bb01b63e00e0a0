"""What a client may choose from: ways to authenticate, to sign and to encrypt.

Never ``none``, never RSA1_5 (RFC 8725 sections 3.1 and 3.2), and only what the library does well.
"""

from typing import Literal, get_args

AuthMethod = Literal[
    "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"
]
GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
]
SigningAlgorithm = Literal["RS256", "ES256", "PS256", "EdDSA"]
"""What we sign for a client with."""
SignedObjectAlgorithm = Literal["RS256", "PS256", "ES256", "ES384", "EdDSA"]
"""What a client signs its assertions and request objects with."""
SecretAlgorithm = Literal["HS256", "HS384", "HS512"]
"""What a client signs its assertions with by its secret (``client_secret_jwt`` alone)."""
KeyEncryption = Literal["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"]
ContentEncryption = Literal["A128CBC-HS256", "A256GCM"]
AccessTokenFormat = Literal["opaque", "jwt"]
AcrValue = Literal["urn:laatuportti:acr:password", "urn:laatuportti:acr:sso"]
"""How people are authenticated: by a password kept here, by their organization's own sign-on."""
FapiProfile = Literal["none", "fapi2_security", "fapi2_message_signing"]

DEFAULT_ENCRYPTION = "A128CBC-HS256"
"""What content is encrypted with where only the key's algorithm is registered."""
SIGNING_ALGORITHMS: tuple[str, ...] = get_args(SigningAlgorithm)
SIGNED_OBJECT_ALGORITHMS: tuple[str, ...] = get_args(SignedObjectAlgorithm)
SECRET_ALGORITHMS: tuple[str, ...] = get_args(SecretAlgorithm)
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
FAPI_ALGORITHMS = ("PS256", "ES256", "EdDSA")
"""What FAPI 2.0 Security Profile section 5.4.1 leaves of the above."""
