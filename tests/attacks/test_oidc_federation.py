"""What a dishonest upstream, or somebody between, tries against an OpenID connection.

security.md 'Federation'; OpenID Connect Core 3.1.3.7; RFC 9207; RFC 9700 section 4.4 (mix-up).
"""

import base64
import hmac
import json
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from idp.authentication.federation.connections import Connections
from idp.authentication.federation.models import ExternalIdentityRecord
from idp.authentication.models import SessionRecord
from idp.directory.models import Person
from idp.errors import Invalid
from idp.foundation.clock import shifted
from tests.federated import Federated, is_at_portal
from tests.oidc_upstream import CLIENT_SECRET, Upstream
from tests.provider import OPERATOR, Provider
from tests.relying_party import RelyingParty


@pytest.fixture
def kuusela(provider: Provider, upstream: Upstream) -> Federated:
    RelyingParty(provider)
    return Federated(provider, upstream)


def refused(federated: Federated, reason: str, answer: str | None = None) -> None:
    """The arrival is refused for this reason, and nothing at all comes of it."""
    browser = federated.provider.browser()
    departure = federated.depart(browser)
    page = browser.open(answer or federated.upstream.sign_in(departure))
    assert page.status_code == 403, page.text
    assert f"data-reason>{reason}<" in page.text
    assert federated.reason() == reason
    counts = [federated.count(model) for model in (Person, ExternalIdentityRecord, SessionRecord)]
    assert counts == [0, 0, 0]


def b64(value: dict[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(upstream: Upstream) -> None:
    upstream.forge = lambda claims: f"{b64({'alg': 'none'})}.{b64(claims)}."


def signed_with_the_client_secret(upstream: Upstream) -> None:
    key = OctKey.import_key(CLIENT_SECRET)
    upstream.forge = lambda claims: jwt.encode({"alg": "HS256"}, claims, key, algorithms=["HS256"])


def signed_with_the_public_key(upstream: Upstream) -> None:
    """RS256 to HS256: the public key as a shared secret."""
    pem = upstream.key.as_pem(private=False)

    def forge(claims: dict[str, Any]) -> str:
        signed = f"{b64({'alg': 'HS256', 'kid': 'k1'})}.{b64(claims)}"
        return f"{signed}.{b64(hmac.digest(pem, signed.encode(), 'sha256'))}"

    upstream.forge = forge


def signed_by_a_stranger(upstream: Upstream) -> None:
    stranger = RSAKey.generate_key(2048, parameters={"kid": "k1"})
    upstream.forge = lambda claims: upstream.sign(claims, stranger)


def signed_by_a_key_in_its_header(upstream: Upstream) -> None:
    stranger = RSAKey.generate_key(2048, parameters={"kid": "k1"})
    upstream.header = {"jwk": stranger.as_dict(private=False)}
    upstream.forge = lambda claims: upstream.sign(claims, stranger)


def signed_otherwise_than_pinned(upstream: Upstream) -> None:
    upstream.header = {"alg": "PS256"}


def signed_by_an_unpublished_key(upstream: Upstream) -> None:
    upstream.header = {"kid": "k2"}


def with_a_short_key(upstream: Upstream) -> None:
    with warnings.catch_warnings(action="ignore"):
        upstream.key = RSAKey.generate_key(1024, parameters={"kid": "k1"})
    upstream.published = [upstream.key]


def tampered(upstream: Upstream) -> None:
    def forge(claims: dict[str, Any]) -> str:
        head, _, tail = upstream.sign(claims).split(".")
        return f"{head}.{b64({**claims, 'sub': 'somebody else'})}.{tail}"

    upstream.forge = forge


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("iss", "https://other.example", "issuer_mismatch"),
        ("iss", None, "issuer_mismatch"),
        ("aud", "another client", "audience_mismatch"),
        ("aud", [], "audience_mismatch"),
        ("aud", None, "audience_mismatch"),
        ("azp", "another client", "audience_mismatch"),
        ("nonce", "another", "nonce_mismatch"),
        ("nonce", None, "nonce_mismatch"),
        ("nonce", ["x"], "nonce_mismatch"),
        ("exp", 1, "expired"),
        ("exp", None, "token_malformed"),
        ("exp", "never", "token_malformed"),
        ("exp", True, "token_malformed"),
        ("exp", 1e300, "token_malformed"),
        ("iat", 9999999999, "not_yet_valid"),
        ("iat", None, "token_malformed"),
        ("nbf", 9999999999, "not_yet_valid"),
        ("at_hash", "AAAA", "token_hash_mismatch"),
        ("sub", None, "subject_missing"),
        ("sub", "", "subject_missing"),
        ("sub", "x" * 256, "subject_missing"),
        ("sub", {"a": 1}, "subject_missing"),
    ],
)
def test_a_claim_that_does_not_hold_opens_nothing(
    kuusela: Federated, claim: str, value: object, reason: str
) -> None:
    """OpenID Connect Core 3.1.3.7, 3.1.3.8; None: the claim is not there."""
    kuusela.upstream.id_token[claim] = value
    refused(kuusela, reason)


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (unsigned, "algorithm_refused"),
        (signed_with_the_client_secret, "algorithm_refused"),
        (signed_with_the_public_key, "algorithm_refused"),
        (signed_otherwise_than_pinned, "algorithm_refused"),
        (signed_by_a_stranger, "signature_invalid"),
        (signed_by_a_key_in_its_header, "signature_invalid"),
        (tampered, "signature_invalid"),
        (signed_by_an_unpublished_key, "key_unknown"),
        (with_a_short_key, "key_unknown"),
    ],
)
def test_a_token_that_the_upstream_did_not_sign_so_opens_nothing(
    kuusela: Federated, lie: Callable[[Upstream], None], reason: str
) -> None:
    lie(kuusela.upstream)
    refused(kuusela, reason)


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


