"""The demo's organization with a SAML identity provider: there and back (M9, M10)."""

from pathlib import Path

from idp.demo.saml_federated import SLUG
from tests.cli.started import Started
from tests.relying_parties.surfer import Surfer
from tests.servers.ports import free_port


def test_a_stranger_arrives_at_the_portal_by_saml(tmp_path: Path) -> None:
    port = free_port()
    words = ("demo", "--folder", str(tmp_path / "demo"), "--port", str(port))
    addresses = [f"http://localhost:{port + n}/" for n in range(3)]
    with Started(*words, folder=tmp_path) as started:
        started.until_answers(*addresses, f"http://localhost:{port + 4}/metadata")
        with Surfer() as surfer:
            page = surfer.open(f"http://localhost:{port}/sso/{SLUG}")
            assert "Helmi Rinne" in page.text
            form = next(form for form in page.forms if "person" in form.fields)
            page = surfer.submit(page, form, person="7b1e")
            form = next(form for form in page.forms if "SAMLResponse" in form.fields)
            page = surfer.submit(page, form)
            assert page.url.startswith(f"http://localhost:{port + 1}")
            assert "Helmi Rinne" in page.text
