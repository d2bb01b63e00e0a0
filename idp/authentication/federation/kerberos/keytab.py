"""A keytab (MIT's file format, version 5.2): which keys are in it, and one with only those we use.

What is used of it is the AES keys of our own service: a ticket for anything else, or one made with
RC4 or DES, then meets no key, whatever the file an administrator gave us holds.
"""

import base64
import binascii
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_VERSION = b"\x05\x02"
_AES = (17, 18, 19, 20)
"""RFC 3962 and RFC 8009."""
LARGEST = 64 * 1024


class Unusable(ValueError):
    """It is not a keytab, or has no key that we may use."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One key."""

    principal: str
    etype: int
    raw: bytes = field(repr=False)
    """The entry as it stands in the file, its length before it."""


def entries(content: bytes) -> tuple[Entry, ...]:
    """Every key; Unusable where it is no keytab."""
    if not content.startswith(_VERSION) or len(content) > LARGEST:
        raise Unusable
    try:
        return tuple(_entries(content))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Unusable from error


def only(content: bytes, principal: str) -> bytes:
    """A keytab of this principal's AES keys alone; Unusable where there is none."""
    found = [each.raw for each in entries(content) if _counts(each, principal)]
    if not found:
        raise Unusable
    return _VERSION + b"".join(found)


def has_key(encoded: str, realm: str) -> bool:
    """Whether this base64 is a keytab with an AES key of some web service of the realm."""
    try:
        found = entries(base64.b64decode(encoded, validate=True))
    except (binascii.Error, Unusable):
        return False
    services = [each.principal for each in found if each.etype in _AES]
    return any(name.startswith("HTTP/") and name.endswith(f"@{realm}") for name in services)


def _counts(entry: Entry, principal: str) -> bool:
    return entry.principal == principal and entry.etype in _AES


def _entries(content: bytes) -> Iterator[Entry]:
    at = len(_VERSION)
    while at < len(content):
        (size,) = struct.unpack_from(">i", content, at)
        end = at + 4 + abs(size)
        if size == 0 or end > len(content):
            raise IndexError
        if size > 0:  # A negative size is the hole that a removed key left.
            yield _entry(content[at:end])
        at = end


def _entry(raw: bytes) -> Entry:
    (count,) = struct.unpack_from(">H", raw, 4)
    at, names = 6, []
    for _ in range(count + 1):
        (length,) = struct.unpack_from(">H", raw, at)
        names.append(_text(raw, at + 2, length))
        at += 2 + length
    # The name's type, a time stamp and one byte of the key's version come before the key's type.
    (etype,) = struct.unpack_from(">H", raw, at + 9)
    return Entry(principal=f"{'/'.join(names[1:])}@{names[0]}", etype=etype, raw=raw)


def _text(raw: bytes, at: int, length: int) -> str:
    part = raw[at : at + length]
    if len(part) != length:
        raise IndexError
    return part.decode()
