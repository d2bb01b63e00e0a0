"""The demo: people to sign in as, a portal that knows them, a mailbox; it goes on where it was."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from idp.authentication.strength import check
from idp.cli import main
from idp.config import Passwords
from idp.demo.sample import PASSWORD, PEOPLE
from tests.cli.conftest import Commands
from tests.cli.started import Started, all_gone
from tests.live import LivePerson
from tests.relying_parties.surfer import Surfer
from tests.servers.ports import free_port

AINO = LivePerson(username="aino.virtanen@metsola.example", password=PASSWORD)


@contextmanager
def demo(folder: Path, port: int, *more: str) -> Iterator[Started]:
    words = ("demo", "--folder", str(folder / "demo"), "--port", str(port), *more)
    with Started(*words, folder=folder) as started:
        started.until_answers(*(f"http://localhost:{port + n}/" for n in range(3)))
        yield started


def test_a_stranger_signs_in_to_the_portal_orders_a_password_and_comes_back(
    tmp_path: Path,
) -> None:
    port = free_port()
    portal, mailbox = f"http://localhost:{port + 1}", f"http://localhost:{port + 2}"
    with demo(tmp_path, port) as started:
        assert all(sample.username in started.said for sample in PEOPLE)
        assert PASSWORD in started.said
        assert portal in started.said
        with Surfer() as surfer:
            page = surfer.sign_in(surfer.open(f"{portal}/login"), AINO)
        assert page.url.startswith(portal)
        assert "Aino Virtanen" in page.text
        order_password("oskari.makela@metsola.example", f"http://localhost:{port}")
        started.until(lambda: "oskari.makela@metsola.example" in httpx.get(mailbox).text)
        (mail,) = mails_to("oskari.makela@metsola.example", mailbox)
        assert httpx.get(link_in(mail, f"http://localhost:{port}/link/")).status_code == 303
        family = started.family()
        assert started.end() == 0
        assert all_gone(family)
    with demo(tmp_path, port) as started:
        assert "oskari.makela@metsola.example" in httpx.get(mailbox).text
        people = Commands(tmp_path / "demo")("organization", "show", "metsola")["people"]
        assert people == sum(place.slug == "metsola" for each in PEOPLE for place in each.places)


def order_password(username: str, issuer: str) -> None:
    with Surfer() as surfer:
        page = surfer.open(f"{issuer}/password/forgotten")
        form = next(form for form in page.forms if "username" in form.fields)
        assert surfer.submit(page, form, username=username).status == 200


def mails_to(address: str, mailbox: str) -> list[str]:
    """The pages of the mails to one address; what the demo itself sent lies beside them."""
    pages = re.findall(r'href="(/mail/[^"]+)"', httpx.get(mailbox).text)
    mails = [httpx.get(f"{mailbox}{page}").text for page in pages]
    return [mail for mail in mails if address in mail]


def link_in(text: str, beginning: str) -> str:
    found = re.search(rf'href="({re.escape(beginning)}[^"]+)"', text)
    assert found, text
    return found[1]


def test_a_fresh_demo_forgets(tmp_path: Path) -> None:
    port = free_port()
    with demo(tmp_path, port) as started:
        started.end()
    idp = Commands(tmp_path / "demo")
    idp("organization", "create", "puisto", "--name", "Puisto")
    with demo(tmp_path, port, "--fresh"):
        assert {each["slug"] for each in idp("organization", "list")} == {
            *("lehtola", "metsola", "rinnekoti", "skargarden"),
        }


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    words = ["demo", "--folder", str(tmp_path), "--port", str(free_port()), "--fresh"]
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 1
    assert "is not a demo" in ran.stderr
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize("sample", [each for each in PEOPLE if each.has_password])
def test_the_sample_password_keeps_the_rules(sample: object) -> None:
    rules = Passwords()
    person = next(each for each in PEOPLE if each is sample)
    context = (person.username, person.given_name, person.family_name)
    check(PASSWORD, minimum_length=rules.minimum_length, context=context)
