"""What happens and what is refused goes by a code; each code has its words in every language."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from idp.audit.events import Event
from tests.architecture.code import last_name, parsed
from tests.architecture.texts import catalog
from tests.architecture.tree import files_in, read

ENGLISH_ONLY = (
    *("idp/cli/", "idp/config/", "idp/demo/", "idp/errors.py", "idp/migrations/", "idp/serving/"),
)
"""What only the command line says, to operators."""

CODE = re.compile(r"[a-z]+(_[a-z0-9]+)*")


def keys(locale: str) -> set[str]:
    return {text.key for text in catalog(locale)}


@cache
def modules() -> dict[str, ast.Module]:
    return {path: parsed(read(path)) for path in files_in("idp", ".py")}


def errors(trees: list[ast.Module]) -> set[str]:
    """The names of IdpError and all that is built on it."""
    bases = {
        node.name: set(map(last_name, node.bases))
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"IdpError"}
    while grown := {name for name in bases if name not in found and bases[name] & found}:
        found |= grown
    return found


def codes(tree: ast.Module, classes: set[str]) -> Iterator[str]:
    """The codes that a module gives its errors: on a class of its own, or where it raises one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in classes:
            values = [
                each.value
                for each in node.body
                if isinstance(each, ast.Assign) and last_name(each.targets[0]) == "code"
            ]
        elif isinstance(node, ast.Call) and last_name(node.func) in classes:
            named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            values = [*node.args[:2], *named]
        else:
            continue
        yield from filter(is_code, map(constant, values))


def field_codes(tree: ast.Module) -> Iterator[str]:
    """The codes that a module gives to single fields in `Invalid`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func) == "Invalid":
            fields = [each for each in node.args[:1] if isinstance(each, ast.Dict)]
            yield from filter(
                is_code, (constant(value) for each in fields for value in each.values)
            )


def constant(node: ast.expr) -> str:
    """The string that ``node`` is; empty for all else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_code(value: str) -> bool:
    return CODE.fullmatch(value) is not None


@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_every_deed_has_its_words(locale: str) -> None:
    assert {f"audit.event.{event}" for event in Event} - keys(locale) == set()


@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_every_refusal_has_its_words(locale: str) -> None:
    classes = errors(list(modules().values()))
    raised = {
        code
        for path, tree in modules().items()
        if not path.startswith(ENGLISH_ONLY)
        for code in codes(tree, classes)
    }
    wanted = {f"error.{code}.{part}" for code in raised for part in ("title", "text")}
    assert wanted - keys(locale) == set()


@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_every_fault_in_a_field_has_its_words(locale: str) -> None:
    found = {code for tree in modules().values() for code in field_codes(tree)}
    assert {f"field_error.{code}" for code in found} - keys(locale) == set()


def test_the_codes_of_a_module_are_found() -> None:
    tree = parsed(
        """
class Refused(IdpError): pass
class Late(errors.Refused):
    code = "too_late"
class Other(Exception):
    code = "not_ours"
raise Refused("busy") from error
raise Invalid({"name": "name_taken", "slug": "a sentence."}, "invalid_form")
raise Late(timedelta(1), code="later")
raise Refused(f"{made}_up")
raise Other("elsewhere")
"""
    )
    classes = errors([tree]) | {"Invalid"}
    assert classes == {"IdpError", "Refused", "Late", "Invalid"}
    assert set(codes(tree, classes)) == {"too_late", "busy", "invalid_form", "later"}
    assert set(field_codes(tree)) == {"name_taken"}
