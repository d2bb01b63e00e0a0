"""What the example portal says, in three languages: the sentences are in `texts.toml`."""

import tomllib
from pathlib import Path

LANGUAGES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
DEFAULT_LANGUAGE = "fi"
TEXTS: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("texts.toml").read_text(encoding="utf-8")
)


def text(language: str, key: str, **names: str) -> str:
    """The sentence ``key`` in ``language``, with ``names`` filled in."""
    return TEXTS[key][language] % names
