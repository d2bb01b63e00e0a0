"""docs/federation has a page for every product; what the pages name and link to exists."""

import re

import pytest

from idp.authentication.federation.reasons import Reason
from idp.pages.connection.products import PRODUCTS
from tests.architecture.tree import ROOT

FOLDER = ROOT / "docs/federation"
PAGES = {
    "entra_oidc": "entra-oidc.md",
    "entra_saml": "entra-saml.md",
    "adfs": "adfs.md",
    "google": "google.md",
    "google_saml": "google.md",
    "okta": "okta.md",
    "keycloak": "keycloak.md",
    "haka_virtu": "haka-virtu.md",
    "kerberos": "kerberos.md",
}
"""The page of each product; the plain ones, of a product we do not know, have none."""


def test_every_product_offered_has_its_page() -> None:
    assert set(PRODUCTS) - set(PAGES) == {"oidc", "saml"}
    index = (FOLDER / "connecting.md").read_text(encoding="utf-8")
    for page in PAGES.values():
        assert (FOLDER / page).exists()
        assert f"({page})" in index


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.name)
def test_the_reasons_that_a_page_names_exist(path: object) -> None:
    text = (FOLDER / getattr(path, "name", "")).read_text(encoding="utf-8")
    named = set(re.findall(r"\bour(?:s:)? `([a-z_]+)`|\bour `([a-z_]+)`", text))
    codes = {code for pair in named for code in pair if code}
    codes |= set(re.findall(r"`([a-z]+(?:_[a-z]+)+)` means", text))
    assert codes - set(Reason) == set()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.name)
def test_every_link_between_the_pages_leads_somewhere(path: object) -> None:
    text = (FOLDER / getattr(path, "name", "")).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+\.md)", text):
        assert (FOLDER / target).resolve().exists(), target
