"""Which addresses are the open Internet's (RFC 6890 and the registries it began), and networks."""

from ipaddress import ip_address

import pytest

from idp.foundation.addresses import is_public, network_of


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "193.166.4.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.169.0.1",
        "223.255.255.255",
        "2001:4860:4860::8888",
        "2a00:1450::1",
        "2606:4700::1111",
    ],
)
def test_the_open_internet_may_be_reached(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("0.0.0.0", "this network, RFC 791"),
        ("0.1.2.3", "this network, RFC 791"),
        ("10.0.0.1", "private, RFC 1918"),
        ("172.16.0.1", "private, RFC 1918"),
        ("172.31.255.255", "private, RFC 1918"),
        ("192.168.1.1", "private, RFC 1918"),
        ("100.64.0.1", "carrier-grade NAT, RFC 6598"),
        ("100.127.255.255", "carrier-grade NAT, RFC 6598"),
        ("127.0.0.1", "loopback, RFC 1122"),
        ("127.255.255.254", "loopback, RFC 1122"),
        ("169.254.169.254", "link-local, RFC 3927; clouds tell secrets there"),
        ("192.0.0.1", "protocol assignments, RFC 6890"),
        ("192.0.0.170", "NAT64 discovery, RFC 7050"),
        ("192.0.2.1", "documentation, RFC 5737"),
        ("192.88.99.1", "6to4 relay, RFC 7526"),
        ("198.18.0.1", "benchmarks, RFC 2544"),
        ("198.51.100.1", "documentation, RFC 5737"),
        ("203.0.113.1", "documentation, RFC 5737"),
        ("224.0.0.1", "multicast, RFC 1112"),
        ("239.255.255.250", "multicast, RFC 2365"),
        ("240.0.0.1", "reserved, RFC 1112"),
        ("255.255.255.255", "broadcast, RFC 919"),
        ("::", "unspecified, RFC 4291"),
        ("::1", "loopback, RFC 4291"),
        ("::8.8.8.8", "IPv4-compatible, RFC 4291"),
        ("::ffff:8.8.8.8", "IPv4-mapped, RFC 4291"),
        ("::ffff:127.0.0.1", "IPv4-mapped, RFC 4291"),
        ("64:ff9b::8.8.8.8", "NAT64, RFC 6052"),
        ("64:ff9b::7f00:1", "NAT64, RFC 6052"),
        ("64:ff9b:1::1", "local NAT64, RFC 8215"),
        ("100::1", "discard-only, RFC 6666"),
        ("2001::1", "Teredo, RFC 4380"),
        ("2001:20::1", "ORCHIDv2, RFC 7343"),
        ("2001:db8::1", "documentation, RFC 3849"),
        ("2002:7f00:1::1", "6to4, RFC 3056"),
        ("3fff::1", "documentation, RFC 9637"),
        ("5f00::1", "segment routing, RFC 9602"),
        ("fc00::1", "unique local, RFC 4193"),
        ("fd12:3456::1", "unique local, RFC 4193"),
        ("fe80::1", "link-local, RFC 4291"),
        ("fe80::1%eth0", "link-local with a zone, RFC 4007"),
        ("fec0::1", "site-local, RFC 3879"),
        ("ff02::1", "multicast, RFC 4291"),
        ("4000::1", "given to nobody"),
    ],
)
def test_what_is_local_special_or_wrapped_may_not(address: str, what: str) -> None:
    assert not is_public(ip_address(address)), what


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("", "unknown"),
        ("localhost", "unknown"),
    ],
)
def test_tries_are_counted_by_the_network_somebody_is_likely_to_own(
    address: str, network: str
) -> None:
    assert network_of(address) == network
