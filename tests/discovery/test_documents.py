"""The metadata and the keys as documents: two addresses, cacheable, open to any script."""

from datetime import timedelta

import pytest

from idp.authorization.discovery import metadata
from idp.signing.ring import PUBLISHED_AHEAD
from tests.provider import ISSUER, Provider

WELL_KNOWN = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
PUBLIC = (*WELL_KNOWN, "/jwks")


def test_both_well_known_forms_give_the_same_document(provider: Provider) -> None:
    documents = [provider.browser().get(path).json() for path in WELL_KNOWN]
    assert documents[0] == documents[1]
    assert documents[0]["issuer"] == ISSUER


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("shown", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
def test_whoever_has_the_document_is_told_so_in_few_bytes(
    provider: Provider, path: str, shown: str
) -> None:
    """RFC 9110 section 13.1.2: a list, compared weakly, or ``*``."""
    browser = provider.browser()
    etag = browser.get(path).headers["ETag"]
    again = browser.get(path, headers={"If-None-Match": shown.format(etag=etag)})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == etag
    assert browser.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", PUBLIC)
def test_any_sites_script_may_read_it(provider: Provider, path: str) -> None:
    answer = provider.browser().get(path, headers={"Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "application/json"


def test_keys_are_kept_a_far_shorter_time_than_a_new_one_is_published_ahead(
    provider: Provider,
) -> None:
    answer = provider.browser().get("/jwks")
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    kept = timedelta(seconds=int(answer.headers["Cache-Control"].partition("=")[2]))
    assert timedelta(0) < kept <= PUBLISHED_AHEAD / 24


def test_papers_for_relying_parties_are_named_where_the_operator_names_them(
    provider: Provider,
) -> None:
    """OIDC Discovery 1.0 section 3: optional members, never empty ones."""
    papers = {
        "service_documentation": "https://example.fi/docs",
        "op_policy_uri": "https://example.fi/policy",
        "op_tos_uri": "https://example.fi/terms",
    }
    chosen = dict(
        zip(("documentation_url", "policy_url", "terms_url"), papers.values(), strict=True)
    )
    named = metadata(provider.settings.model_copy(update=chosen))
    assert {member: named[member] for member in papers} == papers
    assert papers.keys() & metadata(provider.settings).keys() == set()
