from urllib.parse import parse_qs

from bench.form import password_form

PAGE = """<!doctype html>
<form action="/language" method="post"><button name="to" value="sv">Svenska</button></form>
<form action="/login?a=1&amp;b=2" method="post">
<input type="hidden" name="sealed" value="x&quot;&gt;y"><input type=hidden name=empty>
<label>Username <input name="username" autocomplete="username" required></label>
<INPUT TYPE='password' NAME='password' placeholder="a > b">
<button type="button" name="show" value="1">Show</button>
<button name="deed" value="sign-in">Sign in</button><button name="deed" value="other">Other</button>
</form>"""


def test_the_form_with_a_password_is_filled_as_a_browser_does() -> None:
    form = password_form(PAGE.encode())
    assert form is not None
    assert form.action == "/login?a=1&b=2"
    assert parse_qs(form.filled("aino", "p&ss wörd").decode(), keep_blank_values=True) == {
        "sealed": ['x">y'],
        "empty": [""],
        "username": ["aino"],
        "password": ["p&ss wörd"],
        "deed": ["sign-in"],
    }


def test_both_fields_of_a_new_password_get_it() -> None:
    page = b"<form><input type=password name=new><input type=password name=again></form>"
    form = password_form(page)
    assert form is not None
    assert form.filled("", "secret") == b"new=secret&again=secret"


def test_a_page_without_a_password_field_has_no_such_form() -> None:
    assert password_form(b"<form action=/search><input name=q></form>") is None
