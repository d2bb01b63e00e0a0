"""The signed-in person's pages: the front page, and 'Käyttäjäprofiili' over userinfo."""

from datetime import timedelta
from threading import Lock
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from examples.portal.provider import ProviderRefused
from examples.portal.sign_in import keep_records
from examples.portal.store import Session
from examples.portal.visit import check_form, current_session, now, page, portal, signed_in

FIELDS = {
    "given_name": "given-name",
    "family_name": "family-name",
    "email": "email",
    "title": "organization-title",
    "unit": "off",
    "locale": "language",
}
"""What a person may edit, with the `autocomplete` token of each (HTML section 4.10.18.7)."""

EXPIRY_MARGIN = timedelta(seconds=30)

profile_pages = Blueprint("profile", __name__)
refreshing = Lock()


@profile_pages.get("/")
def front() -> str:
    """The front page; a notice of a changed username is shown once."""
    shown = page("front.html")
    session = current_session()
    if session and session.notice:
        portal().store.save(session.id, notice=None)
    return shown


@profile_pages.get("/profile")
def profile() -> str:
    """The profile as the provider knows it now, in the organization the person acts in."""
    claims = read_claims(signed_in())
    return profile_page(
        claims, {field: claims.get(field, "") for field in FIELDS}, saved="saved" in request.args
    )


@profile_pages.post("/profile")
def save_profile() -> ResponseReturnValue:
    """Send what the person changed; a refusal is shown at each field and keeps what was typed."""
    session = signed_in()
    check_form(session)
    typed = {
        field: request.form.get(field, request.form.get(f"was_{field}", "")).strip()
        for field in FIELDS
    }
    # Only what differs from what the form showed: what changed elsewhere meanwhile is not put back.
    changes = {
        field: value or None
        for field, value in typed.items()
        if value != request.form.get(f"was_{field}", "")
    }
    problem = portal().provider.change_profile(access_token(session), changes) if changes else None
    claims = read_claims(session)
    if problem is None:
        return redirect("/profile?saved=1", 303)
    return profile_page(claims, typed, problem=problem), 422


def profile_page(claims: dict[str, Any], values: dict[str, str], **more: Any) -> str:
    """The form: ``values`` are in its fields, ``claims`` say what stands and what may be edited."""
    earlier = portal().store.earlier_usernames(claims["sub"])
    return page(
        "profile.html",
        claims=claims,
        values=values,
        fields=FIELDS,
        earlier_usernames=earlier,
        **more,
    )


def read_claims(session: Session) -> dict[str, Any]:
    """The person's claims, fresh from the provider; session and records are brought up to date."""
    claims = portal().provider.userinfo(access_token(session), session.sub)
    keep_records(session.id, claims)
    return claims


def access_token(session: Session) -> str:
    """A living access token of the session, refreshed if need be.

    One refresh at a time: a refresh token is good once, so the second caller takes what the first
    one got.
    """
    if is_fresh(session.tokens):
        return str(session.tokens["access_token"])
    with refreshing:
        latest = signed_in()
        if is_fresh(latest.tokens):
            return str(latest.tokens["access_token"])
        if "refresh_token" not in latest.tokens:
            raise ProviderRefused("invalid_grant", "no refresh token was given")
        tokens = portal().provider.refresh(latest.tokens, latest.sub, now())
        portal().store.save(session.id, tokens=tokens)
    return str(tokens["access_token"])


def is_fresh(tokens: dict[str, Any]) -> bool:
    """Whether the access token lives long enough for one more request."""
    return bool(tokens["expires_at"] > (now() + EXPIRY_MARGIN).timestamp())
