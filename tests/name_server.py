"""A name server for tests: answers TXT questions over UDP from a dictionary."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.resolver import Resolver


@contextmanager
def name_server(texts: Mapping[str, str]) -> Iterator[Resolver]:
    """A resolver that asks it; whatever is not in ``texts`` does not exist."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(listening, texts), daemon=True)
        thread.start()
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], listening.getsockname()[1]
        try:
            yield resolver
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", listening.getsockname())
            thread.join()


def _serve(listening: socket.socket, texts: Mapping[str, str]) -> None:
    while True:
        wire, asker = listening.recvfrom(4096)
        if not wire:
            return
        asked = dns.message.from_wire(wire)
        question = asked.question[0]
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        text = texts.get(question.name.to_text(omit_final_dot=True))
        if text is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            halves = f'"{text[:5]}" "{text[5:]}"'
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", halves))
        listening.sendto(answer.to_wire(), asker)
