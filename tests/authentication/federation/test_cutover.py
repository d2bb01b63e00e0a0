"""What switching on would mean for each person (design idea 4), as a table."""

import pytest

from idp.authentication.federation.cutover import Fate, Member, fate, preview


def member(username: str = "aino@example.fi", **facts: bool) -> Member:
    known = {
        "is_created_here": True,
        "is_linked": False,
        "is_approved": False,
        "is_elsewhere": False,
        **facts,
    }
    return Member(person_id=username, username_key=username, **known)


@pytest.mark.parametrize(
    ("person", "expected", "what"),
    [
        (member(), None, Fate.MATCHED),
        (member(), {"aino@example.fi"}, Fate.MATCHED),
        (member(), {"maija@example.fi"}, Fate.ABSENT),
        (member(is_linked=True), {"maija@example.fi"}, Fate.LINKED),
        (member(is_locked=True, is_linked=True), None, Fate.LOCKED),
        (member(is_created_here=False), None, Fate.PROOF),
        (member(is_created_here=False, is_approved=True), None, Fate.APPROVED),
        (member(is_created_here=False, is_approved=True), set(), Fate.ABSENT),
    ],
)
def test_each_person_has_one_fate(person: Member, expected: set[str] | None, what: Fate) -> None:
    assert fate(person, expected) is what


def test_the_preview_counts_every_fate_and_who_is_elsewhere_too() -> None:
    people = [
        member("a"),
        member("b", is_created_here=False, is_elsewhere=True),
        member("c", is_linked=True, is_elsewhere=True),
    ]
    found = preview(people, ["a", "b", "d", "d"])
    assert found.counts == {
        Fate.LINKED: 1,
        Fate.MATCHED: 1,
        Fate.APPROVED: 0,
        Fate.PROOF: 1,
        Fate.ABSENT: 0,
        Fate.LOCKED: 0,
    }
    assert found.elsewhere == 2
    assert found.newcomers == ("d",)
    assert found.repeated == ("d",)
    assert [each.username_key for each in found.of(Fate.PROOF)] == ["b"]


def test_without_a_list_nobody_is_missing_and_nobody_is_new() -> None:
    found = preview([member("a")], None)
    assert found.newcomers == ()
    assert found.counts[Fate.ABSENT] == 0
