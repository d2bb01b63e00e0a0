"""Every parameter of an authorization request does what its standard says (OIDC Core 3.1.2.1)."""

import html
import re
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from idp.authorization.models import Grant
from idp.foundation.clock import shifted
from tests.flows.parameters import ACR, claims_parameter
from tests.provider import Provider, TestBrowser, query
from tests.relying_party import RelyingParty

SSO = "urn:laatuportti:acr:sso"


def by_password(browser: TestBrowser, page: httpx.Response) -> httpx.Response:
    """The sign-in page that the one for finding single sign-on links to."""
    link = re.search(r'href="[^"]*(/login\?request=[^"]+)"', page.text)
    assert link, page.text
    return browser.open(html.unescape(link[1]))


def grant(provider: Provider) -> Grant:
    with provider.database.reading() as tx:
        found = tx.session.query(Grant).order_by(Grant.issued_at.desc()).first()
        assert found
        return found


# acr (section 5.5.1.1)


def test_acr_says_what_the_sign_in_was_whatever_was_asked(party: RelyingParty) -> None:
    tokens = party.tokens(
        party.provider.browser(), party.provider.person(), acr_values="urn:mace:incommon:iap:gold"
    )
    assert party.claims(tokens["id_token"])["acr"] == ACR


def test_an_essential_acr_that_we_have_is_met(party: RelyingParty) -> None:
    asked = claims_parameter(id_token={"acr": {"essential": True, "values": ["other", ACR]}})
    tokens = party.tokens(party.provider.browser(), party.provider.person(), claims=asked)
    assert party.claims(tokens["id_token"])["acr"] == ACR


def test_an_essential_acr_that_nobody_can_meet_is_refused_at_once(party: RelyingParty) -> None:
    asked = claims_parameter(id_token={"acr": {"essential": True, "value": "urn:gold"}})
    answer = party.answer(party.authorize(party.provider.browser(), claims=asked))
    assert answer["error"] == "unmet_authentication_requirements"


def test_an_essential_acr_of_another_kind_of_sign_in_fails_after_it(party: RelyingParty) -> None:
    asked = claims_parameter(
        id_token={"acr": {"essential": True, "value": "urn:laatuportti:acr:sso"}}
    )
    browser = party.provider.browser()
    page = party.authorize(browser, claims=asked)
    page = by_password(browser, page)
    answer = party.answer(browser.sign_in(party.provider.person(), page))
    assert answer["error"] == "unmet_authentication_requirements"


def test_voluntary_acr_values_are_never_an_error(party: RelyingParty) -> None:
    asked = claims_parameter(id_token={"acr": {"values": ["urn:gold"]}})
    tokens = party.tokens(party.provider.browser(), party.provider.person(), claims=asked)
    assert party.claims(tokens["id_token"])["acr"] == ACR


@pytest.mark.parametrize(
    ("registered", "asked", "page"),
    [
        ([], {}, "/login"),
        ([SSO], {}, "/login/organization-sso"),
        ([SSO, ACR], {}, "/login/organization-sso"),
        ([ACR, SSO], {}, "/login"),
        ([], {"acr_values": f"urn:gold {SSO} {ACR}"}, "/login/organization-sso"),
        # What a request says overrides what was registered, whatever it is.
        ([SSO], {"acr_values": ACR}, "/login"),
        ([SSO], {"acr_values": "urn:gold"}, "/login"),
        ([ACR], {"acr_values": SSO}, "/login/organization-sso"),
        ([SSO], {"claims": claims_parameter(id_token={"acr": {"value": ACR}})}, "/login"),
        (
            [ACR],
            {
                "acr_values": ACR,
                "claims": claims_parameter(id_token={"acr": {"values": [SSO, ACR]}}),
            },
            "/login/organization-sso",
        ),
        ([SSO], {"organization": "kuusela"}, "/login"),
    ],
)
def test_the_preferred_acr_says_where_an_unknown_person_begins(
    provider: Provider, registered: list[str], asked: dict[str, str], page: str
) -> None:
    """Sections 3.1.2.1 and 5.5.1.1; default_acr_values: OIDC Registration section 2."""
    provider.organization()
    party = RelyingParty(provider, default_acr_values=registered)
    assert party.authorize(provider.browser(), **asked).url.path == page


