"""The pure rules about tokens, as tables."""

import pytest

from idp.authorization.device.user_codes import new_user_code, normalized
from idp.authorization.dpop import is_same_target
from idp.authorization.resources import InvalidTarget, checked, narrowed
from idp.authorization.tokens import new_jti

US, API, OTHER = "https://id.example.fi", "https://api.example.fi", "urn:example:other"


@pytest.mark.parametrize(
    ("asked", "granted", "expected"),
    [
        ((), (), ()),
        ((), (API,), (API,)),
        ((), (API, OTHER), (API, OTHER)),
        ((API,), (API, OTHER), (API,)),
        ((API, API), (API,), (API,)),
        ((US,), (API,), ()),
        ((US,), (), ()),
        ((US, API), (API,), (US, API)),
    ],
)
def test_a_token_is_for_what_was_granted_or_less(
    asked: tuple[str, ...], granted: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """RFC 8707 section 2.2; our own endpoints by the issuer's name, alone: the usual token."""
    assert narrowed(asked, granted, US) == expected


@pytest.mark.parametrize("asked", [(API,), (US, API), (OTHER, API)])
def test_a_token_is_for_nothing_that_was_not_granted(asked: tuple[str, ...]) -> None:
    with pytest.raises(InvalidTarget):
        narrowed(asked, (OTHER,), US)


@pytest.mark.parametrize(
    "resource",
    [
        *("", "api", "/x", "//api.example.fi", "https://", f"{API}#", f"{API}/#x", f"{API}/ x"),
        *("https://[x", f"{API}/ä", f'{API}/"', f"{API}/{'x' * 500}"),
    ],
)
def test_a_resource_is_an_absolute_uri_without_fragment(resource: str) -> None:
    with pytest.raises(InvalidTarget):
        checked([resource])


def test_resources_are_few_and_each_counts_once() -> None:
    assert checked([API, OTHER, API]) == (API, OTHER)
    with pytest.raises(InvalidTarget):
        checked([f"{API}/{number}" for number in range(11)])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("K7F2-QX9M", "K7F2-QX9M"),
        ("k7f2qx9m", "K7F2-QX9M"),
        (" k7f2 qx9m ", "K7F2-QX9M"),
        ("K7F2\N{EN DASH}QX9M", "K7F2-QX9M"),
        ("K7F2\N{NO-BREAK SPACE}QX9M", "K7F2-QX9M"),
        ("K7F2-QX9", None),
        ("K7F2-QX9MM", None),
        ("", None),
        ("Ä7F2-QX9M", None),
        ("K7F2_QX9M", None),
        ("K7F2;QX9", None),
    ],
)
def test_a_user_code_is_read_as_people_type_it(typed: str, code: str | None) -> None:
    """RFC 8628 section 6.1."""
    assert normalized(typed) == code


def test_a_new_user_code_is_its_own_normal_form() -> None:
    codes = {new_user_code() for _ in range(100)}
    assert {normalized(code) for code in codes} == codes
    assert len(codes) == 100


@pytest.mark.parametrize(
    ("htu", "is_same"),
    [
        ("https://id.example.fi/token", True),
        ("HTTPS://ID.EXAMPLE.FI:443/token?a=b#c", True),
        ("https://id.example.fi/%74%6F%6ben", True),
        ("https://id.example.fi/token/", False),
        ("https://id.example.fi//token", False),
        ("https://id.example.fi/Token", False),
        ("https://id.example.fi%2Ftoken", False),
        ("https://user@id.example.fi/token", False),
        ("https://id.example.fi:444/token", False),
        ("https://id.example.fi:x/token", False),
        ("http://id.example.fi/token", False),
        ("/token", False),
        ("", False),
        (None, False),
        (["https://id.example.fi/token"], False),
    ],
)
def test_two_addresses_are_one_after_normalization_alone(htu: object, is_same: bool) -> None:
    """RFC 9449 section 4.3, RFC 3986 sections 6.2.2 and 6.2.3."""
    assert is_same_target(htu, "https://id.example.fi/token") is is_same


def test_a_tokens_id_tells_its_grant() -> None:
    assert new_jti("grant").startswith("grant.")
    assert "." not in new_jti(None)
