"""Every code that a page may meet has its title and text in every language.

What the command line alone raises is left out: it speaks English and says the code itself.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache

import pytest

import idp
from idp.config import LOCALES
from idp.directory.access import Reason
from idp.errors import ConfigurationError, IdpError, NotAllowed
from idp.foundation.locale import catalog
from idp.foundation.outbox import Undelivered
from idp.pages.problem import Problem
from tests.architecture.tree import files_in, read

_NEVER_ON_A_PAGE = ("idp/cli/", "idp/migrations/", "idp/serving/", "idp/demo/")
_ONLY_BESIDE_A_FIELD = {Reason.NO_ORGANIZATION, Reason.PERSONAL}


@cache
def error_classes() -> dict[str, type[IdpError]]:
    """Every class of the tree, by name."""
    for module in pkgutil.walk_packages(idp.__path__, "idp."):
        if module.name.split(".")[1] not in ("cli", "migrations", "demo", "serving"):
            importlib.import_module(module.name)
    found: dict[str, type[IdpError]] = {}
    waiting: list[type[IdpError]] = [IdpError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind
        waiting += kind.__subclasses__()
    return found


def raised() -> Iterator[tuple[str, frozenset[str]]]:
    """Each code that is given where an error is made, with the names of its details."""
    for path in files_in("idp", ".py"):
        if not path.startswith(_NEVER_ON_A_PAGE):
            for node in ast.walk(ast.parse(read(path))):
                if isinstance(node, ast.Call):
                    yield from codes_of(node)


def codes_of(call: ast.Call) -> Iterator[tuple[str, frozenset[str]]]:
    """The code of one call of an error class; none for other calls."""
    kind = error_classes().get(ast.unparse(call.func).rpartition(".")[2])
    if kind and not issubclass(kind, Undelivered):  # Whose argument is the other side's words.
        details = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
        for argument in call.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value, details


def places(key: str, locale: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", catalog(locale).get(key, ("",))[0]))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_given_to_an_error_has_its_texts(locale: str) -> None:
    codes = {code for code, _ in raised()}

    assert "unknown_client" in codes
    assert "interaction_lost" in codes
    missing = {
        f"error.{code}.{part}"
        for code in codes
        for part in ("title", "text")
        if f"error.{code}.{part}" not in catalog(locale)
    }
    assert missing == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_class_of_errors_has_its_texts(locale: str) -> None:
    missing = {
        f"error.{kind.code}.{part}"
        for kind in error_classes().values()
        for part in ("title", "text")
        if kind is not ConfigurationError and f"error.{kind.code}.{part}" not in catalog(locale)
    }
    assert missing == set()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("reason", sorted(set(Reason) - _ONLY_BESIDE_A_FIELD))
def test_every_reason_for_a_refusal_has_its_texts(reason: Reason, locale: str) -> None:
    assert f"error.{reason}.title" in catalog(locale)
    assert f"error.{reason}.text" in catalog(locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_asks_for_nothing_that_the_error_does_not_tell(locale: str) -> None:
    unfilled = {
        (code, name)
        for code, details in raised()
        for part in ("title", "text")
        for name in places(f"error.{code}.{part}", locale) - details
    }
    assert unfilled == set()


def test_a_code_without_texts_of_its_own_is_told_in_general_words() -> None:
    refusal = Problem(code="made_up_yesterday", status=403)
    failure = Problem(code="made_up_yesterday", status=500)

    assert refusal.title("fi") == "Tätä ei voi tehdä"
    assert failure.title("fi") == "Jokin meni vikaan"


def test_a_code_that_a_call_gives_is_found() -> None:
    call = ast.parse("raise NotAllowed('code', source='x')").body[0].exc  # type: ignore[attr-defined]

    assert NotAllowed.__name__ in error_classes()
    assert list(codes_of(call)) == [("code", frozenset(("source",)))]
