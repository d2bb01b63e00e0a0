"""Text as it is compared, ordered and searched, the same in every store.

Stores differ in what they know of Å, Ä and Ö, so nothing of this is left to SQL.
"""

import unicodedata

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Characters that Unicode calls letters, marks or symbols, and that show nothing."""

# Finnish and Swedish end with å, ä, ö; the three characters that follow z in every store's order.
_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


def fold(text: str) -> str:
    """Equal for texts that read alike: NFKC, case-folded, and NFKC again, which folding undoes."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def searchable(text: str) -> str:
    """What lists are ordered and searched by: folded, å ä ö in their place, other accents off."""
    ordered = unicodedata.normalize("NFD", fold(text).translate(_LAST_LETTERS))
    return "".join(letter for letter in ordered if not unicodedata.combining(letter))


def is_visible(text: str) -> bool:
    """Whether every character shows: no control, no direction change, nothing of zero width."""
    return text.isprintable() and not any(
        letter in _INVISIBLE or _is_variation_selector(letter) for letter in text
    )


def _is_variation_selector(letter: str) -> bool:
    return "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
