"""Reading without a key: DER, tokens and keytabs, strictly (RFC 4178, RFC 4120, ITU-T X.690)."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.authentication.federation.document import read
from idp.authentication.federation.kerberos import keytab, token
from idp.authentication.federation.kerberos.der import Malformed, Reader, element
from idp.authentication.federation.kerberos.principal import attributes
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.errors import Invalid
from tests.kerberos.kdc import Kdc, encoded
from tests.kerberos.organization import SERVICE

REALM = "KUUSELA.EXAMPLE"


@pytest.fixture(scope="module")
def offered(kdc: Kdc) -> bytes:
    kdc.principal(SERVICE, "-randkey")
    kdc.principal("aino.kuusela")
    return kdc.token(SERVICE, kdc.sign_in("aino.kuusela"))


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_an_element_is_read_as_it_was_written(size: int) -> None:
    reader = Reader(element(0x04, b"x" * size) + b"rest")
    assert reader.take(0x04) == b"x" * size
    assert not reader.has(0x04)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x04",
        b"\x04\x05abcd",  # shorter than it says
        b"\x04\x80abc\x00\x00",  # indefinite, X.690 section 8.1.3.6: BER alone
        b"\x04\x81\x04abcd",  # a longer length than needed, section 10.1
        b"\x04\x82\x00\x81" + b"x" * 129,
        b"\x04\x84\x00\x00\x00\x04abcd",
        b"\x05\x04abcd",
    ],
)
def test_what_is_not_der_is_not_read(data: bytes) -> None:
    with pytest.raises(Malformed):
        Reader(data).take(0x04)


def test_a_ticket_says_for_whom_it_is_and_with_which_key(offered: bytes) -> None:
    offer = token.read(offered)
    assert (offer.service, offer.realm) == (SERVICE, REALM)
    assert offer.key.endswith("etype 18")


def test_wrapped_anew_it_is_the_same_use(offered: bytes) -> None:
    """Who replays a ticket may choose another wrapping (RFC 4178 section 4.2.1, reqFlags)."""
    offer = token.read(offered)
    kinds = element(0x30, element(0x06, bytes.fromhex("2a864882f712010202")))
    flags = element(0xA1, element(0x03, b"\x01\x02"))
    said = element(0xA0, kinds) + flags + element(0xA2, element(0x04, offer.message))
    init = element(0xA0, element(0x30, said))
    again = token.read(element(0x60, element(0x06, bytes.fromhex("2b0601050502")) + init))
    assert again.use == offer.use
    assert again.mechanism != offer.mechanism


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_is_refused_or_read_but_never_fails(data: Any, offered: bytes) -> None:
    place = data.draw(st.integers(0, len(offered) - 1))
    changed = bytearray(offered)
    changed[place] = data.draw(st.integers(0, 255))
    cut = bytes(changed[: data.draw(st.integers(0, len(changed)))])
    for each in (bytes(changed), cut):
        with suppress(FederationRefused):
            token.read(each)


@pytest.mark.parametrize(
    ("principal", "reason"),
    [
        ("aino@MUU.EXAMPLE", Reason.KERBEROS_REALM),
        ("aino@kuusela.example", Reason.KERBEROS_REALM),
        ("aino", Reason.KERBEROS_REALM),
        ("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS", Reason.KERBEROS_REALM),
        (f"HTTP/id.example.fi@{REALM}", Reason.KERBEROS_PRINCIPAL),
        (f"aino/admin@{REALM}", Reason.KERBEROS_PRINCIPAL),
        (f"tyoasema1$@{REALM}", Reason.KERBEROS_PRINCIPAL),
        (rf"aino\@muu.example@{REALM}", Reason.KERBEROS_PRINCIPAL),
        (f"@{REALM}", Reason.KERBEROS_PRINCIPAL),
    ],
)
def test_who_is_no_person_of_the_realm_is_refused(principal: str, reason: Reason) -> None:
    with pytest.raises(FederationRefused) as refused:
        attributes(principal, REALM)
    assert refused.value.reason is reason


def test_a_person_is_known_by_the_principal_and_called_by_its_parts() -> None:
    assert attributes(f"Aino.Kuusela@{REALM}", REALM) == {
        "principal": ("Aino.Kuusela@KUUSELA.EXAMPLE",),
        "name": ("Aino.Kuusela",),
        "realm": ("KUUSELA.EXAMPLE",),
        "upn": ("Aino.Kuusela@kuusela.example",),
    }


def test_only_our_own_aes_keys_are_taken_of_a_keytab(kdc: Kdc) -> None:
    kdc.principal(SERVICE, "-randkey")
    kdc.principal("HTTP/muu.example.fi", "-randkey")
    whole = kdc.keytab(SERVICE, "HTTP/muu.example.fi")
    ours = keytab.only(whole, f"{SERVICE}@{REALM}")
    assert [(each.principal, each.etype) for each in keytab.entries(ours)] == [
        (f"{SERVICE}@{REALM}", 18)
    ]


def test_a_keytab_of_weak_keys_is_none(kdc: Kdc) -> None:
    kdc.principal(SERVICE, "-randkey")
    weak = kdc.keytab(SERVICE, encryption="arcfour-hmac")
    assert [each.etype for each in keytab.entries(weak)] == [23]
    with pytest.raises(keytab.Unusable):
        keytab.only(weak, f"{SERVICE}@{REALM}")
    assert not keytab.has_key(encoded(weak), REALM)


@pytest.mark.parametrize("content", [b"", b"\x05\x01", b"\x05\x02\0\0\0\x09x", b"\x05\x02" * 9])
def test_what_is_no_keytab_is_refused(content: bytes) -> None:
    with pytest.raises(keytab.Unusable):
        keytab.only(content, f"{SERVICE}@{REALM}")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_keytab_is_refused_or_read_but_never_fails(data: Any) -> None:
    content = bytearray(_sample())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    keytab.has_key(encoded(bytes(content)), REALM)


def _sample() -> bytes:
    """An entry as MIT writes it: components, realm, name type, time, version, key."""
    parts = [b"\x00\x02"]
    names = (REALM.encode(), b"HTTP", b"id.example.fi")
    parts += [len(name).to_bytes(2, "big") + name for name in names]
    parts.append(b"\x00\x00\x00\x01\x6a\x00\x00\x00\x02\x00\x12\x00\x20" + b"k" * 32)
    entry = b"".join(parts)
    return b"\x05\x02" + len(entry).to_bytes(4, "big") + entry


def test_the_sample_is_a_keytab() -> None:
    assert keytab.has_key(encoded(_sample()), REALM)
    assert not keytab.has_key(encoded(_sample()), "MUU.EXAMPLE")
    assert not keytab.has_key("?", REALM)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"realm": "kuusela.example"}, {"realm": "not_fitting"}),
        ({"keytab": "?"}, {"keytab": "keytab_unusable"}),
        ({"realm": "MUU.EXAMPLE"}, {"keytab": "keytab_unusable"}),
        ({"product": "adfs"}, {"product": "product_unknown"}),
    ],
)
def test_what_does_not_hold_in_a_document_is_named(
    changes: dict[str, str], problems: dict[str, str]
) -> None:
    good = {"kind": "kerberos", "name": "verkko", "realm": REALM, "keytab": encoded(_sample())}
    document = read(good)
    assert document.secrets() == {"keytab": encoded(_sample())}
    assert encoded(_sample()) not in f"{document.stored()}{document!r}"
    with pytest.raises(Invalid) as refused:
        read({**good, **changes})
    assert refused.value.fields == problems
