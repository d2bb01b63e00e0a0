"""Signing in and out: the request and its answer, sign-out begun here and back-channel logout."""

import secrets

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from examples.portal.provider import ProviderRefused, ProviderUnreachable
from examples.portal.store import SESSION_LIFETIME
from examples.portal.tokens import LOGOUT_TOKEN_AGE, TokenRefused
from examples.portal.visit import (
    BROWSER_COOKIE,
    SESSION_COOKIE,
    Trouble,
    check_form,
    current_session,
    language,
    now,
    page,
    portal,
    set_cookie,
    signed_in,
)

sign_in = Blueprint("sign_in", __name__)


@sign_in.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """Send the browser to the provider, who may also begin a sign-in here (OIDC Core section 4)."""
    asked = request.values
    if asked.get("iss", portal().config.issuer) != portal().config.issuer:
        raise Trouble("issuer", 400)
    parameters = {name: asked[name] for name in ("organization", "login_hint") if asked.get(name)}
    if asked.get("prompt") in ("login", "select_account"):
        parameters["prompt"] = asked["prompt"]
    url, step = portal().provider.begin(ui_locales=language(), **parameters)
    browser = request.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(32)
    target = own_page(asked.get("target_link_uri", ""))
    portal().store.remember_step(step["state"], browser, step | {"target": target}, now())
    response = redirect(url, 303)
    set_cookie(response, BROWSER_COOKIE, browser)
    return response


@sign_in.get("/callback")
def callback() -> Response:
    """The authorization response: spend the step, check who answers, redeem, begin a session."""
    step = portal().store.take_step(
        request.args.get("state", ""), request.cookies.get(BROWSER_COOKIE, ""), now()
    )
    if step is None:
        if current_session() is None:
            raise Trouble("stale", 400)
        return redirect("/", 303)  # Back, or the same answer again: they are signed in already.
    if request.args.get("iss") != portal().config.issuer:  # RFC 9207; Authlib leaves it to us.
        raise Trouble("issuer", 400)
    if error := request.args.get("error"):
        raise Trouble(error_kind(error), 403, error)
    try:
        tokens, identity = portal().provider.redeem(request.args.get("code", ""), step, now())
        claims = portal().provider.userinfo(tokens["access_token"], identity["sub"])
    except ProviderRefused as refusal:
        kind = "stale" if refusal.code == "invalid_grant" else "misconfigured"
        raise Trouble(kind, 502, refusal.code) from refusal
    end_local_session()
    session_id = portal().store.begin_session(
        sub=identity["sub"], sid=identity.get("sid"), claims=claims, tokens=tokens, now=now()
    )
    keep_records(session_id, claims)
    response = redirect(step["target"], 303)
    set_cookie(response, SESSION_COOKIE, session_id, max_age=SESSION_LIFETIME)
    return response


@sign_in.post("/logout")
def logout() -> Response:
    """Sign out here first, then at the provider: whatever happens there, this session is over."""
    session = signed_in()
    check_form(session)
    state, spoken = secrets.token_urlsafe(24), language()
    end_local_session()
    portal().store.remember_step(state, request.cookies.get(BROWSER_COOKIE, ""), {}, now())
    url = portal().provider.sign_out_url(
        id_token_hint=session.tokens["id_token"], state=state, ui_locales=spoken
    )
    response = redirect(url, 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


@sign_in.get("/signed-out")
def signed_out() -> ResponseReturnValue:
    """Where the provider sends the browser back to; says so only to the browser that signed out."""
    step = portal().store.take_step(
        request.args.get("state", ""), request.cookies.get(BROWSER_COOKIE, ""), now()
    )
    return page("signed_out.html") if step is not None else redirect("/", 303)


@sign_in.post("/backchannel-logout")
def backchannel_logout() -> ResponseReturnValue:
    """End the sessions the provider says are over (OIDC Back-Channel Logout 1.0 section 2.5)."""
    try:
        claims = portal().provider.logout_claims(request.form.get("logout_token", ""), now())
    except TokenRefused as error:
        return {"error": "invalid_request", "error_description": str(error)}, 400
    is_new = portal().store.end_sessions(
        jti=claims["jti"],
        sub=claims.get("sub"),
        sid=claims.get("sid"),
        now=now(),
        expires_at=now() + 2 * LOGOUT_TOKEN_AGE,
    )
    if not is_new:
        return {"error": "invalid_request", "error_description": "this jti has been used"}, 400
    return "", 200


def keep_records(session_id: str, claims: dict[str, object]) -> None:
    """Bring session and record up to date; records go by ``sub``, for a username may change."""
    username = str(claims["preferred_username"])
    previous = portal().store.meet(str(claims["sub"]), username, now())
    portal().store.save(session_id, claims=claims)
    if previous:
        portal().store.save(session_id, notice={"before": previous, "after": username})


def end_local_session() -> None:
    """End this browser's session; its refresh token is given back if the provider answers."""
    session = current_session()
    if session:
        portal().store.end_session(session.id)
        try:
            portal().provider.revoke(session.tokens)
        except (ProviderRefused, ProviderUnreachable):
            return  # the tokens are forgotten here all the same


def own_page(uri: str) -> str:
    """The path of a page of ours that ``uri`` names; the front page for anything else."""
    paths = {f"{portal().config.url}{path}": path for path in ("/", "/profile")}
    return paths.get(uri, "/")


def error_kind(error: str) -> str:
    """Our text for an authorization error (RFC 6749 section 4.1.2.1, OIDC Core section 3.1.2.6)."""
    return {
        "access_denied": "denied",
        "server_error": "unreachable",
        "temporarily_unavailable": "unreachable",
    }.get(error, "misconfigured")
