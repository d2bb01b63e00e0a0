"""What each field may hold, as tables."""

import pytest

from idp.directory import fields
from idp.errors import Invalid


def cleaned(field: str, value: object) -> object:
    return fields.clean({field: value}, fields.PROFILE)[field]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("given_name", " Aino-Maria ", "Aino-Maria"),
        ("given_name", "Aino  Maria", "Aino Maria"),
        ("given_name", "Aino\u00a0Maria", "Aino Maria"),
        ("given_name", "A\u0308ina\u0308", "Äinä"),
        ("family_name", "O'Brien", "O'Brien"),
        ("family_name", "von Wright", "von Wright"),
        ("family_name", "李", "李"),
        ("family_name", "<script>", "<script>"),
        ("family_name", "x" * 100, "x" * 100),
        ("title", "", ""),
        ("title", None, ""),
        ("unit", "Kotihoito & päivätoiminta", "Kotihoito & päivätoiminta"),
        ("unit", "x" * 200, "x" * 200),
        ("email", "Aino@Pohjola.Example", "Aino@pohjola.example"),
        ("email", "aino@bücher.example", "aino@xn--bcher-kva.example"),
        ("email", "aino@vanamo.test", "aino@vanamo.test"),
        ("locale", "sv", "sv"),
        ("locale", None, None),
        ("locale", "", None),
    ],
)
def test_a_field_keeps_what_was_meant(field: str, value: object, kept: object) -> None:
    assert cleaned(field, value) == kept


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("given_name", "", "required"),
        ("given_name", "  ", "required"),
        ("given_name", None, "required"),
        ("given_name", 7, "not_text"),
        ("given_name", ["Aino"], "not_text"),
        ("given_name", True, "not_text"),
        ("given_name", "x" * 101, "too_long"),
        ("given_name", "Aino\nVirtanen", "characters"),
        ("given_name", "Aino\tVirtanen", "characters"),
        ("given_name", "Aino\x00", "characters"),
        ("given_name", "Aino\x1b[31m", "characters"),
        ("given_name", "\u202eoniA", "characters"),
        ("given_name", "\u200b", "characters"),
        ("given_name", "\u3164", "characters"),
        ("given_name", "\ud800", "characters"),
        ("family_name", "Virta\u2028nen", "characters"),
        ("title", {"a": 1}, "not_text"),
        ("title", "x" * 201, "too_long"),
        ("unit", "Koti\r\nhoito", "characters"),
        ("email", None, "required"),
        ("email", "aino", "email_invalid"),
        ("email", "aino@", "email_invalid"),
        ("email", "aino@pohjola", "email_invalid"),
        ("email", "aino@pohjola..example", "email_invalid"),
        ("email", "aino virtanen@pohjola.example", "email_invalid"),
        ("email", "Aino <aino@pohjola.example>", "email_invalid"),
        ("email", "aino@pohjola.example,bertta@pohjola.example", "email_invalid"),
        ("email", "aino@[192.0.2.1]", "email_invalid"),
        ("email", "aino@vanamo.invalid", "email_invalid"),
        ("email", "äinö@pohjola.example", "email_invalid"),
        ("email", "aino@pohjola.example\nBcc: x@y.example", "characters"),
        ("email", f"{'x' * 250}@pohjola.example", "too_long"),
        ("locale", "de", "locale_unknown"),
        ("locale", "FI", "locale_unknown"),
        ("locale", 1, "locale_unknown"),
        ("locale", ["fi"], "locale_unknown"),
    ],
)
def test_a_field_refuses_what_it_cannot_hold(field: str, value: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        cleaned(field, value)

    assert refused.value.fields == {field: code}


def test_every_field_that_does_not_hold_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        fields.clean({"given_name": "", "email": "x", "title": "Hoitaja"}, fields.PROFILE)

    assert refused.value.fields == {"given_name": "required", "email": "email_invalid"}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ((), ()),
        (["it_admin", "main_user", "it_admin"], ("main_user", "it_admin")),
        ({"main_user"}, ("main_user",)),
    ],
)
def test_roles_are_kept_in_our_order_each_once(value: object, kept: tuple[str, ...]) -> None:
    assert fields.roles(value) == kept


@pytest.mark.parametrize("value", ["main_user", ["operator"], None, 1, [["main_user"]]])
def test_only_the_roles_of_an_organization_can_be_given(value: object) -> None:
    with pytest.raises(fields.Unfit) as unfit:
        fields.roles(value)

    assert unfit.value.code == "role_unknown"


@pytest.mark.parametrize(
    ("username", "is_email"),
    [("aino@pohjola.example", True), ("aino", False), ("aino@", False), ("@pohjola.fi", False)],
)
def test_a_username_that_is_an_address_is_known_as_one(username: str, is_email: bool) -> None:
    assert fields.is_email(username) is is_email