def test_a_preferred_acr_that_the_sign_in_is_not_is_told_truthfully(provider: Provider) -> None:
    provider.organization()
    party = RelyingParty(provider, default_acr_values=[SSO])
    browser, account = provider.browser(), provider.person()
    page = party.authorize(browser)
    code = party.answer(browser.sign_in(account, by_password(browser, page)))["code"]
    assert party.claims(party.redeem(code).json()["id_token"])["acr"] == ACR


# max_age, id_token_hint, prompt


def test_max_age_0_asks_for_a_sign_in_and_then_goes_on(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    party.code(browser, account)
    with shifted(timedelta(seconds=1)):
        page = party.authorize(browser, max_age="0")
        assert page.url.path == "/login"
        assert "code" in party.answer(browser.sign_in(account, page))


def test_an_id_token_hint_that_expired_still_names_the_person(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    hint = party.tokens(browser, account)["id_token"]
    with shifted(timedelta(hours=3)):
        answer = party.answer(party.authorize(browser, id_token_hint=hint, prompt="none"))
    assert "code" in answer


def test_an_id_token_hint_of_somebody_else_asks_who_is_there(party: RelyingParty) -> None:
    other = party.tokens(party.provider.browser(), party.provider.person("mikko@example.fi"))
    browser = party.provider.browser()
    party.code(browser, party.provider.person())
    hint = other["id_token"]
    assert party.authorize(browser, id_token_hint=hint).url.path == "/login"
    silent = party.answer(party.authorize(browser, id_token_hint=hint, prompt="none"))
    assert silent["error"] == "login_required"


def test_an_id_token_hint_of_another_client_is_refused(party: RelyingParty) -> None:
    account = party.provider.person()
    other = RelyingParty(party.provider, client_name="Toinen")
    hint = other.tokens(party.provider.browser(), account)["id_token"]
    answer = party.answer(party.authorize(party.provider.browser(), id_token_hint=hint))
    assert answer["error"] == "invalid_request"


def test_an_access_token_is_no_id_token_hint(party: RelyingParty) -> None:
    token = party.tokens(party.provider.browser(), party.provider.person())["access_token"]
    answer = party.answer(party.authorize(party.provider.browser(), id_token_hint=token))
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("locale", "heading", "advice"),
    [
        ("fi", "Luo ensimmäinen salasanasi", "pääkäyttäjältä"),
        ("sv", "Skapa ditt första lösenord", "huvudanvändare"),
        ("en", "Create your first password", "main user"),
    ],
)
def test_prompt_create_shows_how_a_first_password_is_made(
    party: RelyingParty, locale: str, heading: str, advice: str
) -> None:
    page = party.authorize(party.provider.browser(), prompt="create", ui_locales=locale)
    assert page.url.path == "/password/forgotten"
    assert heading in page.text
    assert advice in page.text


def test_prompt_create_goes_on_once_somebody_signed_in(party: RelyingParty) -> None:
    browser = party.provider.browser()
    page = party.authorize(browser, prompt="create")
    sealed = query(str(page.url))["request"]
    login = browser.open(f"/login?{urlencode({'request': sealed})}")
    assert "code" in party.answer(browser.sign_in(party.provider.person(), login))


# resource (RFC 8707), dpop_jkt (RFC 9449), plain OAuth (RFC 6749)


def test_resources_may_repeat_and_are_kept_with_the_grant(party: RelyingParty) -> None:
    asked = [
        *party.parameters().items(),
        ("resource", "https://api.example.fi/"),
        ("resource", "urn:example:archive"),
    ]
    browser = party.provider.browser()
    page = browser.open(f"/authorize?{urlencode(asked)}")
    party.answer(browser.sign_in(party.provider.person(), page))
    assert grant(party.provider).resource == "https://api.example.fi/ urn:example:archive"


@pytest.mark.parametrize(
    "resource",
    ["api", "/api", "https://api.example.fi/#x", "https://api example.fi", "https:", "#"],
)
def test_a_resource_that_is_no_absolute_uri_is_an_invalid_target(
    party: RelyingParty, resource: str
) -> None:
    answer = party.answer(party.authorize(party.provider.browser(), resource=resource))
    assert answer["error"] == "invalid_target"


def test_too_many_resources_are_an_invalid_target(party: RelyingParty) -> None:
    many = [("resource", f"https://api.example.fi/{n}") for n in range(11)]
    address = f"/authorize?{urlencode([*party.parameters().items(), *many])}"
    assert party.answer(party.provider.browser().open(address))["error"] == "invalid_target"


def test_the_key_a_code_is_bound_to_is_kept_with_the_grant(party: RelyingParty) -> None:
    party.code(party.provider.browser(), party.provider.person(), dpop_jkt="a" * 43)
    assert grant(party.provider).dpop_jkt == "a" * 43


@pytest.mark.parametrize("thumbprint", ["short", "=" * 43, "a" * 44])
def test_a_dpop_jkt_that_is_no_thumbprint_is_refused(party: RelyingParty, thumbprint: str) -> None:
    answer = party.answer(party.authorize(party.provider.browser(), dpop_jkt=thumbprint))
    assert answer["error"] == "invalid_request"


def test_a_request_without_openid_gets_an_access_token_and_no_id_token(
    party: RelyingParty,
) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person(), scope="profile:write")
    assert tokens["scope"] == "profile:write"
    assert "id_token" not in tokens
    assert party.patch(tokens["access_token"], {"title": "Hoitaja"}).status_code == 200
    assert party.userinfo(tokens["access_token"]).status_code == 403


