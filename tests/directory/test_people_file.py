"""The file of people: what is read from it, and what is wrong with it."""

import pytest

from idp.directory import people_file
from idp.directory.people_file import Row
from idp.directory.persons import NewPerson
from idp.errors import Invalid

HEADER = "username,given_name,family_name"
AINO = NewPerson(username="aino", given_name="Aino", family_name="Virtanen")


def read(text: str) -> list[Row]:
    return people_file.read(text.encode())


def problems(content: bytes | str) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        people_file.read(content.encode() if isinstance(content, str) else content)
    return refused.value.fields


def test_all_columns_are_read() -> None:
    assert read(
        "username,given_name,family_name,email,title,unit,role\n"
        "aino,Aino,Virtanen,aino@vanamo.example,Hoitaja,Kotihoito,main_user\n"
    ) == [
        Row(
            line=2,
            username="aino",
            new=NewPerson(
                username="aino",
                given_name="Aino",
                family_name="Virtanen",
                email="aino@vanamo.example",
                title="Hoitaja",
                unit="Kotihoito",
                roles=("main_user",),
            ),
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "username,given_name,family_name\naino,Aino,Virtanen\n",
        "username,given_name,family_name\naino,Aino,Virtanen",
        "username,given_name,family_name\r\naino,Aino,Virtanen\r\n",
        "username;given_name;family_name\naino;Aino;Virtanen\n",
        "\ufeffusername;given_name;family_name\naino;Aino;Virtanen\n",
        "family_name,username,given_name\nVirtanen,aino,Aino\n",
        "Username, GIVEN_NAME , family_name\n aino , Aino , Virtanen \n",
        '"username","given_name","family_name"\n"aino","Aino","Virtanen"\n',
        "username,given_name,family_name,,\naino,Aino,Virtanen,,\n",
        "username,given_name,family_name,email,title\naino,Aino,Virtanen\n",
        "username,given_name,family_name,role\naino,Aino,Virtanen,\n",
    ],
)
def test_the_same_person_is_read_however_a_spreadsheet_wrote_the_file(text: str) -> None:
    assert read(text) == [Row(line=2, username="aino", new=AINO)]


def test_a_cell_may_hold_the_delimiter_a_quotation_mark_and_a_line_break() -> None:
    [row, after] = read(f'{HEADER},unit\naino,"Aino ""A""",Virtanen,"Koti,\nhoito"\nb,B,B,\n')

    assert row.new is not None
    assert (row.new.given_name, row.new.unit) == ('Aino "A"', "Koti,\nhoito")
    assert (row.line, after.line) == (2, 4)


def test_empty_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    rows = read(f"{HEADER}\n\naino,Aino,Virtanen\n,,\n\nbertta,Bertta,Ek\n")

    assert [(row.line, row.username) for row in rows] == [(3, "aino"), (6, "bertta")]


@pytest.mark.parametrize(
    ("role", "roles"),
    [
        ("it_admin", ("it_admin",)),
        ("main_user it_admin", ("main_user", "it_admin")),
        ("main_user|it_admin", ("main_user", "it_admin")),
        ("chief", ("chief",)),
    ],
)
def test_a_person_may_have_several_roles(role: str, roles: tuple[str, ...]) -> None:
    [row] = read(f"{HEADER},role\naino,Aino,Virtanen,{role}\n")

    assert row.new is not None
    assert row.new.roles == roles


def test_a_row_with_more_cells_than_columns_is_not_guessed_at() -> None:
    assert read(f"{HEADER}\naino,Aino,Virtanen,Hoitaja\n") == [
        Row(line=2, username="aino", new=None)
    ]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("username,given_name", {"family_name": "column_missing"}),
        ("username,given_name,family_name,phone", {"phone": "column_unknown"}),
        ("username,given_name,family_name,email,email", {"email": "column_repeated"}),
        (
            "käyttäjätunnus;given_name",
            {
                "username": "column_missing",
                "family_name": "column_missing",
                "käyttäjätunnus": "column_unknown",
            },
        ),
        ("username,given_name,family_name,,title", {"": "column_unknown"}),
        (f"{HEADER},{'x' * 500}", {"x" * 50: "column_unknown"}),
    ],
)
def test_every_column_that_is_missing_unknown_or_repeated_is_named(
    header: str, fields: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        read(f"{header}\naino,Aino,Virtanen\n")

    assert (refused.value.code, refused.value.fields) == ("file_columns", fields)


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n", HEADER, f"{HEADER}\n,,\n\n"])
def test_a_file_without_people_is_said_to_be_empty(text: str) -> None:
    assert problems(text) == {"file": "file_empty"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"{HEADER}\naino,Äinö,Virtanen\n".encode("cp1252"), "file_not_utf8"),
        (f"{HEADER}\naino,Aino,Virtanen\n".encode("utf-16"), "file_not_utf8"),
        (f'{HEADER}\n"aino,Aino,Virtanen\n'.encode(), "file_not_csv"),
        (f'{HEADER}\n"aino"x,Aino,Virtanen\n'.encode(), "file_not_csv"),
        (f"{HEADER}\n{'x' * 200_000},Aino,Virtanen\n".encode(), "file_not_csv"),
        (b"x" * (5 * 1024 * 1024 + 1), "file_too_large"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_is_wrong(content: bytes, code: str) -> None:
    assert problems(content) == {"file": code}


def test_twenty_thousand_people_fit_in_a_file_and_one_more_does_not() -> None:
    rows = "".join(f"person-{number},Aino,Virtanen\n" for number in range(20_000))

    assert len(read(f"{HEADER}\n{rows}")) == 20_000
    assert problems(f"{HEADER}\n{rows}one-more,Aino,Virtanen\n") == {"file": "file_too_many_rows"}


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("Aino", "Aino"),
        ("", ""),
        ("a=b", "a=b"),
        ("=1+1", "'=1+1"),
        ("+358 40", "'+358 40"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1+1", "' =1+1"),
        ("\t=1+1", "'\t=1+1"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("＝1+1", "'＝1+1"),
    ],
)
def test_a_spreadsheet_runs_nothing_that_we_write(value: str, cell: str) -> None:
    assert people_file.safe_cell(value) == cell
