"""What all pages share: language, forms' protection, security headers, the layout's variables."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, flash, get_flashed_messages, redirect, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as BaseResponse

from idp.config import Settings
from idp.foundation.locale import negotiate
from idp.foundation.parts import Parts
from idp.foundation.texts import current_locale
from idp.foundation.texts import install as install_texts
from idp.foundation.web.assets import assets
from idp.foundation.web.front import ERROR
from idp.foundation.web.language_links import language_links
from idp.foundation.web.origin import require_own_page
from idp.foundation.web.page_headers import PAGE_HEADERS

_csrf = CSRFProtect()
_foreign: set[str] = set()
_roomy: dict[str, int] = {}
_framed: set[str] = set()
_FORM_SECRET = "form cookie"
LOCALE_KEPT = timedelta(days=365)
"""How long a browser keeps to a language."""
_FORM_BYTES = 64 * 1024
"""Of a form, where the view asks for no more."""
_UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))


class _FormSessions(SecureCookieSessionInterface):
    """Flask's session, which only forms use: nothing is made ready to read what is not there."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def install(app: Flask, parts: Parts) -> None:
    """Teach ``app`` everything its pages share; called once, before any page is registered."""
    settings, cookies = parts.settings, parts.cookies
    current, *older = parts.keyring.derive_all(_FORM_SECRET)
    app.config.update(
        SECRET_KEY=current,
        SECRET_KEY_FALLBACKS=older,
        SESSION_COOKIE_NAME=cookies.form,
        SESSION_COOKIE_SECURE=cookies.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        WTF_I18N_ENABLED=False,
        MAX_CONTENT_LENGTH=_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=_FORM_BYTES,
        MAX_FORM_PARTS=200,
    )
    app.session_interface = _FormSessions()
    install_texts(app, _locale_selector(parts))
    app.before_request(_raise_from_the_front)
    app.before_request(_make_room)
    app.before_request(_check_origin(settings.issuer))
    _csrf.init_app(app)
    app.register_error_handler(CSRFError, _stale_form)
    app.after_request(_headers(settings))
    app.after_request(_keep_locale(parts))
    app.context_processor(_layout(settings))
    app.jinja_env.globals.update(asset=assets(Path(app.static_folder or "")), url=lambda path: path)


def accept_foreign_posts(app: Flask, endpoint: str) -> None:
    """Let other sites post to this view: a standard says so, and the view itself takes care."""
    _foreign.add(endpoint)
    _csrf.exempt(app.view_functions[endpoint])


def accept_large_posts(endpoint: str, size: int) -> None:
    """Let this view's form be larger than others', ``size`` bytes at the most: it takes a file."""
    _roomy[endpoint] = size


def accept_foreign_frames(endpoint: str) -> None:
    """Let other sites show this view inside their pages: a standard says so."""
    _framed.add(endpoint)


def _make_room() -> None:
    if size := _roomy.get(request.endpoint or ""):
        request.max_content_length = request.max_form_memory_size = size


def _locale_selector(parts: Parts) -> Callable[[], str]:
    def select() -> str:
        kept = request.cookies.get(parts.cookies.locale)
        asked = _asked_locales()
        header = request.headers.get("Accept-Language")
        return negotiate(asked, kept, header, parts.settings.default_locale)

    return select


def _asked_locales() -> str | None:
    """What a link of ours asks for, or a client, who may post it (RP-Initiated Logout 2)."""
    given = request.form if request.endpoint in _foreign and request.form else request.args
    return given.get("ui_locales")


def _keep_locale(parts: Parts) -> Callable[[Response], Response]:
    """Let the browser keep to the language that a link or a client chose."""

    def keep(response: Response) -> Response:
        if _asked_locales():
            cookies = parts.cookies
            response.headers.add(*cookies.header(cookies.locale, current_locale(), LOCALE_KEPT))
        return response

    return keep


def _raise_from_the_front() -> None:
    """Show the error that an endpoint before Flask's routing raised."""
    if error := request.environ.get(ERROR):
        raise error


def _check_origin(issuer: str) -> Callable[[], None]:
    def check() -> None:
        if request.method in _UNSAFE and request.endpoint not in _foreign:
            require_own_page(request.headers, issuer)

    return check


def _stale_form(_error: CSRFError) -> BaseResponse:
    """A form from before its cookie was lost: its page again, fresh, saying so."""
    flash(gettext("layout.notice.stale_form"), "warning")
    shown = request.full_path.rstrip("?")
    if request.url_rule and "GET" not in (request.url_rule.methods or ()):
        shown = request.path.rpartition("/")[0] or "/"  # A deed's page lies one step above it.
    return redirect(shown, 303)


def _headers(settings: Settings) -> Callable[[Response], Response]:
    always = [*PAGE_HEADERS]
    if settings.is_https:
        always.append(("Strict-Transport-Security", "max-age=63072000; includeSubDomains"))
    kept = "public, max-age=31536000, immutable"

    def add(response: Response) -> Response:
        is_static = request.endpoint == "static"
        said = {name for name, _ in response.headers}
        response.headers.extend([header for header in always if header[0] not in said])
        if request.endpoint in _framed:  # Its own policy names who may; this has no word for it.
            del response.headers["X-Frame-Options"]
        response.headers["Cache-Control"] = kept if is_static else "no-store"
        if not is_static:
            response.headers["Vary"] = "Cookie, Accept-Language"
        return response

    return add


def _layout(settings: Settings) -> Callable[[], dict[str, Any]]:
    def variables() -> dict[str, Any]:
        return {
            "locale": current_locale(),
            "language_links": language_links(request.args.items(True), current_locale()),
            "support_contact": settings.support_contact,
            "notices": _Notices(),
        }

    return variables


class _Notices:
    """What was flashed; taken only where a page shows it."""

    def __iter__(self) -> Any:
        return iter(get_flashed_messages(with_categories=True))