@pytest.mark.parametrize("iss", [None, "https://other.example"])
def test_an_answer_that_does_not_say_who_it_is_from_is_a_mix_up(
    kuusela: Federated, iss: str | None
) -> None:
    """RFC 9207: the upstream promises iss, so an answer without it is not its own."""
    browser = kuusela.provider.browser()
    page = browser.open(kuusela.upstream.sign_in(kuusela.depart(browser), iss=iss))
    assert "data-reason>answer_issuer_mismatch<" in page.text
    assert "/token" not in kuusela.upstream.calls


def test_an_answer_at_another_connections_callback_counts_nowhere(
    kuusela: Federated, provider: Provider
) -> None:
    """A callback path per connection; an attempt is one connection's alone."""
    with Upstream().running() as other:
        hus = Federated(provider, other, "hus")
        browser = provider.browser()
        answer = kuusela.upstream.sign_in(kuusela.depart(browser))
        page = browser.get(answer.replace(kuusela.path, hus.path))
        assert not page.cookies
        assert other.calls == []
    assert kuusela.count(SessionRecord) == 0


def test_an_answer_counts_only_in_the_browser_that_asked(kuusela: Federated) -> None:
    """Login CSRF: somebody else's answer, sent as a link."""
    answer = kuusela.upstream.sign_in(kuusela.depart(kuusela.provider.browser()))
    victim = kuusela.provider.browser()
    victim.open("/login")
    page = victim.open(answer)
    assert "data-reason>other_browser<" in page.text
    assert kuusela.count(SessionRecord) == 0


def test_an_answer_counts_once_after_redis_was_flushed_and_on_another_node_too(
    kuusela: Federated,
) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.sign_in(kuusela.depart(browser))
    assert is_at_portal(browser.open(answer), "kuusela")
    kuusela.provider.deployment.parts.ephemeral.delete()
    parts = kuusela.provider.deployment.parts
    Connections(parts.database, parts.ephemeral, parts.keyring).changed()
    browser.cookies.delete(parts.cookies.session)
    asked = kuusela.upstream.calls.count("/token")
    assert "data-reason>attempt_used<" in browser.open(answer).text
    assert kuusela.upstream.calls.count("/token") == asked
    assert kuusela.count(SessionRecord) == 1


