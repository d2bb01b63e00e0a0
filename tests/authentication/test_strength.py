"""Which new passwords are good enough, and the reason each other one is refused with."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn_rs_py import zxcvbn

from idp.authentication import strength
from idp.authentication.strength import check, common_words
from idp.errors import Invalid

MAIJA = (
    "maija.meikalainen@hyvahoito.example",
    "Maija",
    "Meikäläinen",
    "Hyvä Hoito Oy",
    "Laatuportti",
)


def reason(password: str, minimum_length: int = 15) -> str | None:
    """The code that a password is refused with; None if it is not."""
    try:
        check(password, minimum_length=minimum_length, context=MAIJA)
    except Invalid as refusal:
        return refusal.fields["password"]
    return None


@pytest.mark.parametrize(
    "password",
    [
        "lumi peitti pihan yöllä",
        "correct horse battery staple",
        "sju sorters kakor på bordet",
        "kukaan ei löydä tätä pöllöä",
        "qzj8w-vkx3m-tp5rd",
        "        vuosi ilman kesää        ",
        "мороз и солнце день чудесный",
        "🦉🌧🚲🥁🪵🧦🎻🪁🛶🌶🦔🧊🪀🏺🐌",
        "x7#kQ2m!Lw9&zR4p" * 4,
    ],
)
def test_long_and_unlikely_is_enough_whatever_the_characters(password: str) -> None:
    assert reason(password) is None


@pytest.mark.parametrize("length", [0, 1, 8, 14])
def test_less_than_the_minimum_is_too_short(length: int) -> None:
    assert reason("qzj8w-vkx3m-tp5rd"[:length]) == "too_short"


def test_fifteen_characters_are_enough_alone_and_eight_beside_a_second_factor() -> None:
    assert reason("qzj8w-vkx3m-tp5"[:15]) is None
    assert reason("qzj8wvkx", minimum_length=8) is None
    assert reason("qzj8wvk", minimum_length=8) == "too_short"


def test_length_is_counted_in_the_characters_a_person_would_count() -> None:
    decomposed = unicodedata.normalize("NFD", "pöytä lämpiää")
    assert len(decomposed) > 15
    assert reason(decomposed) == "too_short"


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaaaaaa",
        "abcdefghijklmnopq",
        "123456789012345678",
        "password1234567",
        "Password12345678!",
        "letmeinletmeinletmein",
        "qwertyuiopasdfgh",
        "qwertyuiopåasdfgh",
        "asdfghjklöäasdfgh",
        "1q2w3e4r5t6y7u8i",
        "salasanasalasana",
        "Salasana1234567!",
        "anasalas1234567!",
        "S4l4s4n41234567!",
        "Tervetuloa2026!!",
        "kissakissakissa",
        "perkeleperkele123",
        "haukionkala12345",
        "Kesäkuu2026Kesäkuu",
        "lösenord123456789",
        "välkommen1234567",
        "sommar2026sommar2026",
        "p4ssw0rd!" * 10,
        "🦉" * 20,
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff441234567",
    ],
)
def test_what_guessers_try_first_is_too_common(password: str) -> None:
    assert reason(password) == "too_common"


@pytest.mark.parametrize(
    "password",
    [
        "maija.meikalainen@hyvahoito.example",
        "Maija.Meikäläinen2026!",
        "MAIJAMEIKÄLÄINEN1999",
        "meikalainenmeikalainen",
        "Laatuportti2026!!",
        "xk39!vLaatuportti#qq",
        "Hyvä Hoito Oy 2026",
    ],
)
def test_names_everybody_knows_do_not_count(password: str) -> None:
    assert reason(password) == "contains_name"


def test_a_name_inside_a_long_enough_password_does_no_harm() -> None:
    assert reason("hyvä lumi peitti pihan yöllä") is None
    assert reason("maija, lumi peitti pihan yöllä") is None


def test_a_good_part_makes_up_for_a_poor_one() -> None:
    assert reason("aaaaaaaaaaaaaaaaaaaa lumi peitti pihan yöllä") is None
    assert reason("aaaaaaaaaaaaaaaaaaaa" + "salasana" * 20) == "too_common"


def test_words_of_two_letters_are_no_names() -> None:
    check("oy virtaa joki y", minimum_length=15, context=["Oy Ab Li"])
    with pytest.raises(Invalid, match="invalid"):
        check("oyj virtaa joki", minimum_length=15, context=["Oyj"])


def test_the_reason_brings_the_figures_its_text_shows() -> None:
    with pytest.raises(Invalid) as refusal:
        check("short", minimum_length=12)
    assert list(refusal.value.fields) == ["password"]
    assert refusal.value.detail == {"minimum": 12, "maximum": 1024}


@settings(max_examples=50)
@given(st.text(max_size=1100))
def test_any_text_gets_a_verdict(password: str) -> None:
    assert reason(password) in {
        None,
        "too_short",
        "too_common",
        "contains_name",
        "password_too_long",
    }


def test_the_word_lists_are_words_in_small_letters_each_once_a_language() -> None:
    words = common_words()
    assert {"salasana", "lösenord", "perkele", "qwertyuiopå"} <= set(words)
    for word in words:
        assert word == unicodedata.normalize("NFKC", word.casefold()), word
        assert word.isalpha(), word


def test_no_text_is_estimated_in_long_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[str] = []

    def remember(part: str, **_: object) -> object:
        parts.append(part)
        return zxcvbn("a")

    monkeypatch.setattr(strength, "zxcvbn", remember)
    assert reason("".join(map(chr, range(0x4E00, 0x5200)))) == "too_common"
    assert [len(part) for part in parts] == [20] * 5
