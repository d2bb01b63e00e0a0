"""A browser without eyes: links, forms and one cookie jar, on one origin (RFC 6265)."""

from urllib.parse import urlsplit

from bench.errors import WrongAnswer
from bench.form import Form
from bench.message import Response, request

_PAGE_HEADERS = "Accept: text/html\r\nAccept-Language: en\r\nUser-Agent: idp-bench\r\n"
_FORM_TYPE = "Content-Type: application/x-www-form-urlencoded\r\n"


class Browser:
    """Builds requests with the right cookies and keeps those that answers set."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.host = urlsplit(origin).netloc
        self.path = "/"
        self._cookies: dict[tuple[str, str], str] = {}

    def get(self, url: str) -> bytes:
        """Return the request that following a link to ``url`` sends."""
        target = self._go(url)
        return request("GET", target, self.host, _PAGE_HEADERS + self._cookie_line())

    def submit(self, form: Form, username: str, password: str) -> bytes:
        """Return the request that filling ``form`` of the present page sends."""
        target = self._go(form.action or self.target)
        headers = f"{_PAGE_HEADERS}Origin: {self.origin}\r\n{_FORM_TYPE}{self._cookie_line()}"
        return request("POST", target, self.host, headers, form.filled(username, password))

    def post_from_elsewhere(self, url: str, body: bytes) -> bytes:
        """Return the request of a form on another site: it brings no cookies (SameSite=Lax)."""
        headers = f"{_PAGE_HEADERS}Origin: null\r\n{_FORM_TYPE}"
        return request("POST", self._go(url), self.host, headers, body)

    def keep(self, response: Response) -> None:
        """Take in the cookies that ``response`` sets or ends."""
        for line in response.headers("set-cookie"):
            pair, *attributes = line.split(";")
            name, _, value = pair.partition("=")
            path = self.path.rpartition("/")[0] or "/"
            ended = False
            for attribute in attributes:
                key, _, setting = attribute.strip().partition("=")
                key = key.lower()
                if key == "path":
                    path = setting
                elif (key == "max-age" and setting == "0") or (
                    key == "expires" and "1970" in setting
                ):
                    ended = True
            if ended:
                self._cookies.pop((name, path), None)
            else:
                self._cookies[name, path] = value

    def _go(self, url: str) -> str:
        """Make ``url`` the present page and return its request target; ours is the one origin."""
        target = url.removeprefix(self.origin)
        if not target.startswith("/"):
            raise WrongAnswer(
                f"{self.origin} leads to another origin or a relative address: {url!r}"
            )
        self.target = target
        self.path = target.partition("?")[0]
        return target

    def _cookie_line(self) -> str:
        here = [
            f"{name}={value}"
            for (name, path), value in self._cookies.items()
            if _matches(self.path, path)
        ]
        return f"Cookie: {'; '.join(here)}\r\n" if here else ""


def _matches(path: str, cookie_path: str) -> bool:
    """Tell whether a cookie of ``cookie_path`` goes to ``path`` (RFC 6265 section 5.1.4)."""
    return path == cookie_path or path.startswith(
        cookie_path if cookie_path.endswith("/") else cookie_path + "/"
    )
