"""Keytabs made by hand (MIT's file format, version 5.2): what administrators give, right or not."""

import struct

AES256, RC4 = 18, 23


def keytab(*keys: tuple[str, int]) -> bytes:
    """A keytab of these principals, each with a key of a type of encryption."""
    return b"\x05\x02" + b"".join(_entry(principal, etype) for principal, etype in keys)


def _entry(principal: str, etype: int) -> bytes:
    name, _, realm = principal.rpartition("@")
    parts = name.split("/")
    body = struct.pack(">H", len(parts)) + b"".join(_counted(each) for each in (realm, *parts))
    body += struct.pack(">IIBH", 1, 0, 1, etype) + _counted("k" * 32)
    return struct.pack(">i", len(body)) + body


def _counted(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()
