"""What went wrong, as a page says it: whatever the error was, a title, a text and a status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from werkzeug.exceptions import HTTPException

from idp.errors import IdpError
from idp.foundation.locale import has_text, translate

_OF_STATUS: Mapping[int | None, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "throttled",
    503: "unavailable",
}
"""What the codes of HTTP are called in our texts."""
_OURS = 500
_KEPT_HEADERS = ("Allow", "Retry-After")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An error as its page needs it."""

    code: str
    status: int
    detail: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Whether the mistake or misfortune is ours, not the caller's."""
        return self.status >= _OURS

    @property
    def is_passing(self) -> bool:
        """Whether the same may succeed a little later."""
        return "Retry-After" in self.headers

    def title(self, locale: str) -> str:
        """The page's heading."""
        return self._text(locale, "title")

    def text(self, locale: str) -> str:
        """What happened, and what to do next."""
        return self._text(locale, "text")

    def _text(self, locale: str, part: str) -> str:
        general = "unexpected" if self.is_ours else "refused"
        code = self.code if has_text(f"error.{self.code}.{part}") else general
        return translate(locale, f"error.{code}.{part}", **self.detail)


def read(error: Exception) -> Problem:
    """The problem that an error is; what nobody foresaw is ``unexpected``."""
    if isinstance(error, IdpError):
        return Problem(
            code=error.code, status=error.status, detail=error.detail, headers=_retry(error)
        )
    if isinstance(error, HTTPException) and error.code:
        general = "unexpected" if error.code >= _OURS else "bad_request"
        headers = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
        return Problem(code=_OF_STATUS.get(error.code, general), status=error.code, headers=headers)
    return Problem(code="unexpected", status=_OURS)


def _retry(error: IdpError) -> dict[str, str]:
    """When to come back, where the error knows (RFC 9110 section 10.2.3)."""
    after = getattr(error, "retry_after", None)
    if not isinstance(after, timedelta):
        return {}
    return {"Retry-After": str(max(1, round(after.total_seconds())))}
