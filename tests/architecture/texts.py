"""The texts people read: the catalogs as they lie in the files, and the keys that are asked for.

A key is asked for by a call of one of `CALLS` in Python or in a template. One that is put together
at run time (``f"error.{code}.title"``, ``"fate." ~ state``) is a pattern, whose gaps are filled by
words that stand somewhere as strings (``"link_dead"``) or are made in the same way. A key that
stands as a string anywhere counts as used: it may be handed on before it is looked up.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from tests.architecture.code import last_name, parsed
from tests.architecture.tree import ROOT, files_in

CALLS = {
    *("_", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext"),
    *("translate", "translate_plural", "text", "has_text"),
}
KEY = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+")
WORD = re.compile("[a-z]")
PLACE = re.compile(r"%\((\w+)\)[a-z]|%%")
GAP = "\0"

Piece = str | None
"""A literal part of an expression, or None for one that only the run knows."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """One entry of a catalog."""

    key: str
    file: str
    forms: tuple[str, ...]
    is_fuzzy: bool

    @property
    def places(self) -> frozenset[str]:
        """The names that its forms leave open; ``num`` may be told or not."""
        return frozenset(
            name for form in self.forms for name in PLACE.findall(form) if name not in ("", "num")
        )


@dataclass(kw_only=True)
class Uses:
    """The keys and patterns that calls ask for, those that stand elsewhere, and all strings."""

    asked: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def add(self, other: "Uses") -> None:
        """Take in what another source uses."""
        self.asked |= other.asked
        self.mentioned |= other.mentioned
        self.words |= other.words

    def unused(self, keys: Iterable[str]) -> set[str]:
        """Those of ``keys`` that are neither said as they are nor made of what is said."""
        makers = {pattern for pattern in self.asked | self.mentioned if GAP in pattern}

        @cache
        def is_said(text: str) -> bool:
            return text in self.words or any(
                all(map(is_said, filled))
                for maker in makers
                if (filled := fillings_of(maker, text)) is not None
            )

        return {key for key in keys if not is_said(key)}


@cache
def catalog(locale: str) -> tuple[Text, ...]:
    """Every entry of ``locale``, file by file; a key that stands twice is here twice."""
    return tuple(
        text for path in files_in(f"idp/translations/{locale}", ".po") for text in entries(path)
    )


def entries(path: str) -> Iterator[Text]:
    """The entries of one file, its header left out."""
    with (ROOT / path).open("rb") as file:
        messages = read_po(file, abort_invalid=True)
    for message in messages:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            string = message.string or ""
            forms = (string,) if isinstance(string, str) else tuple(string)
            yield Text(key=key, file=path, forms=forms, is_fuzzy=message.fuzzy)


def used_in_python(source: str) -> Uses:
    """The keys of a module."""
    uses = Uses()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Call) and last_name(node.func) in CALLS:
            uses.asked |= _patterns(_python_pieces(argument) for argument in node.args)
        elif isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            uses.mentioned |= _patterns([_python_pieces(node)])
            if isinstance(node, ast.Constant):
                uses.words.add(str(node.value))
    return uses


def used_in_template(source: str) -> Uses:
    """The keys of a Jinja template."""
    uses = Uses()
    tree = Environment(autoescape=True, extensions=["jinja2.ext.do"]).parse(source)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in CALLS:
            uses.asked |= _patterns(_template_pieces(argument) for argument in call.args)
    uses.words = {str(node.value) for node in tree.find_all(nodes.Const)}
    for node in tree.find_all((nodes.Const, nodes.Concat, nodes.Add, nodes.Mod)):
        uses.mentioned |= _patterns([_template_pieces(node)])
    return uses


def fillings_of(pattern: str, key: str) -> tuple[str, ...] | None:
    """What the run would fill in for GAP to make ``key`` of ``pattern``; None if it cannot."""
    found = _expression(pattern).fullmatch(key)
    return found.groups() if found else None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(map(re.escape, pattern.split(GAP))))


def _patterns(expressions: Iterable[Iterable[Piece]]) -> set[str]:
    """Those of the expressions that look like keys, whole or with gaps between words."""
    found = ("".join(GAP if piece is None else piece for piece in pieces) for pieces in expressions)
    return {each for each in found if KEY.fullmatch(each.replace(GAP, "x")) and WORD.search(each)}


def _python_pieces(node: ast.expr) -> Iterator[Piece]:
    if isinstance(node, ast.JoinedStr):
        for value in node.values:
            yield from _python_pieces(value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _python_pieces(node.left)
        yield from _python_pieces(node.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        yield None


def _template_pieces(node: Any) -> Iterator[Piece]:
    if isinstance(node, nodes.Concat):
        for value in node.nodes:
            yield from _template_pieces(value)
    elif isinstance(node, nodes.Add):
        yield from _template_pieces(node.left)
        yield from _template_pieces(node.right)
    elif isinstance(node, nodes.Mod) and isinstance(node.left, nodes.Const):
        yield re.sub(r"%(\(\w+\))?[sd]", GAP, str(node.left.value))
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    else:
        yield None
