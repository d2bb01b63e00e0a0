"""The demo's mailbox: every mail, in the reader's language, and nothing a mail says is obeyed."""

import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from idp.demo.pages import create_mailbox

PORT = 8002
HERE = f"http://localhost:{PORT}"


@pytest.fixture
def mailbox(tmp_path: Path) -> FlaskClient:
    return create_mailbox(tmp_path / "mail", PORT).test_client()


def send(folder: Path, name: str, subject: str, html: str | None = None) -> None:
    mail = EmailMessage()
    mail["To"] = "aino@metsola.example"
    mail["Subject"] = subject
    mail.set_content("Hei\n\nhttp://localhost:8000/link/x.y\nterveisin <b>me</b>\n")
    if html:
        mail.add_alternative(html, subtype="html")
    (folder / "mail").mkdir(exist_ok=True)
    (folder / "mail" / f"{name}.eml").write_bytes(bytes(mail))
    number = len(list((folder / "mail").iterdir()))
    os.utime(folder / "mail" / f"{name}.eml", (number, number))


def test_an_empty_mailbox_says_what_to_do(mailbox: FlaskClient) -> None:
    assert "Tilaa kirjautumissivulla uusi salasana" in mailbox.get("/", base_url=HERE).text


@pytest.mark.parametrize(
    ("asked", "heading"),
    [("sv-FI,en;q=0.5", "Skickade meddelanden"), ("en", "Sent mails"), ("", "Lähetetyt viestit")],
    ids=["sv", "en", "none"],
)
def test_it_speaks_the_readers_language(mailbox: FlaskClient, asked: str, heading: str) -> None:
    page = mailbox.get("/", base_url=HERE, headers={"Accept-Language": asked})
    assert heading in page.text


def test_mails_are_listed_newest_first_and_shown_with_their_links(
    mailbox: FlaskClient, tmp_path: Path
) -> None:
    send(tmp_path, "one", "Ensimmäinen")
    send(tmp_path, "two", "Toinen <script>")
    listed = mailbox.get("/", base_url=HERE).text
    assert listed.index("Toinen &lt;script&gt;") < listed.index("Ensimmäinen")
    shown = mailbox.get("/mail/one", base_url=HERE).text
    assert '<a href="http://localhost:8000/link/x.y"' in shown
    assert "&lt;b&gt;me&lt;/b&gt;" in shown


def test_the_html_of_a_mail_can_do_nothing(mailbox: FlaskClient, tmp_path: Path) -> None:
    send(tmp_path, "one", "Aihe", html="<p>Hei</p>")
    page = mailbox.get("/mail/one/html", base_url=HERE)
    assert page.text.strip() == "<p>Hei</p>"
    assert page.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize("path", ["/mail/none", "/mail/one/html", "/mail/..%2Fsecret"])
def test_what_is_not_there_is_not_found(mailbox: FlaskClient, tmp_path: Path, path: str) -> None:
    send(tmp_path, "one", "Aihe")
    (tmp_path / "secret.eml").write_text("Subject: secret\n\n")
    assert mailbox.get(path, base_url=HERE).status_code == 404


def test_another_sites_name_for_this_machine_is_refused(mailbox: FlaskClient) -> None:
    assert mailbox.get("/", base_url=f"http://evil.example:{PORT}").status_code == 400
