"""Where the guarded fetcher goes and where it never does."""

import socket
from collections.abc import Sequence
from datetime import timedelta

import pytest

from idp.foundation.fetch import Fetcher, FetchError, Reason
from idp.foundation.fetch.deadline import Deadline
from idp.foundation.fetch.destination import Guard, parse
from tests.foundation.odd_server import OddServer, Peer

PUBLIC = "193.166.4.1"


def answer(peer: Peer) -> None:
    peer.send("HTTP/1.1 200 OK\r\n\r\n")


def refusal(fetcher: Fetcher, url: str) -> Reason:
    with pytest.raises(FetchError) as failure:
        fetcher.get(url)
    return failure.value.reason


def reachable(url: str, addresses: Sequence[str], allow_private: Sequence[str] = ()) -> list[str]:
    """The addresses that would be connected to."""
    guard = Guard(allow_private, resolve=lambda *_: addresses)
    return [str(each) for each in guard.addresses(parse(url), Deadline(timedelta(seconds=60)))]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%lo",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
    ],
)
def test_a_name_that_points_inward_is_not_followed(address: str) -> None:
    fetcher = Fetcher(resolve=lambda *_: [address])
    assert refusal(fetcher, "https://idp.test/") is Reason.FORBIDDEN_ADDRESS
    assert refusal(fetcher, "http://idp.test/") is Reason.NOT_HTTPS


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "0177.0.0.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "localhost",
    ],
)
def test_no_way_of_writing_loopback_gets_there(host: str) -> None:
    with OddServer(answer) as server:
        url = f"https://{host}:{server.port}/"
        assert refusal(Fetcher(), url) is Reason.FORBIDDEN_ADDRESS
    assert server.connections == 0


def test_of_a_names_addresses_only_the_public_ones_are_tried() -> None:
    addresses = ["10.0.0.1", PUBLIC, "::1", "2a00:1450::1"]
    assert reachable("https://idp.test/", addresses) == [PUBLIC, "2a00:1450::1"]


@pytest.mark.parametrize("allowed", ["idp.test", "IDP.test", "10.0.0.0/8", "10.0.0.1"])
def test_what_the_operator_lists_may_be_reached_even_without_tls(allowed: str) -> None:
    for scheme in ("https", "http"):
        assert reachable(f"{scheme}://idp.test/", ["10.0.0.1"], [allowed]) == ["10.0.0.1"]


@pytest.mark.parametrize("allowed", ["test", "other.test", "10.0.0.0/30", "fd00::/8", ""])
def test_a_listing_opens_nothing_else(allowed: str) -> None:
    fetcher = Fetcher([allowed], resolve=lambda *_: ["10.0.0.7"])
    assert refusal(fetcher, "https://idp.test/") is Reason.FORBIDDEN_ADDRESS


def test_the_open_internet_is_never_asked_without_tls() -> None:
    fetcher = Fetcher(["other.test"], resolve=lambda *_: [PUBLIC])
    assert refusal(fetcher, "http://idp.test/") is Reason.NOT_HTTPS


def test_a_name_is_looked_up_once_and_that_address_connected_to() -> None:
    """DNS rebinding: the second answer would point elsewhere."""
    looked_up: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1" if len(looked_up) == 1 else "127.0.0.3"]

    with OddServer(answer) as server:
        Fetcher(["127.0.0.1/32"], resolve=rebinding).get(server.url)
    assert looked_up == ["idp.test"]
    assert server.connections == 1


@pytest.mark.parametrize("found", [[], ["not an address"]])
def test_a_name_without_addresses_leads_nowhere(found: list[str]) -> None:
    reason = refusal(Fetcher(resolve=lambda *_: found), "https://idp.test/")
    assert reason in {Reason.UNKNOWN_NAME, Reason.FORBIDDEN_ADDRESS}


def test_a_name_nobody_knows_is_said_to_be_unknown() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert refusal(Fetcher(resolve=unknown), "https://idp.test/") is Reason.UNKNOWN_NAME
    assert refusal(Fetcher(), f"https://{'x' * 64}.test/") is Reason.UNKNOWN_NAME


@pytest.mark.parametrize(
    "url",
    [
        "",
        "idp.test/path",
        "//idp.test/",
        "https:///path",
        "https://",
        "ftp://idp.test/",
        "file:///etc/passwd",
        "gopher://idp.test:70/",
        "javascript:alert(1)",
        "https://user:password@idp.test/",
        "https://user@idp.test/",
        "https://@idp.test/",
        "https://idp.test:0/",
        "https://idp.test:65536/",
        "https://idp.test:port/",
        "https://idp.test\\@evil.test/",
        "https://idp.test/a b",
        "https://idp.test/\r\nX-Injected: 1",
        "https://idp.test/\x00",
        "https://idp.test/ä",
        "https://\u0131dp.test/",
        "https://[::1/",
        "https://[not an address]/",
        "https://idp.test/" + "x" * 2048,
    ],
)
def test_an_odd_url_is_not_guessed_at(url: str) -> None:
    assert refusal(Fetcher(resolve=lambda *_: [PUBLIC]), url) is Reason.BAD_URL


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("https://idp.test", "idp.test", 443, "/", "idp.test"),
        ("https://IDP.Test:443/x", "idp.test", 443, "/x", "idp.test"),
        ("https://idp.test:8443/x?y=z&w", "idp.test", 8443, "/x?y=z&w", "idp.test:8443"),
        ("https://idp.test?y", "idp.test", 443, "/?y", "idp.test"),
        ("http://idp.test:443/", "idp.test", 443, "/", "idp.test:443"),
        ("https://[2a00:1450::1]/", "2a00:1450::1", 443, "/", "[2a00:1450::1]"),
        ("https://[2a00:1450::1]:81/", "2a00:1450::1", 81, "/", "[2a00:1450::1]:81"),
        ("https://idp.test/x#part", "idp.test", 443, "/x", "idp.test"),
    ],
)
def test_a_url_is_taken_apart(url: str, host: str, port: int, target: str, authority: str) -> None:
    destination = parse(url)
    assert (destination.host, destination.port) == (host, port)
    assert (destination.target, destination.authority) == (target, authority)
