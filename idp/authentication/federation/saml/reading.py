"""XML from outside, read once: capped before it is parsed; no DTD, comments or fetching."""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml.names import tag

LARGEST: Final = 256 * 1024
"""Bytes of a message. Real answers are 4-20 kB; one with several hundred groups stays below 100."""
LARGEST_METADATA: Final = 1024 * 1024
"""Bytes of metadata, what the fetcher brings at most; a whole federation's feed is far larger."""
_MARKUP: Final = 12_000
"""Tags a document may have, so elements are at most half as many."""
_ATTRIBUTES: Final = 8_000
_NAMESPACES: Final = 3_000
_NAMESPACES_OF_ONE: Final = 24
"""Namespaces one element may declare: they are what makes canonicalization dear."""
_DEEPEST: Final = 24

_TOO_DEEP = etree.XPath("boolean(" + "/*" * (_DEEPEST + 1) + ")")
_IDS = etree.XPath("//@*[translate(local-name(), 'ID', 'id') = 'id']")
_WHITE = " \t\r\n"
"""XML's white space: what else looks like it may be part of a name."""
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?Z", re.ASCII)

Element = etree._Element  # noqa: SLF001 - lxml names its class no other way


def parse(raw: bytes, *, largest: int = LARGEST) -> Element:
    """The document's root; raises FederationRefused before anything in it is believed.

    Comments are left out while parsing, so the text around one is whole, as it is in what was
    signed: exclusive canonicalization leaves them out too (saml-core 5.4.3).
    """
    _cap(raw, largest)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FederationRefused(Reason.SAML_UNREADABLE, received=str(error)) from None
    if _TOO_DEEP(root):
        raise FederationRefused(Reason.SAML_TOO_LARGE, expected=f"{_DEEPEST} levels")
    _refuse_duplicate_ids(root)
    return root


def parse_within(raw: bytes, place: Element) -> Element:
    """The one element in ``raw``, read with the namespaces of the place it stood in.

    What was encrypted may use prefixes that an element around it declares (xmlenc-core1 4.4).
    """
    if raw.startswith(b"<?xml "):
        return parse(raw)
    around = etree.tostring(etree.Element("within", nsmap=dict(place.nsmap)))
    root = parse(around.removesuffix(b"/>") + b">" + raw + b"</within>")
    if len(root) != 1 or _text_around(root):
        raise shape("one element", str(len(root)))
    return root[0]


def _text_around(parent: Element) -> str:
    """The text beside the parent's children."""
    return "".join([parent.text or "", *(child.tail or "" for child in parent)]).strip(_WHITE)


def _cap(raw: bytes, largest: int) -> None:
    """Refuse by counting bytes, before the parser spends anything on them."""
    if len(raw) > largest:
        raise FederationRefused(
            Reason.SAML_TOO_LARGE, expected=f"{largest} B", received=f"{len(raw)} B"
        )
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FederationRefused(Reason.SAML_UNREADABLE, expected="UTF-8") from None
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise FederationRefused(Reason.SAML_FORBIDDEN_XML, received="DTD")
    if raw.count(b"<?") > raw.startswith(b"<?xml "):
        raise FederationRefused(Reason.SAML_FORBIDDEN_XML, received="processing instruction")
    for mark, most in (
        (b"<", _MARKUP),
        (b"xmlns", _NAMESPACES),
        (b'="', _ATTRIBUTES),
        (b"='", _ATTRIBUTES),
    ):
        if (count := raw.count(mark)) > most:
            raise FederationRefused(
                Reason.SAML_TOO_LARGE, expected=f"{most} of {mark!r}", received=str(count)
            )
    if raw.count(b"xmlns") > _NAMESPACES_OF_ONE:
        worst = max(piece.count(b"xmlns") for piece in raw.split(b"<"))
        if worst > _NAMESPACES_OF_ONE:
            raise FederationRefused(
                Reason.SAML_TOO_LARGE, received=f"{worst} namespaces of one element"
            )


def _refuse_duplicate_ids(root: Element) -> None:
    found = _IDS(root)
    ids = [str(value) for value in found] if isinstance(found, list) else []
    if len(ids) != len(set(ids)):
        twice = next(value for value in ids if ids.count(value) > 1)
        raise FederationRefused(Reason.SAML_DUPLICATE_ID, received=twice)


def only(parent: Element, name: str) -> Element:
    """The one child of that name; SAML_SHAPE where there is none or another."""
    found = optional(parent, name)
    if found is None:
        raise shape(f"{name} in {local(parent)}", "none")
    return found


def optional(parent: Element, name: str) -> Element | None:
    """The child of that name, None if there is none; SAML_SHAPE where there are several."""
    found = parent.findall(tag(name))
    if len(found) > 1:
        raise shape(f"one {name} in {local(parent)}", str(len(found)))
    return found[0] if found else None


def each(parent: Element, *path: str) -> Iterator[Element]:
    """The descendants along a path of child names."""
    if not path:
        yield parent
        return
    for child in parent.iterfind(tag(path[0])):
        yield from each(child, *path[1:])


def text(element: Element) -> str:
    """The element's whole text, trimmed; an element inside it is refused, never skipped."""
    if len(element):
        raise shape(f"text in {local(element)}", local(element[0]))
    return (element.text or "").strip(_WHITE)


def encoded(element: Element) -> bytes:
    """The bytes that the element's text is in base64, however it is wrapped."""
    try:
        value = base64.b64decode("".join(text(element).split()), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if not value:
        raise shape(f"base64 in {local(element)}", "none")
    return value


def required(element: Element, attribute: str) -> str:
    """The attribute's value; SAML_SHAPE where it is absent or empty."""
    if value := element.get(attribute):
        return value
    raise shape(f"{local(element)}/@{attribute}", "none")


def instant(value: str) -> datetime:
    """An xs:dateTime in UTC, to the microsecond; SAML allows no other zone (core 1.3.3)."""
    if found := _INSTANT.fullmatch(value):
        try:
            whole = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
        except ValueError:
            pass
        else:
            return whole.replace(microsecond=int((found[2] or "0").ljust(6, "0")[:6]))
    raise shape("yyyy-mm-ddThh:mm:ssZ", value)


def local(element: Element) -> str:
    """The element's name without its namespace, to say in a refusal."""
    return etree.QName(element).localname


def shape(expected: str, received: str) -> FederationRefused:
    """The refusal of a document whose elements are not those they should be."""
    return FederationRefused(Reason.SAML_SHAPE, expected=expected, received=received)