@pytest.mark.parametrize("scope", ["profile", "email profile:write", "offline_access", "unknown"])
def test_claims_are_never_granted_without_openid(party: RelyingParty, scope: str) -> None:
    answer = party.answer(party.authorize(party.provider.browser(), scope=scope))
    assert answer["error"] == "invalid_scope"


# POST


def test_a_post_from_another_site_finds_the_session_that_its_cookies_could_not_bring(
    party: RelyingParty,
) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    party.code(browser, account)
    foreign = TestBrowser(party.provider, {})  # SameSite=Lax: a cross-site POST has no cookies.
    answer = foreign.post("/authorize", data=party.parameters(prompt="none"))
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert "set-cookie" not in answer.headers
    assert "code" in party.answer(browser.open(location))


def test_a_posted_request_that_is_wrong_is_a_page_in_any_language(party: RelyingParty) -> None:
    browser = party.provider.browser()
    browser.sign_in(party.provider.person())
    wrong = party.parameters(redirect_uri="https://evil.example/")
    page = browser.follow(browser.post("/authorize", data=wrong))
    links = re.findall(r'<li><a href="([^"]*)" lang="(..)"', page.text)
    assert {language for _, language in links} == {"sv", "en"}
    for link, language in links:
        other = browser.get(f"/authorize{html.unescape(link)}")
        assert (other.status_code, f'<html lang="{language}"' in other.text) == (400, True)
        assert query(html.unescape(link))["redirect_uri"] == "https://evil.example/"


def test_a_post_takes_nothing_from_its_address(party: RelyingParty) -> None:
    browser = party.provider.browser()
    page = browser.follow(browser.post(f"/authorize?{urlencode(party.parameters())}", data={}))
    assert page.status_code == 400


@pytest.mark.parametrize("address", ["/authorize?client_id=%ff", "/authorize?a=%00"])
def test_a_request_that_cannot_be_read_is_a_page(provider: Provider, address: str) -> None:
    page = provider.browser().open(address)
    assert page.status_code == 400
    assert "data-reference" in page.text
