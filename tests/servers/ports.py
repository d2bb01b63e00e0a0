"""Ports on the loopback address that nobody listens on."""

import random
import socket

# Below the range that the kernel takes for outgoing connections, so that a server that was
# stopped finds its port still free when it is started again.
CHOICE = range(15000, 32768)


def free_port() -> int:
    """A port on 127.0.0.1 that can be listened on now."""
    while True:
        port = random.choice(CHOICE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
