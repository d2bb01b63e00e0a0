"""What is looked into before a client is registered: its sector, and who vouches for it."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from idp.clients.admission import Admission
from idp.config import Registration
from idp.errors import ConfigurationError, Invalid
from idp.foundation.clock import utcnow
from idp.foundation.fetch import Fetched, Fetcher, FetchError, Reason
from tests.provider import Provider
from tests.relying_party import RelyingParty

SECTOR = "https://sector.example.fi/uris"
HOSTS = ["https://yksi.example.fi/cb", "https://kaksi.example.fi/cb"]
ISSUER = "https://trust.example.fi"
KEY = ECKey.generate_key("P-256", {"kid": "trust"})


class Answering(Fetcher):
    """Answers every request alike."""

    def __init__(self, body: bytes | Reason, status: int = 200) -> None:
        super().__init__()
        self._body, self._status = body, status

    def get(self, url: str, *_args: Any, **_limits: Any) -> Fetched:
        """The body, or none."""
        assert url == SECTOR
        if isinstance(self._body, Reason):
            raise FetchError(self._body, "sector.example.fi")
        return Fetched(status=self._status, headers={}, body=self._body)


def admission(fetcher: Fetcher | None = None, **settings: Any) -> Admission:
    """An admission with these settings."""
    return Admission(Registration(**settings), fetcher or Answering(b"[]"))


def problems(found: pytest.ExceptionInfo[Invalid]) -> str:
    """What was wrong with the one field."""
    (reason,) = found.value.fields.values()
    return reason


PAIRWISE = {
    "redirect_uris": HOSTS,
    "subject_type": "pairwise",
    "sector_identifier_uri": SECTOR,
}


def test_a_sector_that_lists_the_redirect_uris_is_admitted() -> None:
    """OIDC Registration section 5: all of them, among others perhaps."""
    listed = json.dumps([*HOSTS, "https://kolme.example.fi/cb"]).encode()
    metadata = admission(Answering(listed)).admit(PAIRWISE)
    assert metadata["sector_identifier_uri"] == SECTOR


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (json.dumps(HOSTS[:1]).encode(), 200, "does not list https://kaksi.example.fi/cb"),
        (b"[]", 200, "does not list"),
        (json.dumps(dict.fromkeys(HOSTS)).encode(), 200, "is not a list of addresses"),
        (json.dumps([HOSTS]).encode(), 200, "is not a list of addresses"),
        (b"<html>", 200, "is not JSON"),
        (b"[" * 60000, 200, "is not JSON"),
        (json.dumps(HOSTS).encode(), 404, "answered 404"),
        (Reason.TIMEOUT, 200, "could not be fetched.*timeout"),
        (Reason.TOO_LARGE, 200, "could not be fetched.*too_large"),
    ],
    ids=range(9),
)
def test_a_sector_that_does_not_is_refused_in_plain_words(
    body: bytes | Reason, status: int, why: str
) -> None:
    with pytest.raises(Invalid) as found:
        admission(Answering(body, status)).admit(PAIRWISE)
    assert found.value.fields.keys() == {"sector_identifier_uri"}
    assert re.search(why, problems(found))


def test_clients_of_one_sector_see_the_same_subject(provider: Provider) -> None:
    """OIDC Core section 8.1: whatever their own hosts are."""
    provider.organization()
    account = provider.person()
    seen = set()
    for address in HOSTS:
        party = RelyingParty(provider, **(PAIRWISE | {"redirect_uris": [address]}))
        tokens = party.tokens(provider.browser(), account)
        seen.add(party.claims(tokens["id_token"])["sub"])
    assert len(seen) == 1


@pytest.fixture
def trusted(tmp_path: Path) -> Admission:
    """An admission that trusts one issuer of statements."""
    path = tmp_path / "trust.json"
    path.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    return admission(software_statement_issuer=ISSUER, software_statement_keys=str(path))


def statement(key: Any = KEY, alg: str = "ES256", **claims: Any) -> str:
    """A software statement (RFC 7591 section 2.3)."""
    said = {"iss": ISSUER, "client_name": "Vahvistettu", "software_id": "portti"} | claims
    return jwt.encode({"alg": alg}, said, key, algorithms=[alg])


def test_what_a_statement_says_outweighs_the_clients_own_words(trusted: Admission) -> None:
    """RFC 7591 sections 2.3 and 3.2.1."""
    signed = statement()
    document = {"redirect_uris": HOSTS, "client_name": "Oma", "software_statement": signed}
    metadata = trusted.admit(document, is_dynamic=True)
    assert metadata["client_name"] == "Vahvistettu"
    assert metadata["software_id"] == "portti"
    assert metadata["software_statement"] == signed
    assert "iss" not in metadata


def test_a_statement_cannot_say_what_a_client_may_not(trusted: Admission) -> None:
    signed = statement(redirect_uris=["javascript:alert(1)"])
    with pytest.raises(Invalid) as found:
        trusted.admit({"software_statement": signed}, is_dynamic=True)
    assert found.value.code == "invalid_redirect_uri"


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        (statement(iss="https://other.example.fi"), "unapproved_software_statement"),
        (statement(iss=None), "unapproved_software_statement"),
        (statement(ECKey.generate_key("P-256")), "invalid_software_statement"),
        (statement(OctKey.generate_key(256), "HS256"), "invalid_software_statement"),
        (statement(exp=1), "invalid_software_statement"),
        (statement(nbf=4102444800), "invalid_software_statement"),
        (statement(exp="soon"), "invalid_software_statement"),
        ("nonsense", "invalid_software_statement"),
        (5, "invalid_software_statement"),
    ],
    ids=range(9),
)
def test_a_statement_that_does_not_hold_is_refused_in_the_standards_words(
    trusted: Admission, signed: object, code: str
) -> None:
    """RFC 7591 section 3.2.2."""
    with pytest.raises(Invalid) as found:
        trusted.admit({"redirect_uris": HOSTS, "software_statement": signed}, is_dynamic=True)
    assert found.value.code == code


def test_without_a_trusted_issuer_no_statement_counts() -> None:
    with pytest.raises(Invalid) as found:
        admission().admit({"redirect_uris": HOSTS, "software_statement": statement()})
    assert found.value.code == "unapproved_software_statement"


@pytest.mark.parametrize("content", [None, "{", "{}", '{"keys":[{"kty":"oct","k":"AA"}]}'])
def test_a_trusted_issuer_without_keys_stops_the_start(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "trust.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match="software_statement_keys"):
        admission(software_statement_issuer=ISSUER, software_statement_keys=str(path))


@pytest.mark.parametrize("provider", ["postgresql"], indirect=True)
def test_a_change_on_one_node_is_seen_by_the_other_within_a_second(provider: Provider) -> None:
    """Where there can be several nodes: on PostgreSQL with Redis."""
    party = RelyingParty(provider)
    with provider.node() as other:

        def works() -> bool:
            answer = other.browser().post(
                "/introspect", data={"token": "x"}, auth=(party.client_id, party.secret or "")
            )
            return answer.status_code == 200

        assert works()
        provider.disable(party.client_id)
        deadline = utcnow() + timedelta(seconds=1)
        while works():
            assert utcnow() < deadline
