"""Requests to an endpoint of the table, from nearly right to senseless; sent as raw WSGI."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from hypothesis import strategies as st

from tests.fuzz import jose
from tests.fuzz.endpoints import Endpoint, Words
from tests.fuzz.odd import BYTES, base64url, document, texts
from tests.fuzz.world import World
from tests.provider import ISSUER

FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW", "get")
TYPES = (
    *(
        "",
        FORM,
        f"{FORM}; charset=utf-16",
        f"{FORM};charset=\xff",
        "application/json",
        "text/plain",
    ),
    *("multipart/form-data", "multipart/form-data; boundary=x", "application/merge-patch+json"),
    *("application/jwt", ";", "/", "x" * 3000, "application/json; charset=utf-7"),
)
HEADERS = (
    *("Accept", "Accept-Language", "Origin", "Referer", "Cookie", "X-Forwarded-For", "Forwarded"),
    *("X-Forwarded-Host", "X-Forwarded-Proto", "Content-Encoding", "Range", "If-None-Match"),
    *("Sec-Fetch-Site", "User-Agent", "X-Request-Id", "Authorization", "DPoP", "Content-Length"),
)
HEADER_VALUES = (
    *(
        "",
        "x" * 7000,
        "\xff\xfe",
        "null",
        ";;;=,,,",
        "*;q=x",
        "fi;q=1e999, sv;q=",
        "gzip",
        "-1",
        "²",
    ),
    *("bytes=0-,1-", "https://[", "127.0.0.1, 1, ::1", "a=" + "b" * 5000, '"', "__Host-x=", "1 2"),
    *(
        "Basic",
        "Basic !!!",
        "Basic /////w==",
        "Bearer",
        "Bearer \xe4",
        "DPoP x",
        "Bearer a, Bearer b",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as its bytes."""

    method: str
    path: str
    query: str = ""
    body: bytes = field(default=b"")
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def calls(world: World, endpoint: Endpoint) -> st.SearchStrategy[Call]:
    """Requests to the endpoint, most of them not far from what belongs there."""
    path = st.just(endpoint.path.replace("{client_id}", world.party.client_id))
    if "{odd}" in endpoint.path:
        path = texts.map(lambda text: endpoint.path.replace("{odd}", text))
    usual = st.sampled_from(endpoint.methods)
    return st.builds(
        _call,
        method=st.one_of(usual, usual, usual, st.sampled_from(METHODS)),
        path=path,
        form=_forms(world, endpoint),
        document=document(world.documents.get(endpoint.document, {"a": 1})),
        takes_json=st.just(bool(endpoint.document)),
        kind=st.one_of(st.none(), st.none(), st.none(), st.sampled_from(TYPES)),
        where=st.sampled_from(("usual", "usual", "usual", "query", "both")),
        credentials=_credentials(world, endpoint),
        headers=st.dictionaries(
            st.sampled_from(HEADERS), st.sampled_from(HEADER_VALUES), max_size=2
        )
        | st.just({}),
    )


def _call(
    *,
    method: str,
    path: str,
    form: str,
    document: bytes,
    takes_json: bool,
    kind: str | None,
    where: str,
    credentials: dict[str, str],
    headers: dict[str, str],
) -> Call:
    has_query = where != "usual" or method in ("GET", "HEAD")
    body = (
        b"" if where == "query" or method in ("GET", "HEAD") else form.encode("latin-1", "replace")
    )
    if takes_json and method in ("POST", "PUT", "PATCH") and not (form and method == "POST"):
        body, usual = document, "application/json"
        usual = "application/merge-patch+json" if method == "PATCH" else usual
    else:
        usual = FORM if body else ""
    kinds = {"Content-Type": usual if kind is None else kind}
    return Call(
        method=method,
        path=path,
        query=form if has_query else "",
        body=body,
        headers={**kinds, **credentials, **headers},
    )


