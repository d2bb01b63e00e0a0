"""``idp organization domain``: added, taken on the operator's word, listed, removed."""

import pytest

from idp.authentication.federation.domain_checks import TxtRecords
from tests.cli.conftest import Commands

GROUP = ("organization", "domain")


@pytest.fixture
def kuusela(idp: Commands) -> Commands:
    idp("organization", "create", "kuusela", "--name", "Kuusela")
    return idp


def test_a_domain_from_its_record_to_its_end(kuusela: Commands) -> None:
    made = kuusela(*GROUP, "add", "kuusela", "Kuusela.FI")
    assert made["txt_name"] == "_laatuportti-challenge.kuusela.fi"
    assert made["verified_at"] is None
    done = kuusela(*GROUP, "verify", "kuusela", "kuusela.fi", "--by-operator")
    assert done["verified_how"] == "operator"
    listed = kuusela(*GROUP, "list", "kuusela")
    assert [each["domain"] for each in listed] == ["kuusela.fi"]
    assert kuusela(*GROUP, "remove", "kuusela", "kuusela.fi")["removed"] is True
    assert kuusela(*GROUP, "list", "kuusela") == []


def test_the_record_is_looked_for_in_dns(
    kuusela: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = kuusela(*GROUP, "add", "kuusela", "kuusela.fi")
    published: dict[str, str] = {}
    monkeypatch.setattr(TxtRecords, "of", lambda _self, name: {published.get(name, "")})
    refused = kuusela.run(*GROUP, "verify", "kuusela", "kuusela.fi")
    assert refused.exit_code == 1
    assert made["txt_value"] in refused.stderr
    published[made["txt_name"]] = made["txt_value"]
    assert kuusela(*GROUP, "verify", "kuusela", "kuusela.fi")["verified_how"] == "dns"


def test_what_is_not_there_or_cannot_be_is_refused(kuusela: Commands) -> None:
    assert kuusela.run(*GROUP, "remove", "kuusela", "metsola.fi").exit_code == 1
    assert kuusela.run(*GROUP, "add", "kuusela", "gmail.com").exit_code == 1
