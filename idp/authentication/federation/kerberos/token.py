"""A ``Negotiate`` token, as far as it can be read without a key (RFC 4178 4.2, RFC 4120 5.5.1).

The ticket's names are not trusted: they say what went wrong, and the library compares them again.
The authenticator's cipher is: whoever changes a bit of it has no authenticator (RFC 3961 5.3), so
its digest names one use of a ticket, however the rest is wrapped anew.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from idp.authentication.federation.kerberos.der import Malformed, Reader, element
from idp.authentication.federation.reasons import FederationRefused, Reason

LARGEST = 64 * 1024
"""Bytes: Windows' own MaxTokenSize is 48 000, and base64 or a proxy's limit comes before this."""
_SPNEGO = bytes.fromhex("2b0601050502")
_KRB5 = bytes.fromhex("2a864886f712010202")
_MS_KRB5 = bytes.fromhex("2a864882f712010202")
_NTLM = bytes.fromhex("2b06010401823702020a")
_NTLM_START = b"NTLMSSP\0"
_AP_REQ = b"\x01\x00"
"""RFC 4121 section 4.1: what stands between the mechanism and the message."""

_OID, _OCTETS, _INTEGER, _BITS, _TEXT = 0x06, 0x04, 0x02, 0x03, 0x1B
_SEQUENCE, _TOKEN, _TICKET, _MESSAGE = 0x30, 0x60, 0x61, 0x6E
_0, _1, _2, _3, _4 = range(0xA0, 0xA5)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A ticket with its proof, as the browser sent it."""

    mechanism: bytes = field(repr=False)
    """The object identifier that it called Kerberos by, and wants to be answered with."""
    message: bytes = field(repr=False)
    """What the library accepts: the token of Kerberos itself."""
    realm: str
    service: str
    """``HTTP/id.example.fi``."""
    key: str
    """Which key the ticket says it was made with: ``kvno 3, etype 18``."""
    use: str
    """The name of this one use."""


def read(token: bytes) -> Offer:
    """The offer in a token; FederationRefused where there is no Kerberos in it."""
    if token.startswith(_NTLM_START):
        raise FederationRefused(Reason.KERBEROS_NTLM, expected="Kerberos", received="NTLM")
    try:
        return _spnego(token)
    except Malformed as error:
        raise FederationRefused(Reason.KERBEROS_UNREADABLE, expected="SPNEGO, Kerberos") from error


def reply(mechanism: bytes, answer: bytes) -> bytes:
    """Our NegTokenResp: accepted, and what proves us to the browser (RFC 4178 4.2.2)."""
    parts = (
        element(_0, element(0x0A, b"\x00")),
        element(_1, element(_OID, mechanism)),
        element(_2, element(_OCTETS, answer)) if answer else b"",
    )
    return element(_1, element(_SEQUENCE, b"".join(parts)))


def _spnego(token: bytes) -> Offer:
    whole = Reader(token)
    outer = whole.inside(_TOKEN)
    whole.end()
    if outer.take(_OID) != _SPNEGO:
        raise Malformed
    init = outer.inside(_0, _SEQUENCE)
    outer.end()
    types = init.inside(_0, _SEQUENCE)
    preferred = types.take(_OID)
    if init.has(_1):
        init.take(_1)
    message = _only(init.inside(_2), _OCTETS) if init.has(_2) else b""
    if preferred == _NTLM or message.startswith(_NTLM_START):
        raise FederationRefused(Reason.KERBEROS_NTLM, expected="Kerberos", received="NTLM")
    if preferred not in (_KRB5, _MS_KRB5):
        raise Malformed
    return _kerberos(preferred, message)


def _kerberos(mechanism: bytes, message: bytes) -> Offer:
    whole = Reader(message)
    outer = whole.inside(_TOKEN)
    whole.end()
    if outer.take(_OID) != _KRB5:
        raise Malformed
    outer.skip(_AP_REQ)
    request = outer.inside(_MESSAGE, _SEQUENCE)
    outer.end()
    for tag, kind in ((_0, _INTEGER), (_1, _INTEGER), (_2, _BITS)):
        _only(request.inside(tag), kind)
    ticket = request.inside(_3, _TICKET, _SEQUENCE)
    authenticator = request.take(_4)
    request.end()
    _only(ticket.inside(_0), _INTEGER)
    realm = _only(ticket.inside(_1), _TEXT)
    service = _principal(ticket.inside(_2, _SEQUENCE))
    key, _ = _encrypted(ticket.take(_3))
    ticket.end()
    _, cipher = _encrypted(authenticator)
    return Offer(
        mechanism=mechanism,
        message=message,
        realm=_said(realm),
        service=service,
        key=key,
        use=f"ap-req:{sha256(cipher).hexdigest()}",
    )


def _encrypted(data: bytes) -> tuple[str, bytes]:
    """Which key EncryptedData says, and its cipher (RFC 4120 section 5.2.9)."""
    whole = Reader(data)
    parts = whole.inside(_SEQUENCE)
    whole.end()
    kind = int.from_bytes(_only(parts.inside(_0), _INTEGER), "big", signed=True)
    version = _only(parts.inside(_1), _INTEGER) if parts.has(_1) else b""
    cipher = _only(parts.inside(_2), _OCTETS)
    parts.end()
    return f"kvno {int.from_bytes(version, 'big') if version else '-'}, etype {kind}", cipher


def _principal(name: Reader) -> str:
    _only(name.inside(_0), _INTEGER)
    components = name.inside(_1, _SEQUENCE)
    name.end()
    found = []
    while components.has(_TEXT):
        found.append(_said(components.take(_TEXT)))
    components.end()
    return "/".join(found)


def _only(reader: Reader, tag: int) -> bytes:
    content = reader.take(tag)
    reader.end()
    return content


def _said(text: bytes) -> str:
    """A name as it can be shown."""
    said = text.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in said[:200])
