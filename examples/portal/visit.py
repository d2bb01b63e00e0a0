"""The visit at hand: whose session, in which language, and what is shown when something fails."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app, render_template, request
from werkzeug.wrappers import Response

from examples.portal.config import Config
from examples.portal.provider import Provider
from examples.portal.store import Session, Store
from examples.portal.texts import DEFAULT_LANGUAGE, LANGUAGES, text

# The provider may well run on the same host, and cookies do not know ports: hence names of our own.
SESSION_COOKIE = "portal_session"
BROWSER_COOKIE = "portal_browser"
LANGUAGE_COOKIE = "portal_language"


@dataclass(frozen=True, kw_only=True)
class Portal:
    """The parts every page uses."""

    config: Config
    store: Store
    provider: Provider


class Trouble(Exception):
    """What the person must be told: ``kind`` picks the text, ``code`` is the cause's own name."""

    def __init__(self, kind: str, status: int, code: str = "") -> None:
        super().__init__(f"{kind} {code}".strip())
        self.kind = kind
        self.status = status
        self.code = code


def portal() -> Portal:
    """The portal that answers this request."""
    found: Portal = current_app.extensions["portal"]
    return found


def now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def current_session() -> Session | None:
    """The session of this browser, or None."""
    session_id = request.cookies.get(SESSION_COOKIE)
    return portal().store.session(session_id, now()) if session_id else None


def signed_in() -> Session:
    """The session of this browser; where there is none, the person is asked to sign in."""
    session = current_session()
    if session is None:
        raise Trouble("ended", 401)
    return session


def check_form(session: Session) -> None:
    """Refuse a form that this session's own pages did not send."""
    if not hmac.compare_digest(request.form.get("csrf", "").encode(), session.csrf.encode()):
        raise Trouble("form", 400)


def language() -> str:
    """The page's language: asked for now, chosen earlier, the person's, the browser's, ours."""
    session = current_session()
    own = str(session.claims.get("locale", "")) if session else ""
    for wish in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE), own[:2]):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE


def set_cookie(response: Response, name: str, value: str, **options: Any) -> None:
    """Set a cookie that scripts and other sites do not get."""
    secure = portal().config.is_https
    response.set_cookie(name, value, httponly=True, samesite="Lax", secure=secure, **options)


def page(template: str, **values: Any) -> str:
    """A page in the visit's language, with what every page shows."""
    spoken = language()
    return render_template(
        template,
        t=lambda key, **names: text(spoken, key, **names),
        language=spoken,
        languages=LANGUAGES,
        session=current_session(),
        config=portal().config,
        **values,
    )


def trouble_page(trouble: Trouble) -> tuple[str, int]:
    """The page for trouble, with a reference that is also in the log."""
    reference = secrets.token_hex(4).upper()
    log = current_app.logger
    log.warning("%s: %s at %r: %r", reference, trouble, request.path, trouble.__cause__)
    return page("trouble.html", trouble=trouble, reference=reference, at=now()), trouble.status
