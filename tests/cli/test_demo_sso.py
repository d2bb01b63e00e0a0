"""The demo's organization with its own single sign-on: from its link to the portal (M9, M10)."""

from pathlib import Path

from idp.demo.federated import SLUG
from tests.cli.conftest import Commands
from tests.cli.started import Started
from tests.relying_parties.surfer import Surfer
from tests.servers.ports import free_port


def test_a_stranger_arrives_at_the_portal_by_the_sso_link_and_the_cli_says_so(
    tmp_path: Path,
) -> None:
    port = free_port()
    words = ("demo", "--folder", str(tmp_path / "demo"), "--port", str(port))
    addresses = [f"http://localhost:{port + n}/" for n in range(3)]
    with Started(*words, folder=tmp_path) as started:
        started.until_answers(*addresses, f"http://localhost:{port + 3}/jwks")
        with Surfer() as surfer:
            page = surfer.open(f"http://localhost:{port}/sso/{SLUG}")
            assert "Kaarina Salo" in page.text
            form = next(form for form in page.forms if "person" in form.fields)
            page = surfer.submit(page, form, person="e-1001")
            assert page.url.startswith(f"http://localhost:{port + 1}")
            assert "Kaarina Salo" in page.text
            asking = surfer.open(f"http://localhost:{port}/logout")
            form = next(form for form in asking.forms if form.action == "/logout")
            assert "Olet kirjautunut ulos" in surfer.submit(asking, form).text
        idp = Commands(tmp_path / "demo")
        assert idp("connection", "test", SLUG)["ok"] is True
        shown = idp("connection", "show", SLUG)[0]
        assert shown["enabled"] is True
        assert shown["sso_link"] == f"http://localhost:{port}/sso/{SLUG}"
        assert "client_secret" not in shown
        assert idp("person", "show", "kaarina.salo@lehtola.example")["username"]
