"""The authorization request: what it may ask, and the ways in which the answer comes back."""

import html
import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt

from tests.discovery.promises import Trial, promise
from tests.discovery.sealed import PROOF_KEYS as REQUEST_KEYS
from tests.discovery.signatures import ALGORITHMS
from tests.provider import TestBrowser, query
from tests.receiver import Receiver


@promise(
    "response_types_supported",
    *("code", "token", "id_token", "id_token token", "code id_token", "code token"),
    *("code id_token token", "none"),
)
def response_type(trial: Trial, value: str) -> bool:
    """Each of its words comes back."""
    party = trial.party()
    answer = party.authorize(trial.signed_in(), response_type=value)
    given = _carried(answer, "query") | _carried(answer, "fragment")
    wanted = {"token": "access_token"}
    return all(wanted.get(word, word) in given for word in value.split())


@promise(
    "response_modes_supported",
    *("query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"),
)
def response_mode(trial: Trial, value: str) -> bool:
    """The code comes in that part of the answer; in a signed response where it is a JARM mode."""
    party = trial.party()
    way, _, is_signed = ("query.jwt" if value == "jwt" else value).partition(".")
    answer = _carried(party.authorize(trial.signed_in(), response_mode=value), way)
    return "code" in (party.claims(answer["response"]) if is_signed else answer)


def _carried(answer: httpx.Response, way: str) -> dict[str, str]:
    """What an answer of ours carries to the client that way."""
    location = answer.headers.get("Location", "")
    if way == "query":
        return query(location)
    if way == "fragment":
        return {name: v[0] for name, v in parse_qs(urlsplit(location).fragment).items()}
    inputs = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', answer.text)
    return {name: html.unescape(value) for name, value in inputs}


@promise("code_challenge_methods_supported", "S256", "plain")
def code_challenge_method(trial: Trial, value: str) -> bool:
    """A code asked for with that method is redeemed by its verifier."""
    party = trial.party()
    challenge = {"plain": party.verifier}.get(value, party.challenge)
    asked = {"code_challenge": challenge, "code_challenge_method": value}
    code = party.answer(party.authorize(trial.signed_in(), **asked))["code"]
    return party.redeem(code).status_code == 200


@promise("prompt_values_supported", "none", "login", "consent", "select_account", "create")
def prompt(trial: Trial, value: str) -> bool:
    """It is obeyed where nothing else would show a page: the one it asks for, once, or none."""
    party, browser = trial.stranger(), trial.signed_in()
    page = browser.submit(party.authorize(browser), allow="1")  # Remembered from here on.
    assert "code" in party.answer(page)
    if value == "none":
        error = party.answer(party.authorize(trial.browser(), prompt=value))["error"]
        at_once = party.answer(party.authorize(browser, prompt=value))
        return "code" in at_once and error == "login_required"
    page = party.authorize(browser, prompt=value)
    return page.url.path == PROMPTED[value] and "code" in party.answer(_past(trial, browser, page))


PROMPTED = {
    "login": "/login",
    "consent": "/authorize/consent",
    "select_account": "/login/organization",
    "create": "/password/forgotten",
}
"""Prompt → the page that it asks for."""


def _past(trial: Trial, browser: TestBrowser, page: httpx.Response) -> httpx.Response:
    """What comes once the page was answered; of a first password, once somebody signed in."""
    if page.url.path == "/login/organization":
        (place,) = re.findall(r'name="organization" value="([^"]+)"', page.text)
        return browser.submit(page, organization=place)
    if page.url.path == "/authorize/consent":
        return browser.submit(page, allow="1")
    sealed = page.url.params["request"]
    return browser.sign_in(trial.account, browser.open(f"/login?{urlencode({'request': sealed})}"))


@promise("ui_locales_supported", "fi", "sv", "en", "se", "ru", "et", "de")
def ui_locales(trial: Trial, value: str) -> bool:
    """The sign-in page is in that language."""
    page = trial.party().authorize(trial.browser(), ui_locales=value)
    return f'<html lang="{value}"' in page.text


