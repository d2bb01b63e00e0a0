import pytest

from bench.errors import WrongAnswer
from bench.message import parse, request

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def test_an_answer_is_read_whole_with_all_headers_of_a_name() -> None:
    response = parse(HEAD + b"hello")
    assert response is not None
    assert (response.status, response.body) == (200, b"hello")
    assert response.headers("Set-Cookie") == ["a=1", "b=2"]
    assert response.header("Location") is None


@pytest.mark.parametrize(
    "answer", [HEAD + b"hello", CHUNKED + b"2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"]
)
def test_an_answer_is_awaited_until_its_last_byte(answer: bytes) -> None:
    assert all(parse(answer[:length]) is None for length in range(len(answer)))
    response = parse(answer)
    assert response is not None
    assert response.body == b"hello"


def test_a_redirect_without_a_body_is_whole_at_its_length() -> None:
    response = parse(b"HTTP/1.1 303 See Other\r\nLocation: /a\r\ncontent-length: 0\r\n\r\n")
    assert response is not None
    assert (response.status, response.header("location"), response.body) == (303, "/a", b"")


def test_no_content_has_no_length() -> None:
    response = parse(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert response is not None
    assert response.body == b""


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"hello, and more",
        CHUNKED + b"0\r\n\r\nmore",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the connection closes",
    ],
)
def test_an_answer_that_keep_alive_cannot_follow_is_refused(answer: bytes) -> None:
    with pytest.raises(WrongAnswer):
        parse(answer)


def test_a_request_with_a_body_says_its_length() -> None:
    assert request("POST", "/token", "localhost:8000", "Accept: */*\r\n", b"a=b").split(
        b"\r\n"
    ) == [
        b"POST /token HTTP/1.1",
        b"Host: localhost:8000",
        b"Accept: */*",
        b"Content-Length: 3",
        b"",
        b"a=b",
    ]
