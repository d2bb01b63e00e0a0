"""What breaks a rule in a Python file: each finder takes the source and tells lines and names."""

import ast
from collections.abc import Iterator
from functools import cache

CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("func", "now"),
    ("func", "current_timestamp"),
}
DICE = {("os", "urandom"), ("uuid", "uuid4"), ("uuid", "uuid1")}


@cache
def parsed(source: str) -> ast.Module:
    """The syntax tree of ``source``, which several finders walk."""
    return ast.parse(source)


def imports_inside_functions(source: str) -> list[str]:
    """Imports that are run when a function is, not when the module is read."""
    return [
        f"line {inner.lineno}: {ast.unparse(inner)}"
        for outer in ast.walk(parsed(source))
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def taken_from_flask(source: str, *names: str) -> list[str]:
    """Uses of Flask's ``names``, imported or reached through the module."""
    return [
        f"line {line}: flask.{name}"
        for line, module, name in _members(source)
        if module == "flask" and name in names
    ]


def last_name(expression: ast.expr) -> str:
    """``c`` of ``a.b.c``; empty for what is no name."""
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def serves_routes(source: str) -> bool:
    """Whether the module puts routes of its own on an application."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("add_url_rule", "route")
        for node in ast.walk(parsed(source))
    )


def clocks_read(source: str) -> list[str]:
    """Places where the time comes from anywhere but `idp.foundation.clock`."""
    return [
        f"line {line}: {module}.{name}"
        for line, module, name in _members(source)
        if (module.rpartition(".")[2], name) in CLOCKS
    ]


def dice_thrown(source: str) -> list[str]:
    """Places where randomness comes from anywhere but `idp.foundation.secrets`."""
    return [
        f"line {line}: {module}.{name}"
        for line, module, name in _members(source)
        if (module, name) in DICE or module in ("random", "secrets")
    ]


def _members(source: str) -> Iterator[tuple[int, str, str]]:
    """Every ``module.name`` that is used, however the module was imported: line, module, name."""
    nodes = list(ast.walk(parsed(source)))
    aliases = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                aliases[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield node.lineno, node.module, alias.name
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = ast.unparse(node.value)
            yield node.lineno, aliases.get(owner, owner), node.attr