@promise("authorization_response_iss_parameter_supported")
def iss_parameter(trial: Trial, _value: object) -> bool:
    """Answers and errors both say who answers (RFC 9207)."""
    party, browser = trial.party(), trial.signed_in()
    code, error = (
        party.answer(party.authorize(browser, **asked))
        for asked in ({}, {"response_type": "nonsense"})
    )
    return "code" in code and "error" in error and code["iss"] == error["iss"]


@promise("claims_parameter_supported")
def claims_parameter(trial: Trial, _value: object) -> bool:
    """A claim asked for by name comes, without its scope (section 5.5)."""
    asked = json.dumps({"userinfo": {"email": None}})
    party = trial.party()
    tokens = party.tokens(trial.browser(), trial.account, scope="openid", claims=asked)
    return "email" in party.userinfo(tokens["access_token"]).json()


@promise(
    "acr_values_supported",
    *("urn:laatuportti:acr:password", "urn:laatuportti:acr:sso", "urn:laatuportti:acr:mfa"),
    *("0", "1", "2", "phr", "phrh", "https://refeds.org/profile/mfa"),
)
def acr_value(trial: Trial, value: str) -> bool:
    """An ID token says it to a client that insists, after one kind of sign-in or another."""
    asked = json.dumps({"id_token": {"acr": {"essential": True, "value": value}}})
    party = trial.party()
    answers = (
        party.answer(party.authorize(browser, claims=asked))
        for browser in (trial.signed_in(), trial.signed_in_by_sso())
    )
    codes = [answer["code"] for answer in answers if "code" in answer]
    tokens = [party.redeem(code).json() for code in codes]
    return any(party.claims(each["id_token"])["acr"] == value for each in tokens)


@promise("request_object_signing_alg_values_supported", *ALGORITHMS)
def request_object_alg(trial: Trial, value: str) -> bool:
    """A request signed so by the client that registered it leads to a code (RFC 9101)."""
    key = REQUEST_KEYS[value]
    jwks = {"keys": [key.as_dict(private=False)]}
    party = trial.party(jwks=jwks, request_object_signing_alg=value)
    claims = {**party.parameters(), "iss": party.client_id, "aud": trial.metadata()["issuer"]}
    token = jwt.encode({"alg": value}, claims, key, algorithms=[value])
    asked = {"client_id": party.client_id, "request": token}
    return "code" in party.answer(trial.signed_in().get("/authorize", params=asked))


@promise("require_request_uri_registration")
def request_uri_registration(trial: Trial, _value: object) -> bool:
    """An address that is not registered is not fetched (OpenID Connect Core section 6.2)."""
    with Receiver() as receiver:
        asked = _error(trial, request_uri=receiver.address)
        return asked == "invalid_request_uri" and receiver.got == []


@promise("require_pushed_authorization_requests")
def pushes_only(trial: Trial, _value: object) -> bool:
    """Whether everybody must push (RFC 9126 section 5)."""
    return _error(trial) is not None


@promise("require_signed_request_object")
def signatures_only(trial: Trial, _value: object) -> bool:
    """Whether everybody must sign (RFC 9101 section 10.5)."""
    return _error(trial) is not None


@promise("request_parameter_supported")
def request_parameter(trial: Trial, _value: object) -> bool:
    """A request object is read rather than refused by its name (section 6.1)."""
    return _error(trial, request="e30.e30.") not in (None, "request_not_supported")


@promise("request_uri_parameter_supported")
def request_uri_parameter(trial: Trial, _value: object) -> bool:
    """The same by reference (section 6.2)."""
    asked = _error(trial, request_uri="https://rp.example/request.jwt")
    return asked not in (None, "request_uri_not_supported")


def _error(trial: Trial, **changes: str) -> str | None:
    party = trial.party()
    return party.answer(party.authorize(trial.signed_in(), **changes)).get("error")
