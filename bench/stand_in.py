"""An OpenID provider that only says what was prepared: `python -m bench.stand_in JSON`.

It stands upstream of ours, on the generator's core, and must not be what is measured. The argument
has its ``port`` and ``documents`` (by path). The answer of its token endpoint comes with the code:
the generator, which plays the sign-in there, made it and put it in.
"""

import asyncio
import json
import sys
from base64 import urlsafe_b64decode
from functools import partial
from typing import Any
from urllib.parse import parse_qs


def answer(documents: dict[str, Any], target: str, form: bytes) -> bytes:
    """Return the body for a request; a POST to any path is a token request."""
    if form:
        return urlsafe_b64decode(parse_qs(form)[b"code"][0] + b"==")
    return json.dumps(documents[target]).encode()


async def converse(
    documents: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the one request of a connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    target = head.split(b" ", 2)[1].decode()
    at = head.lower().find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    body = answer(documents, target, await reader.readexactly(length))
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    await writer.drain()
    writer.close()


async def serve(port: int, documents: dict[str, Any]) -> None:
    """Serve until the process ends."""
    server = await asyncio.start_server(partial(converse, documents), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(**json.loads(sys.argv[1])))
