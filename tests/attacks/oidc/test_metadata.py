"""Metadata of an upstream that would lead elsewhere (security.md "Federation")."""

from typing import Any

import pytest

from tests.attacks.oidc.refusing import refused
from tests.federated import Federated
from tests.provider import OPERATOR


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"issuer": "https://other.example"}, "metadata_issuer_mismatch"),
        ({"issuer": None}, "metadata_issuer_mismatch"),
        ({"token_endpoint": None}, "metadata_incomplete"),
        ({"jwks_uri": "file:///etc/passwd"}, "metadata_incomplete"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "metadata_incomplete"),
        ({"token_endpoint": "https://user@evil.example/"}, "metadata_incomplete"),
    ],
)
def test_metadata_that_is_not_the_configured_ones_sends_nobody_anywhere(
    kuusela: Federated, metadata: dict[str, Any], reason: str
) -> None:
    kuusela.upstream.metadata = metadata
    page = kuusela.provider.browser().open("/sso/kuusela")
    assert page.status_code == 403
    assert f"data-reason>{reason}<" in page.text


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "http://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "http://0/",
    ],
)
@pytest.mark.parametrize("member", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_no_address_of_the_metadata_leads_into_our_network(
    kuusela: Federated, member: str, address: str
) -> None:
    """SSRF: every URL that an outsider chooses goes through the guarded fetcher."""
    kuusela.upstream.metadata = {member: address}
    refused(kuusela, "upstream_unreachable")


def test_an_issuer_in_our_network_is_never_asked(kuusela: Federated) -> None:
    document = kuusela.upstream.document(issuer="http://192.168.0.1", name="inside")
    with kuusela.provider.database.transaction() as tx:
        row = kuusela.connections.create(tx, kuusela.organization, document, by=OPERATOR)
        kuusela.connections.enable(tx, row, by=OPERATOR)
    kuusela.connections.changed()
    page = kuusela.provider.browser().open("/sso/kuusela/inside")
    assert "data-reason>upstream_unreachable<" in page.text
