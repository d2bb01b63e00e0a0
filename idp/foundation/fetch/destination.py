"""Where a request goes: the parts of its URL, and which addresses of its host may be reached."""

import re
import socket
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from idp.foundation.addresses import Address, is_public
from idp.foundation.fetch.deadline import Deadline
from idp.foundation.fetch.failure import FetchError, Reason

Resolve = Callable[[str, int], Sequence[str]]
"""From a host name and a port to addresses; raises OSError for an unknown name."""

_URL = re.compile(r"[!-\[\]-~]{1,2048}")
"""Printable ASCII without the space and the backslash, which readers of URLs disagree about."""
_PORTS = {"https": 443, "http": 80}
_LOOKUPS = 16
"""Names looked up at once: a look-up cannot be interrupted, only left behind."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A URL taken apart."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, as the request line has them."""

    @property
    def authority(self) -> str:
        """What the Host header says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def parse(url: str) -> Destination:
    """The parts of an http or https URL; FetchError for anything odd, credentials included."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchError(Reason.BAD_URL) from error
    is_plain = _URL.fullmatch(url) and parts.scheme in _PORTS and "@" not in parts.netloc
    if not is_plain or not host or port == 0:
        raise FetchError(Reason.BAD_URL)
    return Destination(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses the system knows for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Guard:
    """Decides which addresses may be connected to.

    ``allow_private`` are the host names and networks that may be reached although they are private,
    and the only ones that may be reached without TLS.
    """

    def __init__(self, allow_private: Collection[str], resolve: Resolve = system_resolve) -> None:
        networks = {entry: _network(entry) for entry in allow_private}
        self._networks = [network for network in networks.values() if network]
        self._hosts = {entry.lower() for entry, network in networks.items() if not network}
        self._resolve = resolve
        self._lookups = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="resolve")

    def addresses(self, destination: Destination, deadline: Deadline) -> list[Address]:
        """The addresses to connect to, best first, each of them checked; never none."""
        lookup = self._lookups.submit(self._resolve, destination.host, destination.port)
        try:
            found = [ip_address(text) for text in lookup.result(deadline.remaining())]
        except TimeoutError:
            lookup.cancel()
            raise
        except (OSError, ValueError) as error:
            raise FetchError(Reason.UNKNOWN_NAME, destination.host) from error
        checked = [address for address in found if self._may_reach(destination, address)]
        if not checked:
            is_plain = destination.scheme == "http"
            reason = Reason.NOT_HTTPS if is_plain else Reason.FORBIDDEN_ADDRESS
            raise FetchError(reason, destination.host)
        return checked

    def _may_reach(self, destination: Destination, address: Address) -> bool:
        if destination.host in self._hosts or any(address in net for net in self._networks):
            return True
        return destination.scheme == "https" and is_public(address)


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None
