"""The demo's mailbox: a page that shows the mails in the spool folder, in a server of its own."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from flask import Flask, Response, abort, render_template, request, url_for
from werkzeug.serving import make_server

from idp.foundation import texts
from idp.foundation.locale import NAMES, negotiate

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'"
_MAIL_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail as it was sent."""

    name: str
    to: str
    subject: str
    sent_at: datetime
    text: str
    html: str | None


def serve_mailbox(folder: Path, port: int) -> None:
    """Show the mails of ``folder`` at http://localhost:``port`` until the process ends."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    make_server("127.0.0.1", port, create_mailbox(folder, port), threaded=True).serve_forever()


def create_mailbox(folder: Path, port: int) -> Flask:
    """The pages: all mails, newest first, and each by itself."""
    app = Flask("idp")
    dress(app, port)

    @app.get("/")
    def mails() -> str:
        return render_template("demo/mails.html", mails=list(_mails(folder)))

    @app.get("/mail/<name>")
    def mail(name: str) -> str:
        return render_template("demo/mail.html", mail=_mail(folder, name))

    @app.get("/mail/<name>/html")
    def html(name: str) -> Response:
        body = _mail(folder, name).html or abort(404)
        return Response(body, headers={"Content-Security-Policy": _MAIL_POLICY})

    return app


def dress(app: Flask, port: int) -> None:
    """Give an application our look and languages, at http://localhost:``port`` alone."""
    app.config["TRUSTED_HOSTS"] = [f"localhost:{port}", f"127.0.0.1:{port}"]
    texts.install(app, _locale)
    app.jinja_env.globals.update(url=str, asset=_asset)
    app.context_processor(_layout)
    app.after_request(_guard)


def _mails(folder: Path) -> Iterator[Mail]:
    paths = folder.glob("*.eml") if folder.is_dir() else []
    for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        yield _read(path)


def _mail(folder: Path, name: str) -> Mail:
    return next((mail for mail in _mails(folder) if mail.name == name), None) or abort(404)


def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
    return Mail(
        name=path.stem,
        to=str(message["to"]),
        subject=str(message["subject"]),
        sent_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        text=_body(message, "plain") or "",
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else None


def _locale() -> str:
    return negotiate(
        request.args.get("ui_locales"), None, request.headers.get("Accept-Language"), "fi"
    )


def _asset(name: str) -> str:
    return url_for("static", filename=name)


def _layout() -> dict[str, object]:
    spoken = texts.current_locale()
    links = [(code, name, f"?ui_locales={code}") for code, name in NAMES.items() if code != spoken]
    return {"locale": spoken, "language_links": links, "support_contact": "", "notices": []}


def _guard(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
