"""docs/standards.md names what is there: files, tests, and every standard that we claim to keep."""

import re

import pytest

from tests.architecture.tree import files, read

STANDARDS = (
    *("RFC 6749", "RFC 6750", "RFC 7009", "RFC 7523", "RFC 7591", "RFC 7592", "RFC 7636"),
    *("RFC 7662", "RFC 8414", "RFC 8628", "RFC 8707", "RFC 9068", "RFC 9101", "RFC 9126"),
    *("RFC 9207", "RFC 9449", "RFC 9700", "RFC 9701", "OpenID Connect Core"),
    *("OpenID Connect Discovery", "OpenID Connect Registration", "RP-Initiated Logout"),
    *("Front-Channel Logout", "Back-Channel Logout", "Session Management", "JARM"),
    *("Form Post Response Mode", "FAPI 2.0 Security Profile", "FAPI 2.0 Message Signing"),
)
MAP = read("docs/standards.md")
NAMED_TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", MAP)))


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose heading row begins with ``heading``."""
    table = MAP.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")[2:]]


@pytest.mark.parametrize("standard", STANDARDS)
def test_every_standard_that_we_keep_has_its_rows(standard: str) -> None:
    sections = [row[1] for row in rows("standard") if row[0] == standard]
    assert sections
    assert all(re.fullmatch(r"\d+(\.\d+)*", section) for section in sections)


def test_no_other_standard_is_claimed() -> None:
    assert {row[0] for row in rows("standard")} == set(STANDARDS)


def test_every_row_names_a_file_and_a_test() -> None:
    for row in rows("standard"):
        assert re.fullmatch(r"`idp/[\w/]+\.py`", row[3]), row
        assert row[3].strip("`") in files(), row
        assert re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`", row[4]), row


@pytest.mark.parametrize(("path", "name"), NAMED_TESTS)
def test_every_named_test_is_there(path: str, name: str) -> None:
    assert path in files()
    assert re.search(rf"^def {name}\(", read(path), re.MULTILINE), name


def test_the_fourteen_notes_and_the_fourteen_edges_have_a_test_each() -> None:
    for section in MAP.split("\n## ")[1:3]:
        numbered = re.findall(r"^\| (\d+) \|.*::test_\w+` \|$", section, re.MULTILINE)
        assert numbered == [str(number) for number in range(1, 15)]


def test_every_area_of_the_protocol_has_its_tests() -> None:
    areas = rows("area")
    assert len(areas) == 9
    assert all(re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`(, `.+`)*", row[2]) for row in areas)
