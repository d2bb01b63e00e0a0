"""What a test looks for in a page, as a person would: headings, notices, fields, references."""

import re
from html import unescape

import httpx


def heading(page: httpx.Response) -> str:
    """The text of the page's one h1."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert len(found) == 1, (page.status_code, found)
    return plain(found[0])


def text(page: httpx.Response) -> str:
    """All that can be read on the page, spaces tidied."""
    body = page.text.partition("<body")[2]
    return plain(re.sub(r"<(script|style|svg).*?</\1>", " ", body, flags=re.DOTALL))


def plain(markup: str) -> str:
    """Markup without its tags."""
    without_tags = re.sub(r"<[^>]+>", " ", markup.replace("<wbr>", ""))
    return " ".join(unescape(without_tags).replace("\xad", "").split())


def notices(page: httpx.Response) -> list[str]:
    """What just happened, as the page says it."""
    found = re.findall(r'<div class="notice [^"]*" role="[^"]*">(.*?)</div>', page.text, re.DOTALL)
    return [plain(each) for each in found]


def errors(page: httpx.Response) -> dict[str, str]:
    """The error beside each field, by the field's name."""
    found = re.findall(
        r'<p class="field-error" id="([^"]+)-error">.*?</span>(.*?)</span></p>',
        page.text,
        re.DOTALL,
    )
    return {name: plain(message) for name, message in found}


def value(page: httpx.Response, name: str) -> str:
    """What the field of this name holds."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page.text)
    assert tag, name
    found = re.search(r'value="([^"]*)"', tag[0])
    return unescape(found[1]) if found else ""


def is_locked(page: httpx.Response, name: str) -> bool:
    """Whether the field of this name can be read but not written."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page.text)
    assert tag, name
    return " readonly" in tag[0]


def reference(page: httpx.Response) -> str:
    """The reference that the page shows."""
    found = re.search(r'data-reference="([^"]+)"[^>]*>([^<]+)<', page.text)
    assert found, page.text
    assert found[1] == found[2]
    return found[1]


def menu(page: httpx.Response) -> list[tuple[str, str]]:
    """The side menu: text and address of each item."""
    side = re.search(r'<nav id="side-menu".*?</nav>', page.text, re.DOTALL)
    assert side
    return [
        (plain(label), href)
        for href, label in re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', side[0], re.DOTALL)
    ]


def breadcrumb(page: httpx.Response) -> list[str]:
    """The steps to this page; empty without a breadcrumb."""
    found = re.search(r'<nav class="breadcrumb".*?</nav>', page.text, re.DOTALL)
    return [plain(step) for step in re.findall(r"<li>(.*?)</li>", found[0])] if found else []


def links(page: httpx.Response) -> list[str]:
    """Where the page's main part leads."""
    main = re.search(r"<main.*?</main>", page.text, re.DOTALL)
    assert main
    return [unescape(href) for href in re.findall(r'<a [^>]*href="([^"]*)"', main[0])]
