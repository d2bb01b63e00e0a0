"""What an IP address tells: whose network it is in, and whether it is the open Internet's."""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

_GIVEN_OUT = IPv6Network("2000::/3")
"""All of IPv6 that anybody was given; the rest is local, multicast or IPv4 in disguise."""
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # relays of 6to4, RFC 7526
        "2001::/23",  # protocol assignments, Teredo and ORCHID among them, RFC 2928
        "2002::/16",  # 6to4: an IPv4 address inside, RFC 3056
        "3fff::/20",  # documentation, RFC 9637
    )
)


def network_of(address: str) -> str:
    """The network that tries are counted by: /24 of IPv4, /64 of IPv6; ``unknown`` for nonsense.

    A network in that form stays as it is.
    """
    try:
        parsed = ip_address(address.partition("/")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Network((int(parsed), 64), strict=False))
    return str(IPv4Network((int(parsed) & 0xFFFFFFFF, 24), strict=False))


def is_public(address: Address) -> bool:
    """Whether the address is the open Internet's, and says so itself: no IPv4 wrapped in IPv6."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:
        return False
    return not any(address in network for network in _SPECIAL)
