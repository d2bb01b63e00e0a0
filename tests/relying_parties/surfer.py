"""A browser without scripts: it keeps cookies, follows redirects and fills forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from tests.live import LivePerson

REDIRECTS = (301, 302, 303, 307, 308)
MOST_STEPS = 20


@dataclass
class Form:
    """A form as the return key would send it with nothing typed: its first button counts."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    username_field: str | None = None
    password_field: str | None = None
    has_button: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the browser shows, or where it was sent if nobody is asked there."""

    url: str
    status: int = 0
    text: str = ""
    forms: list[Form] = field(default_factory=list)

    def form(self, action: str) -> Form:
        """The form that goes to ``action``."""
        return next(form for form in self.forms if form.action == action)


class Surfer:
    """One person's browser. A redirect to an address that begins with ``until`` is not followed."""

    def __init__(self, language: str = "fi") -> None:
        self._client = httpx.Client(headers={"Accept-Language": language}, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def open(self, url: str, until: str | None = None) -> Page:
        """Go to an address."""
        return self._follow(self._client.get(url), until)

    def submit(self, page: Page, form: Form, until: str | None = None, **typed: str) -> Page:
        """Send a form of ``page`` with what was typed into it."""
        fields = {**form.fields, **typed}
        action = urljoin(page.url, form.action)
        if form.method == "post":
            return self._follow(self._client.post(action, data=fields), until)
        return self._follow(self._client.get(action, params=fields), until)

    def sign_in(self, page: Page, person: LivePerson, until: str | None = None) -> Page:
        """Fill in the sign-in page that is shown."""
        form = next(form for form in page.forms if form.password_field)
        typed = {
            str(form.username_field): person.username,
            str(form.password_field): person.password,
        }
        return self.submit(page, form, until, **typed)

    def sign_out(self, url: str, until: str) -> Page:
        """Go to a logout request; a provider that asks first is told yes."""
        page = self.open(url, until)
        if page.url.startswith(until):
            return page
        return self.submit(page, page.forms[0], until)

    def _follow(self, answer: httpx.Response, until: str | None) -> Page:
        for _ in range(MOST_STEPS):
            if answer.status_code not in REDIRECTS:
                break
            url = urljoin(str(answer.url), answer.headers["Location"])
            if until is not None and url.startswith(until):
                return Page(url=url)
            answer = self._client.get(url)
        reader = FormReader()
        reader.feed(answer.text)
        return Page(
            url=str(answer.url), status=answer.status_code, text=answer.text, forms=reader.forms
        )


class FormReader(HTMLParser):
    """Collects the forms of a page with the values their fields have."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
            self._inside = True
        elif self._inside and tag == "input":
            self._input(given)
        elif self._inside and tag == "button" and given.get("type", "submit") == "submit":
            self._button(given)
        elif self._inside and tag == "select" and "disabled" not in given:
            self._select = given.get("name")
        elif self._select and tag == "option":
            fields = self.forms[-1].fields
            if "selected" in given or self._select not in fields:
                fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = None

    def _button(self, given: dict[str, str]) -> None:
        form = self.forms[-1]
        if not form.has_button and "name" in given:
            form.fields[given["name"]] = given.get("value", "")
        form.has_button = True

    def _input(self, given: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], given.get("name"), given.get("type", "text")
        if not name or "disabled" in given:
            return
        if kind in ("checkbox", "radio") and "checked" not in given:
            return
        if kind not in ("submit", "button", "image"):
            form.fields[name] = given.get("value", "")
        if kind == "password":
            form.password_field = name
        elif kind in ("text", "email") and form.username_field is None:
            form.username_field = name
