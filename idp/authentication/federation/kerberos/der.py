"""DER as SPNEGO and Kerberos use it, read strictly: one byte of tag, definite and shortest length.

Whatever has two readings is an error, so that we and the library that decrypts cannot differ.
"""


class Malformed(ValueError):
    """What was read is not DER, or not what had to be there."""


class Reader:
    """Takes elements off the front of ``data``."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def take(self, tag: int) -> bytes:
        """The content of the next element, which has this tag."""
        if not self.has(tag):
            raise Malformed
        start, size = _length(self._rest)
        if len(self._rest) < start + size:
            raise Malformed
        content, self._rest = self._rest[start : start + size], self._rest[start + size :]
        return content

    def inside(self, *tags: int) -> "Reader":
        """A reader of the next element, each tag right within the one before it and filling it."""
        inner = self
        for number, tag in enumerate(tags):
            outer, inner = inner, Reader(inner.take(tag))
            if number:
                outer.end()
        return inner

    def has(self, tag: int) -> bool:
        """Whether the next element has this tag."""
        return self._rest[:1] == bytes((tag,))

    def skip(self, prefix: bytes) -> None:
        """Pass over bytes that have to be there."""
        if not self._rest.startswith(prefix):
            raise Malformed
        self._rest = self._rest[len(prefix) :]

    def end(self) -> None:
        """Go on where nothing is left."""
        if self._rest:
            raise Malformed


def element(tag: int, content: bytes) -> bytes:
    """An element."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content


def _length(data: bytes) -> tuple[int, int]:
    """Where the first element's content starts, and its size."""
    if len(data) < 2:
        raise Malformed
    first = data[1]
    if first < 0x80:
        return 2, first
    count = first & 0x7F
    digits = data[2 : 2 + count]
    size = int.from_bytes(digits, "big")
    if not 1 <= count <= 3 or len(digits) < count or digits[0] == 0 or size < 0x80:
        raise Malformed
    return 2 + count, size
