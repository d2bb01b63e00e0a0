"""What the guarded fetcher asks, what it takes for an answer, and when it gives up."""

import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from idp.foundation.fetch import Fetched, Fetcher, FetchError, Reason
from tests.foundation.odd_server import Behaviour, OddServer, Peer

BRIEFLY = timedelta(milliseconds=300)
MEGABYTE = 1024 * 1024


def loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def fetcher() -> Fetcher:
    return Fetcher(["idp.test"], resolve=loopback)


def says(text: str) -> Behaviour:
    return lambda peer: peer.send(text)


def lines(request: bytes) -> list[str]:
    return request.decode().partition("\r\n\r\n")[0].split("\r\n")


def reason_for(
    fetcher: Fetcher, behave: Behaviour, timeout: timedelta = timedelta(seconds=5)
) -> Reason:
    with OddServer(behave) as server, pytest.raises(FetchError) as failure:
        fetcher.get(server.url + "/path?secret=1", timeout=timeout)
    assert server.requests, "it was asked"
    return failure.value.reason


def test_a_whole_answer_is_given_as_it_came(fetcher: Fetcher) -> None:
    answer = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnope"
    with OddServer(says(answer)) as server:
        fetched = fetcher.get(server.url)
    assert fetched == Fetched(
        status=404,
        headers={"content-type": "text/plain", "content-length": "4"},
        body=b"nope",
    )


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        ("HTTP/1.0 200 OK\r\n\r\nold", b"old"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"abc"),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\nplain", b"plain"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nafter", b"after"),
        ("HTTP/1.1 204 No Content\r\n\r\n", b""),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", b""),
    ],
)
def test_every_form_of_an_answer_is_understood(fetcher: Fetcher, answer: str, body: bytes) -> None:
    with OddServer(says(answer)) as server:
        assert fetcher.get(server.url).body == body


def test_a_request_names_its_host_and_wants_nothing_compressed(fetcher: Fetcher) -> None:
    with OddServer(says("HTTP/1.1 200 OK\r\n\r\n")) as server:
        fetcher.get(server.url + "/a/b?c=d%20e#part", {"Accept": "application/json"})
    first, *headers = lines(server.requests[0])
    assert first == "GET /a/b?c=d%20e HTTP/1.1"
    assert sorted(headers) == [
        "Accept-Encoding: identity",
        "Accept: application/json",
        "Connection: close",
        f"Host: idp.test:{server.port}",
        "User-Agent: idp",
    ]


