import pytest

from bench.browser import Browser
from bench.errors import WrongAnswer
from bench.form import Form
from bench.message import Response


@pytest.fixture
def browser() -> Browser:
    return Browser("http://localhost:8000")


def setting(*cookies: str) -> Response:
    lines = "".join(f"\r\nSet-Cookie: {cookie}" for cookie in cookies)
    return Response(200, f"HTTP/1.1 200 OK{lines}".encode(), b"")


def test_a_cookie_goes_to_its_path_and_below_only(browser: Browser) -> None:
    browser.get("/authorize")
    browser.keep(setting("here=1; Path=/authorize/abc; HttpOnly", "all=2; Path=/; SameSite=Lax"))
    assert b"Cookie: here=1; all=2\r\n" in browser.get("http://localhost:8000/authorize/abc?x")
    assert b"Cookie: all=2\r\n" in browser.get("/authorize/abcd")


def test_a_cookie_without_a_path_belongs_to_the_folder_of_the_page(browser: Browser) -> None:
    browser.get("/a/page")
    browser.keep(setting("here=1"))
    assert b"Cookie: here=1" in browser.get("/a/other")
    assert b"Cookie" not in browser.get("/b/other")


@pytest.mark.parametrize("end", ["Max-Age=0", "expires=Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_cookie_that_is_ended_is_sent_no_more(browser: Browser, end: str) -> None:
    browser.keep(setting("a=1; Path=/"))
    browser.keep(setting(f"a=; Path=/; {end}"))
    assert b"Cookie" not in browser.get("/")


def test_a_form_without_an_action_goes_back_to_its_page_with_the_origin(browser: Browser) -> None:
    browser.get("/login?x=1")
    sent = browser.submit(Form("", [("password", "p", "")]), "", "secret")
    assert sent.startswith(b"POST /login?x=1 HTTP/1.1\r\nHost: localhost:8000\r\n")
    assert b"\r\nOrigin: http://localhost:8000\r\n" in sent
    assert sent.endswith(b"\r\n\r\np=secret")


def test_the_browser_never_leaves_its_origin(browser: Browser) -> None:
    with pytest.raises(WrongAnswer):
        browser.get("http://localhost:9/cb?code=1")