def _forms(world: World, endpoint: Endpoint) -> st.SearchStrategy[str]:
    """Forms of the endpoint's parameters: each well, oddly, undecodably, twice or not at all."""
    if endpoint.document and not endpoint.parameters:
        return st.just("")
    if not endpoint.parameters:
        return st.sampled_from(("", "a=b", "%ff", "&&&", "=" * 300))
    made = _made(world)

    def pair(name: str) -> st.SearchStrategy[str]:
        known = st.sampled_from(world.known.get(name, ("x",))).map(quote_plus)
        odd = texts.map(lambda text: quote_plus(text, errors="surrogatepass"))
        raw = [made[name].map(quote_plus)] if name in made else []
        return st.one_of(known, known, *raw, odd, st.sampled_from(BYTES)).map(
            lambda value: f"{name}={value}"
        )

    every = st.tuples(*(pair(name) for name in endpoint.parameters)).map(list)
    some = st.lists(st.sampled_from(endpoint.parameters).flatmap(pair), max_size=12)
    one_odd = st.builds(
        lambda left, more: [
            *(f"{n}={quote_plus(world.known.get(n, ('x',))[0])}" for n in left),
            *more,
        ],
        st.sets(st.sampled_from(endpoint.parameters)).map(sorted),
        st.lists(st.sampled_from(endpoint.parameters).flatmap(pair), max_size=2),
    )
    return st.one_of(one_odd, some, every).map("&".join)


def _made(world: World) -> dict[str, st.SearchStrategy[str]]:
    """The parameters that hold a JWT, made anew each time."""
    key, head = world.signer.key, {"alg": "ES256", "kid": "own"}
    assertions = st.uuids().flatmap(
        lambda jti: jose.tokens(key, head, world.assertion_claims(world.signer) | {"jti": str(jti)})
    )
    objects = st.deferred(
        lambda: jose.tokens(key, head | {"typ": "oauth-authz-req+jwt"}, world.object_claims())
    )
    other = jose.tokens(key, head, {"iss": ISSUER, "sub": "x", "aud": world.party.client_id})
    hints = dict.fromkeys(("id_token_hint", "logout_token", "access_token", "token"), other)
    return {"client_assertion": assertions, "request": objects, **hints}


def _credentials(world: World, endpoint: Endpoint) -> st.SearchStrategy[dict[str, str]]:
    """The headers that prove who asks, or nearly."""
    bearer = f"Bearer {world.tokens['access_token']}"
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": world.dpop_key.as_dict(private=False)}
    proofs = st.uuids().flatmap(
        lambda jti: jose.tokens(
            world.dpop_key,
            head,
            {**world.proof_claims(), "htu": ISSUER + endpoint.path, "jti": str(jti)},
        )
    )
    if endpoint.words is Words.BROWSER:
        own = st.just({"Cookie": cookies(world)})
        return st.one_of(own, own, st.just({}))
    right = bearer if endpoint.words in (Words.BEARER, Words.REGISTRATION) else world.basic()
    return st.one_of(
        st.just({"Authorization": right}),
        st.just({"Authorization": right}),
        st.just({}),
        texts.map(lambda text: {"Authorization": f"Bearer {_latin(text)}"}),
        texts.map(lambda text: {"Authorization": "Basic " + base64url(_utf8(text))}),
        proofs.map(lambda proof: {"Authorization": right, "DPoP": _latin(proof)}),
    )


def cookies(world: World) -> str:
    """The signed-in browser's cookies."""
    return "; ".join(f"{name}={value}" for name, value in world.browser.cookies.items())


def send(app: Callable[..., Any], call: Call) -> Answer:
    """Hand the request to the application, as a server would that lets everything through."""
    given: list[Any] = []
    environ = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _utf8(call.path).decode("latin-1"),
        "RAW_URI": quote(call.path, errors="replace"),
        "QUERY_STRING": _latin(call.query),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": urlsplit(ISSUER).netloc,
        "CONTENT_LENGTH": str(len(call.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(call.body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in call.headers.items():
        key = name.upper().replace("-", "_")
        own = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        environ[key if own else f"HTTP_{key}"] = value.replace("\r", "").replace("\n", "")
    parts = app(environ, partial(_start, given))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    status, headers = given
    return Answer(
        status=int(status[:3]),
        headers={name.lower(): value for name, value in headers},
        body=body,
    )


def _start(given: list[Any], status: str, headers: list[tuple[str, str]], *more: Any) -> None:
    for name, value in headers:
        value.encode("latin-1")  # WSGI's servers can send nothing else.
        assert not {"\r", "\n", "\0"} & set(name + value), (name, value)
    given[:] = [status, headers]


def _latin(text: str) -> str:
    return text.encode("utf-8", "replace").decode("latin-1")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
