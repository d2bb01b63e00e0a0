"""Bad input is a clear 4xx, never a 5xx, and leaves nothing half stored."""

import pytest

from tests.fuzz.calls import Call, send
from tests.provider import ISSUER, Provider
from tests.relying_party import RelyingParty

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect"])
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", FORM),
        (b"grant_type=authorization_code", {}),
        (b"grant_type=\xff", FORM),
        (b"grant_type=%ff", FORM),
        (b"grant_type=%00", FORM),
        (b"token=a&token=b", FORM),
        (b"&".join(b"a%d=1" % n for n in range(200)), FORM),
        (b"x" * 70000, FORM),
        (b'{"grant_type": "authorization_code"}', {"Content-Type": "application/json"}),
    ],
)
def test_a_body_that_cannot_be_meant_is_a_4xx_in_oauths_words(
    provider: Provider, path: str, body: bytes, headers: dict[str, str]
) -> None:
    answer = provider.browser().post(path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"] in ("invalid_request", "invalid_client", "unsupported_grant_type")


def test_an_unknown_grant_type_is_named(party: RelyingParty) -> None:
    answer = party.post("/token", grant_type="password", username="a", password="b")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_parameters_of_the_token_endpoint_come_from_the_body_alone(party: RelyingParty) -> None:
    code = party.code(party.provider.browser(), party.provider.person())
    answer = party.http.post(f"/token?grant_type=authorization_code&code={code}", data={"x": "y"})
    assert answer.json()["error"] == "invalid_request"
    assert party.redeem(code).status_code == 200


@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect"])
def test_get_is_not_allowed_where_secrets_are_sent(provider: Provider, path: str) -> None:
    answer = provider.browser().get(path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "host", ["evil.example", "id.example.fi.evil.example", "id.example.fi:444", ""]
)
def test_an_unknown_host_is_refused(provider: Provider, host: str) -> None:
    answer = provider.browser().get("/login", headers={"Host": host})
    assert answer.status_code == 421
    assert "evil" not in answer.text


def test_forwarded_headers_from_just_anyone_count_for_nothing(provider: Provider) -> None:
    answer = provider.browser().get(
        "/.well-known/openid-configuration",
        headers={
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Proto": "http",
            "Forwarded": "host=evil",
        },
    )
    assert answer.json()["issuer"] == ISSUER
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "token", ["", "x", "idp_at_", "idp_at_x", "idp_at_" + "A" * 4000, "idp_rt_a.1.b", "a b"]
)
def test_a_token_that_is_not_ours_is_401(party: RelyingParty, token: str) -> None:
    answer = party.http.get("/userinfo", headers={b"Authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "path",
    [
        "/link/" + "a" * 5000,
        "/link/a%0d%0aSet-Cookie:%20x=y",
        "/link/%00",
        "/login?request=" + "A" * 5000,
        "/login?request=%ff",
        "/login?ui_locales=%ff",
        "/authorize/resume?request=x",
        "/authorize/resume",
        "/authorize?client_id=%ff",
        "/logout?id_token_hint=x",
        "/logout?id_token_hint=" + "a." * 500,
        "/nonexistent",
        "/static/../config.py",
        "/static/%2e%2e/config.py",
    ],
)
def test_an_address_that_cannot_be_meant_is_a_page_never_a_5xx(
    provider: Provider, path: str
) -> None:
    answer = provider.browser().open(path)
    assert answer.status_code < 500
    assert "Traceback" not in answer.text
    assert "x=y" not in answer.headers.get("set-cookie", "")


def test_every_page_comes_with_the_security_headers(provider: Provider) -> None:
    for path in ("/login", "/password/forgotten", "/nonexistent"):
        headers = provider.browser().get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "max-age" in headers["Strict-Transport-Security"]


def test_cookies_are_host_bound_secure_and_out_of_scripts_reach(party: RelyingParty) -> None:
    browser = party.provider.browser()
    page = browser.get("/login")
    answer = browser.post(
        "/login",
        data={
            "csrf_token": page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0],
            "username": party.provider.person().username,
            "password": "kolme sinistä lumikenkää",
        },
    )
    cookies = [*page.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]
    assert len(cookies) >= 3
    state = party.provider.deployment.parts.cookies.state  # No secret, and read by a script.
    for cookie in (cookie for cookie in cookies if not cookie.startswith(f"{state}=")):
        assert cookie.startswith("__Host-")
        for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert attribute in cookie


def test_a_session_gets_a_new_secret_at_every_sign_in_and_keeps_its_sid(
    party: RelyingParty,
) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    name = party.provider.deployment.parts.cookies.session
    first = party.claims(party.tokens(browser, account)["id_token"])
    secret = browser.cookies[name]
    code = party.code(browser, account, prompt="login")
    assert browser.cookies[name] != secret
    assert party.claims(party.redeem(code).json()["id_token"])["sid"] == first["sid"]
    thief = party.provider.browser()
    thief.cookies.set(name, secret)
    assert party.authorize(thief).url.path == "/login"


def test_another_sites_form_is_refused(provider: Provider) -> None:
    browser = provider.browser()
    page = browser.get("/password/forgotten")
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = browser.post(
            "/password/forgotten",
            data={"csrf_token": token, "username": "maija@example.fi"},
            headers=headers,
        )
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b'{"\\ud800": "x"}',
        b'{"given_name": "\\udfff"}',
        b'{"given_name": 1, "given_name": "x"}',
        b"[",
    ],
)
def test_a_patch_that_is_no_json_for_everybody_is_400(party: RelyingParty, body: bytes) -> None:
    """RFC 8259 section 8.2: half of a surrogate pair is a text that nobody can send back."""
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    headers = {
        "Authorization": f"Bearer {tokens['access_token']}",
        "Content-Type": "application/merge-patch+json",
    }
    answer = party.http.patch("/userinfo", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_length_in_other_digits_than_ascii_is_refused(provider: Provider) -> None:
    """RFC 9110 section 8.6."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "\xb2"}
    call = Call(method="POST", path="/token", body=b"a=b", headers=headers)
    assert send(provider.app, call).status == 400
