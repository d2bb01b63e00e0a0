"""The claims parameter as a value (OpenID Connect Core section 5.5)."""

import json

import pytest
from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.authorization.request.claims_parameter import granted, parse, requested


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "1",
        "null",
        '"id_token"',
        '{"id_token": 1}',
        '{"id_token": ["email"]}',
        '{"id_token": {"email": 1}}',
        '{"id_token": {"email": {"essential": "yes"}}}',
        '{"id_token": {"email": {"values": "a"}}}',
        '{"id_token": {"email": {"value": {"a": 1}}}}',
        '{"id_token": {"email": {"values": [1.5]}}}',
        '{"id_token": {"acr": {"values": ' + json.dumps(["x"] * 21) + "}}}",
        '{"id_token": {"acr": {"value": "' + "x" * 501 + '"}}}',
        '{"id_token": {"email": null, "email": null}}',
        '{"id_token": ' + json.dumps({f"c{n}": None for n in range(51)}) + "}",
        "[" * 5000,
        '{"id_token": {"email": {"value": ' + "9" * 5000 + "}}}",
    ],
)
def test_what_is_not_a_claims_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (None, None),
        ("{}", None),
        ('{"id_token": {}, "userinfo": null}', None),
        ('{"elsewhere": {"email": null}, "id_token": {"shoe_size": null}}', None),
        ('{"userinfo": {"email": null}}', {"userinfo": {"email": None}}),
        (
            '{"id_token": {"email": {"essential": true, "colour": "blue"}, "name#fi": null}}',
            {"id_token": {"email": {"essential": True}}},
        ),
    ],
)
def test_what_we_do_not_know_is_passed_over_and_not_kept(text: str | None, stored: object) -> None:
    assert parse(text).as_stored == stored


@pytest.mark.parametrize(
    ("acr", "required"),
    [
        ("null", set()),
        ('{"value": "a"}', set()),
        ('{"essential": true}', set()),
        ('{"essential": true, "value": "a"}', {"a"}),
        ('{"essential": true, "values": ["a", "b"]}', {"a", "b"}),
    ],
)
def test_only_an_essential_acr_with_values_is_a_condition(acr: str, required: set[str]) -> None:
    assert parse(f'{{"id_token": {{"acr": {acr}}}}}').required_acr == required


def test_a_sub_with_a_value_is_the_one_person_who_may_answer() -> None:
    assert parse('{"id_token": {"sub": {"value": "maija"}}}').required_sub == "maija"
    assert parse('{"userinfo": {"sub": {"value": "maija"}}}').required_sub is None


def test_single_claims_stay_within_the_scopes_of_the_registration() -> None:
    asked = parse('{"id_token": {"email": null, "title": null, "org": null}}')
    assert asked.scopes == {"email", "profile"}
    assert asked.within({"profile"}).as_stored == {"id_token": {"title": None, "org": None}}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (None, True),
        ({"essential": True}, True),
        ({"value": "Lääkäri"}, True),
        ({"value": "Hoitaja"}, False),
        ({"values": ["Hoitaja", "Lääkäri"]}, True),
        ({"values": []}, False),
    ],
)
def test_a_claim_asked_for_with_another_value_stays_unsaid(wish: object, said: bool) -> None:
    wishes = requested({"userinfo": {"title": wish}}, "userinfo")
    assert granted({"title": "Lääkäri", "unit": "A"}, wishes) == (
        {"title": "Lääkäri"} if said else {}
    )
