"""Whether a new password is hard enough to guess; if not, the reason a person can act on.

No rules of composition: any characters, spaces too (NIST SP 800-63B-4 section 3.1.1.2). What counts
is length, without the names that anybody would try first, and how soon a guesser would come to it.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from zxcvbn_rs_py import zxcvbn

from idp.authentication.passwords import MAX_LENGTH, normalize
from idp.errors import Invalid

_WORDS = Path(__file__).parent / "words"
_SHORTEST_NAME = 3
_PART = 20
_LOOKED_AT = 100
_GUESSES = 10
"""Powers of ten a password alone must withstand; one beside a second factor its own length."""


def check(password: str, *, minimum_length: int, context: Iterable[str] = ()) -> None:
    """Raise Invalid with the reason under ``password`` if it is too easy to guess.

    ``context`` are the words an attacker knows: username, names, organization, product.
    """
    text = normalize(password)
    if len(text) < minimum_length:
        raise _refused("too_short", minimum_length)
    names = _names(context)
    if _length_without(names, text) < minimum_length:
        raise _refused("contains_name", minimum_length)
    if not _withstands(10 ** min(_GUESSES, minimum_length), text, [*names, *common_words()]):
        raise _refused("too_common", minimum_length)


@cache
def common_words() -> tuple[str, ...]:
    """Our own lists, Finnish and Swedish, the likeliest first; English ones come with zxcvbn."""
    lines = [
        line
        for path in sorted(_WORDS.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return tuple(line for line in lines if not line.startswith("#"))


def _withstands(guesses: int, text: str, words: list[str]) -> bool:
    """Whether a guesser who tries ``words`` first needs that many tries, for a part at least."""
    # A part at a time: on long texts made for it, zxcvbn would stop this process for seconds.
    once = _without_repetition(text)[:_LOOKED_AT]
    parts = (once[start : start + _PART] for start in range(0, len(once), _PART))
    return any(zxcvbn(part, user_inputs=words).guesses >= guesses for part in parts)


def _without_repetition(text: str) -> str:
    """The shortest beginning that gives the whole text when it is said again and again."""
    return next(text[:end] for end in range(1, len(text) + 1) if text.startswith(text[end:]))


def _refused(code: str, minimum_length: int) -> Invalid:
    return Invalid({"password": code}, minimum=minimum_length, maximum=MAX_LENGTH)


def _names(context: Iterable[str]) -> list[str]:
    """The words of the context, longest first; shorter ones hide in other words by chance."""
    words = {word for text in context for word in re.findall(r"[^\W_]+", _fold(text))}
    return sorted((word for word in words if len(word) >= _SHORTEST_NAME), key=len, reverse=True)


def _length_without(names: list[str], text: str) -> int:
    folded = rest = _fold(text)
    for name in names:
        rest = rest.replace(name, "")
    return len(text) - (len(folded) - len(rest))


def _fold(text: str) -> str:
    """Without case and accents: ``Meikäläinen`` and ``meikalainen`` are one name."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
