"""JSON as others send it: read strictly, so that nothing odd gets as far as the store."""

import json
import math
from typing import Any

from idp.foundation.web.protocol import Malformed

_DEEPEST = 16


def read_json(body: bytes) -> object:
    """The document; Malformed for anything that JSON readers disagree about (RFC 8259).

    That is: other encodings than UTF-8, names given twice, numbers that no JSON has, halves of
    surrogate pairs, null characters, and nesting that nobody needs.
    """
    try:
        document: object = json.loads(
            body.decode(), object_pairs_hook=_object, parse_constant=_constant
        )
    except UnicodeDecodeError as error:
        raise Malformed("the body must be UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("the body must be JSON") from error
    _check(document, _DEEPEST)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("the body must give each name once")
    return found


def _constant(name: str) -> None:
    raise Malformed(f"{name} is not JSON")


def _check(value: object, depth: int) -> None:
    if depth == 0:
        raise Malformed("the body is nested too deeply")
    if isinstance(value, dict):
        for name, member in value.items():
            _check_text(name)
            _check(member, depth - 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth - 1)
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise Malformed("a number is too large")


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Malformed("a text holds what is not a character")
