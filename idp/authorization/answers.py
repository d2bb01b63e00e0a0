"""How an authorization answer leaves: a redirect or a form that posts it, plain or signed (JARM).

A form is a page of ours that works without JavaScript; `form_post.js` presses its button. Every
answer says who we are, errors too (RFC 9207).
"""

from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from idp.authorization.request import ReturnAddress
from idp.authorization.sealed_answer import Kind, SealedAnswers
from idp.config import Settings
from idp.foundation.clock import utcnow
from idp.foundation.web.bare_pages import BarePages
from idp.foundation.web.protocol import Response, redirect

_JWT_LIVES = timedelta(minutes=5)
"""How long a signed answer may be on its way (JARM section 2.1 recommends at most ten minutes)."""


class Answers:
    """Sends answers in the response mode that was asked for."""

    def __init__(self, settings: Settings, sealed: SealedAnswers) -> None:
        self._issuer = settings.issuer
        self._sealed = sealed
        self._pages = BarePages(settings)

    def send(self, address: ReturnAddress, answer: dict[str, str], locale: str) -> Response:
        """``answer`` with the request's ``state`` and our name, to the client's address."""
        if address.state is not None:
            answer["state"] = address.state
        answer["iss"] = self._issuer
        mode, _, is_signed = address.response_mode.partition(".")
        if is_signed:
            answer = {"response": self._signed(address, answer)}
        if mode == "form_post":
            return self._form(address, answer, locale)
        return redirect(with_query(address.redirect_uri, answer))

    def _signed(self, address: ReturnAddress, answer: dict[str, str]) -> str:
        """The answer as a JWT of ours for this client (JARM section 2.1)."""
        expires_at = int((utcnow() + _JWT_LIVES).timestamp())
        claims = {**answer, "aud": address.client.client_id, "exp": expires_at}
        return self._sealed.seal(Kind.AUTHORIZATION, claims, address.client)

    def _form(self, address: ReturnAddress, answer: dict[str, str], locale: str) -> Response:
        """A page that posts the answer (OAuth 2.0 Form Post Response Mode)."""
        page = self._pages.render(
            "authorization/form_post.html",
            locale,
            action=address.redirect_uri,
            fields=answer,
            client=address.client.name(locale),
        )
        return self._pages.response(page, form_action=_form_targets(address))


def with_query(address: str, parameters: dict[str, str]) -> str:
    """``address`` with ``parameters`` behind those it has."""
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))


def _form_targets(address: ReturnAddress) -> list[str]:
    """Where the form may go: Chrome holds the redirects that follow it against this list too.

    So every origin that the client registered is on it, not only the one posted to.
    """
    registered = (
        *address.client.redirect_uris,
        *(address.client.metadata.get(name) for name in ("client_uri", "initiate_login_uri")),
        *(address.client.metadata.get("post_logout_redirect_uris") or ()),
    )
    return list(dict.fromkeys(_origin(uri) for uri in registered if uri))


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    is_web = parts.scheme in ("https", "http")
    return f"{parts.scheme}://{parts.netloc}" if is_web else f"{parts.scheme}:"
