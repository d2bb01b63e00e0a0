"""Who may import what and where, who may touch the request, the clock and the dice."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import code
from tests.architecture.tree import ROOT, files_in, read

LONGEST = 300
LONGER: dict[str, str] = {}
"""Files that may be longer, each with the reason."""

LAZY: dict[str, str] = {
    "idp/authentication/federation/kerberos/acceptor.py": "gssapi, built on MIT Kerberos",
    "idp/foundation/database/connections.py": "psycopg, which a node on SQLite never needs",
    "idp/foundation/ephemeral/__init__.py": "redis, which a node of its own never needs",
    "idp/migrations/schema.py": "alembic, which only an upgrade needs",
}
"""Files that may import a heavy optional library inside a function, each with its name."""

FACES = (
    "idp/pages/",
    "idp/api/",
    "idp/demo/",
    "idp/foundation/web/",
    "idp/authentication/visit.py",
)
"""Where the browser's request may be seen; elsewhere only a page, or what serves a route itself."""

CLOCK = "idp/foundation/clock.py"
DICE = ("idp/foundation/secrets.py", "idp/foundation/sealed.py")


def product() -> list[str]:
    return files_in("idp", ".py")


def breaches(find: Callable[[str], list[str]], paths: list[str]) -> dict[str, list[str]]:
    return {path: found for path in paths if (found := find(read(path)))}


def is_face(path: str) -> bool:
    return (
        path.startswith(FACES)
        or path.endswith(("_page.py", "_pages.py"))
        or code.serves_routes(read(path))
    )


def test_imports_go_down_only() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_a_file_holds_one_idea() -> None:
    sources = [
        path
        for folder in ("idp", "bench", "examples")
        for path in files_in(folder, ".py", ".html", ".js", ".mjs")
        if "/migrations/versions/" not in path
    ]
    lengths = {path: len(read(path).splitlines()) for path in sources if path not in LONGER}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_the_longer_files_still_need_their_leave() -> None:
    assert {path for path in LONGER if len(read(path).splitlines()) <= LONGEST} == set()


def test_what_may_import_late_still_does() -> None:
    assert {path for path in LAZY if not code.imports_inside_functions(read(path))} == set()


def test_nothing_is_imported_inside_a_function() -> None:
    paths = [path for path in product() if path not in LAZY]
    assert breaches(code.imports_inside_functions, paths) == {}


def test_only_what_faces_the_browser_touches_its_request() -> None:
    inner = [path for path in product() if not is_face(path)]
    assert breaches(lambda source: code.taken_from_flask(source, "request", "session"), inner) == {}


def test_nothing_travels_in_flask_g() -> None:
    assert breaches(lambda source: code.taken_from_flask(source, "g"), product()) == {}


def test_time_comes_from_one_clock() -> None:
    others = [path for path in product() if path != CLOCK]
    assert breaches(code.clocks_read, others) == {}


def test_randomness_comes_from_one_place() -> None:
    others = [path for path in product() if path not in DICE]
    assert breaches(code.dice_thrown, others) == {}


@pytest.mark.parametrize(
    ("find", "source"),
    [
        (code.imports_inside_functions, "def f():\n    if x:\n        import json\n"),
        (code.imports_inside_functions, "async def f():\n    from a import b\n"),
        (code.imports_inside_functions, "class C:\n    def f(self):\n        import a.b\n"),
        (code.clocks_read, "from datetime import datetime\nx = datetime.now(UTC)\n"),
        (code.clocks_read, "import datetime as dt\nx = dt.datetime.utcnow()\n"),
        (code.clocks_read, "from datetime import date as day\nx = day.today()\n"),
        (code.clocks_read, "import time\nx = time.time()\n"),
        (code.clocks_read, "from time import time\n"),
        (code.clocks_read, "from sqlalchemy import func\nx = func.now()\n"),
        (code.dice_thrown, "import os\nx = os.urandom(8)\n"),
        (code.dice_thrown, "from uuid import uuid4\n"),
        (code.dice_thrown, "import secrets\nx = secrets.token_hex()\n"),
        (code.dice_thrown, "from random import choice\n"),
        (lambda source: code.taken_from_flask(source, "g"), "from flask import g\n"),
        (lambda source: code.taken_from_flask(source, "g"), "import flask\nflask.g.x = 1\n"),
        (lambda source: code.taken_from_flask(source, "request"), "from flask import request\n"),
    ],
)
def test_a_breach_is_found(find: Callable[[str], list[str]], source: str) -> None:
    assert len(find(source)) == 1


@pytest.mark.parametrize(
    ("find", "source"),
    [
        (code.imports_inside_functions, "import json\nif x:\n    import y\n"),
        (code.clocks_read, "import time\nx = time.monotonic()\n"),
        (code.clocks_read, "from idp.foundation.clock import utcnow\nx = utcnow()\n"),
        (code.dice_thrown, "from idp.foundation.secrets import random_token\n"),
        (code.dice_thrown, "from idp.foundation import secrets\nx = secrets.digest(b'')\n"),
        (lambda source: code.taken_from_flask(source, "g"), "from flask import Flask\n"),
    ],
)
def test_what_is_no_breach_is_let_be(find: Callable[[str], list[str]], source: str) -> None:
    assert find(source) == []


def test_what_serves_a_route_is_known_by_it() -> None:
    assert code.serves_routes("def register(app):\n    app.add_url_rule('/x', 'x', f)\n")
    assert code.serves_routes("@pages.route('/x')\ndef x(): ...\n")
    assert not code.serves_routes("from flask import request\nx = request.args\n")
