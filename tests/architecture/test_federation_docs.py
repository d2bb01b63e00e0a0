"""docs/federation/README.md lists every reason code with the words that the product says."""

from idp.authentication.federation.document import OidcDocument
from idp.authentication.federation.reasons import Reader, Reason, explain
from tests.architecture.tree import read

PAGE = "docs/federation/README.md"


def table() -> str:
    """The list as it has to stand in the page."""
    rows = [f"| `{reason}` | {explain(reason, Reader.IT, 'en')} |" for reason in Reason]
    return "\n".join(["| code | for IT |", "|---|---|", *rows])


def test_the_page_lists_every_reason_as_the_product_says_it() -> None:
    assert table() in read(PAGE)


def test_the_page_names_every_key_of_an_openid_document() -> None:
    page = read(PAGE)
    said = {"kind", "name"} | {key for key in OidcDocument.model_fields if f"`{key}`" in page}
    assert set(OidcDocument.model_fields) - said - {"client_id", "client_secret"} == set()
