"""JWTs that are signed well and otherwise as odd as can be: built by hand, as no library would."""

from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from tests.fuzz.odd import base64url, document, values, written


def each(name: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
    """One member with each of the values."""
    return [{name: value} for value in values]


HEADERS: tuple[dict[str, Any], ...] = (
    *each("alg", ("none", "HS256", "RS256", "PS512", "ES256K", "", None, 1, [], {})),
    *each("kid", (None, 1, "", "x" * 5000, {}, "../../x", "ä")),
    *each("typ", (None, 1, "", "JWT", "at+jwt", "logout+jwt", "dpop+jwt", [])),
    *each("crit", ([], ["exp"], ["b64"], "b64", None, 1, ["x"] * 1000)),
    {"crit": ["b64"], "b64": False},
    *each("jwk", (None, 1, {}, [], {"kty": "oct", "k": "AA"}, {"kty": 1}, {"kty": "EC"})),
    {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
    {"jwk": {"kty": "RSA", "n": "AQ", "e": "AQAB"}},
    {"jwk": {"kty": "RSA", "n": "A" * 6000, "e": "A" * 500}},
    {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": 7}},
    {"jku": "https://evil.example/", "x5u": "https://evil.example/", "x5c": ["!"]},
    *each("zip", ("DEF", 1)),
    *({"enc": enc, "alg": "dir"} for enc in ("A128GCM", None, 1)),
    {"alg": "PBES2-HS256+A128KW", "p2c": 10**9, "p2s": "AA", "enc": "A128GCM"},
    {"x": "y" * 20000},
)
"""What replaces a member of a good header, or joins it."""


def tokens(key: ECKey, header: dict[str, Any], claims: dict[str, Any]) -> st.SearchStrategy[str]:
    """JWTs about ``claims``: signed by ``key`` or not at all, in their forms and without form."""
    heads = st.one_of(
        st.just(header),
        st.sampled_from(HEADERS).map(lambda odd: header | odd),
        st.dictionaries(st.sampled_from([*header, "crit", "jwk", "x"]), values, max_size=2).map(
            lambda odd: header | odd
        ),
    )
    made = st.builds(lambda head, body: signed(key, written(head), body), heads, document(claims))
    return st.one_of(
        made,
        made.map(lambda token: token[: token.rfind(".") + 1]),
        made.map(lambda token: token + ".AA.AA"),
        made.map(lambda token: token.replace(".", "=.", 1)),
        made.map(lambda token: token[:-4] + "!é=="),
    )


def signed(key: ECKey, header: bytes, body: bytes) -> str:
    """A compact JWS by ES256 (RFC 7518 section 3.4), whatever its header says."""
    signing_input = f"{base64url(header)}.{base64url(body)}"
    private = key.private_key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(private.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signing_input}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"
