"""What a parameter, a header, a JSON document or a JOSE object may hold when somebody is unkind."""

import base64
import json
from typing import Any

from hypothesis import strategies as st

MARK = "<script>fuzz</script>"
"""If this comes back in a page as it is, somebody's text became markup."""

CURIOUS = (
    *("", " ", "0", "-1", "1e400", "NaN", "null", "true", "²", "١", "9" * 400, "9" * 5000),
    *("\t", "\r\nX-Fuzz: 1", "\x7f", "\x01", "\u2028", "\u202e", "\ufeff", "\ufffe", "é"),
    *("\U0001f600", "\ud800", "\udfff\ud800"),
    *("a" * 300, "ä" * 3000, " ".join(map(str, range(500))), "a b  c", "%", "%zz", "+", "&", "="),
    *("'", '"', "\\", "; DROP TABLE grant", "${7*7}", "{{7*7}}", "../../etc/passwd", MARK),
    *("http://[::1", "https://[", "https://a:99999/", "https://a:x/", "https://", "//evil.example"),
    *("javascript:alert(1)", "data:,x", "https://evil.example/#f", "https://a\\@b/", "urn:x:y"),
    *("https://xn--/", "https://ä.example/", "https://127.0.0.1:1/", "http://localhost:1/x", "a:b"),
    *("{", "[]", "{}", "[[[[", "a.b.c", "..", "a.b", "a.b.c.d.e", "....", "eyJ.eyJ.", "e30.e30."),
)
BYTES = ("%ff", "%c3%28", "%ed%a0%80", "%00", "%f8%a1%a1%a1%a1", "%", "%e4", "\xff", "\xe4")
"""Values as they stand in a query or form, not fit for decoding."""

texts = st.one_of(
    st.sampled_from(CURIOUS),
    st.sampled_from(CURIOUS),
    st.text(max_size=40),
    st.text(alphabet=st.characters(max_codepoint=0x7F), max_size=40),
)

scalars: st.SearchStrategy[Any] = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    st.sampled_from([10**30, -(10**30), 1e308, -0.0, 2**63, float("inf"), float("nan")]),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
DOCUMENTS = (
    *(b"", b"{", b"null", b"[]", b'""', b"1", b"{}", b"\xff", b"\xef\xbb\xbf{}", b'{"a":1,"a":2}'),
    *(b"[" * 5000, b'{"a":' * 5000, b"[" * 60 + b"]" * 60, b'{"\\ud800": "\\udfff"}', b"1" * 6000),
    *(b'{"a": NaN}', b'{"a": 1e999}', b'{"sub": "\\u0000"}', '{"a": "ä"}'.encode("utf-16"), b"{}x"),
)


def document(known: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """A JSON document around ``known`` members, each as it is, odd, or left out."""
    members = {name: st.just(value) | values for name, value in known.items()}
    return st.one_of(
        st.fixed_dictionaries({}, optional=members).map(written),
        st.fixed_dictionaries({name: st.just(value) for name, value in known.items()}).flatmap(
            lambda base: st.dictionaries(
                st.sampled_from([*known, "x", "", "__proto__"]), values, max_size=2
            ).map(lambda more: written(base | more))
        ),
        st.sampled_from(DOCUMENTS),
    )


def written(value: Any) -> bytes:
    """JSON as a careless sender writes it."""
    return json.dumps(value).encode()


def base64url(raw: bytes) -> str:
    """Unpadded, as JOSE has it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