def test_a_post_carries_its_body(fetcher: Fetcher) -> None:
    with OddServer(says("HTTP/1.1 200 OK\r\n\r\n")) as server:
        fetcher.post(server.url, b"logout_token=x", {"Content-Type": "text/x"})
    assert server.requests[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"\r\nContent-Type: text/x\r\n" in server.requests[0]
    assert server.requests[0].endswith(b"\r\n\r\nlogout_token=x")


def test_a_caller_cannot_name_another_host(fetcher: Fetcher) -> None:
    with OddServer(says("HTTP/1.1 200 OK\r\n\r\n")) as server:
        fetcher.get(server.url, {"Host": "elsewhere.example"})
    assert b"elsewhere" not in server.requests[0]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
def test_no_redirect_is_followed(fetcher: Fetcher, status: int) -> None:
    with OddServer(says("HTTP/1.1 200 OK\r\n\r\n")) as target:
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {target.url}\r\n\r\n"
        assert reason_for(fetcher, says(moved)) is Reason.REDIRECTED
    assert target.connections == 0


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_what_was_compressed_unasked_is_not_unpacked(fetcher: Fetcher, encoding: str) -> None:
    answer = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n\r\nbomb"
    assert reason_for(fetcher, says(answer)) is Reason.ENCODED


@pytest.mark.parametrize(
    "head",
    ["\r\n\r\n", f"\r\nContent-Length: {10 * MEGABYTE}\r\n\r\n"],
    ids=["without a length", "with one"],
)
def test_an_answer_without_end_is_left_at_the_cap(fetcher: Fetcher, head: str) -> None:
    def endless(peer: Peer) -> None:
        peer.send("HTTP/1.1 200 OK" + head)
        while True:
            peer.send(b"x" * 65536)

    assert reason_for(fetcher, endless) is Reason.TOO_LARGE


def test_endless_chunks_are_left_at_the_cap(fetcher: Fetcher) -> None:
    def endless(peer: Peer) -> None:
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            peer.send(b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n")

    assert reason_for(fetcher, endless) is Reason.TOO_LARGE


def test_the_cap_itself_is_allowed_and_one_byte_more_is_not(fetcher: Fetcher) -> None:
    with OddServer(says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789")) as server:
        assert fetcher.get(server.url, max_bytes=10).body == b"0123456789"
        with pytest.raises(FetchError) as failure:
            fetcher.get(server.url, max_bytes=9)
    assert failure.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        "HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 101 + "\r\n",
        "HTTP/1.1 200 OK\r\nX: " + "y" * 70_000 + "\r\n\r\n",
    ],
    ids=["nothing", "ssh", "no status", "cut", "cut chunk", "no chunk", "headers", "header"],
)
def test_what_is_no_whole_answer_is_none(fetcher: Fetcher, answer: str) -> None:
    assert reason_for(fetcher, says(answer)) in {Reason.GARBLED, Reason.UNREACHABLE}


def starts_then(start: str, go_on: Callable[[Peer], None]) -> Behaviour:
    def behave(peer: Peer) -> None:
        peer.send(start)
        go_on(peer)

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        Peer.be_silent,
        starts_then("HTTP/1.1 200 OK\r\nX", Peer.be_silent),
        starts_then("HTTP/1.1 200 OK\r\n\r\nsome", Peer.be_silent),
        starts_then("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome", Peer.be_silent),
        lambda peer: peer.drip(b"H"),
        starts_then("HTTP/1.1 200 OK\r\nX: ", lambda peer: peer.drip(b"y")),
        starts_then("HTTP/1.1 200 OK\r\n\r\n", lambda peer: peer.drip(b"y")),
        lambda peer: peer.drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=[
        "silent",
        "silent in a header",
        "silent in a body",
        "silent in a measured body",
        "a dripping status line",
        "a dripping header",
        "a dripping body",
        "to be continued for ever",
    ],
)
def test_the_whole_time_is_capped_whatever_trickles_in(fetcher: Fetcher, behave: Behaviour) -> None:
    assert reason_for(fetcher, behave, BRIEFLY) is Reason.TIMEOUT


def test_a_name_that_nobody_answers_for_costs_no_more_than_the_time() -> None:
    found = threading.Event()

    def slow(_host: str, _port: int) -> Sequence[str]:
        found.wait()
        return ["127.0.0.1"]

    with pytest.raises(FetchError) as failure:
        Fetcher(["idp.test"], resolve=slow).get("http://idp.test/", timeout=BRIEFLY)
    found.set()
    assert failure.value.reason is Reason.TIMEOUT


def test_nobody_gets_more_than_five_seconds(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.foundation.fetch.fetcher.LONGEST", BRIEFLY)
    assert reason_for(fetcher, Peer.be_silent, timedelta(hours=1)) is Reason.TIMEOUT


def test_an_address_that_refuses_makes_room_for_the_next() -> None:
    with OddServer(says("HTTP/1.1 200 OK\r\n\r\nhere")) as server:
        fetcher = Fetcher(["idp.test"], resolve=lambda *_: ["127.0.0.2", "127.0.0.1"])
        assert fetcher.get(server.url).body == b"here"


def test_a_host_that_is_not_there_is_unreachable(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(FetchError) as failure:
        fetcher.get(f"http://idp.test:{port}/")
    assert failure.value.reason is Reason.UNREACHABLE


def test_a_failure_says_which_host_and_why_and_nothing_of_the_rest(fetcher: Fetcher) -> None:
    with OddServer(says("HTTP/1.1 301 Moved\r\n\r\n")) as server:
        with pytest.raises(FetchError) as failure:
            fetcher.post(server.url + "/path?secret=1", b"token", {"Authorization": "Basic x"})
    assert str(failure.value) == "fetch_failed: redirected (idp.test)"
    assert failure.value.detail == {"reason": "redirected", "host": "idp.test"}


def test_an_answers_body_is_not_shown_by_accident() -> None:
    assert "token" not in repr(Fetched(status=200, headers={"x": "token"}, body=b"token"))
