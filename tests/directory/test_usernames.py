"""What a username may be, and when two are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.directory import usernames
from idp.directory.fields import Unfit
from idp.errors import Invalid


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aino.Virtanen@Pohjola.example", "aino.virtanen@pohjola.example"),
        (" aino ", "aino"),
        ("ａｉｎｏ", "aino"),
        ("A\u0308nna", "Änna"),
        ("STRASSE", "straße"),
        ("oﬃce", "office"),
        ("\u1e9e-ss", "ss-SS"),
    ],
)
def test_usernames_that_read_alike_are_the_same(one: str, other: str) -> None:
    assert usernames.key(one) == usernames.key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("aino", "aina"), ("aino", "ainó"), ("a.b", "ab"), ("matti1", "matti2"), ("ab-c", "ab_c")],
)
def test_usernames_that_read_otherwise_are_not(one: str, other: str) -> None:
    assert usernames.key(one) != usernames.key(other)


@given(st.text())
def test_what_is_kept_of_a_username_names_the_same_person(typed: str) -> None:
    try:
        kept = usernames.validate(typed)
    except Invalid:
        return
    assert usernames.key(kept) == usernames.key(typed) != ""
    assert usernames.validate(kept) == kept


@pytest.mark.parametrize(
    ("username", "kept"),
    [
        ("aino.virtanen@pohjola.example", "aino.virtanen@pohjola.example"),
        ("  Aino  ", "Aino"),
        ("ａｉｎｏ", "aino"),
        ("abc", "abc"),
        ("x" * 254, "x" * 254),
        ("åäö-ÅÄÖ", "åäö-ÅÄÖ"),
        ("o'brien+portal@example.fi", "o'brien+portal@example.fi"),
    ],
)
def test_a_username_is_kept_as_it_was_typed(username: str, kept: str) -> None:
    assert usernames.validate(username) == kept


@pytest.mark.parametrize(
    ("username", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("ab", "username_short"),
        ("x" * 255, "too_long"),
        ("ß" * 200, "too_long"),
        ("aino virtanen", "username_spaces"),
        ("aino\u00a0virtanen", "username_spaces"),
        ("aino\tvirtanen", "username_spaces"),
        ("aino\nvirtanen", "username_spaces"),
        ("aino\u2028virtanen", "username_spaces"),
        ("aino\ufdfa", "username_spaces"),
        ("aino\x00virtanen", "characters"),
        ("aino\x7fvirtanen", "characters"),
        ("aino\u202evirtanen", "characters"),
        ("aino\u2066virtanen", "characters"),
        ("aino\u200bvirtanen", "characters"),
        ("aino\u200dvirtanen", "characters"),
        ("aino\u00advirtanen", "characters"),
        ("aino\ufeffvirtanen", "characters"),
        ("aino\ufe0fvirtanen", "characters"),
        ("aino\u3164virtanen", "characters"),
        ("aino\u034fvirtanen", "characters"),
        ("aino\U000e0100virtanen", "characters"),
        ("aino\ud800virtanen", "characters"),
        ("aino\ue000virtanen", "characters"),
    ],
)
def test_a_username_that_could_deceive_is_refused(username: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        usernames.validate(username)

    assert refused.value.fields == {"username": code}


def test_a_username_is_text() -> None:
    with pytest.raises(Unfit) as unfit:
        usernames.check(7)

    assert unfit.value.code == "not_text"


@pytest.mark.parametrize("typed", ["aino\x00", "\ud800abc", "aino virtanen\n\n\x00", "x" * 10_000])
def test_what_cannot_be_a_username_is_looked_up_as_nobodys(typed: str) -> None:
    assert usernames.key(typed) == ""
