"""`python -m bench.saml`: arrivals by SAML a second and core, and what checking the answer takes.

The whole application in this process, on SQLite, without a web server around it: every request goes
to it as WSGI, and only the processor time it takes counts. Answers are made beforehand.
"""

import base64
import io
import json
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from lxml import etree

from idp.authentication.federation.saml import assertion
from idp.authentication.federation.saml.response import Expected
from idp.foundation.clock import utcnow
from tests.provider import ISSUER, OPERATOR, Provider
from tests.saml.answers import ACS, IDP, PERSISTENT, SP, Answer, stamp
from tests.saml.keys import pair
from tests.saml.ours import idp_metadata
from tests.saml.signing import raw, sign, signed_assertion, signed_response

PEOPLE, ROUNDS = 20, 10
HOUR = 3600
_NETWORKS = count()
SHAPES: dict[str, Callable[[Answer], Any]] = {
    "response signed": signed_response,
    "assertion signed": signed_assertion,
    "both signed": lambda answer: sign(signed_assertion(answer)),
}


class Caller:
    """One browser that speaks to the application itself and keeps its cookies."""

    def __init__(self, app: Any) -> None:
        self._app, self._cookies, self.spent = app, dict[str, str](), 0.0
        # Each from another network: departures of one network are limited.
        self._address = f"10.{next(_NETWORKS) % 250}.7.1"

    def call(self, method: str, url: str, form: dict[str, str] | None = None) -> str:
        """Where the answer leads; the processor time it took is added to ``spent``."""
        body, parts = urlencode(form or {}).encode(), urlsplit(url)
        cookies = "" if form else "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "id.example.fi",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self._address,
            "HTTP_HOST": urlsplit(ISSUER).netloc,
            "HTTP_COOKIE": cookies,
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "https",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }
        seen: list[tuple[str, list[tuple[str, str]]]] = []
        before = time.process_time()
        list(self._app(environ, lambda status, headers, *_: seen.append((status, headers))))
        self.spent += time.process_time() - before
        [(status, headers)] = seen
        assert status.startswith("303"), status
        for name, value in headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        return {name.lower(): value for name, value in headers}["location"]


def main() -> None:
    """Measure every shape and print what came out as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        provider = _provider(Path(folder))
        shapes = {name: _measure(provider, make) for name, make in SHAPES.items()}
        print(json.dumps({"people": PEOPLE, "rounds": ROUNDS, "shapes": shapes}, indent=2))


def _provider(folder: Path) -> Provider:
    provider = Provider(folder, database_url=f"sqlite:///{folder}/idp.db")
    provider.register()
    organization, connections = provider.organization(), provider.deployment.connections
    given = {"kind": "saml", "name": "saml", "metadata": idp_metadata()}
    with provider.database.transaction() as tx:
        row = connections.create(tx, organization, given, by=OPERATOR)
        connections.enable(tx, row, by=OPERATOR)
    connections.changed()
    return provider


def _measure(provider: Provider, make: Callable[[Answer], Any]) -> dict[str, float]:
    for person in range(PEOPLE):  # The first arrival makes the account; it is not what is asked.
        _arrive(provider, make, person, "first")
    spent = [
        _arrive(provider, make, person, str(turn))
        for turn in range(ROUNDS)
        for person in range(PEOPLE)
    ]
    arrival, checking = (sum(each) / len(spent) for each in zip(*spent, strict=True))
    return {
        "arrivals_per_second_and_core": round(1 / arrival, 1),
        "milliseconds": round(arrival * 1000, 2),
        "of_which_checking_the_answer": round(checking * 1000, 2),
        "share_of_checking": round(checking / arrival, 3),
    }


def _arrive(
    provider: Provider, make: Callable[[Answer], Any], person: int, turn: str
) -> tuple[float, float]:
    """Processor time of one arrival, and of its answer's checking alone."""
    caller = Caller(provider.app)
    query = parse_qs(urlsplit(caller.call("GET", "/sso/kuusela")).query)
    request = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))
    answer = _answer(request.get("ID", ""), person, turn)
    bytes_made = raw(make(answer))
    form = {
        "SAMLResponse": base64.b64encode(bytes_made).decode(),
        "RelayState": query["RelayState"][0],
    }
    caller.call("GET", caller.call("POST", urlsplit(ACS).path, form))
    return caller.spent, _checking(bytes_made, answer)


def _checking(answer: bytes, made: Answer) -> float:
    expected = Expected(
        issuer=IDP,
        audience=SP,
        acs=ACS,
        in_response_to=made.in_response_to,
        trusted=(pair("idp").certificate,),
        now=utcnow(),
    )
    before = time.process_time()
    assertion.read(answer, expected)
    return time.process_time() - before


def _answer(request: str, person: int, turn: str) -> Answer:
    now = utcnow()
    later = now.replace(microsecond=0).timestamp() + HOUR
    until = stamp(type(now).fromtimestamp(later, now.tzinfo))
    return Answer(
        assertion_id=f"_{person}-{turn}-{request}",
        issued=stamp(now),
        not_before=stamp(now),
        not_on_or_after=until,
        confirmed_until=until,
        authn_instant=stamp(now),
        in_response_to=request,
        confirmed_in_response_to=request,
        name_id=f'<saml:NameID Format="{PERSISTENT}">person-{person}</saml:NameID>',
        attributes={
            "mail": (f"person{person}@kuusela.example",),
            "urn:oid:2.5.4.42": ("Aino",),
            "urn:oid:2.5.4.4": (f"Kuusela {person}",),
        },
    )


if __name__ == "__main__":
    main()
