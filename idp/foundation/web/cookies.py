"""Names and attributes of our cookies: ``__Host-`` and Secure wherever people reach us over TLS."""

import re
from datetime import timedelta

from idp.config import Settings

_SAFE = re.compile(r"[A-Za-z0-9._-]*")


class Cookies:
    """Cookies of one deployment; plain names on http://localhost, for ``__Host-`` needs TLS."""

    def __init__(self, settings: Settings) -> None:
        prefix = "__Host-" if settings.is_https else ""
        self.is_secure = settings.is_https
        self.session = f"{prefix}idp_session"
        """The session's secret."""
        self.browser = f"{prefix}idp_browser"
        """A random name for the browser, to which sealed requests are bound."""
        self.form = f"{prefix}idp_form"
        """Flask's own: the CSRF token and notices."""
        self.link = f"{prefix}idp_link"
        """A mailed link's token, taken out of the address."""
        self.locale = f"{prefix}idp_locale"
        """The language this browser keeps to."""
        self.sso = f"{prefix}idp_sso"
        """When this browser set out for an upstream lately: the loop breaker."""
        self.known = f"{prefix}idp_known"
        """Proof that an account has signed in here before; spares it the throttle of strangers."""
        self.state = f"{prefix}idp_state"
        """What our check-session page compares; readable by its script, and no secret."""

        self._kept = int(settings.lifetimes.session.total_seconds())

    def state_header(self, value: str) -> tuple[str, str]:
        """The Set-Cookie header of `state`, readable by our script inside others' pages."""
        across = "; SameSite=None; Secure" if self.is_secure else "; SameSite=Lax"
        return ("Set-Cookie", f"{self.state}={value}; Path=/; Max-Age={self._kept}{across}")

    def header(self, name: str, value: str, max_age: timedelta | None = None) -> tuple[str, str]:
        """The Set-Cookie header; ``max_age`` None means until the browser closes, zero removes.

        ValueError for a value that could break out of the header.
        """
        if not _SAFE.fullmatch(value):
            raise ValueError("a cookie's value must be safe in a URL")
        attributes = "; Path=/; HttpOnly; SameSite=Lax"
        if self.is_secure:
            attributes += "; Secure"
        if max_age is not None:
            attributes += f"; Max-Age={int(max_age.total_seconds())}"
        return ("Set-Cookie", f"{name}={value}{attributes}")