@pytest.mark.parametrize("state", ["", "invented", "\x00", "x" * 5000, "../../etc"])
def test_an_invented_state_asks_the_upstream_nothing(kuusela: Federated, state: str) -> None:
    page = kuusela.provider.browser().get(
        f"{kuusela.path}/callback", params={"code": "c", "state": state}
    )
    assert page.status_code in (400, 403)
    assert kuusela.upstream.calls == []


def test_a_parameter_given_twice_is_refused(kuusela: Federated) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.sign_in(kuusela.depart(browser)) + "&code=another"
    assert "data-reason>answer_incomplete<" in browser.open(answer).text


def test_a_code_injected_into_another_browsers_answer_is_refused(kuusela: Federated) -> None:
    """PKCE and nonce: a stolen code is worth nothing in the thief's browser."""
    stolen = kuusela.upstream.sign_in(kuusela.depart(kuusela.provider.browser()))
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    thief = kuusela.provider.browser()
    page = thief.open(kuusela.upstream.sign_in(kuusela.depart(thief), code=code))
    assert "data-reason>code_refused<" in page.text


def test_userinfo_of_somebody_else_is_refused(kuusela: Federated) -> None:
    kuusela.upstream.userinfo = {"sub": "somebody else", "preferred_username": "x@kuusela.fi"}
    refused(kuusela, "userinfo_subject_mismatch")


def test_claims_cannot_give_a_role_or_choose_the_organization(kuusela: Federated) -> None:
    """Claim injection: what is not mapped is not looked at, and no role can be mapped."""
    kuusela.upstream.person |= {
        "org_roles": ["main_user"],
        "roles": ["main_user", "it_admin"],
        "is_operator": True,
        "is_main_user": True,
        "org_id": "another",
        "source": "x",
    }
    kuusela.arrive(kuusela.provider.browser())
    maija = kuusela.person()
    assert kuusela.membership(maija.id).roles == []
    assert not maija.is_operator
    with pytest.raises(Invalid):
        Federated(kuusela.provider, kuusela.upstream, "toinen", mapping={"org_roles": "roles"})


def test_an_address_that_an_upstream_asserts_gets_nobodys_links(kuusela: Federated) -> None:
    """users-ask row 2: the asserted address is contact data of that organization only."""
    kuusela.upstream.person |= {"preferred_username": "uusi", "email": "thief@evil.example"}
    kuusela.arrive(kuusela.provider.browser())
    assert kuusela.person().email is None


def test_an_organization_vouches_only_inside_itself(kuusela: Federated, provider: Provider) -> None:
    """design.md 3: Kuusela's word opens neither Lehtola, nor the account, nor the operator's."""
    party = RelyingParty(provider)
    kuusela.arrive(provider.browser())
    provider.organization("lehtola")
    provider.person("maija@kuusela.fi", slug="lehtola")
    provider.change(Person, kuusela.person().id, is_operator=True)
    browser = provider.browser()
    kuusela.arrive(browser)
    page = party.authorize(browser, organization="lehtola")
    assert page.url.path == "/login"
    assert (
        party.authorize(browser, organization="lehtola", prompt="none")
        .headers["Location"]
        .count("error=")
    )
    assert browser.open("/operations").status_code == 404
    assert browser.open("/organization/lehtola").status_code in (403, 404)


def test_an_upstream_cannot_take_over_an_account_by_its_username(
    kuusela: Federated, provider: Provider
) -> None:
    """users-ask row 2: an account that another organization formed is never linked silently."""
    provider.organization("lehtola")
    victim = provider.person("victim@lehtola.fi", slug="lehtola")
    kuusela.upstream.person |= {"preferred_username": "VICTIM@lehtola.fi"}
    browser = provider.browser()
    page = kuusela.arrive(browser)
    assert page.url.path == f"{kuusela.path}/link"
    assert kuusela.count(SessionRecord) == 0
    assert kuusela.count(ExternalIdentityRecord) == 0
    assert victim.username not in page.text


def test_an_answer_too_late_is_not_taken(kuusela: Federated) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.sign_in(kuusela.depart(browser))
    with shifted(timedelta(minutes=31)):
        assert browser.get(answer).status_code in (303, 403)
    assert "/token" not in kuusela.upstream.calls
