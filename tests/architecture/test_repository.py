"""What the repository must hold, and what it must never hold."""

import json
import os
import re
import tomllib
from pathlib import PurePath

import pytest

from tests.architecture.tree import ROOT, files, files_in, read

TOP_LEVEL = (
    *(".ci/run", "CHANGELOG.md", "Makefile", "README.md"),
    *("config.example.toml", "keys/README.md", "pyproject.toml"),
)

LOCKS = (
    *("requirements/runtime.txt", "requirements/test.txt"),
    *("requirements/kerberos.txt", "requirements/kerberos-build.txt"),
)

# Written in parts, so that this file does not name what it forbids.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("deb", "debian", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("maven", "org"),
    )
)
SECRET_NAMES = (".pem", ".key", ".p12", ".pfx", ".jks", ".db", ".sqlite", ".sqlite3", ".env")
SECRET_TEXT = re.compile("-----BEGIN " + r"[A-Z ]*PRIVATE KEY-----\n")
FOREIGN_NAMES = re.compile(
    r"(^|/)(vendor|node_modules|third_party)/|\.min\.(js|css)$|\.(woff2?|ttf|otf|eot)$"
    r"|(^|/)(bootstrap|jquery|htmx|alpine|pico|tailwind|normalize|axe)[^/]*\.(js|css)$"
)
FOREIGN_ADDRESS = re.compile(
    r"""(?:src|srcset|href|action)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//|@import\s+["']?http"""
)


def test_what_belongs_to_the_top_level_is_there() -> None:
    assert {path for path in TOP_LEVEL if path not in files()} == set()


def test_continuous_integration_can_run_its_script() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert os.access(ROOT / "tests/servers/packages.sh", os.X_OK)


def test_no_file_names_a_package_registry() -> None:
    naming = {
        path: registry for path in files() for registry in REGISTRIES if registry in read(path)
    }
    assert naming == {}


def test_no_file_holds_a_key_or_a_secret() -> None:
    assert [path for path in files() if path.endswith(SECRET_NAMES)] == []
    assert [path for path in files() if SECRET_TEXT.search(read(path))] == []
    assert files_in("keys", "") == ["keys/README.md"]


def test_no_file_is_somebody_elses() -> None:
    assert [path for path in files() if FOREIGN_NAMES.search(path)] == []


def test_no_page_loads_anything_from_elsewhere() -> None:
    pages = [*files_in("idp", ".html", ".css", ".js"), *files_in("examples", ".html", ".css")]
    assert {path for path in pages if FOREIGN_ADDRESS.search(read(path))} == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_has_its_digests_and_no_address(lock: str) -> None:
    text = read(lock)
    pinned = re.findall(r"^[a-z].*(?:\n    .*)*", text, re.MULTILINE)
    assert pinned
    assert [each for each in pinned if "==" not in each or "--hash=sha256:" not in each] == []
    assert re.findall(r"^-.*|https?://.*|/[a-z]+/wheels.*", text, re.MULTILINE) == []


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    groups = project["dependency-groups"]
    extras = project["project"]["optional-dependencies"]
    kerberos = [*extras.pop("kerberos"), *groups.pop("kerberos-build")]
    optional = [each for extra in extras.values() for each in extra]
    runtime = [*project["project"]["dependencies"], *optional, *groups["build"]]
    tools = [each for name, group in groups.items() if name != "build" for each in group]
    assert {name(each) for each in runtime} - locked(LOCKS[0]) == set()
    assert {name(each) for each in tools} - locked(LOCKS[1]) == set()
    assert {name(each) for each in kerberos} - locked(LOCKS[2]) - locked(LOCKS[3]) == set()


def test_the_locks_agree() -> None:
    # A version may hang on Python's own: a lock then has several of one package.
    found: dict[str, set[frozenset[str]]] = {}
    for lock in LOCKS:
        pins: dict[str, set[str]] = {}
        for package, version in re.findall(r"^([a-z0-9.-]+)\S*==(\S+)", read(lock), re.MULTILINE):
            pins.setdefault(package, set()).add(version)
        for package, versions in pins.items():
            found.setdefault(package, set()).add(frozenset(versions))
    assert {package for package, ways in found.items() if len(ways) > 1} == set()


def test_node_locks_name_no_address() -> None:
    for path in (path for path in files() if PurePath(path).name == "package-lock.json"):
        packages = json.loads(read(path))["packages"]
        named = {name for name, package in packages.items() if "resolved" in package}
        bare = {name for name, package in packages.items() if name and "integrity" not in package}
        assert (path, named, bare) == (path, set(), set())


def test_no_test_is_skipped() -> None:
    skipping = re.compile(r"pytest\.(?:skip|mark\.skip|mark\.xfail|xfail|importorskip)\b")
    tests = [
        path for path in files_in("tests", ".py") if path != "tests/architecture/test_repository.py"
    ]
    assert [path for path in tests if skipping.search(read(path))] == []


@pytest.mark.parametrize(
    ("pattern", "breach"),
    [
        (SECRET_TEXT, "-----BEGIN EC " + "PRIVATE KEY-----\nMIG"),
        (SECRET_TEXT, "-----BEGIN " + "PRIVATE KEY-----\nMIG"),
        (FOREIGN_NAMES, "idp/static/vendor/x.css"),
        (FOREIGN_NAMES, "idp/static/jquery-3.js"),
        (FOREIGN_NAMES, "idp/static/font.woff2"),
        (FOREIGN_ADDRESS, '<script src="https://example.com/x.js">'),
        (FOREIGN_ADDRESS, "<img src='//example.com/x.png'>"),
        (FOREIGN_ADDRESS, "background: url(https://example.com/x.png)"),
    ],
)
def test_a_breach_is_found(pattern: re.Pattern[str], breach: str) -> None:
    assert pattern.search(breach)


def name(requirement: str) -> str:
    """The package that a requirement names, as locks spell it."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def locked(path: str) -> set[str]:
    """The packages of a lock."""
    return set(re.findall(r"^([a-z0-9.-]+)", read(path), re.MULTILINE))
