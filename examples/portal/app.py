"""Put the example portal together: its parts, its pages, its headers and its answers to trouble."""

from datetime import timedelta

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from examples.portal.config import Config
from examples.portal.profile import profile_pages
from examples.portal.provider import Provider, ProviderRefused, ProviderUnreachable
from examples.portal.sign_in import sign_in
from examples.portal.store import Store
from examples.portal.texts import LANGUAGES
from examples.portal.visit import (
    LANGUAGE_COOKIE,
    Portal,
    Trouble,
    current_session,
    portal,
    set_cookie,
    trouble_page,
)

HEADERS = {
    # No form-action: Chrome holds the redirects after a form to it, and signing out may lead on to
    # an organization's own provider.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(config: Config) -> Flask:
    """The portal as a WSGI application."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.extensions["portal"] = Portal(
        config=config, store=Store(config.database), provider=Provider(app, config)
    )
    app.register_blueprint(sign_in)
    app.register_blueprint(profile_pages)
    app.after_request(remember_language)
    app.after_request(set_headers)
    app.register_error_handler(Trouble, trouble_page)
    app.register_error_handler(ProviderRefused, provider_refused)
    app.register_error_handler(ProviderUnreachable, provider_unreachable)
    app.register_error_handler(HTTPException, http_error)
    return app


def set_headers(response: Response) -> Response:
    """Headers of every answer; only our stylesheet may be kept by caches."""
    response.headers.update(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def remember_language(response: Response) -> Response:
    """Keep the language a person picked."""
    if (chosen := request.args.get("lang")) in LANGUAGES:
        set_cookie(response, LANGUAGE_COOKIE, str(chosen), max_age=timedelta(days=365))
    return response


def provider_refused(error: ProviderRefused) -> ResponseReturnValue:
    """Where the provider has ended the session ours ends too; anything else is not the person's."""
    if error.code not in ("invalid_token", "invalid_grant"):
        return trouble_page(caused(error, "misconfigured", 502))
    if session := current_session():
        portal().store.end_session(session.id)
    return trouble_page(caused(error, "ended", 401))


def provider_unreachable(error: ProviderUnreachable) -> ResponseReturnValue:
    """Nothing is lost: the person may try again."""
    return trouble_page(caused(error, "unreachable", 503))


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Flask's own errors, on a page of ours."""
    status = error.code or 500
    return trouble_page(caused(error, "missing" if status == 404 else "unexpected", status))


def caused(error: Exception, kind: str, status: int) -> Trouble:
    """Trouble of a kind, with its cause for the log."""
    trouble = Trouble(kind, status, error.code if isinstance(error, ProviderRefused) else "")
    trouble.__cause__ = error
    return trouble
